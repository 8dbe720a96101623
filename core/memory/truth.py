"""What the tables say of what an index found: the index follows them a moment later."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from core.memory.entities import TABLES
from core.memory.index import Item
from core.storage.base import Json
from core.storage.memory import episode, fact, summary
from core.storage.prepared import Prepared

STANDS = fact.c.superseded_at.is_(None) & fact.c.retracted_at.is_(None)
"""Which facts hold now."""
_REMOVED = union_all(
    *(select(table.c.id).where(table.c.state == "removed") for table in TABLES.values())
)


def _told(kind: str, table: Any, text: Any, owner: Any, holds: Any) -> Any:
    keys = func.json_each(bindparam(kind, type_=Json)).table_valued("value")
    return select(
        (literal(f"{kind}:") + table.c.id).label("id"),
        text.label("text"),
        owner.in_(_REMOVED).label("removed"),
    ).where(table.c.id.in_(select(keys.c.value)), holds)


_KINDS = ("fact", "episode", "summary")
_TOLD = Prepared(
    union_all(
        _told("fact", fact, fact.c.statement, fact.c.subject, STANDS),
        _told(
            "episode", episode, episode.c.text, episode.c.entity_id, episode.c.pruned_at.is_(None)
        ),
        _told(
            "summary", summary, summary.c.text, summary.c.entity_id, summary.c.pruned_at.is_(None)
        ),
    )
)


async def standing(connection: AsyncConnection, items: Sequence[Item]) -> dict[str, Item]:
    """Those of the items, by id, that memory still holds in these words.

    What hung on somebody who was forgotten or removed since is nobody's any more.
    """
    wanted: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    for item in items:
        kind, _, key = item.id.partition(":")
        wanted.get(kind, []).append(key)
    rows = {row.id: row for row in await _TOLD.all(connection, **wanted)}
    return {
        item.id: replace(item, entities=(), context="") if rows[item.id].removed else item
        for item in items
        if item.id in rows and rows[item.id].text == item.text
    }
