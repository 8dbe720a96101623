"""Slots for which a message gives two values, so that neither is certain."""

import re
from typing import Any

from agents.builtin.slots.context import Context

COUNTERPARTY = ("client", "to", "with_", "name", "company", "student", "contact")
"""The slots that name whom a request is about."""


def alternatives_for(context: Context, slots: dict[str, Any]) -> list[str]:
    """The slots whose name is one of two that the message leaves open: "Ana or Eva"."""
    low = context.text.low[context.start : context.end]
    return [
        key
        for key in COUNTERPARTY
        if isinstance(said := slots.get(key), str)
        and re.search(
            rf"{re.escape(said.lower())},?\s+or\s+(?!at\b|on\b|so\b|if\b|by\b|to\b|is\b|it\b|the\b)"
            rf"|\bor\s+{re.escape(said.lower())}\b",
            low,
        )
        and context.hit.intent not in {"email.write", "student.answer"}
    ]


_TAKEN_BACK = re.compile(
    r"\b(?:sorry|oops|whoops|hang\s+on|hold\s+on|no\s+wait|wait|correction|my\s+(?:mistake|bad)|"
    r"perdón|pardon|nein|moment)\b"
)


def retracted(context: Context, slots: dict[str, Any]) -> list[str]:
    """The sum, where words take something back after it and another sum follows them."""
    amount = slots.get("amount")
    mark = _TAKEN_BACK.search(context.text.own, context.hit.end, context.end)
    if amount is None or mark is None:
        return []
    before = [m.value for m in context.money(context.start, mark.start())]
    after = [m.value for m in context.money(mark.end(), context.end)]
    return ["amount"] if amount in before and after and amount not in after else []
