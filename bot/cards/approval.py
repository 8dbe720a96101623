"""The approval card: everything that is about to happen, before the tap."""

import difflib
from collections.abc import Sequence
from datetime import datetime

from bot.cards import careful
from bot.cards.fitting import Cut, document, fitted
from bot.editing import NOT_EDITABLE
from bot.lookalike import Known
from bot.outgoing import Button, Outgoing, esc
from core.approvals import Approval
from core.costs import Cost
from core.plans import Origin, Plan, Value
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
            Button("More", f"more:{approval_id}"),
        ),
    )


def _changed(before: str, now: str, outside: Sequence[str] = ()) -> str:
    return f"<s>{esc(before)}</s> → <b>{careful.underlined(now, outside)}</b>"


def value_line(value: Value, cut: Cut = str) -> str:
    """One value with where it came from; what was edited shows the old value struck out.

    Only "said now" is left out: it is what most values are, and ``card`` says so once for all.
    """
    now, outside = cut(value.shown), _outside(value, cut)
    shown = (
        careful.underlined(now, outside)
        if value.before is None
        else _changed(cut(value.before), now, outside)
    )
    return f"{esc(cut(value.label))}: {shown}{_marked(value, cut)}"


def _marked(value: Value | None, cut: Cut) -> str:
    """The origin of a value as it stands behind it."""
    if value is None:
        return ""
    origin = "" if value.origin is Origin.SAID else value.origin.value
    told = ": ".join(part for part in (origin, cut(value.source)) if part)
    return f" · <i>{esc(told)}</i>" if told else ""


def _outside(value: Value | None, cut: Cut) -> list[str]:
    """The pieces of a value that are neither the operator's words nor the house's."""
    pieces = value.outside if value else ()
    return [cut(line.strip()) for piece in pieces for line in piece.split("\n")]


def _body(before: str | None, now: str, outside: Sequence[str] = ()) -> str:
    now = now.strip(" \n")
    if before is None:
        return careful.underlined(now, outside)
    lines: list[str] = []
    # Not splitlines: that takes other separators away, which are to be seen.
    for line in difflib.ndiff(before.strip(" \n").split("\n"), now.split("\n")):
        sign, text = line[:2], careful.underlined(line[2:], outside)
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


def _price(plan: Plan) -> str:
    """What thinking it further may cost, as a sentence."""
    return f"A better draft may cost up to {Cost(plan.price)}. " if plan.price else ""


def _preview(plan: Plan, cut: Cut) -> str:
    preview = plan.preview
    if not preview:
        return ""
    values = {value.slot: value for value in plan.values}
    subject, text = values.get("subject"), values.get("body")
    now = cut(preview["mail_subject"])
    old = subject.before if subject else None
    foreign = _outside(subject, cut)
    changed = (
        _changed(cut(old), now, foreign) if old is not None else careful.underlined(now, foreign)
    )
    head = [f"Subject: {changed}{_marked(subject, cut)}"]
    if "mail_from" in preview:
        head.append(f"From: {esc(cut(preview['mail_from']))}")
    if preview.get("mail_to") not in {value.shown for value in plan.values} | {None}:
        head.append(f"To: {esc(cut(preview['mail_to']))}")
    if "attachment" in preview:
        head.append(f"Attached: {esc(cut(preview['attachment']))}")
    if text and text.origin is not Origin.SAID:
        head.append(f"{esc(cut(text.label))}{_marked(text, cut)}")
    before = cut(text.before) if text and text.before is not None else None
    body = _body(before, cut(preview["mail_body"]), _outside(text, cut))
    by = f"<i>Text: {esc(text.source)}</i>\n" if text and text.source else ""
    return "<blockquote expandable>" + "\n".join(head) + f"\n\n{body}</blockquote>\n{by}"


def card(
    plan: Plan,
    approval: Approval,
    *,
    cost: Cost,
    local_expiry: datetime,
    hold_seconds: int = 0,
    known: Sequence[Known] = (),
) -> Outgoing:
    """The card with its buttons. ``local_expiry`` is on the operator's clock.

    ``hold_seconds`` is the hold window of what can't be taken back, 0 where there is none.
    ``known`` are those for whom a name or an address on the card might be taken.
    What a message can't hold goes along in full as a document, and the card says so.
    """
    in_values = [v for v in plan.values if not (plan.preview and v.slot in _IN_PREVIEW)]
    edited = any(value.before is not None for value in plan.values)
    said = any(value.origin is Origin.SAID for value in plan.values)
    does = [step.label for step in plan.steps if step.kind != "draft" and step.label]
    warned = careful.lines([plan], known)

    def render(cut: Cut) -> str:
        title = f"<b>{esc(cut(plan.title))}</b>" + (" · changed as you said" if edited else "")
        lines = [title, *(f"<b>{esc(cut(line))}</b>" for line in warned)]
        lines += [value_line(value, cut) for value in in_values]
        if len(does) > 1:
            lines.append(f"Will {esc(cut(', then '.join(does)))}.")
        foot = (
            ("Said now unless marked otherwise. " if said else "")
            + f"Costs {cost}. {_price(plan)}{esc(cut(plan.reversal))}\n"
            + (
                f"After Approve it waits {hold_seconds} seconds with an Undo button.\n"
                if hold_seconds
                else ""
            )
            + f"Nothing has happened yet. Lapses on {day(local_expiry)}."
        )
        return "\n".join([*lines, _preview(plan, cut) + foot])

    html, shortened = fitted(render)
    return Outgoing(
        html=html,
        buttons=buttons(approval.id, editable=plan.intent not in NOT_EDITABLE),
        silent=False,
        full=document([plan], warned) if shortened else None,
    )


def replaced(plan: Plan) -> Outgoing:
    """What becomes of a card that was edited into a newer one."""
    return Outgoing(html=f"<s>{esc(plan.title)}</s>\nReplaced by the card below.")


def working(plan: Plan) -> Outgoing:
    """Between the tap and the outcome."""
    return Outgoing(html=f"<b>{esc(plan.title)}</b>\nApproved. Working on it…")


def approved_in_a_pause(plan: Plan) -> Outgoing:
    """Approved while everything is paused."""
    return Outgoing(
        html=f"<b>{esc(plan.title)}</b>\n"
        "Approved. Everything is paused, so it goes out after /resume."
    )


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
