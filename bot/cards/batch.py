"""Several alike decisions on one card, and what came of each."""

from collections.abc import Sequence
from datetime import datetime

from bot.outgoing import Button, Outgoing, esc
from core.approvals import Approval
from core.runs import Run, Step
from core.when import day

_SIGNS = {
    "running": "…",
    "done": "✓",
    "failed": "✗",
    "rejected": "–",
    "cancelled": "–",
    "replaced": "–",
    "denied": "–",
}


def _line(approval: Approval, run: Run, steps: Sequence[Step]) -> str:
    if approval.state == "pending":
        return f"• {esc(run.plan.title)}"
    trouble = next((step.error for step in steps if step.error and step.state != "done"), None)
    receipts = [
        str(step.result["receipt"])
        for step in steps
        if step.state == "done" and step.result and "receipt" in step.result
    ]
    told = receipts[-1] if run.state == "done" and receipts else run.plan.title
    ended = "" if run.state in ("done", "running") else f" ({run.state})"
    return f"{_SIGNS[run.state]} {esc(told)}{ended}" + (f": {esc(trouble)}" if trouble else "")


def _preview(run: Run) -> str:
    preview = run.plan.preview
    if not preview:
        values = ", ".join(f"{value.label}: {value.shown}" for value in run.plan.values)
        return f"<b>{esc(run.plan.title)}</b>\n{esc(values)}"
    attached = f"\nAttached: {esc(preview['attachment'])}" if "attachment" in preview else ""
    return (
        f"<b>{esc(run.plan.title)}</b>\nFrom: {esc(preview['mail_from'])}\n"
        f"To: {esc(preview['mail_to'])}\nSubject: {esc(preview['mail_subject'])}{attached}\n"
        f"\n{esc(preview['mail_body'].strip())}"
    )


def card(
    batch_id: str, members: Sequence[tuple[Approval, Run, Sequence[Step]]], *, lapses: datetime
) -> Outgoing:
    """The card of a batch as it is now. ``lapses`` is on the operator's clock.

    All that goes out is in it, to be unfolded, as on a card of its own.
    """
    pending = [run for approval, run, _ in members if approval.state == "pending"]
    lines = [_line(*member) for member in members]
    if not pending:
        done = sum(run.state == "done" for _, run, _ in members)
        head = f"<b>{done} of {len(members)} done</b>"
        return Outgoing(html="\n".join([head, *lines]))
    head = f"<b>{len(pending)} decisions that are alike</b>"
    unfold = "\n\n".join(_preview(run) for run in pending)
    reversal = " ".join(dict.fromkeys(esc(run.plan.reversal) for run in pending))
    return Outgoing(
        html="\n".join([head, *lines])
        + f"\n<blockquote expandable>{unfold}</blockquote>\n{reversal}\n"
        f"Nothing has happened yet. Lapses on {day(lapses)}.",
        buttons=(
            (
                Button(f"Approve all {len(pending)}", f"okall:{batch_id}", "success"),
                Button("Reject all", f"noall:{batch_id}", "danger"),
            ),
            (Button("One by one", f"each:{batch_id}"),),
        ),
        silent=False,
    )
