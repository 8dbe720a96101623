"""The chat with a model too weak for its task: what is sure is done, the rest is told or asked."""

from collections.abc import Iterator

import pytest
from driving import Demo, Phone, demo, labels
from serving import NAME, Served

PATIENCE = 90.0
"""Seconds till an answer: the model is given up before."""


@pytest.fixture(scope="module")
def house(weak: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo whose small model is the weak one."""
    home = tmp_path_factory.mktemp("weak") / "home"
    with demo(
        home,
        FACTOTUM_MODEL_SMALL=NAME,
        FACTOTUM_MODEL_URL=weak.url,
        FACTOTUM_MODEL_TIMEOUT="10",
    ) as running:
        running.phone.heard(0, lambda m: "Welcome" in m["text"], wanted="the welcome")
        yield running


@pytest.fixture
def phone(house: Demo) -> Phone:
    return house.phone


def test_what_the_rules_are_sure_of_needs_no_model(house: Demo, phone: Phone) -> None:
    card = phone.card("Invoice Northwind 480 EUR for the flyer, net 14")
    assert "480.00 EUR" in card["text"]
    mails = len(house.mails())
    outcome = phone.approved(card)
    assert "Issued invoice" in outcome["text"]
    assert len(house.mails()) == mails + 1


@pytest.mark.parametrize(
    "text", ["invoice for 480 euros, proofreading", "someone transferred 720, put it down"]
)
def test_what_lacks_something_is_asked_and_nothing_is_done(
    house: Demo, phone: Phone, text: str
) -> None:
    mails, invoices = len(house.mails()), house.invoices()
    asked = phone.say(text)
    told = phone.heard(asked, lambda m: "?" in m["text"] and labels(m), seconds=PATIENCE)
    assert "Approve" not in labels(told)
    assert (len(house.mails()), house.invoices()) == (mails, invoices)


def test_the_owner_is_told_who_did_the_work(phone: Phone) -> None:
    asked = phone.say("hm, someone of the fair may want to have a look at the prices")
    phone.heard(asked, lambda _: True, seconds=PATIENCE)
    status = phone.ask("/status", "model")
    assert "smollm2" in status["text"]


def test_three_things_are_a_plan_that_is_changed_in_words(phone: Phone) -> None:
    asked = phone.say(
        "Invoice Northwind 300 EUR for the poster, email Bluebird that the boards are ready, "
        "and remind me on Friday at 9 to call the printer"
    )
    plan = phone.heard(asked, lambda m: "Run" in labels(m), seconds=PATIENCE)
    changed = phone.say("1: make it 350")
    again = phone.heard(changed, lambda m: "Run" in labels(m), seconds=PATIENCE)
    assert "350.00 EUR" in again["text"]
    assert "300.00 EUR" in plan["text"]
    phone.tap(again, "Cancel")
    phone.turned(again, "Cancelled")
