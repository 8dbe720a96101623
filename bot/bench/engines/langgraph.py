"""LangGraph's graphs with its SQLite checkpointer."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, TypedDict

from bot.bench.engines.turn import Load, Turn, check, peer, pragmas


class _State(TypedDict):
    value: int


def _graph(steps: int, saver: Any, node: Callable[[_State], Any]) -> Any:
    graph = peer("langgraph.graph")
    made = graph.StateGraph(_State)
    before = graph.START
    for number in range(steps):
        made.add_node(f"s{number}", node)
        made.add_edge(before, f"s{number}")
        before = f"s{number}"
    made.add_edge(before, graph.END)
    return made.compile(checkpointer=saver)


def _thread(name: object) -> dict[str, Any]:
    return {"configurable": {"thread_id": str(name)}, "recursion_limit": 10_000}


def langgraph(load: Load) -> Turn:
    """A compiled graph with the SQLite checkpointer, which writes before the next step begins."""
    saver_of = peer("langgraph.checkpoint.sqlite").SqliteSaver

    def node(state: _State) -> _State:
        return {"value": state["value"] + 1}

    def go(graph: Any, name: object, steps: int) -> None:
        result = graph.invoke({"value": 0}, _thread(name), durability="sync")
        check(result["value"], steps)

    turn = Turn()
    path = load.place / "langgraph.db"
    with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        saver = saver_of(connection)
        saver.setup()
        connection.execute("PRAGMA synchronous=FULL")
        graph = _graph(load.steps, saver, node)
        go(graph, "warm", load.steps)
        for number in range(load.runs):
            with turn.one(load.steps):
                go(graph, f"run {number}", load.steps)
        graph = _graph(load.steps_at_once, saver, node)
        go(graph, "warm again", load.steps_at_once)
        with ThreadPoolExecutor(load.at_once) as pool, turn.many("threads", load):
            many = [
                pool.submit(go, graph, number, load.steps_at_once) for number in range(load.at_once)
            ]
            for each in many:
                each.result()
        turn.sqlite = pragmas(connection)
    asyncio.run(_langgraph_tasks(load, turn))
    return turn


async def _langgraph_tasks(load: Load, turn: Turn) -> None:
    saver_of = peer("langgraph.checkpoint.sqlite.aio").AsyncSqliteSaver

    async def node(state: _State) -> _State:
        return {"value": state["value"] + 1}

    async with saver_of.from_conn_string(str(load.place / "tasks.db")) as saver:
        await saver.setup()
        await saver.conn.execute("PRAGMA synchronous=FULL")
        graph = _graph(load.steps_at_once, saver, node)

        async def go(name: object) -> None:
            result = await graph.ainvoke({"value": 0}, _thread(name), durability="sync")
            check(result["value"], load.steps_at_once)

        await go("warm")
        with turn.many("tasks", load):
            await asyncio.gather(*(go(number) for number in range(load.at_once)))
