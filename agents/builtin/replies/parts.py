"""A reply cut into clauses, each of which may change something by itself."""

import re
from collections.abc import Iterable
from itertools import islice

from agents.builtin.sentences import ABBREVIATION

Span = tuple[int, int]

_ALSO = r"also(?!\s+(?:send|e-?mail|mail|forward|copy|cc)\b)"
_BREAK = re.compile(
    rf"\s*(?:[;\n]|[.!?]+(?=\s|$)|,(?=\s|$)|\s[–—-]\s)\s*(?:(?:and|und|y|et|but|then|"
    rf"please|{_ALSO})"
    rf"\s+)*|\s+(?:and|und|y|et|but|then|plus)\s+(?:(?:then|please|{_ALSO})\s+)*"
)
_QUOTED = re.compile(r'"[^"\n]*"')
_MOST = 40
"""A reply in more clauses is none that a person writes to a card."""


def cut(low: str, whole: Iterable[Span] = ()) -> list[Span]:
    """The spans of the clauses of a lower-case reply, in order; none ends within ``whole``."""
    whole = [*whole, *(m.span() for m in _QUOTED.finditer(low))]
    found: list[Span] = []
    at = 0
    for match in islice(_BREAK.finditer(low), _MOST):
        head = low[at : match.start() + 1]
        stop = match.group().strip() == "."
        if stop and ABBREVIATION.search(head[-8:]):
            continue
        # The full stop of "1.12." is part of the date, that of "1 December." is not.
        if any(start < match.start() < end for start, end in whole) and not (
            stop and head[-2:-1].isalpha()
        ):
            continue
        if low[at : match.start()].strip():
            found.append((at, match.start()))
        at = match.end()
    if low[at:].strip():
        found.append((at, len(low)))
    return found
