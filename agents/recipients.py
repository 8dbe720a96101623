"""Whom a mail is for: a client, or somebody who is noted with an address of their own."""

from collections.abc import Sequence

from agents.context import Context, Counterparty, counterparty
from agents.outcomes import CHOSEN, Ask, Choice
from core import naming
from core.clients import Client
from core.memory.entities import Entity
from core.plans import Origin

_PEOPLE = ("person", "lead", "student")
"""What somebody may be who is no client."""


def recipient(said: str, context: Context) -> tuple[Counterparty, Entity | None] | Ask:
    """Who is meant, with their own record where they are no client; asks where it is unclear."""
    people = [e for e in context.entities if e.kind in _PEOPLE]
    answer = str(context.extra.get("to", said))
    chosen = context.extra.get(CHOSEN)
    if chosen:
        meant = [e for e in (*context.clients, *people) if e.id == chosen]
    else:
        meant = _sorted_out(naming.meant([*context.clients, *people], answer, _named))
    if len(meant) > 1 and not all(isinstance(each, Client) for each in meant):
        choices = [Choice(f"{e.name}{_where(e, context)}"[:60], e.id) for e in meant[:6]]
        return Ask(CHOSEN, f"Which {answer} do you mean?", tuple(choices))
    if meant and isinstance(meant[0], Entity):
        person = meant[0]
        client = next((c for c in context.clients if c.id == person.of), None)
        source = f"noted{_where(person, context)}"
        return Counterparty(person.name, person.email, client, Origin.SAID, source), person
    said = meant[0].name if chosen and meant else answer
    found = counterparty(said, context, slot="to", may_be_new=False)
    return found if isinstance(found, Ask) else (found, None)


def names(clients: Sequence[Client], entities: Sequence[Entity]) -> list[str]:
    """What everybody is called whom a message may mean."""
    own = [name for c in clients for name in (c.name, c.contact) if name]
    return own + [e.name for e in entities if e.kind in _PEOPLE]


def _named(each: Client | Entity) -> tuple[tuple[str, ...], str | None]:
    if isinstance(each, Entity):
        return each.names, each.email
    return (each.name, *([each.contact] if each.contact else []), *each.aliases), each.email


def _sorted_out(meant: list[Client | Entity]) -> list[Client | Entity]:
    """Each of them once: a client's contact may be noted as a person of the client, too."""
    left = list(meant)
    for person in meant:
        if not isinstance(person, Entity):
            continue
        for client in meant:
            same = (
                isinstance(client, Client)
                and person.of == client.id
                and naming.key(client.contact or "") == naming.key(person.name)
            )
            if same:
                left.remove(client if person.email else person)
    return left


def _where(each: Client | Entity, context: Context) -> str:
    """Where somebody is, as a button and a card say it."""
    if isinstance(each, Client):
        return ", client"
    of = next((c.name for c in context.clients if c.id == each.of), None)
    if of is None:
        return f" as a {each.kind}"
    return f" as {each.role} at {of}" if each.role else f" at {of}"
