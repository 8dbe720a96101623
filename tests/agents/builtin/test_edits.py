"""Replies to cards and to questions."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agents.builtin.answers import understand_answer
from agents.builtin.edits import understand_edit

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=BERLIN)
TUESDAY = datetime(2026, 11, 24, 15)


def test_a_time_alone_needs_the_card() -> None:
    assert (
        understand_edit("14:30 instead", intent="meeting.schedule", now=MONDAY, zone=BERLIN) == {}
    )


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("make it 2600, due 1 December", {"amount": Decimal(2600), "due_date": date(2026, 12, 1)}),
        ("2.600 €", {"amount": Decimal(2600), "currency": "EUR"}),
        ("no, net 30", {"due_days": 30}),
        ("make it 2k and net 30", {"amount": Decimal(2000), "due_days": 30}),
        ("it's for the logo instead", {"description": "the logo"}),
        ("change the description to brand strategy day", {"description": "brand strategy day"}),
        ("title: Brand sprint", {"description": "Brand sprint"}),
        ("due in 10 days", {"due_days": 10}),
        ("by Friday", {"due_date": date(2026, 11, 27)}),
        ("send it to Helvetica AG instead", {"client": "Helvetica AG"}),
        ("the client is Northwind", {"client": "Northwind"}),
        ("2600 instead of 2400", {"amount": Decimal(2600)}),
        ("from 2400 to 2600", {"amount": Decimal(2600)}),
        ("in dollars", {"currency": "USD"}),
        ("800, no wait, 880", {"amount": Decimal(880)}),
        ("make it shorter", {}),
        ("it should be 50 less", {}),
        ("add 10%", {}),
        ("hmm not sure", {}),
        ("why 2400?", {}),
        ("no", {}),
        ("👍", {}),
        ("", {}),
    ],
)
def test_an_invoice_card(text: str, changed: dict[str, Any]) -> None:
    assert (
        understand_edit(text, intent="invoice.create", now=MONDAY, zone=BERLIN, names=["Northwind"])
        == changed
    )


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("14:30 instead", {"start": datetime(2026, 11, 24, 14, 30)}),
        ("a bit later", {}),
        ("at 9 please", {"start": datetime(2026, 11, 24, 9)}),
        ("3pm London time", {"start": datetime(2026, 11, 24, 16)}),
        ("move it to Wednesday", {"start": datetime(2026, 11, 25, 15)}),
        ("Thursday at 9", {"start": datetime(2026, 11, 26, 9)}),
        ("Wednesday instead of Tuesday", {"start": datetime(2026, 11, 25, 15)}),
        ("make it 45 minutes", {"duration_min": 45}),
        ("with Ana instead", {"with": "Ana"}),
        ("half an hour later", {"start": datetime(2026, 11, 24, 15, 30)}),
    ],
)
def test_a_meeting_card(text: str, changed: dict[str, Any]) -> None:
    assert (
        understand_edit(text, intent="meeting.schedule", now=MONDAY, zone=BERLIN, current=TUESDAY)
        == changed
    )


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("say Monday instead of Friday", {"body_replace": ("Friday", "Monday")}),
        ("replace Friday with Monday", {"body_replace": ("Friday", "Monday")}),
        ("subject: New date", {"subject": "New date"}),
        ("add that I am sorry", {"append": "I am sorry"}),
        ("send it to bob@x.example", {"to": "bob@x.example"}),
        ("to Ana instead", {"to": "Ana"}),
        ("make it shorter", {}),
    ],
)
def test_a_mail_card(text: str, changed: dict[str, Any]) -> None:
    assert understand_edit(text, intent="email.write", now=MONDAY, zone=BERLIN) == changed


@pytest.mark.parametrize(
    ("text", "slot", "value"),
    [
        ("2400", "amount", {"amount": Decimal(2400)}),
        ("two and a half thousand pounds", "amount", {"amount": Decimal(2500), "currency": "GBP"}),
        ("what?", "amount", None),
        ("Thursday at 9", "start", datetime(2026, 11, 26, 9)),
        ("Thursday", "start", None),
        ("tomorrow", "at", datetime(2026, 11, 24, 9)),
        ("northwind", "client", "Northwind"),
        ("no idea", "client", None),
        ("hi", "client", None),
        ("invoice Acme 300 for the logo", "client", None),
        ("ana@x.example", "to", "ana@x.example"),
        ("about the new date", "about", "the new date"),
        ("Ana", "client|invoice_no", {"client": "Ana"}),
        ("2026-014", "client|invoice_no", {"invoice_no": "2026-014"}),
        ("Copperline Ltd", "name|company", {"company": "Copperline Ltd"}),
    ],
)
def test_an_answer(text: str, slot: str, value: Any) -> None:
    got = understand_answer(
        text, slot=slot, intent="invoice.create", now=MONDAY, zone=BERLIN, names=["Northwind"]
    )
    assert got == value
