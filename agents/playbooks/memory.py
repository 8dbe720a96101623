"""Memory in plans and answers: statements to keep, questions about what is kept."""

from agents import moments, statements
from agents.context import Context, Near
from agents.outcomes import Ask, Choice, Doubt, Say
from agents.playbooks import introducing
from agents.requests import MemoryAsk, MemorySave
from agents.statements import Stated
from agents.telling import marked, source_of
from core import naming
from core.clients import Client
from core.memory import answers
from core.memory.actions import Statement
from core.memory.entities import Entity
from core.memory.facts import COMPANY, View
from core.memory.gate import Ask as Asked
from core.memory.gate import Refuse
from core.plans import Origin, Plan, PlannedStep, Value
from core.when import day

RELATIONS = {
    "payment_terms": "payment terms",
    "vat_id": "VAT id",
    "email": "mail address",
    "day_rate": "day rate",
    "hour_rate": "hourly rate",
}
"""Relations as they are called."""


async def keep(request: MemorySave, context: Context) -> Plan | Ask | Say | Doubt:
    """The plan of one fact, kept at once; a question where it contradicts what is kept.

    Where it introduces somebody or something of a client, the plan of that.
    """
    if not request.statement:
        return Ask("statement", "What should I remember?")
    said = introducing.introduced(
        request.statement,
        known=context.clients,
        others=context.entities,
        now=context.now,
        profile=context.profile,
    )
    if said:
        return introducing.note(said, request, context)
    before = context.last_fact
    stated = before and statements.correction(
        request.statement, before, now=context.now, profile=context.profile
    )
    if before and stated:
        return await _plan(request, stated, before.subject, context)
    stated = statements.read(
        request.statement,
        known=context.clients,
        others=context.entities,
        now=context.now,
        profile=context.profile,
    )
    who = [c for c in stated.who if c.name == context.extra.get("about")] or stated.who
    if len(who) > 1:
        return Ask("about", "Who is that about?", tuple(Choice(c.name, c.name) for c in who[:6]))
    return await _plan(request, stated, who[0].id if who else COMPANY, context)


async def _plan(
    request: MemorySave, stated: Stated, subject: str, context: Context
) -> Plan | Say | Doubt:
    params = Statement(
        subject=subject,
        relation=stated.relation,
        value=stated.value.dump(),
        statement=stated.statement,
        source=_source(context),
        how=stated.how,
        valid_from=stated.valid_from,
        valid_to=stated.valid_to,
    )
    candidate = params.candidate()
    ruling = await context.judge(candidate)
    if isinstance(ruling, Refuse):
        return Say(f"I did not keep that, because {ruling.reason}.")
    if isinstance(ruling, Asked):
        return Doubt(candidate)
    everybody = (*context.clients, *context.entities)
    name = next((each.name for each in everybody if each.id == subject), "your company")
    return Plan(
        intent=request.intent,
        title=f"Keep: {stated.statement}",
        steps=(
            PlannedStep(
                key="keep",
                label="keep it",
                action="fact.keep",
                params=params.model_dump(mode="json"),
            ),
        ),
        values=_values(stated, name, context),
        request=request.model_dump(mode="json", by_alias=True),
        reversal="The statement can be retracted.",
    )


def _source(context: Context) -> dict[str, str | None]:
    return {
        "kind": "message",
        "ref": str(context.inbox_id) if context.inbox_id else None,
        "quote": context.message[:500],
        "trust": "owner",
    }


def _values(stated: Stated, about: str, context: Context) -> tuple[Value, ...]:
    found = [Value(slot="statement", label="Statement", shown=stated.statement, origin=Origin.SAID)]
    if stated.relation not in ("note", "preference"):
        named = RELATIONS.get(stated.relation, stated.relation.replace("_", " "))
        read_as = (
            f"payment terms of {stated.value}"
            if stated.relation == "payment_terms"
            else f"{named}: {stated.value}"
        )
        found.append(Value(slot="terms", label="Read as", shown=read_as, origin=Origin.WORKED_OUT))
    for label, moment in (("Since", stated.valid_from), ("Until", stated.valid_to)):
        if moment:
            shown = day(context.profile.local(moment).date())
            found.append(Value(slot=label.casefold(), label=label, shown=shown, origin=Origin.SAID))
    source = "" if about == "your company" else "the name in the statement"
    found.append(
        Value(slot="about", label="About", shown=about, origin=Origin.WORKED_OUT, source=source)
    )
    return tuple(found)


def _nearly(near: list[Near], context: Context) -> Say | None:
    """What the index found where no fact answers: as an answer, or as what comes nearest."""
    shown = [one for one in near if one.sure] or near[:2]
    if not shown:
        return None
    lines = [one.text if one.fact_id else _happened(one, context) for one in shown]
    if not shown[0].sure:
        lines.insert(0, "I don't know. The nearest to it that is kept:")
    sources = [f"“{one.text}”: {_when(one, context)}" for one in shown]
    return Say("\n".join(lines), tuple(sources), tuple(o.fact_id for o in shown if o.fact_id))


def _happened(one: Near, context: Context) -> str:
    return f"{_when(one, context)}: “{one.text}”"


def _when(one: Near, context: Context) -> str:
    return day(context.profile.local(one.at).date()) if one.at else "kept"


def _called(who: Client | Entity) -> tuple[str, ...]:
    match who:
        case Client():
            return (who.name, who.contact or "", *who.aliases)
        case Entity():
            return who.names


def _from_record(who: Client | Entity, topics: set[str], context: Context) -> list[str]:
    record: dict[str, str | None] = {
        "email": who.email and f"The mail address of {who.name} is {who.email}."
    }
    everybody: dict[str, str] = {each.id: each.name for each in context.entities}
    people = [
        each for each in context.entities if each.kind == "person" and who.id in (each.id, each.of)
    ]
    match who:
        case Client():
            record |= {
                "vat_id": who.vat_id and f"The VAT id of {who.name} is {who.vat_id}.",
                "contact": who.contact and f"The contact at {who.name} is {who.contact}.",
                "currency": who.currency and f"{who.name} is billed in {who.currency}.",
            }
        case Entity():
            due = who.due_at and day(context.profile.local(who.due_at).date())
            record["due"] = due and f"{who.name} is due {due}."
    told = [text for topic, text in record.items() if topic in topics and text]
    if "contact" in topics:
        told += [_works(each, everybody.get(each.of or "")) for each in people]
    return told


def _works(person: Entity, at: str | None) -> str:
    what = f": {person.role}" if person.role else " is"
    told = f"{person.name}{what}" + (f" at {at}" if at else " with no client")
    return f"{told}, {person.email}." if person.email else f"{told}."


async def answer(request: MemoryAsk, context: Context) -> Plan | Ask | Say:
    """What is kept about the question, with its sources, or an honest "I don't know"."""
    question = request.question or context.message
    past = moments.asked_for(question, context.profile.local(context.now), context.profile.tz)
    view, when = View(context.now, context.now), ""
    if past:
        kind, moment, question = past
        view = View(moment if kind == "known" else context.now, moment)
        when = f" on {day(moment.date())}"
    asked = answers.words(question)
    who = statements.about(question, context.clients, context.entities)
    who = [c for c in who if c.name == context.extra.get("about")] or who
    if len(who) > 1:
        return Ask("about", "Who do you mean?", tuple(Choice(c.name, c.name) for c in who[:6]))
    client = who[0] if who else None
    for name in _called(client) if client else ():
        asked -= {f"{word}s" for word in naming.words(name)} | set(naming.words(name))
    topics = answers.topics(asked)
    found = await context.recall(asked, client.id if client else None, view)
    lines: list[str] = []
    if client and not past:
        lines = _from_record(client, topics, context)
        terms = any(fact.relation == "payment_terms" for fact in found)
        if isinstance(client, Client) and "payment_terms" in topics and not terms:
            lines.append(
                f"No payment terms are kept for {client.name}; "
                f"invoices default to net {context.profile.net_days}."
            )
    near: list[Near] = []
    if not past and not found and not lines:
        rest = [word for word in question.split() if answers.words(word) <= asked]
        near = await context.nearest(" ".join(rest), client.name if client else None)
    if not found and not lines and (told := _nearly(near, context)):
        return told
    if not found and not lines:
        about_whom = f" about that for {client.name}" if client and asked else ""
        about_whom = about_whom or f" about {client.name if client else 'that'}"
        verb = "was kept" if past and past[0] == "known" else "is kept"
        return Say(f"I don't know: nothing {verb}{about_whom}{when}.")
    texts = [marked(fact, context.profile) for fact in found[:5]]
    if past:
        opening = "What was known" if past[0] == "known" else "What was true"
        texts.insert(0, f"{opening}{when}:")
    sources = [
        f"“{fact.sources[0].quote if fact.sources and fact.sources[0].quote else fact.statement}”: "
        f"{source_of(fact, context.profile)}"
        for fact in found[:5]
    ]
    if lines:
        sources.append(f"the {client.kind if isinstance(client, Entity) else 'client'}'s record")
    return Say("\n".join([*texts, *lines]), tuple(sources), tuple(fact.id for fact in found[:5]))
