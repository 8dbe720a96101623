"""Moments as people name them."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.builtin.dates import durations, find_whens, resolve

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=BERLIN)
NINE = time(9)


def moment(text: str, now: datetime = MONDAY, zone: ZoneInfo = BERLIN) -> str | None:
    whens = find_whens(text.lower(), now, zone)
    if len(whens) != 1:
        return None
    found = resolve(whens[0], now, zone, only_date=NINE)
    return None if found is None else found.isoformat(timespec="minutes")


@settings(deadline=None)
@given(ahead=st.integers(1, 364), locale=st.sampled_from(["en", "de", "es", "fr"]))
def test_a_day_and_month_in_any_language_is_the_next_one(ahead: int, locale: str) -> None:
    day = MONDAY.date() + timedelta(days=ahead)
    pattern = {"en": "d MMMM", "de": "d. MMMM", "es": "d 'de' MMMM", "fr": "d MMMM"}[locale]
    written = format_date(day, pattern, locale=locale).lower()
    assert moment(written) == f"{day.isoformat()}T09:00"


@settings(deadline=None)
@given(ahead=st.integers(1, 700), mark=st.sampled_from([".", "/"]))
def test_numbers_are_day_and_month(ahead: int, mark: str) -> None:
    day = MONDAY.date() + timedelta(days=ahead)
    assert moment(f"on {day.day}{mark}{day.month}{mark}{day.year}") == f"{day.isoformat()}T09:00"


@settings(deadline=None)
@given(today=st.dates(date(2026, 1, 1), date(2028, 12, 31)), weekday=st.integers(0, 6))
def test_a_weekday_is_the_next_one_after_today(today: date, weekday: int) -> None:
    name = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"][weekday]
    now = datetime.combine(today, NINE, BERLIN)
    found = moment(f"{name} 15:00", now)
    assert found is not None
    day = datetime.fromisoformat(found).date()
    assert day.weekday() == weekday
    assert 1 <= (day - today).days <= 7


@settings(deadline=None)
@given(hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_a_written_time_is_kept(hour: int, minute: int) -> None:
    assert moment(f"tomorrow {hour:02}:{minute:02} uhr") == f"2026-11-24T{hour:02}:{minute:02}"


@settings(deadline=None)
@given(now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)), hours=st.integers(1, 48))
def test_in_n_hours_is_elapsed_time(now: datetime, hours: int) -> None:
    start = now.replace(second=0, microsecond=0, tzinfo=ZoneInfo("UTC")).astimezone(BERLIN)
    found = moment(f"in {hours} hours", start)
    wanted = (start.astimezone(ZoneInfo("UTC")) + timedelta(hours=hours)).astimezone(BERLIN)
    assert found == wanted.replace(tzinfo=None).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("thu 10:30", "2026-11-26T10:30"),
        ("monday 9 am", "2026-11-30T09:00"),
        ("on 10.12.", "2026-12-10T09:00"),
        ("at 4 this afternoon", "2026-11-23T16:00"),
        ("freitag um halb vier", "2026-11-27T15:30"),
        ("tmrw 8pm", "2026-11-24T20:00"),
        ("the fourth of december, quarter past nine in the morning", "2026-12-04T09:15"),
        ("wednesday 3pm dublin time", "2026-11-25T16:00"),
        ("friday 9am tokyo time", "2026-11-27T01:00"),
        ("1 dec 14:00-15:30", "2026-12-01T14:00"),
        ("5 january at 12.30", "2027-01-05T12:30"),
        ("the day after tomorrow", "2026-11-25T09:00"),
        ("end of the month", "2026-11-30T09:00"),
        ("end of next month", "2026-12-31T09:00"),
        ("tomorrow morning", "2026-11-24T09:00"),
        ("tonight at 8", "2026-11-23T20:00"),
        ("on the 15th at 3", "2026-12-15T15:00"),
        ("in half an hour", "2026-11-23T09:30"),
        ("in 3 days", "2026-11-26T09:00"),
        ("in two weeks", "2026-12-07T09:00"),
        ("tuesday next week 15:00", "2026-12-01T15:00"),
        ("tomorrow at half past eight", "2026-11-24T08:30"),
        ("el jueves a las 11:30", "2026-11-26T11:30"),
        ("mañana a las 10", "2026-11-24T10:00"),
        ("vendredi à 14h", "2026-11-27T14:00"),
        ("demain à 15h30", "2026-11-24T15:30"),
        ("übermorgen um 14 uhr", "2026-11-25T14:00"),
        ("the 7th of next month at 10:15", "2026-12-07T10:15"),
        ("next month on the 24th", "2026-12-24T09:00"),
        ("the first of the month", "2026-12-01T09:00"),
        ("the week after next on tuesday at 3", "2026-12-08T15:00"),
        ("on the 3rd wednesday in december at noon", "2026-12-16T12:00"),
        ("last day of november", "2026-11-30T09:00"),
        ("tomorrow please, 7.15 in the evening", "2026-11-24T19:15"),
        ("wednesday, 8 in the morning her time (she's in tokyo)", "2026-11-25T00:00"),
        ("vendredi à 6h15", "2026-11-27T06:15"),
        ("vendredi à 3h15 de l'après-midi", "2026-11-27T15:15"),
        ("freitag um 7:05", "2026-11-27T07:05"),
        ("tuesday week at noon", "2026-12-01T12:00"),
        ("monday week at noon", "2026-12-07T12:00"),
        ("in two weeks on thursday at 2", "2026-12-10T14:00"),
        ("the first working day of january", "2027-01-04T09:00"),
        ("twenty past three on thursday", "2026-11-26T15:20"),
        ("am 5. um 16 uhr", "2026-12-05T16:00"),
        ("heute abend um acht", "2026-11-23T20:00"),
    ],
)
def test_said(text: str, expected: str) -> None:
    assert moment(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "next week",
        "soon",
        "tonight",
        "3pm his time",
        "9 in the morning their time",
        "the morning after",
        "next month on tuesday at 3",
        "the 31st of next month but one",
        "the 4th of this month",
        "at midnight",
        "half an hour",
        "meet at a café",
        "um eine Woche",
        "saturday's workshop",
        "yesterday at 3",
        "1.850 euro",
        "vendredi à 3h15",
    ],
)
def test_not_said_or_not_certain(text: str) -> None:
    assert moment(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("last day of february", "2028-02-29T09:00"),
        ("the last friday in february", "2028-02-25T09:00"),
        ("the last day of january", "2029-01-31T09:00"),
        ("the 31st of next month", "2028-03-31T09:00"),
        ("the 30th of this month", None),
    ],
)
def test_a_month_that_has_begun_is_this_years(text: str, expected: str | None) -> None:
    assert moment(text, datetime(2028, 2, 10, 9, tzinfo=BERLIN)) == expected


def test_a_slashed_date_is_uncertain_where_the_month_comes_first() -> None:
    zone = ZoneInfo("America/New_York")
    now = MONDAY.astimezone(zone)
    assert moment("on 12/1", now, zone) is None
    assert moment("on 12/1") == "2027-01-12T09:00"
    assert moment("on 12/24", now, zone) == "2026-12-24T09:00"


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("45 min", 45),
        ("1h", 60),
        ("two hours", 120),
        ("an hour", 60),
        ("half an hour", 30),
        ("1.5 hours", 90),
        ("an hour and a half", 90),
        ("1h30", 90),
        ("tres cuartos de hora", 45),
        ("eine halbe stunde", 30),
        ("three quarters of an hour", 45),
    ],
)
def test_lengths(text: str, minutes: int) -> None:
    assert [m for _, _, m in durations(text)] == [minutes]
