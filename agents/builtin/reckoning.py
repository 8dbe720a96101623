"""Sums that follow from others: a rest, an equal share, several that are meant together."""

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from agents.builtin.amounts import Money, is_year
from agents.builtin.lexicon import SMALL_NUMBERS, alternatives
from agents.builtin.products import extra
from agents.builtin.total import Sum, unknown

REST = re.compile(
    r"\b(?:rest|remaining|remainder|balance|difference|outstanding|other half|what's\s+left|"
    r"what\s+is\s+left|"
    r"what\s+remains|still\s+open|restbetrag|restlichen?|resto|reste|solde)\b"
)
"""What asks for a sum less what was paid of it."""
_TAKEN_OFF = re.compile(
    r"\b(?:minus|less|abzüglich|menos|moins|deduct(?:ing|ed)?|subtract(?:ing|ed)?|take\s+off|"
    r"taking\s+off|"
    r"knock(?:ed)?\s+off|after\s+deducting)\b"
)
_LEFT = re.compile(
    r"\b(?:(?:the|die|les|los)\s+)?(?:remaining|outstanding|final|open|restlichen|restantes|restants)\s*[€$£₹]?\s*$"
)
_LEFT_OF = re.compile(r"\s*(?:out\s+)?(?:of|from|von|de)\s+(?:the|den|les|los)\s+(?:total\s+)?")
""" "the remaining 400 of the 600"."""
_PAID = re.compile(
    r"\b(?:paid|pays|put\s+down|deposit|advance|upfront|up\s+front|down\s*payment|prepaid|prepayment|"
    r"received|retainer|"
    r"transferred|instalment|installment|settled|anzahlung|bezahlt|gezahlt|anticipo|adelanto|"
    r"pagado|acompte|versé)\b"
)
_FREE = re.compile(
    r"\b(?:first|last|one|two|second|third|half|\d+)\b[^.;!?,]{0,30}\b(?:free|on\s+the\s+house|"
    r"for\s+nothing|gratis|"
    r"complimentary|half[\s-]price|reduced|discounted|cheaper|not\s+charged|free\s+of\s+charge|"
    r"doesn't\s+count|don't\s+count)\b"
)
_MORE = re.compile(
    r"\s*(?:each|apiece|(?:an?|per|pro|the|die|la|/)\s*[^\W\d_]+)?\s*(?:\bplus|\+|\bzzgl\.?|\bzuzüglich|\bmás)"
    r"\s+(?P<what>(?!(?:the\s+|any\s+)?(?:vat|tax|gst|mwst|ust|iva|tva|sales)\b)[^.,;!?\n\d%]+)(?=[.,;!?\n]|$)|"
    r"\s+(?:and|with)\s+(?P<top>(?!(?:the\s+|any\s+)?(?:vat|tax|gst|mwst|ust|iva|tva|sales)\b)[^.,;!?\n\d%]{2,40}?)"
    r"\s+on\s+top\b"
)
"""What comes on top of a sum, and no number says how much: "70 plus parts"."""
_N = rf"(?P<n>\d{{1,2}}|{alternatives(set(SMALL_NUMBERS) - {'a', 'an', 'one', 'couple'})})"
_SPLIT = re.compile(
    rf"\b{_N}\s+(?:of\s+(?:them|us)|[^\W\d_]+(?:\s+[^\W\d_]+)?)\s+(?:will\s+|are\s+|all\s+)?"
    r"(?:shar(?:e|ed|ing)|split(?:ting)?|divid(?:e|ed|ing))\b|"
    r"\b(?:shared?|split|divided?|halved|teilen|geteilt)\b[^.;!?]{0,40}?"
    rf"\b(?:between|among|amongst|by|into|in|durch)\s+(?:the\s+|all\s+"
    rf")?{_N.replace('<n>', '<n2>')}\b|"
    rf"\bsplit\b[^.;!?]{{0,20}}?\b{_N.replace('<n>', '<n3>')}\s+ways\b"
)
_TOGETHER = re.compile(
    r"\b(?:for\s+the\s+(?:sum|lot|total)|(?:as|in)\s+(?:a\s+single|one)\s+(?:payment|invoice|bill|"
    r"refund|sum|go|amount)|"
    r"(?:a\s+single|one)\s+(?:payment|invoice|bill|refund)\s+for\s+(?:both|all|the\s+lot|"
    r"everything|the\s+sum)|"
    r"together|combined|altogether|added\s+up|add\s+(?:them|it|both)\s+(?:up|together)|all\s+in\s+"
    r"one|the\s+sum\s+of|"
    r"in\s+(?:two|three|four|several)\s+(?:goes|parts|instalments|installments|payments|transfers|"
    r"tranches|bits)|"
    r"(?:record|book|log|enter|note|invoice|bill|charge|refund)\s+(?:\w+\s+)?the\s+(?:total|sum|lot|whole)|"
    r"(?:both\s+)?on\s+(?:one|the\s+same)\s+(?:invoice|bill)|zusammen|en\s+total|ensemble)\b"
)
_ON_ONE = re.compile(
    r"\b(?:on|as)\s+(?:one|a\s+single|the\s+same)\s+(?:invoice|bill)\b|"
    r"\b(?:one|a\s+single)\s+(?:invoice|bill)\s+for\s+(?:both|all|everything|the\s+(?:lot|two))\b"
)
_NEXT_POSITION = re.compile(r"\s*(?:,|and|plus|&)\s+[^.,;:!?\d]{2,40}")
""" "Trimming 340 and carting off the waste 65, both on one invoice"."""
_JOINS = re.compile(
    r"[\s,]*(?:(?:and|plus|then|und|y|et|&|\+|another|a\s+further|once|later)\s*)*[\s,]*"
)
_ITEM = re.compile(r"\s+(?:for|für|por|para|pour)\s+")
_COST = re.compile(
    r"\s+(?:of\s+)?(?:labou?r|materials?|parts|travel|expenses|delivery|shipping|postage|work|tools)\b"
)
_NEXT_ITEM = re.compile(r"(?:,|\band|\bplus|\+|\bund|\by|\bet|&)\s*(?:another\s+|a\s+further\s+)?$")

_ANOTHER = re.compile(
    r"[^.;!?\d]{0,50}?(?P<op>(?:,|\band\b|\bund\b|\by\b|\bet\b|\bplus\b)\s*(?P<more>another\s+|a\s+"
    r"further\s+|an\s+(?:extra|additional)\s+|noch(?:\s+mal)?\s+|otros\s+|encore\s+)?)"
)
_ON_TOP = re.compile(r"\s*(?:on\s+top|extra|obendrauf|dazu|en\s+plus|de\s+más)\b")
_ELSEWHERE = re.compile(
    r"\s*(?:to|from|an|à|a)\s|[^.;!?]{0,30}\b(?:next|later|when|after|once|then|january|in\s+\w+ber)\b"
)
"""What follows a sum that somebody else is to get, or at another time."""
_AND = re.compile(r"(?:\b(?:and|plus|another|und|y|et)|[+&])\s*$")
_FOR = re.compile(r"\s*(?:for|on\s+top|extra|in|of|für|por|para|pour)\s")
_YEAR_ALONE = re.compile(r"20[0-3]\d")
_IS_REALLY = re.compile(
    r"[.,;:!?–—-]\s[^.;!?]*\b(?:it's|its|it\s+is|it\s+was|should\s+(?:be|have\s+been|read)|meant|"
    r"it'?s\s+meant\s+to\s+be)\s+$"
)
_SLIP = re.compile(
    r"\b(?:actually|sorry|oops|wrong|typo|mistake|correction|meant|should\s+(?:be|have\s+been|read)|"
    r"wait)\b"
)
_SLIP_AFTER = re.compile(
    r"[\s,(–—-]*(?:actually|sorry|typo|my\s+(?:mistake|bad)|i\s+swapped|not)\b"
)
""" "480 for tiling. It's 840 actually": the second sum takes the first one's place."""


def is_slip(low: str, first: Money, second: Money) -> bool:
    """Whether the second of two sums is said to take the first one's place."""
    between = low[first.end : second.start]
    told = _SLIP.search(between) or _SLIP_AFTER.match(low, second.end)
    return bool(_IS_REALLY.search(between) and told)


def another(low: str, first: Money, second: Money) -> re.Match[str] | None:
    """ "500 for the gate and another 120 on top for paint": a sum that is added to the first."""
    between = low[first.end : second.start]
    more = _ANOTHER.fullmatch(between)
    if more is None or _ELSEWHERE.match(low, second.end):
        return None
    return more if more["more"] or _ON_TOP.match(low, second.end) else None


def also(low: str, each: Money) -> bool:
    """Whether a bare number is one more sum: "200 quid labour and sixty for parts"."""
    return bool(
        _AND.search(low[: each.start])
        and _FOR.match(low, each.end)
        and not is_year(low, each)
        and not _YEAR_ALONE.fullmatch(low, each.start, each.end)
    )


def uncertain(low: str, money: Sequence[Money], language: str) -> Sum | None:
    """ "200 minus whatever she left": something is taken off that no number says."""
    if _FREE.search(low):
        return unknown("some of it is free")
    for each in money:
        more = _MORE.match(low, each.end)
        if more and not any(more.start(more.lastgroup or 0) <= m.start < more.end() for m in money):
            return unknown("something is added that no number says")
    for match in _TAKEN_OFF.finditer(low):
        after = re.split(r"[.;!?](?:\s|$)", low[match.end() :])[0][:60]
        refers = _PAID.search(after) and any(m.end <= match.start() for m in money[1:])
        if (
            not re.search(r"\d|\bhalf\b|\bper\s?cent\b|\bprozent\b", after)
            and not refers
            and any(match.end() <= m.start <= match.end() + len(after) for m in money) is False
        ):
            return unknown("something is taken off that no number says")
    return None


def rest(low: str, money: Sequence[Money], language: str) -> Sum | None:
    """What is left of a total when what was paid of it is taken off."""
    if len(money) < 2 or not (REST.search(low) or _TAKEN_OFF.search(low)):
        return None
    if (
        len(money) == 2
        and (left := _LEFT.search(low[: money[0].start]))
        and _LEFT_OF.fullmatch(low, money[0].end, money[1].start)
        and not money[0].unclear
    ):
        return Sum(money[0].value, None, ((left.start(), money[1].end),), "stated as what is left")
    if not REST.search(low) and not _PAID.search(low):
        return None
    paid = [m for m in money if _is_paid(low, m, money)]
    totals = [m for m in money if m not in paid]
    if not paid or len({m.value for m in totals}) != 1 or any(m.unclear for m in money):
        return unknown("a rest of what is not certain")
    left = totals[0].value - sum((m.value for m in paid), Decimal(0))
    stated = [m for m in totals[1:] if m.value == left]
    told = [(m.start, m.end) for m in (totals if _TAKEN_OFF.search(low) else stated)]
    if _TAKEN_OFF.search(low):
        told += [extra(low, m) for m in paid]
    return Sum(left, None, tuple(told), "what is left of the total")


def _is_paid(low: str, each: Money, money: Sequence[Money]) -> bool:
    """Whether the words right around a sum say that it was paid before."""
    index = money.index(each)
    since = money[index - 1].end if index else 0
    until = money[index + 1].start if index + 1 < len(money) else len(low)
    before = re.split(r"[.;!?,]\s|\band\b", low[since : each.start])[-1]
    after = re.split(r"[.;!?,]\s|\band\b|\bof\b|\bso\b", low[each.end : until])[0]
    return bool(
        _PAID.search(before) or _TAKEN_OFF.search(before) or _PAID.search(after)
    ) and not re.search(r"\b(?:of|from|total)\s+(?:the\s+|a\s+)?$", before)


def split(low: str, money: Sequence[Money], language: str) -> Sum | None:
    """One of so many equal shares."""
    match = _SPLIT.search(low)
    if not match:
        return None
    if len(money) != 1 or money[0].unclear:
        return unknown("a share of what is not certain")
    word = match["n"] or match["n2"] or match["n3"]
    number = int(word) if word.isdigit() else SMALL_NUMBERS[word]
    if number < 2:
        return None
    return Sum(money[0].value / number, None, (), f"one of {number} equal shares")


def together(low: str, money: Sequence[Money], language: str) -> Sum | None:
    """Several sums that the text wants as one, or that are its items."""
    if len(money) < 2 or any(m.unclear for m in money):
        return None
    listed = all(_JOINS.fullmatch(low, a.end, b.start) for a, b in pairwise(money))
    items = (
        all(_ITEM.match(low, m.end) for m in money) or all(_COST.match(low, m.end) for m in money)
    ) and all(
        _NEXT_ITEM.search(low[a.end : b.start]) and not re.search(r"[.;!?]\s", low[a.end : b.start])
        for a, b in pairwise(money)
    )
    positions = _ON_ONE.search(low) and all(
        _NEXT_POSITION.fullmatch(low, a.end, b.start) for a, b in pairwise(money)
    )
    less = _TAKEN_OFF.search(low)
    if less or not ((listed and _TOGETHER.search(low)) or items or positions):
        return None
    spans = tuple((m.start, m.end) for m in money) if listed else ()
    return Sum(sum((m.value for m in money), Decimal(0)), None, spans, "added up")
