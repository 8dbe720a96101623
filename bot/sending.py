"""The calls to Telegram that a letter becomes, with python-telegram-bot."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import structlog
from telegram import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup, InputFile
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.outgoing import Button, Outgoing
from bot.splitting import plain, split, visible
from core import outbox
from core.outbox import Letter
from core.storage.database import Database

log: Any = structlog.get_logger()

CAPTION_LIMIT = 1024
"""UTF-16 units that a caption holds after its entities are parsed."""


def _markup(message: Outgoing) -> InlineKeyboardMarkup | ForceReply | None:
    if message.placeholder:
        return ForceReply(input_field_placeholder=message.placeholder[:64])
    if not message.buttons:
        return None
    return InlineKeyboardMarkup([[_button(button) for button in row] for row in message.buttons])


def _button(button: Button) -> InlineKeyboardButton:
    style = {"style": button.style} if button.style else None
    return InlineKeyboardButton(button.text, callback_data=button.data, api_kwargs=style)


class Sender:
    """Sends one letter at a time; a long one is taken up where it broke off."""

    def __init__(self, *, database: Database, bot: ExtBot[Any]) -> None:
        self._db = database
        self._bot = bot
        self._parts: dict[int, int] = {}
        """How many parts of a long letter have arrived, while the rest is still to go."""

    def forget(self, letter_id: int) -> None:
        """Nothing more is to come of this letter."""
        self._parts.pop(letter_id, None)

    async def send(self, letter: Letter) -> int | None:
        """Sends or edits; returns the message's id. Raises TelegramError and OSError."""
        if letter.kind == "pin":
            return await self._pin(letter)
        message = Outgoing.load(letter.payload)
        match letter.kind:
            case "edit":
                return await self._edit(letter, message)
            case "document" | "photo":
                return await self._send_file(letter, message)
            case _:
                return await self._send_text(letter, message)

    async def _formatted(
        self, html: str, send: Callable[..., Awaitable[Any]], field: Literal["text", "caption"]
    ) -> Any:
        """Hands ``html`` to ``send``, or its bare words where Telegram can't read it."""
        try:
            return await send(**{field: html}, parse_mode="HTML")
        except BadRequest as error:
            if "parse entities" not in str(error):
                raise
            log.error("sent_plain", error=str(error))
            return await send(**{field: plain(html)})

    async def _send_text(self, letter: Letter, message: Outgoing) -> int | None:
        """Sends the parts that have not arrived yet; returns the id of the last one."""
        parts = split(message.html)
        sent: int | None = None
        for place, part in enumerate(parts, 1):
            if place <= self._parts.get(letter.id, 0):
                continue  # this part had arrived when another one failed
            last = place == len(parts)
            send = partial(
                self._bot.send_message,
                letter.chat_id,
                reply_markup=_markup(message) if last else None,
                disable_notification=message.silent or not last,
            )
            sent = (await self._formatted(part, send, "text")).message_id
            self._parts[letter.id] = place
        return sent

    async def _send_file(self, letter: Letter, message: Outgoing) -> int:
        path = Path(message.file or "")
        content = (
            await asyncio.to_thread(path.read_bytes)
            if message.content is None
            else message.content.encode()
        )
        caption = message.html
        if visible(caption) > CAPTION_LIMIT:  # words that are too many go ahead of the file
            await self._send_text(
                letter, replace(message, buttons=(), placeholder=None, silent=True)
            )
            caption = ""
        send = partial(
            self._bot.send_photo if letter.kind == "photo" else self._bot.send_document,
            letter.chat_id,
            InputFile(content, filename=message.name or path.name),
            reply_markup=_markup(message),
            disable_notification=message.silent,
        )
        return (await self._formatted(caption, send, "caption")).message_id

    async def _pin(self, letter: Letter) -> None:
        """Pins a letter, without a sound, in place of the one that was pinned before it."""
        async with self._db.read() as connection:
            there = await outbox.load(connection, letter.edit_of or 0)
            before = await outbox.load(connection, letter.payload.get("before") or 0)
        if there and there.message_id:
            await self._bot.pin_chat_message(
                letter.chat_id, there.message_id, disable_notification=True
            )
        if before and before.message_id:
            try:
                await self._bot.unpin_chat_message(letter.chat_id, before.message_id)
            except BadRequest as error:  # the operator took it off already
                log.info("not_unpinned", error=str(error))

    async def _edit(self, letter: Letter, message: Outgoing) -> int | None:
        async with self._db.read() as connection:
            original = await outbox.load(connection, letter.edit_of or 0)
        if original is not None and original.kind in ("document", "photo"):
            return await self._edit_caption(original, message)
        if original is None or original.message_id is None:
            # What should be edited never arrived for certain: the newer state is said anew.
            return await self._send_text(letter, message)
        first, *rest = split(message.html)
        markup = _markup(message)
        change = partial(
            self._bot.edit_message_text,
            chat_id=letter.chat_id,
            message_id=original.message_id,
            # An edit can't ask for a reply, and buttons belong under the last part.
            reply_markup=markup if isinstance(markup, InlineKeyboardMarkup) and not rest else None,
        )
        try:
            await self._formatted(first, change, "text")
        except BadRequest as error:
            if _is_gone(error):
                return await self._send_text(letter, message)
            if not _is_so_already(error):
                raise
        if not rest:
            return None
        self._parts.setdefault(letter.id, 1)  # what doesn't fit into the edit follows it
        return await self._send_text(letter, message)

    async def _edit_caption(self, original: Letter, message: Outgoing) -> None:
        """Says below a file what has become of it; not where the file isn't there."""
        if original.message_id is None:
            return
        markup = _markup(message)
        change = partial(
            self._bot.edit_message_caption,
            chat_id=original.chat_id,
            message_id=original.message_id,
            reply_markup=markup if isinstance(markup, InlineKeyboardMarkup) else None,
        )
        try:
            await self._formatted(message.html, change, "caption")
        except BadRequest as error:
            if not _is_gone(error) and not _is_so_already(error):
                raise


def _is_gone(error: BadRequest) -> bool:
    text = str(error).casefold()
    return "message to edit not found" in text or "can't be edited" in text


def _is_so_already(error: BadRequest) -> bool:
    return "not modified" in str(error).casefold()
