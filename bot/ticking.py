"""The worker's tick: reminders, the digest, and everything that a lost wake-up left behind."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import digest, doubts, drafts, followups, upkeep
from bot.app import App
from bot.cards import approval as approval_cards
from bot.cards import later
from bot.cards.talk import anchor, note
from bot.outgoing import Outgoing, esc
from core import approvals, audit, grants, inbox, leases, profile, runs, schedules, waiting
from core.memory import contradictions
from core.schedules import Slot
from core.when import day_and_time

log: Any = structlog.get_logger()

_LATE = timedelta(minutes=2)
"""A reminder later than this says when it was due."""
ANCHOR = "anchor"
"""What the pinned letters with the journal's head are about."""
_STALE = timedelta(hours=6)
"""A digest missed by more than this waits for its next day."""


async def schedule_digest(app: App) -> None:
    """Makes sure that the next digest, and memory's next upkeep, are scheduled."""
    async with app.database.write() as connection:
        settings = await profile.load(connection)
        due_at = schedules.next_daily(settings.digest_at, settings.tz, app.clock.now())
        await schedules.ensure_daily(connection, app.clock, kind="digest", due_at=due_at)
        await upkeep.schedule(app, connection)


@dataclass(frozen=True, slots=True)
class Due:
    """What a sweep found to do."""

    schedules: bool
    approvals: bool
    grants: bool
    steps: bool
    messages: bool
    doubts: bool
    next_in: float
    """Seconds until the next look: at most one, less where a worker's claim ends before."""


async def look(app: App) -> Due:
    """Whether anything is due: one statement, since it is asked every second."""
    async with app.database.read() as connection:
        row = (
            await connection.execute(
                select(
                    schedules.any_due(app.clock),
                    waiting.any_overdue(app.clock),
                    grants.any_overdue(app.clock),
                    app.director.any_due(),
                    inbox.any_waiting(*inbox.FOR_THOUGHT),
                    contradictions.any_unasked(),
                    leases.soonest_end(),
                )
            )
        ).one()
    *found, lease_until = row
    left = (lease_until - app.clock.now()).total_seconds() if lease_until else 1.0
    return Due(*(bool(value) for value in found), next_in=min(1.0, max(0.05, left)))


async def keep_hours(app: App, due: Due) -> None:
    """Sends reminders and the digest, and ends approvals that nobody answered."""
    if due.schedules:
        await schedule_digest(app)
        async with app.database.read() as connection:
            slots = await schedules.due(connection, app.clock)
        for slot in slots:
            try:
                await _SLOTS[slot.kind](app, slot)
            except Exception:  # one slot that fails must not keep the others from their hour
                log.exception("slot_failed", slot=slot.id)
    if due.approvals:
        async with app.database.write() as connection:
            await _expire(app, connection)
            await _nudge(app, connection)
    if due.grants:
        async with app.database.write() as connection:
            await grants.expired(connection, app.clock)
    if due.doubts:
        async with app.database.write() as connection:
            await doubts.ask(app, connection)
    if due.schedules or due.approvals or due.doubts:
        await app.queue.wake_courier()


async def steps_to_run(app: App) -> list[str]:
    """Ids of steps that should run and don't."""
    async with app.database.write() as connection:
        return await app.director.due(connection)


async def unhandled(app: App) -> list[int]:
    """Inbox ids that wait for the worker."""
    async with app.database.read() as connection:
        waiting = await inbox.waiting(connection, *inbox.FOR_THOUGHT)
    return [message.id for message in waiting]


async def _remind(app: App, slot: Slot) -> None:
    async with app.database.write() as connection:
        if not await schedules.use(connection, app.clock, slot):
            return
        settings = await profile.load(connection)
        late = app.clock.now() - slot.due_at > _LATE
        was = f"\nIt was due {day_and_time(settings.local(slot.due_at))}." if late else ""
        letter = Outgoing(html=f"<b>Reminder</b>\n{esc(slot.data['what'])}{was}", silent=False)
        # The operator chose this hour, so it sounds in the quiet hours too.
        await app.presenter.say(connection, letter, subject=slot.id, always_heard=True)


async def _digest(app: App, slot: Slot) -> None:
    async with app.database.read() as connection:
        settings = await profile.load(connection)
    now = max(app.clock.now(), slot.due_at)  # a time server may have set the clock back since
    next_at = schedules.next_daily(settings.digest_at, settings.tz, now)
    stale = app.clock.now() - slot.due_at > _STALE
    messages = [] if stale else await digest.compose(app)
    async with app.database.read() as connection:
        head = await audit.head(connection)
    async with app.database.write() as connection:
        if not await schedules.use(connection, app.clock, slot, next_at=next_at):
            return
        if stale:
            was = day_and_time(settings.local(slot.due_at))
            told = note(f"I was not running for the digest of {was}. /digest shows it now.")
            await app.presenter.say(connection, told)
        else:
            await digest.retire(connection, app.clock)
            for message in messages:
                await app.presenter.say(connection, message, subject=digest.SUBJECT)
        await app.presenter.pin(connection, anchor(head, settings.local(app.clock.now())), ANCHOR)


_SLOTS = {
    "digest": _digest,
    "follow_up": followups.begin,
    "reminder": _remind,
    "upkeep": upkeep.run,
}
"""What is done when a slot of this kind is due."""


async def _expire(app: App, connection: AsyncConnection) -> None:
    for found in await waiting.expired(connection, app.clock):
        run = await runs.load(connection, found.run_id)
        if run and await app.director.stop(connection, run.id, state="cancelled"):
            await app.presenter.turn(connection, found.id, approval_cards.expired(run.plan))
            await drafts.settle(connection, app.clock, run.id, drafts.EXPIRED)
            await digest.settle(connection, app.clock, found.id)
            if found.batch_id:
                await app.presenter.turn_together(connection, found.batch_id)


async def _nudge(app: App, connection: AsyncConnection) -> None:
    owner = await profile.load(connection)
    for found in await waiting.nudges(connection, app.clock):
        run = await runs.load(connection, found.run_id)
        if run is None:
            continue
        if found.snoozed:  # the operator chose this moment to see it again
            letter = await app.presenter.show_card(connection, run, found.id)
            await approvals.shown(connection, found.id, letter)
        else:
            card = later.nudge(run.plan, found.id, owner.local(found.expires_at))
            await app.presenter.say(connection, card, subject=f"{found.id}:nudge")
