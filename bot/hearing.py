"""What others say: forwarded messages, and mail that came in, are read for facts, never obeyed."""

import asyncio
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from agents import hearsay
from bot import doubts
from bot.app import App
from bot.cards.talk import note
from connectors.mail.arriving import Arrivals
from core import clients, inbox, journal, profile
from core.clients import Client
from core.inbox import Message
from core.memory import entities, keeping, mails
from core.memory.gate import Ask, Candidate, Refuse
from core.memory.mails import Received
from core.storage.database import TROUBLE

log: Any = structlog.get_logger()

_LOOK = 30.0
"""Seconds between two looks at the folder that mail comes into."""
FOLDER = "mail/inbox"
"""That folder, below the data folder."""
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
            await doubts.ask(app, connection)


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
