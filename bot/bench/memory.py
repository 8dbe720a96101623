"""``factotum bench memory``: the embedded index, from a thousand items up."""

import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.bench.figures import load, machine
from connectors.index.embedded import EmbeddedIndex
from connectors.index.embedding import WordLlama
from core.clock import SystemClock
from core.memory.index import Item
from core.memory.recall import Asked, Recall

_QUESTIONS = 200
_ADDED = 100
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
    index = EmbeddedIndex(folder, embedding=embedding)
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
    return {
        "written_s": round(written, 1),
        "built_s": round(built, 1),
        "recall_ms": _parts(asked),
        "added_and_found_ms": _parts(lags),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "disk_mb": sum(path.stat().st_size for path in folder.iterdir()) // 1_000_000,  # noqa: ASYNC240
    }


async def _timed(recall: Recall, question: str) -> float:
    before = time.perf_counter()
    await recall(Asked(question=question))
    return time.perf_counter() - before


async def _made(chance: random.Random, size: int) -> AsyncIterator[Item]:
    last = ""
    for number in range(size):
        who = f"{chance.choice(_WHO)} {chance.randrange(size // 50 + 1)}"
        text = (
            f"{who} {chance.choice(_DID)} {chance.choice(_WHAT)} {chance.choice(_HOW)},"
            f" {chance.choice(_WHAT)} {chance.randrange(10_000)}."
        )
        yield Item(
            id=f"i{number}",
            kind=chance.choice(("fact", "episode")),
            text=text,
            context=last,
            entities=(who,),
            at=_EPOCH + timedelta(minutes=number),
            thread=f"t{number // 20}",
        )
        last = text


def _parts(seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(one * 1000 for one in seconds)
    return {
        f"p{share}": round(ordered[min(len(ordered) * share // 100, len(ordered) - 1)], 1)
        for share in (50, 95, 99)
    }
