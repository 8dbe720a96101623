"""The approval card: everything that is about to happen, before the tap."""

import difflib
from datetime import datetime

from bot.editing import NOT_EDITABLE
from bot.outgoing import Button, Outgoing, esc
from core.approvals import Approval
from core.money import Money
from core.plans import Plan, Value
from core.when import day

_IN_PREVIEW = frozenset({"subject", "body"})
"""Values that the mail below shows anyway."""


def buttons(approval_id: str, *, editable: bool) -> tuple[tuple[Button, ...], ...]:
    """The buttons of an approval card."""
    approve = Button("Approve", f"ok:{approval_id}", "success")
    edit = (Button("Edit", f"edit:{approval_id}"),) if editable else ()
    return (
        (approve, *edit),
        (
            Button("Reject", f"no:{approval_id}", "danger"),
            Button("Why", f"why:{approval_id}"),
        ),
    )


def _changed(before: str, now: str) -> str:
    return f"<s>{esc(before)}</s> → <b>{esc(now)}</b>"


def value_line(value: Value) -> str:
    """One value with where it came from; what was edited shows the old value struck out."""
    shown = esc(value.shown) if value.before is None else _changed(value.before, value.shown)
    origin = value.origin.value + (f": {value.source}" if value.source else "")
    return f"{esc(value.label)}: {shown} · <i>{esc(origin)}</i>"


def _body(before: str | None, now: str) -> str:
    if before is None:
        return esc(now.strip())
    lines: list[str] = []
    for line in difflib.ndiff(before.strip().splitlines(), now.strip().splitlines()):
        sign, text = line[:2], esc(line[2:])
        match sign:
            case "- ":
                lines.append(f"<s>{text}</s>" if text else "")
            case "+ ":
                lines.append(f"<b>{text}</b>" if text else "")
            case "  ":
                lines.append(text)
            case _:
                pass  # hints about columns
    return "\n".join(lines)


def _preview(plan: Plan) -> str:
    preview = plan.preview
    if not preview:
        return ""
    before = {value.slot: value.before for value in plan.values}
    old = before.get("subject")
    subject = preview["mail_subject"]
    lines = [f"Subject: {_changed(old, subject) if old is not None else esc(subject)}"]
    if "attachment" in preview:
        lines.append(f"Attached: {esc(preview['attachment'])}")
    body = _body(before.get("body"), preview["mail_body"])
    head = "\n".join(lines)
    return f"The mail:\n<blockquote expandable>{head}\n\n{body}</blockquote>\n"


def card(plan: Plan, approval: Approval, *, cost: Money, local_expiry: datetime) -> Outgoing:
    """The card with its buttons. ``local_expiry`` is on the operator's clock."""
    values = [
        value_line(value)
        for value in plan.values
        if not (plan.preview and value.slot in _IN_PREVIEW)
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
        buttons=buttons(approval.id, editable=plan.intent not in NOT_EDITABLE),
        silent=False,
    )


def replaced(plan: Plan) -> Outgoing:
    """What becomes of a card that was edited into a newer one."""
    return Outgoing(html=f"<s>{esc(plan.title)}</s>\nReplaced by the card below.")


def working(plan: Plan) -> Outgoing:
    """Between the tap and the outcome."""
    return Outgoing(html=f"<b>{esc(plan.title)}</b>\nApproved. Working on it…")


def again(plan: Plan) -> Outgoing:
    """What failed is tried once more."""
    return Outgoing(html=f"<b>{esc(plan.title)}</b>\nTrying again…")


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
