"""The SQLite file of the embedded index. None of it is true by itself: all is copied."""

# ruff: noqa: S608 - what is put into statements here are this module's own constants

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.memory.index import Item, Query

_SCHEMA = """
CREATE TABLE IF NOT EXISTS item (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    text TEXT NOT NULL, context TEXT NOT NULL, entities TEXT NOT NULL, at REAL, trust TEXT NOT NULL,
    confidence REAL NOT NULL, source TEXT NOT NULL, thread TEXT NOT NULL,
    model TEXT, vector BLOB, generation INTEGER NOT NULL);
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
_COLUMNS = "key, id, kind, text, context, entities, at, trust, confidence, source, thread"
Row = tuple[Item, bytes | None, str | None]
"""An item, its vector and the model that made that."""
COMMON = 0.05
"""Terms in more than this share of a large index are left out where rarer ones are there."""
_LARGE = 5000


def connect(path: Path) -> sqlite3.Connection:
    """Opens, and makes where it isn't there yet. Usable from any one thread at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = sqlite3.connect(path, timeout=10, check_same_thread=False, isolation_level=None)
    made.execute("PRAGMA journal_mode=WAL")
    # Losing the last moment in a power cut costs nothing: the canonical store gives it again.
    made.execute("PRAGMA synchronous=NORMAL")
    made.executescript(_SCHEMA)
    return made


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
            " thread, model, vector, generation) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                item.id,
                item.kind,
                item.text,
                item.context,
                json.dumps(item.entities, ensure_ascii=False),
                item.at.timestamp() if item.at else None,
                item.trust,
                item.confidence,
                item.source,
                item.thread,
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


def matching(connection: sqlite3.Connection, query: Query) -> list[tuple[int, float, float]]:
    """Key, BM25 over the text, BM25 over text and context, of what shares a term; best first."""
    said = _telling(connection, query.terms)
    if not said:
        return []
    where, values = _bounds(query)
    match = " OR ".join('"' + term.replace('"', '""') + '"' for term in said)
    rows = connection.execute(
        "SELECT words.rowid, -bm25(words, 1.0, 0.0) AS told, -bm25(words, 1.0, 1.0) AS around"
        " FROM words"
        + (" JOIN item ON item.key = words.rowid" if where else "")
        + f" WHERE words MATCH ? {where} ORDER BY told + around DESC LIMIT ?",
        (match, *values, query.limit),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def carrying(connection: sqlite3.Connection, query: Query) -> list[int]:
    """Keys of what passes the query's bounds, newest first, up to its limit."""
    where, values = _bounds(query)
    rows = connection.execute(
        f"SELECT item.key FROM item WHERE 1 {where} ORDER BY item.key DESC LIMIT ?",
        (*values, query.limit),
    )
    return [row[0] for row in rows]


def allowed(connection: sqlite3.Connection, query: Query, keys: Sequence[int]) -> set[int]:
    """Those of ``keys`` that pass the query's bounds."""
    where, values = _bounds(query)
    if not where:
        return set(keys)
    rows = connection.execute(
        f"SELECT item.key FROM item WHERE item.key IN (SELECT value FROM json_each(?)) {where}",
        (json.dumps(list(keys)), *values),
    )
    return {row[0] for row in rows}


def load(connection: sqlite3.Connection, keys: Sequence[int]) -> dict[int, Row]:
    """Items by key, with their vector and its model."""
    rows = connection.execute(
        f"SELECT {_COLUMNS}, vector, model FROM item WHERE key IN (SELECT value FROM json_each(?))",
        (json.dumps(list(keys)),),
    )
    return {row[0]: (_item(row), row[11], row[12]) for row in rows}


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
        entities=tuple(json.loads(row[5])),
        at=datetime.fromtimestamp(row[6], UTC) if row[6] is not None else None,
        trust=row[7],
        confidence=row[8],
        source=row[9],
        thread=row[10],
    )


def _telling(connection: sqlite3.Connection, said: Sequence[str]) -> list[str]:
    """The terms to match: in a large index common ones cost much and say little."""
    count = connection.execute("SELECT max(key) FROM item").fetchone()[0] or 0
    if count < _LARGE:
        return list(said)
    most = count * COMMON
    rare = [term for term in said if _held(connection, term) <= most]
    return rare or list(said)


def _held(connection: sqlite3.Connection, term: str) -> int:
    # The vocabulary holds stems, the term is a word: its longest prefix that is there tells enough.
    for length in range(len(term), max(2, len(term) - 4), -1):
        row = connection.execute("SELECT doc FROM term WHERE term = ?", (term[:length],)).fetchone()
        if row:
            return row[0]
    return 0


def _bounds(query: Query) -> tuple[str, list[Any]]:
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
        said.append(
            "AND item.key IN (SELECT key FROM entity WHERE name IN"
            " (SELECT value FROM json_each(?)))"
        )
        values.append(json.dumps([name.casefold() for name in query.entities]))
    return " ".join(said), values
