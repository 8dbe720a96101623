"""Money is exact, in whole minor units, and says its currency."""

from decimal import Decimal

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from core.errors import FactotumError
from core.money import Money

CODES = st.sampled_from(["EUR", "USD", "GBP", "CHF", "JPY", "KRW", "KWD", "BHD", "TND"])
MINOR = st.integers(min_value=-(10**15), max_value=10**15)


@given(MINOR, CODES)
def test_what_is_written_can_be_read_back(minor: int, code: str) -> None:
    money = Money(minor, code)
    assert Money.of(money.amount, code) == money
    digits, _, shown = str(money).partition("\N{NO-BREAK SPACE}")
    if not shown:
        digits, _, shown = str(money).rpartition(" ")
    assert shown == code
    assert Money.of(digits.replace(",", "").replace("\N{MINUS SIGN}", "-"), code) == money


@given(MINOR, MINOR, CODES)
def test_sums_are_exact(one: int, two: int, code: str) -> None:
    total = Money(one, code) + Money(two, code)
    assert total.minor == one + two
    assert total.amount == Money(one, code).amount + Money(two, code).amount
    assert total - Money(two, code) == Money(one, code)


@given(MINOR, CODES)
def test_no_float_gets_in_or_out(minor: int, code: str) -> None:
    money = Money(minor, code)
    assert type(money.minor) is int
    assert type(money.amount) is Decimal
    assert type(Money.of(str(money.amount), code).minor) is int


@pytest.mark.parametrize(
    ("amount", "code", "minor", "shown"),
    [
        ("2400", "EUR", 240_000, "2,400.00 EUR"),
        ("0.1", "USD", 10, "0.10 USD"),
        ("2400", "JPY", 2400, "2,400 JPY"),
        ("1.2345", "KWD", 1235, "1.235 KWD"),
        ("1.005", "EUR", 101, "1.01 EUR"),
        ("-1.005", "EUR", -101, "-1.01 EUR"),
        ("0.5", "JPY", 1, "1 JPY"),
    ],
)
def test_the_currency_says_how_many_digits(amount: str, code: str, minor: int, shown: str) -> None:
    money = Money.of(amount, code.lower())
    assert money.minor == minor
    assert str(money).replace("\N{NO-BREAK SPACE}", " ") == shown
    assert -get_currency_precision(code) == (
        Decimal(money.amount).as_tuple().exponent if get_currency_precision(code) else 0
    )


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "abc", "", "9" * 40, "1e400"])
def test_what_is_no_amount_is_refused_in_words(amount: str) -> None:
    with pytest.raises(FactotumError, match="not an amount"):
        Money.of(amount, "EUR")


def test_of_what_is_no_amount_forty_characters_are_shown() -> None:
    for length, shown in ((39, 39), (40, 40), (41, 40), (5000, 40)):
        with pytest.raises(FactotumError) as told:
            Money.of("x" * length, "EUR")
        assert told.value.message == f"'{'x' * shown}' is not an amount."


@pytest.mark.parametrize("code", ["", "EU", "XYZ1", "EURO", "€"])
def test_an_unknown_currency_is_refused_in_words(code: str) -> None:
    with pytest.raises(FactotumError, match="currency"):
        Money.of(1, code)


def test_currencies_never_mix() -> None:
    with pytest.raises(ValueError, match="USD and EUR"):
        Money(1, "USD") + Money(1, "EUR")
    with pytest.raises(ValueError, match="EUR and USD"):
        Money(1, "EUR") - Money(1, "USD")
