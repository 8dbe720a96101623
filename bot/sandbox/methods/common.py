"""What several methods need: the chat meant, the message meant, the text meant."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.arguments import Arguments
from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.markup import Markup, parse_markup
from bot.sandbox.richtext import CAPTION_LIMIT, TEXT_LIMIT, RichText, from_request
from bot.sandbox.store import Row
from bot.sandbox.telegram import Telegram

Method = Callable[[Telegram, Arguments], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class RawJson:
    """A result that is JSON already."""

    text: str


def chat_of(telegram: Telegram, arguments: Arguments) -> dict[str, Any]:
    """The chat a method is meant for.

    Raises ``ApiError`` 400 where there is none, 403 where the person blocked the bot.
    """
    given = arguments.text("chat_id").strip()
    if not given:
        raise bad_request("chat_id is empty")
    try:
        chat_id = int(given)
    except ValueError:
        raise bad_request("chat not found") from None
    chat = telegram.store.chat(chat_id) if abs(chat_id) < 1 << 62 else None
    if chat is None:
        raise bad_request("chat not found")
    if telegram.store.blocked(chat_id):
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    return chat


def message_of(
    telegram: Telegram, arguments: Arguments, what: str, *, name: str = "message_id"
) -> Row:
    """The message a method is meant for; ``what`` completes "... not found"."""
    chat = chat_of(telegram, arguments)
    row = find(telegram, chat["id"], arguments.integer(name))
    if row is None:
        raise bad_request(f"{what} not found")
    return row


def find(telegram: Telegram, chat_id: int, message_id: int) -> Row | None:
    """A message by its id, where it is in that chat."""
    if not 0 < message_id < 1 << 62:
        return None
    row = telegram.store.message(message_id)
    return row if row is not None and row["chat_id"] == chat_id else None


def text_from(arguments: Arguments) -> RichText:
    """The ``text`` of a request, checked for emptiness and length."""
    raw = arguments.text("text")
    if not raw:
        raise bad_request("Message text is empty")
    entities = arguments.json("entities", "entities")
    rich = from_request(raw, arguments.text("parse_mode"), entities)
    if not rich.text:
        raise bad_request("Text must be non-empty")
    if len(rich) > TEXT_LIMIT:
        raise bad_request("Message is too long")
    return rich


def caption_from(arguments: Arguments) -> RichText:
    """The ``caption`` of a request, checked for length; it may be empty."""
    entities = arguments.json("caption_entities", "entities")
    rich = from_request(arguments.text("caption"), arguments.text("parse_mode"), entities)
    if len(rich) > CAPTION_LIMIT:
        raise bad_request("Message caption is too long")
    return rich


def markup_from(arguments: Arguments) -> Markup:
    """The ``reply_markup`` of a request."""
    return parse_markup(arguments.json("reply_markup", "reply keyboard markup"))


def body_of(row: Row) -> dict[str, Any]:
    """The content of a stored message."""
    body: dict[str, Any] = json.loads(row["body"])
    return body
