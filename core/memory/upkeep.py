"""Keeping memory in shape: what happened is gathered, summed up and put away.

Facts are kept for good. Episodes older than their window are summed up, one summary for each
entity and month, and put away; summaries likewise when theirs has passed. What is put away is
found no more but comes back with one call until it is purged, a week later. So are the raw texts
of the chat.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal
from core.clock import Clock
from core.ids import new_id
from core.memory import entities, episodes, mails, signals, transcripts
from core.storage.memory import episode, summary

GRACE = timedelta(days=7)
"""How long what was put away can be brought back."""
_LINES = 12
"""Episodes that a summary quotes; it names all of them as its sources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What a pruning did, in numbers of rows."""

    episodes: int = 0
    summaries: int = 0
    transcripts: int = 0
    made: int = 0
    purged: int = 0


async def gather(connection: AsyncConnection, clock: Clock) -> int:
    """Adds episodes of messages, ended runs and sent mails, and signals; returns how many are new.

    Whatever was gathered before is not gathered twice.
    """
    known = await entities.everyone(connection)
    rows = await episodes.told(connection, clock, known)
    rows += await mails.gather_sent(connection, known, clock.now() - episodes.LATE)
    new = await episodes.add(connection, clock, rows)
    await signals.gather(connection, clock, known)
    return new


async def prune(
    connection: AsyncConnection,
    clock: Clock,
    *,
    episode_days: int,
    summary_days: int,
    transcript_days: int,
) -> Pruned:
    """Sums up and puts away what is older than its window; purges what was put away long ago."""
    now = clock.now()
    purged = await transcripts.purge(connection, clock, grace=GRACE)
    for table in (episode, summary):
        gone = await connection.execute(delete(table).where(table.c.pruned_at < now - GRACE))
        purged += gone.rowcount
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
    done = Pruned(
        episodes=len(old),
        summaries=put_away.rowcount,
        transcripts=await transcripts.put_away(connection, clock, days=transcript_days),
        made=len(groups),
        purged=purged,
    )
    if done != Pruned():
        await journal.append(
            connection,
            clock,
            kind="memory.pruned",
            subject="memory",
            data=asdict(done),
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
    back = await transcripts.restore(connection)
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
    """How many episodes, summaries and raw texts are put away and can still be brought back."""
    count = await transcripts.count(connection)
    for table in (episode, summary):
        count += (
            await connection.scalar(
                select(func.count()).select_from(table).where(table.c.pruned_at.is_not(None))
            )
            or 0
        )
    return count
