"""From an announced step to its start in another process, and what waiting for one costs."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic_ns
from typing import Any

import psutil
from arq.connections import RedisSettings, create_pool

from bot.bench.arqs import PLAIN, child, queue_server
from bot.bench.figures import load, percentile, summary
from core.queue import ArqQueue

_IDLE_SECONDS = 10
_FEWER = 10
"""A tenth of the announcements does for plain arq, which polls twice a second."""


async def waking(folder: Path, *, wakes: int) -> dict[str, Any]:
    """Enqueue to start of our worker and of arq's own, and the idle processor time of each."""
    before = load()
    async with queue_server(folder) as url:
        queue = ArqQueue(url)
        pool = await create_pool(RedisSettings.from_dsn(url))

        async def announce(step_id: str) -> None:
            await pool.enqueue_job("step", step_id, _queue_name=PLAIN)

        try:
            ours = await _worker("woken", url, queue.step, wakes, apart=0.03)
            plain = await _worker("plain", url, announce, max(10, wakes // _FEWER), apart=0.5)
        finally:
            await queue.close()
            await pool.aclose()
    return {"load": before, "ours": ours, "plain_arq": plain}


async def _worker(
    kind: str, url: str, announce: Callable[[str], Awaitable[None]], wakes: int, *, apart: float
) -> dict[str, Any]:
    async with child(kind, url) as process:
        assert process.stdout
        late: list[float] = []
        for number in range(wakes + 5):
            await asyncio.sleep(random.uniform(0.005, apart))  # noqa: S311 - not in step with polls
            await announce(str(monotonic_ns()))
            seconds = int(await process.stdout.readline()) / 1e9
            if number >= 5:  # the first open the connections
                late.append(seconds)
        worker, server = psutil.Process(process.pid), _server()
        before = [_used(worker), _used(server)]
        await asyncio.sleep(_IDLE_SECONDS)
        idle = [
            round((_used(each) - used) / _IDLE_SECONDS * 100, 2)
            for each, used in zip((worker, server), before, strict=True)
        ]
    return {
        "enqueue_to_start": summary(late) | {"p99_ms": round(percentile(late, 99) * 1000, 2)},
        "idle_cpu_percent_of_a_core": {"worker": idle[0], "queue": idle[1]},
    }


def _server() -> psutil.Process:
    return next(p for p in psutil.Process().children() if "valkey" in p.name())


def _used(process: psutil.Process) -> float:
    return sum(process.cpu_times()[:2])
