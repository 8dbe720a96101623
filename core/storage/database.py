"""The connection to SQLite: WAL, durable commits, one writer at a time."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

_BUSY_MS = 10_000
"""How long a writer waits for the other process's transaction before it gives up."""


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we send BEGIN ourselves, see _on_begin
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    # A deferred transaction that turns into a write can fail at once with "database is
    # locked", whatever the timeout: writers therefore announce themselves.
    write = connection.get_execution_options().get("factotum_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


class Database:
    """One SQLite file. ``write()`` and ``read()`` are the only ways in."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine: AsyncEngine = create_async_engine(
            f"sqlite+aiosqlite:///{path}",
            pool_reset_on_return=None,  # every transaction here is ended by its own block
        )
        sync: Engine = self.engine.sync_engine
        event.listen(sync, "connect", _on_connect)
        event.listen(sync, "begin", _on_begin)
        self._writer = asyncio.Lock()

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncConnection]:
        """A write transaction (BEGIN IMMEDIATE), committed at the end, rolled back on error."""
        async with self._writer, self.engine.connect() as connection:
            await connection.execution_options(factotum_write=True)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection]:
        """A consistent view for reading."""
        async with self.engine.connect() as connection, connection.begin():
            yield connection

    async def close(self) -> None:
        """Closes every connection."""
        await self.engine.dispose()


TROUBLE = (OSError, SQLAlchemyError)
"""What a full disk, a held lock or a broken file raises: to be waited out, not to die of."""


def is_disk_full(error: BaseException) -> bool:
    """Whether ``error`` says that the disk is full."""
    text = str(error)
    return "database or disk is full" in text or "No space left" in text


def sqlite_version() -> str:
    """The version of the SQLite library in use."""
    return sqlite3.sqlite_version
