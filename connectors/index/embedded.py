"""The embedded index: FTS5 for words, usearch for meaning, in a folder of its own.

Vectors are also kept in the SQLite file, so that every process's usearch catches up from there
before it searches: what one process added, the other finds, and the usearch file may be lost.
"""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from connectors.index import tables
from connectors.index.keywords import Keywords
from connectors.index.vectors import Vectors, packed
from core.errors import FactotumError
from core.memory.index import Candidate, Embedding, Item, Query, State
from core.memory.recall_words import runs

_BATCH = 500
_KEPT = 5000
"""Items read that are kept for the next questions."""
_UNSAID = (0.0, 0.0)


class EmbeddedIndex:
    """Finds by keyword and, with an embedding, by meaning. Several processes may share it."""

    def __init__(self, folder: Path, *, embedding: Embedding | None) -> None:
        """``folder`` is made where it isn't there; nothing is opened before the first use."""
        self._folder = folder
        self._embedding = embedding
        self._writing = threading.Lock()
        self._reading = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._vectors = Vectors(folder, embedding.size) if embedding else None
        self._keywords = Keywords()
        self._rows: dict[int, tables.Row] = {}
        self._counted: tuple[int, int, int, str] | None = None
        self._rebuilding = False
        self._touched: set[str] = set()
        self._without_meaning = False

    async def add(self, items: Sequence[Item], *, position: str | None = None) -> None:
        """Adds items, replacing those of the same id; findable in every process on return."""
        if self._rebuilding:
            self._touched.update(item.id for item in items)
        for start in range(0, len(items), _BATCH):
            await self._do(self._put, items[start : start + _BATCH], None)
        if position is not None:
            await self._do(self._note, position)

    async def remove(self, ids: Sequence[str]) -> None:
        """Takes items out; unknown ids are no error."""
        if self._rebuilding:
            self._touched.update(ids)
        await self._do(self._drop, list(ids))

    async def named(self, question: str) -> tuple[str, ...]:
        """The entities that the question names: runs of up to four words that some item carries."""
        return tuple(await self._do(self._named, runs(question)))

    async def search(self, query: Query) -> list[Candidate]:
        """Candidates by keyword and by meaning; by keyword alone where meaning can't be had."""
        return await self._do(self._search, query)

    async def state(self) -> State:
        """How the index is."""
        return await self._do(self._state)

    async def mark(self) -> str | None:
        """Moves with every item that is put or dropped, by whichever process."""
        return await self._do(self._mark)

    async def rebuild(
        self,
        items: AsyncIterator[Item],
        *,
        position: str | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> int:
        """Writes every item anew beside the old ones, then lets go of what wasn't named again."""
        if self._rebuilding:
            raise FactotumError("The index is being rebuilt already.", permanent=False)
        self._rebuilding = True
        self._touched.clear()
        try:
            generation = await self._do(self._next_generation)
            done, batch = 0, list[Item]()
            async for item in items:
                batch.append(item)
                if len(batch) == _BATCH:
                    done += await self._again(batch, generation)
                    batch.clear()
                    if progress:
                        progress(done)
            done += await self._again(batch, generation)
            await self._do(self._finish, generation, position)
            if progress:
                progress(done)
        finally:
            self._rebuilding = False
            self._touched.clear()
        return (await self.state()).count

    async def close(self) -> None:
        """Saves the usearch file and closes."""
        await self._do(self._close)

    async def _again(self, batch: Sequence[Item], generation: int) -> int:
        # What was added or removed since the rebuild began is newer than what is read for it.
        await self._do(self._put, [one for one in batch if one.id not in self._touched], generation)
        return len(batch)

    async def _do(self, work: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return await asyncio.to_thread(partial(work, *arguments))
        except (sqlite3.Error, OSError) as error:
            raise FactotumError(
                f"The index of the memory can't be used ({error}); what is remembered is safe in"
                " the database.",
                fix="Make room on the disk, or remove the folder index: it is rebuilt.",
                permanent=False,
            ) from error

    # Below: blocking, in threads.

    def _open(self, *, write: bool) -> sqlite3.Connection:
        """Called with the fitting lock held."""
        found = self._writer if write else self._reader
        if found is None:
            found = tables.connect(self._folder / "index.db")
            if write:
                self._writer = found
            else:
                self._reader = found
        return found

    def _put(self, items: Sequence[Item], generation: int | None) -> None:
        model, vectors = None, None
        if self._embedding and items:
            try:
                made = self._embedding.texts([f"{one.text} {one.context}" for one in items])
                model, vectors = self._embedding.name, packed(made)
                self._without_meaning = False
            except FactotumError:
                self._without_meaning = True  # found by keyword until the next rebuild
        with self._writing:
            connection = self._open(write=True)
            with _transaction(connection):
                current = int(tables.about(connection, "generation") or 0)
                tables.put(
                    connection,
                    items,
                    vectors,
                    model=model,
                    generation=current if generation is None else generation,
                )

    def _drop(self, ids: list[str]) -> None:
        with self._writing, _transaction(connection := self._open(write=True)):
            tables.drop(connection, ids)

    def _note(self, position: str) -> None:
        with self._writing:
            tables.note(self._open(write=True), "position", position)

    def _next_generation(self) -> int:
        with self._writing, _transaction(connection := self._open(write=True)):
            generation = int(tables.about(connection, "generation") or 0) + 1
            tables.note(connection, "generation", str(generation))
            return generation

    def _finish(self, generation: int, position: str | None) -> None:
        with self._writing, _transaction(connection := self._open(write=True)):
            connection.execute("DELETE FROM item WHERE generation < ?", (generation,))
            if position is not None:
                tables.note(connection, "position", position)

    def _named(self, said: list[str]) -> list[str]:
        with self._reading:
            return tables.named(self._open(write=False), said)

    def _search(self, query: Query) -> list[Candidate]:
        asked: Any = None
        if self._embedding and self._vectors and query.text:
            try:
                asked = self._embedding.texts([query.text])[0]
                self._without_meaning = False
            except FactotumError:
                self._without_meaning = True
        with self._reading:
            connection = self._open(write=False)
            matched = self._keywords.matching(connection, query)
            said = {key: (text, wide) for key, text, wide in matched}
            keys = dict.fromkeys(said)
            near: list[int] = []
            if asked is not None and self._vectors and self._embedding:
                self._vectors.catch_up(connection, self._embedding.name)
                near = self._vectors.nearest(asked, query.limit)
                keys |= dict.fromkeys(tables.allowed(connection, query, near))
            if query.about or query.entities:
                keys |= dict.fromkeys(tables.carrying(connection, query))
            found = self._loaded(connection, keys)
        cosines = self._cosines(found, asked)
        return [
            Candidate(row.item, *said.get(key, _UNSAID), cosines.get(key), row.reading)
            for key, row in found.items()
        ]

    def _loaded(self, connection: sqlite3.Connection, keys: Iterable[int]) -> dict[int, tables.Row]:
        # What stands under a key never changes: replacing an item gives it a new one.
        if len(self._rows) > _KEPT:
            self._rows.clear()
        self._rows |= tables.load(connection, [key for key in keys if key not in self._rows])
        return {key: self._rows[key] for key in keys if key in self._rows}

    def _cosines(self, found: Mapping[int, tables.Row], asked: Any) -> dict[int, float]:
        if asked is None or not self._embedding:
            return {}
        import numpy

        name = self._embedding.name
        fitting = {
            key: row.vector for key, row in found.items() if row.vector and row.model == name
        }
        if not fitting:
            return {}
        stored = numpy.frombuffer(b"".join(fitting.values()), dtype=numpy.float16)
        cosines = stored.astype(numpy.float32).reshape(len(fitting), -1) @ asked
        return dict(zip(fitting, cosines.tolist(), strict=True))

    def _state(self) -> State:
        model = self._embedding.name if self._embedding else ""
        with self._reading:
            connection = self._open(write=False)
            # Counting takes long in a large index; this number moves when anybody has written.
            version = connection.execute("PRAGMA data_version").fetchone()[0]
            if self._counted is None or self._counted[0] != version:
                self._counted = (version, *tables.counts(connection, model))
            _, count, fitting, position = self._counted
        stale = count - fitting if self._embedding else 0
        health = "ready"
        if self._rebuilding:
            health = "rebuilding"
        elif not count:
            health = "empty"
        elif self._without_meaning or not self._embedding:
            health = "keyword_only"
        elif stale:
            health = "other_model"
        return State(health=health, count=count, model=model, stale=stale, position=position)

    def _mark(self) -> str:
        with self._reading:
            moved = tables.moved(self._open(write=False))
        return f"{self._embedding.name if self._embedding else ''} {moved}"

    def _close(self) -> None:
        with self._writing, self._reading:
            if self._vectors and self._vectors.held:
                self._vectors.save()
            for connection in (self._writer, self._reader):
                if connection:
                    connection.close()
            self._writer = self._reader = self._counted = None


class _transaction:
    """``BEGIN IMMEDIATE`` to ``COMMIT``; taken back where the block fails."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._connection.execute("COMMIT" if kind is None else "ROLLBACK")
