"""Replies to a card: only what they change, only what is certain, and nothing passed over."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from agents.builtin.guards import strip_polite
from agents.builtin.replies import mail, moments, money, records
from agents.builtin.replies.card import Card, Changes
from agents.builtin.replies.doubts import DOUBT, REASON, VAGUE
from agents.builtin.replies.leftovers import carries, leftover
from agents.builtin.replies.parts import cut
from agents.builtin.replies.reply import Reply, Span
from agents.builtin.text import prepare

UNREAD = "unread"
"""The slot of the clauses that say something which changes nothing."""

_CARDS: Mapping[str, Card] = {
    "invoice.create": money.CARD,
    "refund.issue": money.CARD,
    "payment.record": money.CARD,
    "meeting.schedule": moments.MEETING,
    "reminder.set": moments.REMINDER,
    "email.write": mail.CARD,
}
_OPENING = re.compile(
    r"(?:no+|nope|nein|non|nah|not\s+quite|almost|wrong|close|hm+|wait|sorry|actually|ah|oh|"
    r"yes\s+but|ok\s+but|but|fine\s+but|good\s+but|looks\s+good\s+but)\b[\s,.!:;–—-]*"
)
_MOST_LINKS = 8
"""A clause with more "for" than that is none that a person writes to a card."""
_ONE_MORE = re.compile(r"\balso\s+(?=(?:send|e-?mail|mail|forward|copy|cc)\b)")
"""Here "also" is no politeness: it makes one more of the address."""


def understand_edit(
    text: str,
    *,
    intent: str,
    now: datetime,
    zone: ZoneInfo,
    currency: str = "EUR",
    names: Sequence[str] = (),
    current: datetime | None = None,
) -> dict[str, Any]:
    """The slots of ``intent`` that a reply changes, with their values; {} when none for certain.

    For ``email.write`` besides its slots: ``subject``, ``body_replace`` (old, new) and ``append``.
    For ``invoice.create`` besides its slots: ``email``, where the invoice goes. ``unread``: a tuple
    of the clauses, in the operator's words, that say something else beside what is changed; it
    never stands alone.
    ``current`` is the card's ``start`` or ``at`` (local wall time): a time alone keeps its day, a
    day alone its time, "an hour later" counts from it. Without it these change nothing.
    """
    if len(text) > 2000:
        return {}
    prepared = prepare(text)
    low = prepared.low
    start, _ = strip_polite(low, 0, len(low))
    opening = _OPENING.match(low, start)
    if opening:
        start, _ = strip_polite(low, opening.end(), len(low))
    one_more = _ONE_MORE.search(low)
    if one_more and one_more.end() == start:
        start = one_more.start()
    reply = Reply(
        prepare(prepared.verbatim(start, len(low))), intent, now, zone, currency, names, current
    )
    changes, unread = _read(reply, _CARDS.get(intent, records.CARD))
    return changes | {UNREAD: unread} if changes and unread else changes


def _read(reply: Reply, card: Card) -> tuple[Changes, tuple[str, ...]]:
    """What the clauses change, each by itself or all together, and those that change nothing."""
    clauses = _clauses(reply, card)
    changes: Changes = {}
    settled: list[Span] = []
    loose: list[Span] = []
    while clauses:
        found, span, clauses = _first(reply, card, clauses, only=not settled and not loose)
        if any(changes.get(slot, value) != value for slot, value in found.items()):
            return {}, ()  # two values for one slot
        changes |= found
        (settled if found else loose).append(span)
    # "make it shorter" has no value, so it can't be part of one.
    vague = [s for s in loose if VAGUE.search(reply.text.low, *s) and not _has_figures(reply, s)]
    rest = reply.without([*settled, *vague])
    if DOUBT.search(REASON.sub("", rest.text.low)):
        return {}, ()
    if not VAGUE.search(rest.text.low):
        read = card.together(rest)
        if any(changes.get(slot, value) != value for slot, value in read.items()):
            return {}, ()
        changes = read | changes
    unread = (leftover(reply.clause(*span), changes) for span in loose)
    return changes, tuple(words for words in unread if words)


def _clauses(reply: Reply, card: Card) -> list[Span]:
    found: list[Span] = []
    for start, end in cut(reply.text.low, ((w.start, w.end) for w in reply.whens)):
        found.append((start, end))
        links = card.links.finditer(reply.text.low, start, end) if card.links else ()
        for link in islice(links, _MOST_LINKS):
            before = reply.clause(found[-1][0], link.start())
            if carries(before) or card.alone(before, False):
                found[-1:] = [(found[-1][0], link.start()), (link.end(), end)]
    return found


def _first(
    reply: Reply, card: Card, clauses: Sequence[Span], *, only: bool
) -> tuple[Changes, Span, list[Span]]:
    """What the first clause changes by itself, with the clauses after it that belong to it."""
    (start, end), rest = clauses[0], list(clauses[1:])
    found = card.alone(reply.clause(start, end), only and not rest)
    while found and rest and not card.starts(reply.clause(*rest[0])):
        longer = card.alone(reply.clause(start, rest[0][1]), only and len(rest) == 1)
        # "for Alder" may be whom, "for Alder and Finch" is not.
        joined = longer and reply.text.raw[rest[0][0]].isupper()
        if longer == found or (longer.keys() != found.keys() and not joined):
            break
        found, end = longer, rest.pop(0)[1]
    return found, (start, end), rest


def _has_figures(reply: Reply, span: Span) -> bool:
    clause = reply.clause(*span)
    return bool(clause.money or clause.whens or clause.spells)
