"""Open threads: what waits between the company and a client, and since when."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core import naming
from core.memory.entities import Entity
from core.memory.episodes import RECEIVED, SENT
from core.storage import ledger
from core.storage.memory import episode

_ASKS = re.compile(r"\?(?=\s|$)")
LONGEST = timedelta(days=30)
"""How long a mail without an answer counts as an open thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """``asked``: their question waits for an answer; ``sent``: a mail to them does; ``unpaid``:
    an invoice is open. ``since`` is when that began."""

    client_id: str
    kind: Literal["asked", "sent", "unpaid"]
    since: datetime


def ids(known: Sequence[Entity]) -> dict[str, str]:
    """The ids of clients by the keys of their names, as the ledger knows them."""
    return {naming.key(each.name): each.id for each in known if each.kind == "client"}


async def waiting(
    connection: AsyncConnection,
    now: datetime,
    known: Sequence[Entity],
    *,
    more: Sequence[dict[str, Any]] = (),
) -> list[Thread]:
    """All that are open, oldest first. ``more`` are episodes of mails that are not gathered yet.

    Mail that was sent counts only where mail that comes in is read at all.
    """
    clients = ids(known)
    found = await _unpaid(connection, clients)
    found += _unanswered(await _mails(connection, now, more), set(clients.values()))
    return sorted(found, key=lambda thread: thread.since)


async def _mails(
    connection: AsyncConnection, now: datetime, more: Sequence[dict[str, Any]]
) -> list[Any]:
    """Kind, client, text and time of the mails of late, oldest first."""
    e = episode.c
    rows = await connection.execute(
        select(e.ref, e.kind, e.entity_id, e.text, e.at).where(
            e.kind.in_((SENT, RECEIVED)), e.entity_id.is_not(None), e.at > now - LONGEST
        )
    )
    by_ref = {row["ref"]: row for row in more if row["entity_id"] and row["at"] > now - LONGEST}
    by_ref |= {row["ref"]: dict(row) for row in rows.mappings()}
    return sorted(by_ref.values(), key=lambda row: row["at"])


def _unanswered(rows: Sequence[Any], clients: set[str]) -> list[Thread]:
    reads = any(row["kind"] == RECEIVED for row in rows)
    open_: dict[tuple[str, str], list[datetime]] = {}
    for row in rows:
        who, kind = row["entity_id"], row["kind"]
        open_.pop((who, SENT if kind == RECEIVED else RECEIVED), None)
        if (kind == SENT and reads) or (kind == RECEIVED and _ASKS.search(row["text"])):
            open_.setdefault((who, kind), []).append(row["at"])
    return [
        Thread(client_id=who, kind="sent" if kind == SENT else "asked", since=at)
        for (who, kind), begun in open_.items()
        if who in clients
        for at in begun
    ]


async def _unpaid(connection: AsyncConnection, clients: dict[str, str]) -> list[Thread]:
    invoice, payment = ledger.invoice, ledger.payment
    credit = invoice.alias()
    paid = (
        select(func.coalesce(func.sum(payment.c.amount_minor), 0))
        .where(payment.c.invoice_id == invoice.c.id)
        .scalar_subquery()
    )
    cancelled = select(credit.c.id).where(credit.c.cancels == invoice.c.id).exists()
    rows = await connection.execute(
        select(invoice.c.client_name, invoice.c.recorded_at).where(
            invoice.c.kind == "invoice", ~cancelled, paid < invoice.c.total_minor
        )
    )
    return [
        Thread(client_id=clients[key], kind="unpaid", since=row.recorded_at)
        for row in rows
        if (key := naming.key(row.client_name)) in clients
    ]
