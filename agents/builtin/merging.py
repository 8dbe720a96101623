"""One request that two readings have found, made of both: slot by slot."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from agents.builtin.capitals import exclaimed
from agents.builtin.currencies import codes
from agents.builtin.learned.model import NAMED, Found, Part
from agents.builtin.lexicon import FUNCTION, ORG_MARKS
from agents.builtin.names import Names, is_company
from agents.builtin.places import is_place
from agents.builtin.understand import COUNTERPARTY
from agents.requests import LeadAdd, Request

LIKELY = 0.65
"""Below this the learned reading is not followed where the rules see nothing or name nobody; from
this on it may contradict them on who is meant, and nobody is named then."""
FAIR = 0.8
"""Below this it is not followed where the rules speak against acting, see less, or have words."""
CERTAIN = 0.9
"""Below this it throws no switch and moves no money, and the operator is asked whether that is
meant; at this it names somebody where the rules took no name for one."""
_FREE = frozenset(
    (
        *("description", "about", "what", "topic", "question", "statement", "reason"),
        *("source", "period", "assignment"),
    )
)
"""What is told in the message's own words."""
_MOMENTS = frozenset(("start", "at"))
_PLAIN_SUM = re.compile(r"[^\w\s]?\s?[\d.,']+\s?(?:[^\w\s]|\w+)?")
""" "200", "200 euros": where the rules doubt it, what stands around it makes it doubtful."""
_DUE = frozenset(("due_days", "due_date"))
_PARTICLES = frozenset(("de", "del", "della", "di", "da", "do", "dos", "das", "du", "von", "van"))
_AND = frozenset(("and", "und", "y", "et", "&", "+"))
_PARSED = frozenset(("amount", "currency", "invoice_no", "unclear"))
"""What is read apart, by ``_counted``: what the rules leave open there is in doubt."""
_SUM = frozenset(("amount", "currency", "unclear"))
_PLAIN = 0.97
"""At this the words of a sum are as good as certain."""


def one(
    ruled: Any, learned: Any, found: Found, names: Names, others: Sequence[Found] = ()
) -> Request:
    """One request of two readings of it, with the ``names`` of its text; open where they disagree.

    What the rules say holds; the learned words fill what they leave open, and take the place of
    words elsewhere in the message, or of ``others`` that are found in it.
    """
    raw = names.text.raw
    theirs = learned.model_dump(exclude_none=True)
    mine = _counted(ruled, theirs, found, raw)
    for slot in _FREE.intersection(mine):
        sure = min((part.sure for part in found.of(slot)), default=0.0)
        apart = sure >= FAIR and _words(mine[slot]).isdisjoint(_words(theirs.get(slot, "")))
        if (slot in theirs and apart) or _is_of(
            others, found, mine[slot], raw, whole=slot not in theirs
        ):
            mine[slot] = theirs.get(slot)
    mine = {slot: value for slot, value in mine.items() if value is not None}
    more = {
        slot: value
        for slot, value in theirs.items()
        if slot not in _PARSED and value not in mine.values() and _is_sure(found, slot)
    }
    if _DUE.intersection(mine):
        more = {slot: value for slot, value in more.items() if slot not in _DUE}
    both = more | mine
    for slot in COUNTERPARTY:
        if slot not in mine:
            continue
        sure = min((part.sure for part in found.of(slot.rstrip("_"))), default=0.0)
        if slot in theirs and _is_other(mine[slot], theirs[slot], sure, found, names):
            both[slot] = theirs[slot]
            told = {free for free in _FREE & set(mine) if theirs[slot] in str(mine[free])}
            both |= {free: theirs.get(free) for free in told}  # it has words of the name
        elif slot in theirs:
            both[slot] = _who(mine[slot], theirs[slot], sure, raw)
        elif _taken(mine[slot], found, raw) or _is_nobodys(mine[slot], found, names):
            both[slot] = None
    for slot in _MOMENTS.intersection(mine).difference(theirs):
        words = found.of(slot)
        if min((part.sure for part in words), default=0.0) >= CERTAIN and _leaves_out(
            both[slot], both.get("duration_min"), [raw[p.start : p.end] for p in words]
        ):
            both[slot] = None
    if type(ruled) is LeadAdd and both.get("name"):
        both |= _lead(both["name"], both.get("company"), both.get("email"))
    return type(ruled)(**both)


def _leaves_out(moment: datetime, minutes: int | None, words: list[str]) -> bool:
    """Whether the words of a moment have a number that is none of its own, such as a minute."""
    ends = [moment, moment + timedelta(minutes=minutes or 0)]
    own = {moment.day, moment.month, moment.year, moment.year % 100}
    own |= {n for end in ends for n in (end.hour, end.hour % 12, end.hour % 12 or 12, end.minute)}
    return not {int(n) for each in words for n in re.findall(r"\d+", each)} <= own


def _counted(ruled: Any, theirs: dict[str, Any], found: Found, raw: str) -> dict[str, Any]:
    """What the rules say, with a sum or number of the learned words where those are sure of it.

    A sum that both tell, but not the same, is none.
    """
    mine = ruled.model_dump(exclude_none=True)
    number = theirs.get("invoice_no")
    sure = _surest(found.of("invoice_no")) >= CERTAIN
    beside = {"client", "to", "invoice_no"} & mine.keys()  # there it is a sum as likely
    if number and sure and not (beside if number.isdigit() else "invoice_no" in mine):
        mine["invoice_no"] = number
        if not found.of("amount") and _as_number(number) == mine.get("amount"):
            mine = {slot: value for slot, value in mine.items() if slot not in _SUM}
    if "amount" not in mine and "unclear" in theirs:
        mine["unclear"] = theirs["unclear"]
    words = found.of("amount")
    sure = min((part.sure for part in words), default=0.0)
    plain = len(words) == 1 and _PLAIN_SUM.fullmatch(raw, words[0].start, words[0].end)
    same = mine.get("amount") == theirs.get("amount", mine.get("amount"))
    if same or plain or sure < _PLAIN:
        return mine
    others = {slot: value for slot, value in mine.items() if slot not in _SUM}
    if "amount" not in mine and len(words) == 1:
        return others | {slot: theirs[slot] for slot in _SUM & set(theirs)}
    return others | ({"unclear": "amount"} if "unclear" in type(ruled).model_fields else {})


def _surest(parts: list[Part]) -> float:
    return max((part.sure for part in parts), default=0.0)


def _as_number(said: str) -> Decimal | None:
    return Decimal(said) if said.isdigit() else None


def _is_sure(found: Found, slot: str) -> bool:
    """Whether a slot that the rules have left open may be filled."""
    least = min((part.sure for part in found.of(slot.rstrip("_"))), default=1.0)
    return slot not in COUNTERPARTY or least >= LIKELY


def _lead(name: str, company: str | None, email: str | None) -> dict[str, str | None]:
    """A lead's name, told from a company's by its form or by the domain that bears it."""
    domain = (email or "").rpartition("@")[2].partition(".")[0]
    is_theirs = name.split()[0].casefold() in domain
    if company and company in name:
        return {"name": None, "company": name}  # "Café Lumen" in full
    box = (email or "").partition("@")[0]
    if any(len(word) > 2 and word in box for word in re.sub(r"[^\w\s]", "", name).lower().split()):
        return {"name": name, "company": company}
    if (company and name in company) or (not company and (is_company(name) or is_theirs)):
        return {"name": None, "company": company or name}
    return {"name": name, "company": company}


def _who(mine: str, theirs: str, sure: float, raw: str) -> str | None:
    """One name of two; None where they are of two people, who are better asked about."""
    few, many = (_bare(name) for name in sorted((mine, theirs), key=len))
    if few == many:
        return mine
    if not set(few) <= set(many):
        return None if sure >= LIKELY else mine
    if re.fullmatch(rf"{re.escape(mine)}['’]s\s+[a-zß-ÿ][^A-Z]*", theirs):
        return mine  # "Ida's illustrations" are hers
    longest = max(mine, theirs, key=len)
    more = [word for word in longest.split() if not set(_bare(word)) <= set(few)]
    if len(more) == 1 and len(more[0]) == 1 and longest.endswith(more[0]) and sure >= CERTAIN:
        return None  # "Nkosi R 4,500": the last letter may as well be a currency
    if len(mine) > len(theirs):
        return mine
    if any(re.search(r"\d", word) for word in more) or exclaimed(theirs.split()[0].casefold()):
        return mine
    on = many[: len(few)] == few
    if many[-len(few) :] == few and theirs in raw and all(map(_is_spelt_so, more)):
        return theirs  # "Quinta do Sabugal"
    if sure >= CERTAIN:
        return theirs if on or not FUNCTION.intersection(many) - set(few) else mine
    # Less sure of them, it has words of the sentence in its names.
    if on and all(word in raw and (_is_spelt(word) or word in _AND) for word in more):
        return theirs
    # Without capitals nothing tells whether a word is of the name: better asked.
    small = theirs not in raw and not FUNCTION.intersection(map(str.casefold, more))
    return None if on and small and sure >= LIKELY else mine


def _bare(name: str) -> list[str]:
    return re.findall(r"\w+", name.casefold())


def _is_spelt(word: str) -> bool:
    """Whether a word has a capital as names have, not all of them."""
    return word[0].isupper() and (word[1:].islower() or word.casefold() in ORG_MARKS)


def _is_spelt_so(word: str) -> bool:
    return _is_spelt(word) or word in _PARTICLES


def whom(request: Request) -> str | None:
    """The name of whom a request is about."""
    return next((name for slot in COUNTERPARTY if (name := getattr(request, slot, None))), None)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold())) - FUNCTION


def _taken(name: str, found: Found, raw: str) -> bool:
    """Whether a name stands in words that the learned reading takes for nobody's name."""
    return any(
        part.slot not in NAMED
        and part.sure >= CERTAIN
        and _holds(raw[part.start : part.end], name, raw)
        for part in found.parts
    )


def _is_of(others: Sequence[Found], found: Found, words: str, raw: str, *, whole: bool) -> bool:
    """Whether words stand, wholly or in part, in what other requests are made of."""
    start = raw.find(words)
    end = start + len(words)
    if found.start <= start and end <= found.end:
        return False
    shared = [min(f.end, end) - max(f.start, start) for f in others] if start >= 0 else []
    return any(2 * length > len(words) if whole else length > 0 for length in shared)


def _is_other(mine: str, theirs: str, sure: float, found: Found, names: Names) -> bool:
    """Whether the rules took for a name what stands beside it: "my apologies", "SEK", "Tokyo"."""
    if mine in names.known or not set(_bare(mine)).isdisjoint(_bare(theirs)):
        return False
    raw = names.text.raw
    if theirs in raw and theirs[0].isupper() and (mine == mine.lower() or mine not in raw):
        return sure >= LIKELY
    wrong = mine in codes() or is_place(mine) or _is_nobodys(mine, found, names)
    return wrong and sure >= CERTAIN


def _is_nobodys(name: str, found: Found, names: Names) -> bool:
    """Whether a name that the rules see, and no record has, is made of words that name nobody."""
    if name in names.known:
        return False
    words = re.findall(r"\w+", name.casefold())
    said = [
        match.span()
        for word in words
        for match in re.finditer(rf"\b{re.escape(word)}\b", names.text.low)
    ]
    return len(said) >= len(words) > 0 and set(said) <= set(found.nameless)


def _holds(words: str, name: str, raw: str) -> bool:
    """Whether a name is among words: "May" is not in "she may", where the message has both."""
    return name in words if name in raw else name.casefold() in words.casefold()
