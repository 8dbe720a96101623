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
    and_,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal, runs
from core.clock import Clock
from core.runs import Step, as_step
from core.storage.base import Json
from core.storage.prepared import Prepared
from core.storage.schema import run, step

LEASE = timedelta(seconds=1.5)
"""How long a step belongs to a worker that no longer renews its claim."""
RENEWAL = timedelta(seconds=0.4)
"""How often a worker renews its claims."""


LONGEST_REST = timedelta(hours=1)
"""How long a ready step rests at most after a failure."""


def _rested(now: Any, far: Any) -> ColumnElement[bool]:
    # One that seems to rest for longer began to before the clock was set back.
    return or_(step.c.not_before.is_(None), step.c.not_before <= now, step.c.not_before > far)


def ready_now(clock: Clock) -> ColumnElement[bool]:
    """Steps that a worker may take."""
    now = clock.now()
    return and_(step.c.state == "ready", _rested(now, now + 2 * LONGEST_REST))


def left_behind(clock: Clock) -> ColumnElement[bool]:
    """Steps whose worker no longer renews its claim.

    No claim lasts longer than a lease: one that seems to was made before the clock was set back.
    """
    now = clock.now()
    return and_(
        step.c.state == "running",
        or_(step.c.lease_until < now, step.c.lease_until > now + 2 * LEASE),
    )


# Built once: these two run for every step, and building them costs more than running them.
_TAKE = (
    update(step)
    .where(
        step.c.id == bindparam("step_id"),
        step.c.state == "ready",
        _rested(bindparam("at"), bindparam("far")),
    )
    .values(
        state="running",
        worker=bindparam("by"),
        lease_until=bindparam("until"),
        attempts=step.c.attempts + 1,
    )
    .returning(step)
)
_CLAIM = Prepared(_TAKE)
_CLAIM_INSIDE = Prepared(
    _TAKE.where(
        or_(
            step.c.kind == "draft",
            step.c.kind == "agent",
            step.c.action.in_(
                select(
                    func.json_each(bindparam("inside", type_=Json)).table_valued("value").c.value
                )
            ),
        )
    )
)


_STATE_OF_RUN = select(run.c.state).where(run.c.id == step.c.run_id).scalar_subquery()


@cache
def _settle(names: tuple[str, ...]) -> Prepared:
    return Prepared(
        update(step)
        .where(
            step.c.id == bindparam("step_id"),
            step.c.state == "running",
            step.c.attempts == bindparam("attempt"),
        )
        .values(lease_until=None, **{name: bindparam(f"new_{name}") for name in names})
        .returning(_STATE_OF_RUN.label("of_run"))
    )


async def claim(
    connection: AsyncConnection,
    clock: Clock,
    step_id: str,
    worker: str,
    *,
    inside: list[str] | None = None,
) -> Step | None:
    """Takes a ready step for this worker; None where it isn't ready.

    With ``inside`` only what thinks, and these actions, is taken.
    """
    now = clock.now()
    values: dict[str, Any] = {
        "step_id": step_id,
        "at": now,
        "far": now + 2 * LONGEST_REST,
        "by": worker,
        "until": now + LEASE,
    }
    if inside is None:
        row = await _CLAIM.first(connection, **values)
    else:
        row = await _CLAIM_INSIDE.first(connection, **values, inside=inside)
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


async def settle(
    connection: AsyncConnection, clock: Clock, claimed: Step, **values: Any
) -> str | None:
    """Records how a claimed step ended, or waits again; returns the state of its run.

    None where the claim is not the last: a worker that lost its lease while it worked finds the
    step settled, or claimed anew.
    """
    settled = await _settle(tuple(sorted(values))).first(
        connection,
        step_id=claimed.id,
        attempt=claimed.attempts,
        **{f"new_{name}": value for name, value in values.items()},
    )
    if settled is None:
        return None
    if result := values.get("result"):
        runs.note(connection, claimed.run_id, claimed.key, result)
    await journal.append(
        connection,
        clock,
        kind=f"step.{values['state']}",
        subject=claimed.id,
        data={"run": claimed.run_id, "key": claimed.key}
        | {name: values[name] for name in ("result", "error") if values.get(name)},
    )
    state: str = settled.of_run
    return state


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
