"""Traces of somebody: everything there is of them across the tables, and what has to stay."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from core import naming
from core.memory import entities
from core.storage import ledger, memory, schema

PROOF = "memory.forgotten"
"""The kind of the entry that names redacted ones, with the hashes that they had."""
WORDS: dict[Table, tuple[str, ...]] = {
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
    schema.explanation: ("prompt", "output", "rationale"),
}
"""Where words of somebody may be, by table."""
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
    "person": ("person", "people"),
    "project": ("project", "projects"),
    "deliverable": ("deliverable", "deliverables"),
    "alias": ("other name", "other names"),
    "signal": ("signal", "signals"),
    "episode": ("episode", "episodes"),
    "summary": ("summary", "summaries"),
    "transcript": ("message put away", "messages put away"),
    "response": ("remembered answer", "remembered answers"),
    "explanation": ("thought of an agent", "thoughts of agents"),
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
    said = func.folded(cast(column, Text))
    # In JSON a quotation mark is escaped.
    forms = {form for term in terms for form in (term, json.dumps(term, ensure_ascii=False)[1:-1])}
    return or_(*(said.contains(form.casefold(), autoescape=True) for form in forms))


def key_of(table: Table) -> Any:
    """The column that a row of a table is found by."""
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
    hanging = entities.hanging_on(entity, everyone)
    ids = frozenset((entity_id, *(each.id for each in hanging)))
    others = [name.casefold() for e in everyone if e.id not in ids for name in e.names]
    for each in hanging:  # a person by the whole name, where it is nobody else's
        if each.kind == "person" and " " in each.name:
            terms |= {name.casefold() for name in (*each.names, each.email) if name} - set(others)
    first = naming.key(entity.name).split()[0]
    # The first word alone, as in "Northwind", where it is nobody else's.
    if len(first) > 3 and all(first not in naming.words(name) for name in others):
        terms.add(first)
    found = Found(entity_id, entity.name, tuple(sorted(terms)))
    for each in hanging:
        found.rows.setdefault(each.kind, []).append(each.id)
    await _legal(connection, found)
    await _facts(connection, found, ids)
    for table, columns in WORDS.items():
        await _words(connection, found, table, columns)
    await _signals(connection, found, ids)
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


async def _signals(connection: AsyncConnection, found: Found, ids: frozenset[str]) -> None:
    """Their other names and series, and what of others' rests on words that name them."""
    for table in (memory.alias, memory.signal):
        rows = await connection.execute(select(table).where(table.c.entity_id.in_(ids)))
        found.rows[table.name] = [
            tuple(getattr(row, c.name) for c in table.primary_key) for row in rows
        ]
    evidence = memory.signal.c.evidence
    quoted = await connection.execute(
        select(memory.signal).where(
            memory.signal.c.entity_id.not_in(ids), _like(evidence, found.terms)
        )
    )
    found.rows["signal"] += [
        (row.entity_id, row.name, row.ref) for row in quoted if mentions(row.evidence, found.terms)
    ]


async def _facts(connection: AsyncConnection, found: Found, ids: frozenset[str]) -> None:
    """Facts about them or naming them, with every row that hangs on those."""
    fact = memory.fact
    rows = await connection.execute(
        select(fact.c.id, fact.c.origin, fact.c.subject, fact.c.statement).where(
            or_(fact.c.subject.in_(ids), _like(fact.c.statement, found.terms))
        )
    )
    listed = [row for row in rows if row.subject in ids or mentions(row.statement, found.terms)]
    origins = {row.origin for row in listed}
    while True:
        kept = list(await connection.scalars(select(fact.c.id).where(fact.c.origin.in_(origins))))
        more = set(
            await connection.scalars(select(fact.c.origin).where(fact.c.superseded_by.in_(kept)))
        )
        if more <= origins:
            break
        origins |= more
    found.rows["fact"] = kept
    if listed:
        found.examples["fact"] = listed[0].statement


async def _words(
    connection: AsyncConnection, found: Found, table: Table, columns: tuple[str, ...]
) -> None:
    query = select(key_of(table), *(table.c[name] for name in columns)).where(
        or_(*(_like(table.c[name], found.terms) for name in columns))
    )
    if table is schema.run:
        query = query.where(table.c.id.not_in(found.legal_runs))
    if table is schema.step:
        query = query.where(table.c.run_id.not_in(found.legal_runs))
    if table is schema.effect:
        steps = select(schema.step.c.id).where(schema.step.c.run_id.in_(found.legal_runs))
        query = query.where(table.c.step_id.not_in(steps))
    listed = await connection.execute(query.order_by(key_of(table)))
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
