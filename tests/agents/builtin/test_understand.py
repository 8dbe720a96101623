"""The understanding as a whole: the flows in many phrasings, what is no order, and robustness."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.builtin.understand import Understanding, understand
from agents.requests import (
    Chat,
    EmailWrite,
    InvoiceCreate,
    MeetingSchedule,
    MemoryAsk,
    MemorySave,
    ReminderSet,
    Request,
)

Read = Callable[..., Understanding]
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    "text",
    [
        "Invoice Northwind 2400 EUR for the brand workshop, net 14",
        "invoice northwind 2400 eur for the brand workshop, net 14",
        "please bill Northwind €2,400 for the brand workshop, payable within 14 days",
        "Can you send Northwind an invoice over 2.400,00 € for the brand workshop? Net 14 please",
        "New invoice for Northwind: 2.4k EUR, the brand workshop, due in 14 days",
        "Northwind: invoice 2400 euros for the brand workshop, 14 days",
    ],
)
def test_an_invoice_in_many_words(read: Read, text: str) -> None:
    (request,) = read(text).requests
    assert isinstance(request, InvoiceCreate)
    assert (request.client, request.amount, request.currency, request.due_days) == (
        "Northwind", Decimal(2400), "EUR", 14,
    )  # fmt: skip
    assert request.description is not None
    assert "brand workshop" in request.description


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Email Northwind that the draft moves to Friday",
            EmailWrite(to="Northwind", about="the draft moves to Friday"),
        ),
        (
            "Remind me Thursday at 9 to call the printer",
            ReminderSet(what="call the printer", at=datetime(2026, 11, 26, 9)),
        ),
        ("Remember that Northwind pays net 14", MemorySave(statement="Northwind pays net 14")),
        ("what are Northwind's terms?", MemoryAsk(question="what are Northwind's terms?")),
        (
            "Put a call with Northwind on Tuesday 15:00",
            MeetingSchedule(with_="Northwind", start=datetime(2026, 11, 24, 15)),
        ),
    ],
)
def test_routine(read: Read, text: str, expected: Request) -> None:
    assert read(text).requests == (expected,)


@pytest.mark.parametrize(
    "text",
    [
        "hi",
        "thanks",
        "asdf",
        "lol ok",
        "",
        "   ",
        "👍",
        "can you send invoices?",
        "don't invoice Acme yet",
    ],
)
def test_no_order(read: Read, text: str) -> None:
    result = read(text)
    assert result.requests == (Chat(),)
    assert result.reason.endswith(".")


def test_a_known_name_in_lower_case_is_cased_as_recorded(read: Read) -> None:
    (request,) = read("invoice mcgregor 100 eur for tea", names=["McGregor & Sons"]).requests
    assert isinstance(request, InvoiceCreate)
    assert request.client == "McGregor"


def test_what_is_uncertain_is_asked(read: Read) -> None:
    (request,) = read("Invoice Acme 500 and also 600").requests
    assert isinstance(request, InvoiceCreate)
    assert request.missing() == ["amount"]


def test_a_pronoun_with_two_candidates_is_asked(read: Read) -> None:
    (request,) = read("Ravi and Ana were here today. Email her that it was great").requests
    assert isinstance(request, EmailWrite)
    assert request.to is None


def test_kroner_are_the_operators_own(read: Read) -> None:
    (asked,) = read("Invoice Acme 5000 kr for logos").requests
    (told,) = read("Invoice Acme 5000 kr for logos", currency="SEK").requests
    (here,) = read("Invoice Acme 5000 kr for logos", zone=ZoneInfo("Europe/Oslo")).requests
    assert isinstance(asked, InvoiceCreate)
    assert isinstance(told, InvoiceCreate)
    assert isinstance(here, InvoiceCreate)
    assert asked.missing() == ["amount"]
    assert (told.amount, told.currency) == (Decimal(5000), "SEK")
    assert (here.amount, here.currency) == (Decimal(5000), "NOK")


def test_due_date(read: Read) -> None:
    (request,) = read("Invoice Acme 500 for logos, due 15 December").requests
    assert isinstance(request, InvoiceCreate)
    assert (request.due_date, request.due_days) == (date(2026, 12, 15), None)


def test_the_reason_names_the_words(read: Read) -> None:
    assert "Invoice" in read("Invoice Acme 500").reason
    assert "no order" in read("if Ana signs, invoice her 500").reason


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert understand(text, now=NOW, zone=ZoneInfo("Europe/Berlin")).requests


WORDS = [
    "invoice",
    "bill",
    "refund",
    "remind",
    "me",
    "email",
    "Ana",
    "Northwind",
    "500",
    "€",
    "2k",
    "net",
    "14",
    "days",
    "at",
    "9",
    "tomorrow",
    "Thursday",
    "10.12.",
    "half",
    "of",
    "and",
    "then",
    "not",
    "maybe",
    "if",
    "that",
    "to",
    "for",
    "with",
    "the",
    "a",
    "call",
    "post",
    "newsletter",
    '"',
    ",",
    ".",
    "?",
    "!",
    ":",
    "\n",
    "undo",
    "pause",
    "#12",
    "2026-014",
    "ana@x.example",
    "her",
    "him",
]


@settings(max_examples=300, deadline=None)
@given(words=st.lists(st.sampled_from(WORDS), max_size=25))
def test_any_jumble_of_its_words_is_read_without_an_error(words: list[str]) -> None:
    assert understand(" ".join(words), now=NOW, zone=ZoneInfo("Europe/Berlin")).requests


@pytest.mark.parametrize(
    "text",
    ["a " * 2000, "Anna & " * 500, "invoice " * 500, "1 2 3 " * 600, " " * 4000 + "x", '"' * 4000],
)
def test_long_texts_take_no_long_time(read: Read, text: str) -> None:
    started = datetime.now(tz=ZoneInfo("UTC"))
    read(text)
    assert (datetime.now(tz=ZoneInfo("UTC")) - started).total_seconds() < 2
