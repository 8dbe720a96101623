"""The course of one run: what of it moves on, how it ends, and how it is taken up again.

What comes next is computed from the stored steps alone: the same state always gives the same
next step.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core import approvals, journal, runs, waits
from core.clock import Clock
from core.plans import referred, resolve
from core.presenting import Presenter
from core.runs import Node, Place, Run, Step
from core.storage.prepared import Prepared
from core.storage.schema import effect
from core.storage.schema import run as run_table
from core.storage.schema import step as step_table
from core.walk import next_moves, set_free

_KEPT = 64
"""Runs whose plans a process keeps in mind, the ones it touched last."""
_OVER_BADLY = ("failed", "cancelled", "unknown")
_NOT_BEGUN = ("blocked", "asking", "held", "waiting", "ready")

_TAKEN_BACK = select(
    exists().where(
        effect.c.step_id == step_table.c.id,
        step_table.c.run_id == bindparam("run_id"),
        effect.c.state == "reversed",
    )
)
# Nobody saw how its last try ended: it may have happened, and is still to be looked for.
_UNSEEN = and_(
    step_table.c.worker.is_(None),
    exists().where(effect.c.step_id == step_table.c.id, effect.c.state == "sent"),
)
_UNCLEAR = exists().where(effect.c.step_id == step_table.c.id, effect.c.state == "unknown")
_READY = Prepared(
    update(step_table)
    .where(step_table.c.id == bindparam("step_id"), step_table.c.state == "blocked")
    .values(state="ready")
)


class Course:
    """Moves runs on, ends them and takes them up again, in the caller's write transaction."""

    def __init__(self, clock: Clock, presenter: Presenter) -> None:
        self._clock = clock
        self._presenter = presenter
        self._known: dict[str, Run] = {}
        self._places: dict[str, list[Place]] = {}
        self._set_free: dict[str, Mapping[str, Sequence[Node]]] = {}

    async def run(
        self, connection: AsyncConnection, run_id: str, *, state: str | None = None
    ) -> Run:
        """The run with its ``state`` as it is now; read where it isn't given.

        Raises LookupError where there is none.
        """
        # All of a run but its state stays as it was stored, and its plan is slow to read.
        known = self._known.pop(run_id, None)
        if known is None:
            found = await runs.load(connection, run_id)
        elif known.state == state == "running":
            found = known
        else:
            found = await runs.as_it_is(connection, known)
        if found is None:
            raise LookupError(run_id)
        self._known[run_id] = found
        if len(self._known) > _KEPT:
            longest = next(iter(self._known))
            del self._known[longest]
            self._places.pop(longest, None)
            self._set_free.pop(longest, None)
        return found

    async def go_on_after(self, connection: AsyncConnection, run: Run, done: Step) -> list[str]:
        """Moves on what waited for ``done``; returns the ids of steps that can go now."""
        freed = self._set_free.get(run.id, {}).get(done.key)
        if not freed:
            return await self.go_on(connection, run)
        ready: list[str] = []
        for node in freed:
            if await _READY.change(connection, step_id=node.id) != 1:
                # It was stopped meanwhile: everything has to be looked at.
                return ready + await self.go_on(connection, run)
            ready.append(node.id)
        await self._presenter.moved(connection, run)
        return ready

    async def go_on(
        self, connection: AsyncConnection, run: Run, steps: list[Step] | None = None
    ) -> list[str]:
        """Moves on what can be; returns the ids of steps that can go now."""
        moves = next_moves(steps or await self._now(connection, run.id))
        for step in moves.dropped:
            await self.move(connection, step, "cancelled")
        broken: list[Node] = []
        for node in moves.waits:
            try:
                at = await self._waits_until(connection, node)
            except (KeyError, ValueError):
                broken.append(node)
                await self.move(connection, node, "failed", error="It has no moment to wait for.")
            else:
                await self.move(connection, node, "waiting", not_before=at)
        for step in moves.held:
            ends = self._clock.now() + timedelta(seconds=step.hold_seconds)
            await self.move(connection, step, "held", not_before=ends)
        ready = [step.id for step in moves.ready]
        if ready:
            await _READY.each(connection, [{"step_id": step_id} for step_id in ready])
        if moves.over:
            if await self._end(connection, run.id, "done"):
                await self.tell_end(connection, run.id)
        elif moves.held or moves.begun:
            await self._presenter.moved(connection, run)
        for node in broken:
            ready += await self.failed(connection, run.id, node.key)
        return ready

    async def _now(self, connection: AsyncConnection, run_id: str) -> list[Place]:
        places = await runs.places(connection, run_id, self._places.get(run_id, ()))
        if run_id in self._known:
            self._places[run_id] = places
            if run_id not in self._set_free:
                self._set_free[run_id] = set_free(places)
        return places

    async def failed(self, connection: AsyncConnection, run_id: str, key: str) -> list[str]:
        """The step ``key`` failed for good: its fallback goes, or the run ends.

        Returns the ids of steps that can go now.
        """
        found = await self.run(connection, run_id)
        if found.state == "running":
            if ready := await self.go_on(connection, found):
                return ready
            if any(planned.instead_of == key for planned in found.plan.steps):
                return []
            await self.stop(connection, run_id, state="failed")
            await approvals.cancel_of_run(connection, self._clock, run_id)
        await self.tell_end(connection, run_id)
        return []

    async def move(
        self, connection: AsyncConnection, step: Node, state: str, **values: Any
    ) -> None:
        """Puts a step that nobody has in work into another state."""
        await connection.execute(
            update(step_table).where(step_table.c.id == step.id).values(state=state, **values)
        )
        await journal.append(
            connection,
            self._clock,
            kind=f"step.{state}",
            subject=step.id,
            data={"run": step.run_id, "key": step.key}
            | {
                name: value.isoformat() if isinstance(value, datetime) else value
                for name, value in values.items()
                if value is not None
            },
        )

    async def stop(self, connection: AsyncConnection, run_id: str, *, state: str) -> bool:
        """Ends a run: what has not begun never begins, what has begun comes to its end.

        False where the run had ended already.
        """
        if not await self._end(connection, run_id, state):
            return False
        not_begun = and_(step_table.c.run_id == run_id, step_table.c.state.in_(_NOT_BEGUN))
        # What was to be tried again, and was not, is as unclear as it was.
        await connection.execute(
            update(step_table).where(not_begun, _UNCLEAR).values(state="unknown")
        )
        await connection.execute(
            update(step_table).where(not_begun, ~_UNSEEN).values(state="cancelled")
        )
        return True

    async def retry(self, connection: AsyncConnection, run_id: str) -> list[str]:
        """Tries again what ended badly; returns ready step ids.

        Not where something of the run was taken back since: later steps rest on what is gone.
        Nor where it was never approved.
        """
        if await connection.scalar(_TAKEN_BACK, {"run_id": run_id}):
            return []
        asked = await approvals.of_run(connection, run_id)
        if asked and asked.state != "approved":
            return []
        await connection.execute(
            update(run_table)
            .where(run_table.c.id == run_id, run_table.c.state == "failed")
            .values(state="running", ended_at=None)
        )
        found = await self.run(connection, run_id)
        if found.state != "running":
            return []
        steps = await runs.steps(connection, run_id)
        stood_for = {step.instead_of for step in steps if step.state not in _OVER_BADLY}
        again = [
            step.id
            for step in steps
            if step.acts and step.state in _OVER_BADLY and step.key not in stood_for
        ]
        await connection.execute(
            update(step_table)
            .where(step_table.c.id.in_(again))
            # The claims go on being counted: one from before must not pass for the last one.
            .values(state="blocked", error=None, not_before=None, failing_since=None)
        )
        await journal.append(
            connection, self._clock, kind="run.retried", subject=run_id, actor="operator"
        )
        return await self.go_on(connection, found)

    async def tell_end(self, connection: AsyncConnection, run_id: str) -> None:
        """Tells the operator how a run ended."""
        await self._presenter.ended(
            connection,
            await self.run(connection, run_id),
            await runs.steps(connection, run_id),
        )

    async def tell_drafted(self, connection: AsyncConnection, run: Run, step: Step) -> None:
        """Shows how a draft step went, unless its run has ended."""
        if run.state == "running":
            fresh = await runs.load_step(connection, step.id)
            await self._presenter.drafted(connection, run, fresh or step)

    async def tell_held_up(
        self, connection: AsyncConnection, step: Step, again_at: datetime | None
    ) -> None:
        """Tells the operator of a step that is tried again at ``again_at``, or unclear."""
        fresh = await runs.load_step(connection, step.id)
        await self._presenter.held_up(
            connection, await self.run(connection, step.run_id), fresh or step, again_at
        )

    async def _end(self, connection: AsyncConnection, run_id: str, state: str) -> bool:
        result = await connection.execute(
            update(run_table)
            .where(run_table.c.id == run_id, run_table.c.state == "running")
            .values(state=state, ended_at=self._clock.now())
        )
        if result.rowcount == 1:
            await journal.append(connection, self._clock, kind=f"run.{state}", subject=run_id)
        return result.rowcount == 1

    async def _waits_until(self, connection: AsyncConnection, node: Node) -> datetime | None:
        step = await runs.load_step(connection, node.id)
        if step is None:
            raise LookupError(node.id)
        given = await runs.results(connection, step.run_id, referred(step.params))
        return waits.moment(resolve(step.params, given))
