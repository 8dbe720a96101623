"""A card's further buttons: putting it aside, and the way back."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import App
from bot.cards import later
from core import approvals, profile, runs, waiting
from core.inbox import Message
from core.when import day_and_time

_UNKNOWN = "I don't know this button; nothing happened."


async def _pending(
    connection: AsyncConnection, approval_id: str
) -> tuple[approvals.Approval, runs.Run] | None:
    found = await approvals.load(connection, approval_id)
    run = await runs.load(connection, found.run_id) if found else None
    return (found, run) if found and run and found.state == "pending" else None


async def more(
    app: App, connection: AsyncConnection, message: Message, approval_id: str
) -> tuple[str, list[str]]:
    """Shows what else can be done with a card."""
    pending = await _pending(connection, approval_id)
    if pending is None:
        return "Decided already.", []
    card = await app.presenter.card(connection, pending[1], pending[0])
    await app.presenter.turn(
        connection, approval_id, replace(card, buttons=later.buttons(approval_id))
    )
    return "", []


async def back(
    app: App, connection: AsyncConnection, message: Message, approval_id: str
) -> tuple[str, list[str]]:
    """Shows the card's first buttons again."""
    pending = await _pending(connection, approval_id)
    if pending is None:
        return "Decided already.", []
    card = await app.presenter.card(connection, pending[1], pending[0])
    await app.presenter.turn(connection, approval_id, card)
    return "", []


async def snooze(
    app: App, connection: AsyncConnection, message: Message, rest: str
) -> tuple[str, list[str]]:
    """Puts a card aside for a while."""
    approval_id, _, choice = rest.partition(":")
    pending = await _pending(connection, approval_id)
    owner = await profile.load(connection)
    at = later.until(choice, app.clock.now(), owner)
    if pending is None or at is None:
        return ("Decided already." if at else _UNKNOWN), []
    await waiting.snooze(connection, app.clock, approval_id, at)
    local = owner.local(at)
    card = later.snoozed(pending[1].plan, approval_id, local)
    await app.presenter.turn(connection, approval_id, card)
    return f"Put aside until {day_and_time(local)}.", []


TAPS = {"more": more, "back": back, "snooze": snooze}
"""The handlers of these buttons, by the kind before the colon."""
