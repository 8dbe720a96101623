"""Steps in work: which worker has which, until when, and which may be taken.

A claim is a compare-and-set; each counts one attempt, and what a worker reports counts only
while its claim is the last one. A worker that died renews nothing, and its steps are due again
when the lease is over.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Update,
    and_,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal
from core.clock import Clock
from core.runs import Step, as_step
from core.storage.schema import step

LEASE = timedelta(seconds=1.5)
"""How long a step belongs to a worker that no longer renews its claim."""
RENEWAL = timedelta(seconds=0.4)
"""How often a worker renews its claims."""


def ready_now(clock: Clock) -> ColumnElement[bool]:
    """Steps that a worker may take."""
    return and_(
        step.c.state == "ready", or_(step.c.not_before.is_(None), step.c.not_before <= clock.now())
    )


def left_behind(clock: Clock) -> ColumnElement[bool]:
    """Steps whose worker no longer renews its claim."""
    return and_(step.c.state == "running", step.c.lease_until < clock.now())


def over(clock: Clock) -> ColumnElement[bool]:
    """Steps that waited for a moment that has come: hold windows, timers, timeouts."""
    return and_(step.c.state.in_(("held", "waiting")), step.c.not_before <= clock.now())


# Built once: these two run for every step, and building them costs more than running them.
_CLAIM = (
    update(step)
    .where(
        step.c.id == bindparam("step_id"),
        step.c.state == "ready",
        or_(step.c.not_before.is_(None), step.c.not_before <= bindparam("at")),
    )
    .values(
        state="running",
        worker=bindparam("by"),
        lease_until=bindparam("until"),
        attempts=step.c.attempts + 1,
    )
    .returning(step)
)


@cache
def _settle(names: tuple[str, ...]) -> Update:
    return (
        update(step)
        .where(
            step.c.id == bindparam("step_id"),
            step.c.state == "running",
            step.c.attempts == bindparam("attempt"),
        )
        .values(lease_until=None, **{name: bindparam(f"new_{name}") for name in names})
    )


async def claim(
    connection: AsyncConnection,
    clock: Clock,
    step_id: str,
    worker: str,
    *,
    allowed: ColumnElement[bool] | None = None,
) -> Step | None:
    """Takes a ready step for this worker; None where it isn't ready, or not ``allowed``."""
    now = clock.now()
    row = (
        await connection.execute(
            _CLAIM if allowed is None else _CLAIM.where(allowed),
            {"step_id": step_id, "at": now, "by": worker, "until": now + LEASE},
        )
    ).first()
    if row is None:
        return None
    claimed = as_step(row)
    await journal.append(
        connection,
        clock,
        kind="step.claimed",
        subject=claimed.id,
        data={"run": claimed.run_id, "key": claimed.key, "attempt": claimed.attempts},
        actor=worker,
    )
    return claimed


async def renew(connection: AsyncConnection, clock: Clock, worker: str) -> None:
    """Keeps this worker's claims alive for another lease."""
    await connection.execute(
        update(step)
        .where(step.c.state == "running", step.c.worker == worker)
        .values(lease_until=clock.now() + LEASE)
    )


async def settle(connection: AsyncConnection, clock: Clock, claimed: Step, **values: Any) -> bool:
    """Records how a claimed step ended, or waits again; False where the claim is not the last.

    A worker that lost its lease while it worked finds the step settled, or claimed anew.
    """
    result = await connection.execute(
        _settle(tuple(sorted(values))),
        {"step_id": claimed.id, "attempt": claimed.attempts}
        | {f"new_{name}": value for name, value in values.items()},
    )
    if result.rowcount != 1:
        return False
    await journal.append(
        connection,
        clock,
        kind=f"step.{values['state']}",
        subject=claimed.id,
        data={"run": claimed.run_id, "key": claimed.key}
        | {name: values[name] for name in ("result", "error") if values.get(name)},
    )
    return True


async def take_over(connection: AsyncConnection, clock: Clock) -> None:
    """Makes ready again what a dead worker left behind."""
    rows = await connection.execute(
        update(step)
        .where(left_behind(clock))
        .values(state="ready", worker=None, lease_until=None)
        .returning(step.c.id, step.c.run_id, step.c.key)
    )
    for row in rows.all():
        await journal.append(
            connection,
            clock,
            kind="step.left_behind",
            subject=row.id,
            data={"run": row.run_id, "key": row.key},
        )


async def ready(connection: AsyncConnection, clock: Clock) -> list[str]:
    """Ids of all steps that a worker may take."""
    return list((await connection.execute(select(step.c.id).where(ready_now(clock)))).scalars())


def soonest_end() -> ScalarSelect[datetime | None]:
    """When the first claim in force ends, None where nothing is in work; part of a query."""
    return select(func.min(step.c.lease_until)).where(step.c.state == "running").scalar_subquery()
