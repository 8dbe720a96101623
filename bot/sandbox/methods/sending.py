"""Methods that put something new into a chat."""

from typing import Any

from bot.sandbox.arguments import Arguments
from bot.sandbox.errors import bad_request
from bot.sandbox.files import Kind, shape
from bot.sandbox.markup import Markup, callbacks
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
from bot.sandbox.store import Row
from bot.sandbox.telegram import Telegram

_CONTENT = (
    "text",
    "entities",
    "caption",
    "caption_entities",
    "photo",
    "document",
    "voice",
    "link_preview_options",
)
_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


async def send_message(telegram: Telegram, arguments: Arguments) -> Any:
    """sendMessage."""
    fields = text_from(arguments).fields()
    preview = arguments.json("link_preview_options", "link preview options")
    if isinstance(preview, dict) and any(preview.values()):
        fields["link_preview_options"] = preview
    return _send(telegram, arguments, fields)


async def send_photo(telegram: Telegram, arguments: Arguments) -> Any:
    """sendPhoto."""
    return await _send_file(telegram, arguments, "photo")


async def send_document(telegram: Telegram, arguments: Arguments) -> Any:
    """sendDocument."""
    return await _send_file(telegram, arguments, "document")


async def send_voice(telegram: Telegram, arguments: Arguments) -> Any:
    """sendVoice."""
    return await _send_file(telegram, arguments, "voice")


async def _send_file(telegram: Telegram, arguments: Arguments, kind: Kind) -> Any:
    caption = caption_from(arguments)
    chat_of(telegram, arguments)
    row = await stored_file(telegram, arguments, kind, kind)
    return _send(telegram, arguments, shape(row) | caption.fields(caption=True))


async def stored_file(telegram: Telegram, arguments: Arguments, name: str, kind: Kind) -> Row:
    """The file named by a parameter: a new upload, or one sent before by its id."""
    upload = arguments.upload(name, kind)
    if upload is not None:
        return await telegram.files.keep(upload, kind)
    reference = arguments.text(name)
    if not reference or reference.startswith("attach://"):
        raise bad_request(f"there is no {kind} in the request")
    if reference.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    return telegram.files.known(reference, kind)


def _send(telegram: Telegram, arguments: Arguments, fields: dict[str, Any]) -> dict[str, Any]:
    markup = markup_from(arguments)
    chat = chat_of(telegram, arguments)
    if arguments.integer("message_thread_id") > 0:
        raise bad_request("message thread not found")
    reply_to = _reply_to(telegram, arguments, chat["id"])
    row = post(telegram, chat, fields, markup=markup, reply_to=reply_to)
    return for_bot(telegram.store, row)


def _reply_to(telegram: Telegram, arguments: Arguments, chat_id: int) -> int | None:
    parameters = arguments.json("reply_parameters", "reply parameters")
    if parameters is None:
        message_id = arguments.integer("reply_to_message_id")
        lenient = arguments.flag("allow_sending_without_reply")
    elif isinstance(parameters, dict):
        message_id = parameters.get("message_id", 0)
        lenient = bool(parameters.get("allow_sending_without_reply"))
        if not isinstance(message_id, int):
            raise bad_request('Field "message_id" must be of type Number')
    else:
        raise bad_request("Object expected as reply parameters")
    if not message_id:
        return None
    if find(telegram, chat_id, message_id) is None:
        if lenient:
            return None
        raise bad_request("message to be replied not found")
    return message_id


def post(
    telegram: Telegram,
    chat: dict[str, Any],
    fields: dict[str, Any],
    *,
    markup: Markup,
    reply_to: int | None = None,
) -> Row:
    """Puts a message of the bot into a chat, on the pages too, and returns its row."""
    body: dict[str, Any] = {"from": telegram.bot, "chat": chat, **fields}
    if markup.inline is not None:
        body["reply_markup"] = markup.inline
    message_id = telegram.store.add_message(
        chat_id=chat["id"],
        outgoing=True,
        body=body,
        reply_to=reply_to,
        keyboard=markup.other,
        callbacks=callbacks(markup.inline),
    )
    row = telegram.store.message(message_id)
    if row is None:
        raise RuntimeError("a message vanished while it was sent")
    telegram.show(row)
    return row


def _source(telegram: Telegram, arguments: Arguments, verb: str) -> dict[str, Any]:
    source = Arguments(values={"chat_id": arguments.values.get("from_chat_id")})
    source.values["message_id"] = arguments.values.get("message_id")
    return body_of(message_of(telegram, source, f"message to {verb}"))


async def copy_message(telegram: Telegram, arguments: Arguments) -> Any:
    """copyMessage."""
    body = _source(telegram, arguments, "copy")
    fields = {name: body[name] for name in _CONTENT if name in body}
    if arguments.has("caption") and "text" not in fields:
        fields = {key: fields[key] for key in fields if not key.startswith("caption")}
        fields |= caption_from(arguments).fields(caption=True)
    return {"message_id": _send(telegram, arguments, fields)["message_id"]}


async def forward_message(telegram: Telegram, arguments: Arguments) -> Any:
    """forwardMessage."""
    body = _source(telegram, arguments, "forward")
    fields = {name: body[name] for name in _CONTENT if name in body}
    fields["forward_origin"] = body.get("forward_origin") or {
        "type": "user",
        "sender_user": body["from"],
        "date": int(telegram.store.now()),
    }
    return _send(telegram, arguments, fields)


async def send_media_group(telegram: Telegram, arguments: Arguments) -> Any:
    """sendMediaGroup, of photos and documents."""
    media = arguments.json("media", "media")
    if not isinstance(media, list):
        raise bad_request("Expected an Array of InputMedia")
    if not 2 <= len(media) <= 10:
        raise bad_request("wrong number of items: an album holds 2 to 10")
    chat_of(telegram, arguments)
    prepared: list[dict[str, Any]] = []
    for item in media:
        single = Arguments(values=dict(item), uploads=arguments.uploads)
        kind = single.text("type")
        if kind not in ("photo", "document"):
            raise bad_request(
                f"Can't parse InputMedia: type \"{kind}\" can't be used in sendMediaGroup"
            )
        caption = caption_from(single)
        row = await stored_file(telegram, single, "media", kind)
        prepared.append(shape(row) | caption.fields(caption=True))
    group = str(telegram.store.milliseconds())
    return [_send(telegram, arguments, {**each, "media_group_id": group}) for each in prepared]


async def send_message_draft(telegram: Telegram, arguments: Arguments) -> Any:
    """sendMessageDraft: the text is checked, and shown as typing."""
    text_from(arguments)
    chat = chat_of(telegram, arguments)
    if chat["type"] != "private":
        raise bad_request("message drafts can be used in private chats only")
    telegram.bus.publish("typing", {"action": "typing"}, chat_id=chat["id"])
    return True


async def send_chat_action(telegram: Telegram, arguments: Arguments) -> Any:
    """sendChatAction."""
    action = arguments.text("action").lower()
    if action not in _ACTIONS:
        raise bad_request("Wrong parameter action in request")
    chat = chat_of(telegram, arguments)
    telegram.bus.publish("typing", {"action": action}, chat_id=chat["id"])
    return True


METHODS: dict[str, Method] = {
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "sendVoice": send_voice,
    "sendMediaGroup": send_media_group,
    "sendMessageDraft": send_message_draft,
    "sendChatAction": send_chat_action,
    "copyMessage": copy_message,
    "forwardMessage": forward_message,
}
