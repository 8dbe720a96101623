"""Clients and leads: who the company works for, or may."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process, utils
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core import naming
from core.memory import aliases
from core.storage.schema import client, lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One client as recorded. ``aliases`` are other names the owner confirmed."""

    id: str
    name: str
    contact: str | None
    email: str | None
    currency: str | None
    address: tuple[str, ...]
    vat_id: str | None
    aliases: tuple[str, ...] = ()


def _client(row: Row[Any], known_as: tuple[str, ...]) -> Client:
    return Client(
        id=row.id,
        name=row.name,
        contact=row.contact,
        email=row.email,
        currency=row.currency,
        address=tuple(row.address),
        vat_id=row.vat_id,
        aliases=known_as,
    )


async def everyone(connection: AsyncConnection) -> list[Client]:
    """All active clients, by name."""
    known_as = await aliases.everything(connection)
    rows = await connection.execute(
        select(client).where(client.c.state == "active").order_by(client.c.name)
    )
    return [_client(row, known_as.get(row.id, ())) for row in rows]


async def leads(connection: AsyncConnection) -> list[str]:
    """The names of open leads, newest first."""
    rows = await connection.execute(
        select(lead).where(lead.c.state == "new").order_by(lead.c.created_at.desc())
    )
    return [" · ".join(part for part in (row.name, row.company) if part) for row in rows]


def find(known: list[Client], said: str) -> list[Client]:
    """The clients that ``said`` may mean: one means that one, several have to be asked about."""
    return naming.meant(
        known, said, lambda c: ((c.name, *([c.contact] if c.contact else []), *c.aliases), c.email)
    )


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


def mentioned(text: str, known: list[Client]) -> list[Client]:
    """The clients whom a sentence names; several where it can't be told.

    By whole name, alias, address or contact; else by the first word of a name or contact.
    """
    bare = re.sub(r"['’]s\b", " ", text)
    said, low = f" {' '.join(naming.words(bare))} ", text.casefold()

    def longest(names: Iterable[str | None], *, first: bool) -> int:
        best = 0
        for name in filter(None, names):
            parts = naming.key(name).split()[: 1 if first else None]
            if len("".join(parts)) > 2 and f" {' '.join(parts)} " in said:
                best = max(best, len(parts))
        return best

    scores = {c.id: longest((c.name, *c.aliases, c.contact), first=False) for c in known}
    scores |= {c.id: 9 for c in known if c.email and c.email.casefold() in low}
    if not any(scores.values()):
        scores = {c.id: longest((c.name, c.contact), first=True) for c in known}
    best = max(scores.values(), default=0)
    return [c for c in known if best and scores[c.id] == best]
