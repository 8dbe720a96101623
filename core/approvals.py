"""Approvals: one question to the operator, bound to exactly what was shown, used once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal, runs
from core.clock import Clock
from core.ids import new_id
from core.plans import payload_hash
from core.runs import Step
from core.storage.schema import approval

LIFETIME = timedelta(days=7)
"""How long a card can be tapped; after that nothing happens and it says so."""
NUDGES = (timedelta(days=1), LIFETIME - timedelta(days=1))
"""How long after it was asked the operator is reminded of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One approval. ``state``: pending, approved, rejected, expired, replaced or cancelled.

    Several with one ``batch_id`` share a card. ``nudge_at`` is when the operator is reminded of
    it; with ``snoozed`` the operator chose that moment.
    """

    id: str
    run_id: str
    batch_id: str | None
    outbox_id: int | None
    state: str
    reason: str | None
    decided_at: datetime | None
    created_at: datetime
    expires_at: datetime
    nudge_at: datetime | None
    snoozed: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What came of a tap. ``taken`` is true where this very tap decided; ``words`` says it."""

    taken: bool
    words: str
    approval: Approval | None = None


def as_approval(row: Row[Any]) -> Approval:
    """From the database."""
    return Approval(
        id=row.id,
        run_id=row.run_id,
        batch_id=row.batch_id,
        outbox_id=row.outbox_id,
        state=row.state,
        reason=row.reason,
        decided_at=row.decided_at,
        created_at=row.created_at,
        expires_at=row.expires_at,
        nudge_at=row.nudge_at,
        snoozed=row.snoozed,
    )


def _digest(steps: Iterable[Step], policy: str) -> str:
    covered = [
        {
            "key": step.key,
            "kind": step.kind,
            "action": step.action,
            "params": step.params,
            "depends": list(step.depends),
            "instead_of": step.instead_of,
            "hold_seconds": step.hold_seconds,
        }
        for step in steps
        if step.acts
    ]
    return payload_hash(covered, policy)


async def ask(
    connection: AsyncConnection,
    clock: Clock,
    run_id: str,
    steps: Iterable[Step],
    *,
    policy: str,
    batch_id: str | None = None,
) -> str:
    """Asks about everything that ``steps`` do, under this policy's version; returns the id."""
    approval_id = new_id("apr")
    now = clock.now()
    digest = _digest(steps, policy)
    await connection.execute(
        approval.insert(),
        {
            "id": approval_id,
            "run_id": run_id,
            "payload_hash": digest,
            "policy_version": policy,
            "batch_id": batch_id,
            "expires_at": now + LIFETIME,
            "nudge_at": now + NUDGES[0],
            "snoozed": False,
            "state": "pending",
            "created_at": now,
        },
    )
    await journal.append(
        connection,
        clock,
        kind="approval.asked",
        subject=approval_id,
        data={"run": run_id, "payload": digest, "policy": policy},
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
    return as_approval(row) if row else None


async def of_run(connection: AsyncConnection, run_id: str) -> Approval | None:
    """The approval of a run, or None where it needed none."""
    row = (await connection.execute(select(approval).where(approval.c.run_id == run_id))).first()
    return as_approval(row) if row else None


async def pending(connection: AsyncConnection) -> list[Approval]:
    """What waits for the operator, oldest first."""
    rows = await connection.execute(
        select(approval).where(approval.c.state == "pending").order_by(approval.c.id)
    )
    return [as_approval(row) for row in rows]


async def of_batch(connection: AsyncConnection, batch_id: str) -> list[Approval]:
    """The approvals that share a card, in the order in which they were asked."""
    rows = await connection.execute(
        select(approval).where(approval.c.batch_id == batch_id).order_by(approval.c.id)
    )
    return [as_approval(row) for row in rows]


_DEAD = {
    "approved": "Approved already; nothing more happens.",
    "rejected": "Rejected already; nothing was sent.",
    "expired": "This card has expired; nothing was sent. Ask again if you still want it.",
    "replaced": "This card was replaced by a newer one; nothing happened.",
    "cancelled": "This was cancelled; nothing was sent.",
}
_NOT_NOW = "Your policy refuses this at this time; nothing was sent. Tap again when it allows it."


async def decide(
    connection: AsyncConnection,
    clock: Clock,
    approval_id: str,
    *,
    to: Literal["approved", "rejected", "replaced"],
    user_id: int,
    policy: str,
    refused: bool = False,
    actor: str = "operator",
) -> Decision:
    """Consumes the approval by compare-and-set, if it still covers exactly what was shown.

    ``policy`` is the version in force now: an approval asked under another is dead. What is
    ``refused`` at this hour is not approved, and goes on waiting. ``actor`` is who the journal
    says did it.
    """
    row = (await connection.execute(select(approval).where(approval.c.id == approval_id))).first()
    if row is None:
        return Decision(False, "I don't know this card; nothing happened.")
    if row.state != "pending":
        return Decision(False, _DEAD[row.state], as_approval(row))
    target: str = to
    words = ""
    if row.expires_at <= clock.now():
        target, words = "expired", _DEAD["expired"]
    elif to == "approved":
        digest = _digest(await runs.steps(connection, row.run_id), row.policy_version)
        if digest != row.payload_hash:
            target = "cancelled"
            words = "What this card covers has changed since it was shown; nothing was sent."
        elif row.policy_version != policy:
            target = "cancelled"
            words = (
                "Your policy has changed since this card was shown; nothing was sent. Ask again."
            )
        elif refused:
            return Decision(False, _NOT_NOW, as_approval(row))
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
        actor=actor,
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


async def cancel_of_run(connection: AsyncConnection, clock: Clock, run_id: str) -> None:
    """Ends the pending approval of a run that was stopped."""
    rows = await connection.execute(
        update(approval)
        .where(approval.c.run_id == run_id, approval.c.state == "pending")
        .values(state="cancelled", decided_at=clock.now())
        .returning(approval.c.id)
    )
    for row in rows.all():
        await journal.append(
            connection,
            clock,
            kind="approval.cancelled",
            subject=row.id,
            data={"run": run_id},
            actor="operator",
        )
