"""Recall: a question goes in, what is remembered comes out, ranked, with its reasons."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.clock import Clock
from core.memory.index import Candidate, Embedding, Health, Index, Item, Query, Trust
from core.memory.recall_rank import Scored, rank
from core.memory.recall_words import terms, words

_HOP = 3
"""So many best hits may name whom to ask about next."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """One memory that was found. ``parts`` says what each reason added to ``score``."""

    item: Item
    score: float
    parts: dict[str, float]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, best first; ``named`` are the entities the question was taken to mean.

    ``degraded`` is empty, or one sentence on what was not searched.
    """

    items: tuple[Recalled, ...]
    named: tuple[str, ...] = ()
    degraded: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question and its bounds. ``budget`` is in tokens of the texts; ``limit`` in items."""

    question: str
    entities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    trusts: tuple[Trust, ...] = ()
    budget: int = 2000
    limit: int = 20


_DEGRADED: dict[Health, str] = {
    "ready": "",
    "empty": "",
    "rebuilding": "The index is being rebuilt: some memories are found by keyword alone, or later.",
    "other_model": "The index is of another embedding model: found by keyword alone.",
    "keyword_only": "Meaning could not be searched: found by keyword alone.",
}


class Recall:
    """Asks an index: structure first, then keywords and meaning, then a second hop."""

    def __init__(self, index: Index, clock: Clock, *, embedding: Embedding | None = None) -> None:
        """``embedding`` is the one of the index; without it word likeness is left out."""
        self._index = index
        self._clock = clock
        self._embedding = embedding

    async def __call__(self, asked: Asked) -> Answer:
        """Finds what bears on the question. Raises FactotumError where the index is out of reach.

        Entities that are given bound the search; those only named in the question weigh.
        """
        named = asked.entities or await self._index.named(asked.question)
        folded = frozenset(name.casefold() for name in named)
        aside = frozenset(word for name in named for word in words(name))
        query = Query(
            text=asked.question,
            terms=terms(asked.question, without=aside),
            entities=asked.entities,
            about=() if asked.entities else tuple(named),
            kinds=asked.kinds,
            since=asked.since,
            until=asked.until,
            trusts=asked.trusts,
        )
        found = await self._index.search(query)
        state = await self._index.state()  # after the search, which may find out what is degraded
        health = "keyword_only" if _unmeant(found) else state.health
        ranked = await self._rank(asked, found, query.terms, folded)
        further = _further(ranked, folded, query.terms)
        if further:
            more = await self._index.search(replace(query, entities=further, about=()))
            health = "keyword_only" if _unmeant(more) else health
            ranked = await self._rank(asked, _joined(found, more), query.terms, folded)
        return Answer(_within(ranked, asked), tuple(named), _DEGRADED[health])

    async def _rank(
        self,
        asked: Asked,
        found: list[Candidate],
        said: tuple[str, ...],
        named: frozenset[str],
    ) -> list[Scored]:
        return await asyncio.to_thread(
            rank,
            asked.question,
            found,
            terms=said,
            named=named,
            now=hour(self._clock),
            embedding=self._embedding,
            limit=max(asked.limit, _HOP),
        )


def hour(clock: Clock) -> datetime:
    """The hour it is: what is recent is told no finer, so that an answer holds for as long."""
    return clock.now().replace(minute=0, second=0, microsecond=0)


def tokens(text: str) -> int:
    """How many tokens a text is taken for: one for every four letters."""
    return len(text) // 4 + 1


def _unmeant(found: Sequence[Candidate]) -> bool:
    """Whether nothing was compared by meaning."""
    return bool(found) and all(one.dense is None for one in found)


def _joined(first: Sequence[Candidate], second: Sequence[Candidate]) -> list[Candidate]:
    known = {one.item.id: one for one in second}
    return list((known | {one.item.id: one for one in first}).values())


def _further(
    ranked: Sequence[Scored], named: frozenset[str], said: Sequence[str]
) -> tuple[str, ...]:
    """Whom the best hits name beside those asked about, where they leave part of it unmet.

    "Who is the contact of the client of project X" needs the client first, then the contact.
    """
    best = ranked[:_HOP]
    if not best or not named:
        return ()
    met = {word for one in best for word in words(one.candidate.item.text)}
    if all(word in met for word in said):
        return ()
    others = {
        name: None
        for one in best
        if one.parts.get("entity")
        for name in one.candidate.item.entities
        if name.casefold() not in named
    }
    return tuple(others)[:_HOP]


def _within(ranked: Sequence[Scored], asked: Asked) -> tuple[Recalled, ...]:
    """As many as the budget holds; the first always."""
    kept: list[Recalled] = []
    left = asked.budget
    for one in ranked:
        left -= tokens(one.candidate.item.text)
        if kept and left < 0:
            break
        parts = {name: round(value, 3) for name, value in one.parts.items()}
        kept.append(Recalled(one.candidate.item, round(one.score, 3), parts))
        if len(kept) == asked.limit:
            break
    return tuple(kept)
