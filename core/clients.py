"""Clients and leads: who the company works for, or may."""

from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process, utils
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.storage.schema import client, lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One client as recorded."""

    id: str
    name: str
    contact: str | None
    email: str | None
    currency: str | None
    address: tuple[str, ...]
    vat_id: str | None


def _client(row: Row[Any]) -> Client:
    return Client(
        id=row.id,
        name=row.name,
        contact=row.contact,
        email=row.email,
        currency=row.currency,
        address=tuple(row.address),
        vat_id=row.vat_id,
    )


async def everyone(connection: AsyncConnection) -> list[Client]:
    """All active clients, by name."""
    rows = await connection.execute(
        select(client).where(client.c.state == "active").order_by(client.c.name)
    )
    return [_client(row) for row in rows]


async def leads(connection: AsyncConnection) -> list[str]:
    """The names of open leads, newest first."""
    rows = await connection.execute(
        select(lead).where(lead.c.state == "new").order_by(lead.c.created_at.desc())
    )
    return [" · ".join(part for part in (row.name, row.company) if part) for row in rows]


def _words(text: str) -> list[str]:
    return utils.default_process(text).split()


def find(known: list[Client], said: str) -> list[Client]:
    """The clients that ``said`` may mean, exact ones alone where there are any.

    One match means: that one. Several: ask. A match needs every said word to be a word of the
    name or contact, or the mail address to be the same; likeness alone never decides.
    """
    words = _words(said)
    if not words:
        return []
    exact = [
        c
        for c in known
        if words in (_words(c.name), _words(c.contact or ""))
        or said.strip().casefold() == (c.email or "").casefold()
    ]
    if exact:
        return exact
    return [
        c
        for c in known
        if any(
            all(any(part == word for part in _words(name)) for word in words)
            for name in (c.name, c.contact or "")
        )
    ]


def alike(known: list[Client], said: str, *, limit: int = 3) -> list[Client]:
    """Clients whose names look like ``said``, likeliest first: choices for a question."""
    hits = process.extract(
        said,
        [c.name for c in known],
        scorer=fuzz.WRatio,
        processor=utils.default_process,
        limit=limit,
        score_cutoff=70,
    )
    return [known[index] for _, _, index in hits]
