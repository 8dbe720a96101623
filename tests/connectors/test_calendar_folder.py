"""The calendar: our entries once per token, foreign files shown as far as they go."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from pydantic import ValidationError

from connectors.calendar import AddParams, Calendar
from core.clock import ManualClock

BERLIN = ZoneInfo("Europe/Berlin")
PARAMS = AddParams(
    title="Call, with; Northwind – \\ 你好",
    start=datetime(2026, 11, 24, 15, tzinfo=BERLIN),
    end=datetime(2026, 11, 24, 16, tzinfo=BERLIN),
    zone="Europe/Berlin",
    with_="Ann Lee",
    notes="First line\nBEGIN:VEVENT",
)


@pytest.fixture
def calendar(tmp_path: Path, clock: ManualClock) -> Calendar:
    return make(tmp_path, clock)


def make(tmp_path: Path, clock: ManualClock) -> Calendar:
    return Calendar(root=tmp_path / "calendar", clock=clock, zone=lambda: BERLIN)


def drop(tmp_path: Path, name: str, *events: str) -> None:
    body = "\n".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//\n{body}\nEND:VCALENDAR\n"
    (tmp_path / "calendar").mkdir(exist_ok=True)
    (tmp_path / "calendar" / name).write_bytes(text.replace("\n", "\r\n").encode())


async def year(calendar: Calendar) -> list[tuple[str, str]]:
    entries = await calendar.between(
        datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    )
    return [(e.title, e.start.strftime("%m-%d %H:%M")) for e in entries]


async def test_adds_once_and_removes_once(
    calendar: Calendar, tmp_path: Path, clock: ManualClock
) -> None:
    assert await calendar.check("eff_1", PARAMS) is None
    result = await calendar.add("eff_1", PARAMS)
    fresh = make(tmp_path, clock)
    assert result == await fresh.check("eff_1", PARAMS) == await fresh.add("eff_1", PARAMS)
    assert "Tuesday, 24 November 2026 at 15:00" in result.receipt
    (entry,) = await fresh.between(PARAMS.start, PARAMS.end)
    assert (entry.id, entry.title, entry.start, entry.end) == (
        "eff_1", PARAMS.title, PARAMS.start, PARAMS.end,
    )  # fmt: skip
    assert (entry.with_, entry.notes, entry.ours) == ("Ann Lee", PARAMS.notes, True)
    removed = await calendar.remove("eff_1", PARAMS, result)
    assert removed == await calendar.remove("eff_1", PARAMS, result)
    assert await fresh.check("eff_1", PARAMS) is None
    assert await fresh.between(PARAMS.start, PARAMS.end) == ()


async def test_the_file_is_a_proper_calendar(calendar: Calendar, tmp_path: Path) -> None:
    result = await calendar.add("eff_1", PARAMS)
    content = (tmp_path / "calendar" / result.path).read_bytes()
    parsed = icalendar.Calendar.from_ical(content)
    (event,) = parsed.walk("VEVENT")
    assert event["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert parsed.walk("VTIMEZONE")[0]["TZID"] == "Europe/Berlin"
    assert event["UID"] == "eff_1@factotum"
    assert b"METHOD" not in content
    assert b"mailto" not in content.lower()


async def test_conflicts_are_real_overlaps(calendar: Calendar, tmp_path: Path) -> None:
    await calendar.add("eff_1", PARAMS)
    drop(tmp_path, "day.ics", "UID:d\nSUMMARY:Fair\nDTSTART;VALUE=DATE:20261124")

    async def titles(start: int, end: int) -> list[str]:
        day = datetime(2026, 11, 24, tzinfo=BERLIN)
        found = await calendar.conflicts(day.replace(hour=start), day.replace(hour=end))
        return [e.title for e in found]

    assert await titles(14, 15) == []
    assert await titles(16, 17) == []
    assert await titles(15, 16) == [PARAMS.title]
    assert await titles(9, 22) == [PARAMS.title]


async def test_repeating_entries_keep_their_wall_clock_time(
    calendar: Calendar, tmp_path: Path
) -> None:
    drop(
        tmp_path,
        "weekly.ics",
        "UID:w\nSUMMARY:Weekly\nDTSTART;TZID=Europe/Berlin:20261008T090000\nDURATION:PT1H\n"
        "RRULE:FREQ=WEEKLY;UNTIL=20261105T080000Z\nEXDATE;TZID=Europe/Berlin:20261015T090000",
        "UID:w\nSUMMARY:Moved\nRECURRENCE-ID;TZID=Europe/Berlin:20261022T090000\n"
        "DTSTART;TZID=Europe/Berlin:20261022T110000\nDTEND;TZID=Europe/Berlin:20261022T120000",
        "UID:c\nSUMMARY:Cancelled\nSTATUS:CANCELLED\nDTSTART:20261001T100000Z",
    )
    assert await year(calendar) == [
        ("Weekly", "10-08 09:00"),
        ("Moved", "10-22 11:00"),
        ("Weekly", "10-29 09:00"),
        ("Weekly", "11-05 09:00"),
    ]


async def test_an_endless_repetition_ends(calendar: Calendar, tmp_path: Path) -> None:
    drop(tmp_path, "s.ics", "UID:s\nSUMMARY:S\nDTSTART:19700101T000000Z\nRRULE:FREQ=SECONDLY")
    drop(tmp_path, "d.ics", "UID:d\nSUMMARY:D\nDTSTART:20260101T090000\nRRULE:FREQ=DAILY")
    assert len(await year(calendar)) == 365


async def test_broken_files_are_named_and_the_others_shown(
    calendar: Calendar, tmp_path: Path
) -> None:
    drop(tmp_path, "good.ics", "UID:g\nSUMMARY:Good\nDTSTART:20260301T120000Z")
    drop(tmp_path, "nostart.ics", "UID:n\nSUMMARY:No start")
    (tmp_path / "calendar" / "garbage.ics").write_bytes(b"\xff\x00 no calendar")
    assert await year(calendar) == [("Good", "03-01 12:00")]
    health = await calendar.ping()
    assert health.status == "degraded"
    assert "garbage.ics" in health.detail
    assert "nostart.ics" in health.detail


async def test_a_changed_file_is_read_again(calendar: Calendar, tmp_path: Path) -> None:
    drop(tmp_path, "a.ics", "UID:g\nSUMMARY:Before\nDTSTART:20260301T120000Z")
    assert await year(calendar) == [("Before", "03-01 12:00")]
    drop(tmp_path, "a.ics", "UID:g\nSUMMARY:Afterwards\nDTSTART:20260301T120000Z")
    assert await year(calendar) == [("Afterwards", "03-01 12:00")]


async def test_ping_is_ok_on_an_empty_folder(calendar: Calendar) -> None:
    assert (await calendar.ping()).status == "ok"
    assert await year(calendar) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"zone": "Mars/Olympus"},
        {"end": PARAMS.start},
        {"title": " \x00 "},
        {"start": datetime(2026, 11, 24, 15)},
    ],
)
def test_bad_entries_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AddParams.model_validate(PARAMS.model_dump() | changes)
