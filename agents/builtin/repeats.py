"""Requests that say again what the one before them says, or more of it."""

import re
from collections.abc import Sequence
from typing import Any

from agents.requests import ClientOnboard

_AS_IT_IS = re.compile(r"(?:(?:it|that|this|them)\s+)?(?:as|down\s+as)\s+\w+", re.I)
_THE_PAYMENT = re.compile(r"(?:the|that|this)\s+(?:payment|transfer|money|sum|amount)\W*", re.I)


def only_repeats(request: Any, earlier: Sequence[Any]) -> bool:
    """ "Dig around a bit." after a question asks for nothing new, nor "note it as paid"."""
    if earlier and _AS_IT_IS.fullmatch(getattr(request, "statement", None) or ""):
        return True
    paid = earlier and earlier[-1].intent == "payment.record"
    if paid and _THE_PAYMENT.fullmatch(getattr(request, "statement", None) or ""):
        return True
    former = next((e for e in earlier if type(e) is type(request)), None)
    if former is None:
        return False
    said = request.model_dump(exclude={"intent"}, exclude_none=True)
    return all(former.model_dump().get(key) == value for key, value in said.items())


def adds_to(former: Sequence[Any], request: Any) -> bool:
    """Whether the request before says less of the same new client."""
    if not former or not (type(former[-1]) is type(request) is ClientOnboard):
        return False
    said = former[-1].model_dump(exclude_none=True)
    made = request.model_dump()
    return "client" in said and all(made.get(key) == value for key, value in said.items())
