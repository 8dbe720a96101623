"""The raw chat: its texts stay for a short window, are put away, and a week later are gone.

Rows stay, since runs, approvals and the journal refer to them by their ids; only what was said in
them goes. The journal holds no texts, so it can be checked as before.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.ids import new_id
from core.storage.memory import contradiction, transcript
from core.storage.schema import approval, inbox, outbox, prompt, run

AWAY = "[put away]"
"""What stands for a text that was put away."""
_BOXES = {"inbox": (inbox, inbox.c.text), "outbox": (outbox, outbox.c.payload)}


async def put_away(connection: AsyncConnection, clock: Clock, *, days: int) -> int:
    """Moves the texts of messages older than ``days`` aside; returns of how many.

    What is still under way, or waits for an answer, is left as it is.
    """
    before = clock.now() - timedelta(days=days)
    said = await connection.execute(
        select(inbox.c.id, inbox.c.text).where(
            inbox.c.received_at < before,
            inbox.c.state != "received",
            inbox.c.text.not_in(("", AWAY)),
            inbox.c.id.not_in(
                select(run.c.inbox_id).where(run.c.state == "running", run.c.inbox_id.is_not(None))
            ),
        )
    )
    rows: list[tuple[str, int, Any]] = [("inbox", row.id, row.text) for row in said]
    waiting = [
        select(table.c.outbox_id).where(table.c.state == state, table.c.outbox_id.is_not(None))
        for table, state in ((approval, "pending"), (contradiction, "open"), (prompt, "open"))
    ]
    told = await connection.execute(
        select(outbox.c.id, outbox.c.payload).where(
            outbox.c.created_at < before,
            outbox.c.state.not_in(("queued", "sending")),
            func.json_extract(outbox.c.payload, "$.html") != AWAY,
            *(outbox.c.id.not_in(ids) for ids in waiting),
        )
    )
    rows += [("outbox", row.id, row.payload) for row in told]
    for box, row_id, content in rows:
        table, column = _BOXES[box]
        left = AWAY if box == "inbox" else _emptied(content)
        await connection.execute(update(table).where(table.c.id == row_id).values({column: left}))
        await connection.execute(
            transcript.insert().values(
                id=new_id("trn"), box=box, row_id=row_id, content=content, pruned_at=clock.now()
            )
        )
    return len(rows)


def _emptied(payload: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in payload.items() if key != "full"}
    return kept | {"html": AWAY, "buttons": []}


async def purge(connection: AsyncConnection, clock: Clock, *, grace: timedelta) -> int:
    """Erases what was put away longer ago than ``grace``; returns how many."""
    gone = await connection.execute(
        delete(transcript).where(transcript.c.pruned_at < clock.now() - grace)
    )
    return gone.rowcount


async def restore(connection: AsyncConnection) -> int:
    """Puts every text that is not purged yet back where it was; returns how many."""
    rows = (await connection.execute(select(transcript))).all()
    for row in rows:
        table, column = _BOXES[row.box]
        await connection.execute(
            update(table).where(table.c.id == row.row_id).values({column: row.content})
        )
    await connection.execute(delete(transcript))
    return len(rows)


async def count(connection: AsyncConnection) -> int:
    """How many texts are put away and can still be brought back."""
    return await connection.scalar(select(func.count()).select_from(transcript)) or 0
