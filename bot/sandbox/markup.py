"""Keyboards: checked as Telegram checks them, and kept as it returns them."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.entities import checked_link
from bot.sandbox.errors import bad_request

DATA_LIMIT = 64
_COPY_LIMIT = 256
_BUTTONS_LIMIT = 100
_PLACEHOLDER_LIMIT = 64
_STYLES = frozenset({"danger", "success", "primary"})


@dataclass(frozen=True, slots=True)
class Markup:
    """A keyboard under a message.

    ``inline`` is what comes back in the message; ``other`` (a reply keyboard, its removal
    or a forced reply) is only ever seen by the person's client.
    """

    inline: dict[str, Any] | None = None
    other: dict[str, Any] | None = None


def parse_markup(value: Any) -> Markup:
    """Reads the ``reply_markup`` of a request, already decoded from JSON; None is none.

    Raises ``ApiError`` 400 with the reason Telegram gives.
    """
    if value is None or value == "":
        return Markup()
    if not isinstance(value, dict):
        raise bad_request("Object expected as reply markup")
    keyboard = _rows(value, "keyboard", 'Field "keyboard" must be an Array of Arrays')
    inline = _rows(
        value,
        "inline_keyboard",
        'Field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    )
    if keyboard:
        return Markup(other={**value, "keyboard": [[_key(key) for key in row] for row in keyboard]})
    if inline:
        rows = [[_inline_button(button) for button in row] for row in inline]
        rows = [row for row in rows if row]
        if sum(len(row) for row in rows) > _BUTTONS_LIMIT:
            raise bad_request("REPLY_MARKUP_TOO_LONG")
        return Markup(inline={"inline_keyboard": rows} if rows else None)
    if value.get("remove_keyboard"):
        return Markup(other={"remove_keyboard": True})
    if value.get("force_reply"):
        placeholder = value.get("input_field_placeholder") or ""
        if len(placeholder) > _PLACEHOLDER_LIMIT:
            raise bad_request("REPLY_MARKUP_INVALID")
        return Markup(other={"force_reply": True, "input_field_placeholder": placeholder})
    return Markup()


def callbacks(inline: dict[str, Any] | None) -> list[tuple[str, str]]:
    """The label and callback data of every button of ``inline`` that has data."""
    if inline is None:
        return []
    return [
        (button["text"], button["callback_data"])
        for row in inline["inline_keyboard"]
        for button in row
        if "callback_data" in button
    ]


def _rows(value: dict[str, Any], name: str, reason: str) -> list[list[Any]]:
    rows = value.get(name)
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise bad_request(f'Field "{name}" must be of type Array')
    for row in rows:
        if not isinstance(row, list):
            raise bad_request(reason)
    return rows


def _key(key: Any) -> dict[str, Any]:
    if isinstance(key, str):
        key = {"text": key}
    if not isinstance(key, dict):
        raise bad_request(
            "Can't parse keyboard button: KeyboardButton must be a String or an Object"
        )
    if not key.get("text"):
        raise bad_request("Keyboard button text must be non-empty")
    return key


def _inline_button(button: Any) -> dict[str, Any]:
    def invalid(reason: str) -> Exception:
        return bad_request(f"Can't parse inline keyboard button: {reason}")

    if not isinstance(button, dict):
        raise invalid("InlineKeyboardButton must be an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise invalid('Can\'t find field "text"')
    kept: dict[str, Any] = {"text": text}
    style = str(button.get("style") or "").lower()
    if style and style != "default":
        if style not in _STYLES:
            raise invalid("invalid button style specified")
        kept["style"] = style
    if button.get("icon_custom_emoji_id"):
        kept["icon_custom_emoji_id"] = button["icon_custom_emoji_id"]
    action = _action(button)
    if action is None:
        raise invalid("Text buttons are unallowed in the inline keyboard")
    if not text:
        raise bad_request("Inline keyboard button text must be non-empty")
    return kept | action


def _action(button: dict[str, Any]) -> dict[str, Any] | None:
    if url := button.get("url"):
        checked = checked_link(str(url))
        if checked is None:
            raise bad_request(f"Inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
        return {"url": checked}
    if data := button.get("callback_data"):
        if not isinstance(data, str) or len(data.encode()) > DATA_LIMIT:
            raise bad_request("BUTTON_DATA_INVALID")
        return {"callback_data": data}
    if isinstance(app := button.get("web_app"), dict):
        if not str(app.get("url", "")).startswith("https://"):
            raise bad_request(
                f"Inline keyboard button Web App URL '{app.get('url', '')}' is invalid: "
                "Only HTTPS links are allowed"
            )
        return {"web_app": app}
    if isinstance(copied := button.get("copy_text"), dict):
        text = copied.get("text")
        if not isinstance(text, str) or not 1 <= len(text) <= _COPY_LIMIT:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
        return {"copy_text": {"text": text}}
    for name in ("switch_inline_query", "switch_inline_query_current_chat", "login_url", "pay"):
        if name in button:
            return {name: button[name]}
    return None
