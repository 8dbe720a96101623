"""The last moment before an effect: whether it may still go, and the note that it went.

The executor opens a gate around each call of a connector. A connector that takes its time
before the point of no return, such as one that first talks to a server, asks once more there.
"""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar

from core.errors import FactotumError

_GATE: ContextVar[Callable[[], Awaitable[None]] | None] = ContextVar("gate", default=None)


class Paused(FactotumError):
    """Everything was paused before the effect happened; nothing was done."""

    def __init__(self) -> None:
        super().__init__("Everything is paused.", fix="/resume goes on.", permanent=False)


class CalledOff(Exception):
    """Its run ended, or its step went to another worker, before the effect happened.

    Nothing was done, and this worker will do nothing.
    """


def guard(passing: Callable[[], Awaitable[None]]) -> None:
    """Sets what the calls that follow in this task must pass: it raises where they must not."""
    _GATE.set(passing)


async def last_call() -> None:
    """To be awaited right before what can't be taken back.

    Raises Paused or CalledOff where it must not be.
    """
    passing = _GATE.get()
    if passing is not None:
        await passing()
