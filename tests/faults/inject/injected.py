"""What a test puts into bot and worker: deaths at fault points, another clock, a full disk.

The folder ``FAULTS`` holds what rules it, and may change at any time:

``points.json``  names of the fault points by ``path:line``.
``control.json`` what may happen now, see ``_Control``.
``fired``        a line for each death; written here, by the process that dies of it.
``seen``         a line for each point reached in a round; written here.

Production code knows nothing of this: it is wrapped where it commits, calls out and tells the
time. A process that died at a point is started anew from a copy that has loaded everything, so
that a kill costs no two seconds of imports; every tenth death takes that copy along, and then the
supervisor starts it from nothing, as it does after any other kill.
"""

import asyncio
import ctypes
import errno
import json
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

FOLDER = Path(os.environ.get("FAULTS", "."))
_COLD = 10


@dataclass(frozen=True)
class _Control:
    """What may happen now.

    ``budget``: how many may die in ``round``; ``seed`` and ``chance`` (of a point, ``otherwise``
    of others, each time it is reached) decide who. ``at``: points to die at in this round, at
    their n-th time. Nobody dies twice at one point of a round. ``offset``: seconds that the
    clock is ahead. ``full``: the disk is full.
    """

    round: int = 0
    seed: int = 0
    budget: int = 0
    chance: dict[str, float] = field(default_factory=dict)
    otherwise: float = 0.0
    at: dict[str, int] = field(default_factory=dict)
    offset: float = 0.0
    full: bool = False


class _File:
    """A file that is read again only when it has changed."""

    def __init__(self, name: str) -> None:
        self._path = FOLDER / name
        self._known: tuple[int, int, int] | None = None

    def changed(self) -> str | None:
        """Its text where that is new."""
        try:
            now = self._path.stat()
            known = (now.st_ino, now.st_mtime_ns, now.st_size)
            if known == self._known:
                return None
            text = self._path.read_text()
        except FileNotFoundError:
            return None
        self._known = known
        return text


class _Fate:
    """Decides who dies where."""

    def __init__(self, process: str) -> None:
        self.process = process
        self._where: dict[str, str] = json.loads((FOLDER / "points.json").read_text())
        self._control_file, self._fired_file = _File("control.json"), _File("fired")
        self._control = _Control()
        self._fired: list[tuple[int, str]] = []
        self._seen: set[str] = set()
        self._times: dict[str, int] = {}
        self._chance = random.Random()

    def control(self) -> _Control:
        """What may happen now."""
        if text := self._control_file.changed():
            fresh = _Control(**json.loads(text))
            if fresh.round != self._control.round:
                self._seen.clear()
                self._times.clear()
            self._control = fresh
            self._read_fired()
            self._chance.seed(f"{fresh.seed} {fresh.round} {self.process} {len(self._fired)}")
        return self._control

    def name(self, frame: Any, call: str) -> str | None:
        """The site of a call that ``frame`` makes, where it is one."""
        return self._where.get(f"{frame.f_code.co_filename}:{frame.f_lineno}") or (
            None if call else f"unknown {frame.f_code.co_filename}:{frame.f_lineno}"
        )

    def reach(self, point: str) -> None:
        """Here is a fault point: this process may end in it."""
        control = self.control()
        if point not in self._seen:
            self._seen.add(point)
            _append("seen", f"{control.round}\t{self.process}\t{point}")
        self._read_fired()
        self._times[point] = self._times.get(point, 0) + 1
        if self._dies(control, point):
            self._die(control, point)

    def _read_fired(self) -> None:
        if text := self._fired_file.changed():
            lines = [line.split("\t") for line in text.splitlines()]
            self._fired = [(int(line[0]), line[2]) for line in lines]

    def _dies(self, control: _Control, point: str) -> bool:
        here = [where for round_, where in self._fired if round_ == control.round]
        if point in here:
            return False
        if point in control.at:
            return self._times[point] == control.at[point]
        if len(here) >= control.budget:
            return False
        return self._chance.random() < control.chance.get(point, control.otherwise)

    def _die(self, control: _Control, point: str) -> NoReturn:
        cold = self.process in ("bot", "worker") and len(self._fired) % _COLD == _COLD - 1
        _append("fired", f"{control.round}\t{self.process}\t{point}\t{'cold' if cold else 'warm'}")
        if cold:
            os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError  # nobody gets here


def _append(name: str, line: str) -> None:
    with (FOLDER / name).open("a") as file:
        file.write(line + "\n")


def install(process: str) -> None:
    """Wraps what there is to wrap; returns in the process that is to run."""
    fate = _Fate(process)
    _commits(fate)
    _effects(fate)
    _files(fate)
    _clock(fate)
    if process == "bot":
        _sends(fate)
        import bot.serving
    elif process == "worker":
        import bot.working  # noqa: F401 - loaded for the copy that starts anew
    else:
        return  # started by somebody who hears of its death
    _stay_warm()


def _stay_warm() -> None:
    """Forks the process that runs, again whenever it was killed; ends as it ends otherwise."""
    from bot.lifetime import PARENT

    told = False
    child = 0

    def forward(number: int, _frame: Any) -> None:
        nonlocal told
        told = True
        with suppress(ProcessLookupError):
            os.kill(child, number)

    ours = os.getpid()
    while True:
        child = os.fork()
        if child == 0:
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # it dies with the one it came from
            os.environ[PARENT] = str(ours)
            if os.getppid() != ours:
                os._exit(1)
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, forward)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if told or code != -signal.SIGKILL:
            os._exit(code & 0xFF)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        time.sleep(0.05)


def _commits(fate: _Fate) -> None:
    from sqlalchemy.exc import OperationalError

    from core.storage import driver
    from core.storage.database import Database

    original_init, original_write, original_begin = (
        Database.__init__,
        Database.write,
        Database._begin,
    )
    original_commit, original_keep = Database._commit, driver.commit
    opened: dict[Any, Any] = {}  # whose transaction a connection is in

    def init(self: Any, path: Path) -> None:
        original_init(self, path)
        self.faults_open, self.faults_sent = [], []

    async def begin(self: Any) -> Any:
        connection = await original_begin(self)
        self.faults_open = []
        opened[connection] = self
        return connection

    async def keep(connection: Any, *, in_place: bool) -> float:
        database = opened[connection]
        database.faults_sent, database.faults_open = database.faults_open, []
        if fate.control().full:
            full = sqlite3.OperationalError("database or disk is full")
            raise OperationalError("COMMIT", {}, full)
        for name in database.faults_sent:
            fate.reach(f"{name}@before-commit")
        return await original_keep(connection, in_place=in_place)

    @asynccontextmanager
    async def write_at(self: Any, name: str) -> AsyncGenerator[Any]:
        async with original_write(self) as connection:
            yield connection
            self.faults_open.append(name)  # its block has ended: it is one of the group

    def write(self: Any) -> Any:
        return write_at(self, fate.name(sys._getframe(1), "") or "")

    async def commit(self: Any, group: Any) -> None:
        await original_commit(self, group)
        if group.done.exception() is None:  # and nobody who waits for it has heard of it yet
            for name in self.faults_sent:
                fate.reach(f"{name}@after-commit")

    Database.__init__, Database.write, Database._commit = init, write, commit
    Database._begin, driver.commit = begin, keep


def _around(fate: _Fate, name: str, call: Callable[..., Awaitable[Any]]) -> Any:
    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        fate.reach(f"{name}@before")
        result = await call(*args, **kwargs)
        fate.reach(f"{name}@after")
        return result

    return wrapped


def _sited(fate: _Fate, call: Callable[..., Any]) -> Any:
    """``call``, with a fault point before and after it where its caller is one."""

    @wraps(call)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        name = fate.name(sys._getframe(1), call.__name__)
        return (_around(fate, name, call) if name else call)(*args, **kwargs)

    return wrapped


def _effects(fate: _Fate) -> None:
    from core.actions import Catalogue

    original = Catalogue.__init__

    def init(self: Any, connectors: Any) -> None:
        original(self, connectors)
        for name, action in self._actions.items():
            self._actions[name] = replace(
                action,
                perform=_sited(fate, action.perform),
                check=_sited(fate, action.check),
                compensate=action.compensate and _sited(fate, action.compensate),
            )

    Catalogue.__init__ = init


def _files(fate: _Fate) -> None:
    from connectors import durable

    original, original_fsync = durable.sync_folder, os.fsync

    def sync_folder(folder: Path) -> None:
        name = fate.name(sys._getframe(1), "sync_folder")
        if name is None:
            return original(folder)
        fate.reach(f"{name}@before")
        original(folder)
        return fate.reach(f"{name}@after")

    def fsync(handle: Any) -> None:
        if fate.control().full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        original_fsync(handle)

    durable.sync_folder, os.fsync = sync_folder, fsync


def _sends(fate: _Fate) -> None:
    from bot.courier import Courier
    from bot.sending import Sender

    class Line:
        """Telegram's half of the courier."""

        def __init__(self, bot: Any) -> None:
            self._bot = bot

        def __getattr__(self, name: str) -> Any:
            found = getattr(self._bot, name)
            return _sited(fate, found) if asyncio.iscoroutinefunction(found) else found

    original, formatted = Courier.__init__, Sender._formatted

    def init(self: Any, *, bot: Any, **parts: Any) -> None:
        original(self, bot=Line(bot), **parts)

    def sited(self: Any, *args: Any) -> Any:
        name = fate.name(sys._getframe(1), "_formatted")
        call = _around(fate, name, formatted) if name else formatted
        return call(self, *args)

    Courier.__init__, Sender._formatted = init, sited


def _clock(fate: _Fate) -> None:
    from core.clock import SystemClock

    def now(_self: Any) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=fate.control().offset)

    SystemClock.now = now
