"""Commands that change how Factotum works: pause, resume, undo."""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import undo
from bot.app import App
from bot.cards import talk
from bot.commands.registry import Reply
from bot.outgoing import Outgoing
from core import director, profile
from core.inbox import Message


async def pause(app: App, args: str, message: Message) -> Reply:
    """Stops every effect that has not begun."""

    async def change(connection: AsyncConnection) -> tuple[Outgoing | None, list[str]]:
        if (await profile.load(connection)).paused:
            return talk.note("Everything is paused already. /resume goes on."), []
        await profile.change(connection, app.clock, paused=True)
        running = await director.count(connection, ("running",))
        words = f" {running} step had begun before and ends." if running else ""
        return talk.note(
            "Paused. Nothing goes out until /resume; reminders to you still come." + words
        ), []

    return Reply(change=change)


async def resume(app: App, args: str, message: Message) -> Reply:
    """Goes on with what waits."""

    async def change(connection: AsyncConnection) -> tuple[Outgoing | None, list[str]]:
        if not (await profile.load(connection)).paused:
            return talk.note("Nothing is paused."), []
        await profile.change(connection, app.clock, paused=False)
        ready = await app.director.due(connection)
        count = "1 step goes" if len(ready) == 1 else f"{len(ready)} steps go"
        words = f"{count} out now." if ready else "Nothing was waiting to go out."
        return talk.note(f"Going on. {words}"), ready

    return Reply(change=change)


async def undo_(app: App, args: str, message: Message) -> Reply:
    """Takes the last thing back."""

    async def change(connection: AsyncConnection) -> tuple[Outgoing | None, list[str]]:
        words, ready = await undo.last(app, connection, inbox_id=message.id)
        return (None if ready or words == undo.CARD else talk.note(words)), ready

    return Reply(change=change)
