"""Clients: put on the list, at once."""

from collections.abc import Sequence
from dataclasses import replace

from agents.context import NEW, Context
from agents.outcomes import Ask, Choice, Say
from agents.requests import (
    Base,
    ClientOnboard,
    EmailWrite,
    InvoiceCreate,
    LeadAdd,
    MeetingSchedule,
)
from core import clients, naming
from core.clients import Client
from core.house import NewClient
from core.memory.entities import Entity
from core.plans import Origin, Plan, PlannedStep, Value


def values(**said: str | None) -> tuple[Value, ...]:
    """What the operator said, as a plan shows it; what was not said is left out."""
    return tuple(
        Value(slot=slot, label=slot.capitalize(), shown=shown, origin=Origin.SAID)
        for slot, shown in said.items()
        if shown
    )


def _alike(client: Client, said: str) -> bool:
    """Whether ``said`` may be another way to write the client's name, and not the contact's."""
    mine, theirs = naming.key(said).split(), naming.key(client.name).split()
    return set(mine) <= set(theirs) or any(
        naming.key(name) == " ".join(mine) for name in client.aliases
    )


_REACHES = (InvoiceCreate, EmailWrite, MeetingSchedule)
"""Requests that go to somebody, by name and address. Others keep something under their id."""


def with_new(context: Context, added: Sequence[Base], request: Base) -> Context:
    """The context as a request needs it that follows on others: it knows whom those add.

    They have no id yet, so this is for what reaches them and keeps nothing of them.
    """
    if not isinstance(request, _REACHES):
        return context
    new = [_client(each) for each in added if isinstance(each, ClientOnboard) and each.client]
    leads = [_lead(each) for each in added if isinstance(each, LeadAdd)]
    return replace(context, clients=[*context.clients, *new], entities=[*context.entities, *leads])


def _client(added: ClientOnboard) -> Client:
    return Client(
        id="",
        name=added.client or "",
        contact=added.contact,
        email=added.email,
        currency=None,
        address=(),
        vat_id=None,
    )


def _lead(added: LeadAdd) -> Entity:
    name = added.name or added.company or ""
    return Entity(id="", kind="lead", names=(name,), email=added.email)


async def onboard(request: ClientOnboard, context: Context) -> Plan | Ask | Say:
    """The plan of a new client."""
    if not request.client:
        return Ask("client", "What is the new client called?")
    if any(request.client.casefold() == c.name.casefold() for c in context.clients):
        return Say(f"{request.client} is on the list of clients already. Nothing was changed.")
    same = [c for c in clients.find(context.clients, request.client) if _alike(c, request.client)]
    if same and "same" not in context.extra:
        choices = [Choice(f"Yes, {c.name}"[:60], c.name) for c in same[:3]]
        choices.append(Choice("No, a new client", f"{NEW}{request.client}"))
        return Ask("same", f"Is {request.client} the client {same[0].name}?", tuple(choices))
    if context.extra.get("same") in [c.name for c in same]:
        return Say(f"That is {context.extra['same']}, on the list already. Nothing was changed.")
    params = NewClient(name=request.client, contact=request.contact, email=request.email)
    return Plan(
        intent=request.intent,
        title=f"New client: {request.client}",
        steps=(
            PlannedStep(
                key="add",
                label="add the client",
                action="client.add",
                params=params.model_dump(mode="json"),
            ),
        ),
        values=values(client=request.client, contact=request.contact, email=request.email),
        request=request.model_dump(mode="json", by_alias=True),
        reversal="The client can be taken off the list.",
    )
