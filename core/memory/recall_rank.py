"""Ranks candidates: a weighted sum of a few parts, each between 0 and 1 or nearly so.

The weights were fitted once, as the log-odds of being evidence (docs/recall.md), and hold no word,
name or topic. Scores are comparable within one question only.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.memory.index import Candidate, Embedding
from core.memory.recall_words import (
    STOP,
    in_time,
    tells_moment,
    tells_number,
    wants,
    words,
)

WEIGHTS: dict[str, float] = {
    "text": 0.34,
    "wide": 2.66,
    "thread": 1.73,
    "entity": 2.43,
    "asks": -0.53,
    "length": 0.93,
    "moment": 1.81,
    "period": 4.26,
    "number": 1.9,
    "own": 0.63,
    "similar": 2.58,
    "dense": 1.38,
    "dense_thread": 0.4,
    # Not fitted: in the measured conversations all are equal here.
    "confidence": 1.0,
    "untrusted": -0.5,
    "recent": 0.3,
}
_ALIKE = 0.35
"""Cosine of two words below which they have nothing to do with each other."""
_RECENT_DAYS = 90.0


_OWN = frozenset({"i", "my", "we", "our"})
_LOOKED_AT = 120
"""So many of the candidates, the best by what the index says of them, are read word by word."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its score and the parts that make it: name to weighted share."""

    candidate: Candidate
    score: float
    parts: dict[str, float]


def rank(
    question: str,
    candidates: Sequence[Candidate],
    *,
    terms: Sequence[str],
    named: frozenset[str],
    now: datetime,
    embedding: Embedding | None,
) -> list[Scored]:
    """Best first; ties keep the order of the candidates. ``named`` is casefolded."""
    rows = features(question, candidates, terms=terms, named=named, now=now, embedding=embedding)
    scored = [
        Scored(one, sum(parts.values()), parts)
        for one, row in rows
        for parts in [{name: WEIGHTS[name] * value for name, value in row.items() if value}]
    ]
    return sorted(scored, key=lambda one: -one.score)


def features(
    question: str,
    candidates: Sequence[Candidate],
    *,
    terms: Sequence[str],
    named: frozenset[str],
    now: datetime,
    embedding: Embedding | None,
) -> list[tuple[Candidate, dict[str, float]]]:
    """The candidates worth reading, with their unweighted parts."""
    if not candidates:
        return []
    wanted = wants(question)
    rows = [
        {
            **given,
            "entity": float(any(name.casefold() in named for name in one.item.entities)),
            "period": in_time(wanted, one.item.at),
            "confidence": one.item.confidence - 1.0,
            "untrusted": float(one.item.trust == "untrusted"),
            "recent": _recent(one.item.at, now),
        }
        for one, given in zip(candidates, _given(candidates), strict=True)
    ]
    first = [sum(WEIGHTS[name] * value for name, value in row.items()) for row in rows]
    order = sorted(range(len(rows)), key=lambda place: -first[place])[:_LOOKED_AT]
    said = [list(dict.fromkeys(words(candidates[place].item.text))) for place in order]
    telling = [[word for word in one if word not in STOP] for one in said]
    similar = _similar(terms, telling, embedding)
    looked: list[tuple[Candidate, dict[str, float]]] = []
    for number, place in enumerate(order):
        one = candidates[place]
        rows[place] |= {
            "length": min(math.log1p(len(telling[number])) / 4, 1.0),
            "similar": similar[number],
            "own": float(not _OWN.isdisjoint(said[number])),
            "asks": float(one.item.text.rstrip().endswith("?")),
            "moment": float(wanted.moment and tells_moment(one.item.text)),
            "number": float(wanted.number and tells_number(one.item.text)),
        }
        looked.append((one, rows[place]))
    return looked


def _given(candidates: Sequence[Candidate]) -> list[dict[str, float]]:
    """What the index itself says for each, beside the others of the same thread."""
    text = _share([one.text for one in candidates])
    wide = _share([one.wide for one in candidates])
    dense = _spread([one.dense for one in candidates])
    threads: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(candidates):
        threads[one.item.thread or one.item.id].append(place)
    thread = {name: max(wide[place] for place in places) for name, places in threads.items()}
    near = {name: _top([dense[place] for place in places]) for name, places in threads.items()}
    return [
        {
            "text": text[place],
            "wide": wide[place],
            "thread": thread[one.item.thread or one.item.id],
            "dense": dense[place],
            "dense_thread": near[one.item.thread or one.item.id],
        }
        for place, one in enumerate(candidates)
    ]


def _share(values: Sequence[float]) -> list[float]:
    most = max(values)
    return [value / most if most > 0 else 0.0 for value in values]


def _spread(values: Sequence[float | None]) -> list[float]:
    """From the mean of all (0) to the best (1); what lies below the mean is negative."""
    known = [value for value in values if value is not None]
    if not known:
        return [0.0] * len(values)
    mean, most = sum(known) / len(known), max(known)
    width = most - mean
    return [0.0 if value is None or width < 1e-6 else (value - mean) / width for value in values]


def _top(values: list[float]) -> float:
    best = sorted(values, reverse=True)[:3]
    return sum(best) / len(best)


def _recent(at: datetime | None, now: datetime) -> float:
    if at is None:
        return 0.0
    return 0.5 ** (max((now - at).total_seconds(), 0.0) / 86400 / _RECENT_DAYS)


def _similar(
    terms: Sequence[str], said: Sequence[Sequence[str]], embedding: Embedding | None
) -> list[float]:
    """How well each term of the question is met by the nearest word of the text.

    A term counts the more, the fewer of the candidates hold it.
    """
    known = sorted({word for one in said for word in one})
    vectors: Any = embedding.words([*terms, *known]) if embedding and known and terms else None
    if vectors is None:
        return [0.0] * len(said)
    import numpy

    alike = vectors[: len(terms)] @ vectors[len(terms) :].T
    alike = numpy.where(alike > _ALIKE, alike, 0.0)
    place = {word: number for number, word in enumerate(known)}
    # One pass over all texts laid end to end; an empty one borrows a word and is cleared after.
    held = [[place[word] for word in one] or [0] for one in said]
    starts = numpy.cumsum([0, *(len(one) for one in held[:-1])])
    flat = [number for one in held for number in one]
    best = numpy.maximum.reduceat(alike[:, flat], starts, axis=1).T
    best[[not one for one in said]] = 0.0
    exact = (best > 0.99).sum(axis=0)
    weight = numpy.log1p(len(said) / (1.0 + exact))
    return [float(value) for value in best @ weight / max(float(weight.sum()), 1e-9)]
