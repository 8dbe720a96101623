"""When something is to happen: the spans of a text that say so, and the moments that they mean."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from agents.builtin.clock import (
    BARE_TIME,
    DURATION,
    NUMBER,
    PART,
    RANGE,
    TIME,
    Clock,
    may_be_range,
    read_duration,
    read_part,
    read_time,
    small,
)
from agents.builtin.days import DAY, VAGUE, read_day
from agents.builtin.pairs import joined
from agents.builtin.relative import counted
from agents.builtin.when import When
from agents.builtin.zones import OWN, UNKNOWN, zone_at, zones_said

ELAPSED = re.compile(
    r"\b(?:in|dans|en|dentro\s+de)\s+(?:(?P<half>half\s+an?\s+(?:hour|hr|h)\b|einer\s+halben\s+stunde|"
    r"media\s+hora|une\s+demi-heure)"
    rf"|(?P<n>{NUMBER})\s*(?P<u>hours?|hrs?|h|minutes?|mins?|stunden?|std|minuten?|horas?|minutos?|"
    r"heures?)\b)"
    r"(?P<more>\s+and\s+a\s+half)?(?:'s?)?(?:\s+time|\s+from\s+now)?"
    rf"|\b(?:in\s+)?(?P<n2>{NUMBER})\s*(?P<u2>hours?|minutes?|mins?|hrs?)\s+from\s+now\b"
)
_HOUR_AFTER = re.compile(
    r",?\s+(?P<h>[01]?\d|2[0-3])(?=\s+(?:to\s+(?!\d)|with\b|w/|please\b|pls\b|and\b)|\s*(?:$|"
    r"[,;!?]|\.(?!\d)))"
)
""" "Tuesday 8": the hour."""
_FOUR_DIGITS = re.compile(
    r",?\s+(?P<at>at\s+)?(?P<h>[01]\d|2[0-3])(?P<m>[0-5]\d)(?![\w%€$£₹]|[.,:/-]\d|\s*(?:[€$£₹]|euros?\b|eur\b|usd\b|"
    r"gbp\b|dollars?\b|pounds?\b|quid\b))(?P<on>(?=\s+(?:to\s+(?!\d)|with\b|w/|please\b|pls\b|call\b|meeting\b)))?"
)
""" "Tomorrow 0530", "Friday at 1845": four digits after a day, that open with a
nought, follow an "at", or lead on to what is to be done."""
_OR = re.compile(
    r"[\s,]*(?:or|oder|o|ou)\s+(?:(?:on|at|maybe|perhaps|else|even|the|am|um|el|le)\s+)*"
)


def find_whens(low: str, now: datetime, zone: ZoneInfo) -> list[When]:
    """Everything in a text that names a day or a time, neighbours joined."""
    local = now.astimezone(zone)
    single = joined(low, atoms(low, local, zone))
    # "9 in the morning his time", "9 tomorrow, London time": the zone may stand after the day.
    single = [_zoned(low, w, zone) if w.clock and not w.zone else w for w in single]
    found = _elsewhere(low, joined(low, counted(low, single)))
    either = [
        index
        for index, (one, two) in enumerate(pairwise(found))
        if _OR.fullmatch(low, one.end, two.start) and not (one.past or two.past)
    ]
    for index in either:
        found[index] = replace(found[index], unclear=True)
        found[index + 1] = replace(found[index + 1], unclear=True)
    return found


def _elsewhere(low: str, found: list[When]) -> list[When]:
    """``found`` with the zones that are named apart: "8am, she's in Perth, so Perth time"."""
    for said in zones_said(low):
        if any(w.zone and w.start < said.end and said.start < w.end for w in found):
            continue
        clocks = [i for i, w in enumerate(found) if w.clock and not w.past]
        before = [i for i in clocks if found[i].end <= said.end]
        at = before[-1] if before else clocks[0] if clocks else None
        if at is not None and found[at].zone is None:
            found[at] = replace(found[at], zone=said.key)
    return found


def atoms(low: str, local: datetime, zone: ZoneInfo) -> list[When]:
    """The single days, times and parts of days that a text names, not yet joined."""
    found: list[When] = []

    def free(start: int, end: int) -> bool:
        return all(end <= w.start or start >= w.end for w in found)

    def follows_day(start: int) -> bool:
        return any(w.day and w.end < start and low[w.end : start].isspace() for w in found)

    for match in ELAPSED.finditer(low):
        moment = _elapsed(match, local, zone)
        if moment:
            found.append(When(match.start(), match.end(), moment=moment))
    for match in DAY.finditer(low):
        if not free(*match.span()):
            continue
        possessive = low[match.end() : match.end() + 2] == "'s" and not match["inn"]
        plural = match["wd"] is not None and low[match.end() : match.end() + 1] == "s"
        attribute = match["wd"] is not None and _is_attribute(low, match)
        if match["wd"] in {"sun", "mar"} or possessive or plural or attribute:
            continue
        if match["mon2"] == "may" and not match["d2"]:
            continue
        day = read_day(match, local.date(), zone=zone.key)
        start = match.start()
        if match["ago"]:
            found.append(When(start, match.end(), past=True))
        elif day is None:
            found.append(When(start, match.end(), vague=True))
        else:
            found.append(When(start, match.end(), day=day))
            four = _FOUR_DIGITS.match(low, match.end())
            if four and (four["at"] or four["on"] is not None or four["h"].startswith("0")):
                clock = Clock(int(four["h"]), int(four["m"]), open=False)
                found.append(When(four.start("h"), four.end("m"), clock=clock))
            hour = _HOUR_AFTER.match(low, match.end())
            if hour and (match["wd"] or match["tomorrow"] or match["today"]):
                number = int(hour["h"])
                clock = Clock(number, 0, open=1 <= number <= 12)
                found.append(When(hour.start("h"), hour.end("h"), clock=clock))
    for match in RANGE.finditer(low):
        when = _range(match, low)
        if when and free(when.start, when.end):
            found.append(when)
    for pattern in (TIME, BARE_TIME):
        for match in pattern.finditer(low):
            after_number = re.search(r"\d[ ]?$", low[max(0, match.start() - 2) : match.start()])
            if match["at"] is None and after_number and not follows_day(match.start()):
                continue
            clock = read_time(match)
            if clock and free(*match.span()) and may_be_range(match):
                found.append(When(match.start(), match.end(), unclear=True))
            elif clock and free(*match.span()):
                found.append(When(match.start(), match.end(), clock=clock))
    for match in PART.finditer(low):
        if not free(*match.span()):
            continue
        today = bool(match["tonight"]) or "this" in match.group()
        past = bool(re.search(r"\b(?:last|yesterday)\s+$", low[: match.start()][-12:]))
        if re.search(r"\bgood\s+$", low[: match.start()][-6:]):
            continue
        found.append(
            When(match.start(), match.end(), day=local.date() if today and not past else None,
                 part=read_part(match), past=past)
        )  # fmt: skip
    found += [When(*m.span(), vague=True) for m in VAGUE.finditer(low) if free(*m.span())]
    found.sort(key=lambda w: w.start)
    found = _same_day(low, found)
    return [_zoned(low, w, zone) if w.clock else w for w in found]


_SAME_DAY = re.compile(
    r"\b(?:on\s+)?(?:that\s+day|(?:the\s+)?(?:very\s+)?same\s+(?P<what>day|morning|afternoon|evening))\b|"
    r"\b(?:am\s+selben|an\s+dem)\s+tag\b|\b(?:el|ese)\s+mismo\s+día\b|\ble\s+même\s+jour\b"
)
""" "That day": the one that was named before."""


def _same_day(low: str, found: list[When]) -> list[When]:
    """Moments in their order, with the days that refer to another one; unclear without one."""
    for match in _SAME_DAY.finditer(low):
        before = [w for w in found if w.end <= match.start() and w.day and not w.past]
        beside = [w for w in found if w.start < match.end() and match.start() < w.end]
        day = before[-1].day if before else None
        part = match["what"] if match["what"] not in {None, "day"} else None
        when = When(*match.span(), day=day, part=part, unclear=day is None)
        found = [w for w in found if w not in beside] + [when]
    return sorted(found, key=lambda w: w.start)


def _is_attribute(low: str, match: re.Match[str]) -> bool:
    """ "the Tuesday report" names a report, not a day."""
    if match["wdnext"] or match["mod"] or match["nextwk"]:
        return False
    before = re.search(r"\b(?:the|our|my|your|his|her|their|a)\s+$", low[: match.start("wd")][-7:])
    after = re.match(
        r"\s+(?!at\b|um\b|on\b|in\b|to\b|and\b|or\b|for\b|before\b|after\b|morning|afternoon|"
        r"evening|night|\d)[a-z]+",
        low[match.end() :],
    )
    return bool(before and after)


def _elapsed(match: re.Match[str], local: datetime, zone: ZoneInfo) -> datetime | None:
    if match["half"]:
        minutes = 30.0
    else:
        raw, unit = match["n"] or match["n2"], match["u"] or match["u2"]
        number = float(raw.replace(",", ".")) if raw[0].isdigit() else small(raw)
        if number is None:
            return None
        hours = unit.startswith(("h", "s"))
        minutes = number * (60 if hours else 1) + (30 if match["more"] and hours else 0)
    # Elapsed time is counted in UTC, so that a change of the clocks between doesn't alter it.
    moment = (local.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(zone)
    return moment.replace(tzinfo=None, second=0, microsecond=0, fold=0)


def _range(match: re.Match[str], low: str) -> When | None:
    if not (match["m1"] or match["m2"] or match["a1"] or match["a2"]) and not re.search(
        r"\b(?:from|at|von|de|between|tomorrow|tmrw|today|morgen|mañana|demain|\w*day|mon|tue|wed|"
        r"thu|fri|sat|sun|(?:block|book|reserve|keep|hold)(?:\s+(?:me|us|out|off|free))*)[\s,]+$",
        low[: match.start()][-18:],
    ):
        return None
    at = re.search(r"\bat\s+$", low[: match.start()])
    if at and (worded := TIME.match(low, at.start())) and may_be_range(worded):
        return None
    h1, h2 = int(match["h1"]), int(match["h2"])
    m1, m2 = int(match["m1"] or 0), int(match["m2"] or 0)
    if h1 > 23 or h2 > 23:
        return None
    a2 = (match["a2"] or "")[:1] if (match["a2"] or "")[:1] in "ap" else ""
    a1 = (match["a1"] or "")[:1]
    if a2:
        h2 = h2 % 12 + (12 if a2 == "p" else 0)
        if not a1 and h1 <= 12:
            # "2-3pm" and "11-1pm": the start is the latest that is before the end.
            h1 = h1 % 12 + 12 if (h1 % 12 + 12) * 60 + m1 < h2 * 60 + m2 else h1
    if a1:
        h1 = h1 % 12 + (12 if a1 == "p" else 0)
    open_ = not (a1 or a2) and 1 <= h1 <= 12
    length = (h2 * 60 + m2) - (h1 * 60 + m1)
    if length <= 0 and open_:
        length += 12 * 60
    if not 0 < length <= 12 * 60:
        return None
    return When(match.start(), match.end(), clock=Clock(h1, m1, open_), minutes=length)


def _zoned(low: str, when: When, own: ZoneInfo) -> When:
    end, key = zone_at(low, when.end)
    return replace(when, end=end, zone=own.key if key == OWN else key)


def resolve(
    when: When,
    now: datetime,
    zone: ZoneInfo,
    *,
    only_date: time | None = None,
    early: bool = False,
    part: str | None = None,
) -> datetime | None:
    """The local wall time that ``when`` means; None when it doesn't say, or not for certain.

    ``only_date`` is the time of a day that is named without one.
    """
    if when.moment:
        return when.moment
    local = now.astimezone(zone)
    if when.past or when.zone == UNKNOWN:
        return None
    if when.clock is None:
        if when.day is None or only_date is None or (when.part or "morning") != "morning":
            return None
        return datetime.combine(when.day, only_date)
    said = when.part or part
    clock = when.clock.at(part=said, early=early)
    if clock is None:
        return None
    day = when.day
    here = ZoneInfo(when.zone) if when.zone else zone
    if day is None or day == local.date():
        moment = _soonest(when, clock, day, local, here, said)
    else:
        moment = datetime.combine(day, clock)
    if moment is None:
        return None
    if when.zone:
        return moment.replace(tzinfo=here).astimezone(zone).replace(tzinfo=None, fold=0)
    return moment


def _soonest(
    when: When, clock: time, day: date | None, local: datetime, here: ZoneInfo, part: str | None
) -> datetime | None:
    there = local.astimezone(here).replace(tzinfo=None)
    moment = datetime.combine(day or there.date(), clock)
    if moment > there:
        return moment
    later = moment + timedelta(hours=12)
    if when.clock and when.clock.open and part is None and later > there and clock.hour < 12:
        return later
    if day is None:
        return moment + timedelta(days=1)
    return None


def durations(low: str) -> list[tuple[int, int, int]]:
    """Spans that say how long, with their minutes; not those that say in how long."""
    found: list[tuple[int, int, int]] = []
    for match in DURATION.finditer(low):
        minutes = read_duration(match)
        if minutes is None or re.search(
            r"\b(?:in|dans|within|after|before)\s+$", low[: match.start()][-9:]
        ):
            continue
        if re.match(r"\s+(?:from now|ago|late|earlier|before)\b", low[match.end() :]):
            continue
        found.append((match.start(), match.end(), minutes))
    return found
