"""The queue of updates, and the one long poll that may wait at it."""

import asyncio
from collections.abc import Callable
from typing import Any

from bot.sandbox.errors import ApiError
from bot.sandbox.store import Store

_OTHER_POLL = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)
_SET_WEBHOOK = "Conflict: terminated by setWebhook request"
_WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
# What a bot must ask for by name.
_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class UpdateQueue:
    """Updates in order, kept until the bot confirms them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: asyncio.Future[None] | None = None
        self.on_push: Callable[[], None] | None = None

    @property
    def waiting(self) -> bool:
        """Whether a poll waits for an update right now."""
        return self._waiting is not None and not self._waiting.done()

    def push(self, kind: str, payload: dict[str, Any]) -> None:
        """Queues an update, unless the bot has said it doesn't want its kind.

        Call ``wake`` once what belongs to it is committed.
        """
        allowed: list[str] = self._store.setting("allowed_updates") or []
        if kind in allowed if allowed else kind not in _ON_REQUEST:
            self._store.add_update(kind, {kind: payload})

    def wake(self) -> None:
        """Lets a waiting poll, or the webhook, look again."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
        if self.on_push is not None:
            self.on_push()

    def allow(self, kinds: Any) -> None:
        """Remembers the kinds of update a bot asked for; None leaves them as they are."""
        if isinstance(kinds, list):
            self._store.set_setting("allowed_updates", kinds)

    def interrupt(self) -> None:
        """Ends a waiting poll because a webhook was set."""
        self._fail(_SET_WEBHOOK)

    def release(self) -> None:
        """Ends a waiting poll with an empty answer, so that a server can stop."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _fail(self, reason: str) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ApiError(409, reason))

    async def poll(self, *, offset: int, limit: int, timeout: float) -> str:
        """The updates from ``offset`` on, as a JSON array; waits up to ``timeout`` seconds.

        Raises ``ApiError`` 409 where a webhook is set, or another poll took this one's place.
        """
        if self._store.setting("webhook"):
            raise ApiError(409, _WEBHOOK_ACTIVE)
        self._fail(_OTHER_POLL)
        if offset > 0:
            self._store.confirm_updates(offset)
        elif offset < 0:
            self._store.keep_last_updates(-offset)
        answer = self._pending(limit)
        if answer != "[]" or timeout <= 0:
            return answer
        waiting = asyncio.get_running_loop().create_future()
        self._waiting = waiting
        try:
            await asyncio.wait_for(waiting, timeout)
        except TimeoutError:
            return "[]"
        finally:
            if self._waiting is waiting:
                self._waiting = None
        return self._pending(limit)

    def _pending(self, limit: int) -> str:
        return "[" + ",".join(update_json(row) for row in self._store.updates(limit)) + "]"


def update_json(row: Any) -> str:
    """One stored update as it goes over the wire, without decoding it first."""
    return f'{{"update_id":{row["update_id"]},{row["body"][1:]}'
