"""Schedules: reminders, follow-ups, digest and upkeep, one table, each slot used once."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, exists, or_, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal
from core.clock import Clock
from core.ids import new_id
from core.storage.schema import schedule

Kind = Literal["reminder", "follow_up", "digest", "upkeep"]
_LONGEST_DAY = timedelta(hours=26)
"""Between two slots of a daily schedule lie 25 hours at most, when the clocks go back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Something that is due at one moment; ``token`` is what it was made under, if anything."""

    id: str
    kind: Kind
    token: str | None
    data: dict[str, Any]
    due_at: datetime


def _slot(row: Row[Any]) -> Slot:
    return Slot(id=row.id, kind=row.kind, token=row.token, data=row.data, due_at=row.due_at)


def next_daily(at: time, zone: ZoneInfo, after: datetime) -> datetime:
    """The next moment after ``after`` when clocks in ``zone`` show ``at``.

    A wall time that a change of the clocks skips comes as much later as the clocks jump; one
    that occurs twice counts the first time.
    """
    day = after.astimezone(zone).date()
    while True:
        candidate = datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
        if candidate > after:
            return candidate
        day += timedelta(days=1)


async def add(
    connection: AsyncConnection,
    clock: Clock,
    *,
    kind: Kind,
    due_at: datetime,
    data: dict[str, Any],
    token: str,
) -> str:
    """Adds a schedule, once per token; returns its id."""
    known = await connection.scalar(select(schedule.c.id).where(schedule.c.token == token))
    if known:
        return known
    slot_id = new_id("sch")
    await connection.execute(
        schedule.insert().values(
            id=slot_id,
            token=token,
            kind=kind,
            data=data,
            due_at=due_at,
            state="active",
            created_at=clock.now(),
        )
    )
    await journal.append(
        connection,
        clock,
        kind="schedule.added",
        subject=slot_id,
        data={"token": token, "kind": kind, "due_at": due_at.isoformat(), **data},
    )
    return slot_id


async def set_daily(
    connection: AsyncConnection, clock: Clock, *, kind: Kind, due_at: datetime
) -> None:
    """Sets when the one daily schedule of this kind is next due."""
    await connection.execute(
        insert(schedule)
        .values(id=kind, kind=kind, data={}, due_at=due_at, state="active", created_at=clock.now())
        .on_conflict_do_update(index_elements=[schedule.c.id], set_={"due_at": due_at})
    )
    await journal.append(
        connection,
        clock,
        kind="schedule.set",
        subject=kind,
        data={"due_at": due_at.isoformat()},
    )


async def ensure_daily(
    connection: AsyncConnection, clock: Clock, *, kind: Kind, due_at: datetime
) -> None:
    """Sets the one daily schedule of this kind where there is none, or where it went astray.

    A clock that was set far ahead and back again would leave it due when nobody waits for it.
    """
    known = await connection.scalar(select(schedule.c.due_at).where(schedule.c.id == kind))
    if known is None or known > clock.now() + _LONGEST_DAY:
        await set_daily(connection, clock, kind=kind, due_at=due_at)


async def cancel(connection: AsyncConnection, clock: Clock, *, token: str) -> bool:
    """Ends the schedule made under ``token``; False where it is over already."""
    row = (
        await connection.execute(
            update(schedule)
            .where(schedule.c.token == token, schedule.c.state == "active")
            .values(state="cancelled")
            .returning(schedule.c.id)
        )
    ).first()
    if row:
        await journal.append(
            connection, clock, kind="schedule.cancelled", subject=row.id, data={"token": token}
        )
    return row is not None


async def by_token(connection: AsyncConnection, token: str) -> Slot | None:
    """The schedule made under this operation token, or None."""
    row = (await connection.execute(select(schedule).where(schedule.c.token == token))).first()
    return _slot(row) if row else None


def follow_up_token(run_id: str, inbox_id: int) -> str:
    """What a follow-up of a run is made under, by the tap that asked for it."""
    return f"follow:{run_id}:{inbox_id}"


async def follow_up(connection: AsyncConnection, run_id: str) -> Slot | None:
    """The follow-up of a run that is still to come, or None."""
    row = (
        await connection.execute(
            select(schedule).where(
                schedule.c.state == "active",
                schedule.c.kind == "follow_up",
                schedule.c.token.startswith(f"follow:{run_id}:", autoescape=True),
            )
        )
    ).first()
    return _slot(row) if row else None


async def drop_follow_up(connection: AsyncConnection, clock: Clock, run_id: str) -> bool:
    """Ends the follow-up of a run; False where none was to come."""
    slot = await follow_up(connection, run_id)
    return bool(slot and slot.token and await cancel(connection, clock, token=slot.token))


async def due(connection: AsyncConnection, clock: Clock) -> list[Slot]:
    """What is due now, earliest first."""
    rows = await connection.execute(
        select(schedule)
        .where(schedule.c.state == "active", schedule.c.due_at <= clock.now())
        .order_by(schedule.c.due_at)
    )
    return [_slot(row) for row in rows]


def any_due(clock: Clock) -> ColumnElement[bool]:
    """Whether anything is due, or a daily schedule went astray, as a part of a query."""
    now = clock.now()
    astray = (schedule.c.id == schedule.c.kind) & (schedule.c.due_at > now + _LONGEST_DAY)
    return exists().where(schedule.c.state == "active", or_(schedule.c.due_at <= now, astray))


async def use(
    connection: AsyncConnection, clock: Clock, slot: Slot, *, next_at: datetime | None = None
) -> bool:
    """Uses up a slot by compare-and-set; False where another worker did so first.

    With ``next_at`` the schedule goes on to its next slot, without it it is done. Raises
    ValueError where the next slot is not after this one, which would make it happen twice.
    """
    if next_at is not None and next_at <= slot.due_at:
        raise ValueError("the next slot comes after this one")
    values = {"due_at": next_at} if next_at else {"state": "done"}
    result = await connection.execute(
        update(schedule)
        .where(
            schedule.c.id == slot.id,
            schedule.c.state == "active",
            schedule.c.due_at == slot.due_at,
        )
        .values(**values)
    )
    if result.rowcount == 1:
        await journal.append(
            connection,
            clock,
            kind="schedule.used",
            subject=slot.id,
            data={"due_at": slot.due_at.isoformat()},
        )
    return result.rowcount == 1


async def upcoming(connection: AsyncConnection, until: datetime) -> list[Slot]:
    """Reminders and follow-ups due before ``until``, earliest first."""
    rows = await connection.execute(
        select(schedule)
        .where(
            schedule.c.state == "active",
            schedule.c.kind.in_(("reminder", "follow_up")),
            schedule.c.due_at < until,
        )
        .order_by(schedule.c.due_at)
    )
    return [_slot(row) for row in rows]
