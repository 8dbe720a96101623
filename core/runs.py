"""Runs and steps as read from the store."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.costs import Cost
from core.plans import Plan
from core.storage.schema import run, step

Results = dict[str, dict[str, Any]]
"""What steps gave, by their keys."""
StepState = Literal[
    "blocked",
    "asking",
    "held",
    "waiting",
    "ready",
    "running",
    "done",
    "failed",
    "cancelled",
    "unknown",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One plan being carried out. ``cost`` is what understanding its message cost."""

    id: str
    plan: Plan
    explanation: dict[str, Any]
    inbox_id: int | None
    cost: Cost
    state: str
    created_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One node of a run. ``attempts`` counts claims, so it also tells one claim from the next."""

    id: str
    run_id: str
    key: str
    kind: str
    action: str
    params: dict[str, Any]
    depends: tuple[str, ...]
    instead_of: str | None
    verdict: dict[str, Any] | None
    hold_seconds: int
    state: StepState
    result: dict[str, Any] | None = None
    error: str | None = None
    attempts: int = 0
    not_before: datetime | None = None

    @property
    def acts(self) -> bool:
        """Whether the run's outcome depends on it; a draft is only looked at."""
        return self.kind != "draft"


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        plan=Plan.model_validate(row.plan),
        explanation=row.explanation,
        inbox_id=row.inbox_id,
        cost=Cost(**row.cost),
        state=row.state,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )


def as_step(row: Row[Any]) -> Step:
    """A row of the table as a step."""
    return Step(
        id=row.id,
        run_id=row.run_id,
        key=row.key,
        kind=row.kind,
        action=row.action,
        params=row.params,
        depends=tuple(row.depends),
        instead_of=row.instead_of,
        verdict=row.verdict,
        hold_seconds=row.hold_seconds,
        result=row.result,
        error=row.error,
        attempts=row.attempts,
        not_before=row.not_before,
        state=row.state,
    )


async def store(
    connection: AsyncConnection, made: Run, steps: list[Step], *, replaces: str | None
) -> None:
    """Stores a new run with its steps."""
    await connection.execute(
        run.insert(),
        {
            "id": made.id,
            "intent": made.plan.intent,
            "title": made.plan.title,
            "plan": made.plan.model_dump(mode="json"),
            "request": made.plan.request,
            "explanation": made.explanation,
            "inbox_id": made.inbox_id,
            "replaces": replaces,
            "cost": {"micros": made.cost.micros, "unknown": made.cost.unknown},
            "state": made.state,
            "created_at": made.created_at,
        },
    )
    await connection.execute(
        step.insert(),
        [
            {
                "id": each.id,
                "run_id": made.id,
                "position": position,
                "key": each.key,
                "kind": each.kind,
                "action": each.action,
                "params": each.params,
                "depends": list(each.depends),
                "instead_of": each.instead_of,
                "verdict": each.verdict,
                "hold_seconds": each.hold_seconds,
                "state": each.state,
                "attempts": each.attempts,
            }
            for position, each in enumerate(steps)
        ],
    )


_RUN = select(run).where(run.c.id == bindparam("id"))
_STATE = select(run.c.state, run.c.ended_at).where(run.c.id == bindparam("id"))
_RESULTS = select(step.c.key, step.c.instead_of, step.c.result).where(
    step.c.run_id == bindparam("run_id"),
    step.c.state == "done",
    or_(
        step.c.key.in_(bindparam("keys", expanding=True)),
        step.c.instead_of.in_(bindparam("keys", expanding=True)),
    ),
)
_STEPS = select(step).where(step.c.run_id == bindparam("run_id")).order_by(step.c.position)
_STEP = select(step).where(step.c.id == bindparam("id"))


async def load(connection: AsyncConnection, run_id: str) -> Run | None:
    """One run, or None."""
    row = (await connection.execute(_RUN, {"id": run_id})).first()
    return _run(row) if row else None


async def as_it_is(connection: AsyncConnection, known: Run) -> Run | None:
    """A run that was read before, with its state as it is now."""
    row = (await connection.execute(_STATE, {"id": known.id})).first()
    return replace(known, state=row.state, ended_at=row.ended_at) if row else None


async def results(connection: AsyncConnection, run_id: str, keys: Collection[str]) -> Results:
    """What these steps of a run gave, by key; a fallback's result is that of what it stands for."""
    rows = await connection.execute(_RESULTS, {"run_id": run_id, "keys": list(keys)})
    given: Results = {}
    for row in rows:
        given.setdefault(row.instead_of or row.key, row.result or {})
        given.setdefault(row.key, row.result or {})
    return given


async def steps(connection: AsyncConnection, run_id: str) -> list[Step]:
    """The steps of a run, in the plan's order."""
    rows = await connection.execute(_STEPS, {"run_id": run_id})
    return [as_step(row) for row in rows]


async def load_step(connection: AsyncConnection, step_id: str) -> Step | None:
    """One step, or None."""
    row = (await connection.execute(_STEP, {"id": step_id})).first()
    return as_step(row) if row else None


async def since(connection: AsyncConnection, moment: datetime) -> list[Run]:
    """Runs that ended after ``moment``, newest first."""
    rows = await connection.execute(
        select(run).where(run.c.ended_at >= moment).order_by(run.c.ended_at.desc())
    )
    return [_run(row) for row in rows]


async def latest(connection: AsyncConnection, count: int = 1) -> list[Run]:
    """The runs that were started last, newest first."""
    rows = await connection.execute(select(run).order_by(run.c.id.desc()).limit(count))
    return [_run(row) for row in rows]


async def of_message(connection: AsyncConnection, inbox_id: int) -> Run | None:
    """The run that a message led to last, or None."""
    row = (
        await connection.execute(
            select(run).where(run.c.inbox_id == inbox_id).order_by(run.c.id.desc()).limit(1)
        )
    ).first()
    return _run(row) if row else None


async def active(connection: AsyncConnection) -> list[tuple[Run, list[Step]]]:
    """Runs that have not ended, oldest first, with their steps."""
    rows = await connection.execute(select(run).where(run.c.state == "running").order_by(run.c.id))
    return [(found, await steps(connection, found.id)) for found in map(_run, rows.all())]
