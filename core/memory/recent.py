"""What was spoken of last: the fact that "no, it's net 30" is about."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.memory import facts
from core.memory.facts import Fact
from core.storage.schema import journal

_WINDOW = timedelta(minutes=15)
_BACK = 500
"""How many entries back are looked at: this is asked with every message."""


async def fact(connection: AsyncConnection, clock: Clock) -> Fact | None:
    """The fact that was kept or told last, where that was just now and it still holds."""
    rows = await connection.execute(
        select(journal.c.kind, journal.c.subject, journal.c.data)
        .where(
            journal.c.kind.in_(("fact.kept", "fact.confirmed", "message.understood")),
            journal.c.at >= clock.now() - _WINDOW,
            journal.c.seq > select(func.max(journal.c.seq) - _BACK).scalar_subquery(),
        )
        .order_by(journal.c.seq.desc())
        .limit(20)
    )
    for row in rows:
        told = row.data.get("facts", []) if row.kind == "message.understood" else [row.subject]
        found = await facts.load(connection, told[0]) if told else None
        if found and found.superseded_at is None and found.retracted_at is None:
            return found
    return None
