"""The operator's own records: reminders."""

from agents.context import Context, aware
from agents.outcomes import Ask, Say
from agents.requests import ReminderSet
from core.house import Reminder
from core.plans import Origin, Plan, PlannedStep, Value
from core.when import day_and_time


async def remind(request: ReminderSet, context: Context) -> Plan | Ask | Say:
    """The plan of one reminder, done at once."""
    if not request.what:
        return Ask("what", "What should I remind you of?")
    if request.at is None:
        return Ask("at", f"When should I remind you: {request.what}?")
    at = aware(request.at, context.profile)
    when = day_and_time(context.profile.local(at))
    if at <= context.now:
        return Ask("at", f"{when} has passed. When should I remind you: {request.what}?")
    params = Reminder(what=request.what, at=at)
    return Plan(
        intent=request.intent,
        title=f"Reminder: {request.what}",
        steps=(
            PlannedStep(
                key="set",
                label="set the reminder",
                action="reminder.set",
                params=params.model_dump(mode="json"),
            ),
        ),
        values=(
            Value(slot="what", label="What", shown=request.what, origin=Origin.SAID),
            Value(slot="at", label="When", shown=when, origin=Origin.SAID),
        ),
        request=request.model_dump(mode="json", by_alias=True),
        reversal="The reminder can be cancelled.",
    )
