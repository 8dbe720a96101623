"""Approvals: one question to the operator, bound to exactly what was shown, used once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal, policy
from core.clock import Clock
from core.ids import new_id
from core.plans import payload_hash
from core.storage.schema import approval, step

LIFETIME = timedelta(days=7)
"""How long a card can be tapped; after that nothing happens and it says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One approval. ``state``: pending, approved, rejected, expired, replaced or cancelled."""

    id: str
    run_id: str
    outbox_id: int | None
    state: str
    reason: str | None
    decided_at: datetime | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """What came of a tap. ``taken`` is true where this very tap decided; ``words`` says it."""

    taken: bool
    words: str
    approval: Approval | None = None


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        id=row.id,
        run_id=row.run_id,
        outbox_id=row.outbox_id,
        state=row.state,
        reason=row.reason,
        decided_at=row.decided_at,
        expires_at=row.expires_at,
    )


async def _covered(connection: AsyncConnection, run_id: str) -> list[dict[str, Any]]:
    rows = await connection.execute(
        select(step.c.key, step.c.kind, step.c.action, step.c.params)
        .where(step.c.run_id == run_id, step.c.kind != "draft")
        .order_by(step.c.position)
    )
    return [dict(row) for row in rows.mappings()]


async def ask(connection: AsyncConnection, clock: Clock, run_id: str) -> str:
    """Asks about all effects of a run; returns the approval's id."""
    approval_id = new_id("apr")
    now = clock.now()
    digest = payload_hash(await _covered(connection, run_id), policy.VERSION)
    await connection.execute(
        approval.insert().values(
            id=approval_id,
            run_id=run_id,
            payload_hash=digest,
            policy_version=policy.VERSION,
            expires_at=now + LIFETIME,
            state="pending",
            created_at=now,
        )
    )
    await journal.append(
        connection,
        clock,
        kind="approval.asked",
        subject=approval_id,
        data={"run": run_id, "payload": digest, "policy": policy.VERSION},
    )
    return approval_id


async def shown(connection: AsyncConnection, approval_id: str, outbox_id: int) -> None:
    """Remembers which letter carries the card."""
    await connection.execute(
        update(approval).where(approval.c.id == approval_id).values(outbox_id=outbox_id)
    )


async def load(connection: AsyncConnection, approval_id: str) -> Approval | None:
    """One approval, or None."""
    row = (await connection.execute(select(approval).where(approval.c.id == approval_id))).first()
    return _approval(row) if row else None


async def of_run(connection: AsyncConnection, run_id: str) -> Approval | None:
    """The approval of a run, or None where it needed none."""
    row = (await connection.execute(select(approval).where(approval.c.run_id == run_id))).first()
    return _approval(row) if row else None


async def pending(connection: AsyncConnection) -> list[Approval]:
    """What waits for the operator, oldest first."""
    rows = await connection.execute(
        select(approval).where(approval.c.state == "pending").order_by(approval.c.id)
    )
    return [_approval(row) for row in rows]


_DEAD = {
    "approved": "Approved already; nothing more happens.",
    "rejected": "Rejected already; nothing was sent.",
    "expired": "This card has expired; nothing was sent. Ask again if you still want it.",
    "replaced": "This card was replaced by a newer one below.",
    "cancelled": "This was cancelled; nothing was sent.",
}


async def decide(
    connection: AsyncConnection,
    clock: Clock,
    approval_id: str,
    *,
    to: Literal["approved", "rejected", "replaced"],
    user_id: int,
) -> Decision:
    """Consumes the approval by compare-and-set, if it still covers exactly what was shown."""
    row = (await connection.execute(select(approval).where(approval.c.id == approval_id))).first()
    if row is None:
        return Decision(False, "I don't know this card; nothing happened.")
    if row.state != "pending":
        return Decision(False, _DEAD[row.state], _approval(row))
    target: str = to
    words = ""
    if row.expires_at <= clock.now():
        target, words = "expired", _DEAD["expired"]
    elif to == "approved":
        digest = payload_hash(await _covered(connection, row.run_id), policy.VERSION)
        if digest != row.payload_hash:
            target = "cancelled"
            words = "What this card covers has changed since it was shown; nothing was sent."
    changed = await connection.execute(
        update(approval)
        .where(approval.c.id == approval_id, approval.c.state == "pending")
        .values(state=target, decided_by=user_id, decided_at=clock.now())
    )
    if changed.rowcount != 1:  # another tap got here first
        return Decision(False, "Decided already.")
    await journal.append(
        connection,
        clock,
        kind=f"approval.{target}",
        subject=approval_id,
        data={"run": row.run_id, "payload": row.payload_hash},
        actor="operator",
    )
    found = await load(connection, approval_id)
    return Decision(target == to, words, found)


async def give_reason(
    connection: AsyncConnection, clock: Clock, approval_id: str, reason: str
) -> None:
    """Keeps why the operator rejected."""
    await connection.execute(
        update(approval).where(approval.c.id == approval_id).values(reason=reason)
    )
    await journal.append(
        connection,
        clock,
        kind="approval.reason",
        subject=approval_id,
        data={"reason": reason},
        actor="operator",
    )


def any_overdue(clock: Clock) -> ColumnElement[bool]:
    """Whether a pending approval's time is over, as a part of a query."""
    return exists().where(approval.c.state == "pending", approval.c.expires_at <= clock.now())


async def expired(connection: AsyncConnection, clock: Clock) -> list[Approval]:
    """Ends every pending approval whose time is over and returns them."""
    rows = await connection.execute(
        update(approval)
        .where(approval.c.state == "pending", approval.c.expires_at <= clock.now())
        .values(state="expired")
        .returning(approval)
    )
    found = [_approval(row) for row in rows]
    for each in found:
        await journal.append(
            connection, clock, kind="approval.expired", subject=each.id, data={"run": each.run_id}
        )
    return found
