"""The courier: what a failed letter means, and that nothing it carries gets lost or doubled."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.courier import Courier, may_have_arrived
from bot.outgoing import Button, Outgoing
from bot.sending import CAPTION_LIMIT
from bot.splitting import plain, visible
from core import outbox
from core.clock import ManualClock
from core.storage.database import Database
from core.storage.schema import outbox as outbox_table


def _caused(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "perhaps"),
    [
        (BadRequest("message is too long"), False),
        (Forbidden("bot was blocked by the user"), False),
        (RetryAfter(timedelta(seconds=3)), False),
        (InvalidToken("no"), False),
        (Conflict("two pollers"), False),
        (ChatMigrated(5), False),
        (NetworkError("Bad Gateway"), False),  # Telegram's own answer, 502
        (_caused(NetworkError("x"), httpx.ConnectError("refused")), False),
        (_caused(TimedOut(), httpx.ConnectTimeout("slow")), False),
        (_caused(TimedOut(), httpx.PoolTimeout("busy")), False),
        (_caused(TimedOut(), httpx.ReadTimeout("slow")), True),
        (_caused(TimedOut(), httpx.WriteTimeout("slow")), True),
        (TimedOut(), True),
        (_caused(NetworkError("x"), httpx.ReadError("reset")), True),
        (_caused(NetworkError("x"), httpx.WriteError("reset")), True),
        (_caused(NetworkError("x"), httpx.RemoteProtocolError("gone")), True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_may_have_arrived(error: TelegramError, perhaps: bool) -> None:
    assert may_have_arrived(error) is perhaps


class FakeTelegram:
    """A bot that notes what was shown, and fails as it is told to."""

    def __init__(self) -> None:
        self.shown: list[dict[str, Any]] = []
        self.files: list[bytes] = []
        self.troubles: list[TelegramError | None] = []

    def _call(self, kind: str, html: str, **more: Any) -> SimpleNamespace:
        if self.troubles and (trouble := self.troubles.pop(0)):
            raise trouble
        buttons = more.get("reply_markup")
        self.shown.append(
            {
                "kind": kind,
                "html": html,
                "text": plain(html) if more.get("parse_mode") else html,
                "buttons": [b.text for row in buttons.inline_keyboard for b in row]
                if buttons
                else [],
                "of": more.get("message_id"),
            }
        )
        return SimpleNamespace(message_id=100 + len(self.shown))

    async def send_message(self, _chat_id: int, text: str, **more: Any) -> SimpleNamespace:
        return self._call("text", text, **more)

    async def send_document(
        self, _chat_id: int, file: Any, caption: str, **more: Any
    ) -> SimpleNamespace:
        self.files.append(file.input_file_content)
        assert visible(caption) <= CAPTION_LIMIT
        return self._call("document", caption, **more)

    async def send_photo(
        self, chat_id: int, file: Any, caption: str, **more: Any
    ) -> SimpleNamespace:
        return await self.send_document(chat_id, file, caption, **more)

    async def edit_message_text(self, text: str, **more: Any) -> SimpleNamespace:
        return self._call("edit", text, **more)

    async def edit_message_caption(self, caption: str, **more: Any) -> SimpleNamespace:
        return self._call("caption", caption, **more)


class Post:
    """An outbox, its courier and the Telegram behind it."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self._db, self._clock = database, clock
        self.telegram = FakeTelegram()
        self._courier = Courier(
            database=database,
            clock=clock,
            queue=SimpleNamespace(courier_call=asyncio.sleep),
            bot=self.telegram,
        )

    async def put(self, message: Outgoing, kind: Any = "text", **more: Any) -> int:
        async with self._db.write() as connection:
            return await outbox.put(
                connection, self._clock, chat_id=7, kind=kind, payload=message.payload(), **more
            )

    async def states(self) -> list[str]:
        async with self._db.read() as connection:
            rows = await connection.execute(outbox_table.select().order_by(outbox_table.c.id))
            return [row.state for row in rows]

    async def deliver(self) -> list[dict[str, Any]]:
        """Runs the courier until nothing waits any more; returns what was shown."""
        async with self.running(), asyncio.timeout(10):
            while {"queued", "sending"} & set(await self.states()):
                self._clock.advance(timedelta(minutes=10))  # whatever has to wait is due now
                self.call()
                await asyncio.sleep(0.01)
        return self.telegram.shown

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """While the courier runs."""
        running = asyncio.create_task(self._courier.run())
        try:
            yield
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    def call(self) -> None:
        self._courier.call()

    async def waits(self) -> datetime | None:
        """Until when the first letter that waits does."""
        async with self._db.read() as connection:
            return await outbox.next_retry(connection)


@pytest.fixture
async def post(database: Database, clock: ManualClock) -> Post:
    return Post(database, clock)


def _dropped() -> TelegramError:
    return _caused(NetworkError("x"), httpx.ReadError("reset"))


@pytest.mark.parametrize("troubles", [1, 2, 3, 5])
@pytest.mark.parametrize("subject", ["", "run_1", "apr_1"])
async def test_one_unclear_letter_makes_one_note(post: Post, troubles: int, subject: str) -> None:
    await post.put(Outgoing(html="Invoice <b>2026-1</b> was sent"), subject=subject)
    post.telegram.troubles = [_dropped() for _ in range(troubles)]
    [note] = await post.deliver()
    assert "“Invoice 2026-1 was sent”" in note["text"]
    assert note["text"].count("I can't tell") == 1
    assert note["buttons"] == ["Show it"]
    assert await post.states() == ["unknown", "sent"]


async def test_two_unclear_letters_make_two_notes(post: Post) -> None:
    for name in ("first", "second"):
        await post.put(Outgoing(html=name), subject=f"msg_{name}")
    post.telegram.troubles = [_dropped() for _ in range(4)]
    notes = [each["text"] for each in await post.deliver()]
    assert [("first" in note, "second" in note) for note in notes] == [(True, False), (False, True)]


async def test_a_note_under_way_when_the_courier_died_is_sent_again(
    post: Post, database: Database
) -> None:
    await post.put(Outgoing(html="the note"), subject="run_1:again")
    async with database.write() as connection:
        await connection.execute(outbox_table.update().values(state="sending"))
    assert [each["text"] for each in await post.deliver()] == ["the note"]
    assert await post.states() == ["sent"]


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "chart.png"
    path.write_bytes(b"picture")
    return str(path)


BUTTON = ((Button("Go", "go"),),)


@pytest.mark.parametrize("kind", ["document", "photo"])
async def test_a_caption_that_fits_goes_with_the_file(post: Post, file: str, kind: str) -> None:
    words = "&lt;" * CAPTION_LIMIT  # longer before its entities are parsed
    await post.put(Outgoing(html=f"<b>{words}</b>", file=file, buttons=BUTTON), kind)
    [sent] = await post.deliver()
    assert (sent["kind"], sent["text"]) == ("document", "<" * CAPTION_LIMIT)
    assert sent["buttons"] == ["Go"]


@pytest.mark.parametrize("length", [CAPTION_LIMIT + 1, 3000, 9000])
async def test_a_caption_that_does_not_fit_goes_ahead_as_text(
    post: Post, file: str, length: int
) -> None:
    await post.put(Outgoing(html="x" * length, file=file, buttons=BUTTON), "document")
    *texts, sent = await post.deliver()
    assert {each["kind"] for each in texts} == {"text"}
    assert sum(each["text"].count("x") for each in texts) == length
    assert (sent["kind"], sent["text"], sent["buttons"]) == ("document", "", ["Go"])
    assert all(each["buttons"] == [] for each in texts)


async def test_the_text_ahead_of_a_file_is_not_repeated_with_it(post: Post, file: str) -> None:
    await post.put(Outgoing(html="x" * 5000, file=file), "document")
    post.telegram.troubles = [None, None, RetryAfter(timedelta(seconds=1)), NetworkError("502")]
    shown = await post.deliver()
    assert [each["kind"] for each in shown] == ["text", "text", "document"]
    assert sum(each["text"].count("x") for each in shown) == 5000


async def test_a_caption_that_telegram_cannot_read_goes_plain(post: Post, file: str) -> None:
    await post.put(Outgoing(html="<b>A &amp; B</b>", file=file), "photo")
    post.telegram.troubles = [BadRequest("Can't parse entities: whatever")]
    [sent] = await post.deliver()
    assert sent["html"] == "A & B"


async def test_what_does_not_fit_into_an_edit_follows_it(post: Post) -> None:
    first = await post.put(Outgoing(html="card", buttons=BUTTON), subject="apr_1")
    outcome = Outgoing(html="y" * 6000, buttons=BUTTON)
    await post.put(outcome, "edit", subject="apr_1", edit_of=first)
    card, edit, rest = await post.deliver()
    assert (card["buttons"], edit["buttons"], rest["buttons"]) == (["Go"], [], ["Go"])
    assert (edit["kind"], edit["of"], rest["kind"]) == ("edit", 101, "text")
    assert (edit["text"] + rest["text"]).count("y") == 6000


async def test_an_edit_that_fits_is_one(post: Post) -> None:
    first = await post.put(Outgoing(html="card", buttons=BUTTON), subject="apr_1")
    await post.put(Outgoing(html="<b>done</b>"), "edit", subject="apr_1", edit_of=first)
    post.telegram.troubles = [None, BadRequest("message is not modified")]
    await post.deliver()
    assert await post.states() == ["sent", "sent"]


async def test_the_caption_of_a_file_is_edited(post: Post, file: str) -> None:
    first = await post.put(Outgoing(html="Draft.", file=file), "document", subject="run_1:draft")
    await post.put(Outgoing(html="Draft.\n<b>Sent.</b>"), "edit", edit_of=first)
    _, edit = await post.deliver()
    assert (edit["kind"], edit["of"], edit["text"]) == ("caption", 101, "Draft.\nSent.")


@pytest.mark.parametrize("words", ["message is not modified", "message to edit not found"])
async def test_a_caption_that_cannot_be_edited_is_let_be(post: Post, file: str, words: str) -> None:
    first = await post.put(Outgoing(html="Draft.", file=file), "document")
    await post.put(Outgoing(html="Sent."), "edit", edit_of=first)
    post.telegram.troubles = [None, BadRequest(words)]
    assert [each["kind"] for each in await post.deliver()] == ["document"]
    assert await post.states() == ["sent", "sent"]


async def test_the_caption_of_a_file_that_never_arrived_is_not_said_anew(
    post: Post, file: str
) -> None:
    first = await post.put(Outgoing(html="Draft.", file=file), "document")
    post.telegram.troubles = [BadRequest("wrong file")]
    await post.deliver()
    before = len(post.telegram.shown)
    await post.put(Outgoing(html="Sent."), "edit", edit_of=first)
    assert len(await post.deliver()) == before


async def test_a_document_of_text_needs_no_file(post: Post) -> None:
    await post.put(Outgoing(html="All of it.", content="ä\n" * 5000, name="x.txt"), "document")
    [sent] = await post.deliver()
    assert (sent["kind"], sent["text"]) == ("document", "All of it.")
    assert post.telegram.files == [("ä\n" * 5000).encode()]


async def test_a_wait_ends_though_the_clock_was_set_back(post: Post, clock: ManualClock) -> None:
    await post.put(Outgoing(html="hello"))
    post.telegram.troubles = [RetryAfter(timedelta(seconds=0.2))]
    async with post.running(), asyncio.timeout(9):
        while await post.waits() is None:
            post.call()
            await asyncio.sleep(0.01)
        clock.advance(timedelta(hours=-5))
        while await post.states() != ["sent"]:
            post.call()
            await asyncio.sleep(0.01)


async def test_a_wait_beyond_reason_is_forgotten_at_the_start(
    post: Post, database: Database, clock: ManualClock
) -> None:
    for hours in (0.5, 5):
        await post.put(Outgoing(html=f"{hours}"))
        at = clock.now() + timedelta(hours=hours)
        async with database.write() as connection:
            last = select(func.max(outbox_table.c.id)).scalar_subquery()
            await connection.execute(
                outbox_table.update().where(outbox_table.c.id == last).values(not_before=at)
            )
            await outbox.wake(connection, clock)
    async with database.read() as connection:
        kept = await connection.execute(select(outbox_table.c.not_before).order_by("id"))
        assert [row.not_before is None for row in kept] == [False, True]
