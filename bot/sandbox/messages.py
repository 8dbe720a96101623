"""One stored message, as a bot sees it and as the phone shows it."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from bot.sandbox.render import to_html
from bot.sandbox.richtext import RichText
from bot.sandbox.store import Row, Store

_QUOTE_LENGTH = 160


def for_bot(store: Store, row: Row, *, with_reply: bool = True) -> dict[str, Any]:
    """The Bot API Message; the one it replies to inside, that one without its own."""
    body = json.loads(row["body"])
    message: dict[str, Any] = {
        "message_id": row["message_id"],
        "from": body.pop("from"),
        "chat": body.pop("chat"),
        "date": row["date_ms"] // 1000,
    }
    if row["edit_ms"] is not None:
        message["edit_date"] = row["edit_ms"] // 1000
    if with_reply and row["reply_to"] is not None:
        original = store.message(row["reply_to"])
        if original is not None:
            message["reply_to_message"] = for_bot(store, original, with_reply=False)
    return message | body


def text_of(body: dict[str, Any]) -> RichText:
    """The text or caption of a stored message."""
    if "text" in body:
        return RichText(body["text"], body.get("entities", []))
    return RichText(body.get("caption", ""), body.get("caption_entities", []))


def for_phone(store: Store, row: Row) -> dict[str, Any]:
    """The message as the phone's API lists it and its page shows it."""
    body = json.loads(row["body"])
    rich = text_of(body)
    inline = body.get("reply_markup") or {"inline_keyboard": []}
    shown: dict[str, Any] = {
        "message_id": row["message_id"],
        "from": "bot" if row["outgoing"] else "operator",
        "date": _moment(row["date_ms"]),
        "edit_date": None if row["edit_ms"] is None else _moment(row["edit_ms"]),
        "text": rich.text,
        "html": to_html(rich),
        "buttons": [[_button(button) for button in line] for line in inline["inline_keyboard"]],
        "file": _file(store, body),
        "pinned": row["pinned_ms"] is not None,
        "reactions": [reaction["emoji"] for reaction in json.loads(row["reactions"])],
        "reply_to": _quoted(store, row["reply_to"]),
        "keyboard": None if row["keyboard"] is None else json.loads(row["keyboard"]),
    }
    origin = body.get("forward_origin")
    if origin:
        shown["forwarded_from"] = origin.get("sender_user_name") or origin.get(
            "sender_user", {}
        ).get("first_name", "")
    if not row["outgoing"]:
        shown["sender"] = body["from"]["first_name"]
    return shown


def _moment(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _button(button: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"text": button["text"], "data": button.get("callback_data")}
    if "style" in button:
        shown["style"] = button["style"]
    if "url" in button:
        shown["url"] = button["url"]
    if "copy_text" in button:
        shown["copy_text"] = button["copy_text"]["text"]
    return shown


def _file(store: Store, body: dict[str, Any]) -> dict[str, Any] | None:
    photo = body.get("photo")
    attached = photo[-1] if photo else body.get("document") or body.get("voice")
    if attached is None:
        return None
    row = store.file(attached["file_id"])
    if row is None:
        return None
    return {
        "name": row["name"],
        "mime": row["mime"],
        "size": row["size"],
        "url": f"/phone/files/{row['file_id']}/{quote(row['name'], safe='')}",
        "kind": row["kind"],
        **json.loads(row["extra"]),
    }


def _quoted(store: Store, message_id: int | None) -> dict[str, Any] | None:
    row = None if message_id is None else store.message(message_id)
    if row is None:
        return None
    body = json.loads(row["body"])
    file = _file(store, body)
    return {
        "message_id": row["message_id"],
        "from": "bot" if row["outgoing"] else "operator",
        "text": text_of(body).text[:_QUOTE_LENGTH] or (file["name"] if file else ""),
    }
