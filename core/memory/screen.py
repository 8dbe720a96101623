"""What is no lasting fact: small talk, questions, bare numbers, and orders hidden in mail."""

import re
from typing import Literal

_SMALL_TALK = frozenset(
    """
    a again all bye cheers cool day evening fine good goodbye great haha hello hey hi hm hmm how i
    is it later lol many me morning much nice night no noted ok okay perfect please see so sounds
    sure super thank thanks that there today tomorrow very wait weekend well what wow yeah yep yes
    you your are for the lovely awesome welcome
    """.split()  # noqa: SIM905 - easier to read than a list of strings
)
_ASKS = re.compile(
    r"(?:what|who|when|where|why|how|which|whose|can|could|would|should|shall|do|does|did|is|are|"
    r"was|were|will|has|have)\b(?!.*\b(?:that|which)\b\s+\w+\s+(?:is|are)\b)",
    re.I,
)
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]|<!--")
_ORDERS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|rule|previous|"
        r"prior|above|polic|prompt|everything)",
        r"\b(?:system|developer)\s*(?:prompt|message|instruction)",
        r"\byou (?:are|must|should|shall|have to|will|may|can) (?:now|always|never|not|only|also|"
        r"remember|approve|pay|send|treat|consider)\b",
        r"\b(?:as|dear) (?:an? )?(?:ai|assistant|bot|language model)\b",
        r"\b(?:remember|memori[sz]e|note|store|save|keep in mind|learn)\b[\s,:]+(?:that|this|the "
        r"following)\b",
        r"\bfrom now on\b",
        r"\b(?:do not|don't|never|without)\b.{0,20}\b(?:ask|asking|tell|telling|mention|confirm)",
        r"\b(?:the )?(?:owner|operator|user|boss) (?:has |have )?(?:already )?(?:approved|agreed|"
        r"allowed|said|wants|authori[sz]ed)",
        r"\b(?:auto[- ]?approve|pre-?approved|always approve|no approval)\b",
        r"^\s*(?:please )?(?:always|never|send|pay|transfer|forward|approve|delete|reply|write|"
        r"invoice|update|change|set|add|make sure)\b",
        r"\b(?:assistant|factotum|bot|ai)\s*[:,]",
    )
)
_ONE_OFF = re.compile(
    r"\b(?:today|yesterday|tonight|this (?:morning|time|week|afternoon)|just now|right now|"
    r"currently|order|ticket|tracking|confirmation|reference|one-time|code|balance|subtotal|"
    r"total|amount due|invoice)\b.*\d|\d.*\b(?:today|yesterday|just now|tonight)\b",
    re.I,
)
_NUMBERS = re.compile(r"[\d\s.,:;%/€$£+-]*(?:[A-Z]{3}|euros?|dollars?|pounds?)?[\s.!]*", re.I)


def hides(text: str) -> bool:
    """Whether a text holds characters that its reader does not see."""
    return _HIDDEN.search(text) is not None


def junk(statement: str, *, trust: Literal["owner", "system", "untrusted"]) -> str | None:
    """Why a statement is no fact, as a clause after "because"; None where it may be one.

    What the owner explicitly wants kept is refused only where it says nothing that can be true.
    """
    words = re.findall(r"[^\W\d_]+", statement.casefold())
    if trust == "untrusted":
        if hides(statement):
            return "it has hidden characters in it"
        if any(order.search(statement) for order in _ORDERS):
            return "it is an instruction and not from you"
    if _NUMBERS.fullmatch(statement):
        return "a number alone says nothing about anything"
    if statement.rstrip().endswith("?") or (_ASKS.match(statement.strip()) and len(words) < 12):
        return "it is a question"
    if all(word in _SMALL_TALK for word in words):
        return "it says nothing that could be true"
    if len(words) < 2 and trust != "owner":
        return "it is too short to say something"
    if trust != "owner" and _ONE_OFF.search(statement):
        return "it is about one occasion"
    return None
