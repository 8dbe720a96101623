"""Counts times rates: "three days at 450", "forty jars at 8.50 a jar", "my rate is 55"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from agents.builtin.amounts import NEXT_WORD, UNITS, Money, counts
from agents.builtin.dates import durations
from agents.builtin.lexicon import FUNCTION, alternatives
from agents.builtin.numbers import Number, find_numbers
from agents.builtin.shares import find_discount
from agents.builtin.total import Sum, unknown

_UNIT = alternatives(UNITS)
_PER = re.compile(
    rf"\s*(?:(?:/\s*|(?:a|an|per|each|every|the|pro|por|par|je|am|le|la|al|die)\s+"
    rf")(?P<unit>{_UNIT})\b|"
    r"(?:/\s*|(?:per|each|every|a|an|pro|por|par|je)\s+)(?P<open>[^\W\d_]{3,})\b)"
)
_EACH = re.compile(
    r"\s*(?:each|apiece|a piece|je|cada uno|cada una|pièce|chacun|chacune|a pop|per piece|"
    r"das stück)\b"
)
_USUAL = (
    r"(?:\s+(?:my|our|the|his|her)\b)?(?:\s+(?:usual|normal|standard|agreed|regular)\b)?"
    r"(?:\s+(?:rate|price|fee)(?:\s+of)?\b)?\s*$"
)
"""What may stand between "at" and the rate."""
_AT = re.compile(rf"(?:\bat|@|\bà|\bx|×|\*|\bje|\bzu|\btimes){_USUAL}")
_COUNTED_AT = re.compile(
    rf"(?:\d|(?<![^\W\d_]){_UNIT}|\b\w+s)(?:\s+(?:of|for)\s+[\w-]+(?:\s+[\w-]+)?)?\s*,?\s*(?:\bat|"
    rf"@|\bà|x|×|\*|\bje|\bzu|\btimes){_USUAL}"
)
_RATE = re.compile(
    r"(?:\b(?:(?P<of>hourly|daily|day|hour|word|half-day)\s+)?rate(?:\s+(?:here|there|for\s+\w+|"
    r"with\s+\w+))?\s*"
    r"(?:is|was|of|:|=|at|stays|remains)?\s*(?:still\s+)?|\b(?P<hourly>stundensatz)\s*(?:von|ist|"
    r":)?\s*)$"
)
_STATED = re.compile(
    r"(?:\bthat's|\bthats|\bthat is|\bthat makes|\bso|\bi\.e\.|\bie|=|\bmeaning|\bmakes|\bwhich is|"
    r"\bdas sind|\balso|\btotal(?:ling)?|\bin total|\bequals|\bes decir|\bsoit)\s*:?\s*$"
)
"""What leads to a total that is worked out from what stands before it."""
_PLUS = re.compile(
    r"\b(?:plus|as\s+well\s+as|and\s+on\s+top|on\s+top\s+of\s+that|zuzüglich|más)\b|\+|"
    r"\band\s+(?:a|an|the|my|our)?\s*(?:[\w-]+\s+){0,3}(?:fee|charge|costs?|surcharge|expenses?|"
    r"delivery|shipping|"
    r"travel|materials?|postage)\b"
)
_MINUS = re.compile(r"\b(?:minus|less|abzüglich|menos|moins)\b")
_HOUR = {"h", "hr", "hrs", "hour", "hours", "stunde", "stunden", "hora", "horas", "heure", "heures"}
_DAY = {"day", "days", "tag", "tage", "tagen", "día", "días", "jour", "jours", "daily"}
_PART_OF_DAY = re.compile(
    r"\bhalf\s+an?\s+(?:working\s+)?(?:day|session|page)|\b(?:one\s+)?half-day\b"
)


@dataclass(frozen=True, slots=True)
class _Rate:
    """A price of one of something; ``unit`` is None where it doesn't say of what."""

    money: Money
    unit: str | None
    end: int


def stated(low: str, money: Sequence[Money]) -> list[Money]:
    """The sums that are said to be the outcome."""
    return [m for m in money if _STATED.search(low[: m.start][-14:])]


def product(low: str, money: list[Money], language: str) -> Sum | None:
    """What counts and their rates come to, with what is added to it or taken off."""
    numbers = find_numbers(low, language)
    rates = _rates(low, money, numbers)
    if not rates:
        return None
    total = Decimal(0)
    used: set[int] = set()
    for index, rate in enumerate(rates):
        since = rates[index - 1].money.end if index else 0
        until = rates[index + 1].money.start if index + 1 < len(rates) else len(low)
        if len(rates) > 1:
            until = rate.money.start
        count = _count(low, numbers, rate, since, until)
        if count is None or rate.money.unclear:
            return _unfounded(low, money, rate)
        used |= {count[1], rate.money.start}
        total += count[0] * rate.money.value
    others = [m for m in money if m.start not in used and not any(r.money is m for r in rates)]
    rest: list[Money] = []
    for each in others:
        before = re.split(r"[.;!?]\s", low[: each.start])[-1][-24:]
        if each.value == total:
            rest.append(each)
        elif _PLUS.search(before) and not each.unclear:
            total += each.value
        elif _MINUS.search(before) and not each.unclear:
            total -= each.value
        else:
            return unknown("the product and the stated sum differ")
    less = find_discount(low)
    total *= 1 - less.value if less else 1
    return Sum(total, None, tuple((m.start, m.end) for m in rest), "a count times a rate")


def _unfounded(low: str, money: list[Money], rate: _Rate) -> Sum:
    """A rate that nothing is counted for: only a total that is stated beside it will do."""
    totals = [m for m in stated(low, money) if m is not rate.money]
    if len(totals) == 1:
        each = totals[0]
        return Sum(each.value, None, ((each.start, each.end),), "stated as a total")
    return unknown("a rate without a count")


def _rates(low: str, money: list[Money], numbers: Sequence[Number]) -> list[_Rate]:
    found: list[_Rate] = []
    for each in money:
        head = low[: each.start].rstrip()
        named = _RATE.search(head + " ") or _RATE.search(head)
        per = _PER.match(low, each.end)
        if per and per["unit"]:
            found.append(_Rate(each, per["unit"], per.end()))
        elif apiece := _EACH.match(low, each.end):
            found.append(_Rate(each, None, apiece.end()))
        elif per and _is_counted(low, numbers, per["open"]):
            found.append(_Rate(each, per["open"], per.end()))
        elif named:
            unit = {"hourly": "hour", "daily": "day"}.get(named["of"] or "", named["of"])
            found.append(_Rate(each, "hour" if named["hourly"] else unit, each.end))
    if not found:
        for each in money:
            head = low[: each.start].rstrip()
            if _AT.search(head) and _COUNTED_AT.search(head):
                found.append(_Rate(each, None, each.end))
    return found


def _is_counted(low: str, numbers: Sequence[Number], unit: str) -> bool:
    """Whether a text counts some of a thing that is priced one by one ("jar": "forty jars")."""
    return unit not in FUNCTION and any(_names_unit(low, n, unit) for n in numbers)


def _names_unit(low: str, number: Number, unit: str) -> bool:
    tail = re.match(r"(?:[\s-]+[^\W\d_][\w'-]*){1,4}", low[number.end :])
    plural = re.compile(
        rf"\b{re.escape(unit[:-1])}(?:y|ies|{re.escape(unit[-1])}(?:e?s|en|e|n)?)\b"
    )
    return bool(tail and plural.search(tail.group()))


def _count(
    low: str, numbers: Sequence[Number], rate: _Rate, since: int, until: int
) -> tuple[Decimal, int] | None:
    """How many a rate is for, and where the number stands; None where it is not certain."""
    money, unit = rate.money, rate.unit
    if unit in _HOUR or unit is None:
        spells = [
            (s, m)
            for s, e, m in durations(low)
            if since <= s
            and e <= until
            and not (s < rate.end and money.start < e)
            and not _is_term(low, s, e)
        ]
        if len({m for _, m in spells}) == 1:
            return Decimal(spells[0][1]) / 60, spells[0][0]
        if spells:
            return None
    found = [
        n
        for n in numbers
        if since <= n.start
        and n.end <= until
        and (n.end <= money.start or n.start >= rate.end)
        and _counts_unit(low, n, rate)
    ]
    if len(found) > 1 and (before := [n for n in found if n.end <= money.start]):
        found = before
    if len(found) == 1 and not found[0].unclear:
        return found[0].value, found[0].start
    if (
        not found
        and unit in _DAY | {"session", "page"}
        and (half := _PART_OF_DAY.search(low, since, until))
    ):
        return Decimal("0.5"), half.start()
    return None


def _is_term(low: str, start: int, end: int) -> bool:
    """Whether a length of time says when to pay."""
    return bool(
        re.match(r"\s*(?:days|tage|tagen)?\s*(?:net|netto|to pay|payment|zahlungsziel)", low[end:])
        or re.search(r"(?:\bnet|\bin|\bwithin|\bdue|\bzahlbar in|\bpayable)\s*$", low[:start])
    )


def _counts_unit(low: str, number: Number, rate: _Rate) -> bool:
    tail = low[number.end :]
    if _is_term(low, number.start, number.end):
        return False
    if number.end <= rate.money.start and re.match(
        r"\s*(?:x|×|\*|times)\s*$", low[number.end : rate.money.start]
    ):
        return True
    if rate.unit is None:
        return counts(tail) and (
            number.end <= rate.money.start
            or not re.search(r"[.;!?]\s", low[rate.money.end : number.start])
        )
    word = NEXT_WORD.match(tail)
    if word and _stem(word[1]) == _stem(rate.unit):
        return True
    return rate.unit not in UNITS and _names_unit(low, number, rate.unit)


def _stem(unit: str) -> str:
    return "h" if unit in _HOUR else unit[:3]
