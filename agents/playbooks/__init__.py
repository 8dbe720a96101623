"""Playbooks: plan templates for repeated flows. Each takes a typed request and the context, and
returns a plan, one question, or something to say. None of them can change anything.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import ValidationError

from agents.context import Context
from agents.outcomes import Ask, Doubt, Say
from agents.playbooks import (
    content,
    dunning,
    invoice,
    leads,
    mail,
    meeting,
    memory,
    payment,
    people,
    records,
    refund,
    research,
    teaching,
)
from agents.requests import (
    Base,
    ClientOnboard,
    ContentPlan,
    ContentWrite,
    EmailWrite,
    InvoiceCreate,
    InvoiceRemind,
    LeadAdd,
    MeetingSchedule,
    MemoryAsk,
    MemorySave,
    PaymentRecord,
    RefundIssue,
    ReminderSet,
    Research,
    StudentAnswer,
    SubmissionGrade,
)
from core.errors import FactotumError
from core.plans import Plan

Outcome = Plan | tuple[Plan, ...] | Ask | Say | Doubt
"""One plan, several that are alike, a question, something to say, or a contradiction."""
Playbook = Callable[[Any, Context], Awaitable[Outcome]]

PLAYBOOKS: dict[type[Base], Playbook] = {
    InvoiceCreate: invoice.create,
    InvoiceRemind: dunning.remind,
    PaymentRecord: payment.record,
    EmailWrite: mail.write,
    MeetingSchedule: meeting.schedule,
    ReminderSet: records.remind,
    MemorySave: memory.keep,
    MemoryAsk: memory.answer,
    ClientOnboard: people.onboard,
    LeadAdd: leads.add,
    RefundIssue: refund.issue,
    ContentWrite: content.write,
    ContentPlan: content.plan,
    Research: research.answer,
    StudentAnswer: teaching.answer,
    SubmissionGrade: teaching.grade,
}
"""Which playbook serves which request. What isn't here can't be done yet, and is said so."""


async def make(request: Base, context: Context) -> Outcome:
    """What comes of one request."""
    playbook = PLAYBOOKS.get(type(request))
    if playbook is None:
        what = (type(request).__doc__ or "").splitlines()[0].rstrip(".")
        return Say(
            f"I understood: {what[:1].lower()}{what[1:]}. I can't do that yet, "
            "so nothing was done. /help shows what I can do."
        )
    try:
        return await playbook(request, context)
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise FactotumError(f"That does not work: {reason}. Nothing was done.") from error
