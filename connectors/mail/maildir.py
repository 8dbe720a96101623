"""A Maildir that files each message under its operation token."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors import durable
from connectors.mail.transport import Envelope
from core.actions import Health
from core.errors import FactotumError

_HOST = "factotum"
"""The host part of a Maildir name; the part before it is the token."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A message in the box: its token, where it lies and its time (seconds since 1970)."""

    token: str
    path: Path
    at: float


class Maildir:
    """``tmp``, ``new`` and ``cur`` below ``root``, as any mail program reads them.

    ``outgoing`` beside them holds messages on their way out: handed to a server that has not
    answered yet. A message gets from there to ``cur`` by one rename.
    """

    def __init__(self, *, root: Path) -> None:
        self.root = root
        self._outgoing = root / "outgoing"

    def prepare(self) -> None:
        """Makes the folders. Raises FactotumError where that fails."""
        try:
            for name in ("tmp", "new", "cur", "outgoing"):
                (self.root / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise durable.storage_error(error, self.root) from error

    def file(self, token: str, content: bytes, at: datetime) -> None:
        """Files ``content`` as sent under ``token``; keeps what is there already."""
        self.prepare()
        if self.find(token) is None:
            path = self.root / "cur" / self._name(token)
            if durable.create(path, content, temporary_folder=self.root / "tmp"):
                os.utime(path, (at.timestamp(), at.timestamp()))

    def find(self, token: str) -> bytes | None:
        """The filed message of ``token``. A mail program may have moved or flagged it."""
        usual = self.root / "cur" / self._name(token)
        if usual.exists():
            return usual.read_bytes()
        wanted = f"{durable.token_key(token)}.{_HOST}"
        for filed in self._walk():
            if filed.path.name.partition(":")[0] == wanted:
                return filed.path.read_bytes()
        return None

    def newest(self, limit: int) -> list[Filed]:
        """The ``limit`` newest messages, newest first."""
        return sorted(self._walk(), key=lambda filed: (-filed.at, filed.token))[:limit]

    def begin(self, token: str, content: bytes) -> bool:
        """Notes durably that ``content`` is being handed over; false where it is already."""
        self.prepare()
        return durable.create(self._marker(token), content, temporary_folder=self.root / "tmp")

    def under_way(self, token: str) -> bool:
        """Whether a handing over of ``token`` began and its end is not known."""
        return self._marker(token).exists()

    def abandon(self, token: str) -> None:
        """Notes that the server certainly did not take the message."""
        durable.remove(self._marker(token))

    def complete(self, token: str, at: datetime) -> None:
        """Notes that the server took the message: it moves from ``outgoing`` to ``cur``."""
        marker = self._marker(token)
        os.utime(marker, (at.timestamp(), at.timestamp()))
        durable.move(marker, self.root / "cur" / self._name(token))

    def health(self, detail: str) -> Health:
        """Whether the folder can be written to."""
        return durable.folder_health("mail", self.root, detail)

    def _marker(self, token: str) -> Path:
        return self._outgoing / f"{durable.token_key(token)}.eml"

    def _name(self, token: str) -> str:
        return f"{durable.token_key(token)}.{_HOST}:2,S"

    def _walk(self) -> Iterator[Filed]:
        for folder in ("new", "cur"):
            try:
                entries = list(os.scandir(self.root / folder))
            except FileNotFoundError:
                continue
            for entry in entries:
                if not entry.name.startswith(".") and entry.is_file():
                    token = entry.name.partition(":")[0].removesuffix(f".{_HOST}")
                    yield Filed(token, Path(entry.path), entry.stat().st_mtime)


class MaildirTransport:
    """The local default: mail is "sent" into a Maildir on this machine and stays there."""

    leaves_the_house = False

    def __init__(self, *, maildir: Maildir) -> None:
        self.maildir = maildir

    async def deliver(self, envelope: Envelope) -> bytes:
        """Files the message, once per token."""
        await asyncio.to_thread(self.maildir.file, envelope.token, envelope.content, envelope.at)
        filed = await self.delivered(envelope.token)
        if filed is None:
            raise FactotumError(
                "The mail vanished from the local mailbox right after it was put there.",
                fix=f"Check what else writes to {self.maildir.root}.",
                ambiguous=True,
            )
        return filed

    async def delivered(self, token: str) -> bytes | None:
        """The filed message, or None; a Maildir can always tell."""
        return await asyncio.to_thread(self.maildir.find, token)

    async def ping(self) -> Health:
        """Whether the Maildir can be written to."""
        detail = f"Mail stays on this machine, in {self.maildir.root}: no mail server is set."
        return await asyncio.to_thread(self.maildir.health, detail)
