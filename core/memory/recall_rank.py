"""Ranks candidates: a weighted sum of a few parts, each between 0 and 1 or nearly so.

The weights were fitted once, as the log-odds of being evidence (docs/recall.md), and hold no word,
name or topic. Scores are comparable within one question only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.memory.index import Candidate, Embedding
from core.memory.recall_words import Reading, Wants, in_time, read, wants

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
    limit: int,
) -> list[Scored]:
    """The best ``limit``, best first; ties keep the order of the candidates.

    ``named`` is casefolded.
    """
    if not candidates:
        return []
    import numpy

    wanted = wants(question)
    given = _weighted(_given(candidates) | _known(candidates, wanted, named, now))
    first: Any = sum(given.values())
    chosen = numpy.argsort(-first, kind="stable")[:_LOOKED_AT]
    looked = [candidates[place] for place in chosen.tolist()]
    read_of = [one.reading or read(one.item.text) for one in looked]
    parts = {name: column[chosen] for name, column in given.items()}
    parts |= _weighted(_told(read_of, wanted))
    parts |= _weighted({"similar": _similar(terms, [one.words for one in read_of], embedding)})
    score: Any = sum(parts.values())
    return [
        Scored(
            looked[place],
            float(score[place]),
            {name: float(column[place]) for name, column in parts.items() if column[place]},
        )
        for place in numpy.argsort(-score, kind="stable")[:limit].tolist()
    ]


# Below, a column is an array with one value a candidate. Numpy is loaded at the first question.


def _weighted(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: WEIGHTS[name] * column for name, column in columns.items()}


def _given(candidates: Sequence[Candidate]) -> dict[str, Any]:
    """What the index itself says for each, beside the others of the same thread."""
    import numpy

    text = _share(numpy.array([one.text for one in candidates]))
    wide = _share(numpy.array([one.wide for one in candidates]))
    dense = _spread([one.dense for one in candidates])
    places: dict[str, int] = {}
    of = numpy.array(
        [places.setdefault(one.item.thread or one.item.id, len(places)) for one in candidates]
    )
    thread = numpy.zeros(len(places))
    numpy.maximum.at(thread, of, wide)
    # The three nearest of each thread: by thread, then nearest first, and no further than three.
    order = numpy.lexsort((-dense, of))
    starts = numpy.searchsorted(of[order], numpy.arange(len(places)))
    within = numpy.arange(len(order)) - starts[of[order]]
    near = numpy.where(within < 3, dense[order], 0.0)
    sizes = numpy.minimum(numpy.bincount(of), 3)
    return {
        "text": text,
        "wide": wide,
        "thread": thread[of],
        "dense": dense,
        "dense_thread": (numpy.add.reduceat(near, starts) / sizes)[of],
    }


def _known(
    candidates: Sequence[Candidate], wanted: Wants, named: frozenset[str], now: datetime
) -> dict[str, Any]:
    """What is known of each beside its text."""
    import numpy

    items = [one.item for one in candidates]
    moment = now.timestamp()
    # What has no moment is taken as infinitely old.
    age = numpy.array([moment - one.at.timestamp() if one.at else numpy.inf for one in items])
    asked = bool(wanted.months or wanted.years)
    return {
        "entity": numpy.array(
            [any(name.casefold() in named for name in one.entities) for one in items]
            if named
            else numpy.zeros(len(items)),
            dtype=float,
        ),
        "period": numpy.array([in_time(wanted, one.at) for one in items])
        if asked
        else numpy.zeros(len(items)),
        "confidence": numpy.array([one.confidence for one in items]) - 1.0,
        "untrusted": numpy.array([one.trust == "untrusted" for one in items], dtype=float),
        "recent": 0.5 ** (numpy.maximum(age, 0.0) / 86400 / _RECENT_DAYS),
    }


def _told(read_of: Sequence[Reading], wanted: Wants) -> dict[str, Any]:
    """What the texts themselves tell."""
    import numpy

    flags = numpy.array([(one.own, one.asks, one.moment, one.number) for one in read_of], float)
    lengths = numpy.array([len(one.words) for one in read_of])
    return {
        "length": numpy.minimum(numpy.log1p(lengths) / 4, 1.0),
        "own": flags[:, 0],
        "asks": flags[:, 1],
        "moment": flags[:, 2] * wanted.moment,
        "number": flags[:, 3] * wanted.number,
    }


def _share(values: Any) -> Any:
    most = values.max()
    return values / most if most > 0 else values * 0.0


def _spread(values: Sequence[float | None]) -> Any:
    """From the mean of all (0) to the best (1); what lies below the mean is negative."""
    import numpy

    found = numpy.array([numpy.nan if value is None else value for value in values])
    known = found[~numpy.isnan(found)]
    if not len(known) or known.max() - known.mean() < 1e-6:
        return numpy.zeros(len(values))
    mean = known.mean()
    return numpy.nan_to_num((found - mean) / (known.max() - mean), nan=0.0)


def _similar(
    terms: Sequence[str], said: Sequence[Sequence[str]], embedding: Embedding | None
) -> Any:
    """How well each term of the question is met by the nearest word of the text.

    A term counts the more, the fewer of the candidates hold it.
    """
    import numpy

    known = list(dict.fromkeys(word for one in said for word in one))
    vectors: Any = embedding.words([*terms, *known]) if embedding and known and terms else None
    if vectors is None:
        return numpy.zeros(len(said))
    # einsum keeps to this thread: a product this small is not worth waking the others for.
    alike = numpy.einsum("td,wd->tw", vectors[: len(terms)], vectors[len(terms) :])
    alike = numpy.where(alike > _ALIKE, alike, 0.0)
    place = {word: number for number, word in enumerate(known)}
    # One pass over all texts laid end to end; an empty one borrows a word and is cleared after.
    lengths = [len(one) or 1 for one in said]
    flat = [place[word] for one in said for word in one or known[:1]]
    starts = numpy.cumsum([0, *lengths[:-1]])
    best = numpy.maximum.reduceat(alike[:, flat], starts, axis=1).T
    best[[not one for one in said]] = 0.0
    exact = (best > 0.99).sum(axis=0)
    weight = numpy.log1p(len(said) / (1.0 + exact))
    return best @ weight / max(float(weight.sum()), 1e-9)
