"""How a memory is laid out in Weaviate: properties, ids, filters, versioned names."""

import re
import uuid
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from connectors.index.stems import stems
from core.memory.index import Embedding, Item
from core.memory.recall_words import Reading, read, words

VECTOR = "wide"
"""The named vector: the meaning of text and context."""
MEMORY = "memory"
"""The property that holds the memory itself, whole: one is read faster than ten."""
_IDS = uuid.UUID("5f0f3c0e-5a0b-5d43-9d0c-3f2f6d1a7b11")


@dataclass(frozen=True, slots=True)
class Kept:
    """A memory as it was added, and what was read of its text then."""

    item: Item
    reading: Reading


_KEPT = TypeAdapter(Kept)


def kept(memory: str) -> Kept:
    """What ``MEMORY`` holds."""
    return _KEPT.validate_json(memory)


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
            exact("trust"),
            exact("entities", listed=True),
            Property(name="at", data_type=DataType.DATE),
            searched("stems"),
            searched("stems_wide"),
            Property(
                name=MEMORY,
                data_type=DataType.TEXT,
                index_filterable=False,
                index_searchable=False,
            ),
        ],
        vector_config=Configure.Vectors.self_provided(name=VECTOR),
    )
    return name


def to_object(item: Item, vector: list[float]) -> Any:
    """What is stored. Stems are made here, so that both indices match the same words."""
    from weaviate.classes.data import DataObject

    properties: dict[str, Any] = {
        "trust": item.trust,
        "entities": [name.casefold() for name in item.entities],
        "stems": " ".join(stems(words(item.text))),
        "stems_wide": " ".join(stems(words(f"{item.text} {item.context}"))),
        MEMORY: _KEPT.dump_json(Kept(item, read(item.text))).decode(),
    }
    if item.at:
        properties["at"] = item.at
    return DataObject(properties=properties, uuid=uuid_of(item.id), vector={VECTOR: vector})
