"""SQLAlchemy's aiosqlite dialect, with fewer hops to the database's thread.

The dialect as it comes makes a cursor, executes, fetches and closes in four hops. Every hop
wakes a thread and the event loop, which costs more than most of our statements do. Here a reader
takes one hop a statement; the writer takes none but for the commit, the one thing that waits for
the disk: its statements touch memory alone, for microseconds. Rows are fetched at once, as the
dialect does; streamed results are left as they are.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
    SQLiteDialect_aiosqlite,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

NAME = "sqlite+onehop"
"""The dialect's name in a database URL."""
Error = sqlite3.Error
"""What the driver raises."""
_PATIENCE = 10.0
"""Seconds that a writer waits for another process's transaction before it gives up."""
_PAUSES = (0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.025)
"""Seconds between a writer's tries to begin; SQLite's own waiting does the same in a thread."""
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY, sqlite3.SQLITE_BUSY_SNAPSHOT})


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one execution gave."""

    description: Any
    rowcount: int
    lastrowid: int | None
    rows: list[Any]


def of(connection: AsyncConnection) -> Any:
    """aiosqlite's connection below SQLAlchemy's."""
    below = connection.sync_connection
    assert below is not None
    return below.connection.driver_connection


def write_in_place(connection: AsyncConnection) -> None:
    """Lets this connection's statements run on the caller's thread, from now on."""
    raw = of(connection)
    raw._conn.execute("PRAGMA busy_timeout=0")  # nobody may wait for a lock on that thread
    raw.in_place = True


def in_transaction(connection: AsyncConnection) -> bool:
    """Whether SQLite has a transaction open on this connection."""
    return bool(of(connection)._conn.in_transaction)


async def run(
    connection: AsyncConnection, text: str, values: Any = (), *, many: bool = False
) -> Fetched:
    """Executes below SQLAlchemy, in the same transaction. Raises SQLAlchemy's DBAPIError."""
    try:
        return await _execute(of(connection), text, values, many=many)
    except Error as error:
        raise DBAPIError.instance(text, None, error, Error) from error


async def commit(connection: AsyncConnection) -> None:
    """Commits, in the database's thread: it waits for the disk. Raises SQLAlchemy's DBAPIError."""
    raw = of(connection)
    try:
        await raw._execute(raw._conn.execute, "COMMIT")
    except Error as error:
        raise DBAPIError.instance("COMMIT", None, error, Error) from error


async def _execute(connection: Any, text: str, values: Any = (), *, many: bool = False) -> Fetched:
    """Executes on aiosqlite's connection. Raises ``Error``."""

    def there() -> Fetched:
        cursor: sqlite3.Cursor = connection._conn.cursor()
        try:
            (cursor.executemany if many else cursor.execute)(text, values)
            rows = cursor.fetchall() if cursor.description else []
            return Fetched(cursor.description, cursor.rowcount, cursor.lastrowid, rows)
        finally:
            cursor.close()

    if not getattr(connection, "in_place", False):
        found: Fetched = await connection._execute(there)
        return found
    return await _begun(there) if text == "BEGIN IMMEDIATE" else there()


async def _begun(begin: Callable[[], Fetched]) -> Fetched:
    waited, tried = 0.0, 0
    while True:
        try:
            return begin()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in _BUSY or waited >= _PATIENCE:
                raise
        pause = _PAUSES[min(tried, len(_PAUSES) - 1)]
        await asyncio.sleep(pause)
        waited, tried = waited + pause, tried + 1


class _Cursor:
    """What SQLAlchemy's adapter expects of an asynchronous cursor; holds no open cursor."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def execute(self, operation: str, parameters: Any = ()) -> None:
        self._keep(await _execute(self._connection, operation, parameters))

    async def executemany(self, operation: str, parameters: Any) -> None:
        self._keep(await _execute(self._connection, operation, parameters, many=True))

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing is open."""

    def _keep(self, found: Fetched) -> None:
        self.description, self.rowcount = found.description, found.rowcount
        self.lastrowid, self._rows = found.lastrowid, found.rows


class _AdaptedCursor(AsyncAdapt_aiosqlite_cursor):
    __slots__ = ()

    def _make_new_cursor(self, connection: Any) -> Any:
        return _Cursor(connection)

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()

    _cursor_cls = _AdaptedCursor


class _Dbapi(AsyncAdapt_aiosqlite_dbapi):
    def connect(self, *arg: Any, **kw: Any) -> AsyncAdapt_aiosqlite_connection:
        # One thread at a time uses a connection all the same: whoever holds it awaits its end.
        adapted = super().connect(*arg, **(kw | {"check_same_thread": False}))
        return _Connection(self, adapted.driver_connection)


class OneHop(SQLiteDialect_aiosqlite):
    """The aiosqlite dialect with our cursor."""

    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> AsyncAdapt_aiosqlite_dbapi:
        return _Dbapi(__import__("aiosqlite"), sqlite3)


registry.register("sqlite.onehop", __name__, "OneHop")
