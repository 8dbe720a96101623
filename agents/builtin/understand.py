"""A message in, typed requests out: the built-in model's understanding."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import get_global

from agents.builtin.ambiguity import COUNTERPARTY, alternatives_for, retracted
from agents.builtin.clauses import Piece, cut
from agents.builtin.corrections import corrected
from agents.builtin.guards import held_back
from agents.builtin.lexicon import words
from agents.builtin.names import Name, Names
from agents.builtin.repeats import adds_to, only_repeats
from agents.builtin.slots import billing, calendar, course, payments, people, reminders, writing
from agents.builtin.slots.context import Context
from agents.builtin.text import Text, prepare
from agents.requests import (
    Chat,
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
    Request,
    Research,
    Show,
    StudentAnswer,
    SubmissionGrade,
)

Reader = Callable[[Context], dict[str, Any]]

_READERS: Mapping[str, tuple[type[Any], Reader]] = {
    "invoice.create": (InvoiceCreate, billing.invoice_create),
    "invoice.remind": (InvoiceRemind, billing.invoice_remind),
    "payment.record": (PaymentRecord, payments.payment_record),
    "refund.issue": (RefundIssue, payments.refund_issue),
    "client.onboard": (ClientOnboard, people.client_onboard),
    "lead.add": (LeadAdd, people.lead_add),
    "email.write": (EmailWrite, people.email_write),
    "meeting.schedule": (MeetingSchedule, calendar.meeting_schedule),
    "reminder.set": (ReminderSet, reminders.reminder_set),
    "content.plan": (ContentPlan, writing.content_plan),
    "content.write": (ContentWrite, writing.content_write),
    "research": (Research, writing.research),
    "memory.save": (MemorySave, writing.memory_save),
    "memory.rule": (MemorySave, writing.memory_rule),
    "memory.ask": (MemoryAsk, writing.memory_ask),
    "student.answer": (StudentAnswer, course.student_answer),
    "submission.grade": (SubmissionGrade, course.submission_grade),
}
CORRECTED = words(
    "invoice.create invoice.remind payment.record refund.issue meeting.schedule reminder.set "
    "client.onboard lead.add"
)
"""Requests of plain values. What a mail or a note says is kept as it is written."""
MODELS: Mapping[str, type[Any]] = {intent: model for intent, (model, _) in _READERS.items()}
"""The request that an intent makes."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """The requests of a message, in its order; ``(Chat(),)`` when it holds none."""

    requests: tuple[Request, ...]
    reason: str
    """One plain sentence: which words decided."""
    confidence: float
    refused: bool = False
    """Whether the words speak against acting: "if", "don't", a report of what somebody said."""
    doubted: bool = False
    """Whether that is said of the message as a whole, in which no order was found."""
    likely: tuple[Request, ...] = ()
    """What the message may ask for where it is not certain enough to act: to be asked about."""


def understand(
    text: str, *, now: datetime, zone: ZoneInfo, names: Sequence[str] = (), currency: str = "EUR"
) -> Understanding:
    """What a message asks for.

    ``names`` are known clients and contacts; ``currency`` is the operator's own. A slot is filled
    only with what the message says; where it may be read in two ways it stays empty.
    """
    prepared = prepare(text)
    if not prepared.raw.strip():
        return Understanding((Chat(),), "The message is empty.", 1.0)
    who = Names(prepared, names)
    pieces = cut(prepared, who)
    requests: list[Request] = []
    read: list[str] = []
    earlier: list[Name] = []
    contact: Name | None = None
    for index, piece in enumerate(pieces):
        hit = piece.hit
        if hit is None or piece.dead:
            continue
        spoken = prepared.raw[hit.start : hit.end].strip(" ,.:;")
        if hit.form == "show":
            shown = Show(intent=hit.intent)  # type: ignore[arg-type] - of no other kind
            if shown in requests:
                continue
            requests.append(shown)
            read.append(f"“{spoken}” reads as {hit.intent}")
            continue
        context = _context(
            prepared, who, pieces, index, now, zone, currency, tuple(earlier), contact
        )
        model, reader = _READERS[hit.intent]
        slots = {key: value for key, value in reader(context).items() if value is not None}
        slots |= _in_full(context, slots)
        told = prepared.low[hit.start : hit.verb_end].split()
        ordered = [
            key
            for key in COUNTERPARTY
            if (said := str(slots.get(key, "")))
            and said not in names
            and (said.lower().split() == told or _IS_NUMBER.fullmatch(said))
        ]
        for key in [*alternatives_for(context, slots), *retracted(context, slots), *ordered]:
            slots.pop(key, None)  # "Reclama el pago": the order itself is nobody
        if hit.intent == "payment.record" and not _pays(context, slots):
            continue
        request = model(**slots)
        if (
            hit.form == "noun"
            and hit.intent == "meeting.schedule"
            and not (slots.get("start") or slots.get("with_"))
        ):
            continue
        if (
            hit.form == "noun"
            and hit.intent == "reminder.set"
            and not slots.get("at")
            and prepared.raw[hit.end : hit.end + 1] != ":"
        ):
            continue
        if only_repeats(request, requests) or (hit.wish and request.missing()):
            continue
        if isinstance(request, InvoiceCreate) and request.client is None and requests:
            new = requests[-1].client if isinstance(requests[-1], ClientOnboard) else None
            request = request.model_copy(update={"client": new})
        if isinstance(request, InvoiceCreate) and requests:
            requests[-1], request = _shared(requests[-1], request)
            if _BOTH_DUE.search(prepared.low, piece.start):
                requests = [_due_too(each, request) for each in requests]
        if adds_to(requests, request):
            requests.pop()  # "New client Kern, please onboard, contact is Ida"
        requests.append(request)
        read.append(
            f"“{spoken or prepared.raw[piece.start : piece.end].strip()[:40]}” reads as "
            f"{model().intent}"
        )
        for key in COUNTERPARTY:
            if isinstance(slots.get(key), str) and "@" not in slots[key]:
                earlier.append(Name(slots[key], piece.start, piece.end))
                person = slots.get("contact")
                contact = Name(person, piece.start, piece.end) if person else None
                break
    if requests:
        missing = [
            slot
            for request in requests
            if not isinstance(request, Show | Chat)
            for slot in request.missing()
        ]
        ask = (
            f"; it doesn't say {', '.join(m.replace('|', ' or ') for m in missing)}"
            if missing
            else ""
        )
        return Understanding(tuple(requests), "; ".join(read) + ask + ".", 0.6 if missing else 0.9)
    dead = next((p for p in pieces if p.dead), None)
    if dead is not None:
        quote = prepared.raw[dead.start : dead.end].strip()[:60]
        return Understanding((Chat(),), f"“{quote}” is no order: {dead.dead}.", 0.8, True)
    why = held_back(prepared.own)
    if why is not None:
        return Understanding((Chat(),), f"Nothing is asked for: {why}.", 0.8, True, True)
    return Understanding((Chat(),), "No word of the message asks for anything I do.", 0.7)


def _in_full(context: Context, slots: dict[str, Any]) -> dict[str, str]:
    """First names that the message gives in full later on: "Refund Ana. Ana Lopez, that is"."""
    found: dict[str, str] = {}
    for key in COUNTERPARTY:
        said = slots.get(key)
        if not isinstance(said, str) or " " in said.strip() or not said[:1].isupper():
            continue
        full = {
            name.value
            for name in context.named(context.text.raw.find(said) + 1, len(context.text.raw))
            if said in name.value.split()
            and name.value != said
            and not (name.start < context.hit.verb_end and context.hit.start < name.end)
        }
        if len(full) == 1:
            found[key] = full.pop()
    return found


_BOTH_FOR = re.compile(r"^(?:both|each|all\s+(?:of\s+them|three))\s+(?:for|of)\s+", re.I)
_FOR_ALL = re.compile(r"\s*,?\s*\b(?:for\s+)?(?:both|each|all\s+(?:of\s+them|three))\b.*$", re.I)


_BOTH_DUE = re.compile(
    r"\b(?:both|each|all(?:\s+of\s+them)?|alle|beide|ambas|todas|toutes)(?:\s+(?:are|is|in|at|net|due|on|"
    r"payable|with|sind|fällig|zahlbar|à|a|en|by|bis))*\s+\d"
)


def _due_too(former: Request, latter: InvoiceCreate) -> Request:
    """An invoice with the terms that the last one says of both: "both 14 days"."""
    if not isinstance(former, InvoiceCreate) or former.due_days or former.due_date:
        return former
    return former.model_copy(update={"due_days": latter.due_days, "due_date": latter.due_date})


def _shared(former: Request, latter: InvoiceCreate) -> tuple[Request, InvoiceCreate]:
    """Two invoices, the words "for both" taken for the first one too."""
    if (
        isinstance(former, InvoiceCreate)
        and former.description is None
        and latter.description
        and _FOR_ALL.search(latter.description)
    ):
        plain = _FOR_ALL.sub("", _BOTH_FOR.sub("", latter.description))
        return (
            former.model_copy(update={"description": plain}),
            latter.model_copy(update={"description": plain}),
        )
    return former, latter


_IS_NUMBER = re.compile(r"(?:[A-Za-z]{1,4}[-/])?#?\d[\d/-]*")
""" "R-118" is an invoice."""
_PAYS = re.compile(
    r"(?:paid|payed|settled|cleared|transferred|wired|bezahlt|beglichen|pagado|pagó|payé|"
    r"réglé)\s+(?:\w+\s+){0,3}?(?:invoices?|bill|deposit|fee|rechnung|factura|facture|in\s+full|"
    r"up\b|today|now\b)|"
    r"(?:just|finally|has|have|hat|ha|a)\s+(?:just\s+|now\s+|finally\s+)?(?:paid|settled|bezahlt|"
    r"pagado|payé)|(?:invoice|rechnung|factura|facture)\s+\S*\s*(?:is|was|has\s+been)?\s*paid|"
    r"\b(?:book|record|log|note|mark)\s+(?:it|that|this)\b|\bmark\b"
)


def _pays(context: Context, slots: dict[str, Any]) -> bool:
    """A payment needs something to tie it to: a sum, an invoice, or the order to note it."""
    if slots.get("amount") is not None or slots.get("invoice_no") or context.hit.form == "verb":
        return True
    low = context.text.low[context.start : context.end]
    return bool(_PAYS.search(low))


def _context(
    text: Text, names: Names, pieces: list[Piece], index: int, now: datetime, zone: ZoneInfo,
    currency: str, earlier: tuple[Name, ...], contact: Name | None,
) -> Context:  # fmt: skip
    piece = pieces[index]
    end = piece.end
    for later in pieces[index + 1 :]:
        if later.hit is not None or later.dead:
            break
        end = later.end
    lead = piece.start
    for former in reversed(pieces[:index]):
        if former.hit is not None or former.dead:
            break
        lead = former.start
    assert piece.hit is not None
    if piece.hit.intent in CORRECTED:
        first = names.at(piece.hit.verb_end, piece.end) if piece.hit.form != "fact" else None
        said = [(first.start, first.end)] if first else []
        plain = corrected(text, names, (lead, end), said, now, zone)
        if plain is not text:
            text, names = plain, Names(plain, names.known)
    return Context(
        text,
        names,
        piece.hit,
        piece.start,
        piece.end,
        end,
        lead,
        now,
        zone,
        currency,
        earlier,
        territory(zone.key),
        contact,
    )


@cache
def territory(zone: str) -> str | None:
    """The country of a zone, for money whose name several countries share."""
    territories = get_global("zone_territories")
    return territories.get(zone)
