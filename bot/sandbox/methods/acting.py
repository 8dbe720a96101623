"""Methods that act on a chat or a message without changing its content."""

from typing import Any

from bot.sandbox.arguments import Arguments
from bot.sandbox.errors import bad_request
from bot.sandbox.methods.common import Method, chat_of, find, message_of
from bot.sandbox.telegram import Telegram

# Telegram says "a few minutes" and no more; five is on the generous side.
QUERY_LIFETIME_S = 300.0
_ANSWER_LIMIT = 200
_ALLOWED = """
    ❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢
    🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳
    ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓
    🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈
    😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿
    🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀
    😡
"""
_REACTIONS = frozenset(_ALLOWED.split())
_VARIATION = "\ufe0f"


async def answer_callback_query(telegram: Telegram, arguments: Arguments) -> Any:
    """answerCallbackQuery: once per tap, while it is fresh."""
    query_id, text = arguments.text("callback_query_id"), arguments.text("text")
    if len(text) > _ANSWER_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    user_id = telegram.store.answer_callback(query_id, QUERY_LIFETIME_S)
    if user_id is None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    telegram.answered(query_id, text or None)
    telegram.bus.publish(
        "answer",
        {
            "query_id": query_id,
            "text": text or None,
            "show_alert": arguments.flag("show_alert"),
            "url": arguments.text("url") or None,
        },
        chat_id=user_id,
    )
    return True


async def set_message_reaction(telegram: Telegram, arguments: Arguments) -> Any:
    """setMessageReaction: one emoji, or none."""
    reactions = arguments.json("reaction", "reaction types") or []
    if not isinstance(reactions, list):
        raise bad_request("Expected an Array of ReactionType")
    kept: list[dict[str, Any]] = []
    for reaction in reactions:
        kind = reaction.get("type") if isinstance(reaction, dict) else None
        if kind not in ("emoji", "custom_emoji", "paid"):
            raise bad_request("Can't parse ReactionType: invalid reaction type specified")
        emoji = str(reaction.get("emoji", "")).replace(_VARIATION, "")
        if kind != "emoji" or emoji not in _REACTIONS:
            raise bad_request("REACTION_INVALID")
        kept.append({"type": "emoji", "emoji": emoji})
    row = message_of(telegram, arguments, "message to react")
    if len(kept) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    telegram.store.set_reactions(row["message_id"], kept)
    telegram.show_message(row["message_id"])
    return True


async def pin_chat_message(telegram: Telegram, arguments: Arguments) -> Any:
    """pinChatMessage."""
    row = message_of(telegram, arguments, "message to pin")
    telegram.store.set_pinned(row["message_id"], True)
    telegram.show_message(row["message_id"])
    return True


async def unpin_chat_message(telegram: Telegram, arguments: Arguments) -> Any:
    """unpinChatMessage: the given message, or the latest pin."""
    chat = chat_of(telegram, arguments)
    if arguments.has("message_id"):
        row = find(telegram, chat["id"], arguments.integer("message_id"))
        message_id = None if row is None else row["message_id"]
    else:
        message_id = next(iter(telegram.store.pinned(chat["id"])), None)
    if message_id is None:
        raise bad_request("Message to unpin not found")
    telegram.store.set_pinned(message_id, False)
    telegram.show_message(message_id)
    return True


async def unpin_all_chat_messages(telegram: Telegram, arguments: Arguments) -> Any:
    """unpinAllChatMessages."""
    chat = chat_of(telegram, arguments)
    for message_id in telegram.store.pinned(chat["id"]):
        telegram.store.set_pinned(message_id, False)
        telegram.show_message(message_id)
    return True


async def leave_chat(telegram: Telegram, arguments: Arguments) -> Any:
    """leaveChat: groups only."""
    chat = chat_of(telegram, arguments)
    if chat["type"] == "private":
        raise bad_request("CHAT_ID_INVALID")
    telegram.store.drop_chat(chat["id"])
    return True


METHODS: dict[str, Method] = {
    "answerCallbackQuery": answer_callback_query,
    "setMessageReaction": set_message_reaction,
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
    "unpinAllChatMessages": unpin_all_chat_messages,
    "leaveChat": leave_chat,
}
