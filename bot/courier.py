"""The courier: drains the outbox to Telegram, in order, once, with python-telegram-bot."""

import asyncio
import os
import time
from datetime import timedelta
from typing import Any

import httpx
import structlog
from telegram import BotCommand
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from bot.health import note_trouble
from bot.outgoing import Button, Outgoing, esc
from bot.sending import Sender
from bot.splitting import plain
from core import outbox
from core.clock import Clock
from core.outbox import Letter
from core.queue import Queue
from core.storage.database import TROUBLE, Database

log: Any = structlog.get_logger()

_MOST_SECONDS = 60.0
_BLOCKED_SECONDS = 300.0
_LOST = ":lost"
_AGAIN = ":again"


def make_bot(token: str, api_url: str) -> ExtBot[Any]:
    """The sending half: its own connection pool, its own pacing, no polling."""
    os.environ.setdefault("PTB_TIMEDELTA", "true")  # durations as such, not deprecated integers
    base = api_url.rstrip("/")
    return ExtBot(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=HTTPXRequest(connection_pool_size=16, read_timeout=20),
        rate_limiter=AIORateLimiter(max_retries=0),  # the outbox retries, and survives a restart
    )


def may_have_arrived(error: TelegramError) -> bool:
    """Whether a failed call may have been carried out all the same.

    An error answer of Telegram, and a connection that was never made, are certain; an answer
    that never came is not.
    """
    if isinstance(error, BadRequest | Forbidden | RetryAfter | InvalidToken):
        return False
    cause = error.__cause__
    if isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return False
    return isinstance(error, TimedOut) or isinstance(cause, httpx.HTTPError)


def _repeatable(letter: Letter) -> bool:
    """Whether a letter can be sent twice without harm: an edit, or a note about another letter."""
    return letter.kind in ("edit", "pin") or letter.subject.endswith((_LOST, _AGAIN))


class Courier:
    """Delivers letters one after the other per chat."""

    def __init__(self, *, database: Database, clock: Clock, queue: Queue, bot: ExtBot[Any]) -> None:
        self._db = database
        self._clock = clock
        self._queue = queue
        self._bot = bot
        self._sender = Sender(database=database, bot=bot)
        self._call = asyncio.Event()
        self._trouble: str | None = None
        self._rests: dict[int, float] = {}
        """When a letter that waits has waited enough, by a clock that nobody sets back."""

    async def run(self) -> None:
        """Delivers until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._deliver_forever())

    def call(self) -> None:
        """There is something to deliver."""
        self._call.set()

    async def answer(self, callback_id: str, text: str) -> None:
        """Answers a tap, as far as that is still possible."""
        try:
            await self._bot.answer_callback_query(callback_id, text=text[:200] or None)
        except TelegramError as error:
            log.info("tap_not_answered", error=str(error))

    async def tell(self, chat_id: int, text: str) -> None:
        """Says something without the outbox, for when the outbox itself is in trouble."""
        try:
            await self._bot.send_message(chat_id, text)
        except TelegramError as error:
            log.warning("not_told", error=str(error))

    async def typing(self, chat_id: int) -> None:
        """Shows that an answer is being thought of."""
        try:
            await self._bot.send_chat_action(chat_id, "typing")
        except TelegramError as error:
            log.info("typing_not_shown", error=str(error))

    async def set_menu(self, commands: list[tuple[str, str]]) -> None:
        """Tells Telegram the commands. Raises TelegramError."""
        await self._bot.set_my_commands([BotCommand(name, text) for name, text in commands])

    async def _listen(self) -> None:
        while True:
            await self._queue.courier_call(2)
            self._call.set()

    async def _deliver_forever(self) -> None:
        while True:
            try:
                await self._recover()  # also after trouble: what was under way is unclear then
                await self._deliver_all()
            except TROUBLE:
                log.exception("courier_put_off")
                await asyncio.sleep(1)

    async def _deliver_all(self) -> None:
        while True:
            self._call.clear()
            now = time.monotonic()
            rested = [letter_id for letter_id, until in self._rests.items() if until <= now]
            async with self._db.read() as connection:
                letters = await outbox.due(connection, self._clock, rested=rested)
                retry_at = await outbox.next_retry(connection)
            if letters:
                for letter in letters:
                    await self._deliver(letter)
                continue
            wait = 2.0
            if retry_at is not None:
                wait = min(2.0, max(0.05, (retry_at - self._clock.now()).total_seconds()))
            try:
                async with asyncio.timeout(wait):
                    await self._call.wait()
            except TimeoutError:
                continue

    async def _recover(self) -> None:
        """Letters that were under way when the courier died: told, never sent twice blindly."""
        async with self._db.write() as connection:
            await outbox.wake(connection, self._clock)
            for letter in await outbox.interrupted(connection):
                if _repeatable(letter):
                    await outbox.settle(connection, self._clock, letter.id, state="queued")
                else:
                    await outbox.settle(connection, self._clock, letter.id, state="unknown")
                    await self._say_unsure(connection, letter)

    async def _say_unsure(self, connection: Any, letter: Letter) -> None:
        said = " ".join(plain(letter.payload["html"]).split())[:120]
        note = Outgoing(
            html=f"I can't tell whether this message reached you: “{esc(said)}”",
            buttons=((Button("Show it", f"show:{letter.id}"),),),
            silent=False,
        )
        await outbox.put(
            connection,
            self._clock,
            chat_id=letter.chat_id,
            kind="text",
            payload=note.payload(),
            subject=letter.subject + _AGAIN,
        )

    async def _deliver(self, letter: Letter) -> None:
        async with self._db.write() as connection:
            if not await outbox.claim(connection, letter.id):
                return
        self._rests.pop(letter.id, None)
        try:
            message_id = await self._sender.send(letter)
        except TelegramError as error:
            await self._failed(letter, error)
            return
        except OSError as error:  # a file that should go along can't be read
            await self._give_up(letter, str(error))
            return
        await self._settle(letter, state="sent", message_id=message_id)
        self._sender.forget(letter.id)
        await self._all_well()

    async def _settle(self, letter: Letter, **how: Any) -> None:
        # What was sent must be known as sent: this waits until it can be written down.
        while True:
            try:
                async with self._db.write() as connection:
                    await outbox.settle(connection, self._clock, letter.id, **how)
            except TROUBLE:
                log.exception("letter_not_settled", letter=letter.id)
                await asyncio.sleep(1)
            else:
                return

    async def _failed(self, letter: Letter, error: TelegramError) -> None:
        log.warning("letter_failed", letter=letter.id, error=str(error), kind=type(error).__name__)
        if isinstance(error, RetryAfter):
            after = error.retry_after
            seconds = after.total_seconds() if isinstance(after, timedelta) else float(after)
            await self._again(letter, error, seconds)
        elif isinstance(error, Forbidden):  # the operator blocked the bot: perhaps not for ever
            await self._again(letter, error, _BLOCKED_SECONDS)
        elif isinstance(error, BadRequest):
            await self._give_up(letter, str(error))
        elif may_have_arrived(error) and not _repeatable(letter):
            async with self._db.write() as connection:
                await outbox.settle(
                    connection, self._clock, letter.id, state="unknown", error=str(error)
                )
                await self._say_unsure(connection, letter)
        else:
            await self._again(letter, error, min(2.0**letter.attempts * 0.5, _MOST_SECONDS))

    async def _give_up(self, letter: Letter, error: str) -> None:
        """A message that can't be shown: the operator hears of it, once."""
        self._sender.forget(letter.id)
        async with self._db.write() as connection:
            await outbox.settle(connection, self._clock, letter.id, state="failed", error=error)
            if letter.subject.endswith(_LOST):
                return
            note = Outgoing(
                html="A message could not be shown here. /approvals and /status show what waits; "
                "the log on the host has the details."
            )
            await outbox.put(
                connection,
                self._clock,
                chat_id=letter.chat_id,
                kind="text",
                payload=note.payload(),
                subject=letter.subject + _LOST,
            )

    async def _again(self, letter: Letter, error: TelegramError, seconds: float) -> None:
        at = self._clock.now() + timedelta(seconds=seconds)
        self._rests[letter.id] = time.monotonic() + seconds
        await self._settle(letter, state="queued", error=str(error), not_before=at)
        told = f"Telegram answers “{error}”; messages wait and are sent in order"
        if self._trouble != told:
            self._trouble = told
            async with self._db.write() as connection:
                await note_trouble(connection, self._clock, "telegram", told)

    async def _all_well(self) -> None:
        if self._trouble is not None:
            self._trouble = None
            async with self._db.write() as connection:
                await note_trouble(connection, self._clock, "telegram", None)
