"""The connection to SQLite: WAL, durable commits, one writer at a time, commits shared.

Transactions that wait for each other inside one process are committed together: each is a
savepoint of one transaction of SQLite, and ``write()`` returns when that one is on the disk.
"""

import asyncio
import re
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.storage import driver

_BRIEF = 0.001
"""Seconds that a commit may hold up the event loop; a hop to a thread and back costs about half."""
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
    connection.create_function("folded", 1, folded, deterministic=True)


_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def folded(text: str | None) -> str | None:
    """``text`` for comparing without regard to case, in SQL too: SQLite's own knows ASCII alone.

    What JSON writes as an escape is read as the letter that it is.
    """
    if text is None:
        return None
    return _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), text).casefold()


def _on_begin(connection: Connection) -> None:
    # The writer's transactions are begun and ended by Database itself, below SQLAlchemy, for
    # whom they are one that never ends: that saves half of what a transaction costs.
    if not connection.get_execution_options().get("factotum_write", False):
        connection.exec_driver_sql("BEGIN")


_NOTES = "factotum_notes"

Flush = Callable[[AsyncConnection], Awaitable[None]]


@dataclass(slots=True)
class Notes:
    """What is known of an open transaction while it lasts.

    ``known`` holds what need not be read twice in it; whoever changes such a thing takes it
    out. ``last`` is done, in order, when the block ends, still inside the transaction.
    """

    known: dict[str, Any] = field(default_factory=dict[str, Any])
    last: dict[str, Flush] = field(default_factory=dict[str, Flush])


def notes(connection: AsyncConnection) -> Notes:
    """The notes of the transaction that ``connection`` is in."""
    found: Notes | None = connection.info.get(_NOTES)
    return found if found is not None else _forget(connection)


def _forget(connection: AsyncConnection) -> Notes:
    fresh = connection.info[_NOTES] = Notes()
    return fresh


async def _finish(connection: AsyncConnection) -> None:
    last = notes(connection).last
    while last:
        await last.pop(next(iter(last)))(connection)


class _Group:
    """Transactions that share one commit. ``done`` ends when it is on the disk, or failed."""

    def __init__(self) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.commit: asyncio.Task[None] | None = None


class Database:
    """One SQLite file. ``write()`` and ``read()`` are the only ways in."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine: AsyncEngine = create_async_engine(
            f"{driver.NAME}:///{path}",
            pool_reset_on_return=None,  # every transaction here is ended by its own block
        )
        sync: Engine = self.engine.sync_engine
        event.listen(sync, "connect", _on_connect)
        event.listen(sync, "begin", _on_begin)
        self._turn = asyncio.Lock()
        self._writer: AsyncConnection | None = None
        self._group: _Group | None = None
        self._waiting = 0
        self._commit_takes = 1.0  # seconds, lately; nothing is known at first

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncConnection]:
        """A write transaction: durable when the block has ended, undone where it raises.

        Inside one process the blocks run one after the other. Never open one inside another.
        """
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1
        try:
            group = self._group
            leads = group is None
            if group is None:
                connection = await self._begin()
                try:
                    yield connection
                    await _finish(connection)
                except BaseException:  # raised on, a cancellation too: nothing half-done is kept
                    await self._abandon()
                    raise
                group = self._group = _Group()
                if not self._waiting and self._is_brief:
                    await self._commit(group)  # nobody would join
            else:
                # The group's transaction is open and its leader waits behind us to commit it.
                assert self._writer is not None
                await driver.run(self._writer, "SAVEPOINT one")
                try:
                    yield self._writer
                    await _finish(self._writer)
                except BaseException:  # raised on, a cancellation too: its own part is undone
                    _forget(self._writer)  # what was noted may be undone now
                    if driver.in_transaction(self._writer):  # a full disk undoes the whole of it
                        await driver.run(self._writer, "ROLLBACK TO one")
                        await driver.run(self._writer, "RELEASE one")
                    raise
                await driver.run(self._writer, "RELEASE one")
        finally:
            self._turn.release()
        if group.done.done():
            await asyncio.sleep(0)  # others have their turn, however many transactions follow
        elif leads:
            # On its own, since a leader that is cancelled here has others' work in its hands.
            group.commit = asyncio.create_task(self._commit_in_turn(group))
        await asyncio.shield(group.done)

    async def _begin(self) -> AsyncConnection:
        if self._writer is None:
            opened = self.engine.connect()
            await opened.start()
            self._writer = await opened.execution_options(factotum_write=True)
            driver.write_in_place(self._writer)
        await driver.begin(self._writer)
        _forget(self._writer)
        return self._writer

    @property
    def _is_brief(self) -> bool:
        return self._commit_takes < _BRIEF

    async def _commit_in_turn(self, group: _Group) -> None:
        async with self._turn:  # everyone who was waiting has had their turn and joined
            await self._commit(group)

    async def _commit(self, group: _Group) -> None:
        self._group = None
        assert self._writer is not None
        try:
            if not driver.in_transaction(self._writer):
                raise OSError("the transaction was undone before it was kept")
            took = await driver.commit(self._writer, in_place=self._is_brief)
        except BaseException as error:  # whatever it is, everyone in the group has to hear it
            await self._give_up()
            group.done.set_exception(error)
            group.done.exception()  # whoever still waits raises it; nobody else needs to
            if not isinstance(error, Exception):
                raise
        else:
            self._commit_takes += (took - self._commit_takes) / 4
            group.done.set_result(None)

    async def _abandon(self) -> None:
        """Undoes the open transaction."""
        try:
            if self._writer is not None and driver.in_transaction(self._writer):
                await driver.run(self._writer, "ROLLBACK")
        except (SQLAlchemyError, OSError):
            await self._give_up()

    async def _give_up(self) -> None:
        """Lets go of a connection in an unclear state; SQLite undoes what it had open."""
        writer, self._writer = self._writer, None
        with suppress(SQLAlchemyError, OSError):
            if writer is not None:
                await writer.invalidate()
                await writer.close()

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection]:
        """A consistent view for reading."""
        async with self.engine.connect() as connection, connection.begin():
            _forget(connection)
            yield connection

    async def close(self) -> None:
        """Closes every connection, after what is being committed."""
        while self._group is not None:
            await asyncio.wait([self._group.done])
        async with self._turn:
            if self._writer is not None:
                await self._writer.close()
                self._writer = None
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
