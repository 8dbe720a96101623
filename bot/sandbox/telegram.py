"""The local Telegram: everything the Bot API and the phone share."""

import asyncio
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.sandbox.bus import Bus
from bot.sandbox.faults import Faults
from bot.sandbox.files import Files
from bot.sandbox.messages import for_phone
from bot.sandbox.store import Row, Store
from bot.sandbox.updates import UpdateQueue
from bot.sandbox.webhook import Webhook

_LOG_SIZE = 5000


@dataclass(frozen=True, slots=True)
class Call:
    """One Bot API call as the log keeps it; ``answer`` is the JSON sent, or None."""

    time: str
    method: str
    parameters: dict[str, Any]
    answer: str | None


class Telegram:
    """The state of one sandbox: one bot, its owner, and whoever else writes to it."""

    def __init__(self, *, store_path: Path, token: str, owner_id: int, owner_name: str) -> None:
        self.token = token
        self.owner_id = owner_id
        self.store = Store(store_path)
        self.bus = Bus()
        self.faults = Faults()
        self.files = Files(self.store)
        self.updates = UpdateQueue(self.store)
        self.webhook = Webhook(self.store, self.updates)
        self.log: deque[Call] = deque(maxlen=_LOG_SIZE)
        self.taps: dict[str, asyncio.Future[str | None]] = {}
        identifier = token.partition(":")[0]
        self.bot: dict[str, Any] = {
            "id": int(identifier) if identifier.isdecimal() else 1,
            "is_bot": True,
            "first_name": self.store.setting("name") or "Factotum",
            "username": "factotum_sandbox_bot",
        }
        self.acquaint(owner_id, owner_name)

    def acquaint(self, user_id: int, name: str) -> dict[str, Any]:
        """Makes a person known, with a private chat of their own, and returns the User."""
        first, _, last = name.partition(" ")
        user: dict[str, Any] = {"id": user_id, "is_bot": False, "first_name": first or "Someone"}
        if last:
            user["last_name"] = last
        chat: dict[str, Any] = {key: user[key] for key in user if key != "is_bot"}
        chat["type"] = "private"
        self.store.put_user({**user, "language_code": "en"})
        self.store.put_chat(chat)
        return {**user, "language_code": "en"}

    def show(self, row: Row | None) -> None:
        """Tells the pages that watch a message's chat how it looks now."""
        if row is not None and self.bus.listening:
            self.bus.publish("message", for_phone(self.store, row), chat_id=row["chat_id"])

    def show_message(self, message_id: int) -> None:
        """As ``show``, by id."""
        if self.bus.listening:
            self.show(self.store.message(message_id))

    def answered(self, query_id: str, text: str | None) -> None:
        """Hands the answer to the tap that waits for it."""
        tap = self.taps.get(query_id)
        if tap is not None and not tap.done():
            tap.set_result(text)

    def commands(self, chat_id: int) -> list[dict[str, Any]]:
        """The commands the menu of a private chat offers."""
        for scope in (f"chat:{chat_id}", "all_private_chats", "default"):
            for language in ("en", ""):
                found = self.store.commands(scope, language)
                if found:
                    return found
        return []

    def profile(self) -> dict[str, Any]:
        """What the page shows of the bot: name, description and commands."""
        return {
            "name": self.bot["first_name"],
            "username": self.bot["username"],
            "description": self.store.setting("description") or "",
            "commands": self.commands(self.owner_id),
        }

    def release(self) -> None:
        """Ends what waits (a poll, the pages), so that a server can stop at once."""
        self.updates.release()
        self.bus.close()
        for tap in self.taps.values():
            if not tap.done():
                tap.set_result(None)

    def close(self) -> None:
        """Stops everything and lets go of the store."""
        self.release()
        self.webhook.stop()
        self.store.close()
