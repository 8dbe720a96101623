"""Whom a reply names instead, and the mail address that it gives."""

import re

from agents.builtin.guards import negated
from agents.builtin.lexicon import words
from agents.builtin.names import Names, is_company
from agents.builtin.phrases import ADDRESS
from agents.builtin.replies.fields import INSTEAD
from agents.builtin.replies.reply import Reply
from agents.builtin.text import prepare

_ORDERED = (
    r"(?:please\s+)?(?:send|address|make|bill|invoice|mail|email|direct|write|book|issue|change|"
    r"switch)\s+(?:it|this|that)?\s*(?:out\s+)?(?:to|for|with|an|a|à)\s+"
)
_TO_WHOM = re.compile(
    rf"^(?:{_ORDERED}|(?:it's|its|it\s+is|this\s+is|that's|should\s+be|it\s+should\s+(?:be|go))\s+"
    r"(?:to|with|for)?\s*|(?:to|with|for|an|mit|con|avec|para|pour|für)\s+|client\s*:?\s*)"
)
_ORDER = re.compile(rf"^{_ORDERED}")
_ASIDE = words(
    "send mail email e-mail e mailbox inbox it this that to at the a an invoice bill document pdf "
    "use take is goes go should be will can their his her its our my client client's customer new "
    "correct right proper address recipient set make please pls put via for direct forward deliver "
    "out over instead rather of than from change switch update replace swap with by into not no "
    "just only now you und an die der adresse schick schicke bitte statt envía envíalo a la "
    "dirección en vez de envoie le à l'adresse au lieu old one previous usual"
)
"""Words around an address that say nothing but that it is the one."""
_ONE_MORE = re.compile(
    r"\b(?:b?cc|cop(?:y|ies)|also|too|as\s+well|both|additional(?:ly)?|add|plus|another)\b"
)
_RATHER = re.compile(r"\b(?:instead\s+of|rather\s+than|not|statt|en\s+vez\s+de|au\s+lieu\s+de)\b")
_WORD = re.compile(r"[^\W\d_][\w'-]*")
_CHANGED = re.compile(r"^(?:change|switch|replace|swap|update|from)\b")


def named(reply: Reply, value: str) -> str | None:
    """The name that a value starts with; the whole value where more follows."""
    text = prepare(value)
    name = Names(text, reply.known).at(0, len(text.raw))
    if name is None:
        return None
    return value if text.raw[name.end :].strip(" .,!") else name.value


def recipient(reply: Reply, *, alone: bool = True) -> str | None:
    """Whom a clause says it is to or with. ``alone`` when the reply says nothing else."""
    raw = reply.text.raw
    match = _TO_WHOM.match(reply.text.low)
    start = match.end() if match else 0
    end = len(INSTEAD.sub("", raw).rstrip(" .!"))
    if start >= end:
        return None
    name = reply.names.several(start, end)
    if name is None or raw[name.end : end].strip(" .,!"):
        return None
    if match:
        return name.value
    # Words with capitals beside another change are a name only where they surely are one.
    sure = alone or name.value in reply.names.known or is_company(name.value)
    return name.value if sure and name.value[:1].isupper() and len(raw.split()) <= 5 else None


def is_addressed(reply: Reply) -> bool:
    """Whether a clause starts as one that says whom something is for."""
    return bool(_TO_WHOM.match(reply.text.low))


def orders(reply: Reply) -> bool:
    """Whether a clause starts as an order to send something to somebody."""
    return bool(_ORDER.match(reply.text.low))


def address(reply: Reply) -> tuple[str, str | None] | None:
    """The mail address that a clause gives, and the name beside it; None where it is not sure."""
    low = reply.text.low
    found = list(ADDRESS.finditer(low))
    if not 1 <= len(found) <= 2 or _ONE_MORE.search(low):
        return None
    meant = found[0]
    if len(found) == 2:
        between = low[found[0].end() : found[1].start()]
        if _RATHER.search(between):
            meant = found[0]
        elif _CHANGED.match(low):
            meant = found[1]
        else:
            return None
    elif negated(_RATHER.sub(" ", low) if "instead" in low else low):
        return None
    value = reply.text.raw[meant.start() : meant.end()].rstrip(".")
    rest = ADDRESS.sub(" ", low)
    said = set(_WORD.findall(rest)) - _ASIDE
    if not said:
        return value, None
    head = re.sub(r"\s*(?:\bat\b|[<(,:])?\s*$", "", low[: meant.start()])
    name = recipient(reply.clause(0, len(head)))
    if name is None or said - set(_WORD.findall(name.lower())):
        return None
    return value, name
