"""The one sum that a text asks for, by the arithmetic that its words ask for."""

import re
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from agents.builtin.amounts import Money, is_year
from agents.builtin.currencies import currency_alone
from agents.builtin.numbers import find_numbers
from agents.builtin.products import product
from agents.builtin.products import stated as outcomes
from agents.builtin.rates import rates
from agents.builtin.reckoning import REST, also, another, is_slip, rest, split, together, uncertain
from agents.builtin.shares import WHAT_FOR, find_percents, find_shares
from agents.builtin.total import NOTHING, Sum, said, unknown

_OF_TOTAL = re.compile(
    r"(?:(?<!net )\bof|\bout of|\bfrom|\bde|\bvon|\bsur)\s+(?:the|their|his|her|a|our|"
    r"los|der|den|les|total of|la)?\s*(?:total\s+(?:of\s+)?)?$"
)

_ITS_PRICE = re.compile(
    r"\s*(?:for|für|por|para|pour|as|als|como|comme)\s+(?:(?:the|a|an|our|my|their|first|initial|"
    r"remaining|other|die|das|den|el|la|le|les)\s+)*"
)

_IS_IT = re.compile(
    r"[^.;!?\d]{0,60}\b(?:that's|that\s+is|this\s+is|which\s+is)\s+(?:(?:the|her|his|their)\s+)?"
    r"(?:first\s+|second\s+|other\s+|last\s+)?"
)
""" "1,100 from Ida, that's the first half": the sum is the half."""
_AT_ONCE = re.compile(r"\s*(?:upfront|up\s+front|in\s+advance|now|vorab|im\s+voraus|d'avance)\b")

_CORRECTION = re.compile(
    r"^[\s,.;:!—–-]*(?:no|oh no|oops|sorry|wait|no wait|wait no|actually|scratch that|correction|i "
    r"mean|i meant|"
    r"rather|make (?:it|that)|make|nein|quatsch|doch|no espera|perdón|mejor|non|pardon|plutôt|err|"
    r"uh|um|hang on|"
    r"hold on|better|or rather|let's say|lets say|it's|its|that's|should be|it should be|"
    r"moment|ich meine|stattdessen|besser|[\s,.;:!—–-])+[\s,.;:!—–-]*$"
)

_NOT_BEFORE = re.compile(
    r"(?:\bnot|\binstead of|\brather than|\bnicht|\bstatt|\ben vez de|\bau lieu de)\s*$"
)

_WHAT = r"(?:(?:for|für|por|para|pour)\s+[^.;!?\d]{2,40}?)?[\s,]*"
_DET = r"\s*(?:(?:an?|the|my|our|her|his|their|another)\s+)?$"
_PLUS = re.compile(rf"^\s*{_WHAT}(?P<op>(?:plus|\+){_DET})")

_LESS = re.compile(rf"^\s*{_WHAT}(?P<op>(?:minus|less|abzüglich|menos|moins|-){_DET})")

_OF_IT = re.compile(
    r"\s+(?:of|from)\s+(?:it|that|this|the\s+(?:total|sum|amount|price|fee|whole))\b"
)
_JOB = re.compile(r"\s*(?:budget|job|price)\b")
_OF_SUM = re.compile(r"\s+(?:of|von|de)\s+(?:(?:the|der|den|los|les)\s+)?[€$£₹]?\s?\d")
_OF_THAT = re.compile(r"\s*(?:of|from)\s+(?:it|that|this|them|those|these)\b")
_CAME = re.compile(
    r"\b(?:came(?:\s+in)?|come(?:\s+in)?|arrived|landed|received|paid|transferred|sent|wired|is\s+in|"
    r"eingegangen|bezahlt|llegado|entrado|pagado|arrivé|payé)\b[^.;!?\d]*[:,(–—-]\s*$|"
    r"^(?:\s+of\s+(?:it|that))?\s+(?:from|by|von|de|par)\s+[^.,;:!?\d]{2,40}[,:(]\s*$"
)
""" "Half of it came in: 900": the sum is that half."""
_AND = re.compile(r"\s*(?:and|&|plus|und|y|et)\s*")
_OFF = re.compile(r"\s+off\b")
_KNOCKED = re.compile(r"\b(?:knock(?:ing)?|take|taking)\s+(?:off\s+)?$")
_IN_TOTAL = re.compile(r"\s*(?:in total|total|altogether|all in|insgesamt|en total)\b")
_TOTAL_IS = re.compile(
    r"(?:\bin total|\btotal|\btotalling|\ball in all|\bmakes|\bso that's|=)\s*:?\s*$"
)
_WHOLE = re.compile(
    r"\b(?:whole|total|full|entire|complete|all|everything|altogether|gesamt\w*|ganze\w*|todo|"
    r"entier)\b"
)
_PRICE = re.compile(
    r"\b(?:costs?|price|fee|budget|project|job|came\s+to|comes\s+to|quoted|agreed|kostet|cuesta|"
    r"coûte)\b"
    r"(?:\s+[\w'-]+){0,4}\s*(?:is|was|of|on|at|:|=)?\s*$"
)

_OUT_OF = re.compile(r"\s*(?:out\s+)?of\s+(?:the|his|her|their)\s+[€$£₹]?\s?")
""" "Of the 1,860 that Ida owes, half arrived"."""
_LESS_LATER = re.compile(r"\d\s*%|\b(?:minus|less|discount|off|deduct\w*|abzüglich|menos|moins)\b")

_CENT = Decimal("0.01")


def decide(low: str, money: list[Money], *, language: str = "en") -> Sum:
    """The one sum that a request is about, by the arithmetic that its words ask for."""
    if not money:
        return NOTHING
    spoken = {m.currency for m in money if m.currency}
    currency = next(iter(spoken)) if len(spoken) == 1 else None
    alone = None if spoken else currency_alone(low)
    if alone is not None:
        currency = alone[0]
    spans = tuple((m.start, m.end) for m in money if not _within_words(low, m, money))
    if len(spoken) > 1:
        return Sum(None, None, spans, "two currencies are named")
    for rule in (
        _corrected,
        uncertain,
        product,
        _outcome,
        rest,
        split,
        together,
        _fraction,
        _stated,
        _arithmetic,
        _single,
    ):
        result = rule(low, money, language)
        if result is not None:
            value = result.value
            if rule in _WHOLE_SUMS and find_percents(low):
                value = None  # what is taken off or added, nobody has reckoned with
            if value is not None:
                value = value.quantize(_CENT, ROUND_HALF_UP)
                if value <= 0 or value > Decimal(100_000_000):
                    value = None
            told = spans if value is None else result.spans
            if alone is not None:
                told = (*told, alone[1])
            return Sum(value, currency, told, result.why)
    return Sum(None, currency, spans, "several sums are named")


def _corrected(low: str, money: list[Money], language: str) -> Sum | None:
    for first, second in pairwise(money):
        between = low[first.end : second.start]
        if between.strip(" ,.;:!—–-") and _CORRECTION.match(between):
            if any(
                r.money is first for r in rates(low, money, find_numbers(low, language), language)
            ):
                return unknown("a count or its price is taken back")
            result = decide(low, [m for m in money if m is not first], language=language)
            return replace(result, spans=(*result.spans, (first.start, second.start)))
    for each in money:
        others = [m for m in money if m.value != each.value]
        if _NOT_BEFORE.search(low[: each.start][-14:]) and others:
            result = decide(low, others, language=language)
            wrong = [(m.start, m.end) for m in money if m.value == each.value]
            return replace(result, spans=(*result.spans, *wrong))
    if len(money) == 2 and is_slip(low, *money):
        result = decide(low, money[1:], language=language)
        return replace(result, spans=(*result.spans, (money[0].start, money[0].end)))
    return None


def _outcome(low: str, money: list[Money], language: str) -> Sum | None:
    """The last sum, where it is said to be what the ones before it come to."""
    outcome = outcomes(low, money, language)
    if len(money) < 2 or outcome != money[-1:] or money[-1].unclear or find_shares(low, money):
        return None
    if _LESS_LATER.search(low, money[-1].end):
        return None
    return said(outcome, "stated as a total")


def _fraction(low: str, money: list[Money], language: str) -> Sum | None:
    shares = find_shares(low, money)
    if len({s.value for s in shares}) == 1:
        # "The second half, so 50 %", "half of the 900, so bill that half": one share, said twice.
        shares = [s for s in shares if _OF_SUM.match(low, s.end)][:1] or shares[-1:]
    if len(shares) > 1:
        return Sum(None, None, (), "two shares are named")
    if not shares:
        return None
    share, where = shares[0].value, (shares[0].start, shares[0].end)
    if (
        len(money) == 1
        and money[0].end <= where[0]
        and not money[0].unclear
        and (
            _ITS_PRICE.fullmatch(low, money[0].end, where[0])
            or _IS_IT.fullmatch(low, money[0].end, where[0])
        )
        and not _AT_ONCE.match(low, where[1])
    ):
        return said(money, "stated as the price of the share")
    outcome = outcomes(low, money)
    if len(outcome) == 1 and outcome[0].start > where[1]:
        return said(outcome, "stated as the share")
    came = len(money) == 1 and _CAME.search(low[where[1] : money[0].start])
    whole = _IN_TOTAL.match(low, money[0].end) or _JOB.match(low, money[0].end)
    if came and not money[0].unclear and not whole:
        return said(money, "stated as what came in")
    if len(money) == 1 and not money[0].unclear and _OF_IT.match(low, where[1]):
        return Sum(money[0].value * share, None, (), f"{share * 100:.0f}% of {money[0].value}")
    totals = [
        m
        for m in money
        if m.start >= where[1]
        and not _OF_THAT.match(low, where[1])
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
        return said(money, "stated beside the share")
    whole = [m for m in money if _is_whole(low, m)]
    if len(money) == len(whole) == 1 and not money[0].unclear:
        return Sum(whole[0].value * share, None, (), f"a share of {whole[0].value}")
    return Sum(None, None, (), "a share of an uncertain total")


def _is_whole(low: str, each: Money) -> bool:
    """Whether a sentence says that a sum is the price of all: "the whole relaunch is 2,700"."""
    sentence = re.split(r"[.;!?]\s|\n", low[: each.start])[-1]
    return bool(_WHOLE.search(sentence) or _PRICE.search(sentence) or _OUT_OF.fullmatch(sentence))


def _stated(low: str, money: list[Money], language: str) -> Sum | None:
    # "500 in total: 300 and 200": the words belong to what stands before them.
    stated = [m for m in money if _IN_TOTAL.match(low, m.end)] or [
        m for m in money if _TOTAL_IS.search(low[: m.start][-16:])
    ]
    if len(stated) == 1 and len(money) > 1 and not stated[0].unclear:
        return said(stated, "stated as a total")
    return None


def _arithmetic(low: str, money: list[Money], language: str) -> Sum | None:
    percents = find_percents(low)
    if percents and len({m.value for m in money}) == 1 and not money[0].unclear:
        value = money[0].value * percents.factor
        spans = tuple((m.start, m.end) for m in money)
        return Sum(value, None, (*spans, *percents.spans), f"{percents.why} {money[0].value}")
    if len(money) < 2 or any(m.unclear for m in money):
        return None
    total = money[0].value
    spans = [(money[0].start, money[0].end)]
    for first, second in pairwise(money):
        between = low[first.end : second.start]
        tail = _OFF.match(low, second.end)
        off = tail or _KNOCKED.search(between)
        plus, less = _PLUS.match(between) or another(low, first, second), _LESS.match(between)
        start, end = second.start, tail.end() if tail else second.end
        if "already" in between:
            return None
        if off and not re.search(r"[.;!?]\s*$", between):
            total -= second.value
        elif plus:
            total, start = total + second.value, first.end + plus.start("op")
        elif less:
            total, start = total - second.value, first.end + less.start("op")
        else:
            return None
        spans.append((start, end))
    if percents:
        total *= percents.factor
        spans += percents.spans
    return Sum(total, None, tuple(spans), "added up")


def _single(low: str, money: list[Money], language: str) -> Sum | None:
    part = [m for m in money if not _OF_TOTAL.search(low[: m.start][-24:])]
    candidates = part if part and len(part) < len(money) else money
    if len(candidates) > 1:
        if any(m.bare and also(low, m) for m in candidates[1:]):
            return None
        if any(_shares_currency(low, a, b) for a, b in pairwise(candidates)):
            return None
        # A number without a currency beside a sum with one is usually no sum at all.
        candidates = [m for m in candidates if not m.bare] or candidates
        candidates = [m for m in candidates if not is_year(low, m)] or candidates
    values = {m.value for m in candidates}
    if len(values) != 1:
        return None
    if any(m.unclear for m in candidates):
        return Sum(None, None, (), "the sum is not certain")
    if REST.search(low) and len(money) > 1:
        return Sum(None, None, (), "a rest is asked for")
    return said(candidates, "the sum in the message")


def _shares_currency(low: str, first: Money, second: Money) -> bool:
    """ "700 and 550 dirhams": the first number is of the second one's currency."""
    between = _AND.fullmatch(low, first.end, second.start)
    return bool(between and first.bare and not second.bare and low[second.start].isdigit())


def _within_words(low: str, each: Money, money: list[Money]) -> bool:
    """Whether a number without a currency stands in the words that say what a sum is for."""
    intro = next(reversed([*WHAT_FOR.finditer(low, 0, each.start)]), None)
    if intro is None or not each.bare or re.search(r"[.!?]\s|\n", low[intro.end() : each.start]):
        return False
    return any(m.end <= intro.start() for m in money) or bool(
        re.search(r"[^\W\d_]{2}", low[intro.end() : each.start])
    )


_WHOLE_SUMS = (rest, split, together, _fraction, _single)
"""Rules that know of no percentages."""
