"""The index in Weaviate: a collection a kind, under an alias, with vectors that we supply.

A rebuild fills the next version of each collection and then moves the alias: questions are
answered from the old one meanwhile, and what is added goes to both.
"""

import asyncio
import contextlib
import functools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeVar

from connectors.index import weaviate_schema as schema
from connectors.index.stems import stems
from connectors.index.weaviate_search import find
from connectors.index.weaviate_server import Server, connect, told
from core.errors import FactotumError
from core.memory.index import Candidate, Embedding, Item, Query, State
from core.memory.recall_words import runs

_Result = TypeVar("_Result")
_BATCH = 200
_FRESH = 5.0
"""Seconds that what was read of the server's aliases, and of its state, is taken to hold."""


class WeaviateIndex:
    """Finds with Weaviate's BM25, vectors and hybrid query. Connects at the first use."""

    def __init__(self, server: Server, *, embedding: Embedding) -> None:
        """``embedding`` makes the vectors of items and questions, in threads."""
        self._server = server
        self._embedding = embedding
        self._client: Any = None
        self._connecting = asyncio.Lock()
        self._next: dict[str, str] = {}
        self._rebuilding = False
        self._touched: set[str] = set()
        self._position = ""
        self._known: tuple[float, dict[str, str]] | None = None
        self._counted: tuple[float, int, int] | None = None

    async def add(self, items: Sequence[Item], *, position: str | None = None) -> None:
        """Adds or replaces. Raises FactotumError naming how many were refused, after the rest."""
        if self._rebuilding:
            self._touched.update(item.id for item in items)
        if items:
            await self._do(functools.partial(self._add, items))
            self._forget()
        if position is not None:
            self._position = position

    async def remove(self, ids: Sequence[str]) -> None:
        """Takes items out of every kind; unknown ids are no error."""
        if self._rebuilding:
            self._touched.update(ids)

        async def work(client: Any) -> None:
            from weaviate.classes.query import Filter

            wanted = [schema.uuid_of(one) for one in ids]
            for name in {*await self._current(client), *self._next.values()}:
                for start in range(0, len(wanted), _BATCH):
                    chosen = Filter.by_id().contains_any(wanted[start : start + _BATCH])
                    await client.collections.use(name).data.delete_many(where=chosen)

        if ids:
            await self._do(work)
            self._forget()

    async def named(self, question: str) -> tuple[str, ...]:
        """The entities that the question names, in runs of up to four words."""
        said = runs(question)

        async def work(client: Any) -> tuple[str, ...]:
            from weaviate.classes.aggregate import GroupByAggregate
            from weaviate.classes.query import Filter

            found: set[str] = set()
            for name in await self._kinds(client):
                answer = await client.collections.use(name).aggregate.over_all(
                    filters=Filter.by_property("entities").contains_any(said),
                    group_by=GroupByAggregate(prop="entities", limit=100),
                )
                found |= {str(group.grouped_by.value) for group in answer.groups}
            return tuple(run for run in said if run in found)

        return await self._do(work) if said else ()

    async def search(self, query: Query) -> list[Candidate]:
        """Candidates of each kind asked for: by stems, and by a hybrid of stems and meaning."""
        (vector,) = (await asyncio.to_thread(self._embedding.texts, [query.text])).tolist()
        said = " ".join(stems(query.terms))

        async def work(client: Any) -> list[Candidate]:
            wanted = {schema.alias_of(self._server.prefix, kind) for kind in query.kinds}
            names = [name for name in await self._kinds(client) if not wanted or name in wanted]
            groups = await asyncio.gather(
                *(find(client.collections.use(name), query, said, vector) for name in names)
            )
            return [one for group in groups for one in group]

        return await self._do(work)

    async def state(self) -> State:
        """Counts, and whether the vectors are of the embedding in use."""

        count, stale = await self._do(self._counts)
        health = "other_model" if stale else "ready" if count else "empty"
        return State(
            health="rebuilding" if self._rebuilding else health,
            count=count,
            model=self._embedding.name,
            stale=stale,
            position=self._position,
        )

    async def mark(self) -> str | None:
        """None: others write to the server too, and it doesn't say when."""
        return None

    async def rebuild(
        self,
        items: AsyncIterator[Item],
        *,
        position: str | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> int:
        """Fills the next version of every kind, then moves the aliases and drops the old ones."""
        if self._rebuilding:
            raise FactotumError("The index is being rebuilt already.", permanent=False)
        self._rebuilding = True
        self._touched.clear()
        try:
            old = await self._do(self._aliases)
            self._next = await self._do(functools.partial(self._versions, old))
            done, batch = 0, list[Item]()
            async for item in items:
                batch.append(item)
                if len(batch) == _BATCH:
                    await self._again(batch)
                    done += len(batch)
                    batch.clear()
                    if progress:
                        progress(done)
            await self._again(batch)
            await self._do(functools.partial(self._move, old))
            if progress:
                progress(done + len(batch))
        except BaseException:  # raised on, a cancellation too: no half-made collection is left
            with contextlib.suppress(FactotumError):
                await self._do(self._abandon)
            raise
        finally:
            self._rebuilding = False
            self._next = {}
            self._forget()
            self._touched.clear()
        self._position = position or self._position
        return (await self.state()).count

    async def close(self) -> None:
        """Closes the connection."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _do(self, work: Callable[[Any], Awaitable[_Result]]) -> _Result:
        try:
            async with asyncio.timeout(self._server.timeout):
                async with self._connecting:
                    if self._client is None:
                        self._client = await connect(self._server)
                return await work(self._client)
        except FactotumError:
            self._forget()
            raise
        except Exception as error:  # whatever the client raises is told as trouble of the server
            self._forget()
            raise told(error) from error

    def _forget(self) -> None:
        """What was read of the server may hold no more: it was written to, or is in trouble."""
        self._known = self._counted = None

    async def _kinds(self, client: Any) -> list[str]:
        """The aliases, which are asked by their names: what they stand for may change meanwhile."""
        if self._known is None or time.monotonic() - self._known[0] > _FRESH:
            self._known = (time.monotonic(), await self._aliases(client))
        return list(self._known[1])

    async def _counts(self, client: Any) -> tuple[int, int]:
        """How many items there are, and how many with vectors of another model."""
        if self._counted is None or time.monotonic() - self._counted[0] > _FRESH:
            count, stale = 0, 0
            for name in await self._current(client):
                collection = client.collections.use(name)
                held = (await collection.aggregate.over_all(total_count=True)).total_count or 0
                count += held
                if (await collection.config.get()).description != self._embedding.name:
                    stale += held
            self._counted = (time.monotonic(), count, stale)
        return self._counted[1:]

    async def _aliases(self, client: Any) -> dict[str, str]:
        prefix = self._server.prefix
        known = await client.alias.list_all()
        return {name: one.collection for name, one in known.items() if name.startswith(prefix)}

    async def _current(self, client: Any) -> list[str]:
        return list((await self._aliases(client)).values())

    async def _add(self, items: Sequence[Item], client: Any) -> None:
        aliases = await self._aliases(client)
        for kind in dict.fromkeys(item.kind for item in items):
            alias = schema.alias_of(self._server.prefix, kind)
            if alias not in aliases:
                aliases[alias] = await schema.create(client, alias, 1, self._embedding)
                await client.alias.create(alias_name=alias, target_collection=aliases[alias])
            own = [item for item in items if item.kind == kind]
            await self._insert(client, aliases[alias], own)
            if self._rebuilding:
                await self._insert(client, await self._fresh(client, alias), own)

    async def _again(self, batch: Sequence[Item]) -> None:
        kept = [item for item in batch if item.id not in self._touched]

        async def work(client: Any) -> None:
            for kind in dict.fromkeys(item.kind for item in kept):
                alias = schema.alias_of(self._server.prefix, kind)
                name = await self._fresh(client, alias)
                await self._insert(client, name, [item for item in kept if item.kind == kind])

        await self._do(work)

    async def _fresh(self, client: Any, alias: str) -> str:
        if alias not in self._next:
            self._next[alias] = await schema.create(client, alias, 1, self._embedding)
        return self._next[alias]

    async def _versions(self, old: dict[str, str], client: Any) -> dict[str, str]:
        return {
            alias: await schema.create(client, alias, schema.version_of(name) + 1, self._embedding)
            for alias, name in old.items()
        }

    async def _move(self, old: dict[str, str], client: Any) -> None:
        for alias, name in self._next.items():
            if alias in old:
                await client.alias.update(alias_name=alias, new_target_collection=name)
            elif alias not in await self._aliases(client):
                await client.alias.create(alias_name=alias, target_collection=name)
        for name in old.values():
            await client.collections.delete(name)

    async def _abandon(self, client: Any) -> None:
        current = await self._current(client)
        for name in self._next.values():
            if name not in current:
                await client.collections.delete(name)

    async def _insert(self, client: Any, name: str, items: Sequence[Item]) -> None:
        collection = client.collections.use(name)
        failed: list[str] = []
        for start in range(0, len(items), _BATCH):
            part = items[start : start + _BATCH]
            texts = [f"{item.text} {item.context}" for item in part]
            vectors = await asyncio.to_thread(self._embedding.texts, texts)
            made = [
                schema.to_object(item, vector.tolist())
                for item, vector in zip(part, vectors, strict=True)
            ]
            answer = await collection.data.insert_many(made)
            failed += [one.message for one in answer.errors.values()]
        if failed:
            raise FactotumError(
                f"Weaviate refused {len(failed)} of {len(items)} memories ({failed[0][:200]});"
                " they are found by keyword until the index is rebuilt.",
                fix="See what the server lacks (disk, memory), then rebuild the index.",
                permanent=False,
            )
