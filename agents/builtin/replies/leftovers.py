"""The words of a clause that none of its changes explains."""

import re
from collections.abc import Mapping
from typing import Any

from agents.builtin.amounts import UNITS
from agents.builtin.currencies import currency_of
from agents.builtin.lexicon import FUNCTION, alternatives, words
from agents.builtin.phrases import ADDRESS
from agents.builtin.replies.doubts import REASON
from agents.builtin.replies.reply import Reply, Span
from agents.builtin.slots import terms
from agents.builtin.wording import trimmed, verbatim

_AROUND = FUNCTION | words(
    "make change set update put use switch correct fix edit move push shift bring reschedule "
    "schedule start starting starts begin keep let say go gets amount price total sum fee invoice "
    "bill card mail meeting call reminder remind date time clock o'clock deadline due net terms "
    "payment pay payable paid term days instead rather actually oops typo correction mean meant "
    "wrong nope wait hm hmm mind believe later earlier further back possible long lasting minutes "
    "minute hours half an great good perfect fine nice cool lovely looks otherwise rest same "
    "agreed discussed usual always currency percent mit statt stattdessen lieber betrag preis nein "
    "danke mach draus daraus setz ändere auf fällig bitte importe precio pon cambia gracias mejor "
    "vez lugar montant prix mets merci plutôt lieu lot much"
)
"""Words that only carry a new value."""
_CARRIERS = words(
    "make change set update bill invoice charge put move push schedule send it it's its that this "
    "to the amount price total sum is due net days in by on at please mach setz auf pon cambia mets"
)
"""Words that carry a value and nothing else."""
_WORD = re.compile(r"[^\W_][\w'’@.+-]*")
_UNIT = alternatives(UNITS)
_COUNT = re.compile(
    rf"\b(?:\d+(?:[.,]\d+)?\s*(?:x|{_UNIT})|(?:a|an|per|each|pro|por|par)\s+{_UNIT}|each)\b"
)
_NOT_THAT = re.compile(rf"\b(?:not|nicht|no|instead\s+of)\s+(?:to\s+)?{ADDRESS.pattern}")


def leftover(reply: Reply, changes: Mapping[str, Any]) -> str | None:
    """The words of a clause that say something beside ``changes``, verbatim; None for none.

    Only the slots of ``changes`` count, so that a day explains "on Friday" only on a card that
    it moved.
    """
    low = reply.text.low
    explained: list[Span] = [m.span() for m in REASON.finditer(low)]
    explained += [m.span() for m in _NOT_THAT.finditer(low)]
    if changes.keys() & {"amount", "currency"}:
        explained += [(m.start, m.end) for m in reply.money]
        explained += [m.span() for m in _COUNT.finditer(low)]
        explained += [m.span() for m in _WORD.finditer(low) if currency_of(m.group())]
    if changes.keys() & {"due_days", "due_date"}:
        where = terms.due(reply.context, 0, len(low))[2]
        explained += [where] if where else []
    if changes.keys() & {"due_days", "due_date", "start", "at"}:
        explained += [(w.start, w.end) for w in reply.whens]
    if changes.keys() & {"due_days", "duration_min", "start", "at"}:
        explained += [(start, end) for start, end, _ in reply.spells]
        explained += [m.span() for m in re.finditer(r"\d+\s*(?:days?|weeks?)", low)]
    left = [
        m.span()
        for m in _WORD.finditer(low)
        if m.group().strip(".'") not in _AROUND
        and not any(start < m.end() and m.start() < end for start, end in explained)
    ]
    if not left:
        return None
    (first, _), (_, last) = left[0], left[-1]
    start = max((end for _, end in explained if end <= first), default=0)
    stop = min((start for start, _ in explained if start >= last), default=len(low))
    return verbatim(reply.text, trimmed(reply.text, start, stop), (start, stop))


def carries(reply: Reply) -> bool:
    """Whether a clause consists of figures and moments and what carries them."""
    figures = [(m.start, m.end) for m in reply.money] + [(w.start, w.end) for w in reply.whens]
    figures += [(start, end) for start, end, _ in reply.spells]
    low = reply.text.low
    return all(
        m.group() in _CARRIERS or any(start <= m.start() < end for start, end in figures)
        for m in _WORD.finditer(low)
    )
