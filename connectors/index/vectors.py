"""The nearest by meaning: a copy of the vectors in SQLite, kept in step with it.

Few are compared one by one; from some thousands on usearch finds them, and keeps a file.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.index.few import Few
from core.errors import FactotumError

_FEW = 2000
"""So many are compared in less than a millisecond, and usearch needs not be loaded (13 MB)."""
_BATCH = 4096
_OFTEN = 20_000
"""So many new vectors are worth saving the file again while running."""


def packed(vectors: Any) -> list[bytes]:
    """Vectors as they are stored: half precision, which costs no quality that can be measured."""
    import numpy

    return [row.tobytes() for row in vectors.astype(numpy.float16)]


class Vectors:
    """Nearest neighbours by key. One thread at a time: the caller holds a lock."""

    def __init__(self, folder: Path, size: int) -> None:
        self._folder = folder
        self._size = size
        self._index: Any = None
        self._model = ""
        self._key = 0
        self._gone = 0
        self._unsaved = 0

    @property
    def held(self) -> bool:
        """Whether anything was loaded or added since the start."""
        return self._index is not None

    def catch_up(self, connection: sqlite3.Connection, model: str) -> None:
        """Takes in what was written since, by whichever process.

        A file that is lost, damaged or ahead of the tables is made anew from the tables.
        """
        if self._index is None or self._model != model:
            self._model = model
            self._index, self._key, self._gone = self._load()
        last = connection.execute(
            "SELECT (SELECT max(key) FROM item), (SELECT max(at) FROM gone)"
        ).fetchone()
        if (last[0] or 0) == self._key and (last[1] or 0) == self._gone:
            return
        if self._gone > (last[1] or 0):  # the tables were made anew under us
            self._index, self._key, self._gone = Few(self._size), 0, 0
        # What is gone goes first: after a rebuild that is as much as what is new.
        for at, key in connection.execute(
            "SELECT at, key FROM gone WHERE at > ? ORDER BY at", (self._gone,)
        ):
            if key in self._index:
                self._index.remove(key)
            self._gone = at
        for batch in self._new(connection):
            self._add(batch)
        self._key = max(self._key, last[0] or 0)
        if self._unsaved >= _OFTEN:
            self.save()

    def nearest(self, vector: Any, count: int) -> list[int]:
        """Keys of the nearest vectors, nearest first."""
        if isinstance(self._index, Few):
            return self._index.nearest(vector, count)
        if not len(self._index):
            return []
        found = self._index.search(vector, min(count, len(self._index)))
        return [int(key) for key in found.keys]

    def save(self) -> None:
        """Writes the file; its name tells up to where it goes. Few need none. Raises OSError."""
        if not self._unsaved or isinstance(self._index, Few):
            return
        target = self._folder / f"{self._model}.{self._key}.{self._gone}.usearch"
        fresh = target.with_suffix(".new")
        self._index.save(str(fresh))
        fresh.replace(target)
        self._unsaved = 0
        for other in self._folder.glob("*.usearch"):
            if other != target:
                other.unlink(missing_ok=True)

    def _new(self, connection: sqlite3.Connection) -> Iterator[list[tuple[int, bytes]]]:
        while True:
            rows = connection.execute(
                "SELECT key, vector FROM item WHERE model = ? AND key > ? ORDER BY key LIMIT ?",
                (self._model, self._key, _BATCH),
            ).fetchall()
            if not rows:
                return
            yield rows
            self._key = rows[-1][0]

    def _add(self, rows: list[tuple[int, bytes]]) -> None:
        import numpy

        keys = numpy.array([row[0] for row in rows], dtype=numpy.uint64)
        vectors = numpy.frombuffer(b"".join(row[1] for row in rows), dtype=numpy.float16)
        if isinstance(self._index, Few) and len(self._index) + len(rows) > _FEW:
            few, self._index = self._index, self._many()
            self._index.add(few.keys, few.rows)
        self._index.add(keys, vectors.reshape(len(rows), self._size))
        self._unsaved += len(rows)

    def _load(self) -> tuple[Any, int, int]:
        for path in self._folder.glob(f"{self._model}.*.usearch"):
            key, gone = path.name.removeprefix(f"{self._model}.").split(".")[:2]
            try:
                index = self._many()
                index.load(str(path))
            except (RuntimeError, ValueError):
                path.unlink(missing_ok=True)  # half a file: the tables hold all of it
                continue
            return index, int(key), int(gone)
        return Few(self._size), 0, 0

    def _many(self) -> Any:
        try:
            from usearch.index import Index
        except ImportError as error:
            raise FactotumError(
                "The vector index (usearch) can't be loaded on this machine.",
                fix="Install the package usearch for this platform.",
            ) from error
        return Index(ndim=self._size, metric="cos", dtype="f16")
