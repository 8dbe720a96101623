"""Forgetting somebody: everything of them is found, shown, then erased or blanked, with a proof.

Rows that only say something of them are erased; where a record has to stay, because others hang
on it, its words are blanked. Journal entries keep their hash and lose their content, and one entry
names them, so the chain can still be checked. Issued invoices, the approvals and effects that made
them and the payments of them are legal records: they are kept, and named as kept.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, cast, delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from core import journal, naming
from core.clock import Clock
from core.memory import entities
from core.storage import ledger, memory, schema

BLANK = "[forgotten]"
REDACTED = {"redacted": True}
"""What a journal entry says whose content was forgotten. A trigger lets nothing else through."""
PROOF = "memory.forgotten"
"""The kind of the entry that names redacted ones, with the hashes that they had."""
_WORDS: dict[Table, tuple[str, ...]] = {
    schema.inbox: ("text", "data"),
    schema.outbox: ("payload", "error"),
    schema.run: ("title", "plan", "request", "explanation"),
    schema.step: ("params", "result", "verdict", "error"),
    schema.effect: ("params", "result"),
    schema.approval: ("reason",),
    schema.prompt: ("data",),
    schema.schedule: ("data",),
    memory.fact_source: ("quote", "place"),
    memory.episode: ("text",),
    memory.summary: ("text",),
    memory.transcript: ("content",),
    schema.response: ("output",),
}
"""Where words are blanked, by table."""
_NAMED = {
    "inbox": ("message from you", "messages from you"),
    "outbox": ("message to you", "messages to you"),
    "run": ("run", "runs"),
    "step": ("step", "steps"),
    "effect": ("effect", "effects"),
    "approval": ("approval", "approvals"),
    "prompt": ("question", "questions"),
    "schedule": ("reminder", "reminders"),
    "fact": ("fact", "facts"),
    "fact_source": ("source", "sources"),
    "contradiction": ("contradiction", "contradictions"),
    "alias": ("other name", "other names"),
    "signal": ("signal", "signals"),
    "episode": ("episode", "episodes"),
    "summary": ("summary", "summaries"),
    "transcript": ("message put away", "messages put away"),
    "response": ("remembered answer", "remembered answers"),
    "journal": ("journal entry", "journal entries"),
}


@dataclass(slots=True)
class Found:
    """What there is of somebody: row keys and an example by table, and what has to stay."""

    entity_id: str
    name: str
    terms: tuple[str, ...]
    rows: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    examples: dict[str, str] = field(default_factory=dict[str, str])
    kept: list[str] = field(default_factory=list[str])
    legal_runs: frozenset[str] = frozenset()
    under_way: int = 0

    def counts(self) -> dict[str, int]:
        """How many rows there are, by what they are called."""
        return {_NAMED[name][len(keys) > 1]: len(keys) for name, keys in self.rows.items() if keys}


def _like(column: Any, terms: Iterable[str]) -> Any:
    said = func.lower(cast(column, Text))
    forms = {form for term in terms for form in (term, json.dumps(term)[1:-1])}
    return or_(*(said.contains(form.casefold(), autoescape=True) for form in forms))


def _key(table: Table) -> Any:
    return next(iter(table.primary_key.columns))


async def find(connection: AsyncConnection, entity_id: str) -> Found | None:
    """Everything of an entity, or None where there is none of that id."""
    everyone = await entities.everyone(connection)
    entity = next((e for e in everyone if e.id == entity_id), None)
    if entity is None:
        return None
    terms = {name.casefold() for name in entity.names}
    if entity.email:
        terms.add(entity.email.casefold())
    # The first word alone, as in "Northwind", where it is nobody else's.
    others = {
        word for e in everyone if e.id != entity_id for n in e.names for word in naming.words(n)
    }
    first = naming.key(entity.name).split()[0]
    if len(first) > 3 and first not in others:
        terms.add(first)
    found = Found(entity_id, entity.name, tuple(sorted(terms)))
    await _legal(connection, found)
    await _facts(connection, found)
    for table, columns in _WORDS.items():
        await _words(connection, found, table, columns)
    for table in (memory.alias, memory.signal):
        rows = await connection.execute(select(table).where(table.c.entity_id == entity_id))
        found.rows[table.name] = [tuple(row) for row in rows]
    rows = await connection.execute(
        select(memory.contradiction.c.id).where(
            or_(
                memory.contradiction.c.against.in_(found.rows["fact"]),
                _like(memory.contradiction.c.candidate, terms),
            )
        )
    )
    found.rows["contradiction"] = list(rows.scalars())
    await _journal(connection, found)
    return found


async def _legal(connection: AsyncConnection, found: Found) -> None:
    """Runs that issued invoices or booked payments to them, and what is named as kept."""
    numbers = list(
        await connection.scalars(
            select(ledger.invoice.c.number)
            .where(_like(ledger.invoice.c.client_name, found.terms))
            .order_by(ledger.invoice.c.number)
        )
    )
    if numbers:
        found.kept.append(f"{len(numbers)} issued invoices and credit notes: {', '.join(numbers)}")
    runs = await connection.scalars(
        select(schema.step.c.run_id)
        .join(schema.effect, schema.effect.c.step_id == schema.step.c.id)
        .where(
            schema.effect.c.action.startswith("billing."),
            schema.effect.c.state.in_(("confirmed", "reversed", "unknown")),
            _like(schema.effect.c.params, (*found.terms, *numbers)),
        )
    )
    found.legal_runs = frozenset(runs)
    if found.legal_runs:
        found.kept.append(f"the plans and approvals of {len(found.legal_runs)} runs that made them")
    found.under_way = (
        await connection.scalar(
            select(func.count())
            .select_from(schema.run)
            .where(schema.run.c.state == "running", _like(schema.run.c.plan, found.terms))
        )
        or 0
    )


async def _facts(connection: AsyncConnection, found: Found) -> None:
    """Facts about them or naming them, with every row that hangs on those."""
    fact = memory.fact
    rows = await connection.execute(
        select(fact.c.id, fact.c.origin, fact.c.subject, fact.c.statement).where(
            or_(fact.c.subject == found.entity_id, _like(fact.c.statement, found.terms))
        )
    )
    listed = [
        row
        for row in rows
        if row.subject == found.entity_id or mentions(row.statement, found.terms)
    ]
    origins = {row.origin for row in listed}
    while True:
        ids = list(await connection.scalars(select(fact.c.id).where(fact.c.origin.in_(origins))))
        more = set(
            await connection.scalars(select(fact.c.origin).where(fact.c.superseded_by.in_(ids)))
        )
        if more <= origins:
            break
        origins |= more
    found.rows["fact"] = ids
    if listed:
        found.examples["fact"] = listed[0].statement


async def _words(
    connection: AsyncConnection, found: Found, table: Table, columns: tuple[str, ...]
) -> None:
    query = select(_key(table), *(table.c[name] for name in columns)).where(
        or_(*(_like(table.c[name], found.terms) for name in columns))
    )
    if table is schema.run:
        query = query.where(table.c.id.not_in(found.legal_runs))
    if table is schema.step:
        query = query.where(table.c.run_id.not_in(found.legal_runs))
    if table is schema.effect:
        steps = select(schema.step.c.id).where(schema.step.c.run_id.in_(found.legal_runs))
        query = query.where(table.c.step_id.not_in(steps))
    listed = await connection.execute(query.order_by(_key(table)))
    rows = [row for row in listed if mentions(tuple(row)[1:], found.terms)]
    found.rows[table.name] = [row[0] for row in rows]
    said = [row for row in rows if mentions(row[1], found.terms)]
    if said and table in (schema.inbox, schema.run):
        found.examples[table.name] = str(said[0][1])


async def _journal(connection: AsyncConnection, found: Found) -> None:
    """Entries that name them, apart from those of legal records."""
    steps = set(
        await connection.scalars(
            select(schema.step.c.id).where(schema.step.c.run_id.in_(found.legal_runs))
        )
    )
    tokens = set(
        await connection.scalars(
            select(schema.effect.c.token).where(schema.effect.c.step_id.in_(steps))
        )
    )
    stays = steps | tokens | found.legal_runs
    rows = await connection.execute(
        select(
            schema.journal.c.seq,
            schema.journal.c.subject,
            schema.journal.c.hash,
            schema.journal.c.data,
        )
        .where(_like(schema.journal.c.data, found.terms), schema.journal.c.kind != PROOF)
        .order_by(schema.journal.c.seq)
    )
    found.rows["journal"] = [
        (row.seq, row.hash.hex())
        for row in rows
        if row.subject not in stays and mentions(row.data, found.terms)
    ]


def blank(value: Any, terms: Iterable[str], *, whole: bool = True) -> Any:
    """``value`` with every string in it blanked that names them; or only the names."""
    match value:
        case str() if not mentions(value, terms):
            return value
        case str():
            names = "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
            return (
                BLANK if whole else re.sub(rf"(?<!\w)(?:{names})(?!\w)", BLANK, value, flags=re.I)
            )
        case dict():
            return {key: blank(item, terms, whole=whole) for key, item in value.items()}
        case list():
            return [blank(item, terms, whole=whole) for item in value]
        case _:
            return value


async def erase(
    connection: AsyncConnection, clock: Clock, found: Found, *, files: int = 0
) -> dict[str, int]:
    """Erases what was found, with a proof in the journal; returns how much, by name."""
    counts = found.counts()
    await _erase_facts(connection, found)
    for table, columns in _WORDS.items():
        for key in found.rows[table.name]:
            row = (
                (await connection.execute(select(table).where(_key(table) == key)))
                .mappings()
                .first()
            )
            if row is None:  # a source whose fact is gone
                continue
            if table is schema.response:  # an answer with a hole in it is none
                await connection.execute(delete(table).where(_key(table) == key))
                continue
            words = {name: blank(row[name], found.terms) for name in columns}
            if table is schema.run and not mentions([row["title"], row["plan"]], found.terms):
                # A run about somebody else: its prompt only lists them among the clients.
                words["explanation"] = blank(row["explanation"], found.terms, whole=False)
            await connection.execute(update(table).where(_key(table) == key).values(**words))
    for table in (memory.alias, memory.signal):
        await connection.execute(delete(table).where(table.c.entity_id == found.entity_id))
    await _erase_entity(connection, found)
    seqs: list[tuple[int, str]] = found.rows["journal"]
    for seq, _ in seqs:
        await connection.execute(
            text("UPDATE journal SET data = :data WHERE seq = :seq"),
            {"data": json.dumps(REDACTED), "seq": seq},
        )
    await journal.append(
        connection,
        clock,
        kind=PROOF,
        subject=found.entity_id,
        data={"redacted": seqs, "erased": counts, "files": files, "kept": len(found.kept)},
        actor="operator",
    )
    return counts


async def _erase_facts(connection: AsyncConnection, found: Found) -> None:
    ids = found.rows["fact"]
    for one in found.rows["contradiction"]:
        await connection.execute(
            delete(memory.contradiction).where(memory.contradiction.c.id == one)
        )
    await connection.execute(
        delete(memory.fact_source).where(memory.fact_source.c.fact_id.in_(ids))
    )
    for one in ids:
        await connection.execute(text("DELETE FROM fact_index WHERE fact_id = :id"), {"id": one})
    # Those that were superseded first: they point to what superseded them.
    await connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    await connection.execute(delete(memory.fact).where(memory.fact.c.id.in_(ids)))


async def _erase_entity(connection: AsyncConnection, found: Found) -> None:
    for table in entities.TABLES.values():
        values: dict[str, Any] = {}
        for column in table.columns:
            if column.name in ("contact", "email", "vat_id", "role", "company", "source"):
                values[column.name] = None
            if column.name == "address":
                values["address"] = []
        # The row stays, nameless: invoices, projects and runs may point to its id.
        values |= {"name": f"Forgotten {found.entity_id[-6:]}", "state": "removed"}
        await connection.execute(
            update(table).where(table.c.id == found.entity_id).values(**values)
        )


def mentions(value: Any, terms: Iterable[str]) -> bool:
    """Whether a text, or any in a JSON value, names them, as a word or an address."""
    match value:
        case str():
            low = value.casefold()
            return any(re.search(rf"(?<!\w){re.escape(term)}(?!\w)", low) for term in terms)
        case dict():
            return any(mentions(item, terms) for item in value.values())
        case list() | tuple():
            return any(mentions(item, terms) for item in value)
        case _:
            return False
