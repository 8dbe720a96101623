"""Replies to questions about one missing slot."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agents.builtin.answers import understand_answer

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=BERLIN)


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
