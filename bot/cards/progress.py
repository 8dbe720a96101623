"""A run on its way: one message that is edited as its steps finish."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.outgoing import Button, Outgoing, esc
from core.costs import Cost
from core.profile import Profile
from core.runs import Run, Step
from core.when import day_and_time

_SIGNS = {
    "done": "✓",
    "running": "…",
    "ready": "…",
    "failed": "✗",
    "unknown": "?",
    "cancelled": "–",
}
_STATES = {
    "asking": "waits for you",
    "held": "in its hold window",
    "waiting": "waits",
    "unknown": "unclear",
    "failed": "failed",
}


def lines(steps: Sequence[Step], labels: dict[str, str]) -> list[str]:
    """One line for each step that counts."""
    told: list[str] = []
    for step in steps:
        if not step.acts or (step.instead_of and step.state in ("blocked", "cancelled")):
            continue
        state = _STATES.get(step.state)
        label = labels.get(step.key) or step.action
        told.append(
            f"{_SIGNS.get(step.state, '•')} {esc(label)}" + (f" ({state})" if state else "")
        )
    return told


def _labels(run: Run) -> dict[str, str]:
    return {planned.key: planned.label for planned in run.plan.steps}


def progress(
    run: Run, steps: Sequence[Step], owner: Profile, now: datetime, spent: Cost
) -> Outgoing:
    """What is done and what comes, with the time and the cost so far, to be cancelled.

    A hold window says when it ends, with an Undo button.
    """
    held = [step.not_before for step in steps if step.state == "held" and step.not_before]
    told = [f"<b>{esc(run.plan.title)}</b>", *lines(steps, _labels(run))]
    if held:
        at = owner.local(min(held))
        told.append(f"Goes out {day_and_time(at)} ({at:%S} s). Undo stops it before that.")
    told.append(f"<i>Cost so far: {spent}. Time so far: {_duration(now - run.created_at)}.</i>")
    stop = Button("Undo" if held else "Cancel", f"stop:{run.id}", "danger")
    return Outgoing(html="\n".join(told), buttons=((stop, Button("Why", f"why:{run.id}")),))


def listed(run: Run, steps: Sequence[Step], owner: Profile, now: datetime, spent: Cost) -> Outgoing:
    """A run in the list of runs: state, steps, since when, what it cost, what can be done."""
    began = day_and_time(owner.local(run.created_at))
    took = (run.ended_at or now) - run.created_at
    state = "waits for you" if any(step.state == "asking" for step in steps) else run.state
    told = [
        f"<b>{esc(run.plan.title)}</b> · {esc(state)}",
        *lines(steps, _labels(run)),
        f"<i>Begun {began}, {_duration(took)}, cost {spent}</i>",
    ]
    row: list[Button] = []
    if run.state == "running":
        row.append(Button("Cancel", f"stop:{run.id}", "danger"))
    if run.state == "failed":
        row.append(Button("Try again", f"retry:{run.id}", "primary"))
    row.append(Button("Why", f"why:{run.id}"))
    return Outgoing(html="\n".join(told), buttons=(tuple(row),))


def _duration(took: timedelta) -> str:
    seconds = took.total_seconds()
    if seconds < 1:
        return "less than a second"
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours"
