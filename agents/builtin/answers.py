"""Replies to a question about one missing slot."""

import re
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from agents.builtin.amounts import find_money
from agents.builtin.dates import durations, find_whens, resolve
from agents.builtin.guards import strip_polite
from agents.builtin.names import Name, Names
from agents.builtin.phrases import ADDRESS
from agents.builtin.slots import calendar
from agents.builtin.slots.context import INVOICE_NUMBER
from agents.builtin.slots.writing import content_format
from agents.builtin.sums import decide
from agents.builtin.text import Text, prepare
from agents.builtin.understand import territory
from agents.builtin.wording import tidy

_YES = re.compile(
    r"\W*(?:oh\s+)?(?:yes|yeah|yep|yup|sure|ok(?:ay)?|right|exactly|correct|please\s+do|do(?:\s+it)?|"
    r"go\s+ahead|of\s+course|ja|genau|klar|s[ií]|claro|oui|d'accord)(?:[\s,]+(?:please|pls|bitte|"
    r"por\s+favor|s'il\s+(?:te|vous)\s+pla[iî]t|do(?:\s+it)?|do\s+that|go\s+ahead|thanks))*\W*",
    re.I,
)


def agrees(text: str) -> bool:
    """Whether a reply to a question that a yes answers is a yes, and nothing else."""
    return _YES.fullmatch(text) is not None


def understand_answer(
    text: str,
    *,
    slot: str,
    intent: str,
    now: datetime,
    zone: ZoneInfo,
    currency: str = "EUR",
    names: Sequence[str] = (),
) -> Any | None:
    """The value that a reply gives to one missing slot; None when it gives none for certain.

    An amount comes as a dict with ``amount`` and, where it is said, ``currency``;
    ``client|invoice_no`` and ``name|company`` as a dict with the slot that fits.
    """
    prepared = prepare(text)
    begin, _ = strip_polite(prepared.low, 0, len(prepared.low))
    # "ok", "well": a reply of nothing but politeness has no value.
    body = prepared.raw[begin:].strip()
    if (
        not body
        or re.search(r"\?\s*$", body)
        or re.fullmatch(
            r"(?:no(?:pe|thing|ne)?|cancel|stop|forget it|never ?mind|i don'?t know|dunno|idk|not "
            r"sure|later|skip|yes|maybe)\W*",
            body.lower(),
        )
    ):
        return None
    reply = prepare(body)
    low = reply.low
    if slot == "amount":
        whens = [(w.start, w.end) for w in find_whens(low, now, zone) if w.day]
        money = find_money(
            reply.raw,
            low,
            taken=whens,
            language=reply.language,
            territory=territory(zone.key),
            own=currency,
        )
        total = decide(low, money, language=reply.language)
        if total.value is None:
            return None
        return {"amount": total.value, **({"currency": total.currency} if total.currency else {})}
    if slot in {"start", "at"}:
        when = calendar.one_of([w for w in find_whens(low, now, zone) if not w.past])
        if when is None:
            return None
        return resolve(
            when, now, zone, only_date=time(9) if slot == "at" else None, early=slot == "at"
        )
    if slot == "client|invoice_no":
        number = INVOICE_NUMBER.search(low) or re.fullmatch(r"(?P<bare>\d{2,6})\W*", low)
        if number:
            return {
                "invoice_no": body[
                    number.start(number.lastgroup or 0) : number.end(number.lastgroup or 0)
                ].lstrip("#")
            }
        name = _answer_name(reply, names)
        return {"client": name} if name else None
    if slot == "name|company":
        from agents.builtin.names import is_company

        name = _answer_name(reply, names)
        return None if name is None else {"company" if is_company(name) else "name": name}
    if slot in {"client", "to", "with", "student", "contact"}:
        address = ADDRESS.search(reply.raw)
        if address and slot == "to":
            return address.group().rstrip(".")
        return _answer_name(reply, names)
    if slot == "email":
        address = ADDRESS.search(reply.raw)
        return address.group().rstrip(".") if address else None
    if slot == "format":
        return content_format(low)
    if slot in {"duration_min"}:
        spells = durations(low)
        return spells[0][2] if len(spells) == 1 else None
    if slot in {
        "about",
        "what",
        "topic",
        "question",
        "statement",
        "assignment",
        "description",
        "reason",
    }:
        return tidy(
            re.sub(
                r"^(?:that|about|it's\s+about|its\s+about|to|tell\s+(?:him|her|them)(?:\s+that)?|"
                r"say(?:\s+that)?|regarding|über|sobre|que|dass)\s+",
                "",
                body,
                flags=re.I,
            )
        )
    return None


def _answer_name(text: Text, known: Sequence[str]) -> str | None:
    names = Names(text, known)
    lead = re.compile(
        r"(?:it's|its|it\s+is|that's|to|for|with|from|an|mit|con|a|à|the\s+client\s+is|client\s*:|"
        r"make\s+it|send\s+it\s+to)\s+"
    ).match(text.low)
    start = lead.end() if lead else 0
    name: Name | None = names.several(start, len(text.raw))
    if name is None or (text.raw[name.end :].strip(" .,!") and len(text.raw.split()) > 6):
        return None
    if text.raw[name.end :].strip(" .,!"):
        # More words than the name: only a plain name is an answer.
        rest = text.low[name.end :].strip(" .,!")
        return (
            name.value
            if re.fullmatch(r"(?:please|pls|of course|again|as always|thanks|\W)+", rest)
            else None
        )
    return name.value
