"""What arrives is kept once; what is said keeps its order and is sent by one courier."""

from datetime import timedelta
from typing import Any, Literal

import pytest
from sqlalchemy import select

from core import inbox, outbox
from core.clock import ManualClock
from core.inbox import Arrived
from core.storage.database import Database
from core.storage.schema import inbox as inbox_table
from core.storage.schema import journal


def _arrived(update_id: int = 7, **more: Any) -> Arrived:
    fields: dict[str, Any] = {
        "kind": "text",
        "user_id": 1,
        "chat_id": 1,
        "message_id": 10,
        "text": "hello",
    }
    return Arrived(update_id=update_id, **(fields | more))


async def test_an_update_is_kept_once(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        first = await inbox.receive(connection, clock, _arrived())
    async with database.write() as connection:
        assert await inbox.receive(connection, clock, _arrived(text="again")) is None
        waiting = await inbox.waiting(connection, "text")
    assert [(m.id, m.text) for m in waiting] == [(first, "hello")]


async def test_waiting_is_in_order_and_by_kind(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        for update_id, kind in ((30, "text"), (20, "tap"), (10, "text")):
            await inbox.receive(connection, clock, _arrived(update_id, kind=kind))
        assert [m.update_id for m in await inbox.waiting(connection, "text")] == [30, 10]
        assert [m.update_id for m in await inbox.waiting(connection, "tap", "text")] == [30, 20, 10]


async def test_it_is_handled_once(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        found = await inbox.receive(connection, clock, _arrived())
        assert found is not None
        assert await inbox.is_waiting(connection, found)
        assert await inbox.handled(connection, clock, found)
        assert not await inbox.handled(connection, clock, found)
        assert not await inbox.is_waiting(connection, found)
        assert await inbox.waiting(connection, "text") == []


async def test_what_is_ignored_leaves_no_words_behind(
    database: Database, clock: ManualClock
) -> None:
    event = _arrived(user_id=666, text="my secret", data={"name": "secret.pdf"})
    async with database.write() as connection:
        kept = await inbox.receive(connection, clock, event, ignore="a stranger")
        again = await inbox.receive(connection, clock, event, ignore="a stranger")
        row = (await connection.execute(select(inbox_table))).one()
    async with database.read() as connection:
        entries = (await connection.execute(select(journal))).all()
    assert again is None
    assert (row.text, row.data, row.state) == ("", {}, "ignored")
    assert [(e.kind, e.subject, e.data) for e in entries] == [
        (
            "inbox.ignored",
            f"msg_{kept}",
            {
                "update": event.update_id,
                "kind": "text",
                "reason": "a stranger",
                "user_id": 666,
                "chat_id": 1,
            },
        )
    ]


async def test_a_message_is_found_by_its_telegram_id(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        await inbox.receive(connection, clock, _arrived(1, kind="tap"))
        kept = await inbox.receive(connection, clock, _arrived(2))
        found = await inbox.by_message(connection, chat_id=1, message_id=10)
        assert found is not None
        assert found.id == kept  # not the tap on a message with the same id
        assert await inbox.by_message(connection, chat_id=2, message_id=10) is None


async def _put(connection: Any, clock: ManualClock, chat: int, words: str, **more: Any) -> int:
    fields: dict[str, Any] = {"kind": "text", "payload": {"html": words}}
    return await outbox.put(connection, clock, chat_id=chat, **(fields | more))


async def _due(connection: Any, clock: ManualClock) -> list[str]:
    return [letter.payload["html"] for letter in await outbox.due(connection, clock)]


async def test_letters_go_in_order_one_per_chat(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        first = await _put(connection, clock, 1, "a1")
        await _put(connection, clock, 1, "a2")
        await _put(connection, clock, 2, "b1")
        assert sorted(await _due(connection, clock)) == ["a1", "b1"]
        await outbox.settle(connection, clock, first, state="sent", message_id=5)
        assert sorted(await _due(connection, clock)) == ["a2", "b1"]


async def test_a_letter_that_has_to_wait_holds_its_chat_and_no_other(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        first = await _put(connection, clock, 1, "a1")
        await _put(connection, clock, 1, "a2")
        await _put(connection, clock, 2, "b1")
        again = clock.now() + timedelta(seconds=30)
        await outbox.settle(connection, clock, first, state="queued", not_before=again)
        assert await _due(connection, clock) == ["b1"]
        assert await outbox.next_retry(connection) == again
        clock.advance(timedelta(seconds=30))
        assert sorted(await _due(connection, clock)) == ["a1", "b1"]


async def test_a_letter_is_claimed_by_one(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        letter = await _put(connection, clock, 1, "once")
        assert await outbox.claim(connection, letter)
        assert not await outbox.claim(connection, letter)
        assert await outbox.due(connection, clock) == []
        assert [found.id for found in await outbox.interrupted(connection)] == [letter]
        found = await outbox.load(connection, letter)
        assert found is not None
        assert found.attempts == 1


async def test_newer_edits_replace_waiting_ones(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        card = await _put(connection, clock, 1, "card")
        other = await _put(connection, clock, 1, "other")
        await outbox.settle(connection, clock, card, state="sent", message_id=5)
        await outbox.settle(connection, clock, other, state="sent", message_id=6)
        for words in ("one", "two", "three"):
            await _put(connection, clock, 1, words, kind="edit", edit_of=card)
        kept = await _put(connection, clock, 1, "of another", kind="edit", edit_of=other)
        assert await outbox.backlog(connection) == 2
        assert await _due(connection, clock) == ["three"]
        found = await outbox.due(connection, clock)
        await outbox.settle(connection, clock, found[0].id, state="sent")
        assert [letter.id for letter in await outbox.due(connection, clock)] == [kept]


async def test_an_edit_under_way_is_not_dropped(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        card = await _put(connection, clock, 1, "card")
        await outbox.settle(connection, clock, card, state="sent", message_id=5)
        edit = await _put(connection, clock, 1, "one", kind="edit", edit_of=card)
        assert await outbox.claim(connection, edit)
        await _put(connection, clock, 1, "two", kind="edit", edit_of=card)
        found = await outbox.load(connection, edit)
        assert found is not None
        assert found.state == "sending"
        assert await _due(connection, clock) == ["two"]


@pytest.mark.parametrize("state", ["sent", "unknown", "failed", "dropped"])
async def test_what_is_settled_is_not_sent_again(
    database: Database, clock: ManualClock, state: Any
) -> None:
    async with database.write() as connection:
        letter = await _put(connection, clock, 1, "once")
        await outbox.claim(connection, letter)
        await outbox.settle(connection, clock, letter, state=state)
        assert await outbox.due(connection, clock) == []
        assert await outbox.interrupted(connection) == []
        assert not await outbox.claim(connection, letter)


async def test_a_letter_is_found_by_its_message_and_not_by_its_edits(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        card = await _put(connection, clock, 1, "card", subject="apr_1")
        await outbox.settle(connection, clock, card, state="sent", message_id=5)
        edit = await _put(connection, clock, 1, "edit", kind="edit", edit_of=card)
        await outbox.settle(connection, clock, edit, state="sent", message_id=5)
        found = await outbox.by_message(connection, chat_id=1, message_id=5)
        assert found is not None
        assert (found.id, found.subject) == (card, "apr_1")
        assert await outbox.by_message(connection, chat_id=2, message_id=5) is None


@pytest.mark.parametrize("state", ["sending", "unknown"])
async def test_a_letter_whose_buttons_were_used_did_arrive(
    database: Database, clock: ManualClock, state: Literal["sending", "unknown"]
) -> None:
    async with database.write() as connection:
        letters = [
            await outbox.put(
                connection,
                clock,
                chat_id=1,
                kind="text",
                payload={"html": data, "buttons": [[{"text": "Approve", "data": data}]]},
            )
            for data in ("ok:apr_1", "ok:apr_2")
        ]
        for letter in letters:
            assert await outbox.claim(connection, letter)
            if state == "unknown":
                await outbox.settle(connection, clock, letter, state="unknown")
        for chat, buttons in ((2, ["ok:apr_2"]), (1, []), (1, ["ok:apr_3"])):
            await outbox.seen(connection, clock, chat_id=chat, message_id=7, buttons=buttons)
        assert await outbox.by_message(connection, chat_id=1, message_id=7) is None
        await outbox.seen(connection, clock, chat_id=1, message_id=7, buttons=["ok:apr_2"])
        found = await outbox.by_message(connection, chat_id=1, message_id=7)
        assert found is not None
        assert (found.id, found.state) == (letters[1], "sent")
        await outbox.seen(connection, clock, chat_id=1, message_id=7, buttons=["ok:apr_1"])
        first = await outbox.load(connection, letters[0])
        assert first is not None
        assert first.state == state  # that message is the other letter's


async def test_of_two_letters_with_the_same_buttons_neither_is_taken_for_arrived(
    database: Database, clock: ManualClock
) -> None:
    payload = {"html": "card", "buttons": [[{"text": "Approve", "data": "ok:apr_1"}]]}
    async with database.write() as connection:
        for _ in range(2):
            letter = await outbox.put(
                connection, clock, chat_id=1, kind="text", payload=payload, subject="apr_1"
            )
            await outbox.settle(connection, clock, letter, state="unknown")
        await outbox.seen(connection, clock, chat_id=1, message_id=7, buttons=["ok:apr_1"])
        assert await outbox.by_message(connection, chat_id=1, message_id=7) is None


async def test_a_rolled_back_change_says_nothing(database: Database, clock: ManualClock) -> None:
    async def change() -> None:
        async with database.write() as connection:
            await _put(connection, clock, 1, "done")
            raise RuntimeError("it was not")

    with pytest.raises(RuntimeError):
        await change()
    async with database.read() as connection:
        assert await outbox.backlog(connection) == 0
