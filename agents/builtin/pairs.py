"""Days and times that stand side by side made one moment: "Friday", "at 3", "in the afternoon"."""

import re
from dataclasses import replace
from datetime import timedelta

from agents.builtin.clock import NUMBER
from agents.builtin.lexicon import WEEKDAYS, alternatives
from agents.builtin.when import When

_WEEKDAY = re.compile(rf"(?:on\s+)?{alternatives(WEEKDAYS)}\.?")
_WEEKS = re.compile(
    rf"(?:in|dans|en|dentro\s+de)\s+{NUMBER}\s+(?:weeks?|wochen|semanas?|semaines?)"
)
_OTHER_TIME = re.compile(r"(?:next|the\s+(?:coming|week\s+after))\s")
""" "Next month on Tuesday": no day that is nearer is meant."""
_GLUE = re.compile(
    r"[\s,]*(?:(?:at|on|um|am|the|@|in|a\s+las|à|le|el|los|den|dem|by|for|from|de|del|early|please|pls|"
    r"-|–)\s*)*[\s,]*"
)


def joined(low: str, single: list[When]) -> list[When]:
    """Spans of a text with those made one that stand side by side."""
    found: list[When] = []
    for atom in single:
        last = found[-1] if found else None
        glued = last and _GLUE.fullmatch(low, last.end, atom.start)
        if last and glued and _fits(last, atom):
            found[-1] = _join(last, atom)
            if any(w.vague and _OTHER_TIME.match(low, w.start) for w in (last, atom)):
                found[-1] = replace(found[-1], unclear=bool(last.day or atom.day))
        elif (
            last
            and glued
            and (last.day and atom.day)
            and (both := _in_week(low, last, atom) or _dated(low, last, atom))
        ):
            found[-1] = both
        elif last and glued and last.past and not (atom.day or atom.moment or atom.past):
            found[-1] = replace(last, end=atom.end)  # the time of "yesterday at 9" is past too
        else:
            found.append(atom)
    return found


def _in_week(low: str, one: When, two: When) -> When | None:
    """ "In two weeks on Friday": the Friday of that week."""
    if not _WEEKS.fullmatch(low, one.start, one.end) or not _WEEKDAY.fullmatch(
        low, two.start, two.end
    ):
        return None
    if one.day is None or two.day is None:
        return None
    day = one.day + timedelta(days=two.day.weekday() - one.day.weekday())
    return replace(two, start=one.start, day=day)


def _dated(low: str, one: When, two: When) -> When | None:
    """ "Friday the 12th": the date says which Friday; where they disagree, nobody knows."""
    if two.past or not _WEEKDAY.fullmatch(low, one.start, one.end):
        return None
    if one.day and two.day and one.day.weekday() == two.day.weekday():
        return replace(two, start=one.start, part=one.part or two.part)
    return replace(two, start=one.start, day=None, clock=None, unclear=True)


def _fits(one: When, two: When) -> bool:
    if one.past or two.past or one.moment or two.moment or one.unclear or two.unclear:
        return False
    return (
        not (one.day and two.day and one.day != two.day)
        and not (one.clock and two.clock)
        and not (one.part and two.part)
    )


def _join(one: When, two: When) -> When:
    return When(
        one.start, two.end, one.day or two.day, one.clock or two.clock, one.part or two.part,
        one.minutes or two.minutes, None, one.zone or two.zone,
        (one.vague or two.vague) and not (one.day or two.day),
    )  # fmt: skip
