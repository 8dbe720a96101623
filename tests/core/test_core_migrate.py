"""The database comes to this version's schema, or is left alone and told of."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from core.errors import FactotumError
from core.storage import ledger, memory, migrate, schema
from core.storage.base import metadata

TABLES = (ledger, memory, schema)
"""Their tables are on the metadata."""


def _tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}


def _set_revision(path: Path, revision: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def test_a_new_database_gets_everything(tmp_path: Path) -> None:
    path = tmp_path / "factotum.db"
    migrate.migrate(path)
    assert set(metadata.tables) <= _tables(path)
    assert {"fact_index", "journal_no_update", "journal_no_delete"} <= _tables(path)
    assert not (tmp_path / "backups").exists()


def test_an_empty_file_is_a_new_database(tmp_path: Path) -> None:
    path = tmp_path / "factotum.db"
    path.touch()
    migrate.migrate(path)
    assert "journal" in _tables(path)


def test_the_same_schema_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "factotum.db"
    migrate.migrate(path)
    before = path.read_bytes()
    migrate.migrate(path)
    assert path.read_bytes() == before


def test_a_newer_database_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "factotum.db"
    migrate.migrate(path)
    _set_revision(path, "9999")
    before = path.read_bytes()
    with pytest.raises(FactotumError, match="newer Factotum") as caught:
        migrate.migrate(path)
    assert "untouched" in caught.value.message
    assert "Update" in caught.value.fix
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"this is no database at all" * 50, b"\0" * 5000])
def test_what_is_no_database_is_refused_and_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "factotum.db"
    path.write_bytes(content)
    with pytest.raises(FactotumError) as caught:
        migrate.migrate(path)
    assert "damaged" in caught.value.message
    assert "backups" in caught.value.fix
    assert path.read_bytes() == content


def test_a_damaged_database_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "factotum.db"
    migrate.migrate(path)
    content = bytearray(path.read_bytes())
    content[4096:20_000] = b"\xde\xad\xbe\xef" * ((20_000 - 4096) // 4)
    path.write_bytes(content)
    with pytest.raises(FactotumError, match="damaged"):
        migrate.migrate(path)
    assert path.read_bytes() == bytes(content)


def test_a_database_that_cannot_be_opened_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "factotum.db"
    path.mkdir()
    (path / "something").touch()
    with pytest.raises(FactotumError, match="can't be opened"):
        migrate.migrate(path)


def test_a_copy_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "factotum.db"
    migrate.migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("INSERT INTO setting VALUES ('k', '1', '2026-01-01')")
        connection.commit()
        copy = migrate.backup(path)  # while it is in use, with a write-ahead log
    assert copy.parent == tmp_path / "backups"
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT value FROM setting").fetchall() == [(1,)]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert migrate.backup(path) != copy


def test_before_an_upgrade_a_copy_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "factotum.db"
    migrate.migrate(path)
    monkeypatch.setattr(migrate, "HEAD", "9999")  # as if there were a newer script
    migrate.migrate(path)
    [copy] = (tmp_path / "backups").iterdir()
    assert "journal" in _tables(copy)


def test_an_upgrade_that_breaks_off_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import op

    path = tmp_path / "factotum.db"

    def die(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(op, "execute", die)  # the last thing that the first script does
        with pytest.raises(RuntimeError, match="killed"):
            migrate.migrate(path)
    assert "client" not in _tables(path)
    migrate.migrate(path)
    assert "journal_no_delete" in _tables(path)


def test_head_is_the_newest_script() -> None:
    scripts = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    assert scripts.get_heads() == [migrate.HEAD]


def test_the_scripts_make_what_the_code_expects(migrated_template: Path) -> None:
    engine = create_engine(f"sqlite:///{migrated_template}")
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={
                    "compare_type": True,
                    "include_object": lambda _o, name, kind, *_: (
                        not (kind == "table" and str(name).startswith("fact_index"))
                    ),
                },
            )
            found = compare_metadata(context, metadata)
    finally:
        engine.dispose()
    assert found == []
