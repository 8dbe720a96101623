"""Ours: director, executor and database."""

import asyncio
import time
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.bench.engines.turn import Load, Turn, check
from core import profile, runs
from core.actions import Catalogue
from core.clock import SystemClock
from core.costs import NOTHING
from core.director import Director, Started
from core.executor import Executor
from core.plans import Plan, PlannedStep, ref
from core.policy import PolicyBook
from core.queue import MemoryQueue
from core.runs import Run, Step
from core.storage.database import Database
from core.storage.migrate import migrate


class _Silent:
    """A presenter that tells nobody anything."""

    async def asked(self, connection: AsyncConnection, run: Run, approval_id: str) -> int:
        return 0

    async def drafted(self, connection: AsyncConnection, run: Run, step: Step) -> None: ...

    async def moved(self, connection: AsyncConnection, run: Run) -> None: ...

    async def ended(self, connection: AsyncConnection, run: Run, steps: list[Step]) -> None: ...

    async def held_up(
        self, connection: AsyncConnection, run: Run, step: Step, again_at: object
    ) -> None: ...


def _chain(steps: int) -> Plan:
    return Plan(
        intent="bench",
        title="A chain",
        steps=tuple(
            PlannedStep(
                key=f"s{number}",
                kind="agent",
                action="bench.add",
                params={"value": ref(f"s{number - 1}", "value") if number else 0},
                depends=(f"s{number - 1}",) if number else (),
            )
            for number in range(steps)
        ),
    )


async def _add(_token: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"value": params["value"] + 1}


def ours(load: Load) -> Turn:
    """Director, executor and database as the worker has them, with journal and claims."""
    return asyncio.run(_ours(load))


async def _ours(load: Load) -> Turn:
    path = load.place / "factotum.db"
    migrate(path)
    database, clock, catalogue = Database(path), SystemClock(), Catalogue(())
    director = Director(clock, catalogue, _Silent(), PolicyBook.at(load.place, clock))
    executor = Executor(
        database=database,
        clock=clock,
        catalogue=catalogue,
        director=director,
        thinkers={"bench.add": _add},
        queue=MemoryQueue(),
        worker="wrk_bench",
        before=profile.load,
    )

    async def start(steps: int) -> Started:
        async with database.write() as connection:
            return await director.start(connection, _chain(steps), explanation={}, cost=NOTHING)

    async def proven(started: Started, steps: int) -> None:
        async with database.read() as connection:
            done = await runs.steps(connection, started.run_id)
        check((done[-1].result or {"value": 0})["value"], steps)

    async def go(steps: int) -> None:
        started = await start(steps)
        await executor.execute(started.ready[0])
        await proven(started, steps)

    turn = Turn()
    await go(load.steps)
    for _ in range(load.runs):
        with turn.one(load.steps):
            started = await start(load.steps)
            began = time.perf_counter()
            await executor.execute(started.ready[0])
            turn.serial_alone.append(load.steps / (time.perf_counter() - began))
        await proven(started, load.steps)
    with turn.many("tasks", load):
        all_started = await asyncio.gather(
            *(start(load.steps_at_once) for _ in range(load.at_once))
        )
        await asyncio.gather(*(executor.execute(each.ready[0]) for each in all_started))
    for started in all_started:
        await proven(started, load.steps_at_once)
    async with database.write() as connection:
        turn.sqlite = {
            name: (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous")
        }
    await database.close()
    return turn
