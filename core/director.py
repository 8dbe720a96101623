"""The director: walks a run step by step, keeping all state in SQLite.

Every method takes the caller's write transaction, so that a state change, its journal entry and
what is said about it commit together. Redis only ever hears ids, afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core import approvals, hours, journal, leases, profile, runs, waits
from core.actions import Catalogue, Risk
from core.clock import Clock
from core.costs import Cost
from core.course import Course
from core.ids import new_id
from core.plans import Plan
from core.policy import PolicyBook
from core.presenting import Presenter
from core.runs import Run, Step
from core.storage.schema import run as run_table
from core.storage.schema import step as step_table
from core.verdicts import judge_plan

_UNDONE = {"deny": "denied", "shadow": "done"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A run that was stored; ``ready`` are the ids of steps that can go."""

    run_id: str
    approval_id: str | None
    ready: list[str]


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
        self._course = Course(clock, presenter)
        self._policy = policy
        self._inside = [action.name for action in catalogue if action.risk is Risk.INSIDE]

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
        show: bool = True,
    ) -> Started:
        """Stores the plan as a run, with a verdict on each effect.

        Where one effect has to be asked, all effects of the plan wait for that one approval;
        where one is denied or only recorded (shadow), none of them happens. Where nothing is asked,
        a plan that costs money or has several effects is shown as it begins. With ``batch_id``
        the approval is one of several that share a card, which the caller shows, as it does the
        only one without ``show``.
        """
        policy = await self._policy.refresh(connection)
        ids = {planned.key: new_id("stp") for planned in plan.steps}
        judged = await judge_plan(connection, self._clock, self._catalogue, policy, plan, ids)
        plan = plan.model_copy(update={"risk": self._risk(plan)})
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
                "risk": plan.risk,
                "verdict": judged.verdict,
                "policy": policy.version,
                **({"replaces": replaces} if replaces else {}),
                **({"undoes": plan.request["run"]} if "run" in plan.request else {}),
            },
        )
        if judged.verdict in ("deny", "shadow"):
            await self.stop(connection, run.id, state=_UNDONE[judged.verdict])
            await self._course.tell_end(connection, run.id)
            return Started(run_id=run.id, approval_id=None, ready=[])
        approval_id = None
        if judged.verdict == "ask":
            approval_id = await approvals.ask(
                connection, self._clock, run.id, steps, policy=policy.version, batch_id=batch_id
            )
            if show and batch_id is None:
                letter = await self._presenter.asked(connection, run, approval_id)
                await approvals.shown(connection, approval_id, letter)
        ready = await self._course.go_on(connection, run, steps)
        if judged.verdict == "auto" and _is_shown_first(plan):
            await self._presenter.moved(connection, run)
        return Started(run_id=run.id, approval_id=approval_id, ready=ready)

    def _risk(self, plan: Plan) -> str:
        """The highest risk of the plan's effects; empty where it has none."""
        acting = [step for step in plan.steps if step.kind in ("action", "compensate")]
        order = list(Risk)
        risks = [self._catalogue[step.action].risk for step in acting]
        return max(risks, key=order.index).value if risks else ""

    async def release(self, connection: AsyncConnection, run_id: str) -> list[str]:
        """Lets the effects of an approved run go; returns the ids of steps that can go now."""
        await connection.execute(
            update(step_table)
            .where(step_table.c.run_id == run_id, step_table.c.state == "asking")
            .values(state="blocked")
        )
        return await self._course.go_on(connection, await self._course.run(connection, run_id))

    async def stop(self, connection: AsyncConnection, run_id: str, *, state: str) -> bool:
        """Ends a run: what has not begun never begins, what has begun comes to its end.

        False where the run had ended already.
        """
        return await self._course.stop(connection, run_id, state=state)

    async def cancel(self, connection: AsyncConnection, run_id: str) -> bool:
        """The operator stops a run, its card too; False where it had ended already."""
        if not await self.stop(connection, run_id, state="cancelled"):
            return False
        await approvals.cancel_of_run(connection, self._clock, run_id)
        await self._course.tell_end(connection, run_id)
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
        return (await self._course.run(connection, step.run_id)).state == "running"

    async def refuses_now(self, connection: AsyncConnection, run_id: str) -> bool:
        """Whether policy's rules on the time of day are against what the run does, now."""
        found = await self._course.run(connection, run_id)
        return await hours.refused(connection, self._clock, self._catalogue, self._policy, found)

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
        state = await leases.settle(connection, self._clock, done, state="done", result=result)
        if state is None:
            return []
        found = await self._course.run(connection, done.run_id, state=state)
        if not done.acts:
            await self._course.tell_drafted(connection, found, done)
            return []
        if found.state != "running":  # it was stopped while this step was in work
            await self._course.tell_end(connection, found.id)
            return []
        return await self._course.go_on_after(connection, found, done)

    async def fail(self, connection: AsyncConnection, failed: Step, error: str) -> list[str] | None:
        """A step failed for good: its fallback goes, or the run ends.

        Returns the ids of steps that can go now; None where the step is not this worker's.
        """
        if not await leases.settle(connection, self._clock, failed, state="failed", error=error):
            return None
        if failed.acts:
            return await self._course.failed(connection, failed.run_id, failed.key)
        found = await self._course.run(connection, failed.run_id)
        await self._course.tell_drafted(connection, found, failed)
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
            await self._course.tell_held_up(connection, late, again_at)

    async def put_back(self, connection: AsyncConnection, early: Step) -> None:
        """The step's effect was called off: it is ready again, or ends with its run.

        A time in which nothing is tried doesn't count as failing.
        """
        if await self._ended_meanwhile(connection, early):
            return
        await leases.settle(connection, self._clock, early, state="ready", failing_since=None)

    async def _ended_meanwhile(self, connection: AsyncConnection, step: Step) -> bool:
        """Whether the run of a step in work has ended; the step then ends with it."""
        if (await self._course.run(connection, step.run_id)).state == "running":
            return False
        if await leases.settle(connection, self._clock, step, state="cancelled"):
            await self._course.tell_end(connection, step.run_id)
        return True

    async def leave_unknown(self, connection: AsyncConnection, step: Step, error: str) -> bool:
        """Nobody can tell whether the effect happened: the operator is asked, nothing is tried.

        False where the step is not this worker's any more.
        """
        if not await leases.settle(connection, self._clock, step, state="unknown", error=error):
            return False
        await self._course.tell_held_up(connection, step, None)
        return True

    async def retry(self, connection: AsyncConnection, run_id: str) -> list[str]:
        """The operator wants a failed or unclear run tried again; returns ready step ids.

        Not where something of it was taken back since: later steps rest on what is gone. Nor
        where it was never approved.
        """
        return await self._course.retry(connection, run_id)

    async def happened(
        self, connection: AsyncConnection, event: str, data: dict[str, Any]
    ) -> list[str]:
        """Tells waiting steps that ``event`` took place; returns ids of steps that can go now."""
        return await self._waited(connection, await waits.listening(connection, event), data)

    def any_due(self) -> ColumnElement[bool]:
        """Whether ``due`` would find anything, as a part of a query."""
        clock = self._clock
        return (
            exists()
            .select_from(step_table)
            .where(or_(leases.ready_now(clock), leases.left_behind(clock), waits.over(clock)))
        )

    async def due(self, connection: AsyncConnection) -> list[str]:
        """Steps that should be running but are not: due, or left behind by a dead worker."""
        await leases.take_over(connection, self._clock)
        for step in await waits.ended(connection, self._clock):
            if step.state == "held":
                await self._course.move(connection, step, "ready", not_before=None)
            else:
                timed_out = {"timed_out": True} if "event" in step.params else {}
                await self._waited(connection, [step], timed_out)
        return await leases.ready(connection, self._clock)

    async def _waited(
        self, connection: AsyncConnection, steps: list[Step], result: dict[str, Any]
    ) -> list[str]:
        ready: list[str] = []
        for step in steps:
            if taken := await waits.take(connection, step):
                ready += await self.complete(connection, taken, result)
        return ready


def _is_shown_first(plan: Plan) -> bool:
    """Whether a plan that nobody is asked about is shown before any of it happens."""
    acting = [step for step in plan.steps if step.kind in ("action", "compensate")]
    return len(acting) > 1 or plan.price > 0 or plan.risk == Risk.MONEY


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
