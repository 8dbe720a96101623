"""Every change leaves an entry, in its own transaction, and the database refuses to alter one."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from core import audit, journal
from core.canonical import canonical
from core.clock import ManualClock
from core.storage.database import Database


async def _write(database: Database, clock: ManualClock, count: int = 5) -> None:
    async with database.write() as connection:
        for number in range(1, count + 1):
            await journal.append(
                connection,
                clock,
                kind="test.happened",
                subject=f"thing_{number}",
                data={"n": number, "what": "Grüße 🎉 <b>"},
            )


async def _verify(database: Database) -> audit.Verified:
    async with database.read() as connection:
        return await audit.verify(connection)


async def test_each_entry_follows_the_one_before(database: Database, clock: ManualClock) -> None:
    await _write(database, clock)
    async with database.read() as connection:
        rows = (await connection.execute(text("SELECT * FROM journal ORDER BY seq"))).all()
    assert [row.seq for row in rows] == [1, 2, 3, 4, 5]
    assert rows[0].previous == journal.GENESIS
    assert [row.previous for row in rows[1:]] == [row.hash for row in rows[:-1]]


_ROW = "'2026-01-01 00:00:00.000000', 'x', 'x', 'x', '{}', zeroblob(32), zeroblob(32)"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET actor = 'x' WHERE seq = 1",
        "UPDATE journal SET actor = actor",
        "UPDATE OR REPLACE journal SET seq = 2 WHERE seq = 1",
        "UPDATE journal SET seq = 99 WHERE seq = 5",
        "DELETE FROM journal",
        "DELETE FROM journal WHERE seq = 5",
        f"INSERT OR REPLACE INTO journal VALUES (3, {_ROW})",
        f"REPLACE INTO journal VALUES (5, {_ROW})",
        f"INSERT INTO journal VALUES (0, {_ROW})",
        f"INSERT INTO journal VALUES (1, {_ROW}) ON CONFLICT (seq) DO UPDATE SET actor = 'y'",
    ],
)
async def test_the_database_refuses_changes(
    database: Database, clock: ManualClock, statement: str
) -> None:
    await _write(database, clock)
    with pytest.raises(DatabaseError, match="the journal is append-only"):
        async with database.write() as connection:
            await connection.execute(text(statement))
    found = await _verify(database)
    assert (found.entries, found.fault) == (5, None)


async def test_an_entry_goes_with_its_transaction(database: Database, clock: ManualClock) -> None:
    async def change() -> None:
        async with database.write() as connection:
            await journal.append(connection, clock, kind="test.lost", subject="x")
            raise RuntimeError("the change failed")

    with pytest.raises(RuntimeError):
        await change()
    assert (await _verify(database)).entries == 0


async def test_entries_of_several_transactions_are_one_chain(
    database: Database, clock: ManualClock
) -> None:
    for _ in range(3):
        await _write(database, clock, 2)
    found = await _verify(database)
    assert (found.entries, found.fault) == (6, None)


async def test_values_that_json_does_not_know_still_verify(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        await journal.append(
            connection,
            clock,
            kind="test.odd",
            subject="x",
            data={"at": datetime(2026, 1, 1, tzinfo=UTC), "tuple": (1, 2), "float": 1e22},
        )
    found = await _verify(database)
    assert (found.entries, found.fault) == (1, None)


def test_canonical_json_has_one_form() -> None:
    assert canonical({"b": 1, "a": "ü"}) == '{"a":"ü","b":1}'.encode()
