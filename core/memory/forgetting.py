"""Forgetting somebody: everything of them is found, shown, then erased or blanked, with a proof.

Rows that only say something of them are erased; where a record has to stay, because others hang
on it, its words are blanked. Journal entries keep their hash and lose their content, and one entry
names them, so the chain can still be checked. Issued invoices, the approvals and effects that made
them and the payments of them are legal records: they are kept, and named as kept.
"""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal
from core.canonical import canonical
from core.clock import Clock
from core.memory import entities
from core.memory.traces import PROOF, WORDS, Found, key_of, mentions
from core.storage import memory, schema

BLANK = "[forgotten]"
REDACTED = {"redacted": True}
"""What a journal entry says whose content was forgotten. A trigger lets nothing else through."""


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
    for table, columns in WORDS.items():
        for key in found.rows[table.name]:
            row = (
                (await connection.execute(select(table).where(key_of(table) == key)))
                .mappings()
                .first()
            )
            if row is None:  # a source whose fact is gone
                continue
            if table is schema.response:  # an answer with a hole in it is none
                await connection.execute(delete(table).where(key_of(table) == key))
                continue
            words = {name: blank(row[name], found.terms) for name in columns}
            if table is schema.run and not mentions([row["title"], row["plan"]], found.terms):
                # A run about somebody else: its prompt only lists them among the clients.
                words["explanation"] = blank(row["explanation"], found.terms, whole=False)
            await connection.execute(update(table).where(key_of(table) == key).values(**words))
    for table in (memory.alias, memory.signal):
        keys = tuple(table.primary_key.columns)
        for values in found.rows[table.name]:
            same = [column == value for column, value in zip(keys, values, strict=True)]
            await connection.execute(delete(table).where(*same))
    await _erase_entities(connection, found)
    seqs: list[tuple[int, str]] = found.rows["journal"]
    for seq, _ in seqs:
        await connection.execute(
            text("UPDATE journal SET data = :data WHERE seq = :seq"),
            {"data": canonical(REDACTED).decode(), "seq": seq},
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


async def _erase_entities(connection: AsyncConnection, found: Found) -> None:
    """Blanks the entity, and what hangs on it."""
    ids = [(table, found.entity_id) for table in entities.TABLES.values()]
    ids += [
        (table, one) for kind, table in entities.TABLES.items() for one in found.rows.get(kind, ())
    ]
    for table, entity_id in ids:
        values: dict[str, Any] = {}
        for column in table.columns:
            if column.name in ("contact", "email", "vat_id", "role", "company", "source"):
                values[column.name] = None
            if column.name == "address":
                values["address"] = []
        # The row stays, nameless: invoices, projects and runs may point to its id.
        values |= {"name": f"Forgotten {entity_id[-6:]}", "state": "removed"}
        await connection.execute(update(table).where(table.c.id == entity_id).values(**values))
