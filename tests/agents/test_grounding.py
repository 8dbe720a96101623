"""What a model adds to the operator's words is marked, and counts as untrusted."""

import pytest

from agents.grounding import grounded, mark
from agents.requests import EmailWrite, InvoiceCreate
from core.plans import Origin, Plan, Value

MESSAGE = "email northwind: the draft moves to Friday"


def _plan(**shown: str) -> Plan:
    values = tuple(
        Value(slot=slot, label=slot, shown=text, origin=Origin.SAID) for slot, text in shown.items()
    )
    return Plan(intent="email.write", title="Mail", steps=(), values=values)


@pytest.mark.parametrize(
    ("shown", "message", "there"),
    [
        ("2,400.00 EUR", "invoice 2400 eur", True),
        ("2,400.00 EUR", "invoice 2.400,00 EUR", True),
        ("2,500.00 EUR", "invoice 2400 eur", False),
        ("evil@x.example", "email northwind hi", False),
        ("The draft moves to Friday", MESSAGE, True),
        ("Pay to IBAN DE99", MESSAGE, False),
    ],
)
def test_only_what_was_written_is_grounded(shown: str, message: str, there: bool) -> None:
    assert grounded(shown, message) is there


def test_an_invented_text_and_address_are_marked() -> None:
    request = EmailWrite(to="evil@x.example", about="pay to the new account")
    plan = mark(
        _plan(to="evil@x.example", body="Hello, pay to the new account."),
        request,
        message=MESSAGE,
        model="gpt-x",
        known=(),
    )
    assert plan.origins == ("untrusted",)
    assert all(v.origin is Origin.WORKED_OUT and "gpt-x" in v.source for v in plan.values)


def test_the_operators_own_words_stay_their_own() -> None:
    request = EmailWrite(to="northwind", about="the draft moves to Friday")
    plan = _plan(to="Northwind Traders", body="Hello Nora, The draft moves to Friday. Regards")
    assert mark(plan, request, message=MESSAGE, model="gpt-x", known=()) == plan


def test_what_the_built_in_reading_found_too_is_trusted() -> None:
    request = InvoiceCreate(client="Ana", amount="1950")
    plan = _plan(client="Ana", amount="1,950.00 EUR")
    text = "3 days at 650 for Ana"
    assert mark(plan, request, message=text, model="gpt-x", known=(request,)) == plan
    assert mark(plan, request, message=text, model="gpt-x", known=()).origins == ("untrusted",)
