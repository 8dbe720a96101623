"""``factotum eval recall``: how much of the evidence for a question is among the first found."""

import json
import re
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from core.clock import SystemClock
from core.errors import FactotumError
from core.memory.index import Embedding, Index, Item
from core.memory.recall import Asked, Recall

Kind = Literal["embedded", "weaviate", "fts"]
_AT = (5, 10, 20)
_AROUND = 2
"""Turns before and after one that are its context."""
_CATEGORIES = {1: "multi_hop", 2: "temporal", 3: "open_domain", 4: "single_hop"}


@dataclass(frozen=True, slots=True)
class _Question:
    text: str
    evidence: frozenset[str]
    category: int


@dataclass(frozen=True, slots=True)
class _Result:
    recall: tuple[float, ...]
    reciprocal: float
    category: int
    seconds: float


async def evaluate(data: Path, *, index: Kind, as_json: bool, verbose: bool) -> None:
    """Measures and prints. Raises FactotumError where the file or the index can't be used."""
    results: list[_Result] = []
    for number, (items, questions) in enumerate(_read(data)):
        results += await _measure(items, questions, index, number, verbose=verbose)
    figures = _figures(results)
    if as_json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
        return
    for name, value in figures.items():
        sys.stdout.write(f"{name}: {value}\n")


def _read(data: Path) -> list[tuple[list[Item], list[_Question]]]:
    try:
        conversations = json.loads(data.read_text())
        return [(_turns(one["conversation"]), _questions(one["qa"])) for one in conversations]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FactotumError(
            f"{data} can't be read as conversations with questions ({error!r})."
        ) from None


async def _measure(
    items: Sequence[Item],
    questions: Sequence[_Question],
    kind: Kind,
    number: int,
    *,
    verbose: bool,
) -> list[_Result]:
    results: list[_Result] = []
    with tempfile.TemporaryDirectory(prefix="factotum-eval-") as folder:
        index, embedding = await _index(kind, Path(folder), number)
        try:
            await index.rebuild(_each(items))
            recall = Recall(index, SystemClock(), embedding=embedding)
            for question in questions:
                started = time.perf_counter()
                answer = await recall(
                    Asked(question=question.text, limit=max(_AT), budget=1_000_000)
                )
                spent = time.perf_counter() - started
                found = [one.item.id for one in answer.items]
                results.append(_result(question, found, spent))
                if verbose and results[-1].recall[1] < 1:
                    missed = sorted(question.evidence - set(found[:10]))
                    sys.stderr.write(f"{number} {question.text} misses {', '.join(missed)}\n")
        finally:
            await index.close()
    return results


async def _index(kind: Kind, folder: Path, number: int) -> tuple[Index, Embedding | None]:
    from connectors.index.embedded import EmbeddedIndex
    from connectors.index.embedding import WordLlama

    if kind == "fts":
        return EmbeddedIndex(folder, embedding=None), None
    embedding = WordLlama()
    embedding.words(["warm"])
    if kind == "embedded":
        return EmbeddedIndex(folder, embedding=embedding), embedding
    from connectors.index.weaviate import WeaviateIndex
    from connectors.index.weaviate_server import from_environment

    return WeaviateIndex(from_environment(prefix=f"Eval{number}"), embedding=embedding), embedding


async def _each(items: Sequence[Item]) -> AsyncIterator[Item]:
    for item in items:
        yield item


def _turns(conversation: dict[str, Any]) -> list[Item]:
    items: list[Item] = []
    sessions = [name for name in conversation if re.fullmatch(r"session_\d+", name)]
    for name in sorted(sessions, key=lambda name: int(name.split("_")[1])):
        said = f"{conversation[f'{name}_date_time']} +0000"
        at = datetime.strptime(said, "%I:%M %p on %d %B, %Y %z")
        turns = conversation[name]
        texts = [_text(turn) for turn in turns]
        for place, turn in enumerate(turns):
            around = texts[max(0, place - _AROUND) : place] + texts[place + 1 :][:_AROUND]
            items.append(
                Item(
                    id=turn["dia_id"],
                    kind="episode",
                    text=texts[place],
                    context=" ".join(around),
                    entities=(turn["speaker"],),
                    at=at,
                    source=turn["dia_id"],
                    thread=name,
                )
            )
    return items


def _text(turn: dict[str, Any]) -> str:
    """What was said, and what the picture shows that was sent along."""
    caption = turn.get("blip_caption")
    return f"{turn['text']} [{caption}]" if caption else turn["text"]


def _questions(rows: Sequence[dict[str, Any]]) -> list[_Question]:
    questions = [
        _Question(
            row["question"],
            frozenset(re.findall(r"D\d+:\d+", " ".join(row.get("evidence", ())))),
            row["category"],
        )
        for row in rows
        if row["category"] in _CATEGORIES
    ]
    return [question for question in questions if question.evidence]


def _result(question: _Question, found: Sequence[str], seconds: float) -> _Result:
    places = {name: place for place, name in enumerate(found, start=1)}
    hits = [places[name] for name in question.evidence if name in places]
    return _Result(
        tuple(sum(place <= k for place in hits) / len(question.evidence) for k in _AT),
        1 / min(hits) if hits else 0.0,
        question.category,
        seconds,
    )


def _figures(results: Sequence[_Result]) -> dict[str, Any]:
    if not results:
        raise FactotumError("The file holds no question of the categories 1 to 4 with evidence.")
    groups: dict[int, list[_Result]] = defaultdict(list)
    for one in results:
        groups[one.category].append(one)
    times = sorted(one.seconds * 1000 for one in results)
    return {
        **_recalls(results),
        "mrr": round(statistics.fmean(one.reciprocal for one in results), 3),
        "by_category": {
            _CATEGORIES[category]: {"questions": len(group), **_recalls(group)}
            for category, group in sorted(groups.items())
        },
        "questions": len(results),
        "ms_p50": round(times[len(times) // 2], 1),
        "ms_p95": round(times[min(int(len(times) * 0.95), len(times) - 1)], 1),
    }


def _recalls(results: Sequence[_Result]) -> dict[str, float]:
    return {
        f"r@{k}": round(100 * statistics.fmean(one.recall[place] for one in results), 1)
        for place, k in enumerate(_AT)
    }
