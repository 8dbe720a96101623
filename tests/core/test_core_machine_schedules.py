"""Two workers, a clock that is set to and fro, and its changes: each slot is used once."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from kernel_fakes import Home
from sqlalchemy import func, select

from core import audit, schedules
from core.schedules import Slot, next_daily
from core.storage.schema import journal

CHANGES = {
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
}
HOURS = (time(0), time(1, 30), time(2), time(2, 30), time(8), time(23, 30))
HALF_HOUR = timedelta(minutes=30)


@cache
def _walls(zone: str, change: date) -> list[tuple[datetime, datetime]]:
    """What the clocks in ``zone`` show, every half hour from three days before the change."""
    tz = ZoneInfo(zone)
    first = datetime.combine(change, time(0), tzinfo=UTC) - timedelta(days=4)
    moments = [first + n * HALF_HOUR for n in range(48 * 150)]
    return [(moment, moment.astimezone(tz).replace(tzinfo=None)) for moment in moments]


@cache
def _slots(zone: str, change: date, at: time) -> list[datetime]:
    """One moment for each day: when ``at`` is first shown, else when it would have been."""
    shown: dict[datetime, datetime] = {}
    for moment, wall in _walls(zone, change):
        shown.setdefault(wall, moment)
    days = sorted({wall.date() for wall in shown})[1:-1]
    walls = [datetime.combine(day, at) for day in days]
    return [shown.get(wall) or shown[wall + timedelta(hours=1)] for wall in walls]


@dataclass
class Known:
    """What is known of one reminder."""

    id: str
    due_at: datetime
    state: str = "active"


class Schedules(RuleBasedStateMachine):
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.home = Home(self.template)
        self.clock = self.home.clock
        self.reminders: dict[str, Known] = {}
        self.seen: list[list[Slot]] = [[], []]
        self.used: list[tuple[datetime, datetime]] = []
        """Daily slots that were used since the hour was set, and when."""
        self.uses = 0

    @initialize(
        zone=st.sampled_from(sorted(CHANGES)),
        autumn=st.booleans(),
        at=st.sampled_from(HOURS),
        hours=st.integers(-48, 24),
    )
    def begin(self, zone: str, autumn: bool, at: time, hours: int) -> None:
        self.tz = ZoneInfo(zone)
        self.zone, self.change, self.at = zone, CHANGES[zone][autumn], at
        start = datetime.combine(self.change, time(12), tzinfo=UTC) + timedelta(hours=hours)
        self.clock.advance(start - self.clock.now())
        self.due = self._next(start)
        self._write(
            lambda connection: schedules.ensure_daily(
                connection,
                self.clock,
                kind="digest",
                due_at=next_daily(at, self.tz, self.clock.now()),
            )
        )

    def teardown(self) -> None:
        async def sound() -> None:
            async with self.home.database.read() as connection:
                assert (await audit.verify(connection)).broken is None

        self.home(sound())
        self.home.close()

    def _write(self, *works: Any) -> list[Any]:
        """Does each in a transaction of its own, all at once."""

        async def one(work: Any) -> Any:
            async with self.home.database.write() as connection:
                return await work(connection)

        async def all_at_once() -> list[Any]:
            return list(await asyncio.gather(*map(one, works)))

        return self.home(all_at_once())

    def _next(self, after: datetime) -> datetime:
        slots = _slots(self.zone, self.change, self.at)
        return next(slot for slot in slots if slot > after)

    @rule(minutes=st.sampled_from([0, 20, 60, 600]), twice=st.booleans())
    def remind(self, minutes: int, twice: bool) -> None:
        token = f"t{len(self.reminders)}"
        due_at = self.clock.now() + timedelta(minutes=minutes)

        def add(connection: Any) -> Any:
            return schedules.add(
                connection, self.clock, kind="reminder", due_at=due_at, data={}, token=token
            )

        ids = self._write(*[add] * (1 + twice))
        assert len(set(ids)) == 1
        self.reminders[token] = Known(ids[0], due_at)

    @precondition(lambda self: self.reminders)
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        self._take_back(data.draw(st.sampled_from(sorted(self.reminders)), label="token"))

    def _take_back(self, token: str) -> None:
        known = self.reminders[token]

        def end(connection: Any) -> Any:
            return schedules.cancel(connection, self.clock, token=token)

        assert sorted(self._write(end, end)) == [False, known.state == "active"]
        if known.state == "active":
            known.state = "cancelled"

    @rule(
        minutes=st.sampled_from([20, 60, 180, 24 * 60, 5 * 24 * 60, -10, -60, -180, -24 * 60]),
    )
    def the_clock_is_set(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    @rule(seconds=st.sampled_from([-1, 0, 1]))
    def the_hour_comes(self, seconds: int) -> None:
        self.clock.advance(self.due - self.clock.now() + timedelta(seconds=seconds))

    @rule(at=st.sampled_from(HOURS))
    def set_another_hour(self, at: time) -> None:
        self.at = at
        self.due = self._next(self.clock.now())
        self.used.clear()
        due_at = next_daily(at, self.tz, self.clock.now())
        assert due_at == self.due
        self._write(
            lambda connection: schedules.set_daily(
                connection, self.clock, kind="digest", due_at=due_at
            )
        )

    @rule()
    def start_anew(self) -> None:
        """A worker that starts changes no hour that is set, unless the clock went far back."""
        due_at = next_daily(self.at, self.tz, self.clock.now())
        if self._astray():
            self.due = due_at
            self.used.clear()

        def ensure(connection: Any) -> Any:
            return schedules.ensure_daily(connection, self.clock, kind="digest", due_at=due_at)

        self._write(ensure, ensure)

    def _astray(self) -> bool:
        """The clock was set far ahead and back: nobody would wait so long for the next day's."""
        return self.due > self.clock.now() + timedelta(hours=26)

    @rule(workers=st.sampled_from([(0,), (1,), (0, 1)]))
    def look(self, workers: tuple[int, ...]) -> None:
        now = self.clock.now()
        expected = {
            (known.id, known.due_at)
            for known in self.reminders.values()
            if known.state == "active" and known.due_at <= now
        }
        if self.due <= now:
            expected.add(("digest", self.due))

        async def find(connection: Any) -> Any:
            any_due = await connection.scalar(select(schedules.any_due(self.clock)))
            slots = await schedules.due(connection, self.clock)
            assert bool(any_due) == (bool(slots) or self._astray())
            return slots

        for worker, slots in zip(workers, self._write(*[find] * len(workers)), strict=True):
            assert {(slot.id, slot.due_at) for slot in slots} == expected
            assert [s.due_at for s in slots] == sorted(s.due_at for s in slots)
            self.seen[worker] = slots

    @rule(
        late=st.sampled_from([0, 0, 1, 60 * 24]),
        minutes=st.sampled_from([0, 0, 20, -10]),
        cancelled=st.booleans(),
    )
    def both_see_and_use(self, late: int, minutes: int, cancelled: bool) -> None:
        """At an hour that has come, or minutes later; in between the clock may be set."""
        hours = [known.due_at for known in self.reminders.values() if known.state == "active"]
        hour = min([self.due, *hours])
        if hour > self.clock.now():
            self.clock.advance(hour - self.clock.now() + timedelta(minutes=late))
        self.look((0, 1))
        if cancelled and self.seen[0][0].kind == "reminder":
            tokens = {known.id: token for token, known in self.reminders.items()}
            self._take_back(tokens[self.seen[0][0].id])
        self.clock.advance(timedelta(minutes=minutes))
        self.use((0, 1))

    @precondition(lambda self: self.seen[0] or self.seen[1])
    @rule(workers=st.sampled_from([(0,), (1,), (0, 1), (1, 0)]))
    def use(self, workers: tuple[int, ...]) -> None:
        """Each worker uses what it saw, perhaps long ago: the clock may have been set since."""
        now = self.clock.now()
        slots = [slot for worker in workers for slot in self.seen[worker]]

        def work(slot: Slot) -> Any:
            following = next_daily(self.at, self.tz, max(now, slot.due_at))
            next_at = following if slot.kind == "digest" else None
            return lambda connection: schedules.use(connection, self.clock, slot, next_at=next_at)

        for slot, done in zip(slots, self._write(*map(work, slots)), strict=True):
            assert done == self._expected(slot, now)
            self.uses += done
        for worker in workers:
            self.seen[worker] = []

    def _expected(self, slot: Slot, now: datetime) -> bool:
        if slot.kind == "digest":
            holds = slot.due_at == self.due
            if holds:
                self.used.append((slot.due_at, now))
                self.due = self._next(max(now, slot.due_at))
            return holds
        [known] = [each for each in self.reminders.values() if each.id == slot.id]
        holds = known.state == "active"
        known.state = "done" if holds else known.state
        return holds

    @invariant()
    def no_day_is_left_out_or_doubled(self) -> None:
        if not self.used:
            return
        slots = _slots(self.zone, self.change, self.at)
        for (one, at), (following, _) in pairwise(self.used):
            assert one < following
            between = [slot for slot in slots if one < slot < following]
            assert all(slot <= at for slot in between)  # slept through, and known then
        days = [moment.astimezone(self.tz).date() for moment, _ in self.used]
        assert len(days) == len(set(days))

    @invariant()
    def each_use_is_journalled_once(self) -> None:
        def count(connection: Any) -> Any:
            query = select(func.count()).where(journal.c.kind == "schedule.used")
            return connection.scalar(query)

        async def read() -> int:
            async with self.home.database.read() as connection:
                return await count(connection)

        assert self.home(read()) == self.uses


def test_each_slot_is_used_once_whatever_the_clock_does(migrated_template: Path) -> None:
    Schedules.template = migrated_template
    run_state_machine_as_test(
        Schedules, settings=settings(max_examples=30, stateful_step_count=20, deadline=None)
    )
