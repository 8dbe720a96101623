"""Leads: put on the list at once, with a score, its reasons and the step that comes next."""

from dataclasses import replace
from textwrap import shorten

from agents.context import Context
from agents.outcomes import Ask, Say
from agents.playbooks.people import values
from agents.requests import LeadAdd
from agents.roles.role import Material
from agents.roles.sales import LeadHeard, LeadScore
from core import clients, naming
from core.clients import Client
from core.house import NewLead
from core.memory.facts import Fact
from core.plans import Plan, PlannedStep

_MOST = 8
"""Facts of a known client that a score may rest on."""


async def add(request: LeadAdd, context: Context) -> Plan | Ask | Say:
    """The plan of a new lead. Nothing is sent: the next step is said with the outcome."""
    who = request.name or request.company
    if not who:
        return Ask("name", "Who is the lead?")
    # What is noted at once isn't refined later, so whoever can think better does it now.
    thought = await replace(context, quick=False).think(
        LeadHeard(
            words=context.message,
            name=request.name or "",
            company=request.company or "",
            email=request.email or "",
            source=request.source or "",
            materials=await _known(request, context),
        ),
        LeadScore,
    )
    params = NewLead(
        name=request.name, company=request.company, email=request.email, source=request.source
    )
    return Plan(
        intent=request.intent,
        title=f"New lead: {who}",
        steps=(
            PlannedStep(
                key="add",
                label="note the lead",
                action="lead.add",
                params=params.model_dump(mode="json"),
            ),
        ),
        values=values(
            name=request.name, company=request.company, email=request.email, source=request.source
        ),
        request=request.model_dump(mode="json", by_alias=True),
        reversal="The lead can be taken off the list.",
        afterword=scored(thought.output),
    )


def scored(score: LeadScore) -> str:
    """A score with its reasons, what isn't known, and the next step."""
    reasons = "; ".join(
        f"{each.because} {each.points:+d} (“{shorten(each.quote, 80, placeholder='…')}”)"
        for each in score.reasons
    )
    lines = [f"Score {score.score} of 100: {reasons or 'nothing speaks for it yet'}."]
    if score.missing:
        lines.append(f"Not known: {', '.join(score.missing)}.")
    lines.append(f"Next: {score.next_step}")
    return "\n".join(lines)


async def _known(request: LeadAdd, context: Context) -> tuple[Material, ...]:
    """What the records and memory hold of the client that the lead is, or works for."""
    known = _client(request, context)
    if known is None:
        return ()
    record = Material(id=known.id, kind="fact", text=f"{known.name} is a client", trust="memory")
    facts = (await context.facts_about(known.id))[:_MOST]
    return (record, *map(_material, facts))


def _client(request: LeadAdd, context: Context) -> Client | None:
    own = naming.domain(request.email) if request.email else None
    if own:
        for client in context.clients:
            if client.email and naming.domain(client.email) == own:
                return client
    found = clients.find(context.clients, request.company) if request.company else []
    return found[0] if len(found) == 1 else None


def _material(fact: Fact) -> Material:
    trust = "untrusted" if fact.trust == "untrusted" else "memory"
    return Material(id=fact.id, kind="fact", text=fact.statement, trust=trust, at=fact.recorded_at)
