"""How a process ends: on a signal, or when the process that started it is gone."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Any

PARENT = "FACTOTUM_PARENT"
"""Environment variable with the pid of a parent whose end is ours too."""


async def until_told(*work: Coroutine[Any, Any, None]) -> None:
    """Runs ``work`` until SIGINT or SIGTERM, until the parent dies, or until a part fails.

    Cancels and awaits everything before it returns; the error of a failed part is raised.
    """
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, told.set)
    tasks = [loop.create_task(part) for part in work]
    ends: list[asyncio.Task[Any]] = [
        loop.create_task(told.wait()),
        loop.create_task(_parent_gone()),
    ]
    try:
        await asyncio.wait([*tasks, *ends], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in [*tasks, *ends]:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*ends, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def _parent_gone() -> None:
    parent = os.environ.get(PARENT)
    if parent is None:
        await asyncio.Event().wait()
        return
    while os.getppid() == int(parent):  # noqa: ASYNC110 - nothing tells a process of this
        await asyncio.sleep(1)
