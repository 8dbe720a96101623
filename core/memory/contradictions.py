"""Contradictions: statements against what holds, kept aside until the owner has decided."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal
from core.clock import Clock
from core.ids import new_id
from core.memory import facts
from core.memory.facts import Fact, Source
from core.memory.gate import Candidate
from core.memory.values import Value
from core.storage.memory import contradiction

Answer = Literal["kept_old", "took_new", "kept_both"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """One open question: ``candidate`` against the fact that holds until it is answered."""

    id: str
    token: str | None
    against: Fact
    candidate: Candidate
    outbox_id: int | None


def dump(candidate: Candidate) -> dict[str, Any]:
    """A candidate as JSON."""
    plain = asdict(candidate)
    plain["source"].pop("at")
    return plain | {
        key: value.isoformat() if value else None
        for key, value in (("valid_from", candidate.valid_from), ("valid_to", candidate.valid_to))
    }


def parse(stored: dict[str, Any]) -> Candidate:
    """A candidate from ``dump``."""
    whole: dict[str, Any] = dict(stored)
    for key in ("valid_from", "valid_to"):
        whole[key] = datetime.fromisoformat(stored[key]) if stored[key] else None
    whole |= {"value": Value(**stored["value"]), "source": Source(**stored["source"])}
    return Candidate(**whole)


async def _read(connection: AsyncConnection, row: Row[Any] | None) -> Contradiction | None:
    against = await facts.load(connection, row.against) if row else None
    if row is None or against is None:
        return None
    return Contradiction(
        id=row.id,
        token=row.token,
        against=against,
        candidate=parse(row.candidate),
        outbox_id=row.outbox_id,
    )


async def open_one(
    connection: AsyncConnection, clock: Clock, candidate: Candidate, *, against: Fact, token: str
) -> str:
    """Opens a question, or returns the open one that asks the same already."""
    rows = await connection.execute(
        select(contradiction).where(
            contradiction.c.state == "open", contradiction.c.against == against.id
        )
    )
    for row in rows:
        if parse(row.candidate).value.key() == candidate.value.key():
            return row.id
    asked_id = new_id("con")
    await connection.execute(
        contradiction.insert().values(
            id=asked_id,
            token=token,
            against=against.id,
            candidate=dump(candidate),
            state="open",
            created_at=clock.now(),
        )
    )
    await journal.append(
        connection,
        clock,
        kind="contradiction.opened",
        subject=asked_id,
        data={"against": against.id, "relation": candidate.relation},
        actor=candidate.asserted_by,
    )
    return asked_id


async def load(connection: AsyncConnection, asked_id: str) -> Contradiction | None:
    """One contradiction, open or not; None where the fact it is against was erased."""
    row = (
        await connection.execute(select(contradiction).where(contradiction.c.id == asked_id))
    ).first()
    return await _read(connection, row)


async def by_token(connection: AsyncConnection, token: str) -> Contradiction | None:
    """The contradiction that this operation token opened, or None."""
    row = (
        await connection.execute(select(contradiction).where(contradiction.c.token == token))
    ).first()
    return await _read(connection, row)


def any_unasked() -> ColumnElement[bool]:
    """Whether one is open that the owner was not asked about, as a part of a query."""
    return exists().where(contradiction.c.state == "open", contradiction.c.outbox_id.is_(None))


async def unasked(connection: AsyncConnection) -> list[Contradiction]:
    """What the owner was not asked about yet, oldest first."""
    rows = (
        await connection.execute(
            select(contradiction)
            .where(contradiction.c.state == "open", contradiction.c.outbox_id.is_(None))
            .order_by(contradiction.c.id)
        )
    ).all()
    found = [await _read(connection, row) for row in rows]
    return [each for each in found if each]


async def pending(connection: AsyncConnection) -> list[Contradiction]:
    """Everything that waits for the owner's word, oldest first."""
    rows = (
        await connection.execute(
            select(contradiction)
            .where(contradiction.c.state == "open")
            .order_by(contradiction.c.id)
        )
    ).all()
    found = [await _read(connection, row) for row in rows]
    return [each for each in found if each]


async def shown(connection: AsyncConnection, asked_id: str, outbox_id: int) -> None:
    """Remembers which letter asks."""
    await connection.execute(
        update(contradiction)
        .where(contradiction.c.id == asked_id)
        .values(outbox_id=outbox_id or None)
    )


async def close(
    connection: AsyncConnection, clock: Clock, asked_id: str, answer: Answer
) -> Contradiction | None:
    """Ends a question by compare-and-set; None where it was ended before."""
    row = (
        await connection.execute(
            update(contradiction)
            .where(contradiction.c.id == asked_id, contradiction.c.state == "open")
            .values(state=answer, decided_at=clock.now())
            .returning(contradiction)
        )
    ).first()
    if row is None:
        return None
    await journal.append(
        connection, clock, kind=f"contradiction.{answer}", subject=asked_id, actor="operator"
    )
    return await _read(connection, row)


async def settle(connection: AsyncConnection, clock: Clock, fact_id: str) -> None:
    """Ends questions about a fact that has been superseded otherwise meanwhile."""
    rows = await connection.execute(
        update(contradiction)
        .where(contradiction.c.against == fact_id, contradiction.c.state == "open")
        .values(state="settled", decided_at=clock.now())
        .returning(contradiction.c.id)
    )
    for row in rows.all():
        await journal.append(connection, clock, kind="contradiction.settled", subject=row.id)
