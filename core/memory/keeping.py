"""Writing memory: what the gate lets in is kept, superseded or taken back, never overwritten."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal
from core.clock import Clock
from core.ids import new_id
from core.memory import contradictions, facts
from core.memory.facts import Fact, How, Source
from core.memory.gate import Ask, Candidate, Keep, Merge, Refuse, Ruling, Supersede, judge
from core.memory.standing import standing
from core.storage.memory import fact, fact_source


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a candidate: the ruling, and the fact that says so now, if one does.

    ``contradiction`` is the id of the question that is open, where there is one.
    """

    ruling: Ruling
    fact: Fact | None = None
    contradiction: str | None = None


async def remember(
    connection: AsyncConnection, clock: Clock, candidate: Candidate, *, token: str
) -> Outcome:
    """Lets a candidate through the gate and does as it rules, once per token."""
    known = await facts.by_token(connection, token)
    if known:
        return Outcome(Keep(), known)
    asked = await contradictions.by_token(connection, token)
    if asked:
        return Outcome(Ask(asked.against), asked.against, asked.id)
    ruling = judge(candidate, await held(connection, clock, candidate))
    match ruling:
        case Refuse():
            return Outcome(ruling)
        case Ask(against):
            asked_id = await contradictions.open_one(
                connection, clock, candidate, against=against, token=token
            )
            return Outcome(ruling, against, asked_id)
        case Merge(into):
            await _add_source(connection, clock, into.origin, candidate.source, token)
            await journal.append(
                connection, clock, kind="fact.confirmed", subject=into.origin, data={"token": token}
            )
            return Outcome(ruling, await facts.load(connection, into.id))
        case Keep() | Supersede():
            old = ruling.old if isinstance(ruling, Supersede) else ()
            how = ruling.how if isinstance(ruling, Supersede) else candidate.how
            return Outcome(ruling, await put(connection, clock, candidate, how, old, token=token))


async def held(connection: AsyncConnection, clock: Clock, candidate: Candidate) -> list[Fact]:
    """What is known of the subject, of any time: what ends or begins later counts too."""
    rows = (
        await connection.execute(
            select(fact).where(
                fact.c.subject == candidate.subject,
                fact.c.superseded_at.is_(None),
                fact.c.retracted_at.is_(None),
            )
        )
    ).all()
    now = clock.now()
    begun = candidate if candidate.valid_from or candidate.valid_to else None
    # A candidate that names no time is about now; what has ended says nothing against it.
    return [
        found
        for found in await facts.read(connection, rows)
        if begun or found.valid_to is None or found.valid_to > now
    ]


async def put(
    connection: AsyncConnection,
    clock: Clock,
    candidate: Candidate,
    how: How,
    old: Sequence[Fact],
    *,
    token: str | None,
) -> Fact:
    """Keeps a candidate in place of ``old``, without asking the gate."""
    now = clock.now()
    start = candidate.valid_from
    if start is None and how == "corrected" and old:
        start = min((f.valid_from for f in old if f.valid_from), default=None)
    if start is None and candidate.valid_to is None and not (how == "corrected" and old):
        start = now
    fact_id = new_id("fact")
    row = await _insert(
        connection,
        clock,
        id=fact_id,
        token=token,
        origin=fact_id,
        subject=candidate.subject,
        relation=candidate.relation,
        value_kind=candidate.value.kind,
        value=candidate.value.data,
        statement=candidate.statement,
        asserted_by=candidate.asserted_by,
        model=candidate.model,
        approval_id=candidate.approval_id,
        trust=candidate.trust,
        confidence=candidate.confidence,
        how=how,
        valid_from=start,
        valid_to=candidate.valid_to,
        retention="facts",
    )
    await _add_source(connection, clock, fact_id, candidate.source, None)
    for each in old:
        await _supersede(connection, clock, each, row, ends=start if how == "changed" else None)
    await journal.append(
        connection,
        clock,
        kind="fact.kept",
        subject=fact_id,
        data={
            "token": token,
            "about": candidate.subject,
            "relation": candidate.relation,
            "how": how,
            "in_place_of": [each.id for each in old],
            "statement_sha256": hashlib.sha256(candidate.statement.encode()).hexdigest(),
        },
        actor=candidate.asserted_by,
    )
    return (await facts.read(connection, [row]))[0]


async def _insert(connection: AsyncConnection, clock: Clock, **values: Any) -> Row[Any]:
    row = (
        await connection.execute(
            fact.insert().values(recorded_at=clock.now(), **values).returning(fact)
        )
    ).one()
    await connection.execute(
        text("INSERT INTO fact_index (fact_id, statement) VALUES (:id, :statement)"),
        {"id": row.id, "statement": row.statement},
    )
    return row


async def _add_source(
    connection: AsyncConnection, clock: Clock, fact_id: str, source: Source, token: str | None
) -> None:
    await connection.execute(
        fact_source.insert().values(
            fact_id=fact_id,
            token=token,
            kind=source.kind,
            ref=source.ref,
            place=source.place,
            quote=source.quote,
            trust=source.trust,
            at=source.at or clock.now(),
        )
    )


async def _supersede(
    connection: AsyncConnection, clock: Clock, old: Fact, new: Row[Any], *, ends: datetime | None
) -> None:
    """Ends what is known of ``old``; with ``ends`` it was true until then, and a copy says so."""
    await connection.execute(
        update(fact)
        .where(fact.c.id == old.id)
        .values(superseded_by=new.id, superseded_at=clock.now())
    )
    await contradictions.settle(connection, clock, old.id)
    if ends and (old.valid_from is None or old.valid_from < ends):
        await _copy(connection, clock, old.id, how="closed", because_of=new.id, valid_to=ends)


async def _copy(connection: AsyncConnection, clock: Clock, fact_id: str, **values: Any) -> None:
    row = (await connection.execute(select(fact).where(fact.c.id == fact_id))).mappings().one()
    kept = {
        str(key): value
        for key, value in row.items()
        if key not in ("recorded_at", "superseded_by", "superseded_at", "retracted_at")
    }
    await _insert(connection, clock, **(kept | {"id": new_id("fact"), "token": None} | values))


async def retract(connection: AsyncConnection, clock: Clock, *, token: str) -> bool:
    """Takes back what was kept under ``token``, and lets what it ended hold again.

    Where it only added a source, that source is taken away. False where nothing is left of it.
    """
    row = (await connection.execute(select(fact).where(fact.c.token == token))).first()
    if row is not None:
        return await _retract(connection, clock, row, token)
    gone = await connection.execute(delete(fact_source).where(fact_source.c.token == token))
    if gone.rowcount:
        await journal.append(
            connection, clock, kind="fact.unconfirmed", subject=token, data={"token": token}
        )
    return bool(gone.rowcount)


async def retract_fact(connection: AsyncConnection, clock: Clock, fact_id: str) -> bool:
    """Takes back one fact by its id, and lets what it ended hold again."""
    row = (
        await connection.execute(
            select(fact).where(
                fact.c.id == select(fact.c.origin).where(fact.c.id == fact_id).scalar_subquery()
            )
        )
    ).first()
    return row is not None and await _retract(connection, clock, row, None)


async def _retract(
    connection: AsyncConnection, clock: Clock, row: Row[Any], token: str | None
) -> bool:
    taken = await connection.execute(
        update(fact)
        .where(fact.c.origin == row.origin, fact.c.retracted_at.is_(None))
        .values(retracted_at=clock.now())
    )
    if not taken.rowcount:
        return False
    await _replay(connection, clock, row)
    await journal.append(
        connection, clock, kind="fact.retracted", subject=row.id, data={"token": token}
    )
    return True


async def _replay(connection: AsyncConnection, clock: Clock, gone: Row[Any]) -> None:
    """Works out anew what holds in a relation when one statement of it is taken away."""
    rows = (
        await connection.execute(
            select(fact)
            .where(fact.c.subject == gone.subject, fact.c.relation == gone.relation)
            .order_by(fact.c.recorded_at, fact.c.id)
        )
    ).all()
    wanted = standing(rows)
    for row in rows:
        if row.superseded_at or row.retracted_at:
            continue
        if wanted.get(row.origin) == (row.valid_from, row.valid_to):
            del wanted[row.origin]
        else:
            await connection.execute(
                update(fact).where(fact.c.id == row.id).values(retracted_at=clock.now())
            )
    for origin, (start, end) in wanted.items():
        await _copy(
            connection,
            clock,
            origin,
            how="restored",
            because_of=gone.id,
            valid_from=start,
            valid_to=end,
        )


async def decide(
    connection: AsyncConnection, clock: Clock, asked_id: str, answer: contradictions.Answer
) -> Outcome | None:
    """Does as the owner decided about a contradiction; None where that was decided before."""
    asked = await contradictions.close(connection, clock, asked_id, answer)
    if asked is None:
        return None
    if answer == "kept_old":
        return Outcome(Merge(asked.against), asked.against)
    # By the owner's tap it is the owner's word, wherever it came from.
    candidate = replace(
        asked.candidate,
        how="corrected" if answer == "took_new" else "changed",
        source=replace(asked.candidate.source, trust="owner"),
        confidence=100,
    )
    ruling = judge(candidate, await held(connection, clock, candidate))
    old = ruling.old if isinstance(ruling, Supersede) else ()
    return Outcome(
        ruling, await put(connection, clock, candidate, candidate.how, old, token=asked.token)
    )
