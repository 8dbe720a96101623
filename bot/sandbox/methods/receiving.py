"""Methods by which a bot gets updates and files."""

from typing import Any

from bot.sandbox.arguments import Arguments
from bot.sandbox.errors import bad_request
from bot.sandbox.files import DOWNLOAD_LIMIT
from bot.sandbox.methods.common import Method, RawJson
from bot.sandbox.telegram import Telegram

_LONGEST_POLL_S = 50
_MOST_UPDATES = 100


async def get_updates(telegram: Telegram, arguments: Arguments) -> Any:
    """getUpdates, answered as soon as there is one."""
    telegram.updates.allow(arguments.json("allowed_updates", "allowed_updates"))
    limit = arguments.integer("limit", _MOST_UPDATES)
    timeout = arguments.integer("timeout")
    return RawJson(
        await telegram.updates.poll(
            offset=arguments.integer("offset"),
            limit=min(max(limit, 1), _MOST_UPDATES),
            timeout=min(max(timeout, 0), _LONGEST_POLL_S),
        )
    )


async def set_webhook(telegram: Telegram, arguments: Arguments) -> Any:
    """setWebhook; an empty url removes it."""
    telegram.webhook.set(
        url=arguments.text("url"),
        secret=arguments.text("secret_token"),
        max_connections=min(max(arguments.integer("max_connections", 40), 1), 100),
        allowed=arguments.json("allowed_updates", "allowed_updates"),
        drop_pending=arguments.flag("drop_pending_updates"),
    )
    return True


async def delete_webhook(telegram: Telegram, arguments: Arguments) -> Any:
    """deleteWebhook."""
    telegram.webhook.set(
        url="",
        secret="",
        max_connections=0,
        allowed=None,
        drop_pending=arguments.flag("drop_pending_updates"),
    )
    return True


async def get_webhook_info(telegram: Telegram, _: Arguments) -> Any:
    """getWebhookInfo."""
    return telegram.webhook.info()


async def get_file(telegram: Telegram, arguments: Arguments) -> Any:
    """getFile."""
    file_id = arguments.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    row = telegram.store.file(file_id)
    if row is None:
        raise bad_request("invalid file_id")
    if row["size"] > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return {
        "file_id": row["file_id"],
        "file_unique_id": row["unique_id"],
        "file_size": row["size"],
        "file_path": row["path"],
    }


METHODS: dict[str, Method] = {
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "getFile": get_file,
}
