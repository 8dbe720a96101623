"""Runs and steps as read from the store."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.canonical import as_read
from core.costs import Cost
from core.plans import Plan
from core.storage.base import Json
from core.storage.database import notes
from core.storage.prepared import Prepared
from core.storage.schema import run, step

Results = dict[str, dict[str, Any]]
"""What steps gave, by their keys."""
StepState = Literal[
    "blocked",
    "asking",
    "held",
    "waiting",
    "ready",
    "running",
    "done",
    "failed",
    "cancelled",
    "unknown",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One plan being carried out. ``cost`` is what understanding its message cost."""

    id: str
    plan: Plan
    explanation: dict[str, Any]
    inbox_id: int | None
    cost: Cost
    state: str
    created_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One node of a run. ``attempts`` counts claims, so it also tells one claim from the next."""

    id: str
    run_id: str
    key: str
    kind: str
    action: str
    params: dict[str, Any]
    depends: tuple[str, ...]
    instead_of: str | None
    verdict: dict[str, Any] | None
    hold_seconds: int
    state: StepState
    result: dict[str, Any] | None = None
    error: str | None = None
    attempts: int = 0
    failing_since: datetime | None = None
    not_before: datetime | None = None

    @property
    def acts(self) -> bool:
        """Whether the run's outcome depends on it; a draft is only looked at."""
        return self.kind != "draft"


class Node(Protocol):
    """What the order of a run's steps depends on."""

    @property
    def id(self) -> str: ...
    @property
    def run_id(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def depends(self) -> Sequence[str]: ...
    @property
    def instead_of(self) -> str | None: ...
    @property
    def hold_seconds(self) -> int: ...
    @property
    def state(self) -> str: ...
    @property
    def attempts(self) -> int: ...


class Place(NamedTuple):
    """A step's place in its run, and how far it is. Only ``state`` and ``attempts`` change."""

    id: str
    run_id: str
    key: str
    kind: str
    depends: list[str]
    instead_of: str | None
    hold_seconds: int
    state: str
    attempts: int


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        plan=Plan.model_validate(row.plan),
        explanation=row.explanation,
        inbox_id=row.inbox_id,
        cost=Cost(**row.cost),
        state=row.state,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )


def as_step(row: Row[Any]) -> Step:
    """A row of the table as a step."""
    return Step(
        id=row.id,
        run_id=row.run_id,
        key=row.key,
        kind=row.kind,
        action=row.action,
        params=row.params,
        depends=tuple(row.depends),
        instead_of=row.instead_of,
        verdict=row.verdict,
        hold_seconds=row.hold_seconds,
        result=row.result,
        error=row.error,
        attempts=row.attempts,
        failing_since=row.failing_since,
        not_before=row.not_before,
        state=row.state,
    )


async def store(
    connection: AsyncConnection, made: Run, steps: list[Step], *, replaces: str | None
) -> None:
    """Stores a new run with its steps."""
    await _ADD_RUN.change(
        connection,
        id=made.id,
        intent=made.plan.intent,
        title=made.plan.title,
        plan=made.plan.model_dump(mode="json"),
        request=made.plan.request,
        explanation=made.explanation,
        inbox_id=made.inbox_id,
        replaces=replaces,
        cost={"micros": made.cost.micros, "unknown": made.cost.unknown},
        state=made.state,
        created_at=made.created_at,
    )
    await _ADD_STEP.each(
        connection,
        [
            {"position": position} | {name: getattr(each, name) for name in _GIVEN_TO_STEP}
            for position, each in enumerate(steps)
        ],
    )


_GIVEN_TO_STEP = (
    *("id", "run_id", "key", "kind", "action", "params", "depends", "instead_of"),
    *("verdict", "hold_seconds", "state", "attempts"),
)
_ADD_RUN = Prepared(run.insert(), columns=[each.name for each in run.c if each.name != "ended_at"])
_ADD_STEP = Prepared(step.insert(), columns=["position", *_GIVEN_TO_STEP])
_KEYS = func.json_each(bindparam("keys", type_=Json)).table_valued("value")
_RUN = Prepared(select(run).where(run.c.id == bindparam("run_id")))
_STATE = Prepared(select(run.c.state, run.c.ended_at).where(run.c.id == bindparam("run_id")))
_GIVEN = select(step.c.key, step.c.instead_of, step.c.state, step.c.result).where(
    step.c.run_id == bindparam("run_id")
)
_RESULTS = Prepared(_GIVEN.where(step.c.state == "done", step.c.key.in_(select(_KEYS.c.value))))
_FALLBACKS = Prepared(_GIVEN.where(step.c.instead_of.is_not(None)))
_OF_RUN = select(step).where(step.c.run_id == bindparam("run_id")).order_by(step.c.position)
_STEPS = Prepared(_OF_RUN)
_PLACES = Prepared(_OF_RUN.with_only_columns(*(step.c[name] for name in Place._fields)))
_MOVED = Prepared(_OF_RUN.with_only_columns(step.c.state, step.c.attempts))
_STEP = Prepared(select(step).where(step.c.id == bindparam("step_id")))


async def load(connection: AsyncConnection, run_id: str) -> Run | None:
    """One run, or None."""
    row = await _RUN.first(connection, run_id=run_id)
    return _run(row) if row else None


async def as_it_is(connection: AsyncConnection, known: Run) -> Run | None:
    """A run that was read before, with its state as it is now."""
    row = await _STATE.first(connection, run_id=known.id)
    return replace(known, state=row.state, ended_at=row.ended_at) if row else None


async def results(connection: AsyncConnection, run_id: str, keys: Collection[str]) -> Results:
    """What these steps of a run gave, by key; a fallback's result is that of what it stands for."""
    given = {key: result for key in keys if (result := _noted(connection, run_id).get(key))}
    if len(given) < len(keys):
        rows = await _RESULTS.all(connection, run_id=run_id, keys=list(keys))
        given |= {row.key: row.result or {} for row in rows}
    if len(given) < len(keys):
        fallbacks = await _FALLBACKS.all(connection, run_id=run_id)
        for key in set(keys).difference(given):
            if stand_in := _stand_in(fallbacks, key):
                given[key] = stand_in.result or {}
    return given


def note(connection: AsyncConnection, run_id: str, key: str, result: dict[str, Any]) -> None:
    """Keeps in mind what a step gave, for what follows it in the same transaction."""
    _noted(connection, run_id)[key] = as_read(result)


def _noted(connection: AsyncConnection, run_id: str) -> Results:
    known: dict[str, Results] = notes(connection).known.setdefault("results", {})
    return known.setdefault(run_id, {})


def _stand_in(fallbacks: list[Any], key: str) -> Any | None:
    """The fallback that was done in the place of ``key``; it may be a fallback's own."""
    for row in fallbacks:
        if row.instead_of == key:
            found = row if row.state == "done" else _stand_in(fallbacks, row.key)
            if found is not None:
                return found
    return None


async def steps(connection: AsyncConnection, run_id: str) -> list[Step]:
    """The steps of a run, in the plan's order."""
    return [as_step(row) for row in await _STEPS.all(connection, run_id=run_id)]


async def places(
    connection: AsyncConnection, run_id: str, known: Sequence[Place] = ()
) -> list[Place]:
    """The steps of a run as far as what comes next depends on them, in the plan's order.

    With the places as they were ``known`` before only what can change of them is read.
    """
    if not known:
        return [Place._make(row) for row in await _PLACES.all(connection, run_id=run_id)]
    now = await _MOVED.all(connection, run_id=run_id)
    return [
        place
        if (place.state, place.attempts) == moved
        else place._replace(state=moved.state, attempts=moved.attempts)
        for place, moved in zip(known, now, strict=True)
    ]


async def load_step(connection: AsyncConnection, step_id: str) -> Step | None:
    """One step, or None."""
    row = await _STEP.first(connection, step_id=step_id)
    return as_step(row) if row else None


async def since(connection: AsyncConnection, moment: datetime) -> list[Run]:
    """Runs that ended after ``moment``, newest first."""
    rows = await connection.execute(
        select(run).where(run.c.ended_at >= moment).order_by(run.c.ended_at.desc())
    )
    return [_run(row) for row in rows]


async def latest(connection: AsyncConnection, count: int = 1) -> list[Run]:
    """The runs that were started last, newest first."""
    rows = await connection.execute(select(run).order_by(run.c.id.desc()).limit(count))
    return [_run(row) for row in rows]


async def of_message(connection: AsyncConnection, inbox_id: int) -> Run | None:
    """The run that a message led to last, or None."""
    row = (
        await connection.execute(
            select(run).where(run.c.inbox_id == inbox_id).order_by(run.c.id.desc()).limit(1)
        )
    ).first()
    return _run(row) if row else None


async def active(connection: AsyncConnection) -> list[tuple[Run, list[Step]]]:
    """Runs that have not ended, oldest first, with their steps."""
    rows = await connection.execute(select(run).where(run.c.state == "running").order_by(run.c.id))
    return [(found, await steps(connection, found.id)) for found in map(_run, rows.all())]
