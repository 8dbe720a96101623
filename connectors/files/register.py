"""Which token kept which file: a small SQLite register inside the folder.

The register reserves a path before the file is written, so that a crash in between neither
loses the reservation nor lets a second file take the name.
"""

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (
    token TEXT PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    trashed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS kept_sha256 ON kept (sha256);
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One kept file: the token, its path below the root, size in bytes, SHA-256 in hex."""

    token: str
    path: str
    size: int
    sha256: str
    trashed: bool


class Register:
    """The register at ``path``. Each call opens its own connection: any thread may call."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, token: str) -> Entry | None:
        """What ``token`` kept or reserved."""
        with self._open() as connection:
            return _entry(
                connection.execute(
                    "SELECT token, path, size, sha256, trashed FROM kept WHERE token = ?", (token,)
                )
            )

    def by_sha256(self, sha256: str) -> Entry | None:
        """A file with this content that is not in the trash."""
        with self._open() as connection:
            return _entry(
                connection.execute(
                    "SELECT token, path, size, sha256, trashed FROM kept"
                    " WHERE sha256 = ? AND NOT trashed ORDER BY rowid LIMIT 1",
                    (sha256,),
                )
            )

    def reserve(self, entry: Entry, root: Path, candidates: Iterator[str]) -> Entry:
        """Reserves the first free path for ``entry.token``, or returns what it has already."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            found = _entry(
                connection.execute(
                    "SELECT token, path, size, sha256, trashed FROM kept WHERE token = ?",
                    (entry.token,),
                )
            )
            if found is not None:
                connection.execute("ROLLBACK")
                return found
            for path in candidates:
                taken = connection.execute("SELECT 1 FROM kept WHERE path = ?", (path,)).fetchone()
                if taken is None and not (root / path).exists():
                    break
            else:
                raise AssertionError("candidates are endless")
            connection.execute(
                "INSERT INTO kept (token, path, size, sha256) VALUES (?, ?, ?, ?)",
                (entry.token, path, entry.size, entry.sha256),
            )
            connection.execute("COMMIT")
            return Entry(entry.token, path, entry.size, entry.sha256, trashed=False)

    def mark_trashed(self, token: str) -> None:
        """Notes that the file of ``token`` is in the trash."""
        with self._open() as connection:
            connection.execute("UPDATE kept SET trashed = 1 WHERE token = ?", (token,))

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=10, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.executescript(_SCHEMA)
            yield connection


def _entry(cursor: sqlite3.Cursor) -> Entry | None:
    row = cursor.fetchone()
    return None if row is None else Entry(row[0], row[1], row[2], row[3], bool(row[4]))
