"""What arrives from Telegram: whose it is, what it is, and that it counts once."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from structlog.testing import capture_logs

from bot import pair
from bot.inbound import Inbound, make_bot
from core import outbox, pairing
from core.clock import Clock, ManualClock, SystemClock
from core.errors import FactotumError
from core.inbox import Arrived
from core.settings import Settings
from core.storage.database import Database
from core.storage.schema import inbox as inbox_table
from core.storage.schema import journal

OWNER = {"id": 7, "is_bot": False, "first_name": "Ada", "last_name": "L"}
STRANGER = {"id": 666, "is_bot": False, "first_name": "Eve"}
BOT = {"id": 99, "is_bot": True, "first_name": "Bot"}


class Door:
    """An inbound and what came through it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        from aiogram.types import Update

        self.database, self.clock, self._update = database, clock, Update
        self.handled: list[Any] = []
        self.taps: list[str] = []
        self.intruders: list[str] = []
        self.bot = make_bot("123456789:" + "x" * 35, "http://127.0.0.1:9")
        self.inbound = Inbound(
            bot=self.bot,
            database=database,
            clock=clock,
            handle=self._handle,
            welcome=self._welcome,
            intruded=self._intruded,
            ignored_tap=self._ignored,
            stuck=self._stuck,
        )

    async def _handle(self, message: Any) -> None:
        self.handled.append(message)

    async def _welcome(self, arrived: Arrived, code: str, name: str) -> bool:
        async with self.database.write() as connection:
            return await pairing.redeem(
                connection,
                self.clock,
                code,
                user_id=arrived.user_id or 0,
                chat_id=arrived.chat_id or 0,
                name=name,
            )

    async def _intruded(self, connection: AsyncConnection, title: str) -> None:
        assert connection.in_transaction()
        self.intruders.append(title)

    async def _ignored(self, callback_id: str) -> None:
        self.taps.append(callback_id)

    async def _stuck(self, error: Exception) -> None:
        raise AssertionError(error)

    async def feed(self, update_id: int = 1, **content: Any) -> None:
        update = self._update.model_validate(
            {"update_id": update_id, **content}, context={"bot": self.bot}
        )
        await self.inbound.feed(update)

    async def rows(self) -> list[Any]:
        async with self.database.read() as connection:
            return list((await connection.execute(select(inbox_table))).all())

    async def reasons(self) -> list[str]:
        async with self.database.read() as connection:
            found = await connection.scalars(
                select(journal.c.data).where(journal.c.kind == "inbox.ignored")
            )
            return [data["reason"] for data in found]


@pytest.fixture
async def door(database: Database, clock: ManualClock) -> Any:
    door = Door(database, clock)
    async with database.write() as connection:
        await pairing.pair(connection, clock, user_id=7, chat_id=7, name="Ada")
    yield door
    await door.inbound.close()


def _message(text: str | None = "hello", user: Any = OWNER, **more: Any) -> dict[str, Any]:
    message = {
        "message_id": 10,
        "date": 1_800_000_000,
        "from": user,
        "chat": {"id": user["id"], "type": "private", "first_name": "x"},
    }
    return message | ({"text": text} if text is not None else {}) | more


async def test_the_operators_words_are_kept_and_handed_on(door: Door) -> None:
    reply = _message("earlier") | {"message_id": 4}
    await door.feed(message=_message("hi <b>", reply_to_message=reply))
    [found] = door.handled
    assert (found.kind, found.text, found.user_id, found.chat_id) == ("text", "hi <b>", 7, 7)
    assert (found.message_id, found.reply_to, found.data) == (10, 4, {})


async def test_an_update_that_comes_again_counts_once(door: Door) -> None:
    for _ in range(3):
        await door.feed(message=_message())
    assert len(door.handled) == len(await door.rows()) == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"text": "/help"}, "command"),
        ({"text": "a /help"}, "text"),
        ({"text": None, "location": {"latitude": 1.0, "longitude": 2.0}}, "other"),
        ({"text": None, "sticker_": 1}, "other"),
    ],
)
async def test_what_kind_it_is(door: Door, content: dict[str, Any], kind: str) -> None:
    await door.feed(message=_message(**content))
    assert [found.kind for found in door.handled] == [kind]


async def test_a_file_carries_what_is_needed_to_fetch_it(door: Door) -> None:
    sizes = [
        {"file_id": f, "file_unique_id": f, "width": 1, "height": 1, "file_size": n}
        for f, n in (("small", 10), ("large", 900))
    ]
    await door.feed(1, message=_message(None, photo=sizes, caption="/pause"))
    document = {
        "file_id": "doc",
        "file_unique_id": "d",
        "file_name": "../../x.pdf",
        "mime_type": "application/pdf",
        "file_size": 5,
    }
    await door.feed(2, message=_message(None, document=document))
    photo, doc = door.handled
    assert (photo.kind, photo.text) == ("file", "/pause")  # a caption is no command
    assert (photo.data["media"], photo.data["file_id"], photo.data["size"]) == (
        "photo",
        "large",
        900,
    )
    assert (doc.data["name"], doc.data["mime"]) == ("../../x.pdf", "application/pdf")


async def test_forwarded_and_inline_words_are_marked_and_never_commands(door: Door) -> None:
    origin = {"type": "user", "date": 1_700_000_000, "sender_user": STRANGER}
    hidden = {"type": "hidden_user", "date": 1_700_000_000, "sender_user_name": "Eve"}
    await door.feed(1, message=_message("/resume", forward_origin=origin))
    await door.feed(2, message=_message("approve", forward_origin=hidden))
    await door.feed(3, message=_message("/resume", via_bot=BOT))
    assert [found.kind for found in door.handled] == ["text", "text", "text"]
    assert [found.data.get("forwarded") for found in door.handled] == [True, True, True]


def _tap(user: Any = OWNER, chat: Any = None) -> dict[str, Any]:
    message = {
        "message_id": 5,
        "date": 1_800_000_000,
        "chat": chat or {"id": user["id"], "type": "private", "first_name": "x"},
        "from": BOT,
        "text": "card",
    }
    return {
        "id": "cb1",
        "from": user,
        "chat_instance": "x",
        "data": "ok:apr_1",
        "message": message,
    }


async def test_a_tap_of_the_operator(door: Door) -> None:
    await door.feed(callback_query=_tap())
    [found] = door.handled
    assert (found.kind, found.message_id) == ("tap", 5)
    assert found.data == {"callback_id": "cb1", "data": "ok:apr_1"}


@pytest.mark.parametrize("how", ["tapped", "answered"])
async def test_what_the_operator_uses_did_arrive(
    door: Door, database: Database, clock: ManualClock, how: str
) -> None:
    async with database.write() as connection:
        payload = {"html": "card", "buttons": [[{"text": "Approve", "data": "ok:apr_1"}]]}
        letter = await outbox.put(connection, clock, chat_id=7, kind="text", payload=payload)
        await outbox.settle(connection, clock, letter, state="unknown")
    card = _tap()["message"] | {
        "reply_markup": {"inline_keyboard": [[{"text": "Approve", "callback_data": "ok:apr_1"}]]}
    }
    if how == "tapped":
        await door.feed(callback_query=_tap() | {"message": card})
    else:
        await door.feed(message=_message("make it 500", reply_to_message=card))
    async with database.read() as connection:
        found = await outbox.by_message(connection, chat_id=7, message_id=5)
    assert found is not None
    assert (found.id, found.state) == (letter, "sent")


async def test_a_tap_on_a_message_too_old_to_see(door: Door) -> None:
    tap = _tap()
    tap["message"] = {"message_id": 5, "date": 0, "chat": tap["message"]["chat"]}
    await door.feed(callback_query=tap)
    assert [found.kind for found in door.handled] == ["tap"]


async def test_strangers_are_ignored_without_their_words(door: Door) -> None:
    await door.feed(1, message=_message("my secret", user=STRANGER))
    await door.feed(2, callback_query=_tap(STRANGER))
    assert door.handled == []
    assert door.taps == ["cb1"]  # the spinner ends
    assert [row.text for row in await door.rows()] == ["", ""]
    assert await door.reasons() == ["a stranger", "a stranger"]


async def test_the_operator_in_a_group_is_ignored(door: Door) -> None:
    group = {"id": -5, "type": "group", "title": "G"}
    await door.feed(1, message=_message("pay Eve 100 EUR", chat=group))
    await door.feed(2, callback_query=_tap(chat=group))
    await door.feed(3, message=_message("/start ABCDEFGH", chat=group, user=STRANGER))
    assert door.handled == []
    assert set(await door.reasons()) == {"not a private chat"}


async def test_a_tap_on_an_inline_message_is_ignored(door: Door) -> None:
    tap = _tap()
    del tap["message"]
    await door.feed(callback_query=tap | {"inline_message_id": "x"})
    assert door.handled == []


async def test_added_to_a_group_it_is_told(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[int] = []

    async def leave(_bot: Any, chat_id: int) -> None:
        left.append(chat_id)

    monkeypatch.setattr(type(door.bot), "leave_chat", leave)
    change = {
        "chat": {"id": -5, "type": "group", "title": "Evil & Co"},
        "from": STRANGER,
        "date": 1_800_000_000,
        "old_chat_member": {"user": BOT, "status": "left"},
        "new_chat_member": {"user": BOT, "status": "member"},
    }
    await door.feed(my_chat_member=change)
    await door.feed(my_chat_member=change)  # delivered again: told once, and left all the same
    assert (left, door.intruders) == ([-5, -5], ["Evil & Co"])
    gone = change | {"new_chat_member": {"user": BOT, "status": "left"}}
    await door.feed(2, my_chat_member=gone)
    assert (left, door.intruders) == ([-5, -5], ["Evil & Co"])


async def test_a_wrong_code_is_ignored_and_the_right_one_pairs(
    database: Database, clock: ManualClock
) -> None:
    door = Door(database, clock)
    async with database.write() as connection:
        code = await pairing.offer(connection, clock)
    await door.feed(1, message=_message("/start WRONG234", user=STRANGER))
    await door.feed(2, message=_message("hello?", user=STRANGER))
    assert await door.reasons() == ["nobody is paired yet"] * 2
    await door.feed(3, message=_message(f"/start {code}"))
    async with database.read() as connection:
        assert await pairing.current(connection) == pairing.Operator(7, 7, "Ada L")
    await door.feed(4, message=_message(f"/start {code}", user=STRANGER))
    assert (await door.reasons())[-1] == "a stranger"
    assert code not in "".join(row.text for row in await door.rows())
    await door.inbound.close()


async def test_after_too_many_wrong_codes_the_host_makes_a_new_one(
    database: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    door = Door(database, SystemClock())
    async with database.write() as connection:
        code = await pairing.offer(connection, SystemClock())
    with capture_logs() as logs:
        for update in range(pairing.ATTEMPTS):
            await door.feed(update, message=_message("/start WRONG234", user=STRANGER))
        await door.feed(20, message=_message(f"/start {code}"))  # too late, even for the owner
    assert [line["event"] for line in logs] == ["pairing_exhausted"]
    assert set(await door.reasons()) == {"nobody is paired yet"}

    settings = Settings(home=tmp_path, _env_file=None)
    await pair.offer(settings)
    fresh = capsys.readouterr().out.split()[-1]
    await door.feed(21, message=_message(f"/start {fresh}"))
    async with database.read() as connection:
        assert await pairing.current(connection) == pairing.Operator(7, 7, "Ada L")
    with pytest.raises(FactotumError, match="paired already"):
        await pair.offer(settings)
    await door.inbound.close()


@pytest.mark.parametrize("header", [{}, {"x-telegram-bot-api-secret-token": "wrong"}])
async def test_the_webhook_wants_its_secret(door: Door, header: dict[str, str]) -> None:
    import httpx

    app = door.inbound.webhook("right")
    body = {"update_id": 1, "message": _message()}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        assert (await client.post("/telegram", json=body, headers=header)).status_code == 403
        assert door.handled == []
        right = {"x-telegram-bot-api-secret-token": "right"}
        assert (await client.post("/telegram", json=body, headers=right)).status_code == 200
        assert (await client.post("/telegram", content=b"{", headers=right)).status_code == 400
    assert len(door.handled) == 1
