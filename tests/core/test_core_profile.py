"""What the operator decides: checked, told in words, and journalled."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core import profile
from core.clock import ManualClock
from core.errors import FactotumError
from core.profile import Profile
from core.storage.database import Database
from core.storage.schema import journal


async def test_without_anything_stored_the_defaults_hold(database: Database) -> None:
    async with database.read() as connection:
        assert await profile.load(connection) == Profile()


async def test_a_change_holds_and_is_journalled(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        after = await profile.change(connection, clock, zone="Europe/Berlin", currency="usd")
        assert (after.zone, after.currency) == ("Europe/Berlin", "USD")
        assert await profile.load(connection) == after
    async with database.read() as connection:
        assert await profile.load(connection) == after
        rows = (await connection.execute(select(journal).order_by(journal.c.seq))).all()
    assert [(r.kind, r.subject, r.data, r.actor) for r in rows] == [
        ("setting.changed", "zone", {"to": "Europe/Berlin"}, "operator"),
        ("setting.changed", "currency", {"to": "USD"}, "operator"),
    ]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"zone": "Mars/Base"}, "not a time zone"),
        ({"zone": ""}, "not a time zone"),
        ({"zone": "Europe"}, "not a time zone"),
        ({"zone": "../../../etc/passwd"}, "not a time zone"),
        ({"zone": "/etc/localtime"}, "not a time zone"),
        ({"zone": "Europe/\0Berlin"}, "not a time zone"),
        ({"zone": "x" * 5000}, "not a time zone"),
        ({"currency": "EURO"}, "not a currency"),
        ({"currency": ""}, "not a currency"),
        ({"digest_at": "25:00"}, "kept the old setting"),
        ({"net_days": "soon"}, "kept the old setting"),
    ],
)
async def test_what_does_not_fit_is_refused_in_words(
    database: Database, clock: ManualClock, values: dict[str, Any], told: str
) -> None:
    async with database.write() as connection:
        with pytest.raises(FactotumError, match=told) as caught:
            await profile.change(connection, clock, **values)
        assert caught.value.message.startswith("I kept the old setting: ")
        assert "Value error" not in caught.value.message
        assert await profile.load(connection) == Profile()
        assert (await connection.execute(select(journal))).all() == []


async def test_other_stored_things_are_no_part_of_it(
    database: Database, clock: ManualClock
) -> None:
    from core import pairing

    async with database.write() as connection:
        await pairing.offer(connection, clock)
        assert await profile.load(connection) == Profile()


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        (time(21, 59), False),
        (time(22, 0), True),
        (time(23, 59, 59), True),
        (time(0, 0), True),
        (time(6, 59, 59), True),
        (time(7, 0), False),
        (time(12, 0), False),
    ],
)
def test_quiet_hours_go_over_midnight(at: time, quiet: bool) -> None:
    mine = Profile(zone="Europe/Berlin")
    assert mine.quiet(datetime.combine(date(2026, 11, 23), at, tzinfo=mine.tz)) is quiet


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    nap = Profile(quiet_from=time(13), quiet_to=time(14))
    none = Profile(quiet_from=time(13), quiet_to=time(13))
    at = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
    assert nap.quiet(at)
    assert not nap.quiet(at + timedelta(minutes=30))
    assert not none.quiet(at - timedelta(minutes=30))


@pytest.mark.parametrize(
    ("at", "wait"), [("23:30", 0), ("05:59", 0), ("06:00", 16 * 60), ("21:45", 15)]
)
def test_what_is_not_urgent_waits_for_the_off_peak_hours(at: str, wait: int) -> None:
    mine = Profile(zone="Europe/Berlin", off_peak_from=time(22), off_peak_to=time(6))
    now = datetime.combine(date(2026, 11, 23), time.fromisoformat(at), tzinfo=mine.tz)
    assert mine.until_off_peak(now) == timedelta(minutes=wait)
    assert Profile().until_off_peak(now) == timedelta()


@given(
    st.times(),
    st.times(),
    st.integers(0, 525_600).map(lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m)),
)
def test_it_is_either_quiet_or_the_opposite(start: time, end: time, moment: datetime) -> None:
    if start != end:
        one = Profile(quiet_from=start, quiet_to=end).quiet(moment)
        other = Profile(quiet_from=end, quiet_to=start).quiet(moment)
        assert one != other
