"""Whether what a model says the operator said is really in the operator's words.

A model may invent a recipient, an amount or a sentence. What is neither in the message nor found
by the built-in understanding in the same message is marked on the card as the model's own, and
the plan counts as derived from untrusted words, so that policy asks.
"""

import re
from collections.abc import Iterable

from agents.requests import Base
from core.plans import Origin, Plan, Value

_WORDS = re.compile(r"[^\W\d_]+|\d+")


def _words(text: str) -> list[str]:
    # 2,400.00 and 2400 are the same number: separators go, and cents that are none.
    joined = re.sub(r"(?<=\d)[.,' ](?=\d{3}\b)", "", text)
    return _WORDS.findall(re.sub(r"(?<=\d)[.,]00\b", "", joined).casefold())


def grounded(shown: str, message: str) -> bool:
    """Whether every word and number of ``shown`` is in the message."""
    return set(_words(shown)) <= set(_words(message))


_WORDED = {"with": "with_", "body": "about", "client": "client", "to": "to"}
"""Values that a card shows in other words than the request: what to look for instead."""


def _mark(value: Value, request: Base, message: str, model: str) -> Value:
    said = str(getattr(request, _WORDED.get(value.slot, ""), "") or value.shown)
    if value.origin is not Origin.SAID or grounded(said, message):
        return value
    return value.model_copy(
        update={"origin": Origin.WORKED_OUT, "source": f"by {model}, not in your words"}
    )


_WHO = ("client", "to", "with_", "name", "company", "contact", "student", "email", "invoice_no")


def borne_out(request: Base, message: str) -> bool:
    """Whether whom and how much a request names is in the message."""
    return all(
        grounded(str(value), message)
        for name in (*_WHO, "amount")
        if (value := getattr(request, name, None)) is not None
    )


def mark(plan: Plan, request: Base, *, message: str, model: str, known: Iterable[Base]) -> Plan:
    """``plan`` with what the model added marked; as it is where ``known`` holds the request.

    ``known`` is what the built-in understanding found in the same message.
    """
    if request in known:
        return plan
    values = tuple(_mark(value, request, message, model) for value in plan.values)
    if values == plan.values:
        return plan
    return plan.model_copy(update={"values": values, "origins": ("untrusted",)})
