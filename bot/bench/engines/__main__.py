"""Gives one engine its turn."""

import json
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import asdict

from bot.bench.engines.dbos import dbos, dbos_wal
from bot.bench.engines.langgraph import langgraph
from bot.bench.engines.ours import ours
from bot.bench.engines.turn import Load, Turn

_ENGINES: dict[str, Callable[[Load], Turn]] = {
    "ours": ours,
    "langgraph": langgraph,
    "dbos": dbos,
    "dbos_wal": dbos_wal,
}


if __name__ == "__main__":
    turn = _ENGINES[sys.argv[1]](Load(**json.loads(sys.argv[2])))
    turn.sqlite.setdefault("version", sqlite3.sqlite_version)
    sys.stdout.write(json.dumps(asdict(turn)) + "\n")
