"""The question that is asked where a message is only likely to ask for something."""

from collections.abc import Sequence

from agents.builtin.understand import COUNTERPARTY
from agents.requests import Base

_WHAT = {
    "invoice.create": "an invoice",
    "invoice.remind": "a payment reminder",
    "payment.record": "a payment noted",
    "client.onboard": "a new client",
    "lead.add": "a new lead",
    "email.write": "a mail",
    "meeting.schedule": "a meeting",
    "reminder.set": "a reminder",
    "content.plan": "a content plan",
    "content.write": "a draft",
    "research": "something looked up",
    "memory.save": "something remembered",
    "memory.ask": "an answer from memory",
    "refund.issue": "a refund",
    "student.answer": "an answer to a student",
    "submission.grade": "a submission graded",
    "digest.show": "the digest",
    "status.show": "the status",
    "cost.show": "the costs",
    "approvals.show": "what waits for you",
    "undo.last": "what was done last to be taken back",
    "pause": "everything to be paused",
    "resume": "everything to go on again",
}


def question(requests: Sequence[Base], currency: str) -> str:
    """Whether these requests are meant; sums without a currency are in the operator's own."""
    return f"Do you want {', and '.join(_told(each, currency) for each in requests)}?"


def _told(request: Base, currency: str) -> str:
    given = request.model_dump(mode="json")
    who = next((given[slot] for slot in COUNTERPARTY if given.get(slot)), None)
    told = _WHAT[given["intent"]] + (f" for {who}" if who else "")
    if given.get("amount"):
        told += f", {given['amount']} {given.get('currency') or currency}"
    return told
