"""The director: walks a run step by step, keeping all state in SQLite.

Every method takes the caller's write transaction, so that a state change, its journal entry and
what is said about it commit together. Redis only ever hears ids, afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core import approvals, journal, policy, profile, runs
from core.actions import Catalogue, Risk
from core.clock import Clock
from core.ids import new_id
from core.money import Money
from core.plans import Plan
from core.runs import Run, Step
from core.storage.schema import run as run_table
from core.storage.schema import step as step_table

LEASE = timedelta(seconds=4)
"""How long a step belongs to a worker that no longer renews its claim."""


class Presenter(Protocol):
    """Tells the operator what happened, inside the transaction in which it happened."""

    async def asked(self, connection: AsyncConnection, run: Run, approval_id: str) -> int:
        """Puts the approval card into the outbox; returns the letter's id."""
        ...

    async def drafted(self, connection: AsyncConnection, run: Run, step: Step) -> None:
        """Shows what a draft step prepared."""
        ...

    async def ended(self, connection: AsyncConnection, run: Run, steps: list[Step]) -> None:
        """Tells the outcome of a run that is done or failed."""
        ...

    async def held_up(
        self, connection: AsyncConnection, run: Run, step: Step, again_at: datetime | None
    ) -> None:
        """A step could not be done: tried again at ``again_at``, or, with None, unclear."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A run that was stored; ``ready`` are the ids of steps that can go."""

    run_id: str
    approval_id: str | None
    ready: list[str]


class Director:
    """Starts runs and moves them on."""

    def __init__(self, clock: Clock, catalogue: Catalogue, presenter: Presenter) -> None:
        self._clock = clock
        self._catalogue = catalogue
        self._presenter = presenter

    async def start(
        self,
        connection: AsyncConnection,
        plan: Plan,
        *,
        explanation: dict[str, Any],
        cost: Money,
        inbox_id: int | None = None,
        replaces: str | None = None,
    ) -> Started:
        """Stores the plan as a run, with a verdict on each effect.

        Where one effect has to be asked, all effects of the plan wait for that one approval.
        """
        run_id = new_id("run")
        await connection.execute(
            run_table.insert().values(
                id=run_id,
                intent=plan.intent,
                title=plan.title,
                plan=plan.model_dump(mode="json"),
                request=plan.request,
                explanation=explanation,
                inbox_id=inbox_id,
                replaces=replaces,
                cost_minor=cost.minor,
                cost_currency=cost.currency,
                state="running",
                created_at=self._clock.now(),
            )
        )
        rulings = {
            planned.key: policy.judge(self._catalogue[planned.action], origins=plan.origins)
            for planned in plan.steps
            if planned.kind != "draft"
        }
        asks = any(ruling.verdict == "ask" for ruling in rulings.values())
        ready: list[str] = []
        for position, planned in enumerate(plan.steps):
            ruling = rulings.get(planned.key)
            step_id = new_id("stp")
            if ruling and asks:
                state = "asking"
            elif planned.depends:
                state = "blocked"
            else:
                state = "ready"
                ready.append(step_id)
            await connection.execute(
                step_table.insert().values(
                    id=step_id,
                    run_id=run_id,
                    position=position,
                    key=planned.key,
                    kind=planned.kind,
                    action=planned.action,
                    params=planned.params,
                    depends=list(planned.depends),
                    verdict={"verdict": ruling.verdict, "rules": ruling.rules} if ruling else None,
                    state=state,
                    attempts=0,
                )
            )
        await journal.append(
            connection,
            self._clock,
            kind="run.started",
            subject=run_id,
            data={"intent": plan.intent, "title": plan.title, "message": inbox_id},
        )
        approval_id = None
        if asks:
            approval_id = await approvals.ask(connection, self._clock, run_id)
            found = await self._run(connection, run_id)
            letter = await self._presenter.asked(connection, found, approval_id)
            await approvals.shown(connection, approval_id, letter)
        return Started(run_id=run_id, approval_id=approval_id, ready=ready)

    async def release(self, connection: AsyncConnection, run_id: str) -> list[str]:
        """Lets the effects of an approved run go; returns the ids of steps that can go now."""
        await connection.execute(
            update(step_table)
            .where(step_table.c.run_id == run_id, step_table.c.state == "asking")
            .values(state="blocked")
        )
        return await self._unblock(connection, run_id)

    async def stop(self, connection: AsyncConnection, run_id: str, *, state: str) -> bool:
        """Ends a run whose effects have not begun. ``state``: rejected, replaced or cancelled.

        False where the run had ended already.
        """
        if not await self._end(connection, run_id, state):
            return False
        await connection.execute(
            update(step_table)
            .where(
                step_table.c.run_id == run_id,
                step_table.c.state.in_(("blocked", "asking", "ready")),
            )
            .values(state="cancelled")
        )
        return True

    async def claim(self, connection: AsyncConnection, step_id: str, worker: str) -> Step | None:
        """Takes a ready step for this worker; None where it isn't ready, or all is paused.

        What stays in the house, such as a reminder or a draft, a pause does not hold back.
        """
        paused = (await profile.load(connection)).paused
        claimed = await connection.execute(
            update(step_table)
            .where(
                step_table.c.id == step_id,
                self._ready_now(),
                self._allowed_in_a_pause() if paused else true(),
            )
            .values(
                state="running",
                worker=worker,
                lease_until=self._clock.now() + LEASE,
                attempts=step_table.c.attempts + 1,
            )
        )
        return await runs.load_step(connection, step_id) if claimed.rowcount == 1 else None

    def _allowed_in_a_pause(self) -> ColumnElement[bool]:
        inside = [action.name for action in self._catalogue if action.risk is Risk.INSIDE]
        return or_(step_table.c.kind == "draft", step_table.c.action.in_(inside))

    async def renew(self, connection: AsyncConnection, worker: str) -> None:
        """Keeps this worker's claims alive for another lease."""
        await connection.execute(
            update(step_table)
            .where(step_table.c.state == "running", step_table.c.worker == worker)
            .values(lease_until=self._clock.now() + LEASE)
        )

    async def complete(
        self, connection: AsyncConnection, done: Step, result: dict[str, Any]
    ) -> list[str]:
        """Checkpoints a step's result; returns the ids of steps that can go now."""
        if not await self._settle(connection, done, state="done", result=result):
            return []
        found = await self._run(connection, done.run_id)
        if done.kind == "draft":
            if found.state == "running":
                step = await runs.load_step(connection, done.id)
                await self._presenter.drafted(connection, found, step or done)
            return []
        ready = await self._unblock(connection, done.run_id)
        steps = await runs.steps(connection, done.run_id)
        effects = [step for step in steps if step.kind != "draft"]
        if all(step.state == "done" for step in effects) and await self._end(
            connection, found.id, "done"
        ):
            await self._presenter.ended(connection, await self._run(connection, found.id), steps)
        return ready

    async def fail(self, connection: AsyncConnection, failed: Step, error: str) -> bool:
        """A step failed for good: the run ends, the steps after it are not done.

        False where the step is not this worker's any more.
        """
        if not await self._settle(connection, failed, state="failed", error=error):
            return False
        if failed.kind == "draft":
            return True  # nothing depends on a preview
        if await self.stop(connection, failed.run_id, state="failed"):
            await self._presenter.ended(
                connection,
                await self._run(connection, failed.run_id),
                await runs.steps(connection, failed.run_id),
            )
        return True

    async def postpone(
        self, connection: AsyncConnection, late: Step, error: str, again_at: datetime
    ) -> None:
        """A step failed for now and is tried again at ``again_at``."""
        if await self._settle(connection, late, state="ready", error=error, not_before=again_at):
            await self._tell_held_up(connection, late, again_at)

    async def leave_unknown(self, connection: AsyncConnection, step: Step, error: str) -> bool:
        """Nobody can tell whether the effect happened: the operator is asked, nothing is tried.

        False where the step is not this worker's any more.
        """
        if not await self._settle(connection, step, state="unknown", error=error):
            return False
        await self._tell_held_up(connection, step, None)
        return True

    async def retry(self, connection: AsyncConnection, run_id: str) -> list[str]:
        """The operator wants a failed or unclear run tried again; returns ready step ids."""
        await connection.execute(
            update(run_table)
            .where(run_table.c.id == run_id, run_table.c.state == "failed")
            .values(state="running", ended_at=None)
        )
        found = await self._run(connection, run_id)
        if found.state != "running":
            return []
        await connection.execute(
            update(step_table)
            .where(
                step_table.c.run_id == run_id,
                step_table.c.kind != "draft",
                step_table.c.state.in_(("failed", "cancelled", "unknown")),
            )
            .values(state="blocked", error=None, not_before=None, attempts=0)
        )
        await journal.append(
            connection, self._clock, kind="run.retried", subject=run_id, actor="operator"
        )
        return await self._unblock(connection, run_id)

    def any_due(self) -> ColumnElement[bool]:
        """Whether ``due`` would find anything, as a part of a query."""
        return exists().select_from(step_table).where(or_(self._ready_now(), self._left_behind()))

    async def due(self, connection: AsyncConnection) -> list[str]:
        """Steps that should be running but are not: due, or left behind by a dead worker."""
        await connection.execute(
            update(step_table).where(self._left_behind()).values(state="ready", worker=None)
        )
        rows = await connection.execute(select(step_table.c.id).where(self._ready_now()))
        return list(rows.scalars())

    def _ready_now(self) -> ColumnElement[bool]:
        return and_(
            step_table.c.state == "ready",
            or_(step_table.c.not_before.is_(None), step_table.c.not_before <= self._clock.now()),
        )

    def _left_behind(self) -> ColumnElement[bool]:
        return and_(step_table.c.state == "running", step_table.c.lease_until < self._clock.now())

    async def _tell_held_up(
        self, connection: AsyncConnection, step: Step, again_at: datetime | None
    ) -> None:
        fresh = await runs.load_step(connection, step.id)
        await self._presenter.held_up(
            connection, await self._run(connection, step.run_id), fresh or step, again_at
        )

    async def _settle(self, connection: AsyncConnection, step: Step, **values: Any) -> bool:
        # A worker that lost its lease while it worked finds the step settled, or claimed anew:
        # each claim counts one attempt.
        result = await connection.execute(
            update(step_table)
            .where(
                step_table.c.id == step.id,
                step_table.c.state == "running",
                step_table.c.attempts == step.attempts,
            )
            .values(lease_until=None, **values)
        )
        if result.rowcount == 1:
            await journal.append(
                connection,
                self._clock,
                kind=f"step.{values['state']}",
                subject=step.id,
                data={k: values[k] for k in ("result", "error") if values.get(k)},
            )
        return result.rowcount == 1

    async def _end(self, connection: AsyncConnection, run_id: str, state: str) -> bool:
        result = await connection.execute(
            update(run_table)
            .where(run_table.c.id == run_id, run_table.c.state == "running")
            .values(state=state, ended_at=self._clock.now())
        )
        if result.rowcount == 1:
            await journal.append(connection, self._clock, kind=f"run.{state}", subject=run_id)
        return result.rowcount == 1

    async def _unblock(self, connection: AsyncConnection, run_id: str) -> list[str]:
        steps = await runs.steps(connection, run_id)
        done = {step.key for step in steps if step.state == "done"}
        ready = [
            step.id for step in steps if step.state == "blocked" and done.issuperset(step.depends)
        ]
        if ready:
            await connection.execute(
                update(step_table).where(step_table.c.id.in_(ready)).values(state="ready")
            )
        return ready

    async def _run(self, connection: AsyncConnection, run_id: str) -> Run:
        found = await runs.load(connection, run_id)
        if found is None:
            raise LookupError(run_id)
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
