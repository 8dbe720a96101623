"""A cache of recall: the same question is not looked for again while memory stays as it is.

It lives in this process and is let go of as a whole when the index changes. What it gives, like
what was just found, is held against the tables first: what was forgotten is never told again, even
before the index has followed.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime

from core.clock import Clock
from core.memory import truth
from core.memory.index import Index
from core.memory.recall import Answer, Asked, Recall, hour, tokens
from core.storage.database import Database

MOST = 256
"""Answers that are kept, some kilobytes each."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a cache did since its process started.

    ``asked`` questions came, ``met`` of them were answered from it, and ``tokens`` of those had
    not to be embedded.
    """

    asked: int = 0
    met: int = 0
    tokens: int = 0


class RecallCache:
    """Recall with a memory of its answers."""

    def __init__(self, recall: Recall, index: Index, database: Database, clock: Clock) -> None:
        """``recall`` asks ``index``, which is made of ``database``."""
        self._recall = recall
        self._index = index
        self._db = database
        self._clock = clock
        self._kept: OrderedDict[tuple[Asked, datetime], Answer] = OrderedDict()
        self._mark: str | None = None
        self.record = Record()

    async def __call__(self, asked: Asked) -> Answer:
        """As recall answers. Raises FactotumError where the index is out of reach."""
        self.record = replace(self.record, asked=self.record.asked + 1)
        mark = await self._index.mark()
        if mark != self._mark:
            self._kept.clear()
            self._mark = mark
        key = (asked, hour(self._clock))
        if (kept := self._kept.pop(key, None)) and await self._true(kept) is kept:
            if mark == self._mark:
                self._kept[key] = kept
            self._count(asked)
            return kept
        answer = await self._true(await self._recall(asked))
        await self._keep(key, answer, mark)
        return answer

    async def _keep(self, key: tuple[Asked, datetime], answer: Answer, mark: str | None) -> None:
        """Keeps a whole answer, where index and hour were the same before and after it."""
        if mark is None or answer.degraded or not answer.items or key[1] != hour(self._clock):
            return
        if await self._index.mark() == mark == self._mark:
            self._kept[key] = answer
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)

    def _count(self, asked: Asked) -> None:
        done = self.record
        self.record = replace(done, met=done.met + 1, tokens=done.tokens + tokens(asked.question))

    async def _true(self, answer: Answer) -> Answer:
        """The answer without what the tables say no more."""
        async with self._db.read() as connection:
            held = await truth.standing(connection, [one.item for one in answer.items])
        if all(held.get(one.item.id) is one.item for one in answer.items):
            return answer
        items = [
            replace(one, item=held[one.item.id]) for one in answer.items if one.item.id in held
        ]
        return replace(answer, items=tuple(items))
