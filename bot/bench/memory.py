"""``factotum bench memory``: the index, the write gate and as-of queries, from a thousand up."""

import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot.bench.figures import load, machine
from connectors.index.embedded import EmbeddedIndex
from connectors.index.embedding import WordLlama
from core.clock import ManualClock, SystemClock
from core.memory import facts, keeping
from core.memory.facts import Source, View
from core.memory.gate import Candidate
from core.memory.index import Item
from core.memory.recall import Asked, Recall
from core.memory.values import Value
from core.storage.database import Database
from core.storage.memory import fact
from core.storage.migrate import migrate

_QUESTIONS = 200
_ADDED = 100
_AT_ONCE = 5_000
_EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
_WHO = ("Acme", "Birch", "Cobalt", "Dune", "Ember", "Fjord", "Grove", "Heron", "Iris", "Juniper")
_DID = ("paid", "asked about", "approved", "declined", "postponed", "ordered", "reviewed", "sent")
_WHAT = (
    *("the invoice", "the contract", "a workshop", "the logo", "a draft", "the newsletter"),
    *("an offer", "the translation", "a refund", "the schedule", "a deposit", "the photos"),
)
_HOW = ("by mail", "on the phone", "at the fair", "in the meeting", "without a word", "with thanks")


async def memory(items: int, *, as_json: bool) -> None:
    """Measures 1,000, 10,000 and so on up to ``items``, and prints."""
    sizes = [size for size in (1_000, 10_000) if size < items] + [items]
    figures: dict[str, Any] = {"machine": machine()}
    embedding = WordLlama()
    embedding.words(["warm"])
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="factotum-bench-") as folder:
            figures[str(size)] = await _size(Path(folder), size, embedding)
    figures["machine"]["load_at_the_end"] = load()
    if as_json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
        return
    for name, value in figures.items():
        sys.stdout.write(f"{name}: {value}\n")


async def _size(folder: Path, size: int, embedding: WordLlama) -> dict[str, Any]:
    chance = random.Random(size)  # noqa: S311 - made-up memories, the same each time
    index = EmbeddedIndex(folder / "index", embedding=embedding)
    recall = Recall(index, SystemClock(), embedding=embedding)
    started = time.perf_counter()
    await index.rebuild(_made(chance, size))
    written = time.perf_counter() - started
    await recall(Asked(question="Who paid the invoice?"))
    built = time.perf_counter() - started
    asked: list[float] = []
    for _ in range(_QUESTIONS):
        question = (
            f"When has {chance.choice(_WHO)} {chance.randrange(size // 50 + 1)}"
            f" {chance.choice(_DID)} {chance.choice(_WHAT)} {chance.choice(_HOW)}?"
        )
        asked.append(await _timed(recall, question))
    lags: list[float] = []
    for number in range(_ADDED):
        before = time.perf_counter()
        await index.add([Item(id=f"new{number}", kind="fact", text=f"Zebra{number} arrived.")])
        answer = await recall(Asked(question=f"What of zebra{number}?"))
        lags.append(time.perf_counter() - before)
        if answer.items[0].item.id != f"new{number}":
            lags[-1] = float("inf")  # not found at once: the figure has to show it
    await index.close()
    kept = await _kept(folder, size, chance)
    return kept | {
        "written_s": round(written, 1),
        "built_s": round(built, 1),
        "recall_ms": _parts(asked),
        "added_and_found_ms": _parts(lags),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "disk_mb": sum(path.stat().st_size for path in (folder / "index").iterdir()) // 1_000_000,
    }


async def _kept(folder: Path, size: int, chance: random.Random) -> dict[str, Any]:
    """The write gate and as-of queries, against as many facts in SQLite, half of them ended."""
    path = folder / "factotum.db"
    migrate(path)
    database, clock = Database(path), ManualClock(_EPOCH)
    subjects = [f"cli_{number}" for number in range(size // 50 + 1)]
    async with database.write() as connection:
        for start in range(0, size, _AT_ONCE):
            numbers = range(start, min(start + _AT_ONCE, size))
            rows = [_row(number, subjects[number % len(subjects)]) for number in numbers]
            await connection.execute(fact.insert(), rows)
            await connection.execute(
                text("INSERT INTO fact_index (fact_id, statement) VALUES (:id, :statement)"), rows
            )
    clock.advance(timedelta(minutes=size))
    gate: dict[str, list[float]] = {"new": [], "known": [], "contradicted": [], "corrected": []}
    asked: dict[str, list[float]] = {"known_now": [], "known_then": [], "true_then": []}
    try:
        for number in range(_QUESTIONS):
            subject = chance.choice(subjects)
            for how, candidate in _candidates(number, subject):
                before = time.perf_counter()
                async with database.write() as connection:
                    await keeping.remember(connection, clock, candidate, token=f"{how}-{number}")
                gate[how].append(time.perf_counter() - before)
        for _ in range(_QUESTIONS):
            then = _EPOCH + timedelta(minutes=chance.randrange(size))
            views = (View.now(clock), View.known_on(then), View.true_on(then, clock))
            for name, view in zip(asked, views, strict=True):
                before = time.perf_counter()
                async with database.read() as connection:
                    await facts.about(connection, chance.choice(subjects), view=view)
                asked[name].append(time.perf_counter() - before)
    finally:
        await database.close()
    return {
        "gate_ms": {how: _parts(seconds) for how, seconds in gate.items()},
        "as_of_ms": {name: _parts(seconds) for name, seconds in asked.items()},
        "database_mb": path.stat().st_size // 1_000_000,
    }


def _row(number: int, subject: str) -> dict[str, Any]:
    at = _EPOCH + timedelta(minutes=number)
    statement = f"Note {number} of {subject} is kept for the bench"
    return {
        "id": f"fact_{number}",
        "origin": f"fact_{number}",
        "subject": subject,
        "relation": "note",
        "value_kind": "text",
        "value": statement,
        "statement": statement,
        "asserted_by": "owner",
        "trust": "owner",
        "confidence": 100,
        "how": "stated",
        "valid_from": at,
        "valid_to": at + timedelta(days=30) if number % 2 else None,
        "recorded_at": at,
        "retention": "facts",
    }


def _candidates(number: int, subject: str) -> Iterator[tuple[str, Candidate]]:
    """One of each that the gate rules on: new, said again, another value, and set right."""
    relation = f"measure_{number}"
    for how, days in (("new", 14), ("known", 14), ("contradicted", 30), ("corrected", 45)):
        yield (
            how,
            Candidate(
                subject=subject,
                relation=relation,
                value=Value.number(days, "days"),
                statement=f"The measure {number} of {subject} is {days} days",
                source=Source(quote="bench"),
                how="corrected" if how == "corrected" else "stated",
            ),
        )


async def _timed(recall: Recall, question: str) -> float:
    before = time.perf_counter()
    await recall(Asked(question=question))
    return time.perf_counter() - before


async def _made(chance: random.Random, size: int) -> AsyncIterator[Item]:
    last = ""
    for number in range(size):
        who = f"{chance.choice(_WHO)} {chance.randrange(size // 50 + 1)}"
        words = (
            f"{who} {chance.choice(_DID)} {chance.choice(_WHAT)} {chance.choice(_HOW)},"
            f" {chance.choice(_WHAT)} {chance.randrange(10_000)}."
        )
        yield Item(
            id=f"i{number}",
            kind=chance.choice(("fact", "episode")),
            text=words,
            context=last,
            entities=(who,),
            at=_EPOCH + timedelta(minutes=number),
            thread=f"t{number // 20}",
        )
        last = words


def _parts(seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(one * 1000 for one in seconds)
    return {
        f"p{share}": round(ordered[min(len(ordered) * share // 100, len(ordered) - 1)], 1)
        for share in (50, 95, 99)
    }
