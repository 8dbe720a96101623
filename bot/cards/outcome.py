"""What came of a run, told from the stored results."""

from datetime import datetime

from bot.outgoing import Button, Outgoing, esc
from core.runs import Run, Step
from core.when import day_and_time

UNDO = "undo.last"


def _receipts(steps: list[Step]) -> list[str]:
    return [
        str(step.result["receipt"])
        for step in steps
        if step.state == "done" and step.result and "receipt" in step.result
    ]


def done(run: Run, steps: list[Step], *, local: datetime, undo: bool, undone: bool) -> Outgoing:
    """A run that did what it should. ``undo``: something of it can be taken back."""
    receipts = [esc(text) for text in _receipts(steps)]
    row: list[Button] = []
    if undo and not undone:
        row.append(Button("Undo", f"undo:{run.id}"))
    row.append(Button("Why", f"why:{run.id}"))
    at = f"<i>{day_and_time(local)}, cost {run.cost}</i>"
    if len(receipts) == 1:
        head = f"{receipts[0]}"
    else:
        head = f"<b>Done: {esc(run.plan.title)}</b>\n" + "\n".join(f"• {r}" for r in receipts)
    mark = "\nTaken back." if undone else ""
    return Outgoing(html=f"{head}{mark}\n{at}", buttons=(tuple(row),))


def failed(run: Run, steps: list[Step], *, local: datetime) -> Outgoing:
    """A run that could not be finished: what happened, what was kept, what to do."""
    broken = next((step for step in steps if step.state == "failed"), None)
    receipts = _receipts(steps)
    kept = (
        "Done before that:\n" + "\n".join(f"• {esc(text)}" for text in receipts)
        if receipts
        else "Nothing was sent."
    )
    reason = esc(broken.error) if broken and broken.error else "It could not be finished."
    return Outgoing(
        html=f"<b>Not done: {esc(run.plan.title)}</b>\n{reason}\n{kept}\n"
        f"<i>{day_and_time(local)}</i>",
        buttons=(
            (
                Button("Try again", f"retry:{run.id}", "primary"),
                Button("Why", f"why:{run.id}"),
            ),
        ),
        silent=False,
    )


def waiting(run: Run, step: Step, *, again: datetime) -> Outgoing:
    """A step that is tried again by itself."""
    return Outgoing(
        html=f"<b>{esc(run.plan.title)}</b>\n{esc(step.error or '')}\n"
        f"Nothing is lost: I try again at {day_and_time(again)} ({again:%S} s).",
        buttons=((Button("Why", f"why:{run.id}"),),),
    )


def unclear(run: Run, step: Step) -> Outgoing:
    """An effect of which nobody can tell whether it happened."""
    return Outgoing(
        html=f"<b>Unclear: {esc(run.plan.title)}</b>\n{esc(step.error or '')}\n"
        "I can't tell whether it happened, so I don't do it again by myself. Please check.",
        buttons=(
            (
                Button("It happened", f"vouch:{step.id}"),
                Button("Do it again", f"retry:{run.id}", "danger"),
            ),
            (Button("Why", f"why:{run.id}"),),
        ),
        silent=False,
    )
