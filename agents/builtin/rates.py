"""Prices of one of something, and how many of it a text counts: "14 walks, 12.50 a go"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from agents.builtin.amounts import LABEL, NEXT_WORD, UNITS, Money, counts
from agents.builtin.dates import durations
from agents.builtin.lexicon import FUNCTION, MONTHS, WEEKDAYS, alternatives, words
from agents.builtin.numbers import Number

_UNIT = alternatives(UNITS)
_PER = re.compile(
    rf"\s*(?:(?:/\s*|(?:for\s+(?=each|every))?(?:a|an|per|each|every|the|pro|por|par|je|am|le|la|al|die|der|das|"
    rf"el|cada|por\s+cada|chaque|jede[rns]?|de\s+la|à\s+la)\s+|(?:de\s+|à\s+)?l')"
    rf"(?P<unit>{_UNIT})\b|"
    r"(?:(?<!\s)/|(?P<how>(?:for\s+)?(?:per|each|every)|an?|pro|por|par|por\s+cada|cada|je|chaque|"
    r"le|la|el|die|das)\s+|(?P<how2>l'))(?P<open>[^\W\d_]{2,})\b)"
)
_STRONG = re.compile(r"(?:for\s+)?(?:per|each|every|pro|por\s+cada|cada|chaque)|an?|")
""" "12 a jar" is a price of one also where no jars are counted; "300 la web" may be none."""
_ARTICLE = {"es": words("a an"), "fr": words("a an"), "de": words("an")}
"""What is no article in the language of a text."""
_NO_UNIT = words(
    "while bit lot few little further bank transfer email e-mail mail post card paypal wire letter "
    "sepa überweisung brief fax contract agreement quote bonus total deposit tip week-end plus "
    "invoice bill rechnung factura facture client customer"
)
_EACH = re.compile(
    # A word between is a currency that nobody here knows: "900 cowries each".
    r"\s*(?:(?!and\b|for\b|to\b)[^\W\d_]+\s+)?(?:each|apiece)(?!\w)|"
    r"\s*(?:a piece|je|cada uno|cada una|(?:la\s+)?pièce|chacun|chacune|a pop|"
    r"per piece|das stück|am stück|pro stück|jeweils|jede[rs]?)(?!\w)"
)
_THE_DOZEN = re.compile(r"\s*(?:the|a|per|le|la|das)\s+(?:dozen|dutzend|docena|douzaine)\b")
_EACH_BEFORE = re.compile(r"\b(?:each|je|jeweils|apiece)\s*(?:at|for|is|à|,|:)?\s*$")
_PER_BEFORE = re.compile(
    r"\b(?:(?:each|every|per|pro|je|jede[rns]?|cada|chaque)\s+(?P<u>[^\W\d_]{2,})\s*(?:is|was|=|:|"
    r",|at|costs?|kostet|cuesta|coûte|à)?|"
    r"(?:one|an?|eine?|une?|una?)\s+(?P<u2>[^\W\d_]{2,})\s+(?:is|was|=|costs?|kostet|cuesta|coûte))\s*$"
)
_ARTICLE_BEFORE = re.compile(
    r"\b(?:das|die|der|la|le|el|the|a|one)\s+(?P<unit>[^\W\d_]{3,})\s*:?\s*$"
)
""" "10 jars of honey, the jar 7.50"."""
_USUAL = (
    r"(?:\s+(?:my|our|the|his|her)\b)?(?:\s+(?:usual|normal|standard|agreed|regular)\b)?"
    r"(?:\s+(?:rate|price|fee)(?:\s+of)?\b)?\s*$"
)
"""What may stand between "at" and the rate."""
_AT = re.compile(
    rf"\s*,?\s*(?:\b(?P<word>at|à|je|zu|a|mal|fois|times)\b(?:\s+je\b)?|(?P<sign>[@×*]|\bx\b)){_USUAL}"
)
_AT_IN = {"zu": "de", "mal": "de", "a": "es", "fois": "fr"}
_PHRASE = re.compile(r"(?:[\s-]*[^\W\d_][\w'’/-]*){0,7}")
_INNER = words("of for de del d' mit with in für le la les the my our von vom et und and y w on en")
"""Function words that may stand between a count and its price."""
_RATE = re.compile(
    r"(?:\b(?:(?P<of>hourly|daily|day|hour|word|half-day)\s+)?rate(?:\s+(?:here|there|for\s+\w+|"
    r"with\s+\w+))?\s*"
    r"(?:is|was|of|:|=|at|stays|remains)?\s*(?:still\s+)?|\b(?P<hourly>stundensatz)\s*(?:von|ist|"
    r":)?\s*)$"
)
_PLAIN = str.maketrans("äöü", "aou")
_DAYS = {name for names in MONTHS.values() for name in names} | set(WEEKDAYS)
_HOUR = {"h", "hr", "hrs", "hour", "hours", "stunde", "stunden", "hora", "horas", "heure", "heures"}
_DAY = words("day days tag tage tagen día días jour jours daily journée journées")
_PEOPLE = words("person persons people head heads guest guests personen personas personnes pax")
_ANYTHING = words("go time pop shot throw item one unit unité unidad")
"""What stands for whatever is counted: "six sessions, 55 a go"."""
_PART_OF_DAY = re.compile(
    r"\bhalf\s+an?\s+(?:working\s+)?(?:day|session|page)|\b(?:one\s+)?half-day\b"
)
_OF = re.compile(r"(?:\s+[^\W\d_][\w'-]*){0,3}\s*(?:\b(?:of|à|de|von)\b|[x×*]|\btimes\b|-)\s*$")


@dataclass(frozen=True, slots=True)
class Rate:
    """A price of one of something; ``unit`` is None where it doesn't say of what.

    ``count`` is the number that stands before its "at". ``start`` and ``end`` are all of its words.
    """

    money: Money
    unit: str | None
    start: int
    end: int
    count: Number | None = None


def rates(low: str, money: Sequence[Money], numbers: Sequence[Number], language: str) -> list[Rate]:
    """The prices of one of something in a text, in order."""
    return [r for each in money if (r := _rate(low, each, money, numbers, language)) is not None]


def _rate(
    low: str, each: Money, money: Sequence[Money], numbers: Sequence[Number], language: str
) -> Rate | None:
    head = low[: each.start]
    at = _AT.search(head)
    if at and _AT_IN.get(at["word"] or "", language) != language:
        at = None
    start = at.start() if at else each.start
    if dozen := _THE_DOZEN.match(low, each.end):
        return Rate(replace(each, value=each.value / 12), None, start, dozen.end())
    per = _PER.match(low, each.end)
    if per and per["unit"]:
        return Rate(each, per["unit"], start, per.end())
    if apiece := _EACH.match(low, each.end):
        return Rate(each, None, start, apiece.end())
    if per and _is_unit(
        low, [n for n in numbers if n.end <= start or n.start >= per.end()], per, language
    ):
        unit = None if per["open"] in _ANYTHING else per["open"]
        return Rate(each, unit, start, per.end())
    before = _PER_BEFORE.search(head)
    unit = before and (before["u"] or before["u2"])
    if before and unit and unit not in FUNCTION - UNITS and unit not in _NO_UNIT:
        return Rate(each, unit, before.start(), each.end)
    if (before := _ARTICLE_BEFORE.search(head)) and any(
        _names(low, n, before["unit"]) for n in numbers if n.end <= before.start()
    ):
        return Rate(each, before["unit"], before.start(), each.end)
    count = _counted_at(low, at, money, numbers) if at else None
    if count is not None:
        return Rate(each, None, start, each.end, count)
    if (before := _EACH_BEFORE.search(head)) and (language == "de" or "je" not in before.group()):
        return Rate(each, None, before.start(), each.end)
    named = _RATE.search(head.rstrip() + " ") or _RATE.search(head.rstrip())
    if named:
        unit = {"hourly": "hour", "daily": "day"}.get(named["of"] or "", named["of"])
        return Rate(each, "hour" if named["hourly"] else unit, named.start(), each.end)
    if at and language == "de" and at["word"] == "à":
        return Rate(each, None, start, each.end)
    return None


def _is_unit(low: str, numbers: Sequence[Number], per: re.Match[str], language: str) -> bool:
    """Whether the word after a price is what one of costs so much."""
    how, word = (per["how"] or per["how2"] or "").strip(), per["open"]
    if word in FUNCTION or word in _NO_UNIT or word in _DAYS or how in _ARTICLE.get(language, ()):
        return word in _ANYTHING and language == "en"
    return bool(_STRONG.fullmatch(per["how"] or "")) or any(_names(low, n, word) for n in numbers)


def _counted_at(
    low: str, at: re.Match[str], money: Sequence[Money], numbers: Sequence[Number]
) -> Number | None:
    """The number before an "at" that counts what is priced: "six bowls at 22", "four at 65"."""
    spells = [(s, e, m) for s, e, m in durations(low) if e <= at.start()]
    if spells and _PHRASE.fullmatch(low, spells[-1][1], at.start()):
        start, end, minutes = spells[-1]
        return None if is_term(low, start, end) else Number(Decimal(minutes) / 60, start, end)
    left = [n for n in numbers if n.end <= at.start()]
    if not left or not is_count(low, left[-1], money):
        return None
    number = left[-1]
    priced = _AT.search(low[: number.start])
    if priced and priced["word"]:
        return None  # "3 uprights at 95 and the grand at 140": 95 counts no grands
    phrase = _PHRASE.fullmatch(low, number.end, at.start())
    told = phrase and phrase.group().replace("-", " ").split()
    if told is None or any(w in _DAYS or (w in FUNCTION - UNITS and w not in _INNER) for w in told):
        return None
    return number if told or at["sign"] or at["word"] in {"at", "je", "mal", "times"} else None


def is_count(low: str, number: Number, money: Sequence[Money]) -> bool:
    """Whether a number may say how many: no sum, no year, no percentage, no number of a thing."""
    if any(not m.bare and m.start <= number.start < m.end for m in money):
        return False
    if LABEL.search(low[: number.start][-24:]) or re.match(r"\s*%", low[number.end :]):
        return False
    year = number.end - number.start == 4 and 1990 <= number.value <= 2039
    return not year and not is_term(low, number.start, number.end)


def _names(low: str, number: Number, unit: str) -> bool:
    """Whether what a number counts is a unit ("jar": "forty jars", "20 small jars")."""
    unit = unit.translate(_PLAIN)
    tail = re.match(r"(?:[\s-]+[^\W\d_][\w'-]*){1,4}", low[number.end :].translate(_PLAIN))
    if tail is None or "half" in tail.group().replace("-", " ").split()[:1]:
        return False
    said = re.split(r"\b(?:at|for|on|and|plus|per|each)\b", tail.group())[0]
    if unit in _PEOPLE:
        return not _PEOPLE.isdisjoint(said.split())
    stem = unit if len(unit) < 4 else unit[:-1]
    plural = re.compile(
        rf"\b{re.escape(stem)}(?:y|ies|{re.escape(unit[-1])}?(?:e?s|en|er|e|n|x)?)(?!\w)"
    )
    return bool(plural.search(said))


def count_of(
    low: str, money: Sequence[Money], numbers: Sequence[Number], rate: Rate, since: int, until: int
) -> tuple[Decimal, int] | None:
    """How many a rate is for, and where the number stands; None where it is not certain."""
    free = [
        n
        for n in numbers
        if since <= n.start
        and n.end <= until
        and (n.end <= rate.start or n.start >= rate.end)
        and is_count(low, n, money)
    ]
    spells = _spells(low, rate, since, until)
    if rate.unit in _HOUR:
        if len({m for _, _, m in spells}) == 1:
            return _times(low, free, Decimal(spells[0][2]) / 60, spells[0][0])
        if spells:
            return None
    if rate.count is not None:
        return None if rate.count.unclear else _times(low, free, rate.count.value, rate.count.start)
    if rate.unit is None:
        return _of_anything(low, free, rate, spells)
    found = [n for n in free if _counts_unit(low, n, rate.unit)]
    if len(found) > 1 and (before := [n for n in found if n.end <= rate.money.start]):
        found = before
    if len(found) == 1 and not found[0].unclear:
        return _times(low, free, found[0].value, found[0].start)
    if (
        not found
        and rate.unit in _DAY | {"session", "page"}
        and (half := _PART_OF_DAY.search(low, since, until))
    ):
        return Decimal("0.5"), half.start()
    return None


def _of_anything(
    low: str, free: Sequence[Number], rate: Rate, spells: Sequence[tuple[int, int, int]]
) -> tuple[Decimal, int] | None:
    """What "each" is for: the one thing that a text counts."""
    timed = [n for n in free if any(s <= n.start < e for s, e, _ in spells)]
    sentence = re.compile(r"[.;!?]\s")
    others = [
        n
        for n in free
        if n not in timed and (n.end <= rate.start or not sentence.search(low, rate.end, n.start))
    ]
    found = [n for n in others if counts(low[n.end :])]
    if not found:
        found = [
            n
            for n in others
            if (word := NEXT_WORD.match(low, n.end)) and word[1] not in FUNCTION | _DAYS
        ]
    if len(found) > 1 and (before := [n for n in found if n.end <= rate.start]):
        found = before
    if not found and len({m for _, _, m in spells}) == 1:
        return Decimal(spells[0][2]) / 60, spells[0][0]
    if len(found) != 1 or found[0].unclear:
        return None
    return found[0].value, found[0].start


def _times(
    low: str, free: Sequence[Number], value: Decimal, start: int
) -> tuple[Decimal, int] | None:
    """A count with what multiplies it: "3 sessions of 2 hours"."""
    before = [n for n in free if n.end <= start]
    if not before or not _OF.fullmatch(low, before[-1].end, start):
        return value, start
    return None if before[-1].unclear else (before[-1].value * value, before[-1].start)


def _spells(low: str, rate: Rate, since: int, until: int) -> list[tuple[int, int, int]]:
    if rate.unit is not None and rate.unit not in _HOUR:
        return []
    return [
        (s, e, m)
        for s, e, m in durations(low)
        if since <= s
        and e <= until
        and not (s < rate.end and rate.money.start < e)
        and not is_term(low, s, e)
    ]


def is_term(low: str, start: int, end: int) -> bool:
    """Whether a length of time says when to pay."""
    return bool(
        re.match(r"\s*(?:days|tage|tagen)?\s*(?:net|netto|to pay|payment|zahlungsziel)", low[end:])
        or re.search(r"(?:\bnet|\bin|\bwithin|\bdue|\bzahlbar in|\bpayable)\s*$", low[:start])
    )


def _counts_unit(low: str, number: Number, unit: str) -> bool:
    word = NEXT_WORD.match(low, number.end)
    if word and _stem(word[1]) == _stem(unit):
        return True
    return _names(low, number, unit)


def _stem(unit: str) -> str:
    return "h" if unit in _HOUR else unit[:3]
