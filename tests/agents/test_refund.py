"""A refund is a credit note for a whole invoice; the money goes from the owner's bank."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from agents import playbooks
from agents.outcomes import Ask, Say
from agents.requests import RefundIssue
from connectors.billing import PaymentParams
from core.plans import Plan
from tests.agents.test_playbooks import Situation, situation

__all__ = ["situation"]

WHO = "Northwind Traders"


async def _paid(made: Situation, minor: int, *, of: int | None = None, client: str = WHO) -> str:
    number = await made.issue(client, of or minor)
    await made.billing.record_payment(
        f"pay-{number}",
        PaymentParams(invoice=number, amount_minor=minor, currency="EUR", date=date(2026, 11, 23)),
    )
    return number


async def _made(
    made: Situation, extra: dict[str, Any] | None = None, message: str = "", **more: Any
) -> Any:
    request = RefundIssue.model_validate({"to": WHO} | more)
    return await playbooks.make(request, made.context(message, extra=extra or {}))


async def test_a_paid_invoice_is_credited_and_the_owner_sends_the_money(
    situation: Situation,
) -> None:
    number = await _paid(situation, 240_000)
    await situation.issue(WHO, 50_000)  # not paid, so there is nothing to give back
    plan = await _made(situation, reason="cancelled workshop")
    assert isinstance(plan, Plan)
    [step] = plan.steps
    assert step.action == "billing.credit"
    assert step.params == {
        "invoice": number,
        "client_name": WHO,
        "total_minor": 240_000,
        "currency": "EUR",
    }
    shown = {value.label: value.shown for value in plan.values}
    assert shown["Credit note"] == "2,400.00 EUR, the whole invoice"
    assert shown["You send"] == "2,400.00 EUR from your bank: none is connected here"
    assert shown["Because"] == "cancelled workshop"
    assert "Lapses" not in shown
    assert plan.afterword.startswith(f"Now send 2,400.00 EUR to {WHO} from your bank.")
    action = next(a for a in situation.billing.actions() if a.name == "billing.credit")
    done = await action.perform("t", action.params.model_validate(step.params))
    assert "by credit note CN-2026-001" in done.receipt


async def test_what_was_still_open_lapses_and_is_said(situation: Situation) -> None:
    await _paid(situation, 100_000, of=240_000)
    plan = await _made(situation)
    shown = {value.label: value.shown for value in plan.values}
    assert shown["Lapses"] == "1,400.00 EUR that is still open"
    assert shown["You send"].startswith("1,000.00 EUR")


async def test_of_several_the_amount_or_the_owner_tells_which(situation: Situation) -> None:
    small, large = await _paid(situation, 10_000), await _paid(situation, 20_000)
    asked = await _made(situation)
    assert isinstance(asked, Ask)
    assert {choice.answer for choice in asked.choices} == {small, large}
    for told in ({"amount": Decimal(200)}, {"extra": {"invoice_no": large}}):
        plan = await _made(situation, **told)
        assert large in plan.title


@pytest.mark.parametrize(
    ("amount", "currency", "told"),
    [
        ("50", None, "50.00 EUR is a part of what Northwind Traders paid."),
        ("500", None, "never paid as much as 500.00 EUR"),
        ("100", "USD", "never paid as much as 100.00 USD"),
    ],
)
async def test_an_amount_that_is_no_invoices_is_not_given_back(
    situation: Situation, amount: str, currency: str | None, told: str
) -> None:
    number = await _paid(situation, 10_000)
    said = await _made(situation, amount=Decimal(amount), currency=currency)
    assert isinstance(said, Say)
    assert told in said.text
    assert "no bank is connected" in said.text
    assert "Nothing was done." in said.text
    assert f"{number} over 100.00 EUR" in said.text


async def test_where_nothing_was_paid_nothing_goes_back(situation: Situation) -> None:
    await situation.issue(WHO, 50_000)
    said = await _made(situation)
    assert isinstance(said, Say)
    assert "no money from Northwind Traders" in said.text
    number = await _paid(situation, 10_000)
    action = next(a for a in situation.billing.actions() if a.name == "billing.credit")
    params = {"invoice": number, "client_name": WHO, "total_minor": 10_000, "currency": "EUR"}
    await action.perform("t", action.params.model_validate(params))
    assert isinstance(await _made(situation), Say)  # it was cancelled already


async def test_somebody_unknown_is_not_guessed(situation: Situation) -> None:
    said = await _made(situation, to="Latoya Greene", amount=Decimal(120), currency="USD")
    assert isinstance(said, Say)
    assert "no money from Latoya Greene" in said.text
    asked = await _made(situation, to="Northwind")
    assert isinstance(asked, Ask)
    assert [choice.answer for choice in asked.choices] == [WHO, "Northwind Bakery"]


async def test_somebody_of_the_ledger_who_is_no_client_is_found(situation: Situation) -> None:
    await _paid(situation, 4_900, client="Yuki Tanabe")
    plan = await _made(situation, to="yuki tanabe", amount=Decimal(49))
    assert isinstance(plan, Plan)
    assert plan.title.startswith("Refund Yuki Tanabe: credit note for")


async def test_without_a_name_those_who_paid_are_offered(situation: Situation) -> None:
    await _paid(situation, 10_000)
    asked = await _made(situation, to=None)
    assert isinstance(asked, Ask)
    assert (asked.slot, [choice.answer for choice in asked.choices]) == ("to", [WHO])


async def test_an_invoice_may_be_named_by_its_number(situation: Situation) -> None:
    first, second = await _paid(situation, 10_000), await _paid(situation, 20_000)
    other = await _paid(situation, 30_000, client="Yuki Tanabe")
    ways: list[dict[str, Any]] = [{"to": None}, {"to": WHO}, {"to": "Nora", "amount": Decimal(200)}]
    for told in ways:
        plan = await _made(situation, message=f"Refund invoice {second}", **told)
        assert isinstance(plan, Plan)
        assert second in plan.title
    said = await _made(situation, message=f"Refund 50 EUR of {first}", amount=Decimal(50))
    assert isinstance(said, Say)
    assert "is a part of" in said.text
    # The number of another order in the same message is not this refund's.
    message = f"Refund Northwind 100 EUR and write about {other}"
    assert first in (await _made(situation, message=message, amount=Decimal(100))).title


async def test_an_invoice_that_was_not_paid_is_not_refunded(situation: Situation) -> None:
    number = await situation.issue(WHO, 50_000)
    said = await _made(situation, message=f"Refund {number}", to=None)
    assert isinstance(said, Say)
    assert f"Invoice {number} was not paid" in said.text


async def test_a_refund_whose_sum_is_unclear_is_asked_about(situation: Situation) -> None:
    await _paid(situation, 240_000)
    asked = await _made(situation, unclear="amount")
    assert isinstance(asked, Ask)
    assert asked.slot == "amount"
