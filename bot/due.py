"""What a follow-up asks for when its day has come: a card, or nothing where all is settled."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from agents.outcomes import Say
from agents.requests import Base
from bot.followups import stands
from bot.reading import Made, Reading, requests_of
from core import profile, runs
from core.inbox import Message
from core.plans import Origin, Plan, Value, resolve
from core.when import day, day_and_time


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


async def of(connection: AsyncConnection, message: Message) -> Due | None:
    """What the event asks for; None where what it follows no longer stands."""
    run = await runs.load(connection, str(message.data["run"]))
    if run is None or run.plan.follow_up is None or not await stands(connection, run):
        return None
    steps = await runs.steps(connection, run.id)
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
