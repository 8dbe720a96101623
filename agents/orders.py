"""Text of others that speaks to a model instead of to a person.

It can only be told by its looks, so nothing that acts rests on it: what acts is judged by where
its parameters come from. It serves for what is merely said: an answer that a model gave after it
read such orders is not passed on as if it were one.
"""

import re
from collections.abc import Iterable

_ORDERS = tuple(
    re.compile(pattern, re.I | re.S)
    for pattern in (
        r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|previous|prior|"
        r"above|prompt|polic|task|rule)",
        r"\b(?:system|developer)\s+(?:prompt|message|instruction)",
        r"\b(?:message|instruction|note|order)s?\b.{0,60}\b(?:to|for) (?:you|the|any|all)\b.{0,20}"
        r"\b(?:ai|assistant|model|agent|bot|llm|gpt|claude|gemini)",
        r"\bbefore you (?:can |may )?(?:solve|do|continue|complete|answer|finish|proceed)\b.{0,60}"
        r"\b(?:task|question|request)",
        r"\b(?:dear|hello|hi|hey|attention|as an?|you are an?)\s+(?:ai|assistant|language model|"
        r"chatbot|llm|agent)\b",
        r"</?\s*(?:information|system|instructions?|assistant|user|im_start|im_end|inst)\s*/?>|"
        r"\[/?inst\]|<\|[a-z_]+\|>",
        r"\b(?:do not|don't|never)\b.{0,20}\b(?:tell|mention|inform|ask)\b.{0,30}\b(?:user|owner)",
    )
)


def told(answer: str, heard: Iterable[str]) -> str:
    """The answer of a model that was given the ``heard`` texts of others; empty if withheld."""
    return "" if any(addressed(text) for text in heard) else answer


def addressed(text: str) -> str | None:
    """The first passage of ``text`` that speaks to a model; None where none is found."""
    found = [match for order in _ORDERS if (match := order.search(text))]
    first = min(found, key=lambda match: match.start(), default=None)
    return None if first is None else " ".join(first.group().split())
