"""Methods that change or remove what is in a chat."""

import json
from typing import Any

from bot.sandbox.arguments import Arguments
from bot.sandbox.errors import bad_request
from bot.sandbox.files import shape
from bot.sandbox.markup import callbacks
from bot.sandbox.messages import for_bot
from bot.sandbox.methods.common import (
    Method,
    body_of,
    caption_from,
    chat_of,
    find,
    markup_from,
    message_of,
    text_from,
)
from bot.sandbox.methods.sending import stored_file
from bot.sandbox.store import Row
from bot.sandbox.telegram import Telegram

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly "
    "the same as a current content and reply markup of the message"
)
_DELETE_WITHIN_MS = 48 * 3600 * 1000
_TEXT_FIELDS = ("text", "entities", "link_preview_options")
_CAPTION_FIELDS = ("caption", "caption_entities")
_MEDIA_FIELDS = ("photo", "document", "voice", *_CAPTION_FIELDS)


async def edit_message_text(telegram: Telegram, arguments: Arguments) -> Any:
    """editMessageText."""
    fields = text_from(arguments).fields()
    preview = arguments.json("link_preview_options", "link preview options")
    if isinstance(preview, dict) and any(preview.values()):
        fields["link_preview_options"] = preview
    row = _editable(telegram, arguments)
    if "text" not in body_of(row):
        raise bad_request("there is no text in the message to edit")
    return _edit(telegram, arguments, row, fields, _TEXT_FIELDS)


async def edit_message_caption(telegram: Telegram, arguments: Arguments) -> Any:
    """editMessageCaption."""
    fields = caption_from(arguments).fields(caption=True)
    row = _editable(telegram, arguments)
    if "text" in body_of(row):
        raise bad_request("there is no caption in the message to edit")
    return _edit(telegram, arguments, row, fields, _CAPTION_FIELDS)


async def edit_message_reply_markup(telegram: Telegram, arguments: Arguments) -> Any:
    """editMessageReplyMarkup."""
    return _edit(telegram, arguments, _editable(telegram, arguments), {}, ())


async def edit_message_media(telegram: Telegram, arguments: Arguments) -> Any:
    """editMessageMedia, to a photo or a document."""
    media = arguments.json("media", "input media")
    if not isinstance(media, dict):
        raise bad_request("Can't parse InputMedia: expected an Object")
    single = Arguments(values=media, uploads=arguments.uploads)
    kind = single.text("type")
    if kind not in ("photo", "document"):
        raise bad_request(f'Can\'t parse InputMedia: type "{kind}" is unsupported')
    caption = caption_from(single)
    row = _editable(telegram, arguments)
    if "text" in body_of(row):
        raise bad_request("there is no media in the message to edit")
    stored = await stored_file(telegram, single, "media", kind)
    fields = shape(stored) | caption.fields(caption=True)
    return _edit(telegram, arguments, row, fields, _MEDIA_FIELDS)


def _editable(telegram: Telegram, arguments: Arguments) -> Row:
    if not arguments.has("chat_id") and not arguments.has("message_id"):
        if arguments.has("inline_message_id"):
            raise bad_request("MESSAGE_ID_INVALID")
        raise bad_request("Message identifier is not specified")
    row = message_of(telegram, arguments, "message to edit")
    # A message sent with any keyboard but an inline one can't be edited, on Telegram too.
    if not row["outgoing"] or row["keyboard"] is not None:
        raise bad_request("message can't be edited")
    return row


def _edit(
    telegram: Telegram,
    arguments: Arguments,
    row: Row,
    fields: dict[str, Any],
    replaced: tuple[str, ...],
) -> dict[str, Any]:
    markup = markup_from(arguments)
    before = body_of(row)
    body = {key: value for key, value in before.items() if key not in replaced} | fields
    body.pop("reply_markup", None)
    if markup.inline is not None:
        body["reply_markup"] = markup.inline
    if body == before:
        raise bad_request(_NOT_MODIFIED)
    known = [tuple(pair) for pair in json.loads(row["callbacks"])]
    known += [pair for pair in callbacks(markup.inline) if pair not in known]
    telegram.store.edit_message(row["message_id"], body, known)
    edited = telegram.store.message(row["message_id"])
    if edited is None:
        raise RuntimeError("a message vanished while it was edited")
    telegram.show(edited)
    return for_bot(telegram.store, edited)


async def delete_message(telegram: Telegram, arguments: Arguments) -> Any:
    """deleteMessage."""
    if not arguments.has("chat_id"):
        raise bad_request("Chat identifier is not specified")
    if arguments.integer("message_id") == 0:
        raise bad_request("Message identifier is not specified")
    row = message_of(telegram, arguments, "message to delete")
    if row["date_ms"] < telegram.store.milliseconds() - _DELETE_WITHIN_MS:
        raise bad_request("message can't be deleted for everyone")
    _delete(telegram, row)
    return True


async def delete_messages(telegram: Telegram, arguments: Arguments) -> Any:
    """deleteMessages: the ones that are there."""
    ids = arguments.json("message_ids", "message_ids")
    if not isinstance(ids, list) or not ids:
        raise bad_request("Message identifiers are not specified")
    if len(ids) > 100:
        raise bad_request("Too many message identifiers specified")
    chat = chat_of(telegram, arguments)
    for message_id in ids:
        row = find(telegram, chat["id"], message_id) if isinstance(message_id, int) else None
        if row is not None:
            _delete(telegram, row)
    return True


def _delete(telegram: Telegram, row: Row) -> None:
    telegram.store.delete_message(row["message_id"])
    telegram.bus.publish("deleted", {"message_id": row["message_id"]}, chat_id=row["chat_id"])


METHODS: dict[str, Method] = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "editMessageMedia": edit_message_media,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
}
