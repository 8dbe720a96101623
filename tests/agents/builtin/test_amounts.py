"""Amounts in every notation, and numbers that are none."""

from decimal import Decimal

import pytest
from babel.numbers import format_currency, format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.builtin.amounts import find_money
from agents.builtin.sums import decide
from agents.builtin.text import prepare

LOCALES = ["en_US", "en_GB", "de_DE", "de_AT", "de_CH", "fr_FR", "es_ES", "it_IT", "en_IN", "sv_SE"]
CENTS = st.integers(min_value=100, max_value=9_999_999).map(lambda c: Decimal(c) / 100)


def worth(text: str) -> tuple[Decimal | None, str | None]:
    prepared = prepare(text)
    money = find_money(prepared.raw, prepared.low, language=prepared.language)
    total = decide(prepared.low, money, language=prepared.language)
    return total.value, total.currency


@settings(deadline=None)
@given(
    amount=CENTS,
    locale=st.sampled_from(LOCALES),
    currency=st.sampled_from(["EUR", "USD", "GBP", "CHF", "INR"]),
)
def test_a_currency_format_of_any_locale_reads_back(
    amount: Decimal, locale: str, currency: str
) -> None:
    written = format_currency(amount, currency, locale=locale)
    assert worth(f"invoice Acme {written} for the logo") == (amount, currency)


@settings(deadline=None)
@given(
    amount=CENTS,
    locale=st.sampled_from(LOCALES),
    code=st.sampled_from(["EUR", "eur", "euros", "€"]),
)
def test_a_plain_number_with_a_word_for_its_money_reads_back(
    amount: Decimal, locale: str, code: str
) -> None:
    written = format_decimal(amount, format="#,##0.00", locale=locale)
    assert worth(f"bill Acme {written} {code} please") == (amount, "EUR")


@settings(deadline=None)
@given(thousands=st.integers(1, 999))
def test_k_is_a_thousand(thousands: int) -> None:
    assert worth(f"invoice Acme {thousands}k")[0] == thousands * 1000


@settings(deadline=None)
@given(count=st.integers(2, 60), rate=st.integers(20, 2000))
def test_days_times_rate(count: int, rate: int) -> None:
    assert worth(f"{count} days of training at {rate} a day")[0] == count * rate


@settings(deadline=None)
@given(
    first=st.integers(100, 9000),
    second=st.integers(100, 9000),
    slip=st.sampled_from([", no wait, ", ", sorry, ", " - I mean ", ", actually ", ", make that "]),
)
def test_a_correction_wins(first: int, second: int, slip: str) -> None:
    assert worth(f"invoice Acme {first}{slip}{second} euros")[0] == second


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("2.400,00 €", "2400", "EUR"),
        ("$1,200.50", "1200.50", "USD"),
        ("1.850 Euro", "1850", "EUR"),
        ("CHF 1'460.00", "1460", "CHF"),
        ("₹ 45 000", "45000", "INR"),
        ("₹1,25,000", "125000", "INR"),
        ("1.5k usd", "1500", "USD"),
        ("eur500", "500", "EUR"),
        ("300 bucks", "300", "USD"),
        ("a hundred quid", "100", "GBP"),
        ("two and a half thousand pounds", "2500", "GBP"),
        ("twelve hundred euros", "1200", "EUR"),
        ("zweitausend Euro für die Website", "2000", "EUR"),
        ("half of 3000", "1500", None),
        ("the 50% deposit of the 3000 total", "1500", None),
        ("30% of 10,000 as a deposit", "3000", None),
        ("half her fee, that's 75 NZD", "75", "NZD"),
        ("3 x 400", "1200", None),
        ("2 sessions at 140 each", "280", None),
        ("12 hours at 85 an hour", "1020", None),
        ("400 plus 50 shipping", "450", None),
        ("500 with a 10% discount", "450", None),
        ("1000 € plus 19% VAT", "1190", "EUR"),
        ("800 incl. 19% VAT", "800", None),
        ("6 Hocker à 45 Euro", "270", "EUR"),
        ("trois nuits à 70 euros la nuit", "210", "EUR"),
        ("30 tazas a 4 € menos 10% de descuento", "108", "EUR"),
        ("9 visits, 12.50 a go", "112.50", None),
        ("90 call-out plus 2 hours at 55", "200", None),
        ("2 stools at 80 and a bench at 150", "310", None),
        ("3 sessions of 2 hours at 50 an hour", "300", None),
        ("two dozen buns at 3 each", "72", None),
        ("five grand pianos at 120 each", "600", None),
        ("5 stools at 40 each, no wait, he took 6", "240", None),
        ("usually three at 70 but this week four, so it's 280", "280", None),
        ("4 stools at 40 each, danish kroner", "160", "DKK"),
        ("the remaining 150 of the 400", "150", None),
        ("880, not 800", "880", None),
        ("3 logos for 500", "500", None),
    ],
)
def test_worked_out(text: str, value: str, currency: str | None) -> None:
    assert worth(text) == (Decimal(value), currency)


@pytest.mark.parametrize(
    "text",
    [
        "invoice 2026-027",
        "invoice #1042",
        "3 logos",
        "20 business cards",
        "module 3",
        "at 9 o'clock in room 4",
        "+48 600 100 200",
        "net 30",
        "a couple hundred",
        "about 500",
        "500 and also 600",
        "50% of it",
        "650 a day",
        "the honey, 15 per jar",
        "3 rooms, 90 a night",
        "3 rooms for 2 nights at 90 a night",
        "3 hours at 70 plus parts",
        "3 hours at 70, so 200",
        "twice 45",
        "5 stools at 40, sorry, 50",
        "100 USD and 100 EUR",
        "3000, half upfront",
        "1.2.3",
        "between 500 and 600",
    ],
)
def test_left_out_when_it_is_no_sum_or_not_certain(text: str) -> None:
    assert worth(text)[0] is None
