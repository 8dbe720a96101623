"""The hour the operator set, on the operator's clock, once per slot."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core import schedules
from core.clock import ManualClock
from core.schedules import next_daily
from core.storage.database import Database
from core.storage.schema import journal

ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "Europe/London",
        "Europe/Dublin",
        "America/New_York",
        "America/Santiago",
        "America/Havana",
        "America/St_Johns",
        "Africa/Cairo",
        "Asia/Beirut",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Chatham",
        "Pacific/Kiritimati",
        "Antarctica/Troll",
    ]
)
MOMENTS = st.integers(0, 3_150_000).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def _utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "at", "after", "expected"),
    [
        # an ordinary day, before and after the hour, and exactly on it
        ("Europe/Berlin", time(8), _utc(2026, 11, 23, 6, 0), _utc(2026, 11, 23, 7, 0)),
        ("Europe/Berlin", time(8), _utc(2026, 11, 23, 7, 0), _utc(2026, 11, 24, 7, 0)),
        ("Europe/Berlin", time(8), _utc(2026, 11, 23, 7, 1), _utc(2026, 11, 24, 7, 0)),
        # over both changes the wall time stays
        ("Europe/Berlin", time(8), _utc(2026, 3, 28, 7, 0), _utc(2026, 3, 29, 6, 0)),
        ("Europe/Berlin", time(8), _utc(2026, 10, 24, 6, 0), _utc(2026, 10, 25, 7, 0)),
        # 02:30 doesn't exist: an hour later by the clock
        ("Europe/Berlin", time(2, 30), _utc(2026, 3, 28, 12, 0), _utc(2026, 3, 29, 1, 30)),
        # 02:30 comes twice: the first, and not again in the same night
        ("Europe/Berlin", time(2, 30), _utc(2026, 10, 24, 12, 0), _utc(2026, 10, 25, 0, 30)),
        ("Europe/Berlin", time(2, 30), _utc(2026, 10, 25, 0, 30), _utc(2026, 10, 26, 1, 30)),
        # the operator's day is another than UTC's
        ("Pacific/Kiritimati", time(8), _utc(2026, 5, 1, 12, 0), _utc(2026, 5, 1, 18, 0)),
        ("America/New_York", time(23), _utc(2026, 5, 2, 2, 0), _utc(2026, 5, 2, 3, 0)),
        # a change of the clocks at midnight, and one of half an hour
        ("Africa/Cairo", time(0, 30), _utc(2026, 4, 23, 12, 0), _utc(2026, 4, 23, 22, 30)),
        ("Australia/Lord_Howe", time(2, 15), _utc(2026, 10, 3, 6, 0), _utc(2026, 10, 3, 15, 45)),
    ],
)
def test_the_hour_is_the_operators(
    zone: str, at: time, after: datetime, expected: datetime
) -> None:
    assert next_daily(at, ZoneInfo(zone), after) == expected


@given(ZONES, st.times(), MOMENTS)
def test_the_next_slot_is_soon_and_shows_the_hour(name: str, at: time, after: datetime) -> None:
    zone = ZoneInfo(name)
    found = next_daily(at, zone, after)
    assert found > after
    assert found - after <= timedelta(hours=27)
    shown = found.astimezone(zone)
    exists = datetime.combine(shown.date(), at, tzinfo=zone)
    if shown.time() != at:  # only where that wall time was skipped, and then later
        gap = exists.astimezone(UTC).astimezone(zone).time() != at
        assert gap
        assert shown.time() > at


@given(ZONES, st.times(), MOMENTS)
def test_each_day_has_one_slot(name: str, at: time, after: datetime) -> None:
    zone = ZoneInfo(name)
    days = []
    moment = after
    for _ in range(6):
        moment = next_daily(at, zone, moment)
        days.append(moment.astimezone(zone).date())
    assert [(later - day).days for day, later in pairwise(days)] == [1] * 5


async def _reminder(connection: Any, clock: ManualClock, token: str, minutes: int) -> str:
    return await schedules.add(
        connection,
        clock,
        kind="reminder",
        due_at=clock.now() + timedelta(minutes=minutes),
        data={"what": token},
        token=token,
    )


async def _due(connection: Any, clock: ManualClock) -> list[str]:
    return [slot.data.get("what", slot.kind) for slot in await schedules.due(connection, clock)]


async def test_what_is_due_comes_in_order_also_after_a_long_sleep(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        await _reminder(connection, clock, "second", 20)
        await _reminder(connection, clock, "first", 10)
        assert await _due(connection, clock) == []
        assert not await connection.scalar(select(schedules.any_due(clock)))
        clock.advance(timedelta(minutes=10))
        assert await _due(connection, clock) == ["first"]
        clock.advance(timedelta(days=30))
        assert await _due(connection, clock) == ["first", "second"]
        assert await connection.scalar(select(schedules.any_due(clock)))


async def test_a_reminder_is_added_once_per_token(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        first = await _reminder(connection, clock, "call", 10)
        assert await _reminder(connection, clock, "call", 99) == first
        found = await schedules.upcoming(connection, clock.now() + timedelta(days=1))
        assert [slot.id for slot in found] == [first]


async def test_a_slot_is_used_once_by_one_worker(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        await _reminder(connection, clock, "call", 0)
        [slot] = await schedules.due(connection, clock)

    async def use() -> bool:
        async with database.write() as connection:
            return await schedules.use(connection, clock, slot)

    assert sorted(await asyncio.gather(*(use() for _ in range(4)))) == [False, False, False, True]
    async with database.read() as connection:
        assert await _due(connection, clock) == []
        used = await connection.scalars(
            select(journal.c.subject).where(journal.c.kind == "schedule.used")
        )
        assert list(used) == [slot.id]


async def test_the_daily_slot_goes_on_and_its_old_one_is_spent(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        await schedules.ensure_daily(connection, clock, kind="digest", due_at=clock.now())
        later = clock.now() + timedelta(hours=5)
        await schedules.ensure_daily(connection, clock, kind="digest", due_at=later)
        [slot] = await schedules.due(connection, clock)
        tomorrow = clock.now() + timedelta(days=1)
        assert await schedules.use(connection, clock, slot, next_at=tomorrow)
        assert not await schedules.use(connection, clock, slot, next_at=tomorrow)
        assert await _due(connection, clock) == []
        clock.advance(timedelta(days=1))
        assert await _due(connection, clock) == ["digest"]


async def test_a_new_hour_moves_the_daily_slot(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        await schedules.set_daily(connection, clock, kind="digest", due_at=clock.now())
        [old] = await schedules.due(connection, clock)
        later = clock.now() + timedelta(hours=5)
        await schedules.set_daily(connection, clock, kind="digest", due_at=later)
        assert await schedules.due(connection, clock) == []
        assert not await schedules.use(connection, clock, old)


async def test_what_was_cancelled_does_not_come(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        await _reminder(connection, clock, "call", 1)
        await schedules.cancel(connection, clock, token="call")
        await schedules.cancel(connection, clock, token="call")
        clock.advance(timedelta(hours=1))
        assert await _due(connection, clock) == []
    async with database.read() as connection:
        kinds = list(await connection.scalars(select(journal.c.kind)))
    assert kinds.count("schedule.cancelled") == 1


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize("change", ["spring", "autumn"])
@pytest.mark.parametrize("at", [time(1, 30), time(2, 30), time(8)])
async def test_over_a_change_of_the_clocks_there_is_one_digest_a_day(
    database: Database, zone: str, change: str, at: time
) -> None:
    """Two workers look every twenty minutes from the day before the change to the day after."""
    days = {
        "Europe/Berlin": {"spring": (3, 29), "autumn": (10, 25)},
        "America/New_York": {"spring": (3, 8), "autumn": (11, 1)},
    }
    tz = ZoneInfo(zone)
    month, day = days[zone][change]
    clock = ManualClock(datetime(2026, month, day, tzinfo=tz) - timedelta(days=1))
    end = clock.now() + timedelta(days=3)
    used: list[datetime] = []
    async with database.write() as connection:
        first = next_daily(at, tz, clock.now())
        await schedules.ensure_daily(connection, clock, kind="digest", due_at=first)
    while clock.now() < end:
        async with database.write() as connection:
            for slot in await schedules.due(connection, clock):
                following = next_daily(at, tz, clock.now())
                used += [
                    slot.due_at.astimezone(tz)
                    for _ in range(2)
                    if await schedules.use(connection, clock, slot, next_at=following)
                ]
        clock.advance(timedelta(minutes=20))
    assert [(moment.month, moment.day) for moment in used] == [
        (d.month, d.day)
        for d in (datetime(2026, month, day) + timedelta(days=n) for n in (-1, 0, 1))
    ]
    skipped = change == "spring" and at == time(2, 30)
    late = time(3, 30) if skipped else at
    assert [moment.time() for moment in used] == [at, late, at]


async def test_when_the_clock_is_set_back_nothing_comes_again(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        await _reminder(connection, clock, "call", 10)
        await schedules.ensure_daily(connection, clock, kind="digest", due_at=clock.now())
        clock.advance(timedelta(minutes=10))
        tomorrow = clock.now() + timedelta(days=1)
        for slot in await schedules.due(connection, clock):
            again = tomorrow if slot.kind == "digest" else None
            assert await schedules.use(connection, clock, slot, next_at=again)
        clock.advance(-timedelta(hours=5))
        assert await _due(connection, clock) == []
        clock.advance(timedelta(hours=6))
        assert await _due(connection, clock) == []
        clock.advance(timedelta(days=1))
        assert await _due(connection, clock) == ["digest"]


async def test_what_was_due_when_the_clock_was_set_back_comes_later_and_once(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        await _reminder(connection, clock, "call", 0)
        [slot] = await schedules.due(connection, clock)
        clock.advance(-timedelta(minutes=1))
        assert await _due(connection, clock) == []
        clock.advance(timedelta(minutes=1))
        assert await schedules.due(connection, clock) == [slot]
        assert await schedules.use(connection, clock, slot)
        assert not await schedules.use(connection, clock, slot)


async def test_a_slot_never_goes_on_to_itself(database: Database, clock: ManualClock) -> None:
    """The clock was set back by a second between the look and the use, as time servers do."""
    at, zone = time(9), ZoneInfo("UTC")
    used = 0
    async with database.write() as connection:
        await schedules.ensure_daily(connection, clock, kind="digest", due_at=clock.now())
        for _ in range(2):
            for slot in await schedules.due(connection, clock):
                clock.advance(-timedelta(seconds=1))
                following = next_daily(at, zone, clock.now())
                with suppress(ValueError):  # refusing it would do
                    used += await schedules.use(connection, clock, slot, next_at=following)
            clock.advance(timedelta(seconds=1))
    assert used <= 1


async def test_a_cancelled_reminder_cannot_be_used_by_who_saw_it_before(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        await _reminder(connection, clock, "call", 0)
        [slot] = await schedules.due(connection, clock)
        assert await schedules.cancel(connection, clock, token="call")
        assert not await schedules.use(connection, clock, slot)
        assert await schedules.upcoming(connection, clock.now() + timedelta(days=1)) == []
