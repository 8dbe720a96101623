"""Tells connected pages what changed."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Literal

EventName = Literal["hello", "message", "deleted", "typing", "answer", "profile", "world"]

# A page that falls this far behind is better off starting over.
_BACKLOG = 500
_HEARTBEAT_S = 20.0


class Bus:
    """Fans events out to the pages that listen, each watching one chat."""

    def __init__(self) -> None:
        self._listeners: dict[asyncio.Queue[bytes | None], int] = {}
        self.changed = asyncio.Event()

    @property
    def listening(self) -> bool:
        """Whether any page is connected."""
        return bool(self._listeners)

    def publish(self, name: EventName, data: Any, *, chat_id: int | None = None) -> None:
        """Sends an event to the pages that watch ``chat_id``, or to all of them."""
        if not self._listeners:
            return
        event = _encode(name, data)
        for queue, watched in list(self._listeners.items()):
            if chat_id is not None and chat_id != watched:
                continue
            try:
                queue.put_nowait(event)
            except asyncio.QueueFull:
                self._end(queue)

    def close(self) -> None:
        """Ends every stream, so that a server can stop without waiting for the pages."""
        for queue in list(self._listeners):
            self._end(queue)

    def _end(self, queue: asyncio.Queue[bytes | None]) -> None:
        self._listeners.pop(queue, None)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)

    async def stream(self, chat_id: int) -> AsyncIterator[bytes]:
        """Server-sent events for one page until it goes or the bus closes."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(_BACKLOG)
        self._listeners[queue] = chat_id
        self.changed.set()
        try:
            yield _encode("hello", {})
            while True:
                try:
                    event = await asyncio.wait_for(queue.get(), _HEARTBEAT_S)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if event is None:
                    return
                yield event
        finally:
            self._listeners.pop(queue, None)


def _encode(name: EventName, data: Any) -> bytes:
    payload = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"event: {name}\ndata: {payload}\n\n".encode()
