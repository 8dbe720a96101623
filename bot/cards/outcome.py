"""What came of a run, told from the stored results."""

from collections.abc import Sequence
from datetime import datetime

from bot.outgoing import Button, Outgoing, esc
from core.runs import Run, Step
from core.when import day_and_time

UNDO = "undo.last"


def _receipts(steps: Sequence[Step]) -> list[str]:
    return [
        str(step.result["receipt"])
        for step in steps
        if step.state == "done" and step.result and "receipt" in step.result
    ]


def _kept(steps: Sequence[Step]) -> str:
    receipts = _receipts(steps)
    if not receipts:
        return "Nothing was sent."
    return "Done before that:\n" + "\n".join(f"• {esc(text)}" for text in receipts)


def _undo(run: Run, *, possible: bool) -> tuple[Button, ...]:
    return (Button("Undo", f"undo:{run.id}"),) if possible else ()


def done(
    run: Run,
    steps: Sequence[Step],
    *,
    local: datetime,
    undo: bool,
    undone: bool,
    follow_up: datetime | None,
) -> Outgoing:
    """A run that did what it should. ``undo``: something of it can be taken back.

    ``follow_up`` is when it will be followed up, on the operator's clock.
    """
    receipts = [esc(text) for text in _receipts(steps)]
    at = f"<i>{day_and_time(local)}, cost {run.cost}</i>"
    if len(receipts) == 1:
        head = f"{receipts[0]}"
    else:
        head = f"<b>Done: {esc(run.plan.title)}</b>\n" + "\n".join(f"• {r}" for r in receipts)
    after = f"\n{esc(run.plan.afterword)}" if run.plan.afterword else ""
    mark = "\nTaken back." if undone else ""
    row = (*_undo(run, possible=undo and not undone), Button("Why", f"why:{run.id}"))
    later = run.plan.follow_up
    if later is None or undone:
        return Outgoing(html=f"{head}{after}{mark}\n{at}", buttons=(row,))
    follow = Button("Follow up", f"follow:{run.id}")
    if follow_up is not None:
        unless = f" {esc(later.unless)}" if later.unless else ""
        mark += f"\nFollow-up on {day_and_time(follow_up)}{unless}."
        follow = Button("No follow-up", f"leave:{run.id}")
    return Outgoing(html=f"{head}{after}{mark}\n{at}", buttons=(row, (follow,)))


def shadowed(run: Run) -> Outgoing:
    """A run of which policy only records what would have happened."""
    return Outgoing(
        html=f"<b>Only rehearsed: {esc(run.plan.title)}</b>\n"
        "Your policy says shadow: nothing happened, and what would have is on record.",
        buttons=((Button("Why", f"why:{run.id}"),),),
    )


def denied(run: Run) -> Outgoing:
    """A run that policy forbids."""
    return Outgoing(
        html=f"<b>Refused: {esc(run.plan.title)}</b>\n"
        "Your policy forbids it, so nothing happened. /policy shows the rules.",
        buttons=((Button("Why", f"why:{run.id}"),),),
    )


def cancelled(run: Run, steps: Sequence[Step], *, local: datetime, undo: bool) -> Outgoing:
    """A run that the operator stopped; what had begun before comes to its end."""
    running = any(step.state == "running" and step.acts for step in steps)
    under_way = "\nOne step had begun before and ends." if running else ""
    return Outgoing(
        html=f"<b>Cancelled: {esc(run.plan.title)}</b>\n{_kept(steps)}{under_way}\n"
        f"<i>{day_and_time(local)}</i>",
        buttons=((*_undo(run, possible=undo), Button("Why", f"why:{run.id}")),),
    )


def failed(run: Run, steps: Sequence[Step], *, local: datetime, undo: bool) -> Outgoing:
    """A run that could not be finished: what happened, what was kept, what to do."""
    broken = next((step for step in steps if step.state == "failed" and step.acts), None)
    reason = esc(broken.error) if broken and broken.error else "It could not be finished."
    back = (Button("Take back what was done", f"undo:{run.id}"),)
    rows = (
        (Button("Pause everything", "pause:all"),),
        (Button("Try again", f"retry:{run.id}", "primary"), Button("Why", f"why:{run.id}")),
        *((back,) if undo else ()),
    )
    return Outgoing(
        html=f"<b>Not done: {esc(run.plan.title)}</b>\n{reason}\n{_kept(steps)}\n"
        f"<i>{day_and_time(local)}</i>",
        buttons=rows,
        silent=False,
    )


def taken_back(run: Run, steps: Sequence[Step], *, local: datetime) -> Outgoing:
    """A failed run of which what was done has been taken back."""
    return Outgoing(
        html=f"<b>Not done: {esc(run.plan.title)}</b>\n{_kept(steps)}\nTaken back.\n"
        f"<i>{day_and_time(local)}</i>",
        buttons=((Button("Why", f"why:{run.id}"),),),
    )


def waiting(run: Run, step: Step, *, again: datetime) -> Outgoing:
    """A step that is tried again by itself."""
    return Outgoing(
        html=f"<b>{esc(run.plan.title)}</b>\n{esc(step.error or '')}\n"
        f"Nothing is lost: I try again at {day_and_time(again)} ({again:%S} s).",
        buttons=((Button("Cancel", f"stop:{run.id}", "danger"), Button("Why", f"why:{run.id}")),),
    )


def unclear(run: Run, step: Step) -> Outgoing:
    """An effect of which nobody can tell whether it happened."""
    return Outgoing(
        html=f"<b>Unclear: {esc(run.plan.title)}</b>\n{esc(step.error or '')}\n"
        "I can't tell whether it happened, so I don't do it again by myself. Please check.",
        buttons=(
            (Button("Pause everything", "pause:all"),),
            (
                Button("It happened", f"vouch:{step.id}"),
                Button("Do it again", f"retry:{run.id}", "danger"),
            ),
            (Button("Why", f"why:{run.id}"),),
        ),
        silent=False,
    )
