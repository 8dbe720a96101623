"""What a capital letter tells of a word: a name, an exclamation, a sentence's start."""

import re
from collections.abc import Sequence

from agents.builtin.currencies import codes
from agents.builtin.lexicon import FUNCTION, ORG_MARKS, TITLES
from agents.builtin.nonames import (
    DEGREES,
    HOMOGRAPHS,
    HOUSES,
    INTERJECTIONS,
    MONTH_NAMES,
    NOT_NAMES,
)
from agents.builtin.text import Text

_OBJECT = re.compile(
    r"\s+(?:it|that|this|them|these|those|him|her|us|me|the|an?|my|our|your|all|bitte|mir|uns|mal|"
    r"please|pls|einen|eine|den|what|whatever|"
    r"how)(?![\w'])"
)
_EXCLAIMS = re.compile(
    r"\s*,\s+(?:it|it's|its|i|i'm|i've|i'd|i'll|we|we're|he|he's|she|she's|they|they're|that's|"
    r"there|there's|"
    r"let's|so|ok|please|now|anyway)(?![\w'])"
)
_ORDERED = re.compile(
    r"\b(?:invoice|bill|refund|charge|chase|e-?mail|tell|ask|remind|with|message|thank|inform)\s$"
)
_ABBREVIATION = re.compile(r"\b([^\W\d_]{1,4})\.$")
_FINITE = re.compile(
    r"(?:,\s+(?:that|he|she)\s+is\b|\s+(?:is|was|has|had|still|hasn't|isn't|paid|pays|gets|got|"
    r"needs|wants|said|"
    r"says|asked|asks|called|wrote|will|would|never|always|just|finally|owes)\b)"
)


def exclaimed(word: str) -> bool:
    """ "Soo", "Ooh", "Yesss": no name, however long it is drawn."""
    return re.sub(r"(.)\1+", r"\1", word) in INTERJECTIONS and word not in {"ana", "ann"}


def commands(text: Text, first: re.Match[str]) -> bool:
    """A word that starts a sentence and has an object ("Enter it"), or a sigh ("Well, it's")."""
    before = text.raw[: first.start()].rstrip()
    if before and before[-1] not in ".!?\n" and not text.raw[: first.start()].endswith("\n"):
        return False
    if _EXCLAIMS.match(text.low, first.end()):
        return True
    if _OBJECT.match(text.low, first.end()):
        return True
    # A sentence of one word is a sigh; an address or a heading stands alone in the whole message.
    return bool(before) and bool(re.match(r"\s*[.!?]+(?:\s|$)", text.raw[first.end() :]))


def named_too(text: Text, first: re.Match[str], following: re.Match[str] | None) -> bool:
    """Whether "Mark", "Bill" or "May" is somebody: by a verb after it, or by being named again."""
    word = text.raw[first.start() : first.end()].removesuffix("'s")
    low = word.lower()
    months = low in MONTH_NAMES or low in FUNCTION
    if low in HOMOGRAPHS:
        at_start = opens(text, first.start())
        if first.group().endswith("'s") and not (at_start and months):
            return True
        if not at_start and (not months or _ORDERED.search(text.low[: first.start()])):
            return True
    if low in FUNCTION and low not in {"may", "will"}:
        return False
    if (
        following
        and text.raw[following.start()].isupper()
        and text.low[following.start() : following.end()] not in NOT_NAMES
        and _FINITE.match(text.low, following.end())
    ):
        return True
    if low not in HOMOGRAPHS:
        return False
    return any(
        m.start() != first.start() and re.search(r"[^\W_]\s$", text.raw[: m.start()][-2:])
        for m in re.finditer(rf"\b{re.escape(word)}\b(?!\s+\d)", text.raw)
    ) and bool(following and text.raw[following.start()].isupper())


def house(text: Text, owner: re.Match[str], nxt: re.Match[str]) -> bool:
    """Whether a possessive and the next word are one name: "Delia's Diner"."""
    raw = text.raw
    token = text.low[nxt.start() : nxt.end()]
    if not raw[nxt.start()].isupper() or raw[owner.end() : nxt.start()].strip(" "):
        return False
    if token.upper() in codes():
        return False  # "Anders Holmgren's SEK 9,000 bill"
    if token in ORG_MARKS:
        return True
    ends = re.match(r"\s*(?:$|[,.:;!?]|[€$£₹]?\s?\d|for\b|over\b)", text.low[nxt.end() :])
    return token not in NOT_NAMES and token not in MONTH_NAMES and bool(ends)


def numbered(text: Text, tokens: Sequence[re.Match[str]], at: int) -> bool:
    """Whether a number is part of a name: "Route 66 Diner", "Atelier 99: 1,400"."""
    raw, end = text.raw, tokens[at].end()
    if raw[end : end + 1] == "%" or re.match(r"[.,:]\d", raw[end:]):
        return False
    if re.match(r":\s+[€$£₹]?\s?\d", raw[end:]):
        return True
    if text.low[tokens[at - 1].start() : tokens[at - 1].end()] in HOUSES and (
        at < 2 or not raw[tokens[at - 2].start()].isupper() or opens(text, tokens[at - 2].start())
    ):
        return True  # "Studio 54": nobody is called Studio alone
    if at + 1 >= len(tokens) or raw[end : tokens[at + 1].start()].strip(" "):
        return False
    after = tokens[at + 1]
    token = text.low[after.start() : after.end()]
    return (
        raw[after.start()].isupper()
        and (token not in NOT_NAMES or token in ORG_MARKS)
        and token.upper() not in codes()
        and token not in MONTH_NAMES
    )


def opens(text: Text, position: int) -> bool:
    """Whether a word stands where a sentence, a list or a clause starts."""
    before = text.raw[:position].rstrip(" -•*\"'(")
    title = _ABBREVIATION.search(before)
    if title and title[1].lower() in TITLES | DEGREES:
        return False  # the stop of "Ms. Petrova" ends no sentence
    return not before or before[-1] in ".!?:\n,;"
