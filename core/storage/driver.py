"""SQLAlchemy's aiosqlite dialect, with fewer hops to the database's thread.

The dialect as it comes makes a cursor, executes, fetches and closes in four hops. Every hop
wakes a thread and the event loop, which costs more than most of our statements do. Here a reader
takes one hop a statement; the writer takes none: its statements touch memory alone, for
microseconds. Its commit alone waits for the disk, and takes a hop where the disk is slow. Rows are
fetched at once, as the dialect does; streamed results are left as they are.
"""

import asyncio
import sqlite3
import time
from typing import Any, NamedTuple

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


class Fetched(NamedTuple):
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


async def commit(connection: AsyncConnection, *, in_place: bool) -> float:
    """Commits, on the caller's thread or on the database's; returns the seconds that it took.

    It waits for the disk. Raises SQLAlchemy's DBAPIError.
    """
    raw = of(connection)
    try:
        return _commit(raw._conn) if in_place else await raw._execute(_commit, raw._conn)
    except Error as error:
        raise DBAPIError.instance("COMMIT", None, error, Error) from error


def _commit(connection: sqlite3.Connection) -> float:
    began = time.perf_counter()
    connection.execute("COMMIT")
    return time.perf_counter() - began


async def _execute(connection: Any, text: str, values: Any = (), *, many: bool = False) -> Fetched:
    """Executes on aiosqlite's connection. Raises ``Error``."""
    if getattr(connection, "in_place", False):
        return _there(connection._conn, text, values, many=many)
    found: Fetched = await connection._execute(_there, connection._conn, text, values, many=many)
    return found


def _there(connection: sqlite3.Connection, text: str, values: Any, *, many: bool) -> Fetched:
    cursor = connection.cursor()
    try:
        (cursor.executemany if many else cursor.execute)(text, values)
        described = cursor.description
        rows = cursor.fetchall() if described else []
        return Fetched(described, cursor.rowcount, cursor.lastrowid, rows)
    finally:
        cursor.close()


async def begin(connection: AsyncConnection) -> None:
    """Begins the writer's transaction, waiting for other processes' to end.

    A deferred transaction that turns into a write can fail at once with "database is locked",
    whatever the timeout: writers therefore announce themselves. Raises SQLAlchemy's DBAPIError.
    """
    raw, text = of(connection)._conn, "BEGIN IMMEDIATE"
    waited, tried = 0.0, 0
    while True:
        try:
            raw.execute(text)
        except Error as error:
            if getattr(error, "sqlite_errorcode", 0) not in _BUSY or waited >= _PATIENCE:
                raise DBAPIError.instance(text, None, error, Error) from error
        else:
            return
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
