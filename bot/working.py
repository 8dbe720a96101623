"""The worker process: understands messages, carries out steps, keeps the hours."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import structlog

from agents.planner import Planner
from agents.roles import Thinker
from bot import drafts, ready
from bot.app import App, assemble
from bot.conversation import Conversation
from bot.health import BEAT, beat
from bot.hearing import keep_mail
from bot.indexing import keep_index
from bot.lifetime import until_told
from bot.models import gateway_of
from bot.refining import Refiner
from bot.ticking import keep_hours, look, schedule_digest, steps_to_run, unhandled
from core.executor import Executor
from core.ids import new_id
from core.leases import RENEWAL
from core.queue import WakeableWorker, make_worker
from core.settings import Settings
from core.storage.database import TROUBLE

_MOST = 16
"""Pieces of work that the sweep has under way at once."""

log: Any = structlog.get_logger()


async def work(settings: Settings) -> None:
    """Runs the worker process until it is told to end."""
    app = assemble(settings)
    gateway = gateway_of(app)
    planner = Planner(gateway)
    conversation = Conversation(app, planner)
    executor = Executor(
        database=app.database,
        clock=app.clock,
        catalogue=app.catalogue,
        director=app.director,
        thinkers=app.thinkers() | {drafts.REFINE: Refiner(app, Thinker(gateway))},
        queue=app.queue,
        worker=new_id("wrk"),
        before=app.current.read,
    )
    queue_worker = make_worker(
        settings.queue_url(), message=conversation.handle, step=executor.execute
    )
    try:
        await app.current.refresh()
        await planner.warm_up()
        await schedule_digest(app)
        ready.tell(settings.home, "worker")
        await until_told(
            _run(queue_worker),
            _sweep(app, conversation, executor),
            _beat(app, executor),
            keep_index(app),
            keep_mail(app),
        )
    finally:
        await queue_worker.close()
        await app.close()


async def _run(queue_worker: WakeableWorker) -> None:
    await queue_worker.main()


async def _sweep(app: App, conversation: Conversation, executor: Executor) -> None:
    """At least every second: what is due, and what was not heard of, also without any queue."""
    late: set[int] = set()
    at_work: dict[Any, asyncio.Task[None]] = {}

    def begin(key: Any, work: Coroutine[Any, Any, None]) -> None:
        # Slow work must not keep reminders waiting, so the sweep only starts it.
        if key in at_work or len(at_work) >= _MOST:
            work.close()
            return
        at_work[key] = asyncio.create_task(work)
        at_work[key].add_done_callback(lambda task: _over(at_work, key, task))

    while True:
        pause = 1.0
        try:
            due = await look(app)
            await keep_hours(app, due)
            for step_id in await steps_to_run(app) if due.steps else ():
                begin(step_id, executor.execute(step_id))
            waiting = await unhandled(app) if due.messages else []
            if late.intersection(waiting):  # they have waited for a whole second already
                begin("messages", conversation.handle(max(waiting)))
            late = set(waiting)
            pause = due.next_in
        except Exception:  # the sweep is what everything else relies on: it must go on
            log.exception("sweep_failed")
        await asyncio.sleep(pause)


def _over(at_work: dict[Any, asyncio.Task[None]], key: Any, task: asyncio.Task[None]) -> None:
    del at_work[key]
    if not task.cancelled() and (error := task.exception()):
        log.error("work_failed", key=key, error=repr(error))


async def _beat(app: App, executor: Executor) -> None:
    """Notes that the process lives, and keeps its claims while it has steps in work."""
    beaten = renewed = 0.0
    while True:
        now = time.monotonic()
        living = now - beaten >= BEAT.total_seconds()
        try:
            if living or (executor.busy and now - renewed >= RENEWAL.total_seconds()):
                async with app.database.write() as connection:
                    if living:
                        await beat(connection, app.clock, "worker")
                        beaten = now
                    if executor.busy:
                        await app.director.renew(connection, executor.worker)
                renewed = now
        except TROUBLE:
            log.exception("beat_failed")
        await asyncio.sleep(RENEWAL.total_seconds() / 2)
