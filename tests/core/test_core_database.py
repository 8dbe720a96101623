"""Write transactions: one after the other, committed together, undone alone."""

import asyncio
import sqlite3
import threading
from contextlib import closing

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from core import audit, journal
from core.clock import ManualClock
from core.storage import driver
from core.storage.database import Database
from core.storage.schema import journal as journal_table


@pytest.fixture(autouse=True, params=[3600.0, 0.0], ids=["in place", "in its thread"])
def _commits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to commit: as on a quick disk, and as on a slow one."""
    monkeypatch.setattr("core.storage.database._BRIEF", request.param)


class Boom(Exception):
    """Something goes wrong in a transaction."""


async def _add(database: Database, clock: ManualClock, subject: str, *, fail: bool = False) -> None:
    async with database.write() as connection:
        await journal.append(connection, clock, kind="test", subject=subject)
        await asyncio.sleep(0)
        if fail:
            raise Boom(subject)


def _on_disk(database: Database) -> list[str]:
    """What another process sees."""
    with closing(sqlite3.connect(database.path)) as connection:
        rows = connection.execute("SELECT subject FROM journal WHERE kind = 'test' ORDER BY seq")
        return [row[0] for row in rows]


async def test_a_write_is_on_disk_when_its_block_has_ended(
    database: Database, clock: ManualClock
) -> None:
    await _add(database, clock, "one")
    assert _on_disk(database) == ["one"]


async def test_writers_that_wait_for_each_other_share_commits(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[object] = []
    keep = driver.commit

    async def counted(connection: AsyncConnection, *, in_place: bool) -> float:
        commits.append(connection)
        return await keep(connection, in_place=in_place)

    monkeypatch.setattr(driver, "commit", counted)
    await asyncio.gather(*(_add(database, clock, str(n)) for n in range(64)))
    assert sorted(_on_disk(database), key=int) == [str(n) for n in range(64)]
    assert len(commits) < 10


async def test_one_that_fails_takes_nobody_with_it(database: Database, clock: ManualClock) -> None:
    results = await asyncio.gather(
        *(_add(database, clock, str(n), fail=n % 3 == 0) for n in range(20)),
        return_exceptions=True,
    )
    failed = {str(n) for n in range(20) if isinstance(results[n], Boom)}
    assert failed == {str(n) for n in range(0, 20, 3)}
    assert set(_on_disk(database)) == {str(n) for n in range(20)} - failed
    async with database.read() as connection:
        assert (await audit.verify(connection)).broken is None


async def test_a_commit_that_fails_fails_for_everyone_who_shares_it(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_connection: object, *, in_place: bool) -> float:
        raise OSError("database or disk is full")

    monkeypatch.setattr(driver, "commit", refuse)
    results = await asyncio.gather(
        *(_add(database, clock, str(n)) for n in range(5)), return_exceptions=True
    )
    assert all(isinstance(result, OSError) for result in results), results
    monkeypatch.undo()
    assert _on_disk(database) == []
    await _add(database, clock, "later")
    assert _on_disk(database) == ["later"]


@pytest.mark.parametrize("victim", [0, 3])
async def test_one_that_is_cancelled_leaves_the_rest_whole(
    database: Database, clock: ManualClock, victim: int
) -> None:
    inside = asyncio.Event()

    async def hang() -> None:
        async with database.write() as connection:
            await journal.append(connection, clock, kind="test", subject="hangs")
            inside.set()
            await asyncio.Event().wait()

    tasks = [
        asyncio.create_task(hang() if n == victim else _add(database, clock, str(n)))
        for n in range(6)
    ]
    await inside.wait()
    tasks[victim].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[victim], asyncio.CancelledError)
    told = {str(n) for n in range(6) if results[n] is None}
    assert told == {str(n) for n in range(6) if n != victim}
    assert set(_on_disk(database)) == told
    async with database.read() as connection:
        assert (await audit.verify(connection)).broken is None


async def test_a_cancelled_statement_is_never_taken_for_done(
    database: Database, clock: ManualClock
) -> None:
    """Whoever was told that its block ended finds its entry on the disk, whatever happened."""
    tasks = [asyncio.create_task(_add(database, clock, str(n))) for n in range(30)]
    for n in range(0, 30, 4):
        await asyncio.sleep(0.001)
        tasks[n].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    told = {str(n) for n in range(30) if results[n] is None}
    assert told <= set(_on_disk(database))
    await _add(database, clock, "after")
    assert "after" in _on_disk(database)
    async with database.read() as connection:
        assert (await audit.verify(connection)).broken is None


async def test_what_is_streamed_comes_row_by_row(database: Database, clock: ManualClock) -> None:
    for n in range(5):
        await _add(database, clock, str(n))
    async with database.read() as connection:
        rows = await connection.stream(select(journal_table.c.seq).order_by(journal_table.c.seq))
        assert [row.seq async for row in rows][-5:] == sorted(row for row in range(1, 6))
        assert await connection.scalar(select(func.count()).select_from(journal_table)) == 5


async def test_many_rows_at_once_and_their_count(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE scratch (n INTEGER)"))
        await connection.execute(
            text("INSERT INTO scratch VALUES (:n)"), [{"n": n} for n in range(10)]
        )
        changed = await connection.execute(text("UPDATE scratch SET n = n + 1 WHERE n > 4"))
        assert changed.rowcount == 5


async def test_a_disk_that_turns_slow_holds_up_nobody_for_long(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.storage.database._BRIEF", 0.001)
    took, where = 0.0001, list[bool]()
    keep = driver._commit

    def timed(connection: sqlite3.Connection) -> float:
        keep(connection)
        where.append(threading.current_thread() is threading.main_thread())
        return took

    monkeypatch.setattr(driver, "_commit", timed)
    for seconds in (*[0.0001] * 40, 0.2, *[0.0001] * 40):
        took = seconds
        await _add(database, clock, "one")
    assert not where[0], "nothing is known of the disk yet"
    assert where[39]
    assert where[40], "nobody knew that it would be slow"
    assert not any(where[41:50])
    assert where[-1]


async def test_others_have_their_turn_between_two_writes(
    database: Database, clock: ManualClock
) -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    for n in range(20):
        async with database.write() as connection:
            await journal.append(connection, clock, kind="test", subject=str(n))
    task.cancel()
    assert turns >= 20
