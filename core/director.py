"""The director: walks a run step by step, keeping all state in SQLite.

Every method takes the caller's write transaction, so that a state change, its journal entry and
what is said about it commit together. Redis only ever hears ids, afterwards. What comes next is
computed from the stored steps alone: the same state always gives the same next step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core import approvals, journal, leases, profile, runs
from core.actions import Catalogue, Risk
from core.clock import Clock
from core.costs import Cost
from core.ids import new_id
from core.plans import Plan, referred, resolve
from core.policy import PolicyBook
from core.presenting import Presenter
from core.runs import Node, Run, Step
from core.storage.prepared import Prepared
from core.storage.schema import effect
from core.storage.schema import run as run_table
from core.storage.schema import step as step_table
from core.verdicts import judge_plan
from core.walk import next_moves

_KEPT = 64
"""Runs whose plans a process keeps in mind, the ones it touched last."""
_UNDONE = {"deny": "denied", "shadow": "done"}
_OVER_BADLY = ("failed", "cancelled", "unknown")
_NOT_BEGUN = ("blocked", "asking", "held", "waiting", "ready")


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A run that was stored; ``ready`` are the ids of steps that can go."""

    run_id: str
    approval_id: str | None
    ready: list[str]


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
    exists().where(effect.c.step_id == step_table.c.id, effect.c.state == "intended"),
)
_READY = Prepared(
    update(step_table).where(step_table.c.id == bindparam("step_id")).values(state="ready")
)


class Director:
    """Starts runs and moves them on."""

    def __init__(
        self,
        clock: Clock,
        catalogue: Catalogue,
        presenter: Presenter,
        policy: PolicyBook,
    ) -> None:
        self._clock = clock
        self._catalogue = catalogue
        self._presenter = presenter
        self._policy = policy
        self._inside = [action.name for action in catalogue if action.risk is Risk.INSIDE]
        self._known: dict[str, Run] = {}

    async def start(
        self,
        connection: AsyncConnection,
        plan: Plan,
        *,
        explanation: dict[str, Any],
        cost: Cost,
        inbox_id: int | None = None,
        replaces: str | None = None,
        batch_id: str | None = None,
    ) -> Started:
        """Stores the plan as a run, with a verdict on each effect.

        Where one effect has to be asked, all effects of the plan wait for that one approval;
        where one is denied or only recorded (shadow), none of them happens. With ``batch_id``
        the approval is one of several that share a card, which the caller shows.
        """
        policy = await self._policy.refresh(connection)
        ids = {planned.key: new_id("stp") for planned in plan.steps}
        judged = await judge_plan(connection, self._clock, self._catalogue, policy, plan, ids)
        run = Run(
            id=new_id("run"),
            plan=plan,
            explanation=explanation,
            inbox_id=inbox_id,
            cost=cost,
            state="running",
            created_at=self._clock.now(),
        )
        steps = [
            Step(
                id=ids[planned.key],
                run_id=run.id,
                key=planned.key,
                kind=planned.kind,
                action=planned.action,
                params=planned.params,
                depends=planned.depends,
                instead_of=planned.instead_of,
                verdict={"verdict": ruling.verdict, "rules": list(ruling.rules)}
                if ruling
                else None,
                hold_seconds=judged.holds.get(planned.key, 0),
                state="asking" if ruling and judged.verdict == "ask" else "blocked",
            )
            for planned in plan.steps
            for ruling in (judged.of.get(planned.key),)
        ]
        await runs.store(connection, run, steps, replaces=replaces)
        await journal.append(
            connection,
            self._clock,
            kind="run.started",
            subject=run.id,
            data={
                "intent": plan.intent,
                "title": plan.title,
                "message": inbox_id,
                "steps": ids,
                "verdict": judged.verdict,
                "policy": policy.version,
                **({"replaces": replaces} if replaces else {}),
                **({"undoes": plan.request["run"]} if "run" in plan.request else {}),
            },
        )
        if judged.verdict in ("deny", "shadow"):
            await self.stop(connection, run.id, state=_UNDONE[judged.verdict])
            await self._tell_end(connection, run.id)
            return Started(run_id=run.id, approval_id=None, ready=[])
        approval_id = None
        if judged.verdict == "ask":
            approval_id = await approvals.ask(
                connection, self._clock, run.id, steps, policy=policy.version, batch_id=batch_id
            )
            if batch_id is None:
                letter = await self._presenter.asked(connection, run, approval_id)
                await approvals.shown(connection, approval_id, letter)
        return Started(
            run_id=run.id,
            approval_id=approval_id,
            ready=await self._go_on(connection, run, steps),
        )

    async def release(self, connection: AsyncConnection, run_id: str) -> list[str]:
        """Lets the effects of an approved run go; returns the ids of steps that can go now."""
        await connection.execute(
            update(step_table)
            .where(step_table.c.run_id == run_id, step_table.c.state == "asking")
            .values(state="blocked")
        )
        return await self._go_on(connection, await self._run(connection, run_id))

    async def stop(self, connection: AsyncConnection, run_id: str, *, state: str) -> bool:
        """Ends a run: what has not begun never begins, what has begun comes to its end.

        False where the run had ended already.
        """
        if not await self._end(connection, run_id, state):
            return False
        await connection.execute(
            update(step_table)
            .where(
                step_table.c.run_id == run_id,
                step_table.c.state.in_(_NOT_BEGUN),
                ~_UNSEEN,
            )
            .values(state="cancelled")
        )
        return True

    async def cancel(self, connection: AsyncConnection, run_id: str) -> bool:
        """The operator stops a run, its card too; False where it had ended already."""
        if not await self.stop(connection, run_id, state="cancelled"):
            return False
        await approvals.cancel_of_run(connection, self._clock, run_id)
        await self._tell_end(connection, run_id)
        return True

    async def claim(self, connection: AsyncConnection, step_id: str, worker: str) -> Step | None:
        """Takes a ready step for this worker; None where it isn't ready, or all is paused.

        What stays in the house, such as a reminder or a draft, a pause does not hold back.
        """
        paused = (await profile.load(connection)).paused
        inside = self._inside if paused else None
        return await leases.claim(connection, self._clock, step_id, worker, inside=inside)

    async def goes_on(self, connection: AsyncConnection, step: Step) -> bool:
        """Whether the step's run has not ended."""
        return (await self._run(connection, step.run_id)).state == "running"

    def stays_in_the_house(self, step: Step) -> bool:
        """Whether a pause lets this step go on."""
        if step.kind in ("draft", "agent"):
            return True
        return self._catalogue[step.action].risk is Risk.INSIDE

    async def renew(self, connection: AsyncConnection, worker: str) -> None:
        """Keeps this worker's claims alive for another lease."""
        await leases.renew(connection, self._clock, worker)

    async def complete(
        self, connection: AsyncConnection, done: Step, result: dict[str, Any]
    ) -> list[str]:
        """Checkpoints a step's result; returns the ids of steps that can go now."""
        if not await leases.settle(connection, self._clock, done, state="done", result=result):
            return []
        found = await self._run(connection, done.run_id)
        if not done.acts:
            if found.state == "running":
                step = await runs.load_step(connection, done.id)
                await self._presenter.drafted(connection, found, step or done)
            return []
        if found.state != "running":  # it was stopped while this step was in work
            await self._tell_end(connection, found.id)
            return []
        return await self._go_on(connection, found)

    async def fail(self, connection: AsyncConnection, failed: Step, error: str) -> list[str] | None:
        """A step failed for good: its fallback goes, or the run ends.

        Returns the ids of steps that can go now; None where the step is not this worker's.
        """
        if not await leases.settle(connection, self._clock, failed, state="failed", error=error):
            return None
        found = await self._run(connection, failed.run_id)
        if not failed.acts:
            if found.state == "running":
                step = await runs.load_step(connection, failed.id)
                await self._presenter.drafted(connection, found, step or failed)
            return []
        if found.state == "running":
            if ready := await self._go_on(connection, found):
                return ready
            if any(planned.instead_of == failed.key for planned in found.plan.steps):
                return []
            await self.stop(connection, failed.run_id, state="failed")
            await approvals.cancel_of_run(connection, self._clock, failed.run_id)
        await self._tell_end(connection, failed.run_id)
        return []

    async def postpone(
        self,
        connection: AsyncConnection,
        late: Step,
        error: str,
        again_at: datetime,
        *,
        begun: bool = False,
    ) -> None:
        """A step failed for now and is tried again at ``again_at``, unless its run has ended.

        With ``begun`` it goes on all the same: what it began earlier is still to be found out.
        """
        if not begun and await self._ended_meanwhile(connection, late):
            return
        if await leases.settle(
            connection,
            self._clock,
            late,
            state="ready",
            error=error,
            not_before=again_at,
            failing_since=late.failing_since or self._clock.now(),
            **({"worker": None} if begun else {}),
        ):
            await self._tell_held_up(connection, late, again_at)

    async def put_back(self, connection: AsyncConnection, early: Step) -> None:
        """The step's effect was called off: it is ready again, or ends with its run.

        A time in which nothing is tried doesn't count as failing.
        """
        if await self._ended_meanwhile(connection, early):
            return
        await leases.settle(connection, self._clock, early, state="ready", failing_since=None)

    async def _ended_meanwhile(self, connection: AsyncConnection, step: Step) -> bool:
        """Whether the run of a step in work has ended; the step then ends with it."""
        if (await self._run(connection, step.run_id)).state == "running":
            return False
        if await leases.settle(connection, self._clock, step, state="cancelled"):
            await self._tell_end(connection, step.run_id)
        return True

    async def leave_unknown(self, connection: AsyncConnection, step: Step, error: str) -> bool:
        """Nobody can tell whether the effect happened: the operator is asked, nothing is tried.

        False where the step is not this worker's any more.
        """
        if not await leases.settle(connection, self._clock, step, state="unknown", error=error):
            return False
        await self._tell_held_up(connection, step, None)
        return True

    async def retry(self, connection: AsyncConnection, run_id: str) -> list[str]:
        """The operator wants a failed or unclear run tried again; returns ready step ids.

        Not where something of it was taken back since: later steps rest on what is gone. Nor
        where it was never approved.
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
        found = await self._run(connection, run_id)
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
        return await self._go_on(connection, found)

    async def happened(
        self, connection: AsyncConnection, event: str, data: dict[str, Any]
    ) -> list[str]:
        """Tells waiting steps that ``event`` took place; returns ids of steps that can go now."""
        rows = await connection.execute(
            select(step_table).where(
                step_table.c.state == "waiting",
                step_table.c.params["event"].as_string() == event,
            )
        )
        return await self._waited(connection, [runs.as_step(row) for row in rows], data)

    def any_due(self) -> ColumnElement[bool]:
        """Whether ``due`` would find anything, as a part of a query."""
        clock = self._clock
        return (
            exists()
            .select_from(step_table)
            .where(or_(leases.ready_now(clock), leases.left_behind(clock), leases.over(clock)))
        )

    async def due(self, connection: AsyncConnection) -> list[str]:
        """Steps that should be running but are not: due, or left behind by a dead worker."""
        await leases.take_over(connection, self._clock)
        rows = await connection.execute(select(step_table).where(leases.over(self._clock)))
        late = [runs.as_step(row) for row in rows]
        for step in late:
            if step.state == "held":
                await self._move(connection, step, "ready", not_before=None)
            else:
                timed_out = {"timed_out": True} if "event" in step.params else {}
                await self._waited(connection, [step], timed_out)
        return await leases.ready(connection, self._clock)

    async def _waited(
        self, connection: AsyncConnection, steps: list[Step], result: dict[str, Any]
    ) -> list[str]:
        ready: list[str] = []
        for step in steps:
            taken = await connection.execute(
                update(step_table)
                .where(step_table.c.id == step.id, step_table.c.state == "waiting")
                .values(state="running", attempts=step.attempts + 1, not_before=None)
                .returning(step_table)
            )
            if row := taken.first():
                ready += await self.complete(connection, runs.as_step(row), result)
        return ready

    async def _go_on(
        self, connection: AsyncConnection, run: Run, steps: list[Step] | None = None
    ) -> list[str]:
        """Moves on what can be; returns the ids of steps that can go now."""
        moves = next_moves(steps or await runs.nodes(connection, run.id))
        for step in moves.dropped:
            await self._move(connection, step, "cancelled")
        for node in moves.waits:
            step = await self._step(connection, node.id)
            given = await runs.results(connection, run.id, referred(step.params))
            params = resolve(step.params, given)
            until = params.get("until") or params.get("timeout")
            at = datetime.fromisoformat(until) if until else None
            await self._move(connection, step, "waiting", not_before=at)
        for step in moves.held:
            ends = self._clock.now() + timedelta(seconds=step.hold_seconds)
            await self._move(connection, step, "held", not_before=ends)
        ready = [step.id for step in moves.ready]
        if ready:
            await _READY.each(connection, [{"step_id": step_id} for step_id in ready])
        if moves.over:
            if await self._end(connection, run.id, "done"):
                await self._tell_end(connection, run.id)
        elif moves.held or moves.begun:
            await self._presenter.moved(connection, run)
        return ready

    async def _move(
        self, connection: AsyncConnection, step: Node, state: str, **values: Any
    ) -> None:
        await connection.execute(
            update(step_table).where(step_table.c.id == step.id).values(state=state, **values)
        )
        await journal.append(
            connection,
            self._clock,
            kind=f"step.{state}",
            subject=step.id,
            data={"run": step.run_id, "key": step.key}
            | {k: v.isoformat() for k, v in values.items() if v is not None},
        )

    async def _tell_end(self, connection: AsyncConnection, run_id: str) -> None:
        await self._presenter.ended(
            connection,
            await self._run(connection, run_id),
            await runs.steps(connection, run_id),
        )

    async def _tell_held_up(
        self, connection: AsyncConnection, step: Step, again_at: datetime | None
    ) -> None:
        fresh = await runs.load_step(connection, step.id)
        await self._presenter.held_up(
            connection, await self._run(connection, step.run_id), fresh or step, again_at
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

    async def _step(self, connection: AsyncConnection, step_id: str) -> Step:
        found = await runs.load_step(connection, step_id)
        if found is None:
            raise LookupError(step_id)
        return found

    async def _run(self, connection: AsyncConnection, run_id: str) -> Run:
        # All of a run but its state stays as it was stored, and its plan is slow to read.
        known = self._known.pop(run_id, None)
        found = await (runs.as_it_is(connection, known) if known else runs.load(connection, run_id))
        if found is None:
            raise LookupError(run_id)
        self._known[run_id] = found
        if len(self._known) > _KEPT:
            del self._known[next(iter(self._known))]
        return found


async def count(connection: AsyncConnection, states: Sequence[str]) -> int:
    """How many effect steps of unfinished runs are in one of these states."""
    return (
        await connection.scalar(
            select(func.count())
            .select_from(step_table.join(run_table))
            .where(
                step_table.c.state.in_(states),
                step_table.c.kind != "draft",
                run_table.c.state == "running",
            )
        )
        or 0
    )
