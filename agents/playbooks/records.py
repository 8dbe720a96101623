"""The operator's own records: reminders, statements to keep, questions about what is kept."""

import re
from typing import Any

from agents.context import Ask, Context, Say, aware, source_of
from agents.requests import MemoryAsk, MemorySave, ReminderSet
from core.clients import Client
from core.house import Reminder, Statement
from core.memory.facts import Fact
from core.plans import Origin, Plan, PlannedStep, Value
from core.when import day_and_time

COMPANY = "company"
"""The subject of what is about no client in particular."""


async def remind(request: ReminderSet, context: Context) -> Plan | Ask | Say:
    """The plan of one reminder, done at once."""
    if not request.what:
        return Ask("what", "What should I remind you of?")
    if request.at is None:
        return Ask("at", f"When should I remind you: {request.what}?")
    at = aware(request.at, context.profile)
    when = day_and_time(context.profile.local(at))
    if at <= context.now:
        return Ask("at", f"{when} has passed. When should I remind you: {request.what}?")
    params = Reminder(what=request.what, at=at)
    return Plan(
        intent=request.intent,
        title=f"Reminder: {request.what}",
        steps=(
            PlannedStep(
                key="set",
                label="set the reminder",
                action="reminder.set",
                params=params.model_dump(mode="json"),
            ),
        ),
        values=(
            Value(slot="what", label="What", shown=request.what, origin=Origin.SAID),
            Value(slot="at", label="When", shown=when, origin=Origin.SAID),
        ),
        request=request.model_dump(mode="json", by_alias=True),
        reversal="The reminder can be cancelled.",
    )


def mentioned(text: str, known: list[Client]) -> Client | None:
    """The one client whom ``text`` names, by the whole name or by its first word, or None."""
    words = set(re.findall(r"\w+", text.casefold().replace("'s", " ").replace("’s", " ")))
    hits = [
        client
        for client in known
        if (names := re.findall(r"\w+", client.name.casefold()))
        and names[0] in words
        and len(names[0]) > 2
    ]
    return hits[0] if len(hits) == 1 else None


_TERMS = re.compile(
    r"\bnet\s*(\d{1,3})\b"
    r"|\b(?:pays?|terms?|due|payment)\b[\w\s:]{0,24}?\b(\d{1,3})\s*days?\b"
    r"|\b(\d{1,3})[\s-]*days?\s+(?:net|terms?|to pay)\b",
    re.I,
)


def _terms_in(statement: str) -> int | None:
    terms = _TERMS.search(statement)
    return int(next(filter(None, terms.groups()))) if terms else None


async def keep(request: MemorySave, context: Context) -> Plan | Ask | Say:
    """The plan of one fact, kept at once with who said it and when."""
    if not request.statement:
        return Ask("statement", "What should I remember?")
    statement = request.statement.strip().rstrip(".")
    statement = statement[:1].upper() + statement[1:]
    client = mentioned(statement, context.clients)
    days = _terms_in(statement) if client else None
    relation: str = "note" if days is None else "payment_terms"
    value: Any = statement if days is None else {"days": days}
    params = Statement(
        subject=client.id if client else COMPANY,
        relation=relation,
        value=value,
        statement=statement,
        source={"message": context.inbox_id, "text": context.message[:500]},
    )
    return Plan(
        intent=request.intent,
        title=f"Keep: {statement}",
        steps=(
            PlannedStep(
                key="keep",
                label="keep it",
                action="fact.keep",
                params=params.model_dump(mode="json"),
            ),
        ),
        values=(
            Value(slot="statement", label="Statement", shown=statement, origin=Origin.SAID),
            *(
                (
                    Value(
                        slot="terms",
                        label="Read as",
                        shown=f"payment terms of {days} days",
                        origin=Origin.WORKED_OUT,
                    ),
                )
                if days is not None
                else ()
            ),
            Value(
                slot="about",
                label="About",
                shown=client.name if client else "your company",
                origin=Origin.WORKED_OUT,
                source="the name in the statement" if client else "",
            ),
        ),
        request=request.model_dump(mode="json", by_alias=True),
        reversal="The statement can be retracted.",
    )


_TOPICS = {
    "payment_terms": {"term", "terms", "pay", "pays", "paid", "payment", "net", "days", "due"},
    "email": {"email", "mail", "address", "e-mail"},
    "vat": {"vat", "tax", "id", "number"},
    "contact": {"contact", "who", "person"},
    "currency": {"currency", "pay", "pays"},
}
_FILLER = frozenset(
    """
    a about again an are at by did do does for have he her his how i in is it its many me much my
    of on our please s say she tell the their they to us was we were what whats when where which
    who with you know
    """.split()  # noqa: SIM905 - easier to read than a list of strings
)


def _topics(words: set[str]) -> set[str]:
    return {topic for topic, signs in _TOPICS.items() if words & signs}


def _from_record(client: Client, topics: set[str]) -> list[str]:
    record = {
        "email": client.email and f"The mail address of {client.name} is {client.email}.",
        "vat": client.vat_id and f"The VAT id of {client.name} is {client.vat_id}.",
        "contact": client.contact and f"The contact at {client.name} is {client.contact}.",
        "currency": client.currency and f"{client.name} is billed in {client.currency}.",
    }
    return [text for topic, text in record.items() if topic in topics and text]


async def answer(request: MemoryAsk, context: Context) -> Plan | Ask | Say:
    """What is kept about the question, with its sources, or an honest "I don't know"."""
    question = request.question or context.message
    words = set(re.findall(r"\w+", question.casefold())) - _FILLER
    client = mentioned(question, context.clients)
    topics = _topics(words)
    found: list[Fact] = []
    lines: list[str] = []
    if client:
        words -= set(re.findall(r"\w+", client.name.casefold()))
        about = await context.facts_about(client.id, None)
        found = [
            fact
            for fact in about
            if fact.relation in topics
            or words & set(re.findall(r"\w+", fact.statement.casefold()))
            or not words
        ]
        lines = _from_record(client, topics)
        if "payment_terms" in topics and not any(f.relation == "payment_terms" for f in found):
            lines.append(
                f"No payment terms are kept for {client.name}; "
                f"invoices default to net {context.profile.net_days}."
            )
    elif words:
        found = [
            fact
            for fact in await context.search_facts(" ".join(words))
            if words & set(re.findall(r"\w+", fact.statement.casefold()))
        ]
    if not found and not lines:
        about_whom = f" about that for {client.name}" if client else " about that"
        return Say(f"I don't know: nothing is kept{about_whom}.")
    texts = [f"{fact.statement.rstrip('.')}." for fact in found[:5]]
    sources = [
        f"“{fact.source.get('text', fact.statement)}”: {source_of(fact, context.profile)}"
        for fact in found[:5]
    ]
    if lines:
        sources.append("the client's record")
    return Say("\n".join([*texts, *lines]), tuple(sources), tuple(fact.id for fact in found[:5]))
