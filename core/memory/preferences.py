"""Preferences: what the owner wants done in a certain way, used without being asked."""

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.memory import facts
from core.memory.facts import Fact, View
from core.storage.memory import fact

MANNERS = ("greeting", "closing", "tone", "language", "subject_prefix", "preference")
"""Relations that say how something is to be done."""


async def everything(connection: AsyncConnection, clock: Clock) -> list[Fact]:
    """What holds by the owner's word and says how, or corrects what was kept; newest first."""
    rows = (
        await connection.execute(
            select(fact)
            .where(
                View.now(clock).holds(),
                fact.c.trust == "owner",
                or_(fact.c.relation.in_(MANNERS), fact.c.how == "corrected"),
            )
            .order_by(fact.c.recorded_at.desc(), fact.c.id)
        )
    ).all()
    return await facts.read(connection, rows)
