"""Facts: what is kept, with who said it, when it holds and when that was known.

Two times are told apart: when something is true (``valid_from`` to ``valid_to``) and when it was
known here (``recorded_at`` until it was superseded or retracted). A row is never overwritten: what
turns out otherwise is superseded by new rows, and every earlier state can be asked for.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, and_, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.memory.values import Value
from core.storage.memory import fact, fact_source

Trust = Literal["owner", "system", "untrusted"]
How = Literal["stated", "corrected", "changed", "closed", "restored"]
"""How a row came about. ``closed`` and ``restored`` are copies that give an older one an end, or
bring it back; the others were said so."""

COMPANY = "company"
"""The subject of what is about no client in particular."""
SURE = 50
"""From this confidence on, in percent, a fact is not marked as unsure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a statement comes from.

    ``ref`` names the message (inbox id), mail or document, ``place`` the place in it, ``quote``
    the words there.
    """

    kind: Literal["message", "card", "rejection", "mail", "document", "owner", "system"] = "message"
    ref: str | None = None
    place: str | None = None
    quote: str = ""
    trust: Trust = "owner"
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One statement. ``origin`` is the id of the row in which it was first kept."""

    id: str
    origin: str
    subject: str
    relation: str
    value: Value
    statement: str
    sources: tuple[Source, ...]
    asserted_by: str
    model: str | None
    approval_id: str | None
    trust: Trust
    confidence: int
    how: How
    valid_from: datetime | None
    valid_to: datetime | None
    recorded_at: datetime
    superseded_by: str | None
    superseded_at: datetime | None
    retracted_at: datetime | None

    @property
    def firm(self) -> bool:
        """Whether it may be built upon without asking: not from outside and not unsure."""
        return self.trust != "untrusted" and self.confidence >= SURE


@dataclass(frozen=True, slots=True)
class View:
    """From where memory is looked at: as ``known`` at one moment, about what is ``true`` at one."""

    known: datetime
    true: datetime

    @classmethod
    def now(cls, clock: Clock) -> "View":
        """What do we know."""
        return cls(clock.now(), clock.now())

    @classmethod
    def known_on(cls, moment: datetime) -> "View":
        """What did we know then."""
        return cls(moment, moment)

    @classmethod
    def true_on(cls, moment: datetime, clock: Clock) -> "View":
        """What was true then, by what is known now."""
        return cls(clock.now(), moment)

    def holds(self) -> ColumnElement[bool]:
        """The condition on a row of the table ``fact``."""
        f = fact.c
        return and_(
            f.recorded_at <= self.known,
            or_(f.superseded_at.is_(None), f.superseded_at > self.known),
            or_(f.retracted_at.is_(None), f.retracted_at > self.known),
            or_(f.valid_from.is_(None), f.valid_from <= self.true),
            or_(f.valid_to.is_(None), f.valid_to > self.true),
        )


def _fact(row: Row[Any], sources: Sequence[Source]) -> Fact:
    return Fact(
        id=row.id,
        origin=row.origin,
        subject=row.subject,
        relation=row.relation,
        value=Value(row.value_kind, row.value),
        statement=row.statement,
        sources=tuple(sources),
        asserted_by=row.asserted_by,
        model=row.model,
        approval_id=row.approval_id,
        trust=row.trust,
        confidence=row.confidence,
        how=row.how,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        recorded_at=row.recorded_at,
        superseded_by=row.superseded_by,
        superseded_at=row.superseded_at,
        retracted_at=row.retracted_at,
    )


async def read(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> list[Fact]:
    """Rows of the table ``fact`` with their sources, in the same order."""
    origins = {row.origin for row in rows}
    found: dict[str, list[Source]] = {origin: [] for origin in origins}
    if origins:
        sources = await connection.execute(
            select(fact_source).where(fact_source.c.fact_id.in_(origins)).order_by(fact_source.c.id)
        )
        for row in sources:
            found[row.fact_id].append(
                Source(
                    kind=row.kind,
                    ref=row.ref,
                    place=row.place,
                    quote=row.quote,
                    trust=row.trust,
                    at=row.at,
                )
            )
    return [_fact(row, found[row.origin]) for row in rows]


async def load(connection: AsyncConnection, fact_id: str) -> Fact | None:
    """One fact, or None."""
    rows = (await connection.execute(select(fact).where(fact.c.id == fact_id))).all()
    return (await read(connection, rows))[0] if rows else None


async def by_token(connection: AsyncConnection, token: str) -> Fact | None:
    """The fact that was kept, or got another source, under this operation token; or None."""
    merged = select(fact_source.c.fact_id).where(fact_source.c.token == token)
    rows = (
        await connection.execute(
            select(fact)
            .where(or_(fact.c.token == token, fact.c.id.in_(merged)))
            .order_by(fact.c.recorded_at)
            .limit(1)
        )
    ).all()
    return (await read(connection, rows))[0] if rows else None


async def about(
    connection: AsyncConnection, subject: str, *relations: str, view: View
) -> list[Fact]:
    """What holds about a subject, newest first; the owner's word before others'.

    With ``relations`` only in one of these.
    """
    query = select(fact).where(view.holds(), fact.c.subject == subject)
    if relations:
        query = query.where(fact.c.relation.in_(relations))
    rows = (await connection.execute(query.order_by(fact.c.recorded_at.desc(), fact.c.id))).all()
    found = await read(connection, rows)
    return sorted(found, key=lambda f: not f.firm)


async def history(
    connection: AsyncConnection, subject: str, relation: str | None = None
) -> list[Fact]:
    """Every row there ever was about a subject, oldest first."""
    query = select(fact).where(fact.c.subject == subject)
    if relation:
        query = query.where(fact.c.relation == relation)
    rows = (await connection.execute(query.order_by(fact.c.recorded_at, fact.c.id))).all()
    return await read(connection, rows)


async def everything(connection: AsyncConnection, *, view: View) -> list[Fact]:
    """All that holds, newest first."""
    rows = (
        await connection.execute(
            select(fact).where(view.holds()).order_by(fact.c.recorded_at.desc(), fact.c.id)
        )
    ).all()
    return await read(connection, rows)


async def search(
    connection: AsyncConnection, words: str, *, view: View, limit: int = 8
) -> list[Fact]:
    """Facts whose statement holds any of these words, best first."""
    terms = re.findall(r"\w{2,}", words.casefold())
    if not terms:
        return []
    match = " OR ".join(f'"{term}"' for term in terms)
    hits = await connection.execute(
        text(
            "SELECT fact_id FROM fact_index WHERE fact_index MATCH :match"
            " ORDER BY bm25(fact_index) LIMIT :limit"
        ),
        {"match": match, "limit": limit * 4},
    )
    order = {row.fact_id: place for place, row in enumerate(hits)}
    if not order:
        return []
    rows = (await connection.execute(select(fact).where(view.holds(), fact.c.id.in_(order)))).all()
    return sorted(await read(connection, rows), key=lambda f: order[f.id])[:limit]
