"""People, projects and deliverables: noted at once of the client or project that is meant."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from agents import introductions
from agents.builtin.model import NAME as BUILTIN
from agents.context import Context
from agents.gateway import Tier
from agents.introductions import Introduced
from agents.outcomes import Ask, Choice, Say
from agents.planner import Proposal, Thought
from agents.requests import MemorySave
from core import clients, naming
from core.clients import Client
from core.costs import NOTHING
from core.memory import entities
from core.memory.entities import Entity
from core.memory.people import Deliverable, Person, Project, Record
from core.plans import Origin, Plan, PlannedStep, Value
from core.profile import Profile
from core.when import day

_ANOTHER = "another"
"""The answer that says that somebody or something is not the one that is known."""


def introduced(
    text: str,
    *,
    known: list[Client],
    others: Sequence[Entity],
    now: datetime,
    profile: Profile,
) -> Introduced | None:
    """What ``text`` introduces: of a client or project that is known, or said to be new."""
    said = introductions.read(text, now=now, zone=profile.tz)
    return said if said and (said.new or _parents(said, said.of, known, others)) else None


def thought(
    text: str,
    *,
    known: list[Client],
    others: Sequence[Entity],
    now: datetime,
    profile: Profile,
) -> Thought | None:
    """What a message that introduces somebody or something asks for: no model is asked."""
    said = introduced(text, known=known, others=others, now=now, profile=profile)
    if said is None:
        return None
    rationale = f"It introduces a {said.kind}: {said.name}."
    proposal = Proposal(requests=[MemorySave(statement=text)], rationale=rationale)
    return Thought(proposal, BUILTIN, Tier.BUILTIN, tokens=0, cost=NOTHING, prompt=text)


def note(said: Introduced, request: MemorySave, context: Context) -> Plan | Ask | Say:
    """The plan of one row; a question where it may be of several, or one that is known."""
    of = str(context.extra.get("about", said.of))
    parents = _parents(said, of, context.clients, context.entities)
    if len(parents) != 1:
        return _of_whom(said, of, parents, context)
    parent = parents[0]
    beside = [e for e in context.entities if e.kind == said.kind]
    answer = context.extra.get("same")
    if answer is None:
        asked = _which(said, parent, beside, context)
        if asked:
            return asked
        known = _same(said, parent, beside)
    else:
        known = [e for e in beside if e.id == answer]
    return _plan(said, parent, known[0] if known else None, request, context)


def _parents(
    said: Introduced, of: str, known: list[Client], others: Sequence[Entity]
) -> list[Client | Entity]:
    if said.kind != "deliverable":
        return list(clients.find(known, of))
    projects = [each for each in others if each.kind == "project"]
    found = entities.find(projects, of)
    if not found:  # of a client: of any project of that client
        ids = {client.id for client in clients.find(known, of)}
        found = [each for each in projects if each.of in ids]
    return list(found)


def _of_whom(
    said: Introduced, of: str, parents: list[Client | Entity], context: Context
) -> Ask | Say:
    what = "project" if said.kind == "deliverable" else "client"
    if parents:
        choices = tuple(Choice(each.name, each.name) for each in parents[:6])
        return Ask("about", f"Which {what} do you mean by {of}?", choices)
    if said.kind == "deliverable":
        likely = [e.name for e in context.entities if e.kind == "project"][:4]
    else:
        likely = [client.name for client in clients.alike(context.clients, of)]
    told = f"I don't know a {what} called {of}"
    if likely:
        return Ask("about", f"{told}. Which is it?", tuple(Choice(n, n) for n in likely))
    example = f"New client {of}"
    if what == "project":
        found = clients.find(context.clients, of)
        told = f"{found[0].name} has no project yet" if found else told
        example = f"New project for {found[0].name if found else '…'}: …"
    return Say(f"{told}, so nothing was noted. Add it first, for example: “{example}”.")


def _same(said: Introduced, parent: Client | Entity, beside: list[Entity]) -> list[Entity]:
    """Those of the same name at the same client or project, or at none."""
    key = naming.key(said.name)
    named = [e for e in beside if any(naming.key(name) == key for name in e.names)]
    return [e for e in named if e.of == parent.id] or [e for e in named if e.of is None]


def _which(
    said: Introduced, parent: Client | Entity, beside: list[Entity], context: Context
) -> Ask | None:
    """The question whether it is one that is known already, where that isn't clear."""
    same = _same(said, parent, beside)
    if same:
        other = _conflict(said, same[0], context)
        if len(same) == 1 and not other:
            return None
        told = f"{same[0].name} of {parent.name} is known" + (f" {other}" if other else " twice")
        return _ask(said, f"{told}. Is it the same {said.kind}?", same)
    words = set(naming.words(said.name))
    near = [
        e
        for e in beside
        if (said.email and e.email and said.email.casefold() == e.email.casefold())
        or (said.kind == "person" and naming.key(e.name) == naming.key(said.name))
        or (e.of == parent.id and _overlap(words, set(naming.words(e.name))))
    ]
    if not near:
        return None
    by_id = {each.id: each.name for each in (*context.clients, *context.entities)}
    where = {e.id: by_id.get(e.of or "", "nobody") for e in near}
    if len(near) == 1:
        told = f"Is {said.name} the {said.kind} {near[0].name} of {where[near[0].id]}?"
        return _ask(said, told, near)
    return _ask(said, f"Is {said.name} one of those that I know?", near)


def _overlap(mine: set[str], theirs: set[str]) -> bool:
    return bool(mine and theirs) and (mine <= theirs or theirs <= mine)


def _ask(said: Introduced, text: str, known: list[Entity]) -> Ask:
    choices = [Choice(f"Yes, {each.name}"[:60], each.id) for each in known[:3]]
    return Ask("same", text, (*choices, Choice(f"No, another {said.kind}", _ANOTHER)))


def _conflict(said: Introduced, known: Entity, context: Context) -> str:
    """What is known otherwise of the one of that name; empty where nothing is."""
    if said.email and known.email and said.email.casefold() != known.email.casefold():
        return f"with {known.email}"
    due = known.due_at and context.profile.local(known.due_at).date()
    if said.due and due and said.due != due:
        return f"as due {day(due)}"
    return ""


def _plan(
    said: Introduced,
    parent: Client | Entity,
    known: Entity | None,
    request: MemorySave,
    context: Context,
) -> Plan | Say:
    params = _params(said, parent, known, context)
    if known and not _adds(params, known):
        return Say(f"{known.name} of {parent.name} is known already. Nothing was changed.")
    due = day(said.due) if said.due else None
    said_now = (("name", "Name", params.name), ("email", "Mail", said.email))
    values = [context.said(slot, label, told) for slot, label, told in said_now if told]
    read_as = (
        ("role", "Role", said.role),
        ("due", "Due", due),
        ("about", "Project" if said.kind == "deliverable" else "Client", parent.name),
    )
    values += [
        Value(slot=slot, label=label, shown=told, origin=Origin.WORKED_OUT)
        for slot, label, told in read_as
        if told
    ]
    return Plan(
        intent=request.intent,
        title=f"{'Complete' if known else 'New'} {said.kind}: {params.name}",
        steps=(
            PlannedStep(
                key="note",
                label=f"note the {said.kind}",
                action=f"{said.kind}.note",
                params=params.model_dump(mode="json"),
            ),
        ),
        values=tuple(values),
        request=request.model_dump(mode="json", by_alias=True),
        reversal="It can be taken back.",
    )


def _params(
    said: Introduced, parent: Client | Entity, known: Entity | None, context: Context
) -> Record:
    due = said.due and datetime.combine(said.due, time(12), tzinfo=context.profile.tz)
    common: dict[str, Any] = {
        "id": known.id if known else entities.identify(said.kind),
        # Ana, who is Ana Ruiz, stays Ana Ruiz.
        "name": known.name if known and len(known.name) >= len(said.name) else said.name,
        "of": parent.name,
        "before": _before(said, known) if known else None,
        "another": context.extra.get("same") == _ANOTHER,
    }
    match said.kind:
        case "person":
            return Person(client_id=parent.id, email=said.email, role=said.role, **common)
        case "project":
            return Project(client_id=parent.id, due_at=due, **common)
        case "deliverable":
            return Deliverable(project_id=parent.id, due_at=due, **common)


def _before(said: Introduced, known: Entity) -> dict[str, Any]:
    """The row as it is, for taking back."""
    if said.kind == "person":
        own = {"client_id": known.of, "email": known.email, "role": known.role}
    else:
        hangs_on = "client_id" if said.kind == "project" else "project_id"
        own = {hangs_on: known.of, "due_at": known.due_at and known.due_at.isoformat()}
    return {"name": known.name} | own


def _adds(params: Record, known: Entity) -> bool:
    """Whether something is said that is not known yet."""
    has = {
        "name": known.name,
        "client_id": known.of,
        "project_id": known.of,
        "email": known.email,
        "role": known.role,
        "due_at": known.due_at,
    }
    return any(has[key] != value for key, value in params.columns().items())
