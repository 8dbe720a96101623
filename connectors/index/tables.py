"""The SQLite file of the embedded index. None of it is true by itself: all is copied."""

# ruff: noqa: S608 - what is put into statements here are this module's own constants

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.memory.index import Item, Query
from core.memory.recall_words import Reading, read, unpacked

_SCHEMA = """
CREATE TABLE IF NOT EXISTS item (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    text TEXT NOT NULL, context TEXT NOT NULL, entities TEXT NOT NULL, at REAL, trust TEXT NOT NULL,
    confidence REAL NOT NULL, source TEXT NOT NULL, thread TEXT NOT NULL,
    reading TEXT NOT NULL, model TEXT, vector BLOB, generation INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS item_model ON item (model, key);
CREATE TABLE IF NOT EXISTS entity (
    name TEXT NOT NULL, key INTEGER NOT NULL, PRIMARY KEY (name, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entity_key ON entity (key);
CREATE TABLE IF NOT EXISTS gone (at INTEGER PRIMARY KEY AUTOINCREMENT, key INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (
    text, context, content='item', content_rowid='key',
    tokenize="porter unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE IF NOT EXISTS term USING fts5vocab ('words', 'row');
CREATE TRIGGER IF NOT EXISTS item_in AFTER INSERT ON item BEGIN
    INSERT INTO words (rowid, text, context) VALUES (new.key, new.text, new.context);
END;
CREATE TRIGGER IF NOT EXISTS item_out AFTER DELETE ON item BEGIN
    INSERT INTO words (words, rowid, text, context)
        VALUES ('delete', old.key, old.text, old.context);
    DELETE FROM entity WHERE key = old.key;
    INSERT INTO gone (key) VALUES (old.key);
END;
"""
_COLUMNS = (
    "key, id, kind, text, context, entities, at, trust, confidence, source, thread, reading,"
    " vector, model"
)


@dataclass(frozen=True, slots=True)
class Row:
    """An item, what was read of its text, its vector and the model that made that."""

    item: Item
    reading: Reading
    vector: bytes | None
    model: str | None


_LAYOUT = 2
_BETWEEN = "\x1f"
"""Between the names of entities; JSON would take several times as long to read."""
CARRIED = "SELECT key FROM entity WHERE name IN (SELECT value FROM json_each(?))"
"""The keys of what carries one of the names."""


def connect(path: Path) -> sqlite3.Connection:
    """Opens, and makes where it isn't there yet. Usable from any one thread at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = sqlite3.connect(path, timeout=10, check_same_thread=False, isolation_level=None)
    made.execute("PRAGMA journal_mode=WAL")
    # Losing the last moment in a power cut costs nothing: the canonical store gives it again.
    made.execute("PRAGMA synchronous=NORMAL")
    _let_go_of_another_layout(made, path.parent)
    made.executescript(_SCHEMA)
    return made


def _let_go_of_another_layout(connection: sqlite3.Connection, folder: Path) -> None:
    """Empties a file that an older version wrote: what is behind is rebuilt from what is true."""

    def laid_out() -> int:
        return connection.execute("PRAGMA user_version").fetchone()[0]

    if laid_out() == _LAYOUT:
        return
    connection.execute("BEGIN IMMEDIATE")
    if laid_out() != _LAYOUT:  # nobody else was quicker
        for table in ("words", "term", "item", "entity", "gone", "about"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        for vectors in folder.glob("*.usearch"):
            vectors.unlink(missing_ok=True)
        connection.execute(f"PRAGMA user_version = {_LAYOUT}")
    connection.execute("COMMIT")


def put(
    connection: sqlite3.Connection,
    items: Sequence[Item],
    vectors: Sequence[bytes] | None,
    *,
    model: str | None,
    generation: int,
) -> None:
    """Writes items inside the caller's transaction; the same id is replaced under a new key."""
    drop(connection, [item.id for item in items])
    for place, item in enumerate(items):
        key = connection.execute(
            "INSERT INTO item (id, kind, text, context, entities, at, trust, confidence, source,"
            " thread, reading, model, vector, generation) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                item.id,
                item.kind,
                item.text,
                item.context,
                _BETWEEN.join(item.entities),
                item.at.timestamp() if item.at else None,
                item.trust,
                item.confidence,
                item.source,
                item.thread,
                read(item.text).packed(),
                model if vectors else None,
                vectors[place] if vectors else None,
                generation,
            ),
        ).lastrowid
        connection.executemany(
            "INSERT OR IGNORE INTO entity (name, key) VALUES (?, ?)",
            [(name.casefold(), key) for name in item.entities],
        )


def drop(connection: sqlite3.Connection, ids: Iterable[str]) -> None:
    """Takes items out inside the caller's transaction."""
    connection.executemany("DELETE FROM item WHERE id = ?", [(one,) for one in ids])


def carrying(connection: sqlite3.Connection, query: Query) -> list[int]:
    """Keys of what carries a name that the query is about or bound to, newest first."""
    where, values = bounds(query)
    carried = ""
    if query.about:
        carried = f"AND item.key IN ({CARRIED})"
        values.append(folded(query.about))
    rows = connection.execute(
        f"SELECT item.key FROM item WHERE 1 {where} {carried} ORDER BY item.key DESC LIMIT ?",
        (*values, query.limit // 2 if query.about else query.limit),
    )
    return [row[0] for row in rows]


def allowed(connection: sqlite3.Connection, query: Query, keys: Sequence[int]) -> list[int]:
    """Those of ``keys`` that pass the query's bounds."""
    where, values = bounds(query)
    if not where:
        return list(keys)
    rows = connection.execute(
        f"SELECT item.key FROM item WHERE item.key IN (SELECT value FROM json_each(?)) {where}",
        (json.dumps(list(keys)), *values),
    )
    return [row[0] for row in rows]


def load(connection: sqlite3.Connection, keys: Sequence[int]) -> dict[int, Row]:
    """Items by key, with their vector and its model."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM item WHERE key IN (SELECT value FROM json_each(?))",
        (json.dumps(list(keys)),),
    )
    return {row[0]: Row(_item(row), unpacked(row[11]), row[12], row[13]) for row in rows}


def named(connection: sqlite3.Connection, names: Sequence[str]) -> list[str]:
    """Those of the (folded) names that some item carries."""
    rows = connection.execute(
        "SELECT value FROM json_each(?) WHERE EXISTS"
        " (SELECT 1 FROM entity WHERE entity.name = value)",
        (json.dumps(list(names)),),
    )
    return [row[0] for row in rows]


def about(connection: sqlite3.Connection, name: str) -> str:
    """A noted value, or nothing."""
    row = connection.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
    return row[0] if row else ""


def counts(connection: sqlite3.Connection, model: str) -> tuple[int, int, str]:
    """How many items there are, how many with a vector of the model, and the noted position."""
    count, fitting = connection.execute(
        "SELECT (SELECT count(*) FROM item), (SELECT count(*) FROM item WHERE model = ?)", (model,)
    ).fetchone()
    return count, fitting, about(connection, "position")


def moved(connection: sqlite3.Connection) -> str:
    """What is another after every change of the items: how many keys were ever given and let go.

    The schema's number tells tables apart that were made anew under us.
    """
    row = connection.execute(
        "SELECT (SELECT schema_version FROM pragma_schema_version),"
        " (SELECT seq FROM sqlite_sequence WHERE name = 'item'),"
        " (SELECT seq FROM sqlite_sequence WHERE name = 'gone')"
    ).fetchone()
    return " ".join(map(str, row))


def note(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Notes a value."""
    connection.execute(
        "INSERT INTO about (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def _item(row: Sequence[Any]) -> Item:
    return Item(
        id=row[1],
        kind=row[2],
        text=row[3],
        context=row[4],
        entities=tuple(row[5].split(_BETWEEN)) if row[5] else (),
        at=datetime.fromtimestamp(row[6], UTC) if row[6] is not None else None,
        trust=row[7],
        confidence=row[8],
        source=row[9],
        thread=row[10],
    )


def bounds(query: Query) -> tuple[str, list[Any]]:
    """What a query lets in, as conditions on ``item`` after a WHERE, and their values."""
    said: list[str] = []
    values: list[Any] = []
    for column, wanted in (("kind", query.kinds), ("trust", query.trusts)):
        if wanted:
            said.append(f"AND item.{column} IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(wanted))
    if query.since:
        said.append("AND item.at >= ?")
        values.append(query.since.timestamp())
    if query.until:
        said.append("AND item.at < ?")
        values.append(query.until.timestamp())
    if query.entities:
        said.append(f"AND item.key IN ({CARRIED})")
        values.append(folded(query.entities))
    return " ".join(said), values


def folded(names: Sequence[str]) -> str:
    """Names as ``CARRIED`` takes them."""
    return json.dumps([name.casefold() for name in names])
