"""Meetings: an entry in the operator's calendar."""

import re
from datetime import timedelta

from agents import manners
from agents.context import Context, aware
from agents.outcomes import Ask, Say
from agents.requests import MeetingSchedule
from connectors.calendar import AddParams
from core import clients
from core.plans import Origin, Plan, PlannedStep, Value
from core.when import day_and_time

_KINDS = re.compile(
    r"\b(call|lunch|dinner|coffee|breakfast|workshop|review|interview|demo|session|visit)\b", re.I
)
DEFAULT_MINUTES = 60


async def schedule(request: MeetingSchedule, context: Context) -> Plan | Ask | Say:
    """The plan of one calendar entry."""
    if not request.with_:
        return Ask("with", "Who is the meeting with?")
    found = clients.find(context.clients, request.with_)
    name = found[0].name if len(found) == 1 else request.with_
    if request.start is None:
        return Ask("start", f"When is it with {name}? A day and a time.")
    profile = context.profile
    start = aware(request.start, profile)
    if start <= context.now:
        return Ask("start", f"{day_and_time(profile.local(start))} has passed. When is it?")
    minutes = request.duration_min or DEFAULT_MINUTES
    end = start + timedelta(minutes=minutes)
    said = _KINDS.search(context.message)
    kind = said.group(0).capitalize() if said else "Meeting"
    clashes = await context.calendar.conflicts(start, end)
    values = [
        Value(slot="with", label="With", shown=name, origin=Origin.SAID),
        Value(
            slot="start",
            label="When",
            shown=f"{day_and_time(profile.local(start))} to {profile.local(end):%H:%M}"
            f" ({profile.zone})",
            origin=Origin.SAID,
            source="" if request.duration_min else f"the length is the default, {minutes} minutes",
        ),
    ]
    if clashes:
        values.append(
            Value(
                slot="clash",
                label="Clashes with",
                shown=", ".join(f"{c.title} ({profile.local(c.start):%H:%M})" for c in clashes[:3]),
                origin=Origin.REMEMBERED,
                source="your calendar",
            )
        )
    client = found[0] if len(found) == 1 else None
    values += await manners.reminders(context, client, profile.local(start).date())
    params = AddParams(
        title=f"{kind} with {name}", start=start, end=end, zone=profile.zone, with_=name
    )
    return Plan(
        intent=request.intent,
        title=f"{kind} with {name}",
        steps=(
            PlannedStep(
                key="add",
                label="put it in the calendar",
                action="calendar.add",
                params=params.model_dump(mode="json"),
            ),
        ),
        values=tuple(values),
        request=request.model_dump(mode="json", by_alias=True),
        reversal="The entry can be removed again. Nobody is invited.",
    )
