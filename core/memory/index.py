"""The port of the index: what finds memories. It holds copies only and can always be made anew.

Two keep it: the embedded one (FTS5 and usearch) and Weaviate, in ``connectors/index``.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from core.memory.recall_words import Reading

Trust = Literal["owner", "system", "untrusted"]
Health = Literal["ready", "empty", "rebuilding", "other_model", "keyword_only"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One memory as the index holds it.

    ``context`` is what stands around the text (the turns before and after, the thread's subject);
    ``entities`` are ids or names a question may use; ``thread`` joins what was said together (a
    conversation of one day, a mail thread); ``at`` is when it was said or became true (aware);
    ``confidence`` runs from 0 to 1; ``source`` names where it came from, for the one who asks.
    """

    id: str
    kind: str
    text: str
    context: str = ""
    entities: tuple[str, ...] = ()
    at: datetime | None = None
    trust: Trust = "owner"
    confidence: float = 1.0
    source: str = ""
    thread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for. ``terms`` are matched by stem, ``text`` by meaning; the rest filters.

    ``entities`` let in only what carries one of them; ``since`` and ``until`` (aware) bound ``at``.
    What carries one of ``about`` is looked at even where little else speaks for it: half as many
    more. ``limit`` is for each way of looking.
    """

    text: str
    terms: tuple[str, ...]
    entities: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    trusts: tuple[Trust, ...] = ()
    limit: int = 130


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that may answer, with what speaks for it; more is better, zero is nothing.

    ``text`` and ``wide`` are BM25 over the text, and over text and context; ``dense`` is the
    cosine of the meaning of both, None where meaning was not searched. ``reading`` is what was read
    of the item's text when it was added, where the index keeps that.
    """

    item: Item
    text: float = 0.0
    wide: float = 0.0
    dense: float | None = None
    reading: Reading | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How the index is: ``position`` is the last place of the canonical store it was given.

    ``stale`` counts items whose vectors are of another model; they are found by keyword alone.
    """

    health: Health
    count: int
    model: str
    stale: int = 0
    position: str = ""
    detail: dict[str, Any] = field(default_factory=dict[str, Any])


class Embedding(Protocol):
    """Makes vectors on this machine or by a provider."""

    @property
    def name(self) -> str:
        """Names model and way of pooling; vectors of different names don't compare."""
        ...

    @property
    def size(self) -> int:
        """Dimensions."""
        ...

    def texts(self, texts: Sequence[str]) -> Any:
        """One unit vector a text, as a float32 array; blocking. Raises FactotumError."""
        ...

    def words(self, words: Sequence[str]) -> Any:
        """One unit vector a word, None where the model has no vectors of words; blocking."""
        ...


class Index(Protocol):
    """Finds candidates. Every method raises FactotumError where the index can't be reached."""

    async def add(self, items: Sequence[Item], *, position: str | None = None) -> None:
        """Adds items, replacing those of the same id; findable once this returns."""
        ...

    async def remove(self, ids: Sequence[str]) -> None:
        """Takes items out; unknown ids are no error."""
        ...

    async def named(self, question: str) -> tuple[str, ...]:
        """The entities that the question names, as the index knows them."""
        ...

    async def search(self, query: Query) -> list[Candidate]:
        """Candidates in no promised order; an empty list where nothing matches."""
        ...

    async def state(self) -> State:
        """How the index is."""
        ...

    async def mark(self) -> str | None:
        """Another after every change of what may be found; None where that can't be told."""
        ...

    async def rebuild(
        self,
        items: AsyncIterator[Item],
        *,
        position: str | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> int:
        """Makes the index anew from the canonical store; returns how many items it holds.

        Searching goes on meanwhile; what is not among ``items`` and was not added since is gone
        afterwards. ``progress`` is told the items done.
        """
        ...

    async def close(self) -> None:
        """Saves and lets go."""
        ...
