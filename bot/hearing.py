"""What others say: forwarded messages, and mail that came in, are read for facts, never obeyed."""

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from agents import hearsay, satisfaction
from bot import doubts
from bot.app import App
from bot.cards.talk import note
from connectors.mail.arriving import Arrivals
from core import clients, inbox, journal, profile
from core.clients import Client
from core.inbox import Message
from core.memory import entities, keeping, mails, signals
from core.memory.entities import Entity
from core.memory.gate import Ask, Candidate, Refuse
from core.memory.mails import Received
from core.storage.database import TROUBLE

log: Any = structlog.get_logger()

_LOOK = 30.0
"""Seconds between two looks at the folder that mail comes into."""
FOLDER = "mail/inbox"
"""That folder, below the data folder."""
_NAMED = re.compile(r"([^:\n]{2,60}):")
"""Who a forwarded text begins by saying that it is from."""
_SIGNED = 60
"""Characters of a line that may be who it is from."""
_FORWARDED = (
    "That was forwarded, so I took it as information and not as your order. "
    "Nothing was done. Write it in your own words if you want it done."
)


async def forwarded(app: App, message: Message, known: list[Client]) -> list[str]:
    """Keeps what a forwarded message states of a client, marked as not the owner's word."""
    async with app.database.write() as connection:
        if not await inbox.handled(connection, app.clock, message.id):
            return []
        found = hearsay.candidates(
            message.text,
            known=known,
            writer=None,
            kind="message",
            ref=str(message.id),
            now=app.clock.now(),
            profile=await profile.load(connection),
        )
        kept = await _remember(app, connection, found, f"msg_{message.id}")
        who = _forwarded_from(message, known, await entities.everyone(connection))
        if who:
            await _note_content(
                connection, who.id, message.text, "message", f"msg_{message.id}", app.clock.now()
            )
        told = "".join(f"\nKept, not confirmed by you: {statement}." for statement in kept)
        await journal.append(
            connection,
            app.clock,
            kind="message.understood",
            subject=f"msg_{message.id}",
            data={"requests": [], "model": "no model", "rationale": _FORWARDED},
        )
        await app.presenter.say(connection, note(_FORWARDED + told), subject=f"msg_{message.id}")
        await doubts.ask(app, connection)
    return []


async def keep_mail(app: App) -> None:
    """Takes mail that comes in into memory, for as long as the worker lives."""
    arrivals = Arrivals(app.settings.home / FOLDER)
    waiting: list[Received] = []
    while True:
        try:
            waiting += await arrivals.fresh()
            if waiting:
                await take(app, waiting)
                waiting = []
                await app.queue.wake_courier()
        except TROUBLE:  # the disk is full or the database is held: tried again
            log.exception("mail_put_off")
        except Exception:  # nothing about one mail may stop the worker; the log has the details
            log.exception("mail_not_taken")
            waiting = []
        await asyncio.sleep(_LOOK)


async def take(app: App, received: list[Received]) -> None:
    """Makes episodes and facts of mails, each once; those that memory would put away are left."""
    async with app.database.read() as connection:
        owner = await profile.load(connection)
        fresh = await mails.unknown(connection, received)
    oldest = app.clock.now() - timedelta(days=owner.episode_days)
    for mail in fresh:
        if mail.at < oldest:
            continue
        async with app.database.write() as connection:
            known = await entities.everyone(connection)
            if not await mails.take(connection, app.clock, mail, known):
                continue
            who = mails.sender(mail, known)
            writer = [c for c in await clients.everyone(connection) if who and c.id == who.id]
            if not writer or not mail.plain:
                continue  # a stranger's word, or one that nobody could read, is no fact
            found = hearsay.candidates(
                mail.text,
                known=[],
                writer=writer[0],
                kind="mail",
                ref=mail.ref,
                now=mail.at,
                profile=owner,
            )
            await _remember(app, connection, found, mail.ref)
            await _note_content(connection, writer[0].id, mail.text, "mail", mail.ref, mail.at)
            await doubts.ask(app, connection)


def _forwarded_from(
    message: Message, known: list[Client], others: list[Entity]
) -> Client | Entity | None:
    """The client whose words a forwarded message is; None where that isn't told.

    By the name of whom it was forwarded from, or by how it begins or is signed. What the owner
    wrote stays the owner's.
    """
    if message.data.get("own"):
        return None
    if name := message.data.get("from"):
        named = entities.named(str(name), others)
        whose = {c.id: c for each in named if (c := entities.client_of(each, others))}
        if len(whose) == 1:
            return next(iter(whose.values()))
    lines = [line.strip() for line in message.text.splitlines() if line.strip()]
    begins = _NAMED.match(lines[0]) if lines else None
    for words in (begins[1] if begins else "", lines[-1] if len(lines) > 1 else ""):
        found = clients.mentioned(words, known) if len(words) <= _SIGNED else []
        if len(found) == 1:
            return found[0]
    return None


async def _note_content(
    connection: AsyncConnection, client_id: str, text: str, kind: str, ref: str, at: datetime
) -> None:
    """Keeps what a client's own words say of how content they are, where they say it."""
    found = satisfaction.read(text)
    if found is None:
        return
    await signals.satisfaction(
        connection,
        client_id,
        ref=ref,
        value=found.value,
        at=at,
        evidence={
            "quote": found.quote,
            "kind": kind,
            "place": f"line {found.line}",
            "trust": "untrusted",
            "confidence": satisfaction.SURE,
        },
    )


async def _remember(
    app: App, connection: AsyncConnection, found: list[Candidate], token: str
) -> list[str]:
    """Lets candidates through the gate; returns what was kept or is known already."""
    kept: list[str] = []
    for place, candidate in enumerate(found):
        outcome = await keeping.remember(
            connection, app.clock, candidate, token=f"{token}:heard:{place}"
        )
        if not isinstance(outcome.ruling, Ask | Refuse):
            kept.append(candidate.statement)
    return kept
