"""From a killed worker to the moment another one begins its work again.

What is in work is a call of the outside: a server of ours takes the connection and never answers,
so that it sees by itself when the work begins and when it begins again. Ours is the real worker
process, with a mail that it hands to that server; arq's is a job that connects to it.
"""

import asyncio
import os
import random
import signal
import statistics
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
from arq.connections import RedisSettings, create_pool
from pydantic import SecretStr
from sqlalchemy import select

from bot import ready
from bot.app import App, assemble
from bot.bench.arqs import SHORTEST, child, queue_server
from bot.bench.figures import load, percentile
from bot.supervisor import environment
from core.costs import NOTHING
from core.errors import FactotumError
from core.plans import Plan, PlannedStep
from core.settings import Settings
from core.storage.migrate import migrate
from core.storage.schema import journal

_POLICY = """
[[rule]]
verdict = "auto"
action = "mail.send"
"""
_IDLE_SECONDS = 10
_PATIENCE = 60.0
"""Seconds until a measurement is given up."""


class _Outside:
    """A server that takes connections and says nothing."""

    def __init__(self) -> None:
        self.port = 0
        self._came: asyncio.Queue[tuple[float, int]] = asyncio.Queue()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._came.put_nowait((time.time(), writer.get_extra_info("peername")[1]))
        await reader.read()
        writer.close()

    async def next(self) -> tuple[float, int]:
        """When the next caller came, and the caller's port."""
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._came.get()
        except TimeoutError:
            raise FactotumError("Nobody took the work; the benchmark was stopped.") from None

    async def open(self) -> asyncio.Server:
        """Listens; whoever called closes the server."""
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server


def _holder(workers: list[asyncio.subprocess.Process], port: int) -> asyncio.subprocess.Process:
    """The worker whose connection comes from ``port``."""
    for worker in workers:
        for connection in psutil.Process(worker.pid).net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port:
                return worker
    raise FactotumError("No worker has the work; the benchmark was stopped.")


def _summary(seconds: list[float]) -> dict[str, float]:
    return {
        "n": len(seconds),
        "p50_s": round(statistics.median(seconds), 2),
        "p99_s": round(percentile(seconds, 99), 2),
    }


async def recovery(folder: Path, *, kills: int) -> dict[str, Any]:
    """Times from the kill until another worker begins again, ours and plain arq's."""
    before = load()
    async with queue_server(folder) as url:
        ours = await _ours(folder / "home", url, kills)
        # These only wait, so they can at the same time.
        plain = await asyncio.gather(
            *(_plain(url, f"arq:held:{number}") for number in range(max(2, kills // 4)))
        )
    return {
        "load": before,
        "ours": ours,
        "plain_arq": _summary(list(plain))
        | {"job_timeout_s": SHORTEST, "computed_for_the_default_timeout_s": 300 + 10},
    }


async def _ours(home: Path, url: str, kills: int) -> dict[str, Any]:
    outside = _Outside()
    server = await outside.open()
    settings = Settings(home=home, redis_url=SecretStr(url))
    await asyncio.to_thread(_prepare, settings)
    env = environment(settings) | {
        "REDIS_URL": url,
        "FACTOTUM_LOG_LEVEL": "ERROR",
        "FACTOTUM_MODEL_SMALL": "builtin",
        "FACTOTUM_MODEL_LARGE": "builtin",
        "FACTOTUM_SMTP_HOST": "127.0.0.1",
        "FACTOTUM_SMTP_PORT": str(outside.port),
        "FACTOTUM_SMTP_TLS": "none",
    }
    app = assemble(settings)
    until_claimed: list[float] = []
    until_begun: list[float] = []
    async with AsyncExitStack() as stack:
        stack.push_async_callback(app.close)
        stack.callback(server.close)
        workers = [await stack.enter_async_context(_worker(home, env)) for _ in range(2)]
        idle = await _idle(workers)
        step_id = await _mail(app)
        _, port = await outside.next()
        for number in range(kills):
            await asyncio.sleep(random.uniform(1.0, 1.5))  # noqa: S311 - at any point of a lease
            holder = _holder(workers, port)
            workers.remove(holder)
            killed = time.time()
            os.kill(holder.pid, signal.SIGKILL)
            begun, port = await outside.next()
            until_begun.append(begun - killed)
            until_claimed.append(await _claimed(app, step_id) - killed)
            if number < kills - 1:
                workers.append(await stack.enter_async_context(_worker(home, env)))
    return {
        "until_claimed": _summary(until_claimed),
        "until_begun_again": _summary(until_begun),
        "idle_cpu_percent_of_a_core": idle,
    }


async def _idle(workers: list[asyncio.subprocess.Process]) -> float:
    """What one whole worker uses while there is nothing to do, with its sweep and its beat."""

    def used() -> float:
        return sum(sum(psutil.Process(worker.pid).cpu_times()[:2]) for worker in workers)

    await asyncio.sleep(2)  # what starting left over
    before = used()
    await asyncio.sleep(_IDLE_SECONDS)
    return round((used() - before) / _IDLE_SECONDS / len(workers) * 100, 2)


def _prepare(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / "policy.toml").write_text(_POLICY)
    migrate(settings.database_path)


@asynccontextmanager
async def _worker(home: Path, env: dict[str, str]) -> AsyncGenerator[asyncio.subprocess.Process]:
    ready.forget(home, "worker")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", "worker"), env=env, stdin=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(_PATIENCE):
            await ready.until_ready(home, "worker")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _mail(app: App) -> str:
    """Starts a run of one mail; returns the id of its step."""
    params = {
        "sender": "me@company.example",
        "to": ["somebody@client.example"],
        "subject": "A mail that nobody takes",
        "body": "Nothing of this arrives.",
    }
    step = PlannedStep(key="mail", action="mail.send", params=params)
    plan = Plan(intent="email", title="A mail", steps=(step,))
    async with app.database.write() as connection:
        started = await app.director.start(connection, plan, explanation={}, cost=NOTHING)
    if not started.ready:
        raise FactotumError("The mail would have to be asked; the benchmark was stopped.")
    await app.queue.step(started.ready[0])
    return started.ready[0]


async def _claimed(app: App, step_id: str) -> float:
    """When the step was last claimed, from the journal."""
    async with app.database.read() as connection:
        at: datetime | None = await connection.scalar(
            select(journal.c.at)
            .where(journal.c.subject == step_id, journal.c.kind == "step.claimed")
            .order_by(journal.c.seq.desc())
            .limit(1)
        )
    assert at is not None
    return at.timestamp()


async def _plain(url: str, queue: str) -> float:
    """Seconds that plain arq takes once."""
    outside = _Outside()
    async with (
        await outside.open(),
        child("held", url, queue) as one,
        child("held", url, queue) as other,
    ):
        pool = await create_pool(RedisSettings.from_dsn(url))
        await pool.enqueue_job("held", outside.port, _queue_name=queue)
        await pool.aclose()
        _, port = await outside.next()
        await asyncio.sleep(random.uniform(0.2, 0.6))  # noqa: S311 - within the job's timeout
        holder = _holder([one, other], port)
        killed = time.time()
        os.kill(holder.pid, signal.SIGKILL)
        begun, _ = await outside.next()
        return begun - killed
