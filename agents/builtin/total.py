"""What a text comes to: one sum of money, or that none can be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from agents.builtin.amounts import Money


@dataclass(frozen=True, slots=True)
class Sum:
    """What a text asks for: ``value`` is None when it cannot be told for certain.

    ``spans`` are the words that state it; none where it is worked out from words that say more, a
    count and a rate or a share.
    """

    value: Decimal | None
    currency: str | None
    spans: tuple[tuple[int, int], ...] = ()
    why: str = ""


NOTHING = Sum(None, None)


def said(money: Sequence[Money], why: str) -> Sum:
    """A sum that stands in the text."""
    return Sum(money[0].value, None, tuple((m.start, m.end) for m in money), why)


def unknown(why: str) -> Sum:
    """None that can be told, and why."""
    return Sum(None, None, (), why)
