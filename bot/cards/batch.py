"""Several alike decisions on one card, and what came of each."""

from collections.abc import Sequence
from datetime import datetime

from bot.cards import careful
from bot.cards.fitting import Cut, document, fitted
from bot.lookalike import Known
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


def _line(cut: Cut, approval: Approval, run: Run, steps: Sequence[Step]) -> str:
    if approval.state == "pending":
        return f"• {esc(cut(run.plan.title))}"
    trouble = next((step.error for step in steps if step.error and step.state != "done"), None)
    receipts = [
        str(step.result["receipt"])
        for step in steps
        if step.state == "done" and step.result and "receipt" in step.result
    ]
    told = receipts[-1] if run.state == "done" and receipts else run.plan.title
    ended = "" if run.state in ("done", "running") else f" ({run.state})"
    return f"{_SIGNS[run.state]} {esc(cut(told))}{ended}" + (
        f": {esc(cut(trouble))}" if trouble else ""
    )


def _preview(run: Run, cut: Cut) -> str:
    preview = run.plan.preview
    title = f"<b>{esc(cut(run.plan.title))}</b>"
    if not preview:
        values = ", ".join(f"{value.label}: {cut(value.shown)}" for value in run.plan.values)
        return f"{title}\n{esc(values)}"
    shown = {key: esc(cut(text.strip(" \n"))) for key, text in preview.items()}
    attached = f"\nAttached: {shown['attachment']}" if "attachment" in preview else ""
    return (
        f"{title}\nFrom: {shown['mail_from']}\n"
        f"To: {shown['mail_to']}\nSubject: {shown['mail_subject']}{attached}\n"
        f"\n{shown['mail_body']}"
    )


def card(
    batch_id: str,
    members: Sequence[tuple[Approval, Run, Sequence[Step]]],
    *,
    lapses: datetime,
    known: Sequence[Known] = (),
) -> Outgoing:
    """The card of a batch as it is now. ``lapses`` is on the operator's clock.

    All that goes out is in it, to be unfolded, as on a card of its own; what a message can't
    hold goes along as a document. ``known`` are those for whom others might be taken.
    """
    pending = [run for approval, run, _ in members if approval.state == "pending"]
    if not pending:
        done = sum(run.state == "done" for _, run, _ in members)
        head = f"<b>{done} of {len(members)} done</b>"
        return Outgoing(html="\n".join([head, *(_line(str, *member) for member in members)]))
    plans = [run.plan for run in pending]
    warned = careful.lines(plans, known)
    reversal = " ".join(dict.fromkeys(esc(plan.reversal) for plan in plans))

    def render(cut: Cut) -> str:
        head = f"<b>{len(pending)} decisions that are alike</b>"
        lines = [head, *(f"<b>{esc(cut(line))}</b>" for line in warned)]
        lines += [_line(cut, *member) for member in members]
        unfold = "\n\n".join(_preview(run, cut) for run in pending)
        return (
            "\n".join(lines) + f"\n<blockquote expandable>{unfold}</blockquote>\n{reversal}\n"
            f"Nothing has happened yet. Lapses on {day(lapses)}."
        )

    html, shortened = fitted(render)
    return Outgoing(
        html=html,
        buttons=(
            (
                Button(f"Approve all {len(pending)}", f"okall:{batch_id}", "success"),
                Button("Reject all", f"noall:{batch_id}", "danger"),
            ),
            (Button("One by one", f"each:{batch_id}"),),
        ),
        silent=False,
        full=document(plans, warned) if shortened else None,
    )
