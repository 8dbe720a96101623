"""Putting a decision aside: the further buttons of a card, and what it says meanwhile."""

from datetime import datetime, timedelta

from bot.outgoing import Button, Outgoing, esc
from core.plans import Plan
from core.profile import Profile
from core.when import day_and_time

MORNING = 9
"""The hour at which "tomorrow" begins."""


def buttons(approval_id: str) -> tuple[tuple[Button, ...], ...]:
    """What else can be done with a card."""
    return (
        (
            Button("In an hour", f"snooze:{approval_id}:1h"),
            Button("Tomorrow", f"snooze:{approval_id}:1d"),
        ),
        (
            Button("Not ask again…", f"grant:{approval_id}"),
            Button("Back", f"back:{approval_id}"),
        ),
    )


def until(choice: str, now: datetime, owner: Profile) -> datetime | None:
    """The moment that a button stands for, or None where it is none of ours."""
    match choice:
        case "1h":
            return now + timedelta(hours=1)
        case "1d":
            morning = owner.local(now).replace(hour=MORNING, minute=0, second=0, microsecond=0)
            return morning + timedelta(days=1)
        case _:
            return None


def snoozed(plan: Plan, approval_id: str, at: datetime) -> Outgoing:
    """A card that was put aside until ``at``, on the operator's clock."""
    return Outgoing(
        html=f"<b>{esc(plan.title)}</b>\nPut aside until {day_and_time(at)}. "
        "Nothing has happened; /approvals shows it any time.",
        buttons=((Button("Show now", f"show:{approval_id}"),),),
    )


def nudge(plan: Plan, approval_id: str, lapses: datetime) -> Outgoing:
    """A reminder of a card that waits; ``lapses`` is on the operator's clock."""
    return Outgoing(
        html=f"Still waiting for you: <b>{esc(plan.title)}</b>\n"
        f"Without an answer it lapses on {day_and_time(lapses)} and nothing happens.",
        buttons=((Button("Show", f"show:{approval_id}"),),),
        silent=False,
    )
