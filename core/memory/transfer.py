"""All of memory as JSON Lines, out and in: one row a line, with its table's name."""

import json
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select, text
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal
from core.clock import Clock
from core.errors import FactotumError
from core.memory import entities
from core.storage import memory
from core.storage.base import Moment

FORMAT = {"format": "factotum-memory", "version": 1}
"""The first line."""
TABLES: tuple[Table, ...] = (
    *entities.TABLES.values(),
    memory.alias,
    memory.fact,
    memory.fact_source,
    memory.contradiction,
    memory.summary,
    memory.episode,
    memory.signal,
)
"""All layers, those that others point to first."""
_BY_NAME = {table.name: table for table in TABLES}
_LOCAL = {"contradiction": ("outbox_id",), "fact_source": ("id",)}
"""Columns that mean something in one database only."""


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows were new, and how many were there already."""

    new: int
    known: int


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case _:
            return value


async def lines(connection: AsyncConnection) -> AsyncGenerator[str]:
    """Memory as lines of JSON, without line ends."""
    yield json.dumps(FORMAT)
    for table in TABLES:
        order = [table.c.recorded_at] if "recorded_at" in table.c else []
        rows = await connection.execute(select(table).order_by(*order, *table.primary_key.columns))
        for row in rows.mappings():
            values = {
                str(name): _plain(value)
                for name, value in row.items()
                if name not in _LOCAL.get(table.name, ())
            }
            yield json.dumps({"table": table.name} | values, ensure_ascii=False)


async def read(connection: AsyncConnection, clock: Clock, given: Iterable[str]) -> Imported:
    """Adds rows from ``lines``; what is there already, by its key, stays as it is.

    Raises FactotumError naming the line that can't be read; the caller's transaction is to be
    given up then.
    """
    new = known = 0
    # A fact may point to one that comes later in the file.
    await connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    for number, line in enumerate(given, 1):
        if number == 1:
            if _parsed(line, number) != FORMAT:
                raise FactotumError("That is not an export of Factotum's memory.")
            continue
        if not line.strip():
            continue
        try:
            made = await _add(connection, _parsed(line, number))
        except (KeyError, TypeError, ValueError, IntegrityError, StatementError):
            raise FactotumError(
                f"Line {number} is no row of memory. Nothing was imported."
            ) from None
        new, known = new + made, known + (not made)
    await journal.append(
        connection,
        clock,
        kind="memory.imported",
        subject="memory",
        data={"new": new, "known": known},
        actor="host",
    )
    return Imported(new, known)


def _parsed(line: str, number: int) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise FactotumError(f"Line {number} is not JSON. Nothing was imported.")
    return value  # pyright: ignore[reportUnknownVariableType] - any JSON object


async def _add(connection: AsyncConnection, row: dict[str, Any]) -> bool:
    table = _BY_NAME[row.pop("table")]
    values = {
        name: datetime.fromisoformat(value)
        if isinstance(table.c[name].type, Moment) and value
        else value
        for name, value in row.items()
    }
    if table is memory.fact_source and await _has_source(connection, values):
        return False
    made = await connection.execute(insert(table).values(**values).on_conflict_do_nothing())
    if made.rowcount == 1 and table is memory.fact:
        await connection.execute(
            text("INSERT INTO fact_index (fact_id, statement) VALUES (:id, :statement)"),
            {"id": values["id"], "statement": values["statement"]},
        )
    return made.rowcount == 1


async def _has_source(connection: AsyncConnection, values: dict[str, Any]) -> bool:
    source = memory.fact_source.c
    found = await connection.scalar(
        select(source.id).where(
            source.fact_id == values["fact_id"],
            source.kind == values["kind"],
            source.quote == values["quote"],
            source.at == values["at"],
        )
    )
    return found is not None
