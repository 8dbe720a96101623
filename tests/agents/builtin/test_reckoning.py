"""Sums that are worked out, and days that count from others."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest

from agents.builtin.understand import Understanding

Read = Callable[..., Understanding]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Invoice Gro for 14 hours of proofreading, my rate is 45", 630),
        ("Invoice Gro for 30 jars of jam at 6.50 a jar", 195),
        ("inv gro 7.5h @ 60 eur", 450),
        ("Invoice Gro for 90 minutes of coaching at 80 an hour", 120),
        ("Invoice Gro: half a day at 500 a day", 250),
        ("Invoice Gro for 2.5 hours at my usual 80", 200),
        ("Invoice Gro for 3 days at 600, minus the 400 she paid in advance", 1400),
        ("Invoice Gro: two months of hosting at 30 a month plus the 40 setup fee", 100),
        ("Invoice Gro 1,000 less the 250 deposit she already paid", 750),
        ("The film cost 900 and three shops share that equally. Invoice Gro their share", 300),
        ("Invoice Gro 800 for the stand, 10% off", 720),
        ("Invoice Gro 600 minus the 10% discount I promised", 540),
        ("Could you send Gro the invoice for the last third? The whole job is 2,700", 900),
        ("second half of the fee for Gro please, so 50% of 2,600. Invoice", 1300),
        ("Invoice Gro for 1.5 lakh rupees", 150_000),
        ("Invoice Gro one and a half thousand for the leaflet", 1500),
    ],
)
def test_sums_worked_out(read: Read, text: str, value: int) -> None:
    request = read(text).requests[-1]
    assert request.amount == Decimal(value)


def test_two_parts_paid_are_one_payment(read: Read) -> None:
    (request,) = read("Gro paid in two goes, 150 and 210. Enter it as a single payment").requests
    assert request.amount == Decimal(360)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (
            "The fair is on 12 December. Remind me three days before that to pack",
            "2026-12-09T09:00",
        ),
        (
            "The fair is on 12 December. Remind me the day before at 7 pm to pack",
            "2026-12-11T19:00",
        ),
        (
            "remind me two hours before the 16:00 call with Gro tomorrow to print",
            "2026-11-24T14:00",
        ),
        ("remind me on the last day of the month at 8 to pay rent", "2026-11-30T08:00"),
        ("remind me on the first Tuesday of next month to back up", "2026-12-01T09:00"),
        ("remind me a day before Christmas Eve to buy fish", "2026-12-23T09:00"),
        ("remind me two weeks from Friday at noon to renew", "2026-12-11T12:00"),
        (
            "The guests leave on the 9th. Remind me the evening before at 7 to print the bill",
            "2026-12-08T19:00",
        ),
        ("remind me on Friday the 4th to pay", "2026-12-04T09:00"),
        ("remind me at six fifteen pm to feed the cat", "2026-11-23T18:15"),
        ("remind me the Monday after next at 9 to pay rent", "2026-12-07T09:00"),
        ("tomorrow 8:30: remind me NOT to call Gro", "2026-11-24T08:30"),
        ("Friday at 14:00 Tokyo time the shop opens. Remind me then to ring", "2026-11-27T06:00"),
    ],
)
def test_days_and_times_that_count_from_others(read: Read, text: str, at: str) -> None:
    (request,) = read(text).requests
    assert request.at == datetime.fromisoformat(at)


def test_a_weekday_that_is_not_the_date_is_asked(read: Read) -> None:
    (request,) = read("Remind me on Friday the 5th to pay").requests
    assert request.missing() == ["at"]


def test_a_time_in_their_zone(read: Read) -> None:
    (request,) = read("call with Gro tomorrow, 5 pm her time (Nairobi)").requests
    assert request.start == datetime(2026, 11, 24, 15)


@pytest.mark.parametrize(
    "text",
    [
        "remind me the night before at 9 to pack",
        "remind me tomorrow at 10 to 11 to ring Gro",
    ],
)
def test_a_moment_that_may_be_another_is_asked(read: Read, text: str) -> None:
    (request,) = read(text).requests
    assert "at" in request.missing()
