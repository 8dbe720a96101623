"""Follow-ups: what is put before the operator on a later day, when nothing was heard till then.

The button on an outcome makes a schedule. When that is due, an event goes into the inbox in the
same transaction, and is read as a message would be (``bot/due.py``).
"""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import App
from core import effects, inbox, profile, runs, schedules
from core.inbox import Arrived, Message
from core.plans import FollowUp
from core.profile import Profile
from core.runs import Run
from core.schedules import Slot
from core.when import day_and_time

_AT = time(9)
"""When a follow-up is put before the operator, on a working day."""


async def _follow(
    app: App, connection: AsyncConnection, message: Message, run_id: str
) -> tuple[str, list[str]]:
    run = await runs.load(connection, run_id)
    if run is None or run.plan.follow_up is None or not await stands(connection, run):
        return "That was taken back or ended otherwise; there is nothing to follow up.", []
    owner = await profile.load(connection)
    known = await schedules.follow_up(connection, run_id)
    at = known.due_at if known else _moment(run.plan.follow_up, owner, app.clock.now())
    if known is None:
        await schedules.add(
            connection,
            app.clock,
            kind="follow_up",
            due_at=at,
            data={"run": run_id},
            token=schedules.follow_up_token(run_id, message.id),
        )
        await app.presenter.retell(connection, run)
    return f"I put it before you on {day_and_time(owner.local(at))}.", []


async def _leave(
    app: App, connection: AsyncConnection, message: Message, run_id: str
) -> tuple[str, list[str]]:
    run = await runs.load(connection, run_id)
    if run is None or not await schedules.drop_follow_up(connection, app.clock, run_id):
        return "There is no follow-up to come.", []
    await app.presenter.retell(connection, run)
    return "No follow-up then.", []


TAPS = {"follow": _follow, "leave": _leave}


async def begin(app: App, slot: Slot) -> None:
    """A follow-up is due: it goes into the inbox, however late."""
    async with app.database.write() as connection:
        if not await schedules.use(connection, app.clock, slot):
            return
        due = Arrived(kind="due", data={"run": slot.data["run"], "at": slot.due_at.isoformat()})
        await inbox.receive(connection, app.clock, due)
        run = await runs.load(connection, str(slot.data["run"]))
        if run:
            await app.presenter.retell(connection, run)


async def stands(connection: AsyncConnection, run: Run) -> bool:
    """Whether what is to be followed up was done, and nothing of it taken back."""
    return run.state == "done" and not await effects.taken_back(connection, run.id)


def _moment(follow_up: FollowUp, owner: Profile, now: datetime) -> datetime:
    """Its hour on its day, or on the first working day that is still to come."""
    on: date = max(follow_up.on, owner.local(now).date() + timedelta(days=1))
    while on.weekday() > 4:
        on += timedelta(days=1)
    return datetime.combine(on, _AT, tzinfo=owner.tz).astimezone(UTC)
