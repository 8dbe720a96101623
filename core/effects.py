"""Effects as stored: each is one action being made to happen, once, under an operation token.

A token and its parameters are stored before the call. ``intended`` means that nothing was handed
to the connector yet; ``sent`` that it may have happened; ``confirmed`` that it is known to have;
``unknown`` that nobody can tell.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median_low
from typing import Any, Literal

from sqlalchemy import Row, bindparam, exists, or_, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal, runs
from core.actions import Result
from core.clock import Clock
from core.director import Director
from core.errors import FactotumError
from core.ids import new_id
from core.runs import Step
from core.storage.prepared import Prepared
from core.storage.schema import effect, step

Resumed = Literal["no", "yes", "vouched"]
"""Whether an effect was sent before; ``vouched``: unclear, and the operator wants it again."""

_OF_LATE = 200
"""Effects that tell how long an action takes."""
_INTEND = Prepared(
    insert(effect).on_conflict_do_nothing(index_elements=[effect.c.step_id]).returning(effect),
    columns=("token", "step_id", "action", "params", "reverses", "state", "intended_at"),
)
_OF_STEP = Prepared(select(effect).where(effect.c.step_id == bindparam("of_step")))
# Only by the claim that is the last one: a worker that lost its lease sends nothing.
_MINE = exists().where(
    step.c.id == effect.c.step_id,
    step.c.state == "running",
    step.c.attempts == bindparam("attempt"),
)
_MOVE = Prepared(
    update(effect)
    .where(
        effect.c.token == bindparam("of_token"),
        or_(effect.c.state == "intended", effect.c.state == "sent"),
        _MINE,
    )
    .values(state=bindparam("into"))
)
_CONFIRM = Prepared(
    update(effect)
    .where(effect.c.token == bindparam("of_token"), effect.c.state != "reversed")
    .values(state="confirmed", result=bindparam("with_result"), confirmed_at=bindparam("at"))
)


async def intend(
    connection: AsyncConnection, clock: Clock, claimed: Step, params: dict[str, Any]
) -> tuple[Row[Any], Resumed]:
    """The effect of a claimed step, stored before its call; the one of an earlier claim, if any."""
    token = new_id("eff")
    row = await _INTEND.first(
        connection,
        token=token,
        step_id=claimed.id,
        action=claimed.action,
        params=params,
        reverses=params["effect"] if claimed.kind == "compensate" else None,
        state="intended",
        intended_at=clock.now(),
    )
    if row is None:
        known = await of_step(connection, claimed.id)
        assert known is not None
        if known.state == "intended":  # whoever stored it died, or was stopped, before the call
            return known, "no"
        await connection.execute(
            update(effect).where(effect.c.token == known.token).values(state="sent")
        )
        return known, "vouched" if known.state == "unknown" else "yes"
    await journal.append(
        connection,
        clock,
        kind="effect.intended",
        subject=token,
        data={
            "action": claimed.action,
            "run": claimed.run_id,
            "step": claimed.id,
            "params": params,
        },
    )
    return row, "no"


async def send(
    connection: AsyncConnection, clock: Clock, claimed: Step, token: str, *, first: bool
) -> bool:
    """The effect is handed to its connector now; False where the step is another worker's.

    From here on it may have happened. Said in the journal the ``first`` time.
    """
    kind = "effect.sent" if first else None
    return await _move(connection, clock, claimed, token, "sent", kind)


async def call_off(connection: AsyncConnection, clock: Clock, claimed: Step, token: str) -> None:
    """The connector did nothing, and knows it: the effect is as if it had never been sent."""
    await _move(connection, clock, claimed, token, "intended", "effect.called_off")


async def _move(
    connection: AsyncConnection,
    clock: Clock,
    claimed: Step,
    token: str,
    into: str,
    kind: str | None,
) -> bool:
    """Puts an effect that may still be called off into a state; False where it isn't ours."""
    changed = await _MOVE.change(connection, of_token=token, attempt=claimed.attempts, into=into)
    if changed and kind:
        data = {"action": claimed.action, "step": claimed.id}
        await journal.append(connection, clock, kind=kind, subject=token, data=data)
    return changed == 1


async def confirm(
    connection: AsyncConnection, clock: Clock, row: Row[Any], token: str, result: Result
) -> None:
    """The effect happened, with this result."""
    await _CONFIRM.change(
        connection,
        of_token=token,
        with_result=result.model_dump(mode="json"),
        at=clock.now(),
    )
    if row.reverses:
        await connection.execute(
            update(effect).where(effect.c.token == row.reverses).values(state="reversed")
        )
    await journal.append(
        connection,
        clock,
        kind="effect.confirmed",
        subject=token,
        data={
            "action": row.action,
            "step": row.step_id,
            "receipt": result.receipt,
            "reverses": row.reverses,
        },
    )


async def renamed(connection: AsyncConnection, clock: Clock, old: str) -> str:
    """Gives up a token of which nobody can tell, for a new one; returns it."""
    token = new_id("eff")
    row = (
        await connection.execute(
            update(effect)
            .where(effect.c.token == old)
            .values(token=token, intended_at=clock.now())
            .returning(effect.c.step_id)
        )
    ).one()
    await journal.append(
        connection,
        clock,
        kind="effect.given_up",
        subject=old,
        data={"new": token, "step": row.step_id},
        actor="operator",
    )
    return token


async def mark(
    connection: AsyncConnection,
    clock: Clock,
    row: Row[Any],
    state: Literal["unknown", "failed"],
    error: FactotumError,
) -> None:
    """The effect is unclear, or failed for good."""
    await connection.execute(
        update(effect).where(effect.c.step_id == row.step_id).values(state=state)
    )
    await journal.append(
        connection,
        clock,
        kind=f"effect.{state}",
        subject=row.token,
        data={"step": row.step_id, "error": error.message},
    )


async def settle_unknown(
    connection: AsyncConnection, clock: Clock, director: Director, step_id: str
) -> list[str]:
    """The operator says that an unclear effect did happen; returns steps that can go now."""
    taken = await connection.execute(
        update(step).where(step.c.id == step_id, step.c.state == "unknown").values(state="running")
    )
    found = await runs.load_step(connection, step_id)
    if taken.rowcount != 1 or found is None:
        return []
    await connection.execute(
        update(effect)
        .where(effect.c.step_id == step_id)
        .values(state="confirmed", confirmed_at=clock.now())
    )
    await journal.append(
        connection,
        clock,
        kind="effect.vouched",
        subject=step_id,
        data={"run": found.run_id},
        actor="operator",
    )
    return await director.complete(connection, found, {"receipt": "Done, as you confirmed."})


async def undoable(connection: AsyncConnection, *, run_id: str | None = None) -> Sequence[Any]:
    """Confirmed effects that were not taken back, newest first, of one run or of all.

    One that only the operator vouched for left no result to take it back by.
    """
    query = (
        select(
            effect.c.token, effect.c.action, effect.c.result, effect.c.confirmed_at, step.c.run_id
        )
        .join(step, step.c.id == effect.c.step_id)
        .where(
            effect.c.state == "confirmed",
            effect.c.reverses.is_(None),
            effect.c.result.is_not(None),
        )
        .order_by(effect.c.confirmed_at.desc(), effect.c.token.desc())
    )
    if run_id:
        query = query.where(step.c.run_id == run_id)
    return (await connection.execute(query.limit(50))).all()


async def taken_back(connection: AsyncConnection, run_id: str) -> bool:
    """Whether an effect of the run was taken back."""
    found = (
        select(effect.c.token)
        .join(step, step.c.id == effect.c.step_id)
        .where(step.c.run_id == run_id, effect.c.state == "reversed")
    )
    return bool(await connection.scalar(found.limit(1)))


async def run_of(connection: AsyncConnection, token: str) -> str | None:
    """The run that the effect with this token belongs to, or None."""
    return await connection.scalar(
        select(step.c.run_id)
        .join(effect, effect.c.step_id == step.c.id)
        .where(effect.c.token == token)
    )


async def of_step(connection: AsyncConnection, step_id: str) -> Row[Any] | None:
    """The effect of a step, or None where none was begun."""
    return await _OF_STEP.first(connection, of_step=step_id)


async def confirmed_since(connection: AsyncConnection, moment: datetime) -> list[str]:
    """Receipts of what was done after ``moment``, oldest first."""
    rows = await connection.execute(
        select(effect.c.result)
        .where(effect.c.confirmed_at >= moment, effect.c.state.in_(("confirmed", "reversed")))
        .order_by(effect.c.confirmed_at)
    )
    return [row.result["receipt"] for row in rows if row.result]


async def usual_time(connection: AsyncConnection, actions: Sequence[str]) -> timedelta | None:
    """How long these actions have taken together of late, each by its median.

    One that was not done of late counts as any other; None where nothing was done yet.
    """
    rows = await connection.execute(
        select(effect.c.action, effect.c.intended_at, effect.c.confirmed_at)
        # What the operator vouched for has no result, and waited for them.
        .where(effect.c.state == "confirmed", effect.c.result.is_not(None))
        .order_by(effect.c.confirmed_at.desc())
        .limit(_OF_LATE)
    )
    took: dict[str, list[timedelta]] = {}
    for row in rows:
        took.setdefault(row.action, []).append(row.confirmed_at - row.intended_at)
    if not took:
        return None
    any_of_them = [each for some in took.values() for each in some]
    return sum((median_low(took.get(action, any_of_them)) for action in actions), timedelta())
