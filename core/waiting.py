"""Approvals that wait: put aside, reminded of, and over when their time is."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal
from core.approvals import NUDGES, Approval, as_approval
from core.clock import Clock
from core.storage.schema import approval


async def snooze(
    connection: AsyncConnection, clock: Clock, approval_id: str, until: datetime
) -> bool:
    """Puts a pending approval aside until then; False where it is decided already.

    Its time to live goes on: what is put aside beyond it lapses as the card says.
    """
    changed = await connection.execute(
        update(approval)
        .where(approval.c.id == approval_id, approval.c.state == "pending")
        .values(nudge_at=until, snoozed=True)
    )
    if changed.rowcount == 1:
        await journal.append(
            connection,
            clock,
            kind="approval.snoozed",
            subject=approval_id,
            data={"until": until.isoformat()},
            actor="operator",
        )
    return changed.rowcount == 1


async def nudges(connection: AsyncConnection, clock: Clock) -> list[Approval]:
    """Pending approvals of which the operator is to be reminded now, each time once."""
    now = clock.now()
    rows = await connection.execute(
        select(approval).where(approval.c.state == "pending", approval.c.nudge_at <= now)
    )
    due = [as_approval(row) for row in rows]
    for each in due:
        later = [at for wait in NUDGES if (at := each.created_at + wait) > now]
        await connection.execute(
            update(approval)
            .where(approval.c.id == each.id)
            .values(nudge_at=later[0] if later else None, snoozed=False)
        )
        await journal.append(
            connection, clock, kind="approval.nudged", subject=each.id, data={"run": each.run_id}
        )
    return due


def any_overdue(clock: Clock) -> ColumnElement[bool]:
    """Whether a pending approval lapses or is to be reminded of, as a part of a query."""
    now = clock.now()
    return exists().where(
        approval.c.state == "pending",
        or_(approval.c.expires_at <= now, approval.c.nudge_at <= now),
    )


async def expired(connection: AsyncConnection, clock: Clock) -> list[Approval]:
    """Ends every pending approval whose time is over and returns them."""
    rows = await connection.execute(
        update(approval)
        .where(approval.c.state == "pending", approval.c.expires_at <= clock.now())
        .values(state="expired")
        .returning(approval)
    )
    found = [as_approval(row) for row in rows]
    for each in found:
        await journal.append(
            connection, clock, kind="approval.expired", subject=each.id, data={"run": each.run_id}
        )
    return found
