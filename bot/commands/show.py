"""Commands that show something and change nothing."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import digest as digest_room
from bot.app import App
from bot.cards import progress as progress_cards
from bot.cards import talk
from bot.cards.status import status as status_card
from bot.cards.why import nothing
from bot.cards.why import why as why_card
from bot.commands.registry import Reply
from bot.health import check
from bot.outgoing import Outgoing
from core import approvals, explain, profile, runs
from core.inbox import Message


async def digest(app: App, args: str, message: Message) -> Reply:
    """The digest, now."""
    messages = await digest_room.compose(app)

    async def change(connection: AsyncConnection) -> tuple[Outgoing | None, list[str]]:
        await digest_room.retire(connection, app.clock)
        return None, []

    return Reply(tuple((message, digest_room.SUBJECT) for message in messages), change)


async def approvals_(app: App, args: str, message: Message) -> Reply:
    """Every waiting card once more, with its buttons."""
    async with app.database.read() as connection:
        waiting = await approvals.pending(connection)
    if not waiting:
        return Reply.of(talk.note("Nothing waits for your decision."))

    async def change(connection: AsyncConnection) -> tuple[Outgoing | None, list[str]]:
        for found in await approvals.pending(connection):
            run = await runs.load(connection, found.run_id)
            if run:
                letter = await app.presenter.show_card(connection, run, found.id)
                await approvals.shown(connection, found.id, letter)
        return None, []

    return Reply(change=change)


_LISTED = 5
"""Ended runs that /runs shows besides those under way."""


async def runs_(app: App, args: str, message: Message) -> Reply:
    """What is under way and what ended last, each with what can be done about it."""
    async with app.database.read() as connection:
        owner = await profile.load(connection)
        active = await runs.active(connection)
        ended = [run for run in await runs.latest(connection, 20) if run.state != "running"]
        shown = [
            *active,
            *[(run, await runs.steps(connection, run.id)) for run in ended[:_LISTED]],
        ]
        spent = [await app.presenter.spent(connection, run, steps) for run, steps in shown]
    if not shown:
        return Reply.of(talk.note("Nothing is under way, and nothing was."))
    now = app.clock.now()
    return Reply(
        tuple(
            (progress_cards.listed(run, steps, owner, now, cost), run.id)
            for (run, steps), cost in zip(shown, spent, strict=True)
        )
    )


async def status(app: App, args: str, message: Message) -> Reply:
    """What runs, what waits, what is degraded."""
    return Reply.of(status_card(await check(app)))


async def why_(app: App, args: str, message: Message) -> Reply:
    """Why the message replied to is there, or what has this id; without either, the last run."""
    async with app.database.read() as connection:
        settings = await profile.load(connection)
        if args.strip():
            told = await explain.subject(connection, args.strip())
        elif message.reply_to and message.chat_id:
            told = await explain.telegram_message(
                connection, chat_id=message.chat_id, message_id=message.reply_to
            )
        else:
            last = await runs.latest(connection)
            told = await explain.subject(connection, last[0].id) if last else None
    return Reply.of(why_card(told, settings) if told else nothing())


_EXAMPLES = """\
Tell me in your own words, for example:
• Invoice Northwind 2400 EUR for the brand workshop, net 14
• Email Northwind that the draft moves to Friday
• Remind me Thursday at 9 to call the printer
• Remember that Northwind pays net 14
• What are Northwind's terms?
• Put a call with Northwind on Tuesday 15:00

What leaves the house waits for your Approve. Files, photos and voice notes are kept."""


def help_for(lines: Callable[[], str]) -> Callable[[App, str, Message], Awaitable[Reply]]:
    """The help command; ``lines`` lists the commands of the registry."""

    async def help_(app: App, args: str, message: Message) -> Reply:
        return Reply.of(talk.note(f"{_EXAMPLES}\n\n{lines()}"))

    return help_
