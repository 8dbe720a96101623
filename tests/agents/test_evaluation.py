"""The scoring of a labelled set."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from agents.evaluation import evaluate, same
from agents.requests import Chat, EmailWrite, InvoiceCreate, MeetingSchedule, Request, Show


@dataclass
class Says:
    requests: tuple[Request, ...]
    likely: tuple[Request, ...] = ()


def score(
    expect: list[dict[str, Any]], *got: Request, missing: tuple[str, ...] = ()
) -> tuple[int, list[str]]:
    message = {
        "id": "x",
        "text": "…",
        "now": "2026-11-23T09:00:00+01:00",
        "zone": "Europe/Berlin",
        "expect": expect,
        "missing": list(missing),
    }
    report = evaluate([message], lambda text, *, now, zone: Says(got))
    return report.right, report.harmful


CHAT = [{"intent": "chat", "slots": {}}]
INVOICE = [{"intent": "invoice.create", "slots": {"client": "Acme", "amount": "500.00"}}]


def test_right() -> None:
    assert score(
        INVOICE,
        InvoiceCreate(client="acme", amount=Decimal(500), currency="EUR", description="free text"),
    ) == (1, [])
    assert score(CHAT, Chat()) == (1, [])


@pytest.mark.parametrize(
    ("expect", "got"),
    [
        (INVOICE, InvoiceCreate(client="Acme", amount=Decimal(5000))),
        (INVOICE, InvoiceCreate(client="Bolt", amount=Decimal(500))),
        (INVOICE, InvoiceCreate(client="Acme", amount=Decimal(500), due_days=14)),
        (INVOICE, InvoiceCreate(client="Acme", amount=Decimal(500), currency="USD")),
        (CHAT, Show(intent="pause")),
        (CHAT, InvoiceCreate(client="Acme", amount=Decimal(500))),
    ],
)
def test_wrong_and_harmful(expect: list[dict[str, Any]], got: Request) -> None:
    assert score(expect, got) == (0, ["x"])


def test_asking_for_nothing_is_wrong_but_harmless() -> None:
    assert score(INVOICE, InvoiceCreate(client="Acme")) == (0, [])
    assert score(INVOICE, Chat()) == (0, [])


def test_missing_is_right_only_when_asked() -> None:
    wanted = [{"intent": "email.write", "slots": {"to": "Ana"}}]
    assert score(wanted, EmailWrite(to="Ana"), missing=("about",)) == (1, [])
    assert score(wanted, EmailWrite(to="Ana", about="me"), missing=("about",)) == (0, ["x"])


def test_order_and_number_of_requests_count() -> None:
    both = [*INVOICE, {"intent": "undo.last", "slots": {}}]
    invoice = InvoiceCreate(client="Acme", amount=Decimal(500))
    assert score(both, invoice, Show(intent="undo.last"))[0] == 1
    assert score(both, Show(intent="undo.last"), invoice)[0] == 0
    assert score(both, invoice)[0] == 0


def test_lines_have_the_public_names() -> None:
    message = {
        "id": "m",
        "text": "…",
        "now": "2026-11-23T09:00:00+01:00",
        "zone": "Europe/Berlin",
        "expect": [
            {"intent": "meeting.schedule", "slots": {"with": "Ana", "start": "2026-11-24T15:00"}}
        ],
        "missing": [],
    }
    request = MeetingSchedule(with_="Ana", start=datetime(2026, 11, 24, 15))
    report = evaluate([message], lambda text, *, now, zone: Says((request,)))
    assert report.lines == [
        {
            "id": "m",
            "requests": [
                {
                    "intent": "meeting.schedule",
                    "slots": {"with": "Ana", "start": "2026-11-24T15:00"},
                }
            ],
            "asked": [],
        }
    ]
    assert report.figures()["right"] == 1


@pytest.mark.parametrize(
    ("slot", "expected", "got", "equal"),
    [
        ("client", "Dr. Castellanos", "castellanos", True),
        ("with", "Ravi and the Bergström team", "Ravi, Bergström team", True),
        ("client", "Acme", "Acme Ltd", False),
        ("amount", "500.00", "500", True),
        ("invoice_no", "#INV-1", "inv-1", True),
        ("description", "the brand workshop in May", "brand workshop", True),
        ("description", "logo", "website", False),
    ],
)
def test_same(slot: str, expected: str, got: str, equal: bool) -> None:
    assert same(slot, expected, got) is equal
