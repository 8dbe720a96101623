"""Zones of time as people name them, beside the time and in a sentence of its own."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agents.builtin.cities import zone_of
from agents.builtin.dates import find_whens, resolve

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=BERLIN)


def start(text: str) -> str | None:
    when = next(w for w in find_whens(text.lower(), MONDAY, BERLIN) if w.clock)
    found = resolve(when, MONDAY, BERLIN)
    return None if found is None else found.isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("spain", "Europe/Madrid"),
        ("südafrika", "Africa/Johannesburg"),
        ("nueva york", "America/New_York"),
        ("charlotte", "America/New_York"),
        ("brazil", None),
        ("georgia", None),
        ("nowhere", None),
    ],
)
def test_a_place_has_one_zone_or_none(name: str, zone: str | None) -> None:
    assert zone_of(name) == zone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("friday 10 am houston time", "2026-11-27T17:00"),
        ("friday 10 am, tomorrow's plan, east coast time", "2026-11-27T16:00"),
        ("friday at 8, he's in perth so that's perth time", "2026-11-27T01:00"),
        ("friday at 8. he lives in nairobi, so 8 his time", "2026-11-27T06:00"),
        ("in tokyo time it's 9am thursday", "2026-11-26T01:00"),
        ("donnerstag um 15 uhr londoner zeit", "2026-11-26T16:00"),
        ("jeudi à 10h et demain", "2026-11-26T10:00"),
        ("friday at 10 my time, 5pm in singapore time", "2026-11-27T10:00"),
        ("friday at 10 to talk about the lisbon time sheets", "2026-11-27T10:00"),
        ("friday at 10, it's high time", "2026-11-27T10:00"),
        ("friday at 10 brazil time", None),
        ("friday at 10, he's in atlantis so that's atlantis time", None),
        ("friday 6pm ist", None),
    ],
)
def test_a_time_is_told_in_the_zone_that_is_named(text: str, expected: str | None) -> None:
    assert start(text) == expected
