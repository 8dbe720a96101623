"""Telegram's messages and taps, turned into what the inbox keeps."""

from typing import Any

from aiogram.types import CallbackQuery, Message

from core import inbox
from core.inbox import Arrived

_MEDIA = ("photo", "voice", "document", "audio", "video", "video_note", "animation", "sticker")


def message(update_id: int, said: Message) -> Arrived:
    """A message as it is kept."""
    text = said.text or said.caption or ""
    data: dict[str, Any] = {}
    if said.forward_origin is not None:
        data |= {"forwarded": True} | _origin(said)
    media = next((name for name in _MEDIA if getattr(said, name, None)), None)
    if media:
        found: Any = getattr(said, media)
        file = found[-1] if isinstance(found, list) else found
        data |= {
            "media": media,
            "file_id": file.file_id,
            "size": getattr(file, "file_size", None),
            "name": getattr(file, "file_name", None),
            "mime": getattr(file, "mime_type", None),
        }
    if said.via_bot is not None:
        data["forwarded"] = True  # words of another bot, not of the operator
    if media:
        kind: inbox.Kind = "file"
    elif text.startswith("/") and "forwarded" not in data:
        kind = "command"
    else:
        kind = "text" if text else "other"
    return Arrived(
        update_id=update_id,
        kind=kind,
        user_id=said.from_user.id if said.from_user else None,
        chat_id=said.chat.id,
        message_id=said.message_id,
        reply_to=said.reply_to_message.message_id if said.reply_to_message else None,
        text=text,
        data=data,
    )


def _origin(said: Message) -> dict[str, Any]:
    """Whom a message was forwarded from, where Telegram tells, and whether that is its sender."""
    user = getattr(said.forward_origin, "sender_user", None)
    name = user.full_name if user else getattr(said.forward_origin, "sender_user_name", None)
    own = user is not None and said.from_user is not None and user.id == said.from_user.id
    return ({"from": name} if name else {}) | ({"own": True} if own else {})


def buttons(said: Message) -> list[str]:
    """What the buttons under a message carry."""
    rows = said.reply_markup.inline_keyboard if said.reply_markup else []
    return [button.callback_data for row in rows for button in row if button.callback_data]


def tap(update_id: int, query: CallbackQuery) -> Arrived:
    """A tap on a button as it is kept."""
    return Arrived(
        update_id=update_id,
        kind="tap",
        user_id=query.from_user.id,
        chat_id=query.message.chat.id if query.message else None,
        message_id=query.message.message_id if query.message else None,
        data={"callback_id": query.id, "data": query.data or ""},
    )
