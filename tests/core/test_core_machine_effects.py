"""Whatever breaks, dies, is paused, tried again or taken back: each effect happens once."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

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
from kernel_fakes import Crash, Home, Kernel, buy
from sqlalchemy import select

from core import audit
from core.effects import settle_unknown
from core.errors import FactotumError
from core.leases import LEASE
from core.storage.schema import effect
from core.storage.schema import run as run_table
from core.storage.schema import step as step_table

TROUBLES = st.lists(
    st.sampled_from(
        [("before", kind) for kind in ("crash", "busy", "no", "perhaps", "bug", "disk")]
        # and what a connector may raise when it has happened
        + [("after", kind) for kind in ("crash", "crash", "perhaps", "perhaps", "bug", "disk")]
    ),
    max_size=2,
)


def _trouble(kind: str) -> BaseException:
    match kind:
        case "crash":
            return Crash()
        case "busy":
            return FactotumError("The shop is busy.", permanent=False)
        case "no":
            return FactotumError("The shop does not sell that.")
        case "perhaps":
            return FactotumError("The line broke.", permanent=False, ambiguous=True)
        case "bug":
            return ValueError("a bug")
        case _:
            return OSError(28, "No space left on device")


class Effects(RuleBasedStateMachine):
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.home = Home(self.template)
        self.clock = self.home.clock
        self.kernel = Kernel(self.home.database, self.clock)
        self.shop = self.kernel.shop
        self.workers = [self.kernel.executor, self.kernel.worker("wrk_2")]
        self.count = 0
        self.wanted_again: Counter[str] = Counter()
        """How often the operator wanted an unclear step done again, by its id."""
        self.vouched: set[str] = set()
        self.reversed: set[str] = set()
        self.states: set[str] = set()
        """The states that steps are in."""

    async def _read(self, table: Any) -> list[Any]:
        async with self.home.database.read() as connection:
            return list((await connection.execute(select(table))).all())

    def _steps(self, *states: str) -> list[Any]:
        return [row for row in self.home(self._read(step_table)) if row.state in states]

    @initialize()
    def first(self) -> None:
        self.buy(size=1, chain=False, troubles=[], blind=False)

    @rule(size=st.integers(1, 3), chain=st.booleans(), troubles=TROUBLES, blind=st.booleans())
    def buy(self, size: int, chain: bool, troubles: list[Any], blind: bool) -> None:
        names = [f"w{self.count + n}" for n in range(size)]
        self.count += size
        self.home(
            self.kernel.approved(
                *(
                    buy(name, name, depends=(names[n - 1],) if chain and n else ())
                    for n, name in enumerate(names)
                )
            )
        )
        self._work(troubles, blind)

    @rule(paused=st.sampled_from([False, False, True]))
    def pause(self, paused: bool) -> None:
        self.home(self.kernel.change(paused=paused))

    @rule()
    def pause_at_the_last_moment(self) -> None:
        self.shop.meanwhile.append(lambda: self.kernel.change(paused=True))

    @rule(
        by=st.sampled_from([LEASE / 2, LEASE * 2, timedelta(minutes=10)]),
        troubles=TROUBLES,
        blind=st.booleans(),
    )
    def work(self, by: timedelta, troubles: list[Any], blind: bool) -> None:
        self.clock.advance(by)
        self._work(troubles, blind)

    def _work(self, troubles: list[Any], blind: bool) -> None:
        """Two workers reach for each step that is due, at once, until they die."""
        self.shop.before = [_trouble(kind) for when, kind in troubles if when == "before"]
        self.shop.after = [_trouble(kind) for when, kind in troubles if when == "after"]
        self.shop.blind = blind

        async def both(step_id: str) -> list[Any]:
            return await asyncio.gather(
                *(worker.execute(step_id) for worker in self.workers), return_exceptions=True
            )

        # One step after the other, so that the same example always goes the same way.
        for step_id in self.home(self.kernel.due()):
            for ended in self.home(both(step_id)):
                assert ended is None or isinstance(ended, Crash), repr(ended)

    @rule(
        when=st.sampled_from(["before", "after"]),
        kind=st.sampled_from(["crash", "perhaps"]),
        again=st.booleans(),
        blind=st.booleans(),
    )
    def buy_and_lose_sight(self, when: str, kind: str, again: bool, blind: bool) -> None:
        """Nobody can tell whether it happened; the operator may want it again all the same."""
        self.buy(size=1, chain=False, troubles=[(when, kind)], blind=True)
        self.work(LEASE * 2, [], blind=True)
        if again:
            for run_id in {row.run_id for row in self._steps("unknown")}:
                self._retry(run_id)
            self._work([], blind)

    @precondition(lambda self: "unknown" in self.states)
    @rule(data=st.data())
    def say_that_it_happened(self, data: st.DataObject) -> None:
        self._vouch(data.draw(st.sampled_from(self._steps("unknown"))).id)

    def _vouch(self, step_id: str) -> None:
        async def vouch() -> None:
            async with self.home.database.write() as connection:
                await settle_unknown(connection, self.clock, self.kernel.director, step_id)

        async def twice() -> None:
            await asyncio.gather(vouch(), vouch())

        self.home(twice())
        self.vouched.add(step_id)

    @precondition(lambda self: self.states & {"unknown", "failed"})
    @rule(data=st.data(), troubles=TROUBLES, blind=st.booleans())
    def try_again(self, data: st.DataObject, troubles: list[Any], blind: bool) -> None:
        step = data.draw(st.sampled_from(self._steps("unknown", "failed")))
        self._retry(step.run_id)
        self._work(troubles, blind)

    def _retry(self, run_id: str) -> None:
        unclear = [row.id for row in self._steps("unknown") if row.run_id == run_id]

        async def twice() -> None:
            await asyncio.gather(self.kernel.retry(run_id), self.kernel.retry(run_id))

        self.home(twice())
        left = {row.id for row in self._steps("unknown")}
        self.wanted_again.update(each for each in unclear if each not in left)

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        rows = [row for row in self.home(self._read(run_table)) if row.state == "running"]
        if rows:
            self.home(self.kernel.cancel(data.draw(st.sampled_from(rows)).id))

    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        done = [
            row
            for row in self.home(self._read(effect))
            if row.state == "confirmed" and row.result and not row.reverses
        ]
        if done:
            token = data.draw(st.sampled_from(done)).token
            self.count += 1
            back = buy(f"back{self.count}", kind="compensate")
            self.home(self.kernel.approved(back.model_copy(update={"params": {"effect": token}})))

    @invariant()
    def each_effect_happens_once(self) -> None:
        async def read() -> tuple[list[Any], list[Any], list[Any]]:
            async with self.home.database.read() as connection:
                tables = (run_table, step_table, effect)
                runs, steps, effects = [
                    list((await connection.execute(select(table))).all()) for table in tables
                ]
                return runs, steps, effects

        runs, steps, effects = self.home(read())
        self.states = {step.state for step in steps}
        assert max(Counter(token for token, _ in self.shop.effects).values(), default=0) <= 1
        self._check_steps(steps)
        self._check_effects(effects, {step.id: step for step in steps})
        for run in runs:
            done = {step.state for step in steps if step.run_id == run.id} == {"done"}
            assert run.state != "done" or done
            assert not done or run.state in ("done", "cancelled", "failed")

    def _check_steps(self, steps: list[Any]) -> None:
        """Each happens once, unless the operator wants it again."""
        sold = Counter(self.shop.sold)
        for step in steps:
            if step.kind == "action":
                assert sold[step.key] <= 1 + self.wanted_again[step.id]
                if step.state == "done" and step.id not in self.vouched:
                    assert sold[step.key] >= 1

    def _check_effects(self, effects: list[Any], steps: dict[str, Any]) -> None:
        """What is confirmed has happened, and what was taken back stays so."""
        performed = {token for token, _ in self.shop.effects}
        for row in effects:
            step = steps[row.step_id]
            assert (step.state == "done") == (row.state in ("confirmed", "reversed"))
            assert row.state != "unknown" or step.state in ("unknown", "ready", "blocked")
            if row.state == "reversed":
                self.reversed.add(row.token)
                assert row.token in self.shop.returned
            if row.reverses and row.state == "confirmed":
                self.reversed.add(row.reverses)
            if row.state in ("confirmed", "reversed") and row.result:
                assert (row.reverses in self.shop.returned) or row.token in performed
        states = {row.token: row.state for row in effects}
        assert {states[token] for token in self.reversed} <= {"reversed"}

    def teardown(self) -> None:
        self._heal()

        async def sound() -> None:
            done = [entry.subject for entry in await self.kernel.journalled("step.done")]
            assert len(done) == len(set(done))
            async with self.home.database.read() as connection:
                assert (await audit.verify(connection)).broken is None

        self.home(sound())
        self.home.close()

    def _heal(self) -> None:
        """When nothing breaks any more, everything comes to an end."""
        self.shop.before.clear()
        self.shop.after.clear()
        self.shop.meanwhile.clear()
        self.shop.blind = False
        self.home(self.kernel.change(paused=False))
        for _ in range(3):
            self.clock.advance(timedelta(hours=1))
            self.home(self.kernel.work(rounds=20))
            for run_id in {row.run_id for row in self._steps("unknown", "failed")}:
                self._retry(run_id)
        for step in self._steps("unknown"):  # something of its run was taken back: no more tries
            self._vouch(step.id)
        assert not self._steps("ready", "running", "held", "waiting")
        assert {row.state for row in self.home(self._read(run_table))} <= {
            "done",
            "cancelled",
            "failed",  # where something of it was taken back
        }
        self.each_effect_happens_once()


def test_each_effect_happens_once_whatever_breaks(migrated_template: Path) -> None:
    Effects.template = migrated_template
    run_state_machine_as_test(
        Effects, settings=settings(max_examples=20, stateful_step_count=8, deadline=None)
    )
