"""Whether anything was committed to an SQLite file: asked without a statement or a transaction."""

import sqlite3
from contextlib import suppress
from pathlib import Path


class Changes:
    """Watches one file for commits of any process. Asking takes microseconds and blocks nobody."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None

    def any(self) -> bool:
        """Whether anything was committed since the last time; True where that can't be told."""
        try:
            if self._connection is None:
                # Of its own: the number tells only what other connections have committed.
                self._connection = sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True)
            version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:
            self.close()
            return True
        changed = version != self._version
        self._version = version
        return changed

    def close(self) -> None:
        """Lets go of the file."""
        with suppress(sqlite3.Error):
            if self._connection is not None:
                self._connection.close()
        self._connection = self._version = None
