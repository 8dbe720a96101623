"""Taps: what each button does. The button carries an id, everything else is looked up."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import deciding, doubts, editing, followups, forgetting, learning, snoozing, undo, upkeep
from bot.app import App
from bot.cards import approval as approval_cards
from bot.cards import talk
from bot.cards.why import nothing, why
from bot.commands import grants, policy, settings, switch
from bot.outgoing import Outgoing
from core import approvals, effects, explain, inbox, outbox, profile, prompts, runs
from core.inbox import Message

_UNKNOWN = "I don't know this button; nothing happened."

Handler = Callable[[App, AsyncConnection, Message, str], Awaitable[tuple[str, list[str]]]]
"""Gets the id behind the button; returns what to answer, and steps that can go now."""


async def handle(app: App, message: Message) -> str:
    """Does what the tapped button says, in one transaction; returns what to answer."""
    kind, _, rest = str(message.data.get("data", "")).partition(":")
    handler = _HANDLERS.get(kind)
    async with app.database.write() as connection:
        if not await inbox.handled(connection, app.clock, message.id):
            return ""
        if handler is None:
            return _UNKNOWN
        words, ready = await handler(app, connection, message, rest)
    await app.queue.wake_courier()
    for step_id in ready:
        await app.queue.step(step_id)
    return words


async def _stop(
    app: App, connection: AsyncConnection, message: Message, run_id: str
) -> tuple[str, list[str]]:
    run = await runs.load(connection, run_id)
    if run is None:
        return _UNKNOWN, []
    if not await app.director.cancel(connection, run_id):
        return "That has ended already.", []
    return "Cancelled.", []


async def _pause(
    app: App, connection: AsyncConnection, message: Message, _rest: str
) -> tuple[str, list[str]]:
    if (await profile.load(connection)).paused:
        return "Everything is paused already. /resume goes on.", []
    await switch.pause_now(app, connection)
    return "Paused. /resume goes on.", []


async def keep_reason(app: App, connection: AsyncConnection, approval_id: str, reason: str) -> None:
    """Keeps why a card was rejected, and shows it on the card."""
    found = await approvals.load(connection, approval_id)
    run = await runs.load(connection, found.run_id) if found else None
    if found is None or run is None or found.state != "rejected":
        return
    await approvals.give_reason(connection, app.clock, approval_id, reason)
    await learning.from_reason(app, connection, approval_id, run.plan, reason)
    await app.presenter.turn(
        connection, approval_id, approval_cards.rejected(run.plan, reason, approval_id)
    )


async def _just_no(
    app: App, connection: AsyncConnection, message: Message, approval_id: str
) -> tuple[str, list[str]]:
    found = await approvals.load(connection, approval_id)
    if found is None or found.state != "rejected":
        return _UNKNOWN, []
    if found.reason:
        return "The reason is kept already.", []
    await prompts.close_all(connection, app.clock)
    await keep_reason(app, connection, approval_id, "just no")
    return "Kept.", []


async def _edit(
    app: App, connection: AsyncConnection, message: Message, approval_id: str
) -> tuple[str, list[str]]:
    found = await approvals.load(connection, approval_id)
    if found is None:
        return _UNKNOWN, []
    if found.state != "pending":
        return "That card was decided already, so it can't be changed any more.", []
    run = await runs.load(connection, found.run_id)
    if run is None:
        return _UNKNOWN, []
    card = talk.ask_edit(run.plan, approval_id, editing.fields(run.plan))
    return await _ask_edit(app, connection, approval_id, card, {})


async def _field(
    app: App, connection: AsyncConnection, message: Message, rest: str
) -> tuple[str, list[str]]:
    """Asks for the new value of one thing on a card."""
    approval_id, _, slot = rest.partition(":")
    found = await approvals.load(connection, approval_id)
    run = await runs.load(connection, found.run_id) if found else None
    values = [v for v in editing.fields(run.plan) if v.slot == slot] if run else []
    if found is None or not values:
        return _UNKNOWN, []
    if found.state != "pending":
        return "That card was decided already, so it can't be changed any more.", []
    data = {"slot": slot}
    return await _ask_edit(app, connection, approval_id, talk.ask_value(values[0]), data)


async def _ask_edit(
    app: App, connection: AsyncConnection, approval_id: str, card: Outgoing, data: dict[str, Any]
) -> tuple[str, list[str]]:
    await prompts.close_all(connection, app.clock)
    prompt_id = await prompts.open_one(
        connection, app.clock, kind="edit", subject=approval_id, data=data
    )
    letter = await app.presenter.say(connection, card, subject=approval_id + ":edit")
    await prompts.shown(connection, prompt_id, letter)
    return "", []


async def _why(
    app: App, connection: AsyncConnection, message: Message, subject: str
) -> tuple[str, list[str]]:
    told = await explain.subject(connection, subject)
    card = why(told, await profile.load(connection)) if told else nothing()
    await app.presenter.say(connection, card, subject=subject + ":why")
    return "", []


async def _undo(
    app: App, connection: AsyncConnection, message: Message, run_id: str
) -> tuple[str, list[str]]:
    return await undo.start(app, connection, run_id, inbox_id=message.id)


async def _retry(
    app: App, connection: AsyncConnection, message: Message, run_id: str
) -> tuple[str, list[str]]:
    run = await runs.load(connection, run_id)
    if run is None:
        return _UNKNOWN, []
    ready = await app.director.retry(connection, run_id)
    if not ready:
        return "There is nothing to try again.", []
    found = await approvals.of_run(connection, run_id)
    await app.presenter.turn(
        connection, found.id if found else run_id, approval_cards.again(run.plan)
    )
    paused = (await profile.load(connection)).paused
    return "Paused: tried again after /resume." if paused else "Trying again.", ready


async def _vouch(
    app: App, connection: AsyncConnection, message: Message, step_id: str
) -> tuple[str, list[str]]:
    before = await runs.load_step(connection, step_id)
    if before is None or before.state != "unknown":
        return "That was settled already.", []
    return "Noted as done.", await effects.settle_unknown(
        connection, app.clock, app.director, step_id
    )


async def _show(
    app: App, connection: AsyncConnection, message: Message, subject: str
) -> tuple[str, list[str]]:
    """Shows a waiting card once more, or a letter that may not have arrived."""
    if re.fullmatch(r"[0-9]{1,18}", subject):
        letter = await outbox.load(connection, int(subject))
        if letter is None:
            return _UNKNOWN, []
        shown = await app.presenter.say(
            connection, Outgoing.load(letter.payload), subject=letter.subject
        )
        if letter.subject.startswith("apr_"):
            await approvals.shown(connection, letter.subject, shown)
        return "", []
    found = await approvals.load(connection, subject)
    run = await runs.load(connection, found.run_id) if found else None
    if found is None or run is None:
        return _UNKNOWN, []
    if found.state != "pending":
        return "Decided already.", []
    letter_id = await app.presenter.show_card(connection, run, subject)
    await approvals.shown(connection, subject, letter_id)
    return "", []


async def _set(
    app: App, connection: AsyncConnection, message: Message, key: str
) -> tuple[str, list[str]]:
    return await settings.ask(app, connection, key), []


_HANDLERS: dict[str, Handler] = {
    **deciding.TAPS,
    **snoozing.TAPS,
    **followups.TAPS,
    **policy.TAPS,
    **grants.TAPS,
    **doubts.TAPS,
    **learning.TAPS,
    **forgetting.TAPS,
    **upkeep.TAPS,
    "stop": _stop,
    "pause": _pause,
    "reason": _just_no,
    "edit": _edit,
    "field": _field,
    "why": _why,
    "undo": _undo,
    "retry": _retry,
    "vouch": _vouch,
    "show": _show,
    "set": _set,
}
