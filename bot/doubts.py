"""Contradictions in memory: asked once, with buttons, and decided by a tap."""

from typing import get_args

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import App
from bot.cards import memory as cards
from core import profile
from core.inbox import Message
from core.memory import contradictions, keeping
from core.memory.contradictions import Answer

_ANSWERS: dict[str, Answer] = {answer: answer for answer in get_args(Answer)}


async def ask(app: App, connection: AsyncConnection) -> None:
    """Asks about every contradiction that the owner was not asked about yet."""
    owner = await profile.load(connection)
    for asked in await contradictions.unasked(connection):
        letter = await app.presenter.say(
            connection, cards.contradiction(asked, owner), subject=asked.id
        )
        await contradictions.shown(connection, asked.id, letter)


async def decide(
    app: App, connection: AsyncConnection, message: Message, rest: str
) -> tuple[str, list[str]]:
    """A tap on one of the answers."""
    asked_id, _, said = rest.partition(":")
    answer = _ANSWERS.get(said)
    if answer is None:
        return "I don't know this button; nothing happened.", []
    asked = await contradictions.load(connection, asked_id)
    outcome = await keeping.decide(connection, app.clock, asked_id, answer)
    if asked is None or outcome is None:
        return "That was settled already; nothing happened.", []
    card = cards.decided(asked, answer, outcome, await profile.load(connection))
    await app.presenter.turn(connection, asked_id, card)
    return "Kept.", []


TAPS = {"con": decide}
"""The handlers of these buttons, by the kind before the colon."""
