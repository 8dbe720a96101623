"""The journal can't be changed without it showing, and first of all it can't be changed."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from core import journal
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


async def _tamper(database: Database, *statements: str) -> None:
    """What somebody with the file in hand could do."""
    async with database.write() as connection:
        for change in ("update", "delete"):
            await connection.execute(text(f"DROP TRIGGER journal_no_{change}"))
        for statement in statements:
            await connection.execute(text(statement))


async def _verify(database: Database) -> journal.Verified:
    async with database.read() as connection:
        return await journal.verify(connection)


async def test_an_empty_journal_is_whole(database: Database) -> None:
    assert await _verify(database) == journal.Verified(0, journal.GENESIS.hex())


async def test_an_untouched_journal_is_whole(database: Database, clock: ManualClock) -> None:
    await _write(database, clock)
    found = await _verify(database)
    assert (found.entries, found.broken) == (5, None)
    assert found.head != journal.GENESIS.hex()


async def test_each_entry_follows_the_one_before(database: Database, clock: ManualClock) -> None:
    await _write(database, clock)
    async with database.read() as connection:
        rows = (await connection.execute(text("SELECT * FROM journal ORDER BY seq"))).all()
    assert rows[0].previous == journal.GENESIS
    assert [row.previous for row in rows[1:]] == [row.hash for row in rows[:-1]]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE journal SET data = '{}' WHERE seq = 3",
        "UPDATE journal SET kind = 'test.other' WHERE seq = 3",
        "UPDATE journal SET actor = 'somebody' WHERE seq = 3",
        "UPDATE journal SET subject = 'thing_4' WHERE seq = 3",
        "UPDATE journal SET at = '2020-01-01 00:00:00.000000' WHERE seq = 3",
        "UPDATE journal SET hash = zeroblob(32) WHERE seq = 3",
        "UPDATE journal SET previous = zeroblob(32) WHERE seq = 3",
    ],
)
async def test_a_changed_entry_is_named(
    database: Database, clock: ManualClock, change: str
) -> None:
    await _write(database, clock)
    await _tamper(database, change)
    found = await _verify(database)
    assert (found.broken, found.entries) == (3, 2)
    assert found.reason


async def test_a_deleted_entry_is_named(database: Database, clock: ManualClock) -> None:
    await _write(database, clock)
    await _tamper(database, "DELETE FROM journal WHERE seq = 2")
    found = await _verify(database)
    assert (found.broken, found.entries) == (2, 1)
    assert "missing" in found.reason


async def test_a_deleted_first_entry_is_named(database: Database, clock: ManualClock) -> None:
    await _write(database, clock)
    await _tamper(database, "DELETE FROM journal WHERE seq = 1")
    assert (await _verify(database)).broken == 1


async def test_entries_in_another_order_are_named(database: Database, clock: ManualClock) -> None:
    await _write(database, clock)
    await _tamper(
        database,
        "UPDATE journal SET seq = 99 WHERE seq = 2",
        "UPDATE journal SET seq = 2 WHERE seq = 3",
        "UPDATE journal SET seq = 3 WHERE seq = 99",
    )
    assert (await _verify(database)).broken == 2


async def test_a_closed_gap_is_named_too(database: Database, clock: ManualClock) -> None:
    """Deleting one entry and renumbering the rest does not hide it."""
    await _write(database, clock)
    await _tamper(
        database,
        "DELETE FROM journal WHERE seq = 3",
        "UPDATE journal SET seq = 3 WHERE seq = 4",
        "UPDATE journal SET seq = 4 WHERE seq = 5",
    )
    assert (await _verify(database)).broken == 3


@pytest.mark.parametrize(
    "statement", ["UPDATE journal SET actor = 'x' WHERE seq = 1", "DELETE FROM journal"]
)
async def test_the_database_refuses_changes(
    database: Database, clock: ManualClock, statement: str
) -> None:
    await _write(database, clock)
    with pytest.raises(DatabaseError, match="append-only"):
        async with database.write() as connection:
            await connection.execute(text(statement))
    assert (await _verify(database)).broken is None


async def test_an_entry_goes_with_its_transaction(database: Database, clock: ManualClock) -> None:
    async def change() -> None:
        async with database.write() as connection:
            await journal.append(connection, clock, kind="test.lost", subject="x")
            raise RuntimeError("the change failed")

    with pytest.raises(RuntimeError):
        await change()
    assert (await _verify(database)).entries == 0


async def test_values_that_json_does_not_know_still_verify(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        await journal.append(
            connection,
            clock,
            kind="test.odd",
            subject="x",
            data={"at": datetime(2026, 1, 1, tzinfo=UTC), "tuple": (1, 2)},
        )
    assert (await _verify(database)).broken is None


def test_canonical_json_has_one_form() -> None:
    assert journal.canonical({"b": 1, "a": "ü"}) == '{"a":"ü","b":1}'.encode()
