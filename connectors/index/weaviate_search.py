"""How a question is put to Weaviate, and what becomes of its answers."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from connectors.index.weaviate_schema import MEMORY, VECTOR, kept
from core.memory.index import Candidate, Query

_FUSED, _NEAR, _SAID = 3, 3, 2
"""How many times a question's limit each way is asked for: the fused ones are shared between
meaning and words, and what is read of the others is only how well they met."""


async def find(collection: Any, query: Query, said: str, vector: list[float]) -> list[Candidate]:
    """Candidates of one kind: by ``said`` (stems), by meaning, and by both fused.

    Only the fused answers carry memories: reading those is what takes the server's time.
    """
    from weaviate.classes.query import MetadataQuery

    common = {"filters": _bounds(query), "return_properties": False}
    fused = [
        collection.query.hybrid(
            query=said or None,
            query_properties=["stems_wide"],
            vector={VECTOR: vector},
            target_vector=VECTOR,
            alpha=0.5 if said else 1.0,
            filters=_bounds(one),
            limit=_FUSED * one.limit,
            return_properties=[MEMORY],
        )
        for one in _ways(query)
    ]
    near = collection.query.near_vector(
        near_vector=vector,
        target_vector=VECTOR,
        limit=_NEAR * query.limit,
        return_metadata=MetadataQuery(distance=True),
        **common,
    )
    keyword = [
        collection.query.bm25(
            query=said,
            query_properties=properties,
            limit=_SAID * query.limit,
            return_metadata=MetadataQuery(score=True),
            **common,
        )
        for properties in (["stems"], ["stems_wide"])
        if said
    ]
    meant, *found = await asyncio.gather(near, *keyword, *fused)
    return _candidates(found[len(keyword) :], meant, found[: len(keyword)])


def _candidates(fused: Sequence[Any], near: Any, keyword: Sequence[Any]) -> list[Candidate]:
    """What hybrid queries found, with what their parts say of it on their own.

    ``near`` is asked by vector, ``keyword`` by the text's stems, and by those of text and context.
    """
    said = [{one.uuid: one.metadata.score or 0.0 for one in answer.objects} for answer in keyword]
    told_of, around = said or [cast("dict[Any, float]", {})] * 2
    meant = {one.uuid: 1.0 - one.metadata.distance for one in near.objects}
    held = {one.uuid: one.properties[MEMORY] for answer in fused for one in answer.objects}
    found: list[Candidate] = []
    for key, memory in held.items():
        one = kept(memory)
        scores = told_of.get(key, 0.0), around.get(key, 0.0), meant.get(key)
        found.append(Candidate(one.item, *scores, one.reading))
    return found


def _ways(query: Query) -> tuple[Query, ...]:
    """The query, and what it is about on its own: that doesn't have to hold its own there."""
    if not query.about:
        return (query,)
    return query, replace(query, entities=query.about, about=(), limit=query.limit // 2)


def _bounds(query: Query) -> Any:
    """The filter for what the query lets in, None where it lets in all."""
    from weaviate.classes.query import Filter

    wanted: list[Any] = []
    if query.entities:
        folded = [name.casefold() for name in query.entities]
        wanted.append(Filter.by_property("entities").contains_any(folded))
    if query.trusts:
        wanted.append(Filter.by_property("trust").contains_any(list(query.trusts)))
    if query.since:
        wanted.append(Filter.by_property("at").greater_or_equal(query.since))
    if query.until:
        wanted.append(Filter.by_property("at").less_than(query.until))
    return Filter.all_of(wanted) if wanted else None
