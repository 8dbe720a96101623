"""A folder of files that never overwrites and remembers which effect kept what."""

import asyncio
import hashlib
import itertools
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from connectors import durable
from connectors.files.names import numbered, safe_name
from connectors.files.register import Entry, Register
from core.actions import Health
from core.errors import FactotumError

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the store. ``path`` is relative to the root, with slashes; ``size`` in bytes."""

    path: str
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as the folder shows it; ``modified`` in UTC."""

    path: str
    name: str
    size: int
    modified: datetime


class Files:
    """The folder ``root``. Its hidden ``.factotum`` folder holds register, trash and staging."""

    def __init__(self, *, root: Path) -> None:
        self.root = root
        self._hidden = root / ".factotum"
        self._register = Register(self._hidden / "register.sqlite3")

    async def keep(self, name: str, data: bytes, *, token: str, folder: str = "") -> Kept:
        """Keeps ``data`` under a harmless form of ``name``, once per ``token``.

        A taken name gets " (2)". The same token again returns what was kept the first time.
        Raises FactotumError where the disk refuses, or where the token kept other content.
        """
        return await asyncio.to_thread(self._keep, name, data, token, folder)

    def _keep(self, name: str, data: bytes, token: str, folder: str) -> Kept:
        prefix = f"{safe_name(folder)}/" if folder else ""
        safe = safe_name(name)
        sha256 = hashlib.sha256(data).hexdigest()
        wanted = Entry(token, f"{prefix}{safe}", len(data), sha256, trashed=False)
        candidates = (f"{prefix}{numbered(safe, n)}" for n in itertools.count(1))
        try:
            entry = self._register.reserve(wanted, self.root, candidates)
        except (sqlite3.Error, OSError) as error:
            raise self._unusable(error) from error
        if entry.sha256 != sha256:
            raise FactotumError(f"Something else was kept already as {entry.path!r}.")
        if not entry.trashed:
            durable.create(
                self.root / entry.path, data, temporary_folder=self._hidden / "temporary"
            )
        return _kept(entry)

    async def find(self, token: str) -> Kept | None:
        """What ``token`` has kept completely, in the trash or not; None where nothing."""
        return await asyncio.to_thread(self._find, token)

    def _find(self, token: str) -> Kept | None:
        try:
            entry = self._register.find(token)
        except (sqlite3.Error, OSError) as error:
            raise self._unusable(error) from error
        if entry is None or not (entry.trashed or (self.root / entry.path).exists()):
            return None
        return _kept(entry)

    async def trash(self, token: str) -> Kept | None:
        """Moves what ``token`` kept to the trash; calling it again changes nothing."""
        return await asyncio.to_thread(self._trash, token)

    def _trash(self, token: str) -> Kept | None:
        kept = self._find(token)
        if kept is None:
            return None
        source = self.root / kept.path
        if source.exists():
            target = self._hidden / "trash" / durable.token_key(token) / kept.name
            durable.move(source, target)
        self._register.mark_trashed(token)
        return kept

    async def by_sha256(self, sha256: str) -> Kept | None:
        """A kept file with this content, where there is one."""
        entry = await asyncio.to_thread(self._register.by_sha256, sha256)
        return None if entry is None else _kept(entry)

    async def read(self, path: str) -> bytes:
        """The content of the file at ``path`` (relative to the root).

        Raises FactotumError where it is not there or leads out of the folder.
        """
        return await asyncio.to_thread(self._read, path)

    def _read(self, path: str) -> bytes:
        inside = self.locate(path)
        try:
            return inside.read_bytes()
        except (FileNotFoundError, IsADirectoryError):
            raise FactotumError(f"There is no file {path!r} in the files folder.") from None
        except OSError as error:
            raise durable.storage_error(error, self.root) from error

    def locate(self, path: str) -> Path:
        """The absolute path of a file in the store. Raises FactotumError outside of it."""
        full = (self.root / path).resolve()
        if "\0" in path or not full.is_relative_to(self.root.resolve()):
            raise FactotumError(f"The path {path!r} leads out of the files folder.")
        if full.is_relative_to(self._hidden.resolve()):
            raise FactotumError(f"There is no file {path!r} in the files folder.")
        return full

    async def list(self) -> tuple[Listed, ...]:
        """All files, newest first, without hidden ones."""
        return await asyncio.to_thread(lambda: tuple(sorted(self._walk(), key=_newest_first)))

    def _walk(self) -> Iterator[Listed]:
        for path in self.root.rglob("*"):
            relative = path.relative_to(self.root)
            if any(part.startswith(".") for part in relative.parts) or not path.is_file():
                continue
            stat = path.stat()
            modified = datetime.fromtimestamp(stat.st_mtime, UTC)
            yield Listed(relative.as_posix(), path.name, stat.st_size, modified)

    async def stage(self, data: bytes) -> str:
        """Puts ``data`` aside for a ``files.keep`` to come and returns its SHA-256 in hex."""
        sha256 = hashlib.sha256(data).hexdigest()
        await asyncio.to_thread(durable.create, self._hidden / "staged" / sha256, data)
        return sha256

    async def staged(self, sha256: str) -> bytes:
        """What was staged. Raises FactotumError where it is not there any more."""
        if not _SHA256.match(sha256):
            raise FactotumError(f"{sha256!r} is not a SHA-256 in hex.")
        path = self._hidden / "staged" / sha256
        try:
            return await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            kept = await self.by_sha256(sha256)
            if kept is None:
                raise FactotumError(
                    "The file to keep is not there any more.", fix="Send it again."
                ) from None
            return await self.read(kept.path)

    async def unstage(self, sha256: str) -> None:
        """Forgets what was staged, once it is kept."""
        await asyncio.to_thread(durable.remove, self._hidden / "staged" / sha256)

    async def ping(self) -> Health:
        """Whether the folder can be written to."""
        return await asyncio.to_thread(
            durable.folder_health, "files", self.root, f"Files are kept in {self.root}."
        )

    def _unusable(self, error: Exception) -> FactotumError:
        if isinstance(error, OSError):
            return durable.storage_error(error, self.root)
        return FactotumError(
            f"The register of the files folder {self.root} can't be used ({error}).",
            fix="Check the disk and that Factotum may write there.",
            permanent=False,
        )


def _kept(entry: Entry) -> Kept:
    return Kept(entry.path, PurePosixPath(entry.path).name, entry.size, entry.sha256)


def _newest_first(file: Listed) -> tuple[float, str]:
    return -file.modified.timestamp(), file.path
