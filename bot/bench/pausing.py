"""How long after the owner typed /pause an effect was still sent, while many were on their way."""

import asyncio
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.bench.phone import Phone, labels
from core.errors import FactotumError

_MAILS = 8
"""Effects that one tap lets go."""
_ALL = f"Approve all {_MAILS}"


async def pauses(phone: Phone, home: Path, count: int) -> tuple[list[float], int]:
    """Seconds from typing /pause to the last effect sent, zero where none was, for each pause.

    And how many effects all of the pauses have stopped. The journal tells when each was sent.
    """
    late: list[float] = []
    stopped = 0
    for number in range(count):
        said = await phone.say(
            " ".join(f"Email Northwind that part {number}-{n} is late." for n in range(_MAILS))
        )
        card = await phone.until(said, lambda message: _ALL in labels(message))
        await phone.tap(card["message_id"], _ALL)
        await asyncio.sleep(number % 10 / 50)  # in all moments of the work
        before, typed = time.time(), await phone.say("/pause")
        await phone.until(typed, lambda message: "paused" in message["text"].lower())
        await asyncio.sleep(0.5)  # whoever was in the middle of it has come to its end
        sent = _sent(home, since=before)
        late.append(max(sent, default=before) - before)
        stopped += _unsent(home)
        resumed = await phone.say("/resume")
        await phone.until(resumed, lambda message: "Resume" not in labels(message))
        await _finished(home)
    return late, stopped


async def _finished(home: Path) -> None:
    for _ in range(400):
        if not _unsent(home):
            return
        await asyncio.sleep(0.05)
    raise FactotumError("What was paused did not go on in time; the benchmark was stopped.")


def _sent(home: Path, *, since: float) -> list[float]:
    """When effects were sent, in seconds of the clock."""
    moment = datetime.fromtimestamp(since, UTC).replace(tzinfo=None).isoformat(" ")
    query = "SELECT at FROM journal WHERE kind = 'effect.sent' AND at >= ?"
    return [
        datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()
        for (at,) in _rows(home, query, moment)
    ]


def _unsent(home: Path) -> int:
    """How many approved steps wait to be done."""
    query = "SELECT count(*) FROM step WHERE state IN ('ready', 'running') AND kind = 'action'"
    return int(_rows(home, query)[0][0])


def _rows(home: Path, query: str, *values: Any) -> list[Any]:
    with closing(sqlite3.connect(home / "factotum.db")) as connection:
        return connection.execute(query, values).fetchall()
