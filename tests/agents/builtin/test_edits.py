"""Replies to cards: what they change, and that nothing in them is passed over."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.builtin.edits import understand_edit

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=BERLIN)
TUESDAY = datetime(2026, 11, 24, 15)


def edited(text: str, intent: str = "invoice.create") -> dict[str, Any]:
    return understand_edit(
        text, intent=intent, now=MONDAY, zone=BERLIN, names=["Northwind"], current=TUESDAY
    )


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
        ("currency: CHF", {"currency": "CHF"}),
        ("it's for the 2026 audit", {"description": "the 2026 audit"}),
        ("for 2 days of coaching", {"description": "2 days of coaching"}),
        ("it's for 100% cotton shirts", {"description": "100% cotton shirts"}),
        (
            "description: Q&amp;A <b>2</b> “final” 🎨",
            {"description": "Q&amp;A <b>2</b> “final” 🎨"},
        ),
        ("description: SEO, copy and 3 pages", {"description": "SEO, copy and 3 pages"}),
        ("text in red", {}),
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
    assert edited(text) == changed


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("send it to billing@northwind.example", "billing@northwind.example"),
        ("billing@northwind.example", "billing@northwind.example"),
        ("use billing@northwind.example instead", "billing@northwind.example"),
        ("email: billing@northwind.example", "billing@northwind.example"),
        ("change ana@x.example to bob@x.example", "bob@x.example"),
        ("send it to ana@x.example instead of bob@x.example", "ana@x.example"),
        ("ana@x.example, not bob@x.example", "ana@x.example"),
    ],
)
def test_where_an_invoice_goes(text: str, email: str) -> None:
    assert edited(text) == {"email": email}
    assert edited(f"make it 2600, {text}") == {"amount": 2600, "email": email}


@pytest.mark.parametrize(
    "text", ["cc ana@x.example", "also send it to ana@x.example", "don't send it to ana@x.example"]
)
def test_an_address_that_is_not_the_one_is_not_taken(text: str) -> None:
    assert edited(text) == {}
    assert edited(f"make it 2600, {text}") == {"amount": 2600, "unread": (text,)}


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (
            "make it 2600 and send it to Helvetica AG, due 1 December",
            {"amount": 2600, "client": "Helvetica AG", "due_date": date(2026, 12, 1)},
        ),
        (
            "send it to Helvetica AG, billing@helvetica.example",
            {"client": "Helvetica AG", "email": "billing@helvetica.example"},
        ),
        (
            "make it 2600 for the logo, net 30",
            {"amount": 2600, "description": "the logo", "due_days": 30},
        ),
        ("2600, in dollars", {"amount": 2600, "currency": "USD"}),
        ("title: Brand sprint, amount 2600", {"description": "Brand sprint", "amount": 2600}),
        (
            "the client is Helvetica AG. Due 1 December. 2600",
            {"client": "Helvetica AG", "due_date": date(2026, 12, 1), "amount": 2600},
        ),
    ],
)
def test_several_changes_in_one_reply(text: str, changed: dict[str, Any]) -> None:
    assert edited(text) == changed


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("make it 2600, call Bob tomorrow", "call Bob tomorrow"),
        ("make it 2600 and remove the VAT", "remove the VAT"),
        ("make it 2600 in red", "in red"),
        ("make it 2600, and add a line for travel", "add a line for travel"),
        ("make it 2600, shorter text", "shorter text"),
        ("make it 2600, send it on Friday", "send it on Friday"),
        ("make it 2600, no “Q&amp;A” 🎨", "no “Q&amp;A” 🎨"),
    ],
)
def test_what_is_not_understood_beside_a_change_is_told(text: str, unread: str) -> None:
    assert edited(text) == {"amount": 2600, "unread": (unread,)}


@pytest.mark.parametrize(
    "text",
    [
        "make it 2600, please",
        "no, 2600, sorry",
        "make it 2600, not 2400",
        "800, no wait, 2600",
        "looks good, but make it 2600. Thanks a lot!",
        "make it 2600 because they asked for a page more",
        "make it 2600 and keep the rest",
    ],
)
def test_what_changes_nothing_is_not_told(text: str) -> None:
    assert edited(text) == {"amount": 2600}


@pytest.mark.parametrize(
    "text",
    [
        "make it 2600, should I add tax?",
        "2600 EUR, in dollars",
        "send it to Ana, to Bob",
        "make it 2600, add a 5% discount",
        "call Bob tomorrow",
    ],
)
def test_doubt_and_contradiction_change_nothing(text: str) -> None:
    assert edited(text) == {}


@settings(max_examples=150, deadline=None)
@given(
    words=st.lists(
        st.sampled_from(
            [
                "make",
                "it",
                "2600",
                "EUR",
                ",",
                ".",
                ";",
                "and",
                "due",
                "1",
                "December",
                "net",
                "30",
                "send",
                "to",
                "for",
                "with",
                "Ana",
                "a@x.example",
                "“q”",
                "🎨",
                "100%",
                "title:",
                "subject:",
                "not",
                "instead",
                "of",
                "at",
                "9",
                "tomorrow",
                "because",
                "<b>",
                "&",
                "say",
                "add",
                "that",
            ]
        ),
        max_size=20,
    ),
    intent=st.sampled_from(
        ["invoice.create", "meeting.schedule", "reminder.set", "email.write", "lead.add"]
    ),
)
def test_free_words_and_what_is_not_understood_are_the_operators_own(
    words: list[str], intent: str
) -> None:
    text = " ".join(words)
    changed = edited(text, intent=intent)
    for slot in ("description", "subject", "append", "what"):
        assert changed.get(slot, "") in text
    assert all(clause in text for clause in changed.get("unread", ()))
    assert changed.keys() != {"unread"}


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
        ("with Ana at 16:00", {"with": "Ana", "start": datetime(2026, 11, 24, 16)}),
        (
            "Wednesday, 45 minutes, at the café",
            {
                "start": datetime(2026, 11, 25, 15),
                "duration_min": 45,
                "unread": ("at the café",),
            },
        ),
    ],
)
def test_a_meeting_card(text: str, changed: dict[str, Any]) -> None:
    assert edited(text, intent="meeting.schedule") == changed


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("say Monday instead of Friday", {"body_replace": ("Friday", "Monday")}),
        ("replace Friday with Monday", {"body_replace": ("Friday", "Monday")}),
        ("subject: New date", {"subject": "New date"}),
        ("add that I am sorry", {"append": "I am sorry"}),
        ("send it to bob@x.example", {"to": "bob@x.example"}),
        ("to Ana instead", {"to": "Ana"}),
        ("subject: New date, new place", {"subject": "New date, new place"}),
        (
            "add that I am sorry, and send it to bob@x.example",
            {"append": "I am sorry", "to": "bob@x.example"},
        ),
        (
            "say Monday instead of Friday and send it to bob@x.example",
            {"body_replace": ("Friday", "Monday"), "to": "bob@x.example"},
        ),
        (
            "make it shorter, send it to bob@x.example",
            {"to": "bob@x.example", "unread": ("make it shorter",)},
        ),
        ("make it shorter", {}),
    ],
)
def test_a_mail_card(text: str, changed: dict[str, Any]) -> None:
    assert understand_edit(text, intent="email.write", now=MONDAY, zone=BERLIN) == changed
