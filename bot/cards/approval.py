"""The approval card: everything that is about to happen, before the tap."""

from datetime import datetime

from bot.outgoing import Button, Outgoing, esc
from core.approvals import Approval
from core.money import Money
from core.plans import Plan, Value
from core.when import day

PREVIEW_LABELS = {"mail_subject": "Subject", "attachment": "Attached"}


def buttons(approval_id: str) -> tuple[tuple[Button, ...], ...]:
    """The four buttons of every approval card."""
    return (
        (
            Button("Approve", f"ok:{approval_id}", "success"),
            Button("Edit", f"edit:{approval_id}"),
        ),
        (
            Button("Reject", f"no:{approval_id}", "danger"),
            Button("Why", f"why:{approval_id}"),
        ),
    )


def value_line(value: Value) -> str:
    """One value with where it came from; what was edited shows the old value struck out."""
    shown = esc(value.shown)
    if value.before is not None:
        shown = f"<s>{esc(value.before)}</s> → <b>{shown}</b>"
    origin = value.origin.value + (f": {value.source}" if value.source else "")
    return f"{esc(value.label)}: {shown}\n   <i>{esc(origin)}</i>"


def _preview(plan: Plan) -> str:
    preview = plan.preview
    if not preview:
        return ""
    head = "\n".join(
        f"{label}: {esc(preview[key])}" for key, label in PREVIEW_LABELS.items() if key in preview
    )
    body = esc(preview["mail_body"].strip())
    return f"The mail:\n<blockquote expandable>{head}\n\n{body}</blockquote>\n"


def card(plan: Plan, approval: Approval, *, cost: Money, local_expiry: datetime) -> Outgoing:
    """The card with its buttons. ``local_expiry`` is on the operator's clock."""
    shown_in_preview = {"subject", "body"} if plan.preview else set[str]()
    values = [
        value_line(value)
        for value in plan.values
        if value.slot not in shown_in_preview or value.before is not None
    ]
    edited = any(value.before is not None for value in plan.values)
    title = f"<b>{esc(plan.title)}</b>" + (" · changed as you said" if edited else "")
    return Outgoing(
        html="\n".join(
            [
                title,
                "",
                *values,
                "",
                _preview(plan)
                + f"Costs {cost}. {esc(plan.reversal)}\n"
                + f"Nothing has happened yet. Without an answer it lapses on {day(local_expiry)}.",
            ]
        ),
        buttons=buttons(approval.id),
        silent=False,
    )


def replaced(plan: Plan) -> Outgoing:
    """What becomes of a card that was edited into a newer one."""
    return Outgoing(html=f"<s>{esc(plan.title)}</s>\nReplaced by the card below.")


def working(plan: Plan) -> Outgoing:
    """Between the tap and the outcome."""
    return Outgoing(html=f"<b>{esc(plan.title)}</b>\nApproved. Working on it…")


def rejected(plan: Plan, reason: str | None, approval_id: str) -> Outgoing:
    """A rejected card; asks for the reason while there is none."""
    told = f"Reason: {esc(reason)}" if reason else "Why? Reply with a reason, or tap."
    return Outgoing(
        html=f"<b>Rejected: {esc(plan.title)}</b>\nNothing was sent. {told}",
        buttons=()
        if reason
        else (
            (
                Button("Just no", f"reason:{approval_id}"),
                Button("Why", f"why:{approval_id}"),
            ),
        ),
    )


def expired(plan: Plan) -> Outgoing:
    """A card whose time was over."""
    return Outgoing(
        html=f"<b>Expired: {esc(plan.title)}</b>\nNobody answered, so nothing was sent."
    )


def cancelled(plan: Plan) -> Outgoing:
    """A card that no longer covers what it showed."""
    return Outgoing(
        html=f"<b>Cancelled: {esc(plan.title)}</b>\n"
        "What it covers has changed since it was shown, so nothing was sent."
    )
