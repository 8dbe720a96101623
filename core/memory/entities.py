"""What facts hang on: clients, leads, people, projects and the like, each with a stable id."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal, naming
from core.clock import Clock
from core.ids import new_id
from core.memory import aliases
from core.storage import memory
from core.storage.schema import client, lead

Kind = Literal[
    "client",
    "lead",
    "person",
    "project",
    "deliverable",
    "piece",
    "student",
    "enrolment",
    "submission",
]
TABLES: dict[Kind, Table] = {
    "client": client,
    "lead": lead,
    "person": memory.person,
    "project": memory.project,
    "deliverable": memory.deliverable,
    "piece": memory.piece,
    "student": memory.student,
    "enrolment": memory.enrolment,
    "submission": memory.submission,
}
_OF_CLIENTS = ("person", "project", "deliverable")
_HANGS_ON = ("client_id", "project_id", "student_id")
_OWN = re.compile(r"['’]s\b")
_PREFIX: dict[Kind, str] = {
    "client": "cli",
    "lead": "lea",
    "person": "per",
    "project": "prj",
    "deliverable": "dlv",
    "piece": "pce",
    "student": "stu",
    "enrolment": "enr",
    "submission": "sbm",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One of them, as far as it can be recognised. ``names`` begins with its own.

    ``of`` is the id of what it hangs on: a person's and a project's client, a deliverable's
    project, an enrolment's student.
    """

    id: str
    kind: Kind
    names: tuple[str, ...]
    email: str | None
    of: str | None = None
    role: str | None = None
    due_at: datetime | None = None

    @property
    def name(self) -> str:
        """What it is called."""
        return self.names[0]


async def everyone(connection: AsyncConnection) -> list[Entity]:
    """Everything that is not removed, clients first."""
    known_as = await aliases.everything(connection)
    found: list[Entity] = []
    for kind, table in TABLES.items():
        rows = await connection.execute(select(table).where(table.c.state != "removed"))
        for named in rows.mappings():
            own = [named[key] for key in ("name", "company", "contact") if named.get(key)]
            found.append(
                Entity(
                    id=named["id"],
                    kind=kind,
                    names=(*(own or [named["id"]]), *known_as.get(named["id"], ())),
                    email=named.get("email"),
                    of=next((named[key] for key in _HANGS_ON if key in table.c), None),
                    role=named.get("role"),
                    due_at=named.get("due_at"),
                )
            )
    return found


async def name_of(connection: AsyncConnection, entity_id: str) -> str | None:
    """What an entity is called, or None where there is none of that id."""
    for kind, table in TABLES.items():
        if entity_id.startswith(f"{_PREFIX[kind]}_"):
            rows = await connection.execute(select(table).where(table.c.id == entity_id))
            for named in rows.mappings():
                return named.get("name") or named.get("company")
    return None


def find(known: list[Entity], said: str) -> list[Entity]:
    """Whom ``said`` may mean: one means that one, several have to be asked about."""
    return naming.meant(known, said, lambda e: (e.names, e.email), by_domain=True)


def client_of(entity: Entity, known: Sequence[Entity]) -> Entity | None:
    """The client that an entity is or hangs on, or None."""
    by_id = {each.id: each for each in known}
    found: Entity | None = entity
    while found and found.kind != "client":
        found = by_id.get(found.of) if found.of else None
    return found


def hanging_on(entity: Entity, known: Sequence[Entity]) -> list[Entity]:
    """The people and projects of a client, and the deliverables of a project."""
    own = [each for each in known if each.of == entity.id and each.kind in _OF_CLIENTS]
    return own + [part for each in own for part in hanging_on(each, known)]


def named(text: str, known: Sequence[Entity]) -> list[Entity]:
    """The entities that a sentence names by a whole name; those of the longest name alone."""
    said = f" {' '.join(naming.words(_OWN.sub(' ', text)))} "
    longest = 0
    found: list[Entity] = []
    for entity in known:
        keys = [key for name in entity.names if len(key := naming.key(name)) > 2]
        length = max((len(key.split()) for key in keys if f" {key} " in said), default=0)
        if length > longest:
            longest, found = length, []
        if length and length == longest:
            found.append(entity)
    return found


def identify(kind: Kind) -> str:
    """A new id for an entity of this kind."""
    return new_id(_PREFIX[kind])


async def add(
    connection: AsyncConnection,
    clock: Clock,
    *,
    kind: Kind,
    name: str,
    entity_id: str | None = None,
    **more: Any,
) -> str:
    """Adds an entity; returns its id, which may be given.

    ``more`` are columns of its table. Clients and leads are added by their actions.
    """
    entity_id = entity_id or identify(kind)
    await connection.execute(
        TABLES[kind]
        .insert()
        .values(id=entity_id, name=name, state="active", created_at=clock.now(), **more)
    )
    await journal.append(connection, clock, kind=f"{kind}.added", subject=entity_id)
    return entity_id
