"""/remember, /memory, /facts, /asof, /preferences and /forget: what is kept, in the chat."""

import re
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from agents import moments
from agents.requests import MemoryAsk, MemorySave
from bot import forgetting
from bot.app import App
from bot.cards import memory as cards
from bot.cards import talk
from bot.cards.dealings import hanging, lines
from bot.commands.registry import Reply
from bot.outgoing import Outgoing
from core import journal, naming, profile
from core.inbox import Message
from core.memory import contradictions, dealings, entities, facts
from core.memory import preferences as wanted
from core.memory.entities import Entity
from core.memory.facts import COMPANY, Fact, View

_SPOKEN = (
    (
        re.compile(
            r"(?:please\s+)?(?:forget|erase)\s+(?:(?:everything|all)\s+)?"
            r"(?:(?:you|we)\s+know\s+)?(?:about\s+|of\s+)?(?P<rest>[^?.!]{2,80})[.!]?",
            re.I,
        ),
        "forget",
    ),
    (
        re.compile(
            r"(?:what\s+are|what're|show(?:\s+me)?|list)\s+(?:my|our|the|your)\s+preferences"
            r"(?P<rest>)[?.!]?",
            re.I,
        ),
        "preferences",
    ),
)


def spoken(text: str, known: list[Entity]) -> str | None:
    """The command that plain words stand for, or None. To forget takes a name that is known."""
    for pattern, name in _SPOKEN:
        found = pattern.fullmatch(text.strip())
        if found and (name != "forget" or entities.find(known, found["rest"])):
            return f"/{name} {found['rest']}".strip()
    return None


def usage(example: str) -> Callable[[App, str, Message], Awaitable[Reply]]:
    """What a command answers that was given too little."""

    async def run(app: App, args: str, message: Message) -> Reply:
        return Reply.of(talk.note(f"Write for example: {example}"))

    return run


def remember(args: str) -> MemorySave | None:
    """What /remember asks for."""
    return MemorySave(statement=args.strip()) if args.strip() else None


def ask(args: str) -> MemoryAsk | None:
    """What /memory asks for."""
    return MemoryAsk(question=args.strip()) if args.strip() else None


def as_of(args: str) -> MemoryAsk | None:
    """What /asof asks for: the day first, then whom or what."""
    return MemoryAsk(question=f"as of {args.strip()}") if moments.names_day(args) else None


async def facts_(app: App, args: str, message: Message) -> Reply:
    """Everything that holds about one client, or about the company."""
    async with app.database.read() as connection:
        owner = await profile.load(connection)
        found = await _who(connection, args)
        if isinstance(found, str):
            return Reply.of(talk.note(found))
        entity_id, name = found
        kept = await facts.about(connection, entity_id, view=View.now(app.clock))
        asked = [
            each
            for each in await contradictions.pending(connection)
            if each.against.subject == entity_id
        ]
        known = await entities.everyone(connection)
        dealt = (await dealings.everyones(connection, app.clock, known)).get(entity_id)
    about = [part for e in known if e.id == entity_id for part in hanging(e, known, owner)]
    if dealt:
        about.append(("How it goes", lines(dealt, owner)))
    card = cards.listed(
        f"Kept of {name}",
        kept,
        owner,
        subject=f"msg_{message.id}",
        empty=f"Nothing is kept of {name}.",
        waiting=len(asked),
        about=about,
    )
    return _noted(app, message, card, kept)


async def _who(connection: AsyncConnection, said: str) -> tuple[str, str] | str:
    """The id and name of who is meant; words for the owner where that isn't one."""
    if not said.strip():
        return COMPANY, "your company"
    found = entities.find(await entities.everyone(connection), said)
    # A client's contact may be noted as a person too: then the person is meant.
    found = [e for e in found if naming.key(e.name) == naming.key(said)] or found
    if len(found) == 1:
        return found[0].id, found[0].name
    if not found:
        return f"I don't know {said.strip()[:60]}."
    names = ", ".join(entity.name for entity in found[:6])
    return f"{said.strip()[:60]} may be {names}. Write the whole name."


async def preferences(app: App, args: str, message: Message) -> Reply:
    """What the owner wants done in a certain way, or corrected."""
    async with app.database.read() as connection:
        owner = await profile.load(connection)
        kept = await wanted.everything(connection, app.clock)
    return _noted(app, message, cards.preferences(kept, owner, message_id=message.id), kept)


def _noted(app: App, message: Message, card: Outgoing, kept: list[Fact]) -> Reply:
    subject = f"msg_{message.id}"

    async def note(connection: AsyncConnection) -> tuple[Outgoing | None, list[str]]:
        # So that the button and /why can say what the answer rests on.
        await journal.append(
            connection,
            app.clock,
            kind="message.understood",
            subject=subject,
            data={
                "facts": [fact.id for fact in kept],
                "model": "no model",
                "rationale": "It is a list of what is kept.",
            },
        )
        return None, []

    return Reply(((card, subject),), note)


async def forget(app: App, args: str, message: Message) -> Reply:
    """Shows everything of somebody and asks whether to erase it."""
    if not args.strip():
        return Reply.of(talk.note("Write for example: /forget Northwind"))
    async with app.database.read() as connection:
        found = await _who(connection, args)
        if isinstance(found, str):
            return Reply.of(talk.note(found))
    return Reply.of(await forgetting.ask(app, found[0]), subject=f"forget:{found[0]}")
