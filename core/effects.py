"""Effects: the one place that calls a connector's writing side, once per operation token.

The token and the parameters are stored before the call. Where a call was begun and its end is
not known, the connector's status check decides; where it can't tell, the operator is asked.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import structlog
from pydantic import ValidationError
from sqlalchemy import Row, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal, runs
from core.actions import Action, Catalogue, Result
from core.clock import Clock
from core.director import Director
from core.errors import FactotumError
from core.ids import new_id
from core.plans import resolve
from core.queue import Queue
from core.runs import Step
from core.storage.database import Database, is_disk_full
from core.storage.schema import effect, step

log: Any = structlog.get_logger()

ATTEMPTS = 6
"""How often a step that meets a fault of the program is tried before the operator is asked."""
PATIENCE = timedelta(days=1)
"""How long a step is tried that fails for now, such as while a mail server is down."""

Draft = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
"""Prepares something to look at: gets a token and parameters, returns a result."""


Resumed = Literal["no", "yes", "vouched"]
"""Whether an effect was begun before; ``vouched``: unclear, and the operator wants it again."""


def backoff(attempt: int, retry_after: float | None) -> timedelta:
    """How long to wait after the ``attempt``-th failure: 2 s doubling up to 10 min."""
    return timedelta(seconds=max(retry_after or 0, min(2.0**attempt, 600.0)))


class Executor:
    """Carries out steps, one call per id; safe to call twice and from several workers.

    ``before`` is awaited before each step, to read what the connectors must know as it is now.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        catalogue: Catalogue,
        director: Director,
        drafts: dict[str, Draft],
        queue: Queue,
        worker: str,
        before: Callable[[], Awaitable[object]],
    ) -> None:
        self._before = before
        self._db = database
        self._clock = clock
        self._catalogue = catalogue
        self._director = director
        self._drafts = drafts
        self._queue = queue
        self.worker = worker
        self.busy = 0

    async def execute(self, step_id: str) -> None:
        """Claims the step and carries it out; does nothing where it isn't ready."""
        await self._before()
        async with self._db.write() as connection:
            claimed = await self._director.claim(connection, step_id, self.worker)
            if claimed is None:
                return
            effect_row = None
            params: dict[str, Any] | None = claimed.params
            resumed: Resumed = "no"
            if claimed.kind != "draft":
                params = await self._resolved(connection, claimed)
                if params is not None:
                    effect_row, resumed = await self._intend(connection, claimed, params)
        if params is None:
            await self._queue.wake_courier()
            return
        self.busy += 1
        try:
            if claimed.kind == "draft":
                ready = await self._draft(claimed)
            else:
                assert effect_row is not None
                ready = await self._perform(claimed, effect_row, params, resumed=resumed)
        finally:
            self.busy -= 1
        await self._queue.wake_courier()
        for each in ready:
            await self._queue.step(each)

    async def _resolved(self, connection: AsyncConnection, claimed: Step) -> dict[str, Any] | None:
        done = {s.key: s.result or {} for s in await runs.steps(connection, claimed.run_id)}
        try:
            return resolve(claimed.params, done)
        except KeyError as missing:
            # An earlier step was vouched for by the operator, who had no result to give.
            await self._director.fail(
                connection, claimed, f"This needs {missing} of an earlier step, which isn't known."
            )
            return None

    async def _intend(
        self, connection: AsyncConnection, claimed: Step, params: dict[str, Any]
    ) -> tuple[Row[Any], Resumed]:
        known = (
            await connection.execute(select(effect).where(effect.c.step_id == claimed.id))
        ).first()
        if known:
            await connection.execute(
                update(effect).where(effect.c.token == known.token).values(state="intended")
            )
            return known, "vouched" if known.state == "unknown" else "yes"
        token = new_id("eff")
        row = (
            await connection.execute(
                effect.insert()
                .values(
                    token=token,
                    step_id=claimed.id,
                    action=claimed.action,
                    params=params,
                    reverses=params["effect"] if claimed.kind == "compensate" else None,
                    state="intended",
                    intended_at=self._clock.now(),
                )
                .returning(effect)
            )
        ).one()
        await journal.append(
            connection,
            self._clock,
            kind="effect.intended",
            subject=token,
            data={"action": claimed.action, "step": claimed.id, "params": params},
        )
        return row, "no"

    async def _draft(self, claimed: Step) -> list[str]:
        try:
            result = await self._drafts[claimed.action](claimed.id, claimed.params)
        except Exception as error:
            # A preview is worth no second try: the card stands without it.
            log.exception("draft_failed", action=claimed.action, step=claimed.id)
            told = error.sentence() if isinstance(error, FactotumError) else "See the log."
            async with self._db.write() as connection:
                await self._director.fail(connection, claimed, told)
            return []
        async with self._db.write() as connection:
            return await self._director.complete(connection, claimed, result)

    async def _perform(
        self, claimed: Step, row: Row[Any], params: dict[str, Any], *, resumed: Resumed
    ) -> list[str]:
        action = self._catalogue[claimed.action]
        try:
            token, result = await self._call(action, claimed, row, params, resumed=resumed)
        except FactotumError as error:
            await self._trouble(claimed, row, error)
            return []
        except (OSError, DBAPIError) as error:
            log.exception("effect_failed", action=action.name, step=claimed.id)
            full = is_disk_full(error)
            reason = "The disk is full." if full else "This machine could not do that."
            fix = "Free some space; I try again by myself." if full else "See the log."
            await self._trouble(claimed, row, FactotumError(reason, fix=fix, permanent=False))
            return []
        except Exception:
            # A fault of the program is like a crash: the check decides what was done, and where
            # that never ends well, the operator.
            log.exception("effect_faulty", action=action.name, step=claimed.id)
            fault = FactotumError(
                "Something went wrong inside.",
                fix="See the log on the host.",
                permanent=False,
                ambiguous=claimed.attempts >= ATTEMPTS,
            )
            await self._trouble(claimed, row, fault)
            return []
        async with self._db.write() as connection:
            # First: the outcome that completing tells of offers to take back what is confirmed.
            await self._confirm(connection, row, token, result)
            return await self._director.complete(
                connection, claimed, result.model_dump(mode="json")
            )

    async def _call(
        self,
        action: Action,
        claimed: Step,
        row: Row[Any],
        params: dict[str, Any],
        *,
        resumed: Resumed,
    ) -> tuple[str, Result]:
        if claimed.kind == "compensate":
            if action.compensate is None:
                raise FactotumError(f"{action.name} can't be taken back.")
            async with self._db.read() as connection:
                target = (
                    await connection.execute(
                        select(effect).where(effect.c.token == params["effect"])
                    )
                ).one()
            return row.token, await action.compensate(
                target.token,
                action.params.model_validate(target.params),
                action.result.model_validate(target.result),
            )
        try:
            typed = action.params.model_validate(params)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise FactotumError(
                f"{action.name} does not take that ({where}: {first['msg']})."
            ) from error
        token = row.token
        if resumed != "no":
            try:
                found = await action.check(token, typed)
            except FactotumError as error:
                if not (resumed == "vouched" and error.ambiguous):
                    raise
                # It still can't tell, and the operator wants it done again: under a new token,
                # since the outside may refuse the old one for good.
                token, found = await self._new_token(token), None
            if found is not None:
                return token, found
        return token, await action.perform(token, typed)

    async def _new_token(self, old: str) -> str:
        token = new_id("eff")
        async with self._db.write() as connection:
            await connection.execute(
                update(effect)
                .where(effect.c.token == old)
                .values(token=token, intended_at=self._clock.now())
            )
            await journal.append(
                connection,
                self._clock,
                kind="effect.given_up",
                subject=old,
                data={"new": token},
                actor="operator",
            )
        return token

    async def _confirm(
        self, connection: AsyncConnection, row: Row[Any], token: str, result: Result
    ) -> None:
        await connection.execute(
            update(effect)
            .where(effect.c.token == token)
            .values(
                state="confirmed",
                result=result.model_dump(mode="json"),
                confirmed_at=self._clock.now(),
            )
        )
        if row.reverses:
            await connection.execute(
                update(effect).where(effect.c.token == row.reverses).values(state="reversed")
            )
        await journal.append(
            connection,
            self._clock,
            kind="effect.confirmed",
            subject=token,
            data={"action": row.action, "receipt": result.receipt, "reverses": row.reverses},
        )

    async def _trouble(self, claimed: Step, row: Row[Any], error: FactotumError) -> None:
        log.warning(
            "effect_trouble",
            action=claimed.action,
            step=claimed.id,
            message=error.message,
            permanent=error.permanent,
            ambiguous=error.ambiguous,
        )
        now = self._clock.now()
        again = now + backoff(claimed.attempts, error.retry_after)
        given_up = again - row.intended_at.replace(tzinfo=UTC) > PATIENCE
        async with self._db.write() as connection:
            # Of a worker that lost its lease nothing is taken, so the effect isn't marked either.
            if error.ambiguous:
                if await self._director.leave_unknown(connection, claimed, error.sentence()):
                    await self._mark(connection, row.token, "unknown", error)
            elif error.permanent or given_up:
                told = f"{error.message} I tried for a day." if given_up else error.sentence()
                if await self._director.fail(connection, claimed, told):
                    await self._mark(connection, row.token, "failed", error)
            else:
                await self._director.postpone(connection, claimed, error.sentence(), again)

    async def _mark(
        self, connection: AsyncConnection, token: str, state: str, error: FactotumError
    ) -> None:
        await connection.execute(update(effect).where(effect.c.token == token).values(state=state))
        await journal.append(
            connection,
            self._clock,
            kind=f"effect.{state}",
            subject=token,
            data={"error": error.message},
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
        connection, clock, kind="effect.vouched", subject=step_id, actor="operator"
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


async def run_of(connection: AsyncConnection, token: str) -> str | None:
    """The run that the effect with this token belongs to, or None."""
    return await connection.scalar(
        select(step.c.run_id)
        .join(effect, effect.c.step_id == step.c.id)
        .where(effect.c.token == token)
    )


async def of_step(connection: AsyncConnection, step_id: str) -> Row[Any] | None:
    """The effect of a step, or None where none was begun."""
    return (await connection.execute(select(effect).where(effect.c.step_id == step_id))).first()


async def confirmed_since(connection: AsyncConnection, moment: datetime) -> list[str]:
    """Receipts of what was done after ``moment``, oldest first."""
    rows = await connection.execute(
        select(effect.c.result)
        .where(effect.c.confirmed_at >= moment, effect.c.state.in_(("confirmed", "reversed")))
        .order_by(effect.c.confirmed_at)
    )
    return [row.result["receipt"] for row in rows if row.result]
