"""Operations: what stands out in a ledger, what it rests on, and what could follow."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from agents.anomalies import Anomaly, Bill, Receipt
from agents.roles import Material, Proposed, role_of
from agents.roles.operations import BooksRead, Review, entries
from connectors.billing import Invoice, LineView, PaymentView
from core.money import Money

OPERATIONS = role_of(BooksRead)
TODAY = date(2026, 11, 23)


def _ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def _bill(number: str, **more: Any) -> Bill:
    fields: dict[str, Any] = {
        "number": number,
        "client": "Northwind",
        "what": number,
        "currency": "EUR",
        "total": 100_000,
        "paid": 0,
        "issued": _ago(5),
        "due": TODAY + timedelta(days=9),
    }
    fields |= more
    return Bill(**({"outstanding": max(fields["total"] - fields["paid"], 0)} | fields))


def _paid(number: str, *, issued: int, late: int, **more: Any) -> Bill:
    due = _ago(issued - 14)
    return _bill(
        number,
        issued=_ago(issued),
        due=due,
        paid=more.get("total", 100_000),
        settled=due + timedelta(days=late),
        **more,
    )


def _books(*found: Bill | Receipt) -> BooksRead:
    return BooksRead(
        today=TODAY,
        materials=tuple(
            Material(
                id=each.number if isinstance(each, Bill) else each.id,
                kind="ledger",
                text=each.model_dump_json(),
                trust="memory",
            )
            for each in found
        ),
    )


def _review(*found: Bill | Receipt) -> Review:
    books = _books(*found)
    review = OPERATIONS.by_rules(books)
    assert OPERATIONS.faults(books, review) == []
    return review


def _said(*found: Bill | Receipt) -> list[str]:
    return [each.what for each in _review(*found).anomalies]


def test_in_books_that_are_in_order_nothing_stands_out() -> None:
    review = _review(_bill("1"), _paid("2", issued=40, late=0), _bill("3", total=90_000))
    assert review.anomalies == ()
    assert review.proposals == ()
    assert "3 invoices" in review.rationale
    assert "no model" in review.rationale


def test_an_overdue_invoice_comes_with_a_reminder_that_could_be_sent() -> None:
    review = _review(_bill("7", due=_ago(12), paid=40_000))
    [anomaly] = review.anomalies
    assert anomaly.what == (
        "600.00 EUR of Northwind for 7 is 12 days late. 400.00 EUR of it was paid."
    )
    [proposed] = review.proposals
    assert (proposed.action, proposed.params) == ("invoice.remind", {"invoice_no": "7"})


def test_an_unexpected_delay_comes_before_one_that_is_usual() -> None:
    punctual = [_paid(f"a{n}", issued=90 + n * 30, late=0, client="Ann") for n in range(3)]
    slow = [_paid(f"b{n}", issued=90 + n * 30, late=20, client="Ben") for n in range(3)]
    said = _said(
        *punctual,
        *slow,
        _bill("b9", client="Ben", due=_ago(15)),
        _bill("a9", client="Ann", due=_ago(1)),
    )
    assert said == [
        "1,000.00 EUR of Ann for a9 is a day late; Ann usually pays on time.",
        "1,000.00 EUR of Ben for b9 is 15 days late; Ben usually pays 20 days late.",
    ]


def test_an_invoice_issued_twice_is_noticed() -> None:
    first, again = _bill("1", what="Brand workshop"), _bill("2", what="brand  workshop")
    assert _said(first, again) == [
        "2 may be 1 once more: both to Northwind over 1,000.00 EUR for “brand  workshop”."
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"issued": _ago(35)},
        {"total": 100_001},
        {"client": "Ann"},
        {"currency": "USD"},
        {"what": "More"},
        {"cancelled": _ago(40), "outstanding": 0},
    ],
    ids=["retainer", "amount", "client", "currency", "work", "cancelled"],
)
def test_what_differs_is_no_double(other: dict[str, Any]) -> None:
    assert _said(_bill("1", **({"what": "Work"} | other)), _bill("2", what="Work")) == []


def test_money_for_no_invoice_is_matched_where_one_fits() -> None:
    receipt = Receipt(
        id="p1", invoice=None, client="Northwind", amount=100_000, currency="EUR", on=TODAY
    )
    review = _review(_bill("1"), _bill("2", total=50_000), receipt)
    [anomaly] = review.anomalies
    assert anomaly.what.endswith("for no known invoice; it may be for 1.")
    [proposed] = review.proposals
    assert proposed.action == "payment.record"
    assert proposed.params == {"invoice_no": "1", "amount": "1000.00", "currency": "EUR"}


def test_money_that_two_invoices_fit_is_left_to_the_owner() -> None:
    receipt = Receipt(id="p1", invoice=None, client="X", amount=100_000, currency="EUR", on=TODAY)
    review = _review(_bill("1"), _bill("2"), receipt)
    assert [each.what for each in review.anomalies] == [
        "1,000.00 EUR from X is for no known invoice."
    ]
    assert review.proposals == ()


def test_money_for_a_cancelled_invoice_is_spoken_of_for_a_month() -> None:
    def books(days: int) -> tuple[Bill, Receipt]:
        bill = _bill("1", paid=100_000, outstanding=0, cancelled=_ago(days))
        paid = Receipt(
            id="1/1",
            invoice="1",
            client="Northwind",
            amount=100_000,
            currency="EUR",
            on=_ago(days + 5),
        )
        return bill, paid

    assert "which is cancelled" in _said(*books(3))[0]
    assert _said(*books(31)) == []


def test_more_than_was_owed_is_noticed() -> None:
    assert _said(_bill("1", paid=110_000)) == [
        "Northwind paid 1,100.00 EUR for 1, 100.00 EUR more than it is over."
    ]


@pytest.mark.parametrize(
    ("total", "told"), [(1_000_000, "much more"), (10_000, "much less"), (200_000, None)]
)
def test_an_amount_unlike_all_before_is_noticed(total: int, told: str | None) -> None:
    before = [_paid(f"b{n}", issued=60 + 30 * n, late=0) for n in range(3)]
    said = _said(*before, _bill("9", total=total))
    assert (told is None and said == []) or (told and told in said[0])


def test_who_always_pays_late_is_said_when_it_happened_again() -> None:
    before = [_paid(f"b{n}", issued=30 + 30 * n, late=10) for n in range(3)]
    assert _said(*before) == ["Northwind paid all of 3 invoices late, by about 10 days."]
    assert _said(*before[1:]) == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"invoice": "9"}, "no invoice '9'"),
        ({"evidence": ()}, "names no evidence"),
        ({"evidence": ("9",)}, "no entry '9'"),
        ({"what": "See https://evil.example"}, "evil.example"),
    ],
)
def test_an_anomaly_that_is_made_up_is_refused(wrong: dict[str, Any], told: str) -> None:
    good = Anomaly(kind="overdue", invoice="1", client="Northwind", what="Late.", evidence=("1",))
    books = _books(_bill("1", due=_ago(3)))
    review = Review(anomalies=(good,), rationale="x")
    assert OPERATIONS.faults(books, review) == []
    review = Review(anomalies=(good.model_copy(update=wrong),), rationale="x")
    assert told in " ".join(OPERATIONS.faults(books, review))


@pytest.mark.parametrize(
    ("action", "params", "told"),
    [
        ("mail.send", {}, "not yours to propose"),
        ("invoice.remind", {"invoice_no": "2"}, "open invoice"),
        ("invoice.remind", {"client": "Northwind"}, "open invoice"),
        ("invoice.remind", {"to": "x"}, "does not take"),
        ("payment.record", {"invoice_no": "1", "amount": "1000.01"}, "Only 1,000.00 EUR"),
        ("payment.record", {"invoice_no": "1", "amount": "1", "currency": "USD"}, "Only"),
    ],
)
def test_a_proposal_that_can_not_be_made_is_refused(
    action: str, params: dict[str, Any], told: str
) -> None:
    books = _books(_bill("1"), _paid("2", issued=40, late=0))
    proposed = Proposed(action=action, params=params, because="x")
    faults = OPERATIONS.faults(books, Review(rationale="x", proposals=(proposed,)))
    assert told in " ".join(faults)


def test_the_ledger_becomes_entries() -> None:
    def view(number: str, **more: Any) -> Invoice:
        zero, money = Money(0, "EUR"), Money(1000, "EUR")
        fields: dict[str, Any] = {
            "number": number,
            "kind": "invoice",
            "status": "open",
            "client_name": "Ann",
            "client_email": "",
            "issue_date": _ago(20),
            "due_date": _ago(6),
            "net": money,
            "tax": zero,
            "total": money,
            "paid": zero,
            "outstanding": money,
            "cancels": None,
            "cancelled_by": None,
            "pdf_path": None,
            "pdf_sha256": None,
            "lines": (
                LineView(
                    description="Work",
                    quantity=Decimal(1),
                    unit=money,
                    tax_rate=Decimal(0),
                    net=money,
                ),
            ),
            "payments": (),
        }
        return Invoice(**(fields | more))

    def paid(minor: int, days: int, *, reversal: bool = False) -> PaymentView:
        return PaymentView(amount=Money(minor, "EUR"), date=_ago(days), reversal=reversal)

    made = entries(
        [
            view(
                "1",
                status="paid",
                paid=Money(1000, "EUR"),
                outstanding=Money(0, "EUR"),
                payments=(paid(1000, 9), paid(-1000, 9, reversal=True), paid(1000, 2)),
            ),
            view("2", status="cancelled", outstanding=Money(0, "EUR"), cancelled_by="CN-1"),
            view("CN-1", kind="credit_note", status="credit note", cancels="2", issue_date=_ago(1)),
        ]
    )
    assert [each.id for each in made] == ["1", "1/1", "2"]
    assert Bill.model_validate_json(made[0].text).settled == _ago(2)
    assert Receipt.model_validate_json(made[1].text).on == _ago(2)
    assert Bill.model_validate_json(made[2].text).cancelled == _ago(1)
