"""What a sentence states: of whom, which relation, which value, since when. Nothing is guessed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from agents import lessons, moments
from agents.builtin.amounts import find_money
from agents.builtin.guards import held_back
from agents.builtin.phrases import ADDRESS
from core import naming
from core.clients import Client, mentioned
from core.memory import entities
from core.memory.entities import Entity
from core.memory.facts import Fact
from core.memory.values import Value
from core.money import Money
from core.profile import Profile

How = Literal["stated", "corrected", "changed"]

_TERMS = re.compile(
    r"\bnet\s*(\d{1,3})\b"
    r"|\b(?:pays?|paid|terms?|due|payment)\b[\w\s:]{0,24}?\b(\d{1,3})\s*days?\b"
    r"|\b(\d{1,3})[\s-]*days?\s+(?:net|terms?|to pay)\b",
    re.I,
)
_PHONE = re.compile(r"\b(?:phone|mobile|cell|tel(?:ephone)?)\b.*?(\+?\d[\d\s()/-]{4,}\d)", re.I)
_RATE = re.compile(
    r"\b(day|daily|hour|hourly)[\s-]*(?:rate|price|fee)\b|\b(?:per|an?)\s+(hour|day)\b", re.I
)
_CURRENCY = re.compile(
    r"\b(?:billed|invoiced|bill|invoice|pays?|invoices)\s+(?:\w+\s+)?in\s+([A-Z]{3}|euros?|dollars?|pounds?)\b"
)
_CODES = {"euro": "EUR", "dollar": "USD", "pound": "GBP"}
_PREFERS = re.compile(
    r"\b(?:prefers?|likes?|hates?|dislikes?|loves?|wants?|does\s?n[o']t\s+(?:like|want)|"
    r"do\s+not\s+(?:call|mail|write)|insists?\s+on)\b|^(?:always|never)\b",
    re.I,
)
_ATTRIBUTE = (
    re.compile(
        r"^(?:the|our|my|their|his|her)\s+(?P<attr>[a-z][\w-]*(?:\s+[\w-]+){0,2}?)\s+(?:of|for|at)\s+.{2,60}?\s+(?:is|are|:)\s+(?P<value>.+)$",
        re.I,
    ),
    re.compile(
        r"^.{2,60}?(?:['’]s|s['’])\s+(?P<attr>[a-z][\w-]*(?:\s+[\w-]+){0,2}?)\s*(?:\s+is|\s+are|:)\s+(?P<value>.+)$",
        re.I,
    ),
    re.compile(
        r"^(?:the|our|my)\s+(?P<attr>[a-z][\w-]*(?:\s+[\w-]+){0,2}?)\s*(?:\s+is|\s+are|:)\s+(?P<value>.+)$",
        re.I,
    ),
)
_NAMES = {
    "mail": "email",
    "mail_address": "email",
    "e-mail": "email",
    "email_address": "email",
    "phone_number": "phone",
    "mobile": "phone",
    "number": "phone",
    "telephone": "phone",
    "terms": "payment_terms",
    "payment_term": "payment_terms",
    "vat_number": "vat_id",
    "vat": "vat_id",
    "tax_id": "vat_id",
    "contact_person": "contact",
    "daily_rate": "day_rate",
    "hourly_rate": "hour_rate",
}
_CORRECTS = re.compile(
    r"^(?:(?:no+|nope|sorry|actually|correction|wrong|that['’]?s\s+(?:wrong|not\s+(?:right|true|"
    r"correct)|incorrect)|not\s+true|i\s+was\s+wrong|i\s+meant)\b[\s,:;.!–—-]*)+",
    re.I,
)
_CHANGES = re.compile(
    r"\b(?:now|from\s+now\s+on|nowadays|has\s+changed|changed\s+to|switched\s+to|moved\s+to|"
    r"no\s+longer|any\s?more|new)\b",
    re.I,
)
_IT = re.compile(
    r"^(?:it['’]?s|it\s+is|it\s+should\s+be|they\s+(?:pay|are|use|want)|make\s+(?:it|that)|should\s+be|that['’]?s)\s+",
    re.I,
)
_LOOSE = re.compile(
    r"\b(?:if|said|says|saying|told|tells|asks?|asked|wrote|writes|maybe|perhaps|probably|might|"
    r"could|would|should|think|guess|hope|hopes|imagine|suppose|wish|unless|whether|wonder|will|"
    r"going to|want me)\b",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A sentence as read. ``who`` are those it may be about; none is the company."""

    who: Sequence[Client | Entity]
    relation: str
    value: Value
    statement: str
    how: How
    valid_from: datetime | None = None
    valid_to: datetime | None = None


def read(
    text: str,
    *,
    known: list[Client],
    others: Sequence[Entity] = (),
    now: datetime,
    profile: Profile,
) -> Stated:
    """What ``text``, which is to be kept, states. What fits no relation is a note.

    ``others`` are people, projects, leads and the like that it may be about.
    """
    corrected = _CORRECTS.match(text.strip())
    statement = text.strip()[corrected.end() if corrected else 0 :].strip().rstrip(".!")
    local = profile.local(now)
    since, until = moments.span(statement, local, profile.tz)
    relation, value = _typed(moments.without_span(statement), profile)
    statement = statement[:1].upper() + statement[1:]
    how: How = "corrected" if corrected else "stated"
    if not corrected and (
        _CHANGES.search(statement) or (since and since <= now and relation != "note")
    ):
        how = "changed" if until is None else how
    return Stated(
        who=about(statement, known, others),
        relation=relation,
        value=value if relation not in ("note", "preference") else Value.text(statement),
        statement=statement,
        how=how,
        valid_from=since,
        valid_to=until,
    )


def about(words: str, known: list[Client], others: Sequence[Entity]) -> Sequence[Client | Entity]:
    """Whom or what words are about: the clients they name, or else others.

    Others come first where the words begin with their name, as in "Tom Reed of Northwind".
    """
    named = entities.named(words, [each for each in others if each.kind != "client"])
    begins = " ".join(naming.words(words)).removeprefix("the ").removeprefix("project ")
    first = [e for e in named if any(begins.startswith(naming.key(name)) for name in e.names)]
    return first or mentioned(words, known) or named


def _typed(statement: str, profile: Profile) -> tuple[str, Value]:
    if terms := _TERMS.search(statement):
        return "payment_terms", Value.number(int(next(filter(None, terms.groups()))), "days")
    address = ADDRESS.search(statement)
    if address and re.search(r"\b(?:mail|e-?mail|address|write to|reach)", statement, re.I):
        return "email", Value.text(address.group().rstrip("."))
    if phone := _PHONE.search(statement):
        return "phone", Value.text(phone[1].strip())
    rate, money = _RATE.search(statement), _money(statement, profile)
    if rate and money:
        unit = (rate[1] or rate[2]).casefold()
        return "hour_rate" if unit.startswith("hour") else "day_rate", Value.money(money)
    if found := _CURRENCY.search(statement):
        return "currency", Value.text(_CODES.get(found[1].casefold().rstrip("s"), found[1].upper()))
    for pattern in _ATTRIBUTE:
        if named := pattern.match(statement):
            attribute = re.sub(r"\s+", "_", named["attr"].casefold())
            relation = _NAMES.get(attribute, attribute)[:64]
            return relation, _value(named["value"].strip(), profile)
    for lesson in lessons.from_words(statement):
        if lesson.relation != "preference":  # how mails are worded, which cards go by
            return lesson.relation, Value.text(lesson.value)
    if _PREFERS.search(statement):
        return "preference", Value.text(statement)
    return "note", Value.text(statement)


def _money(text: str, profile: Profile) -> Money | None:
    sums = [m for m in find_money(text, text.casefold(), own=profile.currency) if m.currency]
    return Money.of(sums[0].value, sums[0].currency or "") if len(sums) == 1 else None


def _value(words: str, profile: Profile) -> Value:
    money = _money(words, profile)
    if money and len(words) < 24:
        return Value.money(money)
    number = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z%]{0,12})", words, re.I)
    if number and not words.startswith("0"):
        return Value.number(Decimal(number[1]), number[2].casefold())
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", words):
        return Value("date", words)
    return Value.text(words)


def typed(
    text: str,
    *,
    known: list[Client],
    others: Sequence[Entity] = (),
    now: datetime,
    profile: Profile,
) -> Stated | None:
    """What a sentence states outright, in a relation; None for what is loosely said or a note."""
    if len(text) > 160 or "?" in text or "\n" in text.strip() or _LOOSE.search(text):
        return None
    stated = read(text, known=known, others=others, now=now, profile=profile)
    return stated if stated.relation != "note" else None


def plain(
    text: str,
    *,
    known: list[Client],
    others: Sequence[Entity] = (),
    now: datetime,
    profile: Profile,
) -> Stated | None:
    """What a sentence states that nobody asked to keep: of one whom it names, in a relation."""
    stated = typed(text, known=known, others=others, now=now, profile=profile)
    return stated if stated and len(stated.who) == 1 else None


_SAYS = re.compile(
    r"\b(?:is|are|was|were|has|have|costs?|closes?|opens?|starts?|ends?|works?|lives?|belongs?|"
    r"pays?|wants?|needs?|prefers?|uses?|speaks?|takes?|delivers?|charges?)\b",
    re.I,
)
_VAGUE = re.compile(r"\s*(?:i|i'm|it|it's|that|this|there|he|she|they|you|we|what|how)\b", re.I)
_PARTICULAR = re.compile(r"\d|\b(?:our|my)\b|(?<=[a-z,] )[A-Z][a-z]+")


def lasting(text: str) -> bool:
    """Whether a sentence that asks for nothing may be worth keeping, so that one may ask.

    It says something, in particular, of something that it names.
    """
    return (
        10 <= len(text) <= 160
        and "?" not in text
        and "\n" not in text.strip()
        and _SAYS.search(text) is not None
        and _VAGUE.match(text) is None
        and _PARTICULAR.search(text) is not None
        and held_back(text.casefold()) is None
    )


def correction(text: str, before: Fact, *, now: datetime, profile: Profile) -> Stated | None:
    """What "no, it's net 30" makes of the fact that was spoken of last; None where it is none."""
    corrected = _CORRECTS.match(text.strip())
    rest = text.strip()[corrected.end() if corrected else 0 :].strip().rstrip(".!")
    it = _IT.match(rest)
    if not (corrected and it) or len(rest) > 80 or "?" in rest:
        return None
    words = rest[it.end() :].strip()
    since, until = moments.span(words, profile.local(now), profile.tz)
    words = moments.without_span(words)
    relation, value = _typed(words, profile)
    if relation != before.relation:
        if relation != "note":
            return None
        value = _value(words, profile)
    if value.kind != before.value.kind:
        return None
    old, new = str(before.value), str(value)
    if before.relation == "payment_terms":
        old, new = str(before.value.whole), str(value.whole)
    if old not in before.statement:
        return None
    return Stated(
        who=[],
        relation=before.relation,
        value=value
        if before.value.kind != "text" or before.relation not in ("note", "preference")
        else Value.text(words),
        statement=before.statement.replace(old, new),
        how="corrected",
        valid_from=since,
        valid_to=until,
    )
