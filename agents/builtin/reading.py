"""Two readings of a message made one: by rules, and by what was learned from examples.

Rules know grammar, arithmetic and calendars, and say no to what is no order; the learned reading
knows wordings that no rule foresaw. Where both see the same request, the learned one fills what the
rules have left open; where it is certain of somebody else, nobody is named and the operator is
asked.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from agents.builtin.intents import Hit
from agents.builtin.learned.model import Found, find
from agents.builtin.learned.values import Reading, slots
from agents.builtin.lexicon import FUNCTION
from agents.builtin.names import Name, Names, is_company
from agents.builtin.slots.context import Context
from agents.builtin.statements import UNPAID
from agents.builtin.text import HIDDEN, Text, prepare
from agents.builtin.understand import (
    COUNTERPARTY,
    MODELS,
    Understanding,
    only_repeats,
    territory,
    understand,
)
from agents.requests import Chat, LeadAdd, Request, Show

LIKELY = 0.65
"""Below this the learned reading is not followed where the rules see nothing."""
FAIR = 0.8
"""Below this it is not followed where the rules speak against acting, or see less."""
SURE = 0.9
"""Below this it is not followed where the rules see something else."""
CERTAIN = 0.9
"""At this it may contradict the rules on who is meant, and the operator is asked; below this it
throws no switch and moves no money, and the operator is asked whether that is meant.
"""
SURE_OF_IT = 0.96
"""At this it is followed although the rules took the message as a whole for no order."""
_FREE = frozenset(
    (
        *("description", "about", "what", "topic", "question", "statement", "reason"),
        *("source", "period", "assignment"),
    )
)
"""What is told in the message's own words."""
_WHO = frozenset(slot.rstrip("_") for slot in COUNTERPARTY)
_PARSED = frozenset(("amount", "currency", "invoice_no"))
"""What the rules read as well as anybody: what they leave open is in doubt."""
_OWN_WORDS = frozenset(
    (
        *("invoice.create", "invoice.remind", "payment.record", "refund.issue"),
        *("client.onboard", "lead.add", "meeting.schedule"),
    )
)
"""What nobody asks for by quoting somebody."""
_NONE = re.compile(r"\W*(?:no|kein\w*|ning[uú]na?|pas\s+d[e'])\b")
""" "No invoice for Ida, please."""
_CERTAIN_ONLY = frozenset(
    (
        *("undo.last", "pause", "resume"),
        *("invoice.create", "payment.record", "refund.issue"),
    )
)
"""What works at once, without a card to approve, and what moves money."""
_HARMLESS = frozenset(
    (
        *("digest.show", "status.show", "cost.show", "approvals.show", "undo.last", "pause"),
        *("memory.ask", "research", "content.write", "content.plan"),
    )
)
"""What may be done although the message sounds as if it said no: it only shows, stops or drafts."""


def read(
    text: str, *, now: datetime, zone: ZoneInfo, names: Sequence[str] = (), currency: str = "EUR"
) -> Understanding:
    """What a message asks for; see ``understand``, whose arguments these are."""
    ruled = understand(text, now=now, zone=zone, names=names, currency=currency)
    prepared = prepare(text)
    raw = prepared.raw
    learned = _learned(prepared, now, zone, names, currency)
    if not learned:
        return ruled
    own = [request.intent for request in ruled.requests]
    other = [request.intent for _, request in learned]
    least = min(found.sure for found, _ in learned)
    certain = LIKELY if _CERTAIN_ONLY.isdisjoint(other) else CERTAIN
    if ruled.refused:
        if least >= max(FAIR, certain) and _HARMLESS.issuperset(other):
            return _told(learned, raw)
        if not ruled.doubted or least < SURE_OF_IT:
            return ruled
        told = _told(learned, raw)
        if _CERTAIN_ONLY.isdisjoint(other):
            return told
        return replace(ruled, likely=told.requests, confidence=0.5)
    if own == other:
        return _merged(ruled, learned, raw)
    if own == ["chat"]:
        told = _told(learned, raw)
        if least >= certain or (least >= LIKELY and _open(told.requests)):
            return told  # what lacks something is asked about anyway
        return replace(ruled, likely=told.requests, confidence=0.5) if least >= LIKELY else ruled
    if _within(other, own):
        return ruled
    if _within(own, other):
        more = _told(learned, raw, ruled)
        fair = least >= max(FAIR, certain)
        return more if fair and _open(more.requests) <= _open(ruled.requests) else ruled
    whole = not _open(ruled.requests) and not _HARMLESS.issuperset(own)
    if whole and len(own) >= len(other):
        return ruled  # an order that a rule has understood to its end
    return _told(learned, raw, ruled) if least >= SURE else ruled


def _learned(
    prepared: Text, now: datetime, zone: ZoneInfo, names: Sequence[str], currency: str
) -> list[tuple[Found, Any]]:
    who = Names(prepared, names)
    made: list[tuple[Found, Any]] = []
    earlier: list[Name] = []
    for found in find(prepared.raw):
        own = prepared.own[found.start : found.end]
        if own.count(HIDDEN) > len(own) / 2 or (found.intent in _OWN_WORDS and HIDDEN in own):
            continue  # somebody else's words
        if found.intent in _OWN_WORDS and _NONE.match(own):
            continue
        if found.intent == "payment.record" and (UNPAID.search(own) or own.endswith("?")):
            continue
        model = MODELS.get(found.intent)
        if model is None:
            shown = Show(intent=found.intent)  # type: ignore[arg-type] - of no other kind
            if all(shown != former for _, former in made):
                made.append((found, shown))
            continue
        at = found.start
        ctx = Context(
            text=prepared,
            names=who,
            hit=Hit(found.intent, at, at, "learned", at),
            start=at,
            own_end=found.end,
            end=found.end,
            lead=at,
            now=now,
            zone=zone,
            currency=currency,
            territory=territory(zone.key),
        )
        values = slots(Reading(ctx, found, tuple(earlier)))
        request = model(**values)
        if only_repeats(request, [former for _, former in made]):
            continue
        made.append((found, request))
        named = next((values[key] for key in COUNTERPARTY if values.get(key)), None)
        people = [name for name in (named, values.get("contact")) if name]
        earlier += [Name(name, at, found.end) for name in people]
    return made


def _within(few: Sequence[str], many: Sequence[str]) -> bool:
    """Whether ``few`` stand among ``many`` in this order."""
    rest = iter(many)
    return all(each in rest for each in few)


def _told(
    learned: Sequence[tuple[Found, Any]], raw: str, ruled: Understanding | None = None
) -> Understanding:
    requests: list[Any] = [request for _, request in learned]
    if ruled is not None:
        rest = list(ruled.requests)
        for place, request in enumerate(requests):
            same = next((each for each in rest if each.intent == request.intent), None)
            if same is not None:
                rest.remove(same)
                requests[place] = _one(same, request, learned[place][0], raw)
    said = ", ".join(f"{request.intent} ({found.sure:.0%})" for found, request in learned)
    sure = min(found.sure for found, _ in learned)
    confidence = 0.6 if _open(requests) else round(sure, 2)
    return Understanding(tuple(requests), f"It reads like {said}.", confidence)


def _open(requests: Sequence[Any]) -> bool:
    return any(not isinstance(r, Show | Chat) and r.missing() for r in requests)


def _merged(ruled: Understanding, learned: Sequence[tuple[Found, Any]], raw: str) -> Understanding:
    requests = tuple(
        _one(mine, theirs, found, raw)
        for mine, (found, theirs) in zip(ruled.requests, learned, strict=True)
    )
    confidence = ruled.confidence if _open(requests) or not _open(ruled.requests) else 0.8
    return Understanding(requests, ruled.reason, confidence)


def _one(ruled: Any, learned: Any, found: Found, raw: str) -> Request:
    """One request of two readings of it; open where they contradict each other."""
    mine = ruled.model_dump(exclude_none=True)
    theirs = learned.model_dump(exclude_none=True)
    more = {
        slot: value
        for slot, value in theirs.items()
        if slot not in _PARSED and value not in mine.values() and _is_sure(found, slot)
    }
    both = more | mine
    for slot in _FREE.intersection(mine, theirs):
        sure = min((part.sure for part in found.of(slot)), default=0.0)
        if sure >= FAIR and _words(mine[slot]).isdisjoint(_words(theirs[slot])):
            both[slot] = theirs[slot]
    for slot in COUNTERPARTY:
        if slot not in mine:
            continue
        sure = min((part.sure for part in found.of(slot.rstrip("_"))), default=0.0)
        if slot in theirs:
            if not _same(mine[slot], theirs[slot]) and sure >= CERTAIN:
                both[slot] = _fuller(mine[slot], theirs[slot])
        elif _taken(mine[slot], found, raw):
            both[slot] = None
    if type(ruled) is LeadAdd and both.get("name"):
        both |= _lead(both["name"], both.get("company"), both.get("email"))
    return type(ruled)(**both)


def _is_sure(found: Found, slot: str) -> bool:
    """Whether a slot that the rules have left open may be filled."""
    least = min((part.sure for part in found.of(slot.rstrip("_"))), default=1.0)
    return slot not in COUNTERPARTY or least >= LIKELY


def _lead(name: str, company: str | None, email: str | None) -> dict[str, str | None]:
    """A lead's name, told from a company's by its form or by the domain that bears it."""
    domain = (email or "").rpartition("@")[2].partition(".")[0]
    is_theirs = name.split()[0].casefold() in domain
    if (company and name in company) or (not company and (is_company(name) or is_theirs)):
        return {"name": None, "company": company or name}
    return {"name": name, "company": company}


def _same(mine: str, theirs: str) -> bool:
    return mine.casefold() == theirs.casefold()


def _fuller(mine: str, theirs: str) -> str | None:
    """The fuller one of two names, where one holds the other."""
    few, many = sorted((mine, theirs), key=len)
    more = set(many.casefold().split()) - set(few.casefold().split())
    if not set(few.casefold().split()) <= set(many.casefold().split()):
        return None
    inside = few.casefold() in many.casefold() and many.split()[-1].casefold() not in FUNCTION
    return mine if more & FUNCTION and not (inside and many == theirs) else many


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold())) - FUNCTION


def _taken(name: str, found: Found, raw: str) -> bool:
    """Whether a name stands in words that the learned reading takes for nobody's name."""
    return any(
        part.slot not in _WHO
        and part.sure >= CERTAIN
        and _holds(raw[part.start : part.end], name, raw)
        for part in found.parts
    )


def _holds(words: str, name: str, raw: str) -> bool:
    """Whether a name is among words: "May" is not in "she may", where the message has both."""
    return name in words if name in raw else name.casefold() in words.casefold()


def warm_up() -> None:
    """Pays the costs of first use (patterns, parsers, locale data) ahead of the first message."""
    now = datetime.fromisoformat("2026-01-05T09:00:00+00:00")
    zone = ZoneInfo("Europe/Berlin")
    for text in (
        "Invoice Acme 2.400,00 € for the brand workshop, due 1 December",
        "Remind me on 3 February at half past eight to call the printer",
        "Put a call with Ana on Tuesday 15:00 London time",
        "Erinnere mich am 3. März um halb vier an die Rechnung",
        "Recuérdame el 3 de marzo a las 10 llamar a Ana",
        "Rappelle-moi le 3 mars à 10h d'appeler Ana",
        "Refund Ana two hundred pounds, what have you cost me?",
    ):
        read(text, now=now, zone=zone)
