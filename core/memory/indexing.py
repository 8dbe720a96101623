"""Keeps the index level with SQLite: what was kept, put away or forgotten since is followed.

The journal says what happened, and its number is the index's position. Where the index is empty,
of another model, or further behind than can be followed, it is made anew from the tables.
"""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.memory import entities
from core.memory.facts import COMPANY
from core.memory.index import Index, Item
from core.memory.truth import STANDS
from core.storage.database import Database
from core.storage.memory import episode, fact, fact_source, summary
from core.storage.prepared import Prepared
from core.storage.schema import journal

_FOLLOWED = ("fact.", "contradiction.", "episodes.", "memory.", "alias.")
"""Beginnings of the journal's kinds after which memory may be another."""
_BACK = timedelta(days=30)
"""How old an episode may be at most when it is gathered."""
_BATCH = 500
_AWAY = "memory."
"""Kinds after which much may be gone at once: forgotten, put away, brought back, imported."""


class Keeper:
    """Brings an index up to date; safe to call at any time and from several processes."""

    def __init__(self, database: Database, index: Index) -> None:
        self._db = database
        self._index = index

    async def catch_up(self, progress: Callable[[int], None] | None = None) -> int | None:
        """Follows what happened since; returns how many items were added, None after a rebuild.

        Raises FactotumError where the index is out of reach; the next call tries again.
        """
        state = await self._index.state()
        async with self._db.read() as connection:
            row = await _HEAD.first(connection)
            head = row.seq if row else 0
            position = int(state.position) if state.position.isdecimal() else None
            if position == head and state.health == "ready":
                return 0
            changed = await _changed(connection, position) if position is not None else [_AWAY]
        behind = position is None or position > head or state.health == "other_model"
        if behind or state.stale or any(kind.startswith(_AWAY) for kind in changed):
            await self._index.rebuild(self._all(), position=str(head), progress=progress)
            return None
        if not changed:
            await self._index.add((), position=str(head))
            return 0
        async with self._db.read() as connection:
            items, gone = await _since(connection, int(position or 0))
        await self._index.remove(gone)
        await self._index.add(items, position=str(head))
        return len(items)

    async def head(self) -> int:
        """The number of the journal's last entry; as long as it stays, nothing happened."""
        async with self._db.read() as connection:
            row = await _HEAD.first(connection)
        return row.seq if row else 0

    async def count(self) -> int:
        """How many items a whole index holds."""
        async with self._db.read() as connection:
            counts = [
                await connection.scalar(select(func.count()).select_from(table).where(standing))
                for table, standing in (
                    (fact, STANDS),
                    (episode, episode.c.pruned_at.is_(None)),
                    (summary, summary.c.pruned_at.is_(None)),
                )
            ]
        return sum(count or 0 for count in counts)

    async def _all(self) -> AsyncIterator[Item]:
        async with self._db.read() as connection:
            names = await _names(connection)
        for table, make, standing in (
            (fact, _of_fact, STANDS),
            (episode, _of_episode, episode.c.pruned_at.is_(None)),
            (summary, _of_summary, summary.c.pruned_at.is_(None)),
        ):
            last = ""
            while True:
                async with self._db.read() as connection:
                    rows = (
                        await connection.execute(
                            select(table)
                            .where(standing, table.c.id > last)
                            .order_by(table.c.id)
                            .limit(_BATCH)
                        )
                    ).all()
                for row in rows:
                    yield make(row, names)
                if len(rows) < _BATCH:
                    break
                last = rows[-1].id


_HEAD = Prepared(select(journal.c.seq).order_by(journal.c.seq.desc()).limit(1))


async def _changed(connection: AsyncConnection, position: int) -> list[str]:
    kinds = await connection.scalars(
        select(journal.c.kind)
        .where(
            journal.c.seq > position,
            or_(*(journal.c.kind.startswith(start) for start in _FOLLOWED)),
        )
        .distinct()
    )
    return list(kinds)


async def _since(connection: AsyncConnection, position: int) -> tuple[list[Item], list[str]]:
    """Items that are new or other since, and the ids of those that hold no more."""
    began = (
        await connection.execute(select(func.min(journal.c.at)).where(journal.c.seq > position))
    ).scalar_one()
    names = await _names(connection)
    rows = (
        await connection.execute(
            select(fact).where(
                or_(
                    fact.c.recorded_at >= began,
                    fact.c.superseded_at >= began,
                    fact.c.retracted_at >= began,
                    fact.c.id.in_(select(fact_source.c.fact_id).where(fact_source.c.at >= began)),
                )
            )
        )
    ).all()
    holds = [row for row in rows if row.superseded_at is None and row.retracted_at is None]
    items = [_of_fact(row, names) for row in holds]
    gathered = await connection.execute(
        select(episode).where(episode.c.pruned_at.is_(None), episode.c.at > began - _BACK)
    )
    items += [_of_episode(row, names) for row in gathered]
    held = {row.id for row in holds}
    return items, [f"fact:{row.id}" for row in rows if row.id not in held]


async def _names(connection: AsyncConnection) -> dict[str, tuple[str, ...]]:
    known = await entities.everyone(connection)
    return {entity.id: tuple(dict.fromkeys((entity.name, *entity.names))) for entity in known}


def _of_fact(row: Any, names: dict[str, tuple[str, ...]]) -> Item:
    about = () if row.subject == COMPANY else names.get(row.subject, ())
    return Item(
        id=f"fact:{row.id}",
        kind="fact",
        text=row.statement,
        context=" ".join(about[:1]),
        entities=about,
        at=row.recorded_at,
        trust=row.trust,
        confidence=row.confidence / 100,
        source=row.id,
        thread=row.subject,
    )


def _of_episode(row: Any, names: dict[str, tuple[str, ...]]) -> Item:
    return Item(
        id=f"episode:{row.id}",
        kind="episode",
        text=row.text,
        entities=names.get(row.entity_id or "", ()),
        at=row.at,
        trust=row.trust,
        source=row.ref,
        thread=f"{row.at:%Y-%m-%d}",
    )


def _of_summary(row: Any, names: dict[str, tuple[str, ...]]) -> Item:
    return Item(
        id=f"summary:{row.id}",
        kind="summary",
        text=row.text,
        entities=names.get(row.entity_id or "", ()),
        at=row.to_at,
        trust="system",
        source=row.id,
    )
