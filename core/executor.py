"""The executor: the one place that calls a connector's writing side.

Where an effect was sent and its end is not known, the connector's status check decides; where it
can't tell, the operator is asked. The end of one step and the beginning of the next commit
together, so that a step costs one durable commit, and one more right before an effect is sent.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import Row, select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from core import effects, gate, hours, leases, profile, runs
from core.actions import Action, Catalogue, Result
from core.clock import Clock
from core.director import Director
from core.effects import Resumed
from core.errors import FactotumError
from core.plans import referred, resolve
from core.queue import Queue
from core.runs import Step
from core.storage.database import Database, is_disk_full
from core.storage.schema import effect

log: Any = structlog.get_logger()

ATTEMPTS = 6
"""How often a step that meets a fault of the program is tried before the operator is asked."""
PATIENCE = timedelta(days=1)
"""How long a step is tried that fails for now, such as while a mail server is down."""

Thinker = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
"""Carries out an agent's or a draft's step: gets a token and parameters, returns a result."""


def backoff(attempt: int, retry_after: float | None) -> timedelta:
    """How long to wait after the ``attempt``-th failure: 2 s doubling up to 10 min.

    Where the other side says how long, that long, but never longer than an hour.
    """
    asked = timedelta(seconds=retry_after or 0)
    return min(max(asked, timedelta(seconds=min(2.0**attempt, 600.0))), leases.LONGEST_REST)


@dataclass(frozen=True, slots=True)
class _Work:
    """A claimed step with its resolved parameters, and its effect where it has one."""

    step: Step
    params: dict[str, Any]
    effect: Row[Any] | None = None
    resumed: Resumed = "no"


class Executor:
    """Carries out steps, one call per id; safe to call twice and from several workers.

    ``thinkers`` carry out agent and draft steps, by the step's action. ``before`` is awaited in
    the transaction that claims a step, to read what the connectors must know as it is now.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        catalogue: Catalogue,
        director: Director,
        thinkers: dict[str, Thinker],
        queue: Queue,
        worker: str,
        before: Callable[[AsyncConnection], Awaitable[object]],
    ) -> None:
        self._before = before
        self._db = database
        self._clock = clock
        self._catalogue = catalogue
        self._director = director
        self._thinkers = thinkers
        self._queue = queue
        self.worker = worker
        self.busy = 0

    async def execute(self, step_id: str) -> None:
        """Claims the step and carries it out, and what follows it; nothing where it isn't ready."""
        async with self._db.write() as connection:
            work, ready = await self._next(connection, [step_id])
        while True:
            for each in ready:
                await self._queue.step(each)
            if work is None:
                break
            self.busy += 1
            try:
                work, ready = await self._carry_out(work)
            finally:
                self.busy -= 1
        await self._queue.wake_courier()

    async def _next(
        self, connection: AsyncConnection, ready: list[str]
    ) -> tuple[_Work | None, list[str]]:
        """Claims the first step that can be; returns it with the rest, for others to take."""
        waiting = list(ready)
        while waiting:
            claimed = await self._director.claim(connection, waiting.pop(0), self.worker)
            if claimed is None:
                continue
            try:
                await self._before(connection)
                return await self._begun(connection, claimed), waiting
            except FactotumError as error:
                waiting += await self._director.fail(connection, claimed, error.sentence()) or []
            except (OSError, OperationalError):
                raise
            except Exception:
                # Caught here, so that the claim, which counts, is kept.
                log.exception("step_not_begun", action=claimed.action, step=claimed.id)
                waiting += await self._not_begun(connection, claimed)
        return None, []

    async def _begun(self, connection: AsyncConnection, claimed: Step) -> _Work:
        """What is to be done for a claimed step. Raises FactotumError where it can't be."""
        try:
            params = await self._resolved(connection, claimed)
        except KeyError as missing:
            # An earlier step was vouched for by the operator, who had no result to give.
            raise FactotumError(
                f"This needs {missing} of an earlier step, which isn't known."
            ) from missing
        if claimed.kind in ("agent", "draft"):
            return _Work(claimed, params)
        if await self._director.refuses_now(connection, claimed.run_id):
            known = await effects.of_step(connection, claimed.id)
            # Of what was sent before it is still to be found out what came of it.
            if known is None or known.state == "intended":
                raise FactotumError(hours.REFUSED)
        row, resumed = await effects.intend(connection, self._clock, claimed, params)
        return _Work(claimed, params, row, resumed)

    async def _not_begun(self, connection: AsyncConnection, claimed: Step) -> list[str]:
        """A fault of the program kept a step from being begun; returns steps that can go now."""
        row = await effects.of_step(connection, claimed.id)
        if row is not None and row.state == "intended":
            row = None  # nothing was sent
        error = _fault(claimed, row)
        if claimed.attempts < ATTEMPTS:
            again = self._clock.now() + backoff(claimed.attempts, None)
            await self._director.postpone(
                connection, claimed, error.sentence(), again, begun=row is not None
            )
        elif row is None:
            return await self._director.fail(connection, claimed, error.sentence()) or []
        elif await self._director.leave_unknown(connection, claimed, error.sentence()):
            await effects.mark(connection, self._clock, row, "unknown", error)
        return []

    async def _resolved(self, connection: AsyncConnection, claimed: Step) -> dict[str, Any]:
        keys = referred(claimed.params)
        found = await runs.results(connection, claimed.run_id, keys) if keys else {}
        return resolve(claimed.params, found)

    async def _carry_out(self, work: _Work) -> tuple[_Work | None, list[str]]:
        claimed, row = work.step, work.effect
        try:
            if row is None:
                happened, result = None, await self._think(claimed, work.params)
            else:
                happened = await self._call(work, row)
                result = happened[1].model_dump(mode="json")
        except (gate.Paused, gate.CalledOff):
            async with self._db.write() as connection:
                if row is not None and work.resumed == "no":
                    await effects.call_off(connection, self._clock, claimed, row.token)
                await self._director.put_back(connection, claimed)
            return None, []
        except FactotumError as error:
            return await self._trouble(work, error)
        except (OSError, DBAPIError) as error:
            log.exception("step_failed", action=claimed.action, step=claimed.id)
            full = is_disk_full(error)
            reason = "The disk is full." if full else "This machine could not do that."
            fix = "Free some space; I try again by myself." if full else "See the log."
            return await self._trouble(work, FactotumError(reason, fix=fix, permanent=False))
        except Exception:
            # A fault of the program is like a crash: the check decides what was done, and where
            # that never ends well, the operator.
            log.exception("step_faulty", action=claimed.action, step=claimed.id)
            return await self._trouble(work, _fault(claimed, row))
        try:
            async with self._db.write() as connection:
                if row is not None and happened is not None:
                    # First: the outcome that completing tells of offers to take it back.
                    await effects.confirm(connection, self._clock, row, *happened)
                return await self._next(
                    connection, await self._director.complete(connection, claimed, result)
                )
        except (OSError, DBAPIError):
            raise
        except Exception:
            # What was done can't be noted: like a crash too, but not without end.
            if claimed.attempts < ATTEMPTS:
                raise
            log.exception("step_not_noted", action=claimed.action, step=claimed.id)
            return await self._trouble(work, _fault(claimed, row))

    async def _think(self, claimed: Step, params: dict[str, Any]) -> dict[str, Any]:
        thinker = self._thinkers.get(claimed.action)
        if thinker is None:
            raise FactotumError(f"Nobody here can do {claimed.action}.")
        return await thinker(claimed.id, params)

    async def _call(self, work: _Work, row: Row[Any]) -> tuple[str, Result]:
        claimed = work.step
        action = self._catalogue[claimed.action]
        if claimed.kind == "compensate":
            return row.token, await self._compensate(action, work, row)
        typed = _typed(action, work.params)
        token = row.token
        if work.resumed != "no":
            try:
                found = await action.check(token, typed)
            except FactotumError as error:
                if not (work.resumed == "vouched" and error.ambiguous):
                    raise
                # It still can't tell, and the operator wants it done again: under a new token,
                # since the outside may refuse the old one for good.
                async with self._db.write() as connection:
                    token, found = await effects.renamed(connection, self._clock, token), None
            if found is not None:
                return token, found
        await self._pass(work, token)
        return token, await action.perform(token, typed)

    async def _compensate(self, action: Action, work: _Work, row: Row[Any]) -> Result:
        if action.compensate is None:
            raise FactotumError(f"{action.name} can't be taken back.")
        async with self._db.read() as connection:
            target = (
                await connection.execute(select(effect).where(effect.c.token == row.reverses))
            ).one()
        await self._pass(work, row.token)
        return await action.compensate(
            target.token,
            action.params.model_validate(target.params),
            action.result.model_validate(target.result),
        )

    async def _pass(self, work: _Work, token: str) -> None:
        """Sends the effect, unless all is paused or its run is over: in one transaction.

        So a pause that was stored stops every effect that is not sent, and what is not sent
        was not begun. Raises Paused or CalledOff.
        """
        claimed = work.step
        held = not self._director.stays_in_the_house(claimed)
        first = work.resumed == "no"
        # Nothing but doing it again tells whether a thing was taken back.
        to_its_end = claimed.kind == "compensate" and not first

        async def passing() -> None:
            nonlocal first
            async with self._db.write() as connection:
                if held and (await profile.load(connection)).paused:
                    raise gate.Paused
                sent = await effects.send(connection, self._clock, claimed, token, first=first)
                if not sent or not (
                    to_its_end or await self._director.goes_on(connection, claimed)
                ):
                    raise gate.CalledOff
            first = False

        gate.guard(passing)
        await passing()

    async def _trouble(self, work: _Work, error: FactotumError) -> tuple[_Work | None, list[str]]:
        claimed, row = work.step, work.effect
        log.warning(
            "step_trouble",
            action=claimed.action,
            step=claimed.id,
            message=error.message,
            permanent=error.permanent,
            ambiguous=error.ambiguous,
        )
        now = self._clock.now()
        again = now + backoff(claimed.attempts, error.retry_after)
        if row is not None or error.retry_after is not None:
            given_up = again - (claimed.failing_since or now) > PATIENCE
        else:
            # Thinking again is cheap to ask for anew, and a preview is worth no second try.
            given_up = claimed.kind == "draft" or claimed.attempts >= ATTEMPTS
        director = self._director
        async with self._db.write() as connection:
            # Of a worker that lost its lease nothing is taken, so the effect isn't marked either.
            if error.ambiguous and row is not None:
                if await director.leave_unknown(connection, claimed, error.sentence()):
                    await effects.mark(connection, self._clock, row, "unknown", error)
            elif error.permanent or given_up:
                late = given_up and not error.permanent and row is not None
                told = f"{error.message} I tried for a day." if late else error.sentence()
                ready = await director.fail(connection, claimed, told)
                if ready is not None and row is not None:
                    await effects.mark(connection, self._clock, row, "failed", error)
                return await self._next(connection, ready or [])
            else:
                await director.postpone(
                    connection, claimed, error.sentence(), again, begun=work.resumed != "no"
                )
        return None, []


def _fault(claimed: Step, row: Row[Any] | None) -> FactotumError:
    return FactotumError(
        "Something went wrong inside.",
        fix="See the log on the host.",
        permanent=False,
        ambiguous=claimed.attempts >= ATTEMPTS and row is not None,
    )


def _typed(action: Action, params: dict[str, Any]) -> Any:
    try:
        return action.params.model_validate(params)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise FactotumError(
            f"{action.name} does not take that ({where}: {first['msg']})."
        ) from error
