"""Percentages and fractions in a text: which are of a sum, and which say what is sold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from agents.builtin.amounts import NEXT_WORD, Money
from agents.builtin.lexicon import FUNCTION, SMALL_NUMBERS, TAXES, alternatives, words

_FRACTION = re.compile(
    r"(?P<pct>\d{1,3}(?:[.,]\d+)?)\s*"
    r"(?:%(?!\w)|percent\b|per cent\b|prozent\b|por ciento\b|pour cent\b)"
    r"|\b(?P<half>half|die hälfte|hälfte|la mitad|mitad|la moitié|moitié)\b"
    r"|\b(?P<many>(?:two|2) thirds|(?:three|3) quarters|zwei drittel|dos tercios|deux tiers)\b"
    r"|\b(?P<third>(?:a|one|(?:the\s+|his\s+|her\s+|their\s+)?(?:first|second|last|final|third|"
    r"other|remaining)) third(?!\s+of\s+\w+ber)|ein drittel|un tercio|un tiers)\b"
    r"|\b(?P<quarter>(?:a|one|(?:the\s+|his\s+|her\s+|their\s+)?(?:last|final|"
    r"remaining)) quarter(?!\s+(?:past|to|of\s+an))|ein viertel|un cuarto|un quart)\b"
)

_SHARES = words(
    "deposit deposits downpayment upfront front advance prepayment prepaid instalment instalments "
    "installment installments payment payments share part portion half rest remaining remainder "
    "balance discount discounted rebate reduction surcharge markup mark fee commission interest "
    "increase retainer payable anzahlung vorab vorkasse vorschuss rabatt skonto nachlass aufschlag "
    "zuschlag rest restbetrag teilbetrag rate anticipo adelanto adelantado descuento recargo resto "
    "pago plazo señal acompte avance remise rabais solde reste paiement majoration"
)
"""Beside one of these a percentage is one of the sum."""

WHAT_FOR = re.compile(r"\b(?:for|für|por|para|pour)\s+")
"""What the words after it say is billed, where no sum or name follows."""

_TAX = re.compile(rf"\s*(?:de\s+)?{TAXES}")

_TENS = {
    "fifteen": 15,
    "fünfzehn": 15,
    "quince": 15,
    "quinze": 15,
    "twenty": 20,
    "zwanzig": 20,
    "veinte": 20,
    "vingt": 20,
}
_PERCENT = (
    rf"(?P<pct>\d{{1,2}}(?:[.,]\d+)?|{alternatives(SMALL_NUMBERS, _TENS)})[ -]*"
    r"(?:%|(?:percent|per cent|prozent|por ciento|pour cent)\b)"
)
_DISCOUNT = re.compile(
    rf"(?<![\w.,]){_PERCENT}\s*(?:(?:de|d')\s*)?(?:discount|off|cheaper|less|"
    r"rebate|rabatt|nachlass|skonto|descuento|dto|remise|rabais|réduction)|"
    r"\b(?:minus|less|abzüglich|abzgl\.|menos|moins|discount\s+of|rabatt\s+von|remise\s+de|"
    r"descuento\s+del?|take\s+off|knock\s+off|knocking\s+off|"
    r"taking\s+off)\s+(?:the\s+|a\s+|her\s+|his\s+|their\s+|un\s+|el\s+|une\s+)?"
    + _PERCENT.replace("<pct>", "<pct2>")
    + r"(?:\s*(?:de\s+)?(?:discount|off|rebate|rabatt|nachlass|skonto|descuento|remise|rabais)\b)?"
    r"(?:\s+(?:that\s+)?(?:i|we)(?:'ve|\s+have|\s+had)?\s+(?:promised|agreed|offered|gave|granted)[^.,;!?]*)?"
)
_ADDS = (
    r"(?:\bplus|\+|\bzzgl\.?|\bzuzüglich|\bmás|\badd(?:ing)?|\band)\s*(?:the\s+|a\s+|an\s+|el\s+|"
    r"la\s+|un\s+)?"
)
_ADDED = re.compile(
    rf"{_ADDS}{_PERCENT}\s*(?:of\s+|de\s+)?(?:{TAXES}|(?:[\w-]+\s+){{0,2}}"
    r"(?:surcharge|fee|charge|gratuity|tip|markup|aufschlag|zuschlag|recargo|supplément)\b)|"
    + rf"{_ADDS}{TAXES}\s*(?:of|at|@|\(|:|von|del)?\s*{_PERCENT.replace('<pct>', '<pct2>')}|"
    + rf"(?<![\w.,]){_PERCENT.replace('<pct>', '<pct3>')}\s*{TAXES}\s*"
    r"(?:(?:goes|comes|is|kommt)\s+)?(?:on\s+top|extra|added|obendrauf|dazu)\b"
)
"""What is added to a sum by the hundred: "plus 18% GST", "plus a 10% rush fee"."""

_WITH_TAX = re.compile(
    rf"(?:\b(?:incl(?:uding|usive\s+of|\.)?|inkl(?:usive)?\.?|with|mit|con|avec|of\s+which)\s*"
    rf"(?:the\s+|all\s+|\d+(?:[.,]\d+)?\s*%\s*)*{TAXES})|"
    rf"{TAXES}[\s-]*(?:incl(?:uded|\.)?|inclusive|inkl\.?|inklusive|incluido|compris[ea]?)\b|\bttc\b|"
    rf"\bbrutto\b|\bgross\b"
)
"""What says that a sum holds the tax already: "238 incl. VAT", "595 brutto"."""

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Share:
    """A part of one, 0.5 for "half" and "50%", and where it is said."""

    value: Decimal
    start: int
    end: int


def find_shares(low: str, money: Sequence[Money]) -> list[Share]:
    """The shares that a text asks for of a sum; not taxes, discounts and what is sold."""
    found: list[Share] = []
    for match in _FRACTION.finditer(low):
        if any(m.start <= match.start() < m.end for m in money):
            continue
        if match["pct"] and (
            _TAX.match(low, match.end())
            or any(
                m.start() < match.end() <= m.end()
                for pattern in (_DISCOUNT, _ADDED)
                for m in pattern.finditer(low)
            )
            or re.match(
                r"\s*(?:discount|off|cheaper|less|rebate|rabatt|nachlass|descuento|remise)",
                low[match.end() :],
            )
            or _describes(low, match, money)
        ):
            continue
        if match["half"] and re.match(
            r"-|\s*(?:an?\s+)?(?:hour|day|past|week|year|a day|an hour)", low[match.end() :]
        ):
            continue
        found.append(Share(_value(match), *match.span()))
    return found


def _value(match: re.Match[str]) -> Decimal:
    if match["pct"]:
        return _percent(match["pct"])
    if match["half"]:
        return Decimal("0.5")
    if match["many"]:
        return Decimal(3) / 4 if match["many"].startswith(("three", "3")) else Decimal(2) / 3
    return Decimal(1) / 3 if match["third"] else Decimal("0.25")


def _percent(digits: str) -> Decimal:
    return Decimal(digits.replace(",", ".")) / 100


def _describes(low: str, share: re.Match[str], money: Sequence[Money]) -> bool:
    """Whether a percentage belongs to what is sold ("for 100% cotton shirts"), not to the sum."""
    following = NEXT_WORD.match(low, share.end())
    word = following[1] if following else ""
    if _percent(share["pct"]) == 1 and word in {"of", "von", "de", "del", ""}:
        return True  # all of a sum is that sum
    told = _WORD.findall(low)
    if not word or word in FUNCTION or not _SHARES.isdisjoint(told):
        return False
    starts = [m.end() for m in WHAT_FOR.finditer(low, 0, share.start())]
    if not starts:
        return False
    between = low[starts[-1] : share.start()]
    return not re.search(
        r"[,;:.!?\n+]|\b(?:add|adding|plus|minus|less|and|with|charge)\b", between
    ) and not any(starts[-1] <= m.start < share.start() for m in money)


@dataclass(frozen=True, slots=True)
class Percents:
    """What a text takes off a sum and adds to it by the hundred."""

    factor: Decimal
    spans: tuple[tuple[int, int], ...]
    why: str


def find_percents(low: str) -> Percents | None:
    """The discount and the taxes of a text; None where it has none.

    The factor is 0, and no sum comes of it, where two discounts are named.
    """
    off = [m for m in _DISCOUNT.finditer(low) if not _names_a_thing(low, m)]
    on = list(_ADDED.finditer(low))
    if not off and not on:
        return None
    less, more = ({_said(m) for m in found} for found in (off, on))
    factor = Decimal(0)
    if len(less) < 2 and len(more) < 2:
        factor = (1 - sum(less, Decimal(0))) * (1 + sum(more, Decimal(0)))
    told = [f"{_said(m) * 100:g}% off" for m in off[:1]] + [
        f"{_said(m) * 100:g}% added" for m in on[:1]
    ]
    return Percents(factor, tuple(m.span() for m in (*off, *on)), ", ".join(told))


def tax_within(low: str) -> Decimal | None:
    """The share by which a text's sum, as worked out, is more than it is without tax.

    ``Decimal("0.19")`` for "1000 plus 19% VAT"; 0 where the sum is said to hold the tax but not
    at which rate; None where nothing is said of tax.
    """
    added = [m for m in _ADDED.finditer(low) if re.search(TAXES, m.group())]
    if len(added) == 1:
        return _said(added[0])
    return Decimal(0) if not added and _WITH_TAX.search(low) else None


def _said(match: re.Match[str]) -> Decimal:
    said = next(filter(None, match.groupdict().values()))
    if said[0].isdigit():
        return _percent(said)
    return Decimal(SMALL_NUMBERS.get(said) or _TENS[said]) / 100


def _names_a_thing(low: str, discount: re.Match[str]) -> bool:
    """Whether a discount is what is sold: "for the 10% off campaign"."""
    following = NEXT_WORD.match(low, discount.end())
    return bool(
        following
        and following[1] not in FUNCTION
        and re.search(
            WHAT_FOR.pattern + r"(?:the|a|an|our|their)\s+[\"']?$", low[: discount.start()]
        )
    )
