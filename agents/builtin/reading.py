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

from agents.builtin.choosing import chosen, unasked
from agents.builtin.corrections import corrected
from agents.builtin.guards import CHANGES
from agents.builtin.intents import Hit, anchored
from agents.builtin.learned.model import NAMED, Found, asks_for_nothing, find
from agents.builtin.learned.values import Reading, slots
from agents.builtin.names import Name, Names
from agents.builtin.persons import named, whole
from agents.builtin.pieces import MAY_SAY_NO
from agents.builtin.prohibitions import forbidden
from agents.builtin.repeats import only_repeats
from agents.builtin.slots.context import Context
from agents.builtin.statements import UNPAID
from agents.builtin.text import HIDDEN, Text, prepare
from agents.builtin.understand import (
    CORRECTED,
    COUNTERPARTY,
    MODELS,
    Understanding,
    territory,
    understand,
)
from agents.requests import Show

_OWN_WORDS = frozenset(
    (
        *("invoice.create", "invoice.remind", "payment.record", "refund.issue"),
        *("client.onboard", "lead.add", "meeting.schedule"),
    )
)
"""What nobody asks for by quoting somebody."""
_NONE = re.compile(r"\W*(?:no|kein\w*|ning[uú]na?|pas\s+d[e'])\b")
""" "No invoice for Ida, please."""


def read(
    text: str, *, now: datetime, zone: ZoneInfo, names: Sequence[str] = (), currency: str = "EUR"
) -> Understanding:
    """What a message asks for; see ``understand``, whose arguments these are."""
    ruled = understand(text, now=now, zone=zone, names=names, currency=currency)
    prepared = prepare(text)
    who = Names(prepared, names)
    learned = _learned(prepared, who, now, zone, currency)
    if not learned:
        return unasked(ruled, asks_for_nothing(prepared.raw))
    return chosen(ruled, learned, who)


def _learned(
    prepared: Text, who: Names, now: datetime, zone: ZoneInfo, currency: str
) -> list[tuple[Found, Any]]:
    made: list[tuple[Found, Any]] = []
    earlier: list[Name] = []
    all_found = find(prepared.raw)
    ends = [*(each.start for each in all_found[1:]), len(prepared.raw)]
    for each, end in zip(all_found, ends, strict=False):
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
        text = prepared
        if found.intent in CORRECTED:
            said = [(p.start, p.end) for p in found.parts if p.slot in NAMED]
            text = corrected(prepared, who, (at, end), said, now, zone)
            found = _uncorrected(found, text, prepared)
        ctx = Context(
            text=text,
            names=who if text is prepared else Names(text, who.known),
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
        request = model(**values)
        if only_repeats(request, [former for _, former in made]):
            continue
        made.append((found, request))
        party = next((values[key] for key in COUNTERPARTY if values.get(key)), None)
        people = [name for name in (party, values.get("contact")) if name]
        earlier += [Name(name, at, found.end) for name in people]
    return made


def _uncorrected(found: Found, text: Text, before: Text) -> Found:
    """What was found without names of which a correction takes a part: who is meant is asked."""
    wrong = {
        part.slot
        for part in found.parts
        if part.slot in NAMED
        and text.raw[part.start : part.end] != before.raw[part.start : part.end]
    }
    words = [
        (part.start + word.start(), part.start + word.end())
        for part in found.parts
        if part.slot in wrong
        for word in re.finditer(r"\w+", before.raw[part.start : part.end])
    ]
    return replace(
        found,
        parts=tuple(part for part in found.parts if part.slot not in wrong),
        nameless=(*found.nameless, *words),
    )


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
