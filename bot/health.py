"""How the parts are: for /status, the digest and ``factotum doctor``."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import App
from core import approvals, director, outbox, profile
from core.actions import Health
from core.clock import Clock
from core.profile import Profile
from core.settings import Settings
from core.storage.schema import setting

BEAT = timedelta(seconds=5)
"""How often bot and worker note that they live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of the house at one moment."""

    profile: Profile
    parts: list[Health]
    waiting: int
    running: int
    unsent: int

    def degraded(self) -> list[Health]:
        """The parts that don't work as they should."""
        return [part for part in self.parts if part.status != "ok"]


async def beat(connection: AsyncConnection, clock: Clock, process: str) -> None:
    """Notes that a process lives."""
    now = clock.now()
    await connection.execute(
        insert(setting)
        .values(key=f"beat:{process}", value=now.isoformat(), updated_at=now)
        .on_conflict_do_update(
            index_elements=[setting.c.key], set_={"value": now.isoformat(), "updated_at": now}
        )
    )


async def note_trouble(
    connection: AsyncConnection,
    clock: Clock,
    part: Literal["telegram", "model", "index"],
    trouble: str | None,
) -> None:
    """Notes what was last found wrong with a part, None where nothing was."""
    await connection.execute(
        insert(setting)
        .values(key=f"{part}:trouble", value=trouble, updated_at=clock.now())
        .on_conflict_do_update(
            index_elements=[setting.c.key], set_={"value": trouble, "updated_at": clock.now()}
        )
    )


async def _process(connection: AsyncConnection, clock: Clock, name: str) -> Health:
    seen = await connection.scalar(select(setting.c.value).where(setting.c.key == f"beat:{name}"))
    if seen and clock.now() - datetime.fromisoformat(seen) < BEAT * 3:
        return Health(name, "ok", "running")
    return Health(
        name,
        "failed",
        "not running",
        "Messages are kept; start it with `factotum up` on the host.",
    )


async def _part(connection: AsyncConnection, name: str, fine: str) -> Health:
    trouble = await connection.scalar(
        select(setting.c.value).where(setting.c.key == f"{name}:trouble")
    )
    return Health(name, "degraded", str(trouble)) if trouble else Health(name, "ok", fine)


def _models(settings: Settings) -> str:
    wanted = dict.fromkeys((settings.model_small, settings.model_large))
    return " and ".join(name for name in wanted if name != "builtin") or "builtin"


async def check(app: App) -> Status:
    """Asks every part how it is; none of them may hold the answer up for long."""
    async with app.database.write() as connection:
        await app.policy.refresh(connection)
    async with app.database.read() as connection:
        settings = await profile.load(connection)
        waiting = len(await approvals.pending(connection))
        running = await director.count(connection, ("ready", "running", "blocked", "unknown"))
        unsent = await outbox.backlog(connection)
        processes = [await _process(connection, app.clock, name) for name in ("bot", "worker")]
        telegram = await _part(connection, "telegram", "fine")
        index = await _part(connection, "index", "memory is found by words and by meaning")
        model = await _part(connection, "model", _models(app.settings))
    queue_up = await app.queue.ping()
    queue = (
        Health("queue", "ok", "answers")
        if queue_up
        else Health(
            "queue", "degraded", "does not answer", "Work goes on a little slower; nothing is lost."
        )
    )
    pings = await asyncio.gather(*(c.ping() for c in app.catalogue.connectors))
    return Status(
        profile=settings,
        parts=[*processes, telegram, queue, *pings, app.policy.health(), index, model],
        waiting=waiting,
        running=running,
        unsent=unsent,
    )
