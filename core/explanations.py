"""Explanations: what led to the output of an agent, kept as it was when it thought."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import false, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.costs import Cost
from core.ids import new_id
from core.storage.schema import explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One thought of an agent.

    ``prompt`` is what it was given, ``materials`` name what it could read: their ids, kinds and
    trust. ``troubles`` say why no better model thought. ``seconds`` is how long it took.
    """

    agent: str
    version: str
    tier: str
    model: str
    prompt: str
    materials: tuple[dict[str, str], ...]
    output: dict[str, Any]
    rationale: str
    troubles: tuple[str, ...]
    tokens: int
    cost: Cost
    seconds: float


async def keep(
    connection: AsyncConnection,
    clock: Clock,
    thoughts: Iterable[Explanation],
    *,
    inbox_id: int | None = None,
    step_id: str | None = None,
) -> None:
    """Keeps what was thought for a message or in a step, in the caller's transaction."""
    rows = [
        {
            "id": new_id("exp"),
            "inbox_id": inbox_id,
            "step_id": step_id,
            "agent": thought.agent,
            "version": thought.version,
            "tier": thought.tier,
            "model": thought.model,
            "prompt": thought.prompt,
            "materials": list(thought.materials),
            "output": thought.output,
            "rationale": thought.rationale,
            "troubles": list(thought.troubles),
            "tokens": thought.tokens,
            "micros": thought.cost.micros,
            "unknown": thought.cost.unknown,
            "ms": round(thought.seconds * 1000),
            "at": clock.now(),
        }
        for thought in thoughts
    ]
    if rows:
        await connection.execute(explanation.insert(), rows)


async def of(
    connection: AsyncConnection, *, inbox_id: int | None, step_ids: Iterable[str] = ()
) -> list[Explanation]:
    """What was thought for a message and in these steps, in order."""
    of_message = false() if inbox_id is None else explanation.c.inbox_id == inbox_id
    meant = or_(of_message, explanation.c.step_id.in_(list(step_ids)))
    rows = await connection.execute(
        select(explanation).where(meant).order_by(explanation.c.at, explanation.c.id)
    )
    return [
        Explanation(
            agent=row.agent,
            version=row.version,
            tier=row.tier,
            model=row.model,
            prompt=row.prompt,
            materials=tuple(row.materials),
            output=row.output,
            rationale=row.rationale,
            troubles=tuple(row.troubles),
            tokens=row.tokens,
            cost=Cost(row.micros, row.unknown),
            seconds=row.ms / 1000,
        )
        for row in rows
    ]
