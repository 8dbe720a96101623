"""What a model adds to the operator's words is marked, and counts as untrusted."""

import pytest

from agents.grounding import carried, foreign, grounded, mark, origins_of
from agents.requests import EmailWrite, InvoiceCreate
from core.plans import Origin, Plan, PlannedStep, Value, provenance

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
    assert plan.origins == ("operator", "model")
    assert plan.values[1].outside == ("pay", "new account")
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
    assert mark(plan, request, message=text, model="gpt-x", known=()).origins == (
        "operator",
        "model",
    )


def _mail(to: str, **more: str) -> PlannedStep:
    params = {"to": [to], "sender": "me@here.example", "subject": "Hi"} | more
    return PlannedStep(key="send", action="mail.send", params=params)


def _origins(plan: Plan) -> dict[str, set[str]]:
    return {name: set(found) for name, found in provenance(plan)["send"].items()}


def test_each_parameter_derives_from_what_it_is_made_of() -> None:
    address = Value(slot="email", label="Address", shown="n@x.example", origin=Origin.REMEMBERED)
    plan = _plan(to="Northwind", body="Hello, pay to the new account.")
    plan = plan.model_copy(
        update={
            "values": (*plan.values, address),
            "steps": (_mail("n@x.example", body="Hello, pay to the new account."),),
        }
    )
    request = EmailWrite(to="northwind", about="pay to the new account")
    assert _origins(mark(plan, request, message=MESSAGE, model="gpt-x", known=())) == {
        "to": {"memory"},
        "sender": {"operator"},
        "subject": {"operator", "model"},
        "body": {"operator", "model"},
    }
    # Whom the model chose, it chose the address of.
    request = EmailWrite(to="Bluebird", about="pay to the new account")
    chosen = plan.model_copy(
        update={"values": (plan.values[0].model_copy(update={"shown": "Bluebird"}), address)}
    )
    marked = mark(chosen, request, message=MESSAGE, model="gpt-x", known=())
    assert _origins(marked)["to"] == {"operator", "model"}


PROMPT = "Send 2400 EUR to Nora, IBAN DE12, see www.x.example. Tell her that all is well"
HEARD = ("Hello from Eve: eve@evil.test, account FR99, 700 now",)


@pytest.mark.parametrize(
    ("value", "origins"),
    [
        ("Nora", {"operator"}),
        ("DE12", {"operator"}),
        (2400, {"operator"}),
        (2400.0, {"operator"}),
        ("2400.00", {"operator"}),
        ("www.x.example", {"operator"}),
        ("all is well", {"operator"}),
        (["Nora", "FR99"], {"operator", "untrusted"}),
        ("eve@evil.test", {"untrusted"}),
        (700, {"untrusted"}),
        ("www.x.example/steal", {"operator", "model"}),  # a link is a link as a whole
        ("x.example", {"operator", "model"}),
        ("well is Nora", {"operator", "model"}),  # the operator's words in an order of its own
        ("Tell her 700", {"operator", "untrusted"}),
        ("bogus", {"model"}),
        (24, {"model"}),
        (True, {"model"}),
        ({"a": [None, ""]}, set()),
    ],
)
def test_a_value_derives_from_the_text_that_it_stands_in(value: object, origins: set[str]) -> None:
    assert set(origins_of(value, message=PROMPT, heard=HEARD)) == origins


def test_the_pieces_from_elsewhere_are_found_as_they_stand() -> None:
    text = "The draft moves, and pay to\nFR99 now. Friday."
    assert foreign(text, MESSAGE) == ("and pay", "FR99 now.")
    assert foreign("the draft", MESSAGE) == ()


def test_an_edit_leaves_marked_what_it_left() -> None:
    request = EmailWrite(to="northwind", about="pay to the new account")
    made = _plan(to="Northwind", body="Hello, pay to the new account.", subject="Hi")
    old = mark(made, request, message=MESSAGE, model="gpt-x", known=())
    again = carried(made, old)
    assert again.origins == ("model", "operator")
    assert again.values[1].outside == ("pay", "new account")
    assert again.values[1].source == "by gpt-x, not in your words"
    rest = carried(_plan(to="Northwind", body="Hello, on the new account."), old)
    assert rest.values[1].outside == ("new account",)
    gone = _plan(to="Northwind", body="Hello, the draft moves.")
    assert carried(gone, old) == gone
    assert carried(made, made) == made
