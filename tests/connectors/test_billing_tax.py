"""Tax arithmetic: exact, rounded half up, adding up whatever comes in."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.billing import REVERSE_CHARGE, SMALL_BUSINESS, IssueParams, LineParams, Seller
from connectors.billing.tax import Line, totals
from core.money import Money

RATES = [Decimal(r) for r in ("0", "7", "8.1", "19", "20")]

lines = st.lists(
    st.builds(
        Line,
        quantity=st.decimals(min_value="0.000001", max_value=10_000, places=6),
        unit=st.builds(Money, st.integers(-(10**9), 10**9), st.just("EUR")),
        rate=st.sampled_from(RATES),
    ),
    min_size=1,
    max_size=40,
)


@given(lines)
def test_sums_add_up(some: list[Line]) -> None:
    sums = totals(some, "EUR")
    assert sums.gross == sums.net + sums.tax
    assert sums.net.minor == sum(line.net.minor for line in some)
    assert sums.tax.minor == sum(group.tax.minor for group in sums.by_rate)
    assert [g.rate for g in sums.by_rate] == sorted({line.rate for line in some})


@given(lines)
def test_nothing_is_off_by_more_than_half_a_minor_unit(some: list[Line]) -> None:
    for line in some:
        assert abs(line.net.minor - line.quantity * line.unit.minor) <= Decimal("0.5")
    for group in totals(some, "EUR").by_rate:
        assert abs(group.tax.minor - group.net.minor * group.rate / 100) <= Decimal("0.5")


@given(lines, st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(some: list[Line], random: Any) -> None:
    shuffled = random.sample(some, len(some))
    assert totals(shuffled, "EUR") == totals(some, "EUR")


@pytest.mark.parametrize(
    ("quantity", "unit", "net"),
    [
        ("1.5", 1, 2),
        ("2.5", 1, 3),
        ("0.5", 1, 1),
        ("0.5", -1, -1),
        ("0.49", 1, 0),
        ("1.25", 30, 38),
    ],
)
def test_half_goes_up(quantity: str, unit: int, net: int) -> None:
    assert Line(Decimal(quantity), Money(unit, "EUR"), Decimal(0)).net == Money(net, "EUR")


def test_tax_is_rounded_once_per_rate() -> None:
    three = [Line(Decimal(1), Money(33, "EUR"), Decimal(19))] * 3
    assert totals(three, "EUR").tax == Money(19, "EUR")  # 18.81, not 3 times 6.27 rounded


def issue(**changes: Any) -> IssueParams:
    fields: dict[str, Any] = {
        "client_name": "Northwind Traders",
        "client_vat_id": "IE1234567T",
        "currency": "eur",
        "issue_date": date(2026, 11, 23),
        "due_date": date(2026, 12, 7),
        "lines": (LineParams(description="Workshop", unit_minor=240_000),),
        "seller": Seller(name="Atelier", vat_id="DE1"),
    }
    return IssueParams.model_validate(fields | changes)


def test_reverse_charge_has_no_tax() -> None:
    assert issue(tax_note=REVERSE_CHARGE).totals().tax == Money(0, "EUR")


TAXED = (LineParams(description="x", unit_minor=1, tax_rate=Decimal(19)),)


@pytest.mark.parametrize(
    "changes",
    [
        {"tax_note": REVERSE_CHARGE, "lines": TAXED},
        {"tax_note": SMALL_BUSINESS, "lines": TAXED},
        {"tax_note": REVERSE_CHARGE, "client_vat_id": ""},
        {"currency": "EURO"},
        {"due_date": date(2026, 11, 22)},
        {"lines": ()},
        {"lines": (LineParams(description="x", unit_minor=0),)},
        {"lines": (LineParams(description="x", unit_minor=-5),)},
        {"client_name": "\u202e \u200b"},
        {"locale": "xx_nowhere"},
    ],
)
def test_what_is_no_invoice_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        issue(**changes)


def test_characters_that_reorder_text_are_dropped() -> None:
    assert issue(client_name="Evil\u202e\u0000 Ltd\u2066\n\tx").client_name == "Evil Ltd x"
    assert issue().currency == "EUR"
