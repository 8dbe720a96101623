"""One reply to one card, or a clause of it, with what is needed to read it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from agents.builtin.amounts import Money, find_money
from agents.builtin.dates import durations, find_whens
from agents.builtin.intents import Hit
from agents.builtin.names import Names
from agents.builtin.slots.context import Context
from agents.builtin.text import Text, prepare
from agents.builtin.understand import territory
from agents.builtin.when import When

Span = tuple[int, int]


@dataclass(frozen=True)
class Reply:
    """Words and the card that they are about: its intent and, where it has one, its moment."""

    text: Text
    intent: str
    now: datetime
    zone: ZoneInfo
    currency: str
    known: Sequence[str]
    """Names of clients and contacts."""
    current: datetime | None
    """The card's moment as local wall time."""

    def clause(self, start: int, end: int) -> "Reply":
        """A part of the reply, to be read by itself."""
        return replace(self, text=prepare(self.text.verbatim(start, end)))

    def without(self, spans: Sequence[Span]) -> "Reply":
        """The reply with some parts blanked; what is left stays where it is."""
        raw = self.text.raw
        for start, end in spans:
            raw = raw[:start] + " " * (end - start) + raw[end:]
        return replace(self, text=Text(raw))

    @cached_property
    def names(self) -> Names:
        """Who is named."""
        return Names(self.text, self.known)

    @cached_property
    def whens(self) -> list[When]:
        """The moments named."""
        return find_whens(self.text.low, self.now, self.zone)

    @cached_property
    def spells(self) -> list[tuple[int, int, int]]:
        """The lengths of time named, in minutes, but for those in moments."""
        return [
            (start, end, minutes)
            for start, end, minutes in durations(self.text.low)
            if not any(w.start < end and start < w.end for w in self.whens)
        ]

    @cached_property
    def money(self) -> list[Money]:
        """What may be money."""
        return find_money(
            self.text.raw,
            self.text.low,
            taken=[(w.start, w.end) for w in self.whens if w.day or w.clock],
            language=self.text.language,
            territory=self.territory,
            own=self.currency,
        )

    @property
    def territory(self) -> str | None:
        """The operator's country."""
        return territory(self.zone.key)

    @cached_property
    def context(self) -> Context:
        """The reply as the readers of slots take it."""
        length = len(self.text.raw)
        hit = Hit(self.intent, 0, 0, "fact", 0)
        return Context(
            self.text, self.names, hit, 0, length, length, 0,
            self.now, self.zone, self.currency, (), self.territory,
        )  # fmt: skip
