"""Keeping memory in shape: episodes and signals from what happened, sums, and what is put away.

Facts are kept for good. Episodes older than their window are summed up, one summary for each
entity and month, and put away; summaries likewise when theirs has passed. What is put away is
found no more but comes back with one call until it is purged, a week later.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal, naming
from core.clock import Clock
from core.ids import new_id
from core.memory import entities
from core.memory.entities import Entity
from core.memory.facts import COMPANY
from core.storage import ledger
from core.storage.memory import episode, signal, summary
from core.storage.schema import approval, inbox, run

GRACE = timedelta(days=7)
"""How long what was put away can be brought back."""
_LINES = 12
"""Episodes that a summary quotes; it names all of them as its sources."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a pruning did, in numbers of rows."""

    episodes: int
    summaries: int
    made: int
    purged: int


async def gather(connection: AsyncConnection, clock: Clock) -> int:
    """Adds episodes of messages and ended runs, and signals; returns how many episodes are new.

    Whatever was gathered before is not gathered twice.
    """
    known = await entities.everyone(connection)
    last = await connection.scalar(
        select(func.max(episode.c.at)).where(episode.c.kind == "message")
    )
    query = select(inbox).where(
        inbox.c.kind == "text", inbox.c.state == "handled", inbox.c.text != ""
    )
    if last:  # a day back, for what was handled late
        query = query.where(inbox.c.received_at > last - timedelta(days=1))
    rows: list[dict[str, Any]] = []
    for row in await connection.execute(query):
        trust = "untrusted" if row.data.get("forwarded") else "owner"
        rows.append(_row("message", f"msg_{row.id}", row.text, trust, row.received_at, known))
    since = clock.now() - timedelta(days=8)
    for row in await connection.execute(
        select(run).where(run.c.ended_at.is_not(None), run.c.ended_at > since)
    ):
        told = f"{row.title} ({row.state})"
        rows.append(_row("run", row.id, told, "system", row.ended_at, known))
    new = 0
    for values in rows:
        made = await connection.execute(
            insert(episode).values(**values).on_conflict_do_nothing(index_elements=["ref"])
        )
        new += made.rowcount
    if new:
        await journal.append(
            connection, clock, kind="episodes.gathered", subject="memory", data={"new": new}
        )
    await _signals(connection, known)
    return new


def _row(
    kind: str, ref: str, words: str, trust: str, at: datetime, known: Sequence[Entity]
) -> dict[str, Any]:
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


async def _signals(connection: AsyncConnection, known: Sequence[Entity]) -> None:
    """How many days late each payment came, and how many hours each decision took."""
    ids = {naming.key(e.name): e.id for e in known if e.kind == "client"}
    paid = await connection.execute(
        select(ledger.payment.c.id, ledger.payment.c.paid_on, ledger.payment.c.recorded_at)
        .add_columns(ledger.invoice.c.client_name, ledger.invoice.c.due_date)
        .join(ledger.invoice, ledger.invoice.c.id == ledger.payment.c.invoice_id)
        .where(ledger.payment.c.reverses.is_(None))
    )
    values = [
        {
            "entity_id": ids[naming.key(row.client_name)],
            "name": "days_late",
            "ref": f"pay_{row.id}",
            "value": float((row.paid_on - row.due_date).days),
            "at": row.recorded_at,
        }
        for row in paid
        if naming.key(row.client_name) in ids
    ]
    decided = await connection.execute(
        select(approval.c.id, approval.c.created_at, approval.c.decided_at).where(
            approval.c.decided_at.is_not(None), approval.c.state.in_(("approved", "rejected"))
        )
    )
    values += [
        {
            "entity_id": COMPANY,
            "name": "hours_to_decide",
            "ref": row.id,
            "value": (row.decided_at - row.created_at).total_seconds() / 3600,
            "at": row.decided_at,
        }
        for row in decided
    ]
    if values:
        await connection.execute(insert(signal).on_conflict_do_nothing(), values)


async def prune(
    connection: AsyncConnection, clock: Clock, *, episode_days: int, summary_days: int
) -> Pruned:
    """Sums up and puts away what is older than its window; purges what was put away long ago."""
    now = clock.now()
    gone = [
        await connection.execute(delete(table).where(table.c.pruned_at < now - GRACE))
        for table in (episode, summary)
    ]
    old = (
        await connection.execute(
            select(episode)
            .where(episode.c.pruned_at.is_(None), episode.c.at < now - timedelta(days=episode_days))
            .order_by(episode.c.at)
        )
    ).all()
    groups: dict[tuple[str | None, str], list[Any]] = defaultdict(list)
    for row in old:
        groups[row.entity_id, f"{row.at:%Y-%m}"].append(row)
    for (entity_id, _), rows in groups.items():
        await _sum_up(connection, now, entity_id, rows)
    put_away = await connection.execute(
        update(summary)
        .where(summary.c.pruned_at.is_(None), summary.c.to_at < now - timedelta(days=summary_days))
        .values(pruned_at=now)
    )
    done = Pruned(len(old), put_away.rowcount, len(groups), sum(each.rowcount for each in gone))
    if done != Pruned(0, 0, 0, 0):
        await journal.append(
            connection,
            clock,
            kind="memory.pruned",
            subject="memory",
            data={
                "episodes": done.episodes,
                "summaries": done.summaries,
                "made": done.made,
                "purged": done.purged,
            },
        )
    return done


async def _sum_up(
    connection: AsyncConnection, now: datetime, entity_id: str | None, rows: Sequence[Any]
) -> None:
    """One summary, by code: the first words of each episode. Its sources are the episodes."""
    lines = [f"{row.at:%Y-%m-%d} {' '.join(row.text.split())[:120]}" for row in rows[:_LINES]]
    if len(rows) > _LINES:
        lines.append(f"and {len(rows) - _LINES} more")
    summary_id = new_id("sum")
    await connection.execute(
        summary.insert().values(
            id=summary_id,
            entity_id=entity_id,
            text="\n".join(lines),
            sources=[row.id for row in rows],
            from_at=rows[0].at,
            to_at=rows[-1].at,
            created_at=now,
        )
    )
    for row in rows:
        await connection.execute(
            update(episode)
            .where(episode.c.id == row.id)
            .values(pruned_at=now, summary_id=summary_id)
        )


async def restore(connection: AsyncConnection, clock: Clock) -> int:
    """Brings back everything that was put away and is not purged yet; returns how much.

    The summaries that stood for it go.
    """
    back = 0
    for table in (summary, episode):
        done = await connection.execute(
            update(table).where(table.c.pruned_at.is_not(None)).values(pruned_at=None)
        )
        back += done.rowcount
    told = list(
        await connection.scalars(
            select(episode.c.summary_id).where(episode.c.summary_id.is_not(None)).distinct()
        )
    )
    await connection.execute(update(episode).values(summary_id=None))
    await connection.execute(delete(summary).where(summary.c.id.in_(told)))
    if back:
        await journal.append(
            connection,
            clock,
            kind="memory.restored",
            subject="memory",
            data={"rows": back},
            actor="operator",
        )
    return back


async def put_away(connection: AsyncConnection) -> int:
    """How many episodes and summaries are put away and can still be brought back."""
    count = 0
    for table in (episode, summary):
        count += (
            await connection.scalar(
                select(func.count()).select_from(table).where(table.c.pruned_at.is_not(None))
            )
            or 0
        )
    return count
