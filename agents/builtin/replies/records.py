"""Replies to the cards with few slots: only a field named outright changes anything."""

from collections.abc import Mapping

from agents.builtin.phrases import ADDRESS
from agents.builtin.replies import whom
from agents.builtin.replies.card import Card, Changes
from agents.builtin.replies.fields import named
from agents.builtin.replies.reply import Reply

_SLOTS: Mapping[str, tuple[str, ...]] = {
    "invoice.remind": ("client", "invoice_no"),
    "client.onboard": ("client", "contact", "email"),
    "lead.add": ("email",),
    "content.write": ("topic",),
    "content.plan": ("topic",),
}


def alone(reply: Reply, only: bool) -> Changes:
    """The one field that a clause names, and a mail address where the card has one."""
    slots = _SLOTS.get(reply.intent, ())
    if not slots:
        return {}
    field, value = named(reply, *slots) or ("", "")
    match field:
        case "":
            found = whom.address(reply) if "email" in slots else None
            return {"email": found[0]} if found and found[1] is None else {}
        case "email":
            address = ADDRESS.search(value)
            return {"email": address.group().rstrip(".")} if address else {}
        case "client" | "contact":
            name = whom.named(reply, value)
            return {field: name} if name else {}
        case _:
            return {field: value}


def starts(reply: Reply) -> bool:
    """A field named outright."""
    return bool(alone(reply, False))


CARD = Card(alone=alone, starts=starts)
