"""What people do on their phones: write, send files, tap, edit, block."""

import asyncio
import json
import secrets
from typing import Any

from bot.sandbox.files import Kind, Upload, shape
from bot.sandbox.markup import DATA_LIMIT, callbacks
from bot.sandbox.messages import for_bot
from bot.sandbox.richtext import split, typed
from bot.sandbox.store import Row
from bot.sandbox.telegram import Telegram

ANSWER_WITHIN_S = 10.0


class PhoneError(Exception):
    """What a person's client refuses, with the HTTP status the phone's API answers."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class People:
    """Acts for the owner, and for strangers made up on the fly."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self._store = telegram.store

    def say(
        self,
        *,
        text: str,
        user_id: int,
        chat_id: int | None = None,
        reply_to: int | None = None,
        forwarded_from: str | None = None,
    ) -> int:
        """Writes ``text``, in as many messages as it takes; returns the last one's id.

        Raises ``PhoneError`` 400 for an empty text, or a reply to what isn't in the chat.
        """
        parts = split(text)
        if not parts:
            raise PhoneError(400, "the message is empty")
        user, chat = self._place(user_id, chat_id, reply_to)
        extra = self._forwarded(forwarded_from)
        message_id = 0
        for part in parts:
            message_id = self._write(user, chat, typed(part).fields() | extra, reply_to)
        return message_id

    async def send_file(
        self, *, upload: Upload, kind: Kind, caption: str, user_id: int, reply_to: int | None
    ) -> int:
        """Sends a file; raises ``ApiError`` 400 for an empty one or a broken photo."""
        user, chat = self._place(user_id, None, reply_to)
        row = await self._telegram.files.keep(upload, kind)
        fields = shape(row) | typed(caption).fields(caption=True)
        return self._write(user, chat, fields, reply_to)

    async def tap(self, *, message_id: int, button: str, user_id: int) -> str | None:
        """Taps a button by its label or its data, and returns the answer's text.

        A button the message had once is tapped as by a client that didn't refresh; a string
        without spaces that no button ever carried is sent as data made by hand. None when
        the bot answered without a text, or not at all in ten seconds. Raises ``PhoneError``
        404 where there is no such message or button.
        """
        row = self._store.message(message_id)
        if row is None:
            raise PhoneError(404, "there is no such message")
        data = _data_behind(row, button)
        if data is None:
            return None
        user = self._known(user_id)
        query_id = str(secrets.randbelow(1 << 62) + (1 << 61))
        query = {
            "id": query_id,
            "from": user,
            "message": for_bot(self._store, row),
            "chat_instance": str(hash((self._telegram.bot["id"], row["chat_id"]))),
            "data": data,
        }
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._telegram.taps[query_id] = answer
        with self._store.transaction():
            self._store.add_callback(query_id, message_id, user_id)
            self._telegram.updates.push("callback_query", query)
        self._telegram.updates.wake()
        try:
            return await asyncio.wait_for(answer, ANSWER_WITHIN_S)
        except TimeoutError:
            return None
        finally:
            del self._telegram.taps[query_id]

    def edit(self, *, message_id: int, text: str) -> None:
        """Edits a message a person wrote."""
        row = self._store.message(message_id)
        if row is None or row["outgoing"]:
            raise PhoneError(404, "there is no such message of a person")
        body = json.loads(row["body"])
        if "text" not in body or not text.strip():
            raise PhoneError(400, "only a text can be edited, to another text")
        body.pop("entities", None)
        with self._store.transaction():
            self._store.edit_message(message_id, body | typed(text).fields(), [])
            edited = self._store.message(message_id)
            if edited is not None:
                self._telegram.updates.push("edited_message", for_bot(self._store, edited))
        self._telegram.updates.wake()
        self._telegram.show_message(message_id)

    def block(self, *, user_id: int, blocked: bool) -> None:
        """Blocks the bot for a person, or lets it in again."""
        user = self._known(user_id)
        with self._store.transaction():
            self._store.set_blocked(user_id, blocked)
            before, after = ("member", "kicked") if blocked else ("kicked", "member")
            self._member_update(user, self._store.chat(user_id) or {}, before, after)
        self._telegram.updates.wake()

    def _place(
        self, user_id: int, chat_id: int | None, reply_to: int | None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        user = self._known(user_id)
        if chat_id is None or chat_id == user_id:
            chat = self._store.chat(user_id)
        elif chat_id < 0:
            chat = self._group(chat_id, user)
        else:
            raise PhoneError(400, "a chat_id is a group's, below zero")
        if chat is None:
            raise PhoneError(400, "there is no such chat")
        if self._store.blocked(chat["id"]):
            raise PhoneError(400, "the bot is blocked; unblock it to write")
        if reply_to is not None:
            row = self._store.message(reply_to)
            if row is None or row["chat_id"] != chat["id"]:
                raise PhoneError(400, "the message replied to is not in this chat")
        return user, chat

    def _known(self, user_id: int) -> dict[str, Any]:
        if not 0 < user_id < 1 << 52:
            raise PhoneError(400, "a user_id is a positive number")
        return self._store.user(user_id) or self._telegram.acquaint(user_id, f"Stranger {user_id}")

    def _group(self, chat_id: int, user: dict[str, Any]) -> dict[str, Any]:
        """A group, the bot being added to it where it is new."""
        chat = self._store.chat(chat_id)
        if chat is None:
            chat = {"id": chat_id, "type": "group", "title": f"Group {-chat_id}"}
            with self._store.transaction():
                self._store.put_chat(chat)
                self._member_update(user, chat, "left", "member")
        return chat

    def _member_update(
        self, user: dict[str, Any], chat: dict[str, Any], before: str, after: str
    ) -> None:
        def member(status: str) -> dict[str, Any]:
            known: dict[str, Any] = {"user": self._telegram.bot, "status": status}
            return known | {"until_date": 0} if status == "kicked" else known

        self._telegram.updates.push(
            "my_chat_member",
            {
                "chat": chat,
                "from": user,
                "date": int(self._store.now()),
                "old_chat_member": member(before),
                "new_chat_member": member(after),
            },
        )

    def _forwarded(self, name: str | None) -> dict[str, Any]:
        if not name:
            return {}
        origin = {
            "type": "hidden_user",
            "sender_user_name": name,
            "date": int(self._store.now()),
        }
        return {"forward_origin": origin}

    def _write(
        self,
        user: dict[str, Any],
        chat: dict[str, Any],
        fields: dict[str, Any],
        reply_to: int | None,
    ) -> int:
        with self._store.transaction():
            message_id = self._store.add_message(
                chat_id=chat["id"],
                outgoing=False,
                body={"from": user, "chat": chat, **fields},
                reply_to=reply_to,
                keyboard=None,
                callbacks=(),
            )
            row = self._store.message(message_id)
            if row is None:
                raise RuntimeError("a message vanished while it was written")
            self._telegram.updates.push("message", for_bot(self._store, row))
        self._telegram.updates.wake()
        self._telegram.show(row)
        return message_id


def _data_behind(row: Row, button: str) -> str | None:
    """The callback data a tap sends; None for a button that sends none, as a link."""
    inline = json.loads(row["body"]).get("reply_markup")
    now = callbacks(inline)
    for label, data in now:
        if button == label:
            return data
    if any(button == data for _, data in now):
        return button
    labels = [
        each["text"]
        for line in (inline or {"inline_keyboard": []})["inline_keyboard"]
        for each in line
    ]
    if button in labels:
        return None
    once = json.loads(row["callbacks"])
    for label, data in reversed(once):
        if button in (label, data):
            return data
    if button and len(button.encode()) <= DATA_LIMIT and not any(map(str.isspace, button)):
        return button
    raise PhoneError(404, "the message has no such button")
