"""One request that two readings have found, made of both: slot by slot."""

import re
from typing import Any

from agents.builtin.learned.model import Found
from agents.builtin.lexicon import FUNCTION
from agents.builtin.names import is_company
from agents.builtin.understand import COUNTERPARTY
from agents.requests import LeadAdd, Request

LIKELY = 0.65
"""Below this the learned reading is not followed where the rules see nothing or name nobody."""
FAIR = 0.8
"""Below this it is not followed where the rules speak against acting, see less, or have words."""
CERTAIN = 0.9
"""At this it may contradict the rules on who is meant, and nobody is named then; below this it
throws no switch and moves no money, and the operator is asked whether that is meant."""
_FREE = frozenset(
    (
        *("description", "about", "what", "topic", "question", "statement", "reason"),
        *("source", "period", "assignment"),
    )
)
"""What is told in the message's own words."""
_WHO = frozenset(slot.rstrip("_") for slot in COUNTERPARTY)
_PARSED = frozenset(("amount", "currency", "invoice_no"))
"""What the rules read as well as anybody: what they leave open is in doubt."""


def one(ruled: Any, learned: Any, found: Found, raw: str) -> Request:
    """One request of two readings of it, in the text ``raw``; open where they disagree.

    What the rules say holds; the learned words fill what they leave open, and take the place of
    words elsewhere in the message.
    """
    mine = ruled.model_dump(exclude_none=True)
    theirs = learned.model_dump(exclude_none=True)
    more = {
        slot: value
        for slot, value in theirs.items()
        if slot not in _PARSED and value not in mine.values() and _is_sure(found, slot)
    }
    both = more | mine
    for slot in _FREE.intersection(mine, theirs):
        sure = min((part.sure for part in found.of(slot)), default=0.0)
        if sure >= FAIR and _words(mine[slot]).isdisjoint(_words(theirs[slot])):
            both[slot] = theirs[slot]
    for slot in COUNTERPARTY:
        if slot not in mine:
            continue
        sure = min((part.sure for part in found.of(slot.rstrip("_"))), default=0.0)
        if slot in theirs:
            if not _same(mine[slot], theirs[slot]) and sure >= CERTAIN:
                both[slot] = _fuller(mine[slot], theirs[slot])
        elif _taken(mine[slot], found, raw):
            both[slot] = None
    if type(ruled) is LeadAdd and both.get("name"):
        both |= _lead(both["name"], both.get("company"), both.get("email"))
    return type(ruled)(**both)


def _is_sure(found: Found, slot: str) -> bool:
    """Whether a slot that the rules have left open may be filled."""
    least = min((part.sure for part in found.of(slot.rstrip("_"))), default=1.0)
    return slot not in COUNTERPARTY or least >= LIKELY


def _lead(name: str, company: str | None, email: str | None) -> dict[str, str | None]:
    """A lead's name, told from a company's by its form or by the domain that bears it."""
    domain = (email or "").rpartition("@")[2].partition(".")[0]
    is_theirs = name.split()[0].casefold() in domain
    if (company and name in company) or (not company and (is_company(name) or is_theirs)):
        return {"name": None, "company": company or name}
    return {"name": name, "company": company}


def _same(mine: str, theirs: str) -> bool:
    return mine.casefold() == theirs.casefold()


def _fuller(mine: str, theirs: str) -> str | None:
    """The fuller one of two names, where one holds the other."""
    few, many = sorted((mine, theirs), key=len)
    more = set(many.casefold().split()) - set(few.casefold().split())
    if not set(few.casefold().split()) <= set(many.casefold().split()):
        return None
    on = many.casefold().startswith(f"{few} ".casefold()) and many == theirs
    return mine if more & FUNCTION and not on else many


def whom(request: Request) -> str | None:
    """The name of whom a request is about."""
    return next((name for slot in COUNTERPARTY if (name := getattr(request, slot, None))), None)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold())) - FUNCTION


def _taken(name: str, found: Found, raw: str) -> bool:
    """Whether a name stands in words that the learned reading takes for nobody's name."""
    return any(
        part.slot not in _WHO
        and part.sure >= CERTAIN
        and _holds(raw[part.start : part.end], name, raw)
        for part in found.parts
    )


def _holds(words: str, name: str, raw: str) -> bool:
    """Whether a name is among words: "May" is not in "she may", where the message has both."""
    return name in words if name in raw else name.casefold() in words.casefold()
