"""Episodes: what happened, gathered from messages, ended runs and mails."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal, naming
from core.clock import Clock
from core.ids import new_id
from core.memory.entities import Entity
from core.memory.transcripts import AWAY
from core.storage.memory import episode
from core.storage.schema import inbox, run

SENT, RECEIVED = "mail_sent", "mail_received"
"""The kinds of mails; the others are ``message`` and ``run``."""
LATE = timedelta(days=8)
"""How late a run or a mail may still be gathered."""
LONG_AGO = timedelta(days=30)
"""From this age on an episode that is new makes memory's index anew, which looks no further."""


async def add(connection: AsyncConnection, clock: Clock, rows: Sequence[dict[str, Any]]) -> int:
    """Adds those that are not there yet, by what they tell of; returns how many."""
    new, old = 0, False
    for values in rows:
        made = await connection.execute(
            insert(episode).values(**values).on_conflict_do_nothing(index_elements=["ref"])
        )
        new += made.rowcount
        old |= bool(made.rowcount) and values["at"] < clock.now() - LONG_AGO
    if new:
        kind = "memory.gathered" if old else "episodes.gathered"
        await journal.append(connection, clock, kind=kind, subject="memory", data={"new": new})
    return new


async def told(
    connection: AsyncConnection, clock: Clock, known: Sequence[Entity]
) -> list[dict[str, Any]]:
    """Rows of episodes of messages and runs: those not gathered yet, and some that were."""
    last = await connection.scalar(
        select(func.max(episode.c.at)).where(episode.c.kind == "message")
    )
    query = select(inbox).where(
        inbox.c.kind == "text", inbox.c.state == "handled", inbox.c.text.not_in(("", AWAY))
    )
    if last:  # a day back, for what was handled late
        query = query.where(inbox.c.received_at > last - timedelta(days=1))
    rows: list[dict[str, Any]] = []
    for each in await connection.execute(query):
        trust = "untrusted" if each.data.get("forwarded") else "owner"
        rows.append(row("message", f"msg_{each.id}", each.text, trust, each.received_at, known))
    since = clock.now() - LATE
    for each in await connection.execute(
        select(run).where(run.c.ended_at.is_not(None), run.c.ended_at > since)
    ):
        words = f"{each.title} ({each.state})"
        rows.append(row("run", each.id, words, "system", each.ended_at, known))
    return rows


def row(
    kind: str, ref: str, words: str, trust: str, at: datetime, known: Sequence[Entity]
) -> dict[str, Any]:
    """A row of the table ``episode``, about the one entity that the words name."""
    return {
        "id": new_id("epi"),
        "kind": kind,
        "ref": ref,
        "entity_id": _about(words, known),
        "text": words,
        "trust": trust,
        "at": at,
    }


def _about(words: str, known: Sequence[Entity]) -> str | None:
    """The one entity that is named, by a whole name or by a first word that is only its own."""
    said = f" {' '.join(naming.words(words))} "
    whole = {e.id for e in known if any(f" {naming.key(n)} " in said for n in e.names)}
    first = {e.id for e in known if f" {naming.key(e.name).split()[0]} " in said}
    for ids in (whole, first):
        if len(ids) == 1:
            return ids.pop()
    return None
