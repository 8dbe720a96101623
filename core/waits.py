"""Steps that wait: for an event, for a moment, or for the end of their hold window."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.runs import Step, as_step
from core.storage.schema import step


def moment(params: dict[str, Any]) -> datetime | None:
    """Until when a step with these parameters waits; None where only an event ends it.

    Raises ValueError where it says nothing that can be waited for: earlier steps may have made
    the moment up.
    """
    until = params.get("until") or params.get("timeout")
    if until is None and "event" in params:
        return None
    try:
        at = datetime.fromisoformat(until or "")
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (TypeError, OverflowError) as error:
        raise ValueError(f"{until!r} is no moment") from error
    raise ValueError(f"{until!r} has no offset")


def over(clock: Clock) -> ColumnElement[bool]:
    """Steps that waited for a moment that has come: hold windows, timers, timeouts."""
    return and_(step.c.state.in_(("held", "waiting")), step.c.not_before <= clock.now())


async def ended(connection: AsyncConnection, clock: Clock) -> list[Step]:
    """The steps whose moment has come."""
    return [as_step(row) for row in await connection.execute(select(step).where(over(clock)))]


async def listening(connection: AsyncConnection, event: str) -> list[Step]:
    """The steps that wait for ``event``."""
    rows = await connection.execute(
        select(step).where(step.c.state == "waiting", step.c.params["event"].as_string() == event)
    )
    return [as_step(row) for row in rows]


async def take(connection: AsyncConnection, waiting: Step) -> Step | None:
    """Claims a waiting step, to be completed at once; None where it waits no more."""
    taken = await connection.execute(
        update(step)
        .where(step.c.id == waiting.id, step.c.state == "waiting")
        .values(state="running", attempts=waiting.attempts + 1, not_before=None)
        .returning(step)
    )
    row = taken.first()
    return as_step(row) if row else None
