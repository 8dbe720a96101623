"""What an invoice is for: the operator's own words, letter for letter, and no part of the sum."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.builtin.understand import Understanding, understand
from agents.requests import InvoiceCreate

Read = Callable[..., Understanding]
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=BERLIN)

WORDS = [
    "design of Q&amp;A page <script>alert(1)</script>",
    "Q&A page &#39;two&#39; <b>2</b>",
    "100% cotton shirts",
    "80% wool blankets",
    'the "10% club" campaign',
    "the 10% off campaign",
    "diseño 100% web",
    "3x workshop",
    "3 x workshop",
    "3 workshops",
    "a 1000-word article",
    "half-day workshop",
    "the 2026 audit",
    "the Windows 11 migration",
    "release v2.0 (build 1234)",
    "24/7 support",
    "10:30-12:00 coaching",
    "5G antennas and 4K video",
    "the 🎨 brand workshop 🚀",
    "A → B migration ✅",
    "👨‍👩‍👧 photo session",
    "🎂 cakes",
    "תכנון האתר 24/7",
    "تصميم الموقع 2026",
    "品牌设计 100%",
    '"Brand sprint" workshop',
    "the “Brand sprint” workshop",
    'the 24" screen',
    '"net 14" sticker design',
    "https://northwind.example/page?id=3&x=50%25",
    "the page www.northwind.example/a-b/2026/11/01",
    "*bold* _it_ [link](http://x.example/1)",
    "{{name}} and ${x}",
    "Robert'); DROP TABLE clients;--",
    "design: logo, web; print - all",
    "phase 2; copy & print",
    "the Yahoo! campaign",
    "C++, C# & .NET training",
    "A/B test",
    "plan A",
    "the deposit",
    "reserach on  writting",
    "- logo\n- web",
]


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize(
    "message",
    [
        "Invoice Northwind 2400 EUR for {}",
        "Invoice Northwind 2400 EUR for {}, net 14",
        "please bill Northwind €2,400 for {}, due 1 December, thanks!",
        "Invoice Northwind for {}, 2400 EUR",
    ],
)
def test_the_words_stay_as_written_and_the_sum_as_said(
    read: Read, message: str, words: str
) -> None:
    (request,) = read(message.format(words)).requests
    assert isinstance(request, InvoiceCreate)
    assert request.description == words
    assert (request.client, request.amount, request.currency) == ("Northwind", 2400, "EUR")
    assert request.due_days == (14 if "net 14" in message else None)
    assert request.due_date == (date(2026, 12, 1) if "due" in message else None)


@pytest.mark.parametrize("words", ["Q&amp;A <script>alert(1)</script>", "the 2026 audit"])
def test_a_number_in_the_words_is_no_sum_beside_one_without_a_currency(
    read: Read, words: str
) -> None:
    (request,) = read(f"Invoice Northwind 2400 for {words}").requests
    assert isinstance(request, InvoiceCreate)
    assert (request.amount, request.description) == (2400, words)


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("Invoice Northwind 3 days at 800 EUR for the sprint", "the sprint"),
        ("Invoice Northwind for 6 stools at 400 each, please", "6 stools"),
        ("Invoice Northwind 2500 for the gate minus the 100 deposit", "the gate"),
        ("Invoice Northwind 2400 EUR for 50% of the site", "50% of the site"),
        ("Invoice Northwind 50% of 4800 EUR for the site", "50% of 4800 EUR for the site"),
        ("Invoice Northwind 900, no wait, 2400 EUR for the jingle", "the jingle"),
        ("Invoice Northwind 2400 EUR incl. 19% VAT for the jingle", "the jingle"),
        ("Bill Northwind 2400 EUR, logo design. She liked it!", "logo design"),
        ("Northwind: invoice 2400 EUR, as usual, label design", "label design"),
        ('Invoice Northwind 2400 EUR, the description is "Brand: phase 2"', "Brand: phase 2"),
        ("Invoice Northwind 2400 EUR, thanks", None),
    ],
)
def test_where_they_stand(read: Read, text: str, description: str | None) -> None:
    (request,) = read(text).requests
    assert isinstance(request, InvoiceCreate)
    assert (request.amount, request.description) == (2400, description)


@pytest.mark.parametrize(
    "text",
    [
        "Invoice Northwind 4800 EUR, 50% now",
        "Invoice Northwind 4800 EUR for the website, 50% upfront",
        "Invoice Northwind 4800 EUR for 50% upfront",
        "Invoice Northwind 4800 EUR and add 10% rush",
        "Invoice Northwind 4800 EUR for the site with 10% rush",
        "Invoice Northwind 4800 EUR for the site, 10% rush",
        "Invoice Northwind 50% of the website, 4800 EUR",
    ],
)
def test_a_share_that_may_be_one_of_the_sum_is_asked(read: Read, text: str) -> None:
    (request,) = read(text).requests
    assert isinstance(request, InvoiceCreate)
    assert request.missing() == ["amount"]


def test_a_discount_is_taken_off(read: Read) -> None:
    (request,) = read("Invoice Northwind 2400 EUR for the site less 10% discount").requests
    assert isinstance(request, InvoiceCreate)
    assert request.amount == Decimal(2160)


@settings(max_examples=150, deadline=None)
@given(words=st.text(max_size=80))
def test_nothing_is_put_into_the_operators_mouth(words: str) -> None:
    text = f"Invoice Northwind 2400 EUR for {words}"
    for request in understand(text, now=MONDAY, zone=BERLIN).requests:
        if isinstance(request, InvoiceCreate):
            assert (request.description or "") in text
