"""Signals: time series about clients and the company, worked out by code from what happened."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from core import naming
from core.clock import Clock
from core.memory import threads
from core.memory.entities import Entity
from core.memory.facts import COMPANY
from core.storage import ledger
from core.storage.memory import signal
from core.storage.schema import approval, effect


async def _add(connection: AsyncConnection, values: Sequence[dict[str, Any]]) -> None:
    if values:
        await connection.execute(insert(signal).on_conflict_do_nothing(), values)


async def gather(connection: AsyncConnection, clock: Clock, known: Sequence[Entity]) -> None:
    """Days late of each payment, hours of each decision, and today's open threads by client."""
    await _add(connection, await _days_late(connection, threads.ids(known)))
    await _add(connection, await _hours_to_decide(connection))
    await _add(connection, await _open_threads(connection, clock.now(), known))


async def satisfaction(
    connection: AsyncConnection,
    entity_id: str,
    *,
    ref: str,
    value: int,
    at: datetime,
    evidence: dict[str, Any],
) -> None:
    """What a client's own words in one text say of how content they are: -1, 0 for both, or 1.

    ``evidence`` holds the quote, its ``kind``, ``place``, ``trust`` and ``confidence``.
    """
    values = {"entity_id": entity_id, "name": "satisfaction", "ref": ref, "value": float(value)}
    await _add(connection, [values | {"at": at, "evidence": evidence}])


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
    connection: AsyncConnection, now: datetime, known: Sequence[Entity]
) -> list[dict[str, Any]]:
    """How many threads are open, once a day, of those who have any or had some the last time."""
    counts = dict.fromkeys(threads.ids(known).values(), 0)
    for thread in await threads.waiting(connection, now, known):
        counts[thread.client_id] += 1
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
