"""The last moment before an effect: whether it may still go.

The executor opens a gate around each call of a connector. A connector that takes its time
before the point of no return, such as one that first talks to a server, asks once more there.
"""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar

from core.errors import FactotumError

_GATE: ContextVar[Callable[[], Awaitable[bool]] | None] = ContextVar("gate", default=None)


class Paused(FactotumError):
    """Everything was paused before the effect happened; nothing was done."""

    def __init__(self) -> None:
        super().__init__("Everything is paused.", fix="/resume goes on.", permanent=False)


class CalledOff(Exception):
    """Its run ended before the effect happened; nothing was done, and nothing will be."""


def guard(allowed: Callable[[], Awaitable[bool]] | None) -> None:
    """Sets what decides, for the calls that follow in this task; None lets everything go."""
    _GATE.set(allowed)


async def last_call() -> None:
    """To be awaited right before what can't be taken back; raises Paused where it must not be."""
    allowed = _GATE.get()
    if allowed is not None and not await allowed():
        raise Paused
