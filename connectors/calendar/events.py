"""Events as .ics text: written by us, read from anyone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from dateutil.rrule import rruleset, rrulestr

_OCCURRENCES = 20_000
"""How far a repeating entry is followed from its start: some 50 years of days."""
_FAST = ("SECONDLY", "MINUTELY", "HOURLY")
"""Repetitions that nobody means; only their first occurrence is shown."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One occurrence in the calendar: aware times in the entry's own zone, ``end`` exclusive.

    ``id`` is the operation token for our own entries and the UID for foreign ones.
    """

    id: str
    title: str
    start: datetime
    end: datetime
    with_: str
    notes: str
    all_day: bool
    repeats: bool
    ours: bool


def write(
    *,
    token: str,
    title: str,
    start: datetime,
    end: datetime,
    zone: ZoneInfo,
    with_: str,
    notes: str,
    stamp: datetime,
) -> bytes:
    """A calendar with this one event and the definition of its zone. No invitation."""
    event = icalendar.Event()
    event.add("uid", f"{token}@factotum")
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", start.astimezone(zone))
    event.add("dtend", end.astimezone(zone))
    event.add("summary", title)
    if notes:
        event.add("description", notes)
    if with_:
        # No address and no METHOD: a name on the entry, which no program turns into mail.
        attendee = icalendar.vCalAddress("invalid:nomail")
        attendee.params["cn"] = with_
        attendee.params["rsvp"] = "FALSE"
        attendee.params["schedule-agent"] = "NONE"
        event.add("attendee", attendee, encode=False)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Factotum//calendar//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    calendar.add_missing_timezones(
        first_date=date(start.year - 1, 1, 1), last_date=date(end.year + 2, 1, 1)
    )
    return calendar.to_ical()


class Source:
    """The events of one .ics file, parsed once, asked for windows of time often."""

    def __init__(self, content: bytes, *, ours: str | None, zone: tzinfo) -> None:
        """``ours`` is the token where we wrote the file; ``zone`` is for floating times.

        Raises ValueError where this is no calendar.
        """
        self._events: list[tuple[Entry, icalendar.Event]] = []
        self._moved: set[tuple[str, datetime]] = set()
        calendars = icalendar.Calendar.from_ical(content, multiple=True)
        for calendar in calendars:
            for event in calendar.walk("VEVENT"):
                if isinstance(event, icalendar.Event) and _text(event, "STATUS") != "CANCELLED":
                    self._add(event, ours, zone)

    def _add(self, event: icalendar.Event, ours: str | None, zone: tzinfo) -> None:
        entry = _entry(event, ours, zone)
        self._events.append((entry, event))
        moved = event.get("RECURRENCE-ID")
        if moved is not None:
            self._moved.add((_text(event, "UID"), _moment(moved.dt, zone)))

    def between(self, start: datetime, end: datetime) -> Iterator[Entry]:
        """Every occurrence that overlaps ``start`` to ``end`` (exclusive)."""
        for entry, event in self._events:
            uid = _text(event, "UID")
            override = event.get("RECURRENCE-ID") is not None
            for occurrence in _occurrences(entry, event, end):
                replaced = not override and (uid, occurrence.start) in self._moved
                if not replaced and _overlap(occurrence, start, end):
                    yield occurrence


def _overlap(entry: Entry, start: datetime, end: datetime) -> bool:
    if entry.start == entry.end:
        return start <= entry.start < end
    return entry.start < end and entry.end > start


def _entry(event: icalendar.Event, ours: str | None, zone: tzinfo) -> Entry:
    first = event.get("DTSTART")
    if first is None:
        raise ValueError("an event without a start")
    all_day = not isinstance(first.dt, datetime)
    start = _moment(first.dt, zone)
    last, duration = event.get("DTEND"), event.get("DURATION")
    if last is not None:
        end = _moment(last.dt, zone)
    elif duration is not None:
        end = start + duration.dt
    else:
        end = start + timedelta(days=1) if all_day else start
    return Entry(
        id=ours or _text(event, "UID") or "unknown",
        title=_text(event, "SUMMARY"),
        start=start,
        end=max(start, end),
        with_=_attendees(event),
        notes=_text(event, "DESCRIPTION"),
        all_day=all_day,
        repeats=event.get("RRULE") is not None,
        ours=ours is not None,
    )


def _occurrences(entry: Entry, event: icalendar.Event, until: datetime) -> Iterator[Entry]:
    starts = _starts(entry, event)
    length = entry.end - entry.start
    for start in islice(starts, _OCCURRENCES):
        if start >= until:
            return
        # Wall-clock arithmetic: a call at nine stays at nine when the clocks change.
        yield replace(entry, start=start, end=start + length)


def _starts(entry: Entry, event: icalendar.Event) -> Iterator[datetime]:
    rule = event.get("RRULE")
    if rule is None or isinstance(rule, list) or rule.get("FREQ", [""])[0] in _FAST:
        yield entry.start
        return
    zone = entry.start.tzinfo or UTC
    first = entry.start.replace(tzinfo=None)
    rules = rruleset()
    try:
        # UNTIL is in UTC while we count in wall-clock time, so it is applied by hand.
        text = ";".join(
            part for part in rule.to_ical().decode().split(";") if not part.startswith("UNTIL=")
        )
        rules.rrule(rrulestr(text, dtstart=first))  # pyright: ignore[reportArgumentType] - its stub knows one rule only
        for name, apply in (("EXDATE", rules.exdate), ("RDATE", rules.rdate)):
            for moment in _dates(event.get(name), zone):
                apply(moment.astimezone(zone).replace(tzinfo=None))
    except (ValueError, TypeError):
        yield entry.start
        return
    last = _last(rule, zone)
    for naive in rules:
        start = naive.replace(tzinfo=zone)
        if last is not None and start > last:
            return
        yield start


def _last(rule: Any, zone: tzinfo) -> datetime | None:
    values = rule.get("UNTIL")
    if not values:
        return None
    value = values[0]
    if not isinstance(value, datetime):
        return datetime.combine(value, time.max, zone)
    return _moment(value, zone)


def _dates(value: Any, zone: tzinfo) -> Iterator[datetime]:
    if value is None:
        return
    for group in value if isinstance(value, list) else [value]:
        for item in group.dts:
            if not isinstance(item.dt, tuple):
                yield _moment(item.dt, zone)


def _moment(value: date | datetime, zone: tzinfo) -> datetime:
    if not isinstance(value, datetime):
        return datetime.combine(value, time.min, zone)
    return value.replace(tzinfo=zone) if value.tzinfo is None else value


def _text(event: icalendar.Event, name: str) -> str:
    value = event.get(name)
    return "" if value is None or isinstance(value, list) else str(value)


def _attendees(event: icalendar.Event) -> str:
    value = event.get("ATTENDEE")
    if value is None:
        return ""
    people = value if isinstance(value, list) else [value]
    names = [str(p.params.get("CN") or str(p).removeprefix("mailto:")) for p in people]
    return ", ".join(names)
