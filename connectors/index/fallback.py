"""Weaviate with a keyword index beside it, which answers while Weaviate can't."""

from collections.abc import AsyncIterator, Callable, Sequence

from core.errors import FactotumError
from core.memory.index import Candidate, Index, Item, Query, State


class KeywordFallback:
    """Adds to both; asks the first, and the second where the first is out of reach."""

    def __init__(self, first: Index, keyword: Index) -> None:
        """``keyword`` is local: an embedded index without an embedding."""
        self._first = first
        self._keyword = keyword
        self._lacking = False

    async def add(self, items: Sequence[Item], *, position: str | None = None) -> None:
        """Adds to the local one first. Raises FactotumError where the other one lacks some."""
        await self._keyword.add(items, position=position)
        try:
            await self._first.add(items, position=position)
        except FactotumError:
            self._lacking = True
            raise

    async def remove(self, ids: Sequence[str]) -> None:
        """Takes out of both. Raises FactotumError where the first still has them."""
        await self._keyword.remove(ids)
        await self._first.remove(ids)

    async def named(self, question: str) -> tuple[str, ...]:
        """What the local one knows, which holds the same names."""
        return await self._keyword.named(question)

    async def search(self, query: Query) -> list[Candidate]:
        """Candidates of the first; of the local one where that is out of reach or lacks some."""
        try:
            found = await self._first.search(query)
        except FactotumError:
            return await self._keyword.search(query)
        if not self._lacking:
            return found
        known = {one.item.id for one in found}
        return found + [
            one for one in await self._keyword.search(query) if one.item.id not in known
        ]

    async def state(self) -> State:
        """The first's; where it is out of reach ``keyword_only`` with the reason in ``detail``."""
        try:
            return await self._first.state()
        except FactotumError as error:
            local = await self._keyword.state()
            return State(
                health="keyword_only",
                count=local.count,
                model="",
                position=local.position,
                detail={"because": error.sentence()},
            )

    async def mark(self) -> str | None:
        """The first's."""
        return await self._first.mark()

    async def rebuild(
        self,
        items: AsyncIterator[Item],
        *,
        position: str | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> int:
        """Rebuilds the first from ``items`` and adds each to the local one on its way."""

        async def both() -> AsyncIterator[Item]:
            batch: list[Item] = []
            async for item in items:
                batch.append(item)
                if len(batch) == 200:
                    await self._keyword.add(batch)
                    batch.clear()
                yield item
            await self._keyword.add(batch, position=position)

        count = await self._first.rebuild(both(), position=position, progress=progress)
        self._lacking = False
        return count

    async def close(self) -> None:
        """Closes both."""
        await self._first.close()
        await self._keyword.close()
