"""Statements that are built, compiled and typed once, for what runs at every step.

SQLAlchemy works out anew at each execution how a statement's values and rows are turned; for a
statement of some microseconds that costs ten times the statement. A prepared one is written in
SQLAlchemy's language and gives the same rows, and takes part in the same transactions.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

from core.storage import driver

_DIALECT = driver.OneHop()


def make_row(names: Sequence[str]) -> Callable[[Sequence[Any]], Any]:
    """What makes a row with these ``names`` of its cells."""
    # Its fields are known only at run time, so that no class can be written for it.
    row = namedtuple("Row", names)  # pyright: ignore[reportUntypedNamedTuple] - see above
    return row._make


class Prepared:
    """A SELECT, INSERT, UPDATE or DELETE whose values are named by ``bindparam``.

    An insert names its ``columns`` where it does not fill all of them. A list to look in is
    given as a table, since the text of the statement stays the same.
    """

    def __init__(self, statement: Executable, *, columns: Sequence[str] | None = None) -> None:
        assert isinstance(statement, ClauseElement)
        compiled = statement.compile(
            dialect=_DIALECT, column_keys=list(columns) if columns else None
        )
        self._text = str(compiled)
        assert isinstance(compiled, SQLCompiler)
        given: Mapping[str, Any] = compiled.params or {}
        self._values: list[tuple[str, Any, Any]] = []
        for name in compiled.positiontup or ():
            bind = compiled.binds[name]
            turn = bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
            fixed = None if bind.required else given[name]
            self._values.append((name, turn, turn(fixed) if turn and fixed is not None else fixed))
        found = list(getattr(statement, "exported_columns", ()))
        self._turns = [
            (place, turn)
            for place, column in enumerate(found)
            if (turn := column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None))
        ]
        self._row = make_row([column.key for column in found])

    async def all(self, connection: AsyncConnection, **values: Any) -> list[Any]:
        """The rows, with the columns as attributes."""
        rows = (await driver.run(connection, self._text, self._bound(values))).rows
        make, turns = self._row, self._turns
        if not turns:
            return [make(row) for row in rows]
        made: list[Any] = []
        for row in rows:
            cells = list(row)
            for place, turn in turns:
                if cells[place] is not None:  # NULL is None, whatever the type
                    cells[place] = turn(cells[place])
            made.append(make(cells))
        return made

    async def first(self, connection: AsyncConnection, **values: Any) -> Any | None:
        """The first row, or None."""
        rows = await self.all(connection, **values)
        return rows[0] if rows else None

    async def change(self, connection: AsyncConnection, **values: Any) -> int:
        """Changes rows; returns how many."""
        return (await driver.run(connection, self._text, self._bound(values))).rowcount

    async def each(self, connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Executes once for every one of ``rows``."""
        await driver.run(connection, self._text, [self._bound(row) for row in rows], many=True)

    def _bound(self, values: Mapping[str, Any]) -> list[Any]:
        return [
            (turn(values[name]) if turn else values[name]) if name in values else fixed
            for name, turn, fixed in self._values
        ]
