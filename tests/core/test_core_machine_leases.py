"""Whatever workers and their clock do, a step has one owner at most and ends once."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from kernel_fakes import Home, Kernel, note
from sqlalchemy import select

from core import audit, leases
from core.leases import LEASE
from core.runs import Step
from core.storage.schema import step as step_table

WORKERS = ("wrk_1", "wrk_2", "wrk_3")
STEPS = 2
MICRO = timedelta(microseconds=1)


@dataclass
class Known:
    """What is known of one step: its state, and the claim that is in force."""

    id: str
    state: str = "ready"
    claim: Step | None = None
    worker: str | None = None
    until: datetime | None = None
    not_before: datetime | None = None
    ends: int = 0
    attempts: int = 0
    claims: list[Step] = field(default_factory=list[Step])


class Leases(RuleBasedStateMachine):
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.home = Home(self.template)
        self.clock = self.home.clock
        self.kernel = Kernel(self.home.database, self.clock)
        started = self.home(self.kernel.start(*(note(f"s{n}") for n in range(STEPS))))
        self.steps = {step_id: Known(step_id) for step_id in started.ready}
        assert len(self.steps) == STEPS

    def teardown(self) -> None:
        async def sound() -> None:
            async with self.home.database.read() as connection:
                assert (await audit.verify(connection)).broken is None

        self.home(sound())
        self.home.close()

    def _may_be_claimed(self, known: Known) -> bool:
        waited = known.not_before is None or known.not_before <= self.clock.now()
        return known.state == "ready" and waited

    @rule(n=st.integers(0, STEPS - 1), workers=st.permutations(WORKERS), count=st.integers(1, 3))
    def claim(self, n: int, workers: list[str], count: int) -> None:
        """Several workers reach for one step at once: at most one has it."""
        known = list(self.steps.values())[n]

        async def reach(worker: str) -> tuple[str, Step | None]:
            async with self.home.database.write() as connection:
                found = await leases.claim(connection, self.clock, known.id, worker)
                return worker, found

        async def all_at_once() -> list[tuple[str, Step | None]]:
            return list(await asyncio.gather(*map(reach, workers[:count])))

        taken = [(worker, found) for worker, found in self.home(all_at_once()) if found]
        assert len(taken) == self._may_be_claimed(known)
        for worker, found in taken:
            known.state, known.worker, known.claim = "running", worker, found
            known.until = self.clock.now() + LEASE
            known.attempts += 1
            known.claims.append(found)
            assert found.attempts == known.attempts

    @rule(worker=st.sampled_from(WORKERS))
    def renew(self, worker: str) -> None:
        async def beat() -> None:
            async with self.home.database.write() as connection:
                await leases.renew(connection, self.clock, worker)

        self.home(beat())
        for known in self.steps.values():
            if known.state == "running" and known.worker == worker:
                known.until = self.clock.now() + LEASE

    @rule(by=st.sampled_from([LEASE / 3, LEASE / 2, LEASE, LEASE + MICRO, -LEASE / 2, LEASE * 9]))
    def time_passes(self, by: timedelta) -> None:
        """Also backwards, as when a time server corrects the clock."""
        self.clock.advance(by)

    @rule(by=st.sampled_from([timedelta(0), LEASE, LEASE + MICRO]))
    def take_over(self, by: timedelta) -> None:
        """Two sweeps at once: what was left behind, and only that, is ready again."""
        self.clock.advance(by)
        gone = {
            known.id
            for known in self.steps.values()
            if known.state == "running" and known.until and known.until < self.clock.now()
        }

        async def sweep() -> list[str]:
            async with self.home.database.write() as connection:
                await leases.take_over(connection, self.clock)
                return await leases.ready(connection, self.clock)

        async def both() -> list[list[str]]:
            return list(await asyncio.gather(sweep(), sweep()))

        found = self.home(both())
        for step_id in gone:
            known = self.steps[step_id]
            known.state, known.claim, known.worker, known.until = "ready", None, None, None
        expected = {known.id for known in self.steps.values() if self._may_be_claimed(known)}
        assert [set(each) for each in found] == [expected, expected]

    @rule(n=st.integers(0, STEPS - 1), workers=st.permutations(WORKERS))
    def overtake(self, n: int, workers: list[str]) -> None:
        """A worker stalls for longer than its lease, and another takes the step over."""
        self.claim(n, workers[:1], 1)
        self.take_over(LEASE + MICRO)
        self.claim(n, workers[1:2], 1)

    @precondition(lambda self: any(known.claims for known in self.steps.values()))
    @rule(data=st.data(), to=st.sampled_from(["done", "failed", "ready", "unknown"]))
    def settle(self, data: st.DataObject, to: str) -> None:
        """By any worker that ever had a claim: only the last one counts, once."""
        claims = [claim for known in self.steps.values() for claim in known.claims]
        stale = [claim for claim in claims if self.steps[claim.id].claim is not claim]
        claims = data.draw(st.sampled_from([claims, stale or claims]), label="among")
        claim = data.draw(st.sampled_from(claims), label="claim")
        known = self.steps[claim.id]
        values: dict[str, Any] = {"state": to}
        if to == "ready":
            values["not_before"] = self.clock.now() + LEASE

        async def report() -> bool:
            async with self.home.database.write() as connection:
                of_run = await leases.settle(connection, self.clock, claim, **values)
            assert of_run in (None, "running")
            return of_run is not None

        async def twice() -> list[bool]:
            return list(await asyncio.gather(report(), report()))

        holds = known.claim is claim and known.state == "running"
        assert sorted(self.home(twice())) == [False, holds]
        if holds:
            known.state, known.claim, known.until = to, None, None
            known.not_before = values.get("not_before", known.not_before)
            known.ends += to != "ready"

    @invariant()
    def what_is_stored_is_what_is_known(self) -> None:
        async def read() -> list[Any]:
            async with self.home.database.read() as connection:
                return list((await connection.execute(select(step_table))).all())

        for row in self.home(read()):
            known = self.steps[row.id]
            assert (row.state, row.attempts) == (known.state, known.attempts)
            assert (row.lease_until is not None) == (row.state == "running")
            assert known.ends <= 1
            if row.state == "running":
                assert (row.worker, row.lease_until) == (known.worker, known.until)


def test_a_step_has_one_owner_at_most_and_ends_once(migrated_template: Path) -> None:
    Leases.template = migrated_template
    run_state_machine_as_test(
        Leases, settings=settings(max_examples=25, stateful_step_count=20, deadline=None)
    )
