"""People, projects and deliverables of clients as actions: noted, completed, and taken back.

The id is made with the plan, so doing it twice is one row. A row of the same name beside it is
completed instead, unless the owner said that it is another one.
"""

from typing import Any, ClassVar

from pydantic import AwareDatetime, TypeAdapter
from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal, naming, profile
from core.actions import Action, Concern, Params, Result, Reversal, Risk, Sensitive
from core.clock import Clock
from core.memory import entities
from core.memory.entities import Kind
from core.storage.database import Database
from core.when import day

_MOMENT: TypeAdapter[AwareDatetime] = TypeAdapter(AwareDatetime)


class Record(Params, frozen=True):
    """Note somebody or something of a client, or complete what is noted.

    ``of`` is what it is of, in words. ``before`` is the row as it was, where one is completed;
    ``another``: one of the same name is known, and this is not it.
    """

    kind: ClassVar[Kind]
    hangs_on: ClassVar[str]

    id: str
    name: str
    of: str
    before: dict[str, Any] | None = None
    another: bool = False

    def columns(self) -> dict[str, Any]:
        """What is noted, by column; what is not said is left out."""
        said = self.model_dump(exclude={"id", "of", "before", "another"})
        return {key: value for key, value in said.items() if value is not None}


class Person(Record, frozen=True):
    """A person at a client."""

    kind = "person"
    hangs_on = "client_id"

    client_id: str
    email: str | None = None
    role: str | None = None


class Project(Record, frozen=True):
    """A project for a client."""

    kind = "project"
    hangs_on = "client_id"

    client_id: str
    due_at: AwareDatetime | None = None


class Deliverable(Record, frozen=True):
    """Something that a project delivers."""

    kind = "deliverable"
    hangs_on = "project_id"

    project_id: str
    due_at: AwareDatetime | None = None


class Noted(Result, frozen=True):
    """A record was made or completed; ``id`` is its id."""

    id: str


class People:
    """The actions on people, projects and deliverables."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def actions(self) -> tuple[Action, ...]:
        """One for each kind."""
        return tuple(
            Action(
                name=f"{params.kind}.note",
                params=params,
                result=Noted,
                risk=Risk.INSIDE,
                reversal=Reversal("compensate", f"the {params.kind} is as it was before"),
                perform=self._note,
                check=self._find,
                compensate=self._take_back,
                concerns=_concern,
                sensitive={"email": Sensitive.RECIPIENT} if params is Person else {},
            )
            for params in (Person, Project, Deliverable)
        )

    async def _note(self, token: str, params: Record) -> Noted:
        async with self._db.write() as connection:
            row = await _row(connection, params)
            if row is None:
                await entities.add(
                    connection,
                    self._clock,
                    kind=params.kind,
                    entity_id=params.id,
                    **params.columns(),
                )
            elif _differs(row, params):
                await self._change(connection, params, row.id, _said(row, params), token)
            found = await _row(connection, params)
            assert found is not None
            return Noted(id=found.id, receipt=await _receipt(connection, params))

    async def _find(self, token: str, params: Record) -> Noted | None:
        async with self._db.read() as connection:
            row = await _row(connection, params)
            if row is None or _differs(row, params):
                return None
            return Noted(id=row.id, receipt=await _receipt(connection, params))

    async def _take_back(self, token: str, params: Record, result: Noted) -> Noted:
        if result.id != params.id:
            told = f"{params.name} was noted before and stays."
            return Noted(id=result.id, receipt=told)
        values: dict[str, Any] = dict(params.before or {"state": "removed"})
        if params.before is not None and "due_at" in type(params).model_fields:
            due = values.get("due_at")
            values["due_at"] = _MOMENT.validate_python(due) if due else None
        async with self._db.write() as connection:
            await self._change(connection, params, params.id, values, token)
        told = "is no longer noted" if params.before is None else "is noted as before"
        return Noted(id=params.id, receipt=f"{params.name} {told}.")

    async def _change(
        self,
        connection: AsyncConnection,
        params: Record,
        row_id: str,
        values: dict[str, Any],
        token: str,
    ) -> None:
        table = entities.TABLES[params.kind]
        await connection.execute(update(table).where(table.c.id == row_id).values(**values))
        kind = "removed" if values.get("state") == "removed" else "changed"
        await journal.append(
            connection,
            self._clock,
            kind=f"{params.kind}.{kind}",
            subject=row_id,
            data={"token": token},
        )


async def _row(connection: AsyncConnection, params: Record) -> Row[Any] | None:
    """The row that the record is in: by its id, or else by its name beside others."""
    table = entities.TABLES[params.kind]
    rows = (await connection.execute(select(table).where(table.c.id == params.id))).all()
    if rows or params.another or params.before is not None:
        return rows[0] if rows else None
    parent = table.c[params.hangs_on] == getattr(params, params.hangs_on)
    beside = await connection.execute(select(table).where(parent, table.c.state != "removed"))
    key = naming.key(params.name)
    return next((row for row in beside if naming.key(row.name) == key), None)


def _said(row: Row[Any], params: Record) -> dict[str, Any]:
    """What the row is to hold; another row keeps the name that it has."""
    said = params.columns()
    return said if row.id == params.id else {k: v for k, v in said.items() if k != "name"}


def _differs(row: Row[Any], params: Record) -> bool:
    return any(getattr(row, key) != value for key, value in _said(row, params).items())


async def _receipt(connection: AsyncConnection, params: Record) -> str:
    owner = await profile.load(connection)
    match params:
        case Person():
            role = f" as {params.role}" if params.role else ""
            told = f"{params.name} is noted{role} at {params.of}"
            return f"{told}, {params.email}." if params.email else f"{told}."
        case Project() | Deliverable():
            told = f"{params.name} is noted as a {params.kind} for {params.of}"
            due = params.due_at and day(owner.local(params.due_at).date())
            return f"{told}, due {due}." if due else f"{told}."
        case _:
            raise AssertionError


def _concern(params: dict[str, Any]) -> Concern:
    """The client, or the project, that it is of."""
    of = params.get("of")
    if isinstance(of, str) and of.strip():
        return Concern(of.strip())
    return Concern() if of is None else Concern(unknown=frozenset({"counterparty"}))
