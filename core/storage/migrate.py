"""Brings the database to this version's schema: checked, backed up, never downgraded."""

import fcntl
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import FactotumError

HEAD = "0001"
"""The newest revision in ``migrations/versions``; a test holds the two together."""

_SCRIPTS = Path(__file__).parent / "migrations"


def _stored_revision(path: Path) -> str | None:
    """The revision of the database, None where it is new.

    Raises FactotumError where the file is damaged or is no database.
    """
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if verdict != "ok":
                raise sqlite3.DatabaseError(verdict)
            known = connection.execute(
                "SELECT name FROM sqlite_master WHERE name = 'alembic_version'"
            ).fetchone()
            if known is None:
                return None
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return str(row[0]) if row else None
    except sqlite3.OperationalError as error:
        raise FactotumError(
            f"The database {path} can't be opened: {error}.",
            fix="Check that the data folder is readable and writable and that the disk has room.",
        ) from error
    except sqlite3.DatabaseError as error:
        raise FactotumError(
            f"The database {path} is damaged; it was left untouched.",
            fix=f"Move it away and put the newest copy from {path.parent / 'backups'} in its "
            "place, or start with another --home.",
        ) from error


def backup(path: Path) -> Path:
    """Copies the database, consistently also while it is in use; returns the copy's path."""
    folder = path.parent / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{path.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.db"
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target


def migrate(path: Path) -> None:
    """Creates or upgrades the database at ``path``.

    Raises FactotumError where it is damaged, or was written by a newer Factotum.
    """
    if _stored_revision(path) == HEAD:
        return
    with path.with_suffix(".migrating").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # bot and worker may start at the same moment
        _upgrade(path, _stored_revision(path))


def _leave_transactions_to_us(driver: Any, _record: Any) -> None:
    driver.isolation_level = None


def _begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _upgrade(path: Path, stored: str | None) -> None:
    if stored == HEAD:
        return
    # Alembic is slow to import and only needed when there is something to do.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from sqlalchemy import create_engine, event

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if stored is not None and stored not in known:
        raise FactotumError(
            f"The database {path} was written by a newer Factotum (schema {stored}); "
            "it was left untouched.",
            fix="Update Factotum, or start with another --home.",
        )
    if stored is not None:
        backup(path)
    engine = create_engine(f"sqlite:///{path}")
    # Python's driver commits before each change of a table; with a transaction of our own an
    # upgrade that is killed leaves nothing behind.
    event.listen(engine, "connect", _leave_transactions_to_us)
    event.listen(engine, "begin", _begin)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
