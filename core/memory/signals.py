"""Signals: time series about clients and the company, worked out by code from what happened."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from core import naming
from core.clock import Clock
from core.memory.entities import Entity
from core.memory.episodes import RECEIVED, SENT
from core.memory.facts import COMPANY
from core.storage import ledger
from core.storage.memory import episode, signal
from core.storage.schema import approval, effect

_ASKS = re.compile(r"\?(?=\s|$)")
_THREAD = timedelta(days=30)
"""How long a mail without an answer counts as an open thread."""


async def _add(connection: AsyncConnection, values: Sequence[dict[str, Any]]) -> None:
    if values:
        await connection.execute(insert(signal).on_conflict_do_nothing(), values)


async def gather(connection: AsyncConnection, clock: Clock, known: Sequence[Entity]) -> None:
    """Days late of each payment, hours of each decision, and today's open threads by client."""
    ids = {naming.key(e.name): e.id for e in known if e.kind == "client"}
    await _add(connection, await _days_late(connection, ids))
    await _add(connection, await _hours_to_decide(connection))
    await _add(connection, await _open_threads(connection, clock.now(), ids))


async def reply(
    connection: AsyncConnection, entity_id: str, *, answers: Sequence[str], at: datetime
) -> None:
    """``hours_to_reply``: from the mail that was sent to the first that answers it."""
    rows = await connection.execute(
        select(effect.c.token, effect.c.confirmed_at).where(
            effect.c.action == "mail.send",
            effect.c.state == "confirmed",
            func.json_extract(effect.c.result, "$.message_id").in_(answers),
        )
    )
    await _add(
        connection,
        [
            {
                "entity_id": entity_id,
                "name": "hours_to_reply",
                "ref": f"mail_{row.token}",
                "value": (at - row.confirmed_at).total_seconds() / 3600,
                "at": at,
            }
            for row in rows
            if at >= row.confirmed_at
        ],
    )


async def _days_late(connection: AsyncConnection, ids: dict[str, str]) -> list[dict[str, Any]]:
    paid = await connection.execute(
        select(ledger.payment.c.id, ledger.payment.c.paid_on, ledger.payment.c.recorded_at)
        .add_columns(ledger.invoice.c.client_name, ledger.invoice.c.due_date)
        .join(ledger.invoice, ledger.invoice.c.id == ledger.payment.c.invoice_id)
        .where(ledger.payment.c.reverses.is_(None))
    )
    return [
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


async def _hours_to_decide(connection: AsyncConnection) -> list[dict[str, Any]]:
    decided = await connection.execute(
        select(approval.c.id, approval.c.created_at, approval.c.decided_at).where(
            approval.c.decided_at.is_not(None), approval.c.state.in_(("approved", "rejected"))
        )
    )
    return [
        {
            "entity_id": COMPANY,
            "name": "hours_to_decide",
            "ref": row.id,
            "value": (row.decided_at - row.created_at).total_seconds() / 3600,
            "at": row.decided_at,
        }
        for row in decided
    ]


async def _open_threads(
    connection: AsyncConnection, now: datetime, ids: dict[str, str]
) -> list[dict[str, Any]]:
    """What waits between the company and a client: mails and questions unanswered, open invoices.

    Told once a day, of those who have any or had some the last time.
    """
    counts = dict.fromkeys(ids.values(), 0)
    for client_id in await _unanswered(connection, now):
        if client_id in counts:
            counts[client_id] += 1
    for name in await _unpaid(connection):
        if naming.key(name) in ids:
            counts[ids[naming.key(name)]] += 1
    last = await connection.execute(
        select(signal.c.entity_id, signal.c.value, func.max(signal.c.at))
        .where(signal.c.name == "open_threads")
        .group_by(signal.c.entity_id)
    )
    before = {row.entity_id: row.value for row in last}
    return [
        {
            "entity_id": client_id,
            "name": "open_threads",
            "ref": f"{now:%Y-%m-%d}",
            "value": float(count),
            "at": now,
        }
        for client_id, count in counts.items()
        if count or before.get(client_id)
    ]


async def _unanswered(connection: AsyncConnection, now: datetime) -> list[str]:
    """Of whom a mail, or a question in one, has had no answer: one entry each.

    What was sent counts only where mail that comes in is read at all.
    """
    rows = (
        await connection.execute(
            select(episode.c.kind, episode.c.entity_id, episode.c.text, episode.c.at)
            .where(
                episode.c.kind.in_((SENT, RECEIVED)),
                episode.c.entity_id.is_not(None),
                episode.c.at > now - _THREAD,
            )
            .order_by(episode.c.at)
        )
    ).all()
    reads = any(row.kind == RECEIVED for row in rows)
    waiting: dict[tuple[str, str], int] = {}
    for row in rows:
        other = SENT if row.kind == RECEIVED else RECEIVED
        waiting.pop((row.entity_id, other), None)
        asks = row.kind == RECEIVED and _ASKS.search(row.text)
        if asks or (row.kind == SENT and reads):
            key = (row.entity_id, row.kind)
            waiting[key] = waiting.get(key, 0) + 1
    return [who for (who, _), count in waiting.items() for _ in range(count)]


async def _unpaid(connection: AsyncConnection) -> list[str]:
    """Whose invoices have something open: one name each."""
    invoice, payment = ledger.invoice, ledger.payment
    credit = invoice.alias()
    paid = (
        select(func.coalesce(func.sum(payment.c.amount_minor), 0))
        .where(payment.c.invoice_id == invoice.c.id)
        .scalar_subquery()
    )
    cancelled = select(credit.c.id).where(credit.c.cancels == invoice.c.id).exists()
    names = await connection.scalars(
        select(invoice.c.client_name).where(
            invoice.c.kind == "invoice", ~cancelled, paid < invoice.c.total_minor
        )
    )
    return list(names)
