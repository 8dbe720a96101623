"""Facts: what the operator told Factotum, with who said it and when. Nothing is overwritten."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal
from core.clock import Clock
from core.ids import new_id
from core.storage.schema import fact

FUNCTIONAL = frozenset({"payment_terms", "email", "currency"})
"""Relations with one value at a time: a newer statement of the operator ends the older."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One statement that holds. ``source`` says where it came from (``message_id``, ``text``)."""

    id: str
    subject: str
    relation: str
    value: Any
    statement: str
    source: dict[str, Any]
    asserted_by: str
    recorded_at: datetime


def _fact(row: Row[Any]) -> Fact:
    return Fact(
        id=row.id,
        subject=row.subject,
        relation=row.relation,
        value=row.value,
        statement=row.statement,
        source=row.source,
        asserted_by=row.asserted_by,
        recorded_at=row.recorded_at,
    )


_HOLDS = (fact.c.superseded_by.is_(None)) & (fact.c.retracted_at.is_(None))


async def keep(
    connection: AsyncConnection,
    clock: Clock,
    *,
    token: str,
    subject: str,
    relation: str,
    value: Any,
    statement: str,
    source: dict[str, Any],
    asserted_by: str = "operator",
) -> Fact:
    """Records a fact, once per token. A duplicate of one that holds returns that one.

    An older value of a functional relation is ended and points to the new fact.
    """
    known = (
        await connection.execute(
            select(fact).where(
                (fact.c.token == token)
                | (
                    _HOLDS
                    & (fact.c.subject == subject)
                    & (fact.c.relation == relation)
                    & (fact.c.statement == statement)
                )
            )
        )
    ).first()
    if known:
        return _fact(known)
    now = clock.now()
    fact_id = new_id("fact")
    row = (
        await connection.execute(
            fact.insert()
            .values(
                id=fact_id,
                token=token,
                subject=subject,
                relation=relation,
                value=value,
                statement=statement,
                source=source,
                asserted_by=asserted_by,
                trust="owner",
                confidence=100,
                valid_from=now,
                recorded_at=now,
            )
            .returning(fact)
        )
    ).one()
    if relation in FUNCTIONAL:
        await connection.execute(
            update(fact)
            .where(
                _HOLDS
                & (fact.c.subject == subject)
                & (fact.c.relation == relation)
                & (fact.c.id != fact_id)
            )
            .values(superseded_by=fact_id, valid_to=now)
        )
    await connection.execute(
        text("INSERT INTO fact_index (fact_id, statement) VALUES (:id, :statement)"),
        {"id": fact_id, "statement": statement},
    )
    await journal.append(
        connection,
        clock,
        kind="fact.kept",
        subject=fact_id,
        data={
            "token": token,
            "about": subject,
            "relation": relation,
            "statement": statement,
        },
        actor=asserted_by,
    )
    return _fact(row)


async def retract(connection: AsyncConnection, clock: Clock, *, token: str) -> None:
    """Takes the fact kept under ``token`` back, and lets the one it ended hold again."""
    row = (await connection.execute(select(fact).where(fact.c.token == token))).first()
    if row is None or row.retracted_at is not None:
        return
    await connection.execute(
        update(fact).where(fact.c.id == row.id).values(retracted_at=clock.now())
    )
    # What it ended holds again, or is ended by what came after it.
    await connection.execute(
        update(fact)
        .where(fact.c.superseded_by == row.id)
        .values(
            superseded_by=row.superseded_by,
            valid_to=row.valid_to if row.superseded_by else None,
        )
    )
    await journal.append(
        connection, clock, kind="fact.retracted", subject=row.id, data={"token": token}
    )


async def by_token(connection: AsyncConnection, token: str) -> Fact | None:
    """The fact kept under this operation token, or None."""
    row = (await connection.execute(select(fact).where(fact.c.token == token))).first()
    return _fact(row) if row else None


async def load(connection: AsyncConnection, fact_id: str) -> Fact | None:
    """One fact, or None."""
    row = (await connection.execute(select(fact).where(fact.c.id == fact_id))).first()
    return _fact(row) if row else None


async def about(
    connection: AsyncConnection, subject: str, relation: str | None = None
) -> list[Fact]:
    """What holds about a subject, newest first."""
    query = select(fact).where(_HOLDS, fact.c.subject == subject)
    if relation:
        query = query.where(fact.c.relation == relation)
    rows = await connection.execute(query.order_by(fact.c.recorded_at.desc()))
    return [_fact(row) for row in rows]


async def search(connection: AsyncConnection, words: str, *, limit: int = 8) -> list[Fact]:
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
    rows = await connection.execute(select(fact).where(_HOLDS, fact.c.id.in_(order)))
    return sorted((_fact(row) for row in rows), key=lambda f: order[f.id])[:limit]
