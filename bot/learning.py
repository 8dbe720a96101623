"""What an edited card teaches: the owner's correction is used next time, unless only this once."""

from sqlalchemy.ext.asyncio import AsyncConnection

from agents.requests import Base, InvoiceCreate
from bot.app import App
from bot.cards import memory as cards
from core import clients
from core.clients import Client
from core.inbox import Message
from core.memory import facts, keeping
from core.memory.facts import Source
from core.memory.gate import Candidate, Merge
from core.memory.values import Value


async def from_edit(
    app: App,
    connection: AsyncConnection,
    message: Message,
    before: Base,
    after: Base,
    known: list[Client],
) -> None:
    """Keeps the terms that an edit of an invoice gives its client, and says so."""
    if not (isinstance(before, InvoiceCreate) and isinstance(after, InvoiceCreate)):
        return
    who = clients.find(known, after.client or "")
    if after.due_days is None or after.due_days == before.due_days or len(who) != 1:
        return
    candidate = Candidate(
        subject=who[0].id,
        relation="payment_terms",
        value=Value.number(after.due_days, "days"),
        statement=f"{who[0].name} pays net {after.due_days}",
        source=Source(kind="card", ref=str(message.id), quote=message.text[:500]),
        how="corrected",
    )
    outcome = await keeping.remember(
        connection, app.clock, candidate, token=f"msg_{message.id}:edit"
    )
    if outcome.fact and not isinstance(outcome.ruling, Merge):
        await app.presenter.say(connection, cards.learned(outcome.fact), subject=outcome.fact.id)


async def only_once(
    app: App, connection: AsyncConnection, message: Message, fact_id: str
) -> tuple[str, list[str]]:
    """A tap on "Only this once"."""
    fact = await facts.load(connection, fact_id)
    if fact is None or not await keeping.retract_fact(connection, app.clock, fact_id):
        return "That is not kept any more.", []
    await app.presenter.turn(connection, fact_id, cards.unlearned(fact))
    return "Only this once.", []


TAPS = {"once": only_once}
"""The handlers of these buttons, by the kind before the colon."""
