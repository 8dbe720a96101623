"""DBOS on a SQLite system database."""

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from bot.bench.engines.turn import Load, Turn, check, peer, pragmas


def dbos(load: Load) -> Turn:
    """Workflows on a SQLite system database, with the journal mode that DBOS leaves: a rollback."""
    return _dbos(load, load.place / "dbos.db")


def dbos_wal(load: Load) -> Turn:
    """The same on a file that was put into WAL mode beforehand, which DBOS does not do."""
    path = load.place / "dbos.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    return _dbos(load, path)


def _dbos(load: Load, path: Path) -> Turn:
    if sys.version_info >= (3, 12) and sqlite3.sqlite_version_info < (3, 42):
        sys.modules["sqlite3"] = peer("pysqlite3")  # DBOS asks for milliseconds there
    sqlite = peer("sqlite3")
    engine = peer("dbos").DBOS

    def add(value: int) -> dict[str, int]:
        return {"value": value + 1}

    async def add_in_task(value: int) -> dict[str, int]:
        return {"value": value + 1}

    step, step_in_task = engine.step()(add), engine.step()(add_in_task)

    def chain(steps: int) -> int:
        value = 0
        for _ in range(steps):
            value = step(value)["value"]
        return value

    async def chain_in_task(steps: int) -> int:
        value = 0
        for _ in range(steps):
            value = (await step_in_task(value))["value"]
        return value

    go, go_in_task = engine.workflow()(chain), engine.workflow()(chain_in_task)
    event.listen(Engine, "connect", _full)
    engine(
        config={
            "name": "bench",
            "system_database_url": f"sqlite:///{path}",
            "log_level": "ERROR",
            "run_admin_server": False,
        }
    )
    engine.launch()
    turn = Turn()
    check(go(load.steps), load.steps)
    for _ in range(load.runs):
        with turn.one(load.steps):
            result = go(load.steps)
        check(result, load.steps)
    with turn.many("threads", load):
        handles = [engine.start_workflow(go, load.steps_at_once) for _ in range(load.at_once)]
        results = [handle.get_result() for handle in handles]

    async def tasks() -> list[int]:
        handles = [
            await engine.start_workflow_async(go_in_task, load.steps_at_once)
            for _ in range(load.at_once)
        ]
        return await asyncio.gather(*(handle.get_result() for handle in handles))

    with turn.many("tasks", load):
        results += asyncio.run(tasks())
    for result in results:
        check(result, load.steps_at_once)
    engine.destroy()
    with closing(sqlite.connect(path)) as connection:
        _full(connection, None)
        turn.sqlite = pragmas(connection) | {"version": sqlite.sqlite_version}
    return turn


def _full(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=FULL")
