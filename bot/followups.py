"""Follow-ups: what is put before the operator on a later day, when nothing was heard till then.

The button on an outcome makes a schedule. When that is due, an event goes into the inbox in the
same transaction, and is read as a message would be: it leads to a card, or to nothing.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from agents.outcomes import Say
from agents.requests import Base
from bot.app import App
from bot.reading import Made, Reading, requests_of
from core import effects, inbox, profile, runs, schedules
from core.inbox import Arrived, Message
from core.plans import FollowUp, Origin, Plan, Value, resolve
from core.profile import Profile
from core.schedules import Slot
from core.when import day, day_and_time

_AT = time(9)
"""When a follow-up is put before the operator, on a working day."""


async def _follow(
    app: App, connection: AsyncConnection, message: Message, run_id: str
) -> tuple[str, list[str]]:
    run = await runs.load(connection, run_id)
    if run is None or run.plan.follow_up is None or not await _stands(connection, run_id):
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


@dataclass(frozen=True, slots=True)
class Due:
    """What a due follow-up asks for; ``told`` says what it follows."""

    request: Base
    told: str
    extra: dict[str, Any] = field(default_factory=dict[str, Any])

    def of(self, reading: Reading) -> Reading:
        """The reading with the cards marked. What only says that all is settled is left out."""
        kept = [
            (self._marked(made) if isinstance(made, Plan) else made, place)
            for made, place in zip(reading.made, reading.places, strict=True)
            if not isinstance(made, Say)
        ]
        made: list[Made] = [one for one, _ in kept]
        return replace(reading, made=made, places=[place for _, place in kept])

    def _marked(self, plan: Plan) -> Plan:
        follows = Value(slot="follows", label="Follows", shown=self.told, origin=Origin.SAID)
        values = [
            value.model_copy(update={"origin": Origin.WORKED_OUT, "source": "the mail before"})
            if value.slot in self.extra
            else value
            for value in plan.values
        ]
        return plan.model_copy(update={"values": (*values, follows)})


async def due(connection: AsyncConnection, message: Message) -> Due | None:
    """What the event asks for; None where what it follows no longer stands."""
    run_id = str(message.data["run"])
    run = await runs.load(connection, run_id)
    if run is None or run.plan.follow_up is None or not await _stands(connection, run_id):
        return None
    steps = await runs.steps(connection, run_id)
    results = {step.key: step.result for step in steps if step.result}
    try:
        request = dict(resolve(run.plan.follow_up.request, results))
    except KeyError:  # it was forgotten since
        return None
    extra = request.pop("$extra", {})
    owner = await profile.load(connection)
    at = day_and_time(owner.local(datetime.fromisoformat(message.data["at"])))
    done = day(owner.local(run.ended_at).date()) if run.ended_at else ""
    return Due(requests_of([request])[0], f"{run.plan.title}, {done}; due {at}", extra=extra)


async def _stands(connection: AsyncConnection, run_id: str) -> bool:
    run = await runs.load(connection, run_id)
    return bool(run and run.state == "done" and not await effects.taken_back(connection, run_id))


def _moment(follow_up: FollowUp, owner: Profile, now: datetime) -> datetime:
    """Its hour on its day, or on the first working day that is still to come."""
    on: date = max(follow_up.on, owner.local(now).date() + timedelta(days=1))
    while on.weekday() > 4:
        on += timedelta(days=1)
    return datetime.combine(on, _AT, tzinfo=owner.tz).astimezone(UTC)
