"""The one sum that a text asks for, by the arithmetic that its words ask for."""

import re
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from agents.builtin.amounts import NEXT_WORD, UNITS, Money, counts, is_year
from agents.builtin.lexicon import alternatives
from agents.builtin.numbers import Number, find_numbers
from agents.builtin.shares import WHAT_FOR, find_discount, find_shares

_UNIT = alternatives(UNITS)

_PER = re.compile(
    rf"\s*(?:/\s*|(?:a|an|per|each|every|the|pro|por|par|je|am|le|la|al|die)\s+)(?P<unit>{_UNIT})\b"
)

_EACH = re.compile(r"\s*(?:each|apiece|a piece|je|cada uno|cada una|pièce|chacun|a pop)\b")

_AT_RATE = re.compile(r"(?:\bat|@|\bà|\ba|\bx|×|\*|\bje|\bzu|\bof)\s*$")

_OF_TOTAL = re.compile(
    r"(?:\bof|\bout of|\bfrom|\bde|\bvon|\bsur)\s+(?:the|their|his|her|a|our|los|der|den|les|total "
    r"of|la)?\s*(?:total\s+(?:of\s+)?)?$"
)

_ITS_PRICE = re.compile(
    r"\s*(?:for|für|por|para|pour|as|als|como|comme)\s+(?:(?:the|a|an|our|my|their|first|initial|"
    r"remaining|other|die|das|den|el|la|le|les)\s+)*"
)

_AT_ONCE = re.compile(r"\s*(?:upfront|up\s+front|in\s+advance|now|vorab|im\s+voraus|d'avance)\b")

_CORRECTION = re.compile(
    r"^[\s,.;:!—–-]*(?:no|oh no|oops|sorry|wait|no wait|wait no|actually|scratch that|correction|i "
    r"mean|i meant|"
    r"rather|make (?:it|that)|make|nein|quatsch|doch|no espera|perdón|mejor|non|pardon|plutôt|err|"
    r"uh|um|hang on|"
    r"hold on|better|or rather|let's say|lets say|it's|its|that's|should be|it should be|"
    r"moment|ich meine|stattdessen|besser|[\s,.;:!—–-])+[\s,.;:!—–-]*$"
)

_STATED = re.compile(
    r"(?:\bthat's|\bthats|\bthat is|\bthat makes|\bso|\bi\.e\.|\bie|=|\bmeaning|\bmakes|\bwhich is|"
    r"\bdas sind|\balso|\btotal(?:ling)?|\bin total|\bequals|\bes decir|\bsoit)\s*:?\s*$"
)

_NOT_BEFORE = re.compile(
    r"(?:\bnot|\binstead of|\brather than|\bnicht|\bstatt|\ben vez de|\bau lieu de)\s*$"
)

_PLUS = re.compile(r"^\s*(?:plus|\+)\s*$")

_LESS = re.compile(r"^\s*(?:minus|less|-)\s*$")

_REST = re.compile(
    r"\b(?:rest|remaining|remainder|balance|difference|outstanding|other half|restbetrag|resto|"
    r"reste|solde)\b"
)

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Sum:
    """What a text asks for: ``value`` is None when it cannot be told for certain.

    ``spans`` are the words that state it; none where it is worked out from words that say more, a
    count and a rate or a share.
    """

    value: Decimal | None
    currency: str | None
    spans: tuple[tuple[int, int], ...] = ()
    why: str = ""


NOTHING = Sum(None, None)


def decide(low: str, money: list[Money], *, language: str = "en") -> Sum:
    """The one sum that a request is about, by the arithmetic that its words ask for."""
    if not money:
        return NOTHING
    spoken = {m.currency for m in money if m.currency}
    currency = next(iter(spoken)) if len(spoken) == 1 else None
    spans = tuple((m.start, m.end) for m in money if not _within_words(low, m, money))
    if len(spoken) > 1:
        return Sum(None, None, spans, "two currencies are named")
    for rule in (_corrected, _product, _fraction, _stated, _arithmetic, _single):
        result = rule(low, money, language)
        if result is not None:
            value = result.value
            if value is not None:
                value = value.quantize(_CENT, ROUND_HALF_UP)
                if value <= 0 or value > Decimal(100_000_000):
                    value = None
            told = spans if value is None else result.spans
            return Sum(value, currency, told, result.why)
    return Sum(None, currency, spans, "several sums are named")


def _corrected(low: str, money: list[Money], language: str) -> Sum | None:
    for first, second in pairwise(money):
        between = low[first.end : second.start]
        if between.strip(" ,.;:!—–-") and _CORRECTION.match(between):
            result = decide(low, [m for m in money if m is not first], language=language)
            return replace(result, spans=(*result.spans, (first.start, second.start)))
    for index, each in enumerate(money):
        if _NOT_BEFORE.search(low[: each.start][-14:]) and len(money) > 1:
            result = decide(low, money[:index] + money[index + 1 :], language=language)
            return replace(result, spans=(*result.spans, (each.start, each.end)))
    return None


def _product(low: str, money: list[Money], language: str) -> Sum | None:
    rates: list[tuple[Money, str | None]] = []
    for each in money:
        per = _PER.match(low, each.end)
        if per:
            rates.append((each, per["unit"]))
        elif _EACH.match(low, each.end):
            rates.append((each, None))
    numbers = find_numbers(low, language)
    if not rates:
        for each in money:
            head = low[: each.start].rstrip()
            if re.search(r"(?:\bat|@|\bà|\bx|×|\*|\bje|\bzu)$", head) and re.search(
                rf"(?:\d|\b{_UNIT}|\b\w+s)\s*(?:\bat|@|\bà|x|×|\*|\bje|\bzu)$", head
            ):
                rates.append((each, None))
    if not rates:
        return None
    if len(rates) > 1:
        return Sum(None, None, (), "two rates are named")
    rate, unit = rates[0]
    counts = [
        n
        for n in numbers
        if (n.end <= rate.start or n.start >= rate.end) and _counts_unit(low, n, unit, rate)
    ]
    others = [m for m in money if m is not rate and not any(n.start == m.start for n in counts)]
    if len(counts) != 1 or rate.unclear or counts[0].unclear:
        stated = [m for m in others if _STATED.search(low[: m.start][-14:])]
        if len(stated) == 1:
            return _said(stated, "stated as a total")
        return Sum(None, None, (), "a rate without a count")
    total = counts[0].value * rate.value
    if any(m.value != total for m in others):
        return Sum(None, None, (), "the product and the stated sum differ")
    stated = tuple((m.start, m.end) for m in others)
    return Sum(total, None, stated, f"{counts[0].value} times {rate.value}")


def _counts_unit(low: str, number: Number, unit: str | None, rate: Money) -> bool:
    tail = low[number.end :]
    if re.match(
        r"\s*(?:days|tage|tagen)?\s*(?:net|netto|to pay|payment|zahlungsziel)", tail
    ) or re.search(r"(?:\bnet|\bin|\bwithin|\bdue|\bzahlbar in)\s*$", low[: number.start]):
        return False
    if number.end <= rate.start and re.match(r"\s*(?:x|×|\*)\s*$", low[number.end : rate.start]):
        return True
    if unit is None:
        return counts(tail) and number.end <= rate.start
    word = NEXT_WORD.match(tail)
    if not word:
        return False
    stem = {"hrs": "h", "hr": "h", "hours": "h", "hour": "h"}.get(word[1], word[1])[:3]
    other = {"hrs": "h", "hr": "h", "hours": "h", "hour": "h"}.get(unit, unit)[:3]
    return stem == other


def _fraction(low: str, money: list[Money], language: str) -> Sum | None:
    shares = find_shares(low, money)
    if len(shares) > 1:
        return Sum(None, None, (), "two shares are named")
    if not shares:
        return None
    share, where = shares[0].value, (shares[0].start, shares[0].end)
    if (
        len(money) == 1
        and money[0].end <= where[0]
        and not money[0].unclear
        and _ITS_PRICE.fullmatch(low, money[0].end, where[0])
        and not _AT_ONCE.match(low, where[1])
    ):
        return _said(money, "stated as the price of the share")
    stated = [m for m in money if _STATED.search(low[: m.start][-14:])]
    if len(stated) == 1 and stated[0].start > where[1]:
        return _said(stated, "stated as the share")
    totals = [
        m
        for m in money
        if m.start >= where[1]
        and re.search(r"\b(?:of|on|from|von|vom|de|del|des|der|du|sur)\b", low[where[1] : m.start])
        and not re.search(r"[.;!?]|,\s", low[where[1] : m.start])
    ]
    if len(totals) == 1 and not totals[0].unclear:
        total = totals[0].value * share
        others = [m for m in money if m is not totals[0]]
        if any(m.value != total.quantize(_CENT) for m in others):
            return Sum(None, None, (), "the share and the stated sum differ")
        return Sum(total, None, (), f"{share * 100:.0f}% of {totals[0].value}")
    if (
        len(money) == 1
        and re.match(
            r"\s*(?:deposit|down ?payment|upfront|advance|anzahlung|anticipo|"
            r"acompte)?\s*[:=(,]?\s*$",
            low[where[1] : money[0].start],
        )
        and where[1] <= money[0].start
        and not money[0].unclear
        and low[where[1] : money[0].start].strip()
    ):
        return _said(money, "stated beside the share")
    return Sum(None, None, (), "a share of an uncertain total")


def _stated(low: str, money: list[Money], language: str) -> Sum | None:
    stated = [
        m
        for m in money
        if re.search(
            r"(?:\bin total|\btotal|\btotalling|\ball in all|\bmakes|\bso that's|=)\s*:?\s*$",
            low[: m.start][-16:],
        )
        or re.match(r"\s*(?:in total|total|altogether|all in|insgesamt|en total)\b", low[m.end :])
    ]
    if len(stated) == 1 and len(money) > 1 and not stated[0].unclear:
        return _said(stated, "stated as a total")
    return None


def _arithmetic(low: str, money: list[Money], language: str) -> Sum | None:
    less = find_discount(low)
    if less and len(money) == 1 and not money[0].unclear:
        percent = (less.value * 100).normalize()
        return Sum(
            money[0].value * (1 - less.value), None, (), f"{percent:f}% off {money[0].value}"
        )
    if len(money) < 2 or any(m.unclear for m in money):
        return None
    total = money[0].value
    for first, second in pairwise(money):
        between = low[first.end : second.start]
        if _PLUS.match(between):
            total += second.value
        elif _LESS.match(between):
            total -= second.value
        else:
            return None
    return Sum(total, None, ((money[0].start, money[-1].end),), "added up")


def _single(low: str, money: list[Money], language: str) -> Sum | None:
    part = [m for m in money if not _OF_TOTAL.search(low[: m.start][-24:])]
    candidates = part if part and len(part) < len(money) else money
    if len(candidates) > 1:
        said = [m for m in candidates if not m.bare]
        # A number without a currency beside a sum with one is usually no sum at all.
        candidates = said or candidates
        candidates = [m for m in candidates if not is_year(low, m)] or candidates
    values = {m.value for m in candidates}
    if len(values) != 1:
        return None
    if any(m.unclear for m in candidates):
        return Sum(None, None, (), "the sum is not certain")
    if _REST.search(low) and len(money) > 1:
        return Sum(None, None, (), "a rest is asked for")
    return _said(candidates, "the sum in the message")


def _within_words(low: str, each: Money, money: list[Money]) -> bool:
    """Whether a number without a currency stands in the words that say what a sum is for."""
    intro = next(reversed([*WHAT_FOR.finditer(low, 0, each.start)]), None)
    if intro is None or not each.bare or re.search(r"[.!?]\s|\n", low[intro.end() : each.start]):
        return False
    return any(m.end <= intro.start() for m in money) or bool(
        re.search(r"[^\W\d_]{2}", low[intro.end() : each.start])
    )


def _said(money: list[Money], why: str) -> Sum:
    return Sum(money[0].value, None, tuple((m.start, m.end) for m in money), why)
