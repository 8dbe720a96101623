"""Memory's upkeep: gathered each night, put away each week, told, and brought back by a tap."""

from datetime import time

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import App
from bot.cards import memory as cards
from bot.cards.talk import note
from core import profile, schedules
from core.inbox import Message
from core.memory import upkeep
from core.schedules import Slot

AT = time(4, 0)
"""When it is done, on the owner's clock."""
SUBJECT = "upkeep"


async def schedule(app: App, connection: AsyncConnection) -> None:
    """Makes sure that the next upkeep is scheduled."""
    owner = await profile.load(connection)
    due_at = schedules.next_daily(AT, owner.tz, app.clock.now())
    await schedules.ensure_daily(connection, app.clock, kind="upkeep", due_at=due_at)


async def run(app: App, slot: Slot) -> None:
    """Gathers what happened; on Mondays puts away what is old, and says so."""
    async with app.database.write() as connection:
        owner = await profile.load(connection)
        now = max(app.clock.now(), slot.due_at)
        next_at = schedules.next_daily(AT, owner.tz, now)
        if not await schedules.use(connection, app.clock, slot, next_at=next_at):
            return
        await upkeep.gather(connection, app.clock)
        if owner.local(slot.due_at).weekday() != 0:
            return
        done = await upkeep.prune(
            connection,
            app.clock,
            episode_days=owner.episode_days,
            summary_days=owner.summary_days,
            transcript_days=owner.transcript_days,
        )
        if done.episodes or done.summaries or done.transcripts:
            until = owner.local(app.clock.now() + upkeep.GRACE)
            await app.presenter.say(connection, cards.put_away(done, until), subject=SUBJECT)


async def restore(
    app: App, connection: AsyncConnection, message: Message, _rest: str
) -> tuple[str, list[str]]:
    """A tap on Bring back."""
    back = await upkeep.restore(connection, app.clock)
    if not back:
        return "There is nothing to bring back any more.", []
    await app.presenter.turn(connection, SUBJECT, note("Brought back; nothing is put away now."))
    return "Brought back.", []


TAPS = {"unprune": restore}
"""The handlers of these buttons, by the kind before the colon."""
