"""Replies to the cards of meetings and reminders."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agents.builtin.dates import durations, resolve
from agents.builtin.replies import whom
from agents.builtin.replies.card import Card, Changes
from agents.builtin.replies.fields import named, worded
from agents.builtin.replies.leftovers import leftover
from agents.builtin.replies.reply import Reply
from agents.builtin.slots import calendar
from agents.builtin.when import When

_ABOUT = re.compile(r"(?:to|that|about|it's\s+(?:to|about))\s+(?P<value>.+)$", re.S)
_SET_ASIDE = re.compile(
    r"\b(?:not|from|instead\s+of|rather\s+than|nicht|statt|no)\s+(?:on\s+|at\s+)?$"
)


def _meeting_alone(reply: Reply, only: bool) -> Changes:
    field = named(reply, "with")
    if field:
        name = whom.named(reply, field[1])
        return {"with": name} if name else {}
    if reply.whens or reply.spells:
        return {}
    name = whom.recipient(reply, alone=only)
    return {"with": name} if name else {}


def _meeting_together(reply: Reply) -> Changes:
    shifted = _shifted(reply)
    if shifted is not None:
        return {"start": shifted}
    changed: Changes = {}
    low = reply.text.low
    when = calendar.one_of(_wanted(reply))
    if when and when.vague and not when.day:
        when = None
    if when is not None:
        start = _moment(reply, when)
        if start is not None:
            changed["start"] = start
        if when.minutes:
            changed["duration_min"] = when.minutes
    moved = re.search(r"\b(?:later|earlier|longer|shorter|after|before)\b", low)
    if len(reply.spells) == 1 and not moved:
        changed["duration_min"] = reply.spells[0][2]
    return changed


def _reminder_alone(reply: Reply, only: bool) -> Changes:
    field = named(reply, "what")
    if field:
        return {"what": field[1]}
    match = _ABOUT.match(reply.text.low)
    if match and not reply.whens:
        value = worded(reply, match.start("value"))
        return {"what": value} if value else {}
    return {}


def _reminder_together(reply: Reply) -> Changes:
    shifted = _shifted(reply)
    if shifted is not None:
        return {"at": shifted}
    when = calendar.one_of(_wanted(reply))
    at = _moment(reply, when) if when else None
    return {} if at is None else {"at": at}


def _reminder_starts(reply: Reply) -> bool:
    return bool(named(reply, "what") or (reply.whens and not leftover(reply, {"at": None})))


def _wanted(reply: Reply) -> list[When]:
    """The moments without those that the reply sets aside ("Wednesday instead of Tuesday")."""
    low = reply.text.low
    return [w for w in reply.whens if not w.past and not _SET_ASIDE.search(low[: w.start])]


def _moment(reply: Reply, when: When) -> datetime | None:
    """What ``when`` makes of the card's moment."""
    if when.moment or (when.day and when.clock):
        return resolve(when, reply.now, reply.zone)
    current = reply.current
    if current is None:
        return None
    if when.clock is None:
        return datetime.combine(when.day, current.time()) if when.day else None
    day = replace(when, day=current.date())
    moment = resolve(day, datetime.min.replace(tzinfo=UTC), reply.zone)
    evening = when.clock.open and when.part is None and current.hour >= 18
    if moment is not None and evening and 6 <= moment.hour < 12 and not when.zone:
        moment += timedelta(hours=12)
    return moment


def _shifted(reply: Reply) -> datetime | None:
    """ "half an hour later": the card's moment moved."""
    way = re.search(r"\b(?P<later>later|further\s+back)\b|\bearlier\b", reply.text.low)
    spells = durations(reply.text.low)
    if reply.current is None or way is None or len(spells) != 1 or reply.whens:
        return None
    return reply.current + timedelta(minutes=spells[0][2] * (1 if way["later"] else -1))


MEETING = Card(
    alone=_meeting_alone,
    starts=lambda reply: bool(named(reply, "with") or reply.whens or reply.spells),
    together=_meeting_together,
    links=re.compile(r"\s+(?=(?:with|mit|con|avec|at|um)\s)"),
)
REMINDER = Card(alone=_reminder_alone, starts=_reminder_starts, together=_reminder_together)
