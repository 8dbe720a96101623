"""What a message can ask for: one typed request per intent. The planner's vocabulary."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, Field, PlainSerializer

Amount = Annotated[
    Decimal, PlainSerializer(lambda v: f"{v:.2f}", return_type=str, when_used="json")
]
"""Major units, two decimals when written as JSON."""


Unclear = Annotated[
    Literal["amount"] | None,
    Field(description="What the message does say, but in a way that can't be told for certain"),
]
"""A slot that may stay empty, yet not here: it is asked about."""


class Base(BaseModel, frozen=True, extra="forbid"):
    """A request: only what the message says; None where it says nothing.

    ``essential`` names the slots that must be known; ``a|b`` where one of two will do.
    """

    essential: ClassVar[tuple[str, ...]] = ()

    def missing(self) -> list[str]:
        """The slots to ask about: the essential ones that are empty, and one that is unclear."""
        empty = [
            group
            for group in self.essential
            if all(getattr(self, slot) in (None, "") for slot in group.split("|"))
        ]
        unclear: str | None = getattr(self, "unclear", None)
        return [*empty, unclear] if unclear and getattr(self, unclear) is None else empty


class InvoiceCreate(Base, frozen=True):
    """Bill a client."""

    essential = ("client", "amount")
    intent: Literal["invoice.create"] = "invoice.create"
    client: str | None = None
    amount: Amount | None = None
    currency: str | None = None
    description: str | None = None
    due_days: int | None = None
    due_date: date | None = None


class InvoiceRemind(Base, frozen=True):
    """Remind a client of an open invoice."""

    essential = ("client|invoice_no",)
    intent: Literal["invoice.remind"] = "invoice.remind"
    client: str | None = None
    invoice_no: str | None = None


class PaymentRecord(Base, frozen=True):
    """Note that a client paid."""

    essential = ("client|invoice_no",)
    intent: Literal["payment.record"] = "payment.record"
    client: str | None = None
    invoice_no: str | None = None
    amount: Amount | None = None
    currency: str | None = None
    unclear: Unclear = None


class ClientOnboard(Base, frozen=True):
    """Take on a new client."""

    essential = ("client",)
    intent: Literal["client.onboard"] = "client.onboard"
    client: str | None = None
    contact: str | None = None
    email: str | None = None


class LeadAdd(Base, frozen=True):
    """Note a possible client."""

    essential = ("name|company",)
    intent: Literal["lead.add"] = "lead.add"
    name: str | None = None
    company: str | None = None
    email: str | None = None
    source: str | None = None


class EmailWrite(Base, frozen=True):
    """Write to somebody. ``about`` is what the mail should say."""

    essential = ("to", "about")
    intent: Literal["email.write"] = "email.write"
    to: str | None = None
    about: str | None = None


class MeetingSchedule(Base, frozen=True):
    """Put a meeting in the calendar. ``start`` is local wall time without an offset."""

    essential = ("with_", "start")
    intent: Literal["meeting.schedule"] = "meeting.schedule"
    with_: str | None = Field(default=None, alias="with", serialization_alias="with")
    start: datetime | None = None
    duration_min: int | None = None

    model_config = {"populate_by_name": True}

    def missing(self) -> list[str]:
        """As in Base, with the slot's public name ``with``."""
        return [slot.rstrip("_") for slot in super().missing()]


class ReminderSet(Base, frozen=True):
    """Remind the operator. ``at`` is local wall time without an offset."""

    essential = ("what", "at")
    intent: Literal["reminder.set"] = "reminder.set"
    what: str | None = None
    at: datetime | None = None


class ContentPlan(Base, frozen=True):
    """Plan pieces of content."""

    intent: Literal["content.plan"] = "content.plan"
    topic: str | None = None
    count: int | None = None
    period: str | None = None


class ContentWrite(Base, frozen=True):
    """Write a piece of content."""

    essential = ("topic",)
    intent: Literal["content.write"] = "content.write"
    topic: str | None = None
    format: Literal["post", "newsletter", "article", "thread", "script"] | None = None


class Research(Base, frozen=True):
    """Find out what the world knows."""

    essential = ("question",)
    intent: Literal["research"] = "research"
    question: str | None = None


class MemorySave(Base, frozen=True):
    """Keep a statement."""

    essential = ("statement",)
    intent: Literal["memory.save"] = "memory.save"
    statement: str | None = None


class MemoryAsk(Base, frozen=True):
    """Ask what the company itself knows."""

    essential = ("question",)
    intent: Literal["memory.ask"] = "memory.ask"
    question: str | None = None


class RefundIssue(Base, frozen=True):
    """Give money back."""

    essential = ("to",)
    intent: Literal["refund.issue"] = "refund.issue"
    to: str | None = None
    amount: Amount | None = None
    currency: str | None = None
    unclear: Unclear = None
    reason: str | None = None


class StudentAnswer(Base, frozen=True):
    """Answer a student's question."""

    essential = ("question",)
    intent: Literal["student.answer"] = "student.answer"
    student: str | None = None
    question: str | None = None


class SubmissionGrade(Base, frozen=True):
    """Grade a student's work."""

    essential = ("student", "assignment")
    intent: Literal["submission.grade"] = "submission.grade"
    student: str | None = None
    assignment: str | None = None


class Show(Base, frozen=True):
    """A request without slots: something to show, or a switch."""

    intent: Literal[
        "digest.show",
        "status.show",
        "cost.show",
        "approvals.show",
        "undo.last",
        "pause",
        "resume",
    ]


class Chat(Base, frozen=True):
    """No request at all: small talk, thanks, thinking aloud."""

    intent: Literal["chat"] = "chat"


Request = Annotated[
    InvoiceCreate
    | InvoiceRemind
    | PaymentRecord
    | ClientOnboard
    | LeadAdd
    | EmailWrite
    | MeetingSchedule
    | ReminderSet
    | ContentPlan
    | ContentWrite
    | Research
    | MemorySave
    | MemoryAsk
    | RefundIssue
    | StudentAnswer
    | SubmissionGrade
    | Show
    | Chat,
    Field(discriminator="intent"),
]
"""Any request, told apart by ``intent``."""
