"""One operator, paired once, by a code that only the host shows."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from core import pairing
from core.clock import ManualClock
from core.errors import FactotumError
from core.storage.database import Database
from core.storage.schema import journal, operator, setting


async def _redeem(connection: Any, clock: ManualClock, code: str, user_id: int = 1) -> bool:
    return await pairing.redeem(
        connection, clock, code, user_id=user_id, chat_id=user_id, name="Ada"
    )


async def test_the_right_code_pairs(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        assert await pairing.current(connection) is None
        code = await pairing.offer(connection, clock)
        assert len(code) == 8
        assert await _redeem(connection, clock, f" {code.lower()} ")
        assert await pairing.current(connection) == pairing.Operator(1, 1, "Ada")
    async with database.read() as connection:
        kinds = list(await connection.scalars(select(journal.c.kind)))
    assert kinds == ["pairing.offered", "operator.paired"]


async def test_a_code_works_once_and_for_nobody_else(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        code = await pairing.offer(connection, clock)
        assert await _redeem(connection, clock, code)
        assert not await _redeem(connection, clock, code, user_id=2)
        assert not await _redeem(connection, clock, code)
        other = await pairing.offer(connection, clock)
        assert not await _redeem(connection, clock, other, user_id=2)
        rows = (await connection.execute(select(operator))).all()
    assert [row.user_id for row in rows] == [1]


async def test_wrong_codes_are_limited(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        code = await pairing.offer(connection, clock)
        for _ in range(pairing.ATTEMPTS):
            assert not await _redeem(connection, clock, "WRONG234", user_id=666)
        assert not await _redeem(connection, clock, code)  # dead now, also for the owner
        assert await pairing.current(connection) is None
        fresh = await pairing.offer(connection, clock)
        assert await _redeem(connection, clock, fresh)


async def test_before_the_limit_the_right_code_still_works(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        code = await pairing.offer(connection, clock)
        for _ in range(pairing.ATTEMPTS - 1):
            assert not await _redeem(connection, clock, "WRONG234")
        assert await _redeem(connection, clock, code)


async def test_a_code_is_short_lived(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        code = await pairing.offer(connection, clock)
        clock.advance(pairing.LIFETIME)
        assert not await _redeem(connection, clock, code)
        clock.advance(-timedelta(seconds=1))
        assert await _redeem(connection, clock, code)


async def test_a_newer_code_ends_the_older(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        old = await pairing.offer(connection, clock)
        new = await pairing.offer(connection, clock)
        assert old != new
        assert not await _redeem(connection, clock, old)
        assert await _redeem(connection, clock, new)


@pytest.mark.parametrize("code", ["", "ABCDEFGH", "ü" * 8, "x" * 5000])
async def test_without_an_offer_no_code_works(
    database: Database, clock: ManualClock, code: str
) -> None:
    async with database.write() as connection:
        assert not await _redeem(connection, clock, code)
        assert await pairing.current(connection) is None


async def test_the_code_itself_is_stored_nowhere(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        code = await pairing.offer(connection, clock)
        stored = str((await connection.execute(select(setting))).all())
        stored += str((await connection.execute(select(journal))).all())
    assert code not in stored


async def test_there_is_never_a_second_operator(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        await pairing.pair(connection, clock, user_id=1, chat_id=1, name="Ada")
        with pytest.raises(FactotumError, match="only one"):
            await pairing.pair(connection, clock, user_id=2, chat_id=2, name="Eve")
        await pairing.pair(connection, clock, user_id=1, chat_id=1, name="Ada")  # the same one
    async with database.read() as connection:
        rows = (await connection.execute(select(operator))).all()
        kinds = list(await connection.scalars(select(journal.c.kind)))
    assert [row.user_id for row in rows] == [1]
    assert kinds == ["operator.paired"]


async def test_the_journal_says_once_that_a_code_is_used_up(
    database: Database, clock: ManualClock
) -> None:
    async def wrong(times: int) -> list[Any]:
        """What the journal says of it after so many more wrong codes."""
        async with database.write() as connection:
            for _ in range(times):
                await _redeem(connection, clock, "WRONG234", user_id=666)
        async with database.read() as connection:
            rows = await connection.execute(
                select(journal.c.data).where(journal.c.kind == "pairing.exhausted")
            )
            return [row.data for row in rows]

    async with database.write() as connection:
        await pairing.offer(connection, clock)
    with capture_logs() as logs:
        assert await wrong(pairing.ATTEMPTS - 1) == []
        assert logs == []
        assert await wrong(3) == [{"attempts": pairing.ATTEMPTS, "user_id": 666}]
    [line] = logs
    assert (line["event"], line["log_level"]) == ("pairing_exhausted", "warning")
    assert "factotum pair" in line["fix"]
