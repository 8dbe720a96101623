"""Delivers updates to a bot's own server on this machine, one at a time and in order."""

import asyncio
import re
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.errors import bad_request
from bot.sandbox.store import Store
from bot.sandbox.updates import UpdateQueue, update_json

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_FIRST_RETRY_S = 0.2
_LAST_RETRY_S = 30.0
_ANSWER_WITHIN_S = 60.0


class Webhook:
    """The delivery task and what it knows of its last failure.

    Answers are read for their status alone: a method call in the body isn't carried out.
    """

    def __init__(self, store: Store, updates: UpdateQueue) -> None:
        self._store = store
        self._updates = updates
        self._task: asyncio.Task[None] | None = None
        self._pushed = asyncio.Event()
        self._error: tuple[int, str] | None = None
        updates.on_push = self._pushed.set

    def set(
        self, *, url: str, secret: str, max_connections: int, allowed: Any, drop_pending: bool
    ) -> None:
        """Points the webhook at ``url``, or removes it where that is empty.

        Raises ``ApiError`` 400 for a secret Telegram refuses, or a URL not on this machine.
        """
        if url:
            parts = urlsplit(url)
            if parts.scheme != "http" or parts.hostname not in LOOPBACK:
                raise bad_request(
                    "bad webhook: the sandbox delivers to http:// addresses on this machine only"
                )
            if len(secret) > 256:
                raise bad_request("secret token is too long")
            if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
                raise bad_request("secret token contains unallowed characters")
        if drop_pending:
            self._store.keep_last_updates(0)
        self._updates.allow(allowed)
        self._store.set_setting(
            "webhook",
            {"url": url, "secret": secret, "max_connections": max_connections} if url else None,
        )
        self._error = None
        if url:
            self._updates.interrupt()
        self.stop()
        self.start()

    def info(self) -> dict[str, Any]:
        """The Bot API WebhookInfo."""
        webhook = self._store.setting("webhook") or {}
        info: dict[str, Any] = {
            "url": webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": self._store.pending_updates(),
        }
        if webhook:
            info["max_connections"] = webhook["max_connections"]
            info["ip_address"] = "127.0.0.1"
        if self._error is not None:
            info["last_error_date"], info["last_error_message"] = self._error
        allowed = self._store.setting("allowed_updates")
        if allowed:
            info["allowed_updates"] = allowed
        return info

    def start(self) -> None:
        """Begins delivering, where a webhook is set."""
        webhook = self._store.setting("webhook")
        if webhook and self._task is None:
            self._task = asyncio.create_task(self._deliver(webhook["url"], webhook["secret"]))

    def stop(self) -> None:
        """Stops delivering; what is not confirmed stays queued."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _deliver(self, url: str, secret: str) -> None:
        pause = _FIRST_RETRY_S
        while True:
            self._pushed.clear()
            rows = self._store.updates(1)
            if not rows:
                await self._pushed.wait()
                continue
            try:
                async with asyncio.timeout(_ANSWER_WITHIN_S):
                    status = await _post(url, secret, update_json(rows[0]).encode())
                problem = (
                    "" if 200 <= status < 300 else f"Wrong response from the webhook: {status}"
                )
            except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError) as error:
                problem = f"Connection failed: {error or type(error).__name__}"
            if not problem:
                self._store.confirm_updates(rows[0]["update_id"] + 1)
                pause = _FIRST_RETRY_S
                continue
            self._error = (int(self._store.now()), problem)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LAST_RETRY_S)


async def _post(url: str, secret: str, body: bytes) -> int:
    parts = urlsplit(url)
    host = parts.hostname or "127.0.0.1"
    reader, writer = await asyncio.open_connection(host, parts.port or 80)
    try:
        target = parts.path or "/"
        if parts.query:
            target += f"?{parts.query}"
        head = [
            f"POST {target} HTTP/1.1",
            f"Host: {parts.netloc}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            "Connection: close",
        ]
        if secret:
            head.append(f"X-Telegram-Bot-Api-Secret-Token: {secret}")
        writer.write("\r\n".join([*head, "", ""]).encode() + body)
        await writer.drain()
        status_line = await reader.readuntil(b"\r\n")
        return int(status_line.split()[1])
    except IndexError as error:
        raise ValueError("not an HTTP answer") from error
    finally:
        writer.close()
