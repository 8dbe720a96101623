"""What arrives from Telegram, through aiogram: checked, kept, then handed on."""

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

import structlog
from aiohttp import ClientError

from bot.lean import Bot, Dispatcher, Router  # isort: skip  # before the rest of aiogram

from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    TelegramAPIError,
    TelegramConflictError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, Update
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot import arriving
from core import inbox, outbox, pairing
from core.clock import Clock
from core.errors import FactotumError
from core.inbox import Arrived
from core.storage.database import TROUBLE, Database

log: Any = structlog.get_logger()

UPDATES = ["message", "callback_query", "my_chat_member"]
_POLL_SECONDS = 25
_FIRST_DELAY = 0.5
_ODD = 3
"""How often an update that can't be understood is tried."""

Handle = Callable[[inbox.Message], Awaitable[None]]
Welcome = Callable[[Arrived, str, str], Awaitable[bool]]
Intruded = Callable[[AsyncConnection, str], Awaitable[None]]
"""Gets the transaction in which it is kept that the bot was added to the group of that name."""


def make_bot(token: str, api_url: str) -> Bot:
    """The receiving half: long polling and downloads."""
    return Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(api_url)))


class Inbound:
    """Receives updates, keeps each once, and hands those of the operator on."""

    def __init__(
        self,
        *,
        bot: Bot,
        database: Database,
        clock: Clock,
        handle: Handle,
        welcome: Welcome,
        intruded: Intruded,
        ignored_tap: Callable[[str], Awaitable[None]],
        stuck: Callable[[Exception], Awaitable[None]],
    ) -> None:
        self._bot = bot
        self._db = database
        self._clock = clock
        self._handle = handle
        self._welcome = welcome
        self._intruded = intruded
        self._ignored_tap = ignored_tap
        self._stuck = stuck
        self.trouble: str | None = None
        router = Router()
        router.message()(self._on_message)
        router.callback_query()(self._on_tap)
        router.my_chat_member()(self._on_membership)
        self._dispatcher = Dispatcher()
        self._dispatcher.include_router(router)

    async def _on_message(self, message: Message, event_update: Update) -> None:
        arrived = arriving.message(event_update.update_id, message)
        private = message.chat.type == "private"
        if private and (code := re.fullmatch(r"/start[ _]+(\S{4,64})\s*", arrived.text)):
            name = message.from_user.full_name if message.from_user else ""
            if await self._welcome(arrived, code[1], name):
                return
        await self._take(arrived, private=private, seen=message.reply_to_message)

    async def _on_tap(self, query: CallbackQuery, event_update: Update) -> None:
        arrived = arriving.tap(event_update.update_id, query)
        private = query.message is not None and query.message.chat.type == "private"
        tapped = query.message if isinstance(query.message, Message) else None
        await self._take(arrived, private=private, seen=tapped)

    async def _on_membership(self, change: ChatMemberUpdated, event_update: Update) -> None:
        if change.chat.type == "private":
            return
        arrived = Arrived(
            update_id=event_update.update_id,
            kind="other",
            user_id=change.from_user.id,
            chat_id=change.chat.id,
        )
        added = change.new_chat_member.status not in ("left", "kicked")
        if added:  # before it is kept: who dies in between hears of it again, and leaves again
            try:
                await self._bot.leave_chat(change.chat.id)
            except TelegramAPIError as error:
                log.warning("group_not_left", error=str(error))
        async with self._db.write() as connection:
            kept = await inbox.receive(
                connection, self._clock, arrived, ignore="the bot was added to a group"
            )
            if kept is not None and added:
                await self._intruded(connection, change.chat.title or "without a name")

    async def _take(self, arrived: Arrived, *, private: bool, seen: Message | None) -> None:
        async with self._db.write() as connection:
            who = await pairing.current(connection)
            reason = None
            if not private:
                reason = "not a private chat"
            elif who is None:
                reason = "nobody is paired yet"
            elif arrived.user_id != who.user_id:
                reason = "a stranger"
            kept = await inbox.receive(connection, self._clock, arrived, ignore=reason)
            if seen and not reason:  # what is answered did arrive, whatever Telegram said of it
                await outbox.seen(
                    connection,
                    self._clock,
                    chat_id=seen.chat.id,
                    message_id=seen.message_id,
                    buttons=arriving.buttons(seen),
                )
        if kept is None:
            return  # Telegram delivered it again
        if reason:
            if arrived.kind == "tap":
                await self._ignored_tap(str(arrived.data["callback_id"]))
            return
        fields = {name: getattr(arrived, name) for name in Arrived.__slots__}
        await self._handle(inbox.Message(id=kept, **fields))

    async def feed(self, update: Update) -> None:
        """Takes one update; returns when it is safely kept and handed on."""
        await self._dispatcher.feed_update(self._bot, update)

    async def download(self, file_id: str) -> bytes:
        """The content of a file. Raises FactotumError where Telegram won't give it."""
        try:
            content = await self._bot.download(file_id, destination=BytesIO())
        except TelegramAPIError as error:
            raise FactotumError(f"Telegram did not give me the file: {error.message}.") from error
        except (AiogramError, ClientError, OSError, TimeoutError) as error:
            raise FactotumError("The download broke off.", permanent=False) from error
        return content.read() if content else b""

    async def poll(self) -> None:
        """Long polling until cancelled. Updates are confirmed only when they are kept.

        Raises FactotumError where the token is refused.
        """
        offset: int | None = None
        delay = 0.5
        while True:
            try:
                updates = await self._bot.get_updates(
                    offset=offset,
                    timeout=_POLL_SECONDS,
                    allowed_updates=UPDATES,
                    request_timeout=_POLL_SECONDS + 10,
                )
            except TelegramUnauthorizedError as error:
                raise FactotumError(
                    "Telegram refuses the bot token: it is wrong or was revoked.",
                    fix="Get the right one from @BotFather and set TELEGRAM_BOT_TOKEN.",
                ) from error
            except (AiogramError, ClientError, OSError, TimeoutError) as error:
                delay = await self._pause(error, delay)
                continue
            if self.trouble:
                log.info("telegram_back")
            self.trouble, delay = None, 0.5
            for update in updates:
                await self._feed_patiently(update)
                offset = update.update_id + 1

    async def _feed_patiently(self, update: Update) -> None:
        """Keeps trying while the disk is full or the database locked: nothing may be skipped."""
        delay = _FIRST_DELAY
        odd = 0
        while True:
            try:
                await self.feed(update)
            except TROUBLE as error:
                log.exception("update_not_kept", update_id=update.update_id)
                if delay == _FIRST_DELAY:
                    await self._stuck(error)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 30.0)
            except Exception:
                # A mistake of ours in one odd update must not hold up all that come after it.
                odd += 1
                log.exception("update_failed", update_id=update.update_id, times=odd)
                if odd == _ODD:
                    return
            else:
                return

    async def _pause(self, error: Exception, delay: float) -> float:
        match error:
            case TelegramRetryAfter():
                self.trouble = f"Telegram asks to wait {error.retry_after} s"
                await asyncio.sleep(error.retry_after)
                return delay
            case TelegramConflictError():
                self.trouble = "another program polls with the same token; stop one of them"
            case TelegramNetworkError():
                self.trouble = "Telegram can't be reached"
            case _:
                self.trouble = "Telegram has trouble"
        log.warning("polling_failed", trouble=self.trouble, kind=type(error).__name__)
        await asyncio.sleep(delay)
        return min(delay * 2, 30.0)

    def webhook(self, secret: str) -> Starlette:
        """The webhook as an ASGI app. Without the right secret header nothing is read."""

        async def receive(request: Request) -> Response:
            given = request.headers.get("x-telegram-bot-api-secret-token", "")
            if not hmac.compare_digest(given.encode(), secret.encode()):
                return PlainTextResponse("forbidden", status_code=403)
            try:
                update = Update.model_validate(await request.json(), context={"bot": self._bot})
            except ValueError:
                return PlainTextResponse("bad request", status_code=400)
            await self.feed(update)
            return PlainTextResponse("ok")

        async def healthy(_request: Request) -> Response:
            return PlainTextResponse("ok")

        return Starlette(
            routes=[
                Route("/telegram", receive, methods=["POST"]),
                Route("/healthz", healthy),
            ]
        )

    async def set_webhook(self, url: str, secret: str) -> None:
        """Tells Telegram where to deliver. Raises FactotumError where it refuses."""
        try:
            await self._bot.set_webhook(
                f"{url.rstrip('/')}/telegram", secret_token=secret, allowed_updates=UPDATES
            )
        except TelegramAPIError as error:
            raise FactotumError(
                f"Telegram does not take the webhook: {error.message}.",
                fix="Check FACTOTUM_WEBHOOK_URL (public, HTTPS) and FACTOTUM_WEBHOOK_SECRET.",
            ) from error

    async def delete_webhook(self) -> None:
        """Makes sure that polling is possible; trouble shows at the first poll."""
        try:
            await self._bot.delete_webhook()
        except (AiogramError, ClientError, OSError) as error:
            log.info("webhook_not_deleted", error=str(error))

    async def close(self) -> None:
        """Closes the connections."""
        await self._bot.session.close()
