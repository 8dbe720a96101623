"""What the owner's edits and reasons teach: kept for next time, unless it was only this once."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from agents import lessons
from agents.lessons import Lesson
from agents.requests import InvoiceCreate
from bot.app import App
from bot.cards import memory as cards
from bot.editing import stored
from core import clients, profile
from core.clients import Client
from core.inbox import Message
from core.memory import facts, keeping, preferences
from core.memory.facts import COMPANY, Source
from core.memory.gate import Candidate, Merge
from core.memory.values import Value
from core.plans import Plan


async def from_edit(
    app: App,
    connection: AsyncConnection,
    message: Message,
    before: Plan,
    after: Plan,
    known: list[Client],
) -> None:
    """Keeps what an edited card teaches of its client, and says so."""
    client = _client(after, known)
    if client is None:
        return
    source = Source(kind="card", ref=str(message.id), quote=message.text[:500])
    token = f"msg_{message.id}:edit"
    (was, written), (now, rewritten) = stored(before), stored(after)
    if isinstance(was, InvoiceCreate) and isinstance(now, InvoiceCreate):
        if now.due_days not in (None, was.due_days):
            terms = Candidate(
                subject=client.id,
                relation="payment_terms",
                value=Value.number(now.due_days or 0, "days"),
                statement=f"{client.name} pays net {now.due_days}",
                source=source,
                how="corrected",
            )
            await _keep(app, connection, terms, token)
        if now.currency not in (None, was.currency, client.currency):
            lesson = Lesson("currency", now.currency or "")
            await _teach(app, connection, [lesson], client, source, f"{token}:currency")
    address = rewritten.get("email")
    if address not in (None, written.get("email"), client.email):
        lesson = Lesson("email", str(address))
        await _teach(app, connection, [lesson], client, source, f"{token}:email")
    # What was remembered may have changed the mail too; only what was written teaches.
    own = any(written.get(slot) != rewritten.get(slot) for slot in ("body", "subject"))
    if own and before.preview.get("mail_to") == after.preview.get("mail_to"):
        found = lessons.from_mail(before, after, names=_names(client))
        await _teach(app, connection, found, client, source, token)


async def from_words(
    app: App, message: Message, parts: Sequence[str], plan: Plan, known: list[Client]
) -> list[str]:
    """Keeps what a reply to a card teaches, part by part; returns the parts that taught."""
    client = _client(plan, known)
    names = _names(client) if client else []
    taught = {
        part: lessons.swapped(part, plan, names=names) or lessons.from_words(part) for part in parts
    }
    source = Source(kind="card", ref=str(message.id), quote=message.text[:500])
    if any(taught.values()):
        async with app.database.write() as connection:
            for place, found in enumerate(taught.values()):
                token = f"msg_{message.id}:words:{place}"
                await _teach(app, connection, found, client, source, token)
    return [part for part, found in taught.items() if found]


async def from_reason(
    app: App, connection: AsyncConnection, approval_id: str, plan: Plan, reason: str
) -> None:
    """Keeps what the reason of a rejection teaches."""
    if found := lessons.from_words(reason):
        client = _client(plan, await clients.everyone(connection))
        source = Source(kind="rejection", ref=approval_id, quote=reason[:500])
        await _teach(app, connection, found, client, source, f"{approval_id}:reason")


def _client(plan: Plan, known: list[Client]) -> Client | None:
    """The one client whom a card is about."""
    named = [value.shown for value in plan.values if value.slot in ("client", "to", "with")]
    for said in (*named, plan.preview.get("mail_to", "")):
        found = clients.find(known, said) if said else []
        if len(found) == 1:
            return found[0]
    return None


def _names(client: Client) -> list[str]:
    """What whom mails to a client are to is called in them."""
    first = (client.contact or "").partition(" ")[0]
    return [name for name in (client.contact, first, client.name) if name]


async def _teach(
    app: App,
    connection: AsyncConnection,
    found: list[Lesson],
    client: Client | None,
    source: Source,
    token: str,
) -> None:
    for each in found:
        about = None if each.everybody else client
        name = about.name if about else ""
        lesson = replace(each, everybody=about is None)
        candidate = Candidate(
            subject=about.id if about else COMPANY,
            relation=lesson.relation,
            value=lesson.typed(name),
            statement=lesson.statement(name),
            source=source,
            how="corrected",
        )
        await _keep(app, connection, candidate, f"{token}:{lesson.relation}")


async def _keep(app: App, connection: AsyncConnection, candidate: Candidate, token: str) -> None:
    if await facts.by_token(connection, token):
        return  # kept and told before the process died
    outcome = await keeping.remember(connection, app.clock, candidate, token=token)
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


async def drop(
    app: App, connection: AsyncConnection, message: Message, rest: str
) -> tuple[str, list[str]]:
    """A tap on one of the Remove buttons below the list of preferences."""
    fact_id, _, asked = rest.partition(":")
    gone = await keeping.retract_fact(connection, app.clock, fact_id)
    if asked.isdecimal():
        kept = await preferences.everything(connection, app.clock)
        owner = await profile.load(connection)
        card = cards.preferences(kept, owner, message_id=int(asked))
        await app.presenter.turn(connection, f"msg_{asked}", card)
    return ("Removed." if gone else "That is not kept any more."), []


TAPS = {"once": only_once, "drop": drop}
"""The handlers of these buttons, by the kind before the colon."""
