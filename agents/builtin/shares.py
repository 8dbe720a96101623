"""Percentages and fractions in a text: which are of a sum, and which say what is sold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from agents.builtin.amounts import NEXT_WORD, Money
from agents.builtin.lexicon import FUNCTION, words

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

_TAX = re.compile(r"\s*(?:vat|mwst|ust|iva|tva|tax|gst|sales tax|mehrwertsteuer|umsatzsteuer)\b")

_DISCOUNT = re.compile(
    r"(?P<pct>\d{1,2}(?:[.,]\d+)?)\s*(?:%|percent|per cent|prozent)\s*(?:discount|off|cheaper|less|"
    r"rebate|rabatt|nachlass|descuento|remise)|"
    r"\b(?:minus|less|abzüglich|menos|moins|discount\s+of|rabatt\s+von|take\s+off|knock\s+off|"
    r"knocking\s+off|"
    r"taking\s+off)\s+(?:the\s+|a\s+|her\s+|his\s+|their\s+)?(?P<pct2>\d{1,2}(?:[.,]\d+)?)\s*(?:%|"
    r"percent|per cent|prozent)"
)

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
            or any(m.start() < match.end() <= m.end() for m in _DISCOUNT.finditer(low))
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


def find_discount(low: str) -> Share | None:
    """What a text takes off a sum."""
    match = _DISCOUNT.search(low)
    if match is None or _names_a_thing(low, match):
        return None
    return Share(_percent(match["pct"] or match["pct2"]), *match.span())


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
