"""The outside world beside the phone: mail, calendar, files and the ledger as they change."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bot.sandbox.bus import Bus

WorldReader = Callable[[], Awaitable[dict[str, Any]]]
WorldFile = Callable[[str], Path | None]

_LOOK_EVERY_S = 1.0
_log = logging.getLogger(__name__)
_EMPTY: dict[str, Any] = {"mail": [], "calendar": [], "files": [], "invoices": []}


class World:
    """Reads the world through ``reader``, and looks at it only while a page is open."""

    def __init__(self, bus: Bus, reader: WorldReader | None, file: WorldFile | None) -> None:
        self._bus = bus
        self._reader = reader
        self._file = file
        self._seen = ""
        self._task: asyncio.Task[None] | None = None

    async def read(self) -> dict[str, Any]:
        """The world as it is now; empty where nobody tells."""
        return _EMPTY | (await self._reader() if self._reader is not None else {})

    def file(self, path: str) -> Path | None:
        """Where a file of the world lies, or None where there is no such file."""
        return None if self._file is None else self._file(path)

    def start(self) -> None:
        """Begins watching."""
        if self._reader is not None:
            self._task = asyncio.create_task(self._watch())

    def stop(self) -> None:
        """Stops watching."""
        if self._task is not None:
            self._task.cancel()

    async def _watch(self) -> None:
        while True:
            if not self._bus.listening:
                self._bus.changed.clear()
                await self._bus.changed.wait()
            # Whatever goes wrong while looking must not end the watch; the next look may do.
            (world,) = await asyncio.gather(self.read(), return_exceptions=True)
            if isinstance(world, BaseException):
                _log.warning("The outside world could not be read: %r", world)
            else:
                self._tell(world)
            await asyncio.sleep(_LOOK_EVERY_S)

    def _tell(self, world: dict[str, Any]) -> None:
        fingerprint = hashlib.sha256(json.dumps(world, sort_keys=True).encode()).hexdigest()
        if fingerprint != self._seen:
            self._seen = fingerprint
            self._bus.publish("world", world)
