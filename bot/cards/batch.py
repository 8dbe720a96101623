"""Several alike decisions on one card, and what came of each."""

from collections.abc import Sequence
from datetime import datetime

from bot.cards import careful
from bot.cards.fitting import Cut, document, fitted
from bot.glyphs import shown
from bot.lookalike import Known
from bot.outgoing import Button, Outgoing, esc
from bot.splitting import LIMIT, visible
from core.approvals import Approval
from core.runs import Run, Step
from core.when import day, day_and_time

_SIGNS = {
    "running": "…",
    "done": "✓",
    "failed": "✗",
    "rejected": "–",
    "cancelled": "–",
    "replaced": "–",
    "denied": "–",
}


Member = tuple[Approval, Run, Sequence[Step]]
"""One of a batch: what was asked, of which run, with its steps."""
_NAMED = 20
"""Members that are named where there is no room for all."""
_EACH = 6
"""Members that can be undone each by a button of its own."""
_LONGEST = 300
"""Characters of a line that tells what came of one."""
_MORE = 40
"""Room for the line that counts those that are not told."""


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


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _held(members: Sequence[Member]) -> list[Run]:
    """Those that wait in their hold window."""
    return [run for _, run, steps in members if any(step.state == "held" for step in steps)]


def _undo(batch_id: str, held: Sequence[Run]) -> tuple[tuple[Button, ...], ...]:
    """Buttons that stop what waits in its hold window: all of it, and where it is few, each."""
    if not held:
        return ()
    each = held if 1 < len(held) <= _EACH else ()
    return (
        (Button(f"Undo all {len(held)}", f"stopall:{batch_id}", "danger"),),
        *((Button(f"Undo: {shown(run.plan.title)[:40]}", f"stop:{run.id}"),) for run in each),
    )


def _decided(batch_id: str, members: Sequence[Member], goes_out: datetime | None) -> Outgoing:
    """The card when all is decided: what went wrong and what is under way comes first."""
    done = sum(run.state == "done" for _, run, _ in members)
    held = _held(members)
    lines = [f"<b>{done} of {len(members)} done</b>"]
    if held and goes_out:
        lines.append(
            f"{len(held)} wait, and go out {day_and_time(goes_out)} ({goes_out:%S} s) or later. "
            "Undo stops them before that."
        )
    room = LIMIT - sum(visible(line) + 1 for line in lines) - _MORE
    ordered = sorted(members, key=lambda member: member[1].state == "done")
    for place, member in enumerate(ordered):
        line = _line(_short, *member)
        room -= visible(line) + 1
        if room < 0:
            lines.append(f"… and {len(ordered) - place} more")
            break
        lines.append(line)
    return Outgoing(html="\n".join(lines), buttons=_undo(batch_id, held))


def _preview(run: Run, cut: Cut) -> str:
    preview = run.plan.preview
    title = f"<b>{esc(cut(run.plan.title))}</b>"
    if not preview:
        values = ", ".join(f"{value.label}: {cut(value.shown)}" for value in run.plan.values)
        return f"{title}\n{esc(values)}"
    seen = {key: esc(cut(text.strip(" \n"))) for key, text in preview.items()}
    attached = f"\nAttached: {seen['attachment']}" if "attachment" in preview else ""
    return (
        f"{title}\nFrom: {seen['mail_from']}\n"
        f"To: {seen['mail_to']}\nSubject: {seen['mail_subject']}{attached}\n"
        f"\n{seen['mail_body']}"
    )


def card(
    batch_id: str,
    members: Sequence[Member],
    *,
    lapses: datetime,
    goes_out: datetime | None = None,
    known: Sequence[Known] = (),
) -> Outgoing:
    """The card of a batch as it is now.

    All that goes out is in it, to be unfolded, as on a card of its own; what a message can't
    hold goes along as a document. ``lapses`` and ``goes_out``, when the first hold window ends,
    are on the operator's clock. ``known`` are those for whom others might be taken.
    """
    pending = [(run, steps) for approval, run, steps in members if approval.state == "pending"]
    if not pending:
        return _decided(batch_id, members, goes_out)
    plans = [run.plan for run, _ in pending]
    warned = careful.lines(plans, known)
    reversal = " ".join(dict.fromkeys(plan.reversal for plan in plans))
    hold = max((step.hold_seconds for _, steps in pending for step in steps), default=0)

    alike = len({plan.intent for plan in plans}) == 1

    def render(cut: Cut, listed: str) -> str:
        what = "decisions that are alike" if alike else "decisions of one plan"
        head = f"<b>{len(pending)} {what}</b>"
        lines = [head, *(f"<b>{esc(cut(line))}</b>" for line in warned), listed]
        lines.append(esc(cut(reversal)))
        if hold:
            lines.append(f"After Approve each waits {hold} seconds with an Undo button.")
        return "\n".join([*lines, f"Nothing has happened yet. Lapses on {day(lapses)}."])

    def in_full(cut: Cut) -> str:
        unfold = "\n\n".join(_preview(run, cut) for run, _ in pending)
        named = [_line(cut, *member) for member in members]
        return render(cut, "\n".join([*named, _unfolding(unfold)]))

    def by_name(cut: Cut) -> str:
        return render(cut, _unfolding("\n".join(_line(cut, *member) for member in members)))

    def by_some_names(cut: Cut) -> str:
        named = [_line(cut, *member) for member in members[:_NAMED]]
        more = f"… and {len(members) - _NAMED} more"
        return render(cut, _unfolding("\n".join([*named, more])))

    html, shortened = fitted(in_full, by_name, by_some_names)
    return Outgoing(
        html=html,
        buttons=(
            (
                Button(f"Approve all {len(pending)}", f"okall:{batch_id}", "success"),
                Button("Reject all", f"noall:{batch_id}", "danger"),
            ),
            (Button("One by one", f"each:{batch_id}"),),
            *_undo(batch_id, _held(members)),
        ),
        silent=False,
        full=document(plans, warned) if shortened else None,
    )


def _unfolding(html: str) -> str:
    return f"<blockquote expandable>{html}</blockquote>"
