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
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from agents.builtin.corrections import corrected
from agents.builtin.guards import CHANGES
from agents.builtin.intents import Hit, anchored
from agents.builtin.learned.model import Found, find
from agents.builtin.learned.values import Reading, slots
from agents.builtin.merging import CERTAIN, FAIR, LIKELY, one, whom
from agents.builtin.names import Name, Names
from agents.builtin.persons import named, whole
from agents.builtin.pieces import MAY_SAY_NO
from agents.builtin.prohibitions import forbidden
from agents.builtin.repeats import only_repeats
from agents.builtin.slots.context import Context
from agents.builtin.statements import UNPAID
from agents.builtin.text import HIDDEN, Text, prepare
from agents.builtin.understand import (
    COUNTERPARTY,
    MODELS,
    Understanding,
    territory,
    understand,
)
from agents.requests import Chat, Show

SURE = 0.9
"""Below this it is not followed where the rules see something else."""
SURE_OF_IT = 0.96
"""At this it is followed against what the rules make of the message as a whole."""
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
    weighty = not _CERTAIN_ONLY.isdisjoint(other)
    certain = CERTAIN if weighty else LIKELY
    if ruled.refused:
        enough = SURE_OF_IT if ruled.doubted else max(FAIR, certain)
        if least >= enough and _HARMLESS.issuperset(other):
            return _told(learned, raw)
        if not ruled.doubted or least < SURE_OF_IT:
            return ruled
        told = _told(learned, raw)
        if not weighty:
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
        # A part of a request that the rules took for another one names nobody.
        kept = tuple(request for request in ruled.requests if not _open([request]) or whom(request))
        if least >= SURE and other == [request.intent for request in kept]:
            kept = tuple(_undecided(request, ruled.requests) for request in kept)
            return _merged(replace(ruled, requests=kept, confidence=SURE), learned, raw)
        return ruled
    if _within(own, other):
        more = _told(learned, raw, ruled)
        fair = least >= max(FAIR, certain)
        return more if fair and _open(more.requests) <= _open(ruled.requests) else ruled
    whole = not _open(ruled.requests) and not _HARMLESS.issuperset(own)
    surely = len(own) == len(other) == 1 and least >= SURE_OF_IT and not weighty
    if whole and len(own) >= len(other) and not surely:
        return ruled  # an order that a rule has understood to its end
    return _told(learned, raw, ruled) if least >= SURE else ruled


def _learned(
    prepared: Text, now: datetime, zone: ZoneInfo, names: Sequence[str], currency: str
) -> list[tuple[Found, Any]]:
    who = Names(prepared, names)
    made: list[tuple[Found, Any]] = []
    earlier: list[Name] = []
    for each in find(prepared.raw):
        found = whole(each, prepared, who)
        own = prepared.own[found.start : found.end]
        if own.count(HIDDEN) > len(own) / 2 or (found.intent in _OWN_WORDS and HIDDEN in own):
            continue  # somebody else's words
        if (found.intent in _OWN_WORDS and _NONE.match(own)) or _is_ruled_out(prepared, found):
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
        values = named(slots(Reading(ctx, found, tuple(earlier))), found, who)
        if values.get("amount") is not None and _is_taken_back(ctx, values["amount"]):
            values |= {"amount": None, "currency": None}
        request = model(**values)
        if only_repeats(request, [former for _, former in made]):
            continue
        made.append((found, request))
        party = next((values[key] for key in COUNTERPARTY if values.get(key)), None)
        people = [name for name in (party, values.get("contact")) if name]
        earlier += [Name(name, at, found.end) for name in people]
    return made


def _is_taken_back(ctx: Context, amount: Decimal) -> bool:
    """Whether a sum is corrected further on: "2,750 for the study. Actually it's 2,570"."""
    end = len(ctx.text.raw)
    plain = corrected(ctx.text, ctx.names, (ctx.start, end), (), ctx.now, ctx.zone)
    if plain is ctx.text:
        return False
    left = replace(ctx, text=plain).money(ctx.start, end)
    return all(each.value != amount for each in left)


def _is_ruled_out(text: Text, found: Found) -> bool:
    """Whether a clause that says what not to do holds the order: "please do not email Ida"."""
    if found.intent in MAY_SAY_NO or found.intent not in MODELS:
        return False
    if found.intent == "meeting.schedule" and CHANGES.match(text.own[found.start : found.end]):
        return True
    for start, end in forbidden(text.own):
        if start <= found.start < end:
            after = anchored(text.own, end, found.end) if end < found.end else None
            paid = found.intent == "payment.record" and end < found.end
            return not paid and (after is None or after.intent != found.intent)
    return False


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
                requests[place] = one(same, request, learned[place][0], raw)
    said = ", ".join(f"{request.intent} ({found.sure:.0%})" for found, request in learned)
    sure = min(found.sure for found, _ in learned)
    confidence = 0.6 if _open(requests) else round(sure, 2)
    return Understanding(tuple(requests), f"It reads like {said}.", confidence)


def _open(requests: Sequence[Any]) -> bool:
    return any(not isinstance(r, Show | Chat) and r.missing() for r in requests)


def _merged(ruled: Understanding, learned: Sequence[tuple[Found, Any]], raw: str) -> Understanding:
    requests = tuple(
        one(mine, theirs, found, raw)
        for mine, (found, theirs) in zip(ruled.requests, learned, strict=True)
    )
    confidence = ruled.confidence if _open(requests) or not _open(ruled.requests) else 0.8
    return Understanding(requests, ruled.reason, confidence)


def _undecided(request: Any, all_of_them: Sequence[Any]) -> Any:
    """A request without its sum where another one, that is a part of it, names another sum."""
    mine = getattr(request, "amount", None)
    others = {getattr(each, "amount", None) for each in all_of_them} - {None, mine}
    return request.model_copy(update={"amount": None}) if mine is not None and others else request


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
