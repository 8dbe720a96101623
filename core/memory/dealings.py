"""How a client deals with the company: what its signals come to, read from what is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.memory import episodes, mails, threads
from core.memory.entities import Entity
from core.memory.threads import Thread
from core.storage.memory import signal

_LONG = timedelta(days=3)
"""An answer that waited for less is nothing unusual."""
_TOLD = timedelta(days=14)
"""Their question is told of for so long."""
_HABIT = 3
"""Answers that make a habit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Words of praise (1), of complaint (-1), or both (0), by the client, with their source."""

    value: int
    quote: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealings:
    """A client's series, oldest first, and the threads that are open with them now."""

    days_late: tuple[float, ...] = ()
    hours_to_reply: tuple[float, ...] = ()
    said: tuple[Said, ...] = ()
    threads: tuple[Thread, ...] = ()

    @property
    def usually_late(self) -> float | None:
        """Days after the due date, on average."""
        return fmean(self.days_late) if self.days_late else None

    @property
    def usual_reply(self) -> float | None:
        """Hours until an answer, in the middle of all."""
        return median(self.hours_to_reply) if self.hours_to_reply else None

    def unusual(self, now: datetime) -> list[Thread]:
        """Answers that wait for unusually long: the company's, and theirs against their habit."""
        found: list[Thread] = []
        for thread in self.threads:
            waited = now - thread.since
            if thread.kind == "asked" and _LONG <= waited <= _TOLD:
                found.append(thread)
            if thread.kind == "sent" and len(self.hours_to_reply) >= _HABIT:
                slowest = timedelta(hours=max(self.hours_to_reply))
                if waited > max(_LONG, 2 * slowest):
                    found.append(thread)
        return found


async def everyones(
    connection: AsyncConnection, clock: Clock, known: Sequence[Entity]
) -> dict[str, Dealings]:
    """The dealings of every client of whom there are any, by id."""
    series: dict[str, dict[str, list[Any]]] = {}
    rows = await connection.execute(
        select(signal)
        .where(signal.c.name.in_(("days_late", "hours_to_reply", "satisfaction")))
        .order_by(signal.c.at, signal.c.ref)
    )
    for row in rows:
        one = _said(row) if row.name == "satisfaction" else row.value
        series.setdefault(row.entity_id, {}).setdefault(row.name, []).append(one)
    # Mails that were sent since memory was last gathered answer too.
    sent = await mails.gather_sent(connection, known, clock.now() - episodes.LATE)
    open_: dict[str, list[Thread]] = {}
    for thread in await threads.waiting(connection, clock.now(), known, more=sent):
        open_.setdefault(thread.client_id, []).append(thread)
    return {
        each.id: Dealings(
            days_late=tuple(own.get("days_late", ())),
            hours_to_reply=tuple(own.get("hours_to_reply", ())),
            said=tuple(own.get("satisfaction", ())),
            threads=tuple(open_.get(each.id, ())),
        )
        for each in known
        if each.kind == "client" and ((own := series.get(each.id, {})) or each.id in open_)
    }


def _said(row: Any) -> Said:
    evidence = row.evidence or {}
    return Said(
        value=int(row.value),
        quote=str(evidence.get("quote", "")),
        kind=str(evidence.get("kind", "mail")),
        at=row.at,
    )
