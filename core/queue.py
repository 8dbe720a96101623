"""The queue port: wakes workers and the courier. It carries ids only, and is never the truth.

Nothing is lost with it: what it forgets, the sweep finds in SQLite. ``ArqQueue`` is the real
one; ``MemoryQueue`` is for tests.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol

import structlog
from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.worker import Worker, func
from redis.exceptions import RedisError, ResponseError

log: Any = structlog.get_logger()

_WAKE_WORKER = "factotum:wake:worker"
_WAKE_COURIER = "factotum:wake:courier"
_PATIENCE = 1.0
"""Seconds until a server that doesn't answer counts as lost."""
_POLL_SECONDS = 2
"""How long a worker sleeps when nobody wakes it."""
_TROUBLE = (RedisError, OSError, asyncio.TimeoutError)


class Queue(Protocol):
    """Where ids of work are announced. No method raises: a lost wake-up is swept up later."""

    healthy: bool

    async def message(self, inbox_id: int) -> None:
        """A message is to be understood."""
        ...

    async def step(self, step_id: str) -> None:
        """A step is ready."""
        ...

    async def wake_courier(self) -> None:
        """There is something to be said."""
        ...

    async def courier_call(self, seconds: int) -> None:
        """Returns when the courier is woken, at the latest after ``seconds``."""
        ...

    async def ping(self) -> bool:
        """Whether what carries the announcements answers."""
        ...

    async def close(self) -> None:
        """Lets go of what it holds open."""
        ...


class MemoryQueue:
    """A queue that only remembers what was announced."""

    def __init__(self) -> None:
        self.healthy = True
        self.announced: list[tuple[str, Any]] = []

    async def message(self, inbox_id: int) -> None:
        """Remembers the announcement."""
        self.announced.append(("message", inbox_id))

    async def step(self, step_id: str) -> None:
        """Remembers the announcement."""
        self.announced.append(("step", step_id))

    async def wake_courier(self) -> None:
        """Remembers the announcement."""
        self.announced.append(("courier", None))

    async def courier_call(self, seconds: int) -> None:
        """Nobody ever calls."""
        await asyncio.sleep(seconds)

    async def ping(self) -> bool:
        """Always there."""
        return self.healthy

    async def close(self) -> None:
        """Nothing is open."""


def _dump(value: Any) -> bytes:
    return json.dumps(value, default=str).encode()


def _settings(url: str) -> RedisSettings:
    settings = RedisSettings.from_dsn(url)
    settings.conn_retries = 0  # we come back by ourselves; a caller must not wait
    settings.conn_timeout = 1
    return settings


async def _connect(url: str) -> ArqRedis:
    return await create_pool(_settings(url), job_serializer=_dump, job_deserializer=json.loads)


async def _wait(pool: ArqRedis, key: str, seconds: int) -> None:
    call: Any = pool.blpop([key], timeout=seconds)
    await call


class ArqQueue:
    """Announces over arq, and wakes the worker at once instead of at its next poll."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: ArqRedis | None = None
        self.healthy = True

    async def message(self, inbox_id: int) -> None:
        """Announces an inbox id."""
        await self._announce("message", inbox_id)

    async def step(self, step_id: str) -> None:
        """Announces a step id."""
        await self._announce("step", step_id)

    async def wake_courier(self) -> None:
        """Wakes the courier."""
        await self._guarded(lambda pool: self._wake(pool, _WAKE_COURIER))

    async def courier_call(self, seconds: int) -> None:
        """Returns when the courier is woken, at the latest after ``seconds``."""
        heard = await self._guarded(
            lambda pool: _wait(pool, _WAKE_COURIER, seconds), patience=seconds + _PATIENCE
        )
        if not heard:
            await asyncio.sleep(0.2)

    async def ping(self) -> bool:
        """Whether the server answers."""
        return await self._guarded(lambda pool: pool.ping())

    async def close(self) -> None:
        """Closes the connections."""
        if self._pool is not None:
            await self._pool.aclose()

    async def _announce(self, name: str, *ids: Any) -> None:
        async def go(pool: ArqRedis) -> None:
            await pool.enqueue_job(name, *ids)
            await self._wake(pool, _WAKE_WORKER)

        await self._guarded(go)

    @staticmethod
    async def _wake(pool: ArqRedis, key: str) -> None:
        async with pool.pipeline(transaction=True) as pipe:
            pipe.lpush(key, b"1")
            pipe.ltrim(key, 0, 9)  # calls nobody heard must not pile up
            await pipe.execute()

    async def _guarded(
        self, call: Callable[[ArqRedis], Awaitable[Any]], patience: float = _PATIENCE
    ) -> bool:
        try:
            # A server that is there and answers nothing must not hold anybody up either.
            async with asyncio.timeout(patience):
                if self._pool is None:
                    self._pool = await _connect(self._url)
                await call(self._pool)
        except _TROUBLE as error:
            if self.healthy:
                log.warning("queue_lost", error=type(error).__name__)
            self.healthy = False
            return False
        self.healthy = True
        return True


class WakeableWorker(Worker):
    """arq's worker, woken by a list instead of polling every half second, and outliving Redis."""

    async def main(self) -> None:
        """Runs jobs until cancelled."""
        while True:
            try:
                if getattr(self, "_pool", None) is None:  # arq connects only once, in its own main
                    self._pool = await create_pool(
                        self.redis_settings or RedisSettings(),
                        job_serializer=self.job_serializer,
                        job_deserializer=self.job_deserializer,
                    )
                await self._poll_iteration()
                async with asyncio.timeout(_POLL_SECONDS + _PATIENCE):
                    await _wait(self.pool, _WAKE_WORKER, _POLL_SECONDS)
            except Exception as error:
                if isinstance(error, ResponseError) or not isinstance(error, _TROUBLE):
                    # What can't be read stays in the queue and would be met again at once. What
                    # is lost with the queue, the sweep finds.
                    log.exception("queue_damaged")
                    with suppress(*_TROUBLE):
                        await self.pool.delete(self.queue_name, _WAKE_WORKER)
                await asyncio.sleep(0.5)


def make_worker(
    url: str,
    *,
    message: Callable[[int], Awaitable[None]],
    step: Callable[[str], Awaitable[None]],
) -> WakeableWorker:
    """A worker that hands ids to these functions. A job of any other shape does nothing."""

    async def on_message(ctx: dict[Any, Any], inbox_id: object) -> None:
        if isinstance(inbox_id, int):
            await message(inbox_id)

    async def on_step(ctx: dict[Any, Any], step_id: object) -> None:
        if isinstance(step_id, str):
            await step(step_id)

    return WakeableWorker(
        functions=[
            func(on_message, name="message", keep_result=0, max_tries=1),
            func(on_step, name="step", keep_result=0, max_tries=1),
        ],
        redis_settings=_settings(url),
        job_serializer=_dump,
        job_deserializer=json.loads,
        handle_signals=False,
        max_jobs=16,
        job_timeout=600,
        log_results=False,
    )
