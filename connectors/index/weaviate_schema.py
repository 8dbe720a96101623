"""How a memory is laid out in Weaviate: properties, ids, filters, versioned names."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from connectors.index.stems import stems
from core.memory.index import Candidate, Embedding, Item, Query
from core.memory.recall_words import words

VECTOR = "wide"
"""The named vector: the meaning of text and context."""
_IDS = uuid.UUID("5f0f3c0e-5a0b-5d43-9d0c-3f2f6d1a7b11")


def uuid_of(item_id: str) -> str:
    """The same for the same item, so that adding again replaces."""
    return str(uuid.uuid5(_IDS, item_id))


def alias_of(prefix: str, kind: str) -> str:
    """``fact`` as ``FactotumFact``; kinds are letters and digits."""
    return prefix + "".join(part.capitalize() for part in re.findall(r"[A-Za-z0-9]+", kind))


def version_of(collection: str) -> int:
    """The number after ``_v``."""
    return int(collection.rsplit("_v", 1)[1])


async def create(client: Any, alias: str, version: int, embedding: Embedding) -> str:
    """Makes an empty collection; what an abandoned rebuild left under the name goes first."""
    from weaviate.classes.config import Configure, DataType, Property, Tokenization

    name = f"{alias}_v{version}"
    if await client.collections.exists(name):
        await client.collections.delete(name)

    def exact(field: str, *, listed: bool = False) -> Property:
        return Property(
            name=field,
            data_type=DataType.TEXT_ARRAY if listed else DataType.TEXT,
            tokenization=Tokenization.FIELD,
            index_searchable=False,
        )

    def kept(field: str) -> Property:
        return Property(
            name=field,
            data_type=DataType.TEXT,
            index_filterable=False,
            index_searchable=False,
        )

    def searched(field: str) -> Property:
        return Property(
            name=field,
            data_type=DataType.TEXT,
            tokenization=Tokenization.WHITESPACE,
            index_filterable=False,
        )

    await client.collections.create(
        name,
        description=embedding.name,
        properties=[
            exact("item"),
            exact("kind"),
            exact("trust"),
            exact("thread"),
            exact("entities", listed=True),
            kept("names"),
            kept("text"),
            kept("context"),
            kept("source"),
            searched("stems"),
            searched("stems_wide"),
            Property(name="confidence", data_type=DataType.NUMBER),
            Property(name="at", data_type=DataType.DATE),
        ],
        vector_config=Configure.Vectors.self_provided(name=VECTOR),
    )
    return name


def to_object(item: Item, vector: list[float]) -> Any:
    """What is stored. Stems are made here, so that both indices match the same words."""
    from weaviate.classes.data import DataObject

    properties: dict[str, Any] = {
        "item": item.id,
        "kind": item.kind,
        "trust": item.trust,
        "thread": item.thread,
        "entities": [name.casefold() for name in item.entities],
        "names": "\n".join(item.entities),
        "text": item.text,
        "context": item.context,
        "source": item.source,
        "stems": " ".join(stems(words(item.text))),
        "stems_wide": " ".join(stems(words(f"{item.text} {item.context}"))),
        "confidence": item.confidence,
    }
    if item.at:
        properties["at"] = item.at
    return DataObject(properties=properties, uuid=uuid_of(item.id), vector={VECTOR: vector})


def to_item(properties: Mapping[str, Any]) -> Item:
    """The memory as it was added."""
    return Item(
        id=properties["item"],
        kind=properties["kind"],
        text=properties["text"],
        context=properties["context"],
        entities=tuple(name for name in properties["names"].split("\n") if name),
        at=properties.get("at"),
        trust=properties["trust"],
        confidence=properties["confidence"],
        source=properties["source"],
        thread=properties["thread"],
    )


def to_candidates(hybrid: Any, keyword: Sequence[Any], asked: Any) -> list[Candidate]:
    """What a hybrid query found, and what two by keyword did: by text, and by text and context."""
    scores = [{one.uuid: one.metadata.score or 0.0 for one in answer.objects} for answer in keyword]
    told_of, around = scores or [cast("dict[Any, float]", {})] * 2
    found = {one.uuid: one for answer in (hybrid, *keyword) for one in answer.objects}
    return [
        Candidate(
            to_item(one.properties),
            told_of.get(uuid, 0.0),
            around.get(uuid, 0.0),
            cosine(one.vector, asked),
        )
        for uuid, one in found.items()
    ]


def ways(query: Query) -> tuple[Query, ...]:
    """The query, and what it is about on its own: that doesn't have to hold its own there."""
    if not query.about:
        return (query,)
    return query, replace(query, entities=query.about, about=(), limit=query.limit // 2)


def bounds(query: Query) -> Any:
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


def cosine(vectors: Any, asked: Any) -> float | None:
    """The likeness of a found object's vector to the question's."""
    if not isinstance(vectors, Mapping) or VECTOR not in vectors:
        return None
    import numpy

    found = numpy.asarray(vectors[VECTOR], dtype=numpy.float32)
    return float(found @ asked) if found.shape == asked.shape else None
