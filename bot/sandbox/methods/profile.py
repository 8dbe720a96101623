"""Methods about the bot itself and the chats it knows."""

import re
from typing import Any

from bot.sandbox.arguments import Arguments
from bot.sandbox.errors import bad_request
from bot.sandbox.messages import for_bot
from bot.sandbox.methods.common import Method, chat_of
from bot.sandbox.telegram import Telegram

_COMMANDS_LIMIT = 100
_SIMPLE_SCOPES = frozenset(
    {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
)


async def get_me(telegram: Telegram, _: Arguments) -> Any:
    """getMe."""
    return {
        **telegram.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
    }


def _scope(telegram: Telegram, arguments: Arguments) -> str:
    scope = arguments.json("scope", "BotCommandScope")
    if scope is None:
        return "default"
    if not isinstance(scope, dict):
        raise bad_request("Can't parse BotCommandScope: BotCommandScope must be an Object")
    kind = scope.get("type", "")
    if kind in _SIMPLE_SCOPES:
        return kind
    if kind not in ("chat", "chat_administrators", "chat_member"):
        raise bad_request("Can't parse BotCommandScope: unsupported type specified")
    chat = chat_of(telegram, Arguments(values={"chat_id": scope.get("chat_id")}))
    member = f":{scope.get('user_id')}" if kind == "chat_member" else ""
    return f"{kind}:{chat['id']}{member}"


async def set_my_commands(telegram: Telegram, arguments: Arguments) -> Any:
    """setMyCommands."""
    commands = arguments.json("commands", "commands") or []
    if not isinstance(commands, list):
        raise bad_request("Expected an Array of BotCommand")
    if len(commands) > _COMMANDS_LIMIT:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    kept: list[dict[str, str]] = []
    for item in commands:
        if not isinstance(item, dict):
            raise bad_request("Can't parse BotCommand: expected an Object")
        command = str(item.get("command", "")).removeprefix("/")
        description = str(item.get("description", ""))
        if not re.fullmatch("[a-z0-9_]{1,32}", command):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(description) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        kept.append({"command": command, "description": description})
    scope = _scope(telegram, arguments)
    telegram.store.set_commands(scope, arguments.text("language_code"), kept)
    telegram.bus.publish("profile", telegram.profile())
    return True


async def get_my_commands(telegram: Telegram, arguments: Arguments) -> Any:
    """getMyCommands."""
    scope = _scope(telegram, arguments)
    return telegram.store.commands(scope, arguments.text("language_code")) or []


async def delete_my_commands(telegram: Telegram, arguments: Arguments) -> Any:
    """deleteMyCommands."""
    scope = _scope(telegram, arguments)
    telegram.store.set_commands(scope, arguments.text("language_code"), [])
    telegram.bus.publish("profile", telegram.profile())
    return True


async def set_my_name(telegram: Telegram, arguments: Arguments) -> Any:
    """setMyName."""
    name = arguments.text("name")
    if len(name) > 64:
        raise bad_request("BOT_TITLE_INVALID")
    telegram.store.set_setting("name", name)
    telegram.bot["first_name"] = name or "Factotum"
    telegram.bus.publish("profile", telegram.profile())
    return True


async def get_my_name(telegram: Telegram, _: Arguments) -> Any:
    """getMyName."""
    return {"name": telegram.bot["first_name"]}


async def set_my_description(telegram: Telegram, arguments: Arguments) -> Any:
    """setMyDescription."""
    telegram.store.set_setting("description", arguments.text("description")[:512])
    telegram.bus.publish("profile", telegram.profile())
    return True


async def get_my_description(telegram: Telegram, _: Arguments) -> Any:
    """getMyDescription."""
    return {"description": telegram.store.setting("description") or ""}


async def set_my_short_description(telegram: Telegram, arguments: Arguments) -> Any:
    """setMyShortDescription."""
    short = arguments.text("short_description")
    if len(short) > 120:
        raise bad_request("BOT_SHORT_DESCRIPTION_INVALID")
    telegram.store.set_setting("short_description", short)
    return True


async def get_my_short_description(telegram: Telegram, _: Arguments) -> Any:
    """getMyShortDescription."""
    return {"short_description": telegram.store.setting("short_description") or ""}


async def set_chat_menu_button(telegram: Telegram, arguments: Arguments) -> Any:
    """setChatMenuButton."""
    button = arguments.json("menu_button", "menu button")
    if button is not None and (
        not isinstance(button, dict) or button.get("type") not in ("commands", "web_app", "default")
    ):
        raise bad_request("Can't parse menu button: MenuButton has unsupported type")
    telegram.store.set_setting("menu_button", button)
    return True


async def get_chat_menu_button(telegram: Telegram, _: Arguments) -> Any:
    """getChatMenuButton."""
    return telegram.store.setting("menu_button") or {"type": "commands"}


async def get_chat(telegram: Telegram, arguments: Arguments) -> Any:
    """getChat."""
    chat = chat_of(telegram, arguments)
    full: dict[str, Any] = {
        **chat,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    pinned = telegram.store.pinned(chat["id"])
    row = telegram.store.message(pinned[0]) if pinned else None
    if row is not None:
        full["pinned_message"] = for_bot(telegram.store, row)
    return full


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyName": set_my_name,
    "getMyName": get_my_name,
    "setMyDescription": set_my_description,
    "getMyDescription": get_my_description,
    "setMyShortDescription": set_my_short_description,
    "getMyShortDescription": get_my_short_description,
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
    "getChat": get_chat,
}
