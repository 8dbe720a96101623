"""SQLAlchemy's aiosqlite dialect with one hop to the database's thread per statement.

The dialect as it comes makes a cursor, executes, fetches and closes in four hops. Every hop
wakes a thread and the event loop, which costs more than most of our statements do. Rows are
fetched at once by both, so nothing changes but the number of hops; streamed results are left
as they are.
"""

import sqlite3
from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
    SQLiteDialect_aiosqlite,
)

NAME = "sqlite+onehop"
"""The dialect's name in a database URL."""


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
        def run(cursor: sqlite3.Cursor) -> None:
            cursor.execute(operation, parameters)

        await self._run(run)

    async def executemany(self, operation: str, parameters: Any) -> None:
        def run(cursor: sqlite3.Cursor) -> None:
            cursor.executemany(operation, parameters)

        await self._run(run)

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing is open."""

    async def _run(self, work: Any) -> None:
        def there() -> tuple[Any, int, int | None, list[Any]]:
            cursor: sqlite3.Cursor = self._connection._conn.cursor()
            try:
                work(cursor)
                rows = cursor.fetchall() if cursor.description else []
                return cursor.description, cursor.rowcount, cursor.lastrowid, rows
            finally:
                cursor.close()

        found = await self._connection._execute(there)
        self.description, self.rowcount, self.lastrowid, self._rows = found


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
        adapted = super().connect(*arg, **kw)
        return _Connection(self, adapted.driver_connection)


class OneHop(SQLiteDialect_aiosqlite):
    """The aiosqlite dialect with our cursor."""

    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> AsyncAdapt_aiosqlite_dbapi:
        return _Dbapi(__import__("aiosqlite"), sqlite3)


registry.register("sqlite.onehop", __name__, "OneHop")
