"""Counts times rates, and what is added and taken off: "85 call-out plus three hours at 60"."""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from agents.builtin.amounts import PART_OF_COUNT, Money, counts
from agents.builtin.numbers import Number, by_the_dozen, find_numbers
from agents.builtin.rates import Rate, count_of, is_count, rates
from agents.builtin.shares import find_percents, find_shares
from agents.builtin.total import Sum, said, unknown

_STATED = re.compile(
    r"(?:\bthat's|\bthats|\bthat is|\bthat makes|\bso(?:\s+(?:it's|its|it\s+is))?|\bi\.e\.|\bie|=|"
    r"\bmeaning|\bmakes(?:\s+it)?|\bcomes\s+to|\bwhich is|"
    r"\bdas sind|\bdas macht|\btotal(?:ling)?|\bin total|\bin all|\bequals|\bes decir|\bson|\bsoit|"
    r"\bdonc)\s*:?\s*$"
)
"""What leads to a total that is worked out from what stands before it."""
_GERMAN = re.compile(r"\balso\s*:?\s*$")
_NO_TOTAL = re.compile(
    r"\s*(?:more|less|off|extra|over|under|cheaper|short|%|left|too\s+much|mehr|weniger|más|menos|"
    r"de\s+plus|[x×*])(?!\w)"
)
""" "480, that's 50 more than last time": a difference."""
_DIFFERS = re.compile(
    r"\b(?:usually|normally|generally|as\s+a\s+rule|last\s+(?:time|month|week|year)|this\s+(?:time|"
    r"month|week)|but|instead|sonst|normalerweise|diesmal|aber|normalmente|esta\s+vez|pero|"
    r"d'habitude|cette\s+fois|mais)\b"
)
"""What says that the sum is not what it usually is."""
_PLUS = re.compile(
    r"\b(?:plus|as\s+well\s+as|and\s+on\s+top|on\s+top\s+of\s+that|zuzüglich|zzgl|más)\b|\+|"
    r"\band\s+(?:a|an|the|my|our)?\s*(?:[\w-]+\s+){0,3}(?:fee|charge|costs?|surcharge|expenses?|"
    r"delivery|shipping|"
    r"travel|materials?|postage)\b"
)
_MINUS = re.compile(r"\b(?:minus|less|abzüglich|abzgl|menos|moins)\b")
_ADDED_FIRST = re.compile(
    r"\s*(?:[^\W\d_][\w'-]*\s+){0,4}?(?:plus|und|y|et|and|&|\+)\s*(?:for\s+|the\s+)?$"
)
"""From a fixed part to the count that follows it: "120 call-out plus 2 hours"."""
_ITEM = re.compile(
    r"\s*(?:,|and|und|y|et|&|\+|plus)\s*(?:(?:one|an?|the|eine?|una?|une|la|le|el|die|das|der)\s+)?"
    r"(?P<what>[^\W\d_][\w'-]*\s+(?:[^\W\d_][\w'-]*\s+){0,2}?)(?:(?:at|for|à|zu|a|@)\s+)?$"
)
"""From a position to the fixed price of another: ", fitting 60", "and the hallway at 250"."""
_JOINED = re.compile(r"(?:\b(?:plus|and|und|et|y)|[+&])\s*$")
_NO_ITEM = re.compile(
    r"\b(?:paid|deposit|advance|so|total|is|was|it's|its|that's|thats|makes|instead|not|no|max|"
    r"budget|due|net|invoice|bill|discount|off|up|down|upfront|already|of|minus|less|but|or|than|"
    r"usually|sorry|wait|actually|rate|credit|voucher|refund|anzahlung|acompte|anticipo)\b"
)
_EXTRA = re.compile(
    r"[\s,]*(?:\bplus|\+|\bzuzüglich|\bzzgl\.?|\bmás|\bminus|less|abzüglich|abzgl\.?|menos|moins)\s[^.,;!?\d]*$"
)
_EXTRA_ENDS = re.compile(
    r"(?:\s+(?!for\b|für\b|por\b|pour\b|and\b|plus\b|due\b)[^\W\d_][\w'-]*){0,6}(?=\s*(?:[.,;!?)]|$))"
)
_RECOUNTED = re.compile(
    r"(?:\b(?:no+|nope|sorry|wait|hang\s+on|hold\s+on|actually|oops|scratch\s+that|correction|i\s+mean|"
    r"make\s+(?:that|it)|nein|moment|quatsch|doch|non|pardon|perdón|perdona|mejor|plutôt|rather)"
    r"\b[\s,.;:!–—-]*)+"
    r"(?P<who>(?:and\s+|but\s+)?(?:she|he|they|we|i|it|there|es|sie|er|il|elle|ils|on)\s+"
    r"(?:only\s+|actually\s+|really\s+|just\s+)?"
    r"(?:took|had|did|was|were|used|ordered|came|wants?|bought|delivered|needs?|made|got|worked|taught|"
    r"waren|war|hatte|nahm|eran|fueron|era|était|étaient|a\s+pris)\s+(?:only\s+|just\s+)?)?"
    r"(?=\S)"
)
"""What takes a count back: "no hang on, she took 7"."""
_RECOUNT_ENDS = re.compile(
    r"(?:\s+(?:of\s+them|in\s+total|altogether|(?P<what>[^\W\d_]+)))?(?=\s*(?:[.,;!?)]|$))"
)


def stated(low: str, money: Sequence[Money], language: str = "en") -> list[Money]:
    """The sums that are said to be the outcome."""
    return [
        m
        for m in money
        if (
            _STATED.search(low[: m.start][-16:])
            or (language == "de" and _GERMAN.search(low[: m.start][-8:]))
        )
        and not _NO_TOTAL.match(low, m.end)
    ]


def product(low: str, money: list[Money], language: str) -> Sum | None:
    """What counts and their rates come to, with what is added to it or taken off."""
    numbers, several = _parts(low, by_the_dozen(low, find_numbers(low, language)))
    found = rates(low, money, numbers, language)
    if not found:
        return unknown("so many of a number, and no price of one") if several else None
    recounted = _recounted(low, numbers, found)
    spans: list[tuple[int, int]] = []
    used: set[int] = set()
    if recounted is not None:
        new, spans = recounted
        used.add(new.start)
    total = Decimal(0)
    starts: list[int] = []
    for index, rate in enumerate(found):
        since = found[index - 1].end if index else 0
        until = found[index + 1].start if index + 1 < len(found) else len(low)
        if len(found) > 1:
            until = rate.start
        before = [n for n in numbers if n.start not in used]
        count = count_of(low, money, before, rate, since, until)
        if count is None or rate.money.unclear:
            return _unfounded(low, money, rate, language)
        if recounted is not None:
            count = recounted[0].value, count[1]
        used |= {count[1], rate.money.start}
        starts.append(min(count[1], rate.start))
        total += count[0] * rate.money.value
        spans.append((rate.start, rate.end))
    rated = [r.money for r in found]
    others = [m for m in money if m.start not in used and m not in rated]
    outcome = [m for m in stated(low, others, language) if m is money[-1]]
    for each in (m for m in others if m not in outcome):
        way = _way(low, each, money, starts)
        if each.value == total and not way:
            spans.append((each.start, each.end))
        elif way and not each.unclear:
            total += way * each.value
            spans.append(extra(low, each))
        else:
            return _unfounded(low, money, found[0], language)
    if _left_over(low, money, numbers, used, spans) or find_shares(low, money):
        return _unfounded(low, money, found[0], language)
    percents = find_percents(low)
    if percents:
        total *= percents.factor
        spans += percents.spans
    if outcome and outcome[0].value != total:
        times = {n.value * r.value for n in numbers for r in rated}
        if outcome[0].value not in times and not _DIFFERS.search(low):
            return unknown("the product and the stated sum differ")
        total = outcome[0].value
    spans += [(m.start, m.end) for m in outcome]
    return Sum(total, None, tuple(spans), "a count times a rate")


def _parts(low: str, numbers: Sequence[Number]) -> tuple[list[Number], bool]:
    """Numbers with "2 of her 5 lessons" as 2, and whether there are such of more than one."""
    found: list[Number] = []
    several = False
    for number in numbers:
        part = PART_OF_COUNT.match(low, number.end)
        if found and number.end <= found[-1].end:
            continue
        if part and number.value == int(number.value):
            several = several or number.value > 1
            number = replace(number, end=part.end())
        found.append(number)
    return found, several


def _left_over(
    low: str,
    money: Sequence[Money],
    numbers: Sequence[Number],
    used: set[int],
    spans: Sequence[tuple[int, int]],
) -> bool:
    """Whether something is counted beside the prices that no price accounts for."""
    first, last = min(used), max(used)
    return any(
        counts(low[n.end :])
        and is_count(low, n, money)
        and (
            _JOINED.search(low[: n.start])
            if n.start > first
            else not re.search(r"[.,;:!?]\s|\b(?:the|our|my|his|her|their)\b", low[n.start : first])
        )
        and n.start <= last + 40
        for n in numbers
        if n.start not in used and not any(s <= n.start < e for s, e in spans)
    )


def _way(low: str, each: Money, money: Sequence[Money], starts: Sequence[int]) -> int:
    """1 for a fixed part that is added, -1 for one that is taken off, 0 where it is neither."""
    before = re.split(r"[.;!?]\s", low[: each.start])[-1][-24:]
    if _MINUS.search(before):
        return -1
    if _PLUS.search(before):
        return 1
    index = money.index(each)
    follows = next((s for s in starts if s >= each.end), None)
    if follows is not None and _ADDED_FIRST.fullmatch(low, each.end, follows):
        return 1
    if index and any(s < each.start for s in starts):
        # The words of the price before it, as "each" or "a day", belong to that one.
        gap = re.sub(
            r"^\s*(?:each|apiece|(?:an?\s|per\s|/)\s*\w+)",
            "",
            low[money[index - 1].end : each.start],
        )
        item = _ITEM.fullmatch(gap)
        if (
            item
            and not _NO_ITEM.search(item["what"])
            and not _NO_ITEM.match(low[each.end :].lstrip())
        ):
            return 1
    return 0


def extra(low: str, each: Money) -> tuple[int, int]:
    """The words that say what is added or taken off and why, where a word leads to it."""
    head = _EXTRA.search(low[: each.start])
    tail = _EXTRA_ENDS.match(low, each.end)
    if head is None:
        return each.start, each.end
    return head.start(), tail.end() if tail else each.end


def _recounted(
    low: str, numbers: Sequence[Number], found: Sequence[Rate]
) -> tuple[Number, list[tuple[int, int]]] | None:
    """A count that is said anew after the only rate, and the words that say so."""
    if len(found) != 1:
        return None
    for match in _RECOUNTED.finditer(low, found[0].end):
        new = next((n for n in numbers if n.start == match.end()), None)
        if new is None or new.unclear or new.value != int(new.value):
            continue
        end = _RECOUNT_ENDS.match(low, new.end)
        if end and (match["who"] or end["what"] in low[: match.start()].split()):
            return new, [(match.start(), end.end())]
    return None


def _unfounded(low: str, money: list[Money], rate: Rate, language: str) -> Sum:
    """A rate that nothing is counted for: only a total that is stated at the end will do."""
    totals = [m for m in stated(low, money, language) if m is not rate.money]
    if len(totals) == 1:
        return said(totals, "stated as a total")
    return unknown("a rate without a count")
