"""A Telegram on this machine: a Bot API server, and the phone of the bot's owner."""

from bot.sandbox.app import SandboxApp, create_app
from bot.sandbox.server import SandboxServer

__all__ = ["SandboxApp", "SandboxServer", "create_app"]
