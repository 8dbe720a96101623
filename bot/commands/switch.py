"""Commands that change how Factotum works: pause, resume, undo."""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import undo
from bot.app import App
from bot.cards import talk
from bot.commands.registry import Reply
from bot.outgoing import Outgoing
from core import approvals, director, profile, runs
from core.inbox import Message


async def pause(app: App, args: str, message: Message) -> Reply:
    """Stops every effect that has not been sent."""

    async def change(connection: AsyncConnection) -> tuple[Outgoing | None, list[str]]:
        if (await profile.load(connection)).paused:
            return talk.note("Everything is paused already. /resume goes on."), []
        await pause_now(app, connection)
        return None, []

    return Reply(change=change)


async def pause_now(app: App, connection: AsyncConnection) -> None:
    """Pauses, and says what still goes on."""
    await profile.change(connection, app.clock, paused=True)
    running = await director.count(connection, ("running",))
    words = f" {running} in work now stop before they send." if running else ""
    await app.presenter.say(
        connection,
        talk.note("Paused. Nothing goes out until /resume; reminders to you still come." + words),
    )


async def resume(app: App, args: str, message: Message) -> Reply:
    """Goes on with what waits, and shows what that is."""

    async def change(connection: AsyncConnection) -> tuple[Outgoing | None, list[str]]:
        if not (await profile.load(connection)).paused:
            return talk.note("Nothing is paused."), []
        await profile.change(connection, app.clock, paused=False)
        ready = await app.director.due(connection)
        waiting = [
            run.plan.title
            for run, steps in await runs.active(connection)
            if any(step.id in ready for step in steps)
        ]
        told = "\n".join(f"• {title}" for title in waiting)
        words = f"These go out now:\n{told}" if told else "Nothing was waiting to go out."
        asked = len(await approvals.pending(connection))
        cards = f"\n{asked} wait for your decision: /approvals." if asked else ""
        return talk.note(f"Going on. {words}{cards}"), ready

    return Reply(change=change)


async def undo_(app: App, args: str, message: Message) -> Reply:
    """Takes the last thing back."""

    async def change(connection: AsyncConnection) -> tuple[Outgoing | None, list[str]]:
        words, ready = await undo.last(app, connection, inbox_id=message.id)
        return (None if ready or words == undo.CARD else talk.note(words)), ready

    return Reply(change=change)
