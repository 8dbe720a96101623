"""Other names by which an entity is known, each confirmed by the owner once."""

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal, naming
from core.clock import Clock
from core.storage.memory import alias


async def everything(connection: AsyncConnection) -> dict[str, tuple[str, ...]]:
    """All confirmed names, by entity."""
    found: dict[str, tuple[str, ...]] = {}
    for row in await connection.execute(select(alias).order_by(alias.c.created_at)):
        found[row.entity_id] = (*found.get(row.entity_id, ()), row.said)
    return found


async def add(connection: AsyncConnection, clock: Clock, *, entity_id: str, said: str) -> bool:
    """Remembers that ``said`` means this entity; False where that was known."""
    key = naming.key(said)
    if not key:
        return False
    made = await connection.execute(
        insert(alias)
        .values(entity_id=entity_id, key=key, said=said, created_at=clock.now())
        .on_conflict_do_nothing()
    )
    if made.rowcount == 1:
        await journal.append(
            connection, clock, kind="alias.added", subject=entity_id, actor="operator"
        )
    return made.rowcount == 1
