"""Runs and steps as read from the store."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.money import Money
from core.plans import Plan
from core.storage.schema import run, step

StepState = Literal[
    "blocked", "asking", "ready", "running", "done", "failed", "cancelled", "unknown"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One plan being carried out."""

    id: str
    plan: Plan
    explanation: dict[str, Any]
    inbox_id: int | None
    cost: Money
    state: str
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One node of a run."""

    id: str
    run_id: str
    key: str
    kind: str
    action: str
    params: dict[str, Any]
    depends: tuple[str, ...]
    verdict: dict[str, Any] | None
    result: dict[str, Any] | None
    error: str | None
    attempts: int
    state: StepState


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        plan=Plan.model_validate(row.plan),
        explanation=row.explanation,
        inbox_id=row.inbox_id,
        cost=Money(row.cost_minor, row.cost_currency),
        state=row.state,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )


def _step(row: Row[Any]) -> Step:
    return Step(
        id=row.id,
        run_id=row.run_id,
        key=row.key,
        kind=row.kind,
        action=row.action,
        params=row.params,
        depends=tuple(row.depends),
        verdict=row.verdict,
        result=row.result,
        error=row.error,
        attempts=row.attempts,
        state=row.state,
    )


async def load(connection: AsyncConnection, run_id: str) -> Run | None:
    """One run, or None."""
    row = (await connection.execute(select(run).where(run.c.id == run_id))).first()
    return _run(row) if row else None


async def steps(connection: AsyncConnection, run_id: str) -> list[Step]:
    """The steps of a run, in the plan's order."""
    rows = await connection.execute(
        select(step).where(step.c.run_id == run_id).order_by(step.c.position)
    )
    return [_step(row) for row in rows]


async def load_step(connection: AsyncConnection, step_id: str) -> Step | None:
    """One step, or None."""
    row = (await connection.execute(select(step).where(step.c.id == step_id))).first()
    return _step(row) if row else None


async def since(connection: AsyncConnection, moment: datetime) -> list[Run]:
    """Runs that ended after ``moment``, newest first."""
    rows = await connection.execute(
        select(run).where(run.c.ended_at >= moment).order_by(run.c.ended_at.desc())
    )
    return [_run(row) for row in rows]


async def latest(connection: AsyncConnection) -> Run | None:
    """The run that was started last, or None."""
    row = (await connection.execute(select(run).order_by(run.c.id.desc()).limit(1))).first()
    return _run(row) if row else None


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
