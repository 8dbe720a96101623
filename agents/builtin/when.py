"""A span of a text that says when."""

from dataclasses import dataclass
from datetime import date, datetime

from agents.builtin.clock import Clock


@dataclass(frozen=True, slots=True)
class When:
    """A span of a text and what it says of a moment."""

    start: int
    end: int
    day: date | None = None
    clock: Clock | None = None
    part: str | None = None
    minutes: int | None = None
    """How long, when the span says from when to when."""
    moment: datetime | None = None
    """Local wall time, when it is so and so long from now."""
    zone: str | None = None
    """Another zone that the time is said in; "?" for one that nobody knows."""
    vague: bool = False
    past: bool = False
    unclear: bool = False
    """It counts from something that the text doesn't date, so nothing else may stand for it."""
