"""Edits of a card in plain words, and what they changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from agents import lessons
from agents.builtin.edits import UNREAD, understand_edit
from agents.outcomes import CHOSEN
from agents.requests import Base, Request
from core.plans import Plan, Value
from core.profile import Profile

NOT_EDITABLE = frozenset({"undo.last", "invoice.remind", "refund.issue"})
"""Plans that hold nothing for the operator to word differently."""

FIELDS = {
    "amount": "make it {}",
    "due": "due {}",
    "description": "description: {}",
    "client": "client {}",
    "email": "send it to {}",
    "to": "to {}",
    "start": "move it to {}",
    "with": "with {}",
}
"""Values that can be changed by naming them alone, and how the change is said in words."""
VERBATIM = frozenset({"subject", "body"})
"""Values of a mail that are taken as they are written."""

_REQUEST: TypeAdapter[Base] = TypeAdapter(Request)


def stored(plan: Plan) -> tuple[Base, dict[str, Any]]:
    """The request and the extras that a plan was made from."""
    data = dict(plan.request)
    extra = data.pop("$extra", {})
    return _REQUEST.validate_python(data), dict(extra)


@dataclass(frozen=True, slots=True)
class Edited:
    """A request and its extras as changed; ``unread`` are words that changed nothing."""

    request: Base
    extra: dict[str, Any]
    unread: tuple[str, ...] = ()


def _mail_edit(changes: dict[str, Any], plan: Plan, extra: dict[str, Any]) -> dict[str, Any]:
    body = plan.preview.get("mail_body", "")
    if "body_replace" in changes:
        old, new = changes.pop("body_replace")
        subject = plan.preview.get("mail_subject", "")
        if old not in body:
            changes[UNREAD] = (*changes.get(UNREAD, ()), f"{old} → {new}")
        elif old in subject and "subject" not in changes:
            changes["subject"] = subject.replace(old, new)
        body = body.replace(old, new)
    if "append" in changes:
        added = str(changes.pop("append"))
        added = added[:1].upper() + added[1:]
        added += "" if added.endswith((".", "!", "?")) else "."
        closing = lessons.closing(body)
        head, sign, tail = body.rpartition(f"\n\n{closing}") if closing else (body, "", "")
        body = f"{head}\n\n{added}{sign}{tail}"
    if body != plan.preview.get("mail_body", ""):
        extra = extra | {"body": body}
    if "subject" in changes:
        extra = extra | {"subject": str(changes.pop("subject"))}
    if "about" in changes:  # new words replace an edited text
        extra = {key: value for key, value in extra.items() if key not in ("body", "subject")}
    return extra


def fields(plan: Plan) -> list[Value]:
    """The values of a card that can be changed one by one."""
    verbatim = VERBATIM if plan.intent == "email.write" else frozenset[str]()
    return [v for v in plan.values if v.slot in verbatim or _in_words(plan, v.slot)]


def _in_words(plan: Plan, slot: str) -> bool:
    # Where a mail goes is decided by whom it is to.
    return slot in FIELDS and not (slot == "email" and plan.intent == "email.write")


def apply_edit(
    plan: Plan,
    text: str,
    *,
    now: datetime,
    profile: Profile,
    names: Sequence[str],
    slot: str | None = None,
) -> Edited | None:
    """The request and extras as the operator's words change them; None where they don't.

    With ``slot`` the words are the new value of that one.
    """
    if plan.intent in NOT_EDITABLE:
        return None
    request, extra = stored(plan)
    if slot in VERBATIM and plan.intent == "email.write":
        return Edited(request, extra | {slot: text.strip()})
    if slot in FIELDS:
        text = FIELDS[slot].format(text.strip())
    before = (request, dict(extra))
    changes = understand_edit(
        text,
        intent=plan.intent,
        now=profile.local(now),
        zone=profile.tz,
        currency=profile.currency,
        names=names,
        current=getattr(request, "start", None),
    )
    # A client is changed only to words that look like a name: known, or written as one.
    for slot in ("client", "to"):
        said = str(changes.get(slot, ""))
        known = any(said.casefold() in name.casefold() for name in names)
        if said and not known and said.casefold() in text.casefold()[: len(said)]:
            changes[UNREAD] = (*changes.get(UNREAD, ()), str(changes.pop(slot)))
    if plan.intent == "email.write":
        extra = _mail_edit(changes, plan, extra)
    for slot in ("client", "to"):
        if slot in changes:
            extra.pop(slot, None)
            extra.pop("email", None)
            extra.pop(CHOSEN, None)
    known_fields = type(request).model_fields
    if "email" in changes and "email" not in known_fields:
        extra = extra | {"email": changes.pop("email")}
    unread = tuple(str(words) for words in changes.pop(UNREAD, ()))
    updates = {("with_" if k == "with" else k): v for k, v in changes.items()}
    updates = {k: v for k, v in updates.items() if k in known_fields}
    if "due_days" in updates:
        updates["due_date"] = None
    elif "due_date" in updates:
        updates["due_days"] = None
    request = type(request).model_validate(request.model_dump(by_alias=False) | updates)
    return None if (request, extra) == before else Edited(request, extra, unread)


def with_extra(plan: Plan, extra: dict[str, Any]) -> Plan:
    """``plan`` with the extras that it was made from, for a later edit."""
    return plan.model_copy(update={"request": plan.request | {"$extra": extra}})


def with_differences(plan: Plan, old: Plan) -> Plan:
    """``plan`` with the old value beside each one that is another than in ``old``."""
    shown = {value.slot: value.shown for value in old.values}
    values = tuple(
        value.model_copy(update={"before": shown[value.slot]})
        if value.slot in shown and shown[value.slot] != value.shown
        else value
        for value in plan.values
    )
    return plan.model_copy(update={"values": values})
