"""How a client deals with you is shown where you look, and praise and complaints with it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from aiogram.types import Message

from bot import digest, forgetting, hearing
from bot.arriving import message as arriving
from core.memory import entities, facts, upkeep
from core.memory.dealings import Dealings
from core.memory.facts import View
from core.memory.mails import Received
from core.memory.threads import Thread
from core.storage.memory import signal
from core.storage.schema import run


def _mail(house: Any, text: str, at: datetime | None = None, **more: Any) -> Received:
    fields: dict[str, Any] = {
        "id": f"m{abs(hash((text, at)))}",
        "sender": "accounts@northwind.example",
        "subject": "Hello",
        "text": text,
        "at": at or house.clock.now(),
    }
    return Received(**(fields | more))


async def _facts(house: Any) -> str:
    await house.command("/facts Northwind")
    return await house.last()


async def _series(house: Any, name: str, *values: float) -> None:
    [client] = await house.clients()
    async with house.app.database.write() as connection:
        for place, value in enumerate(values):
            at = house.clock.now() - timedelta(days=place)
            row = {"entity_id": client.id, "name": name, "ref": f"r{place}"}
            await connection.execute(signal.insert().values(**row, value=value, at=at))


async def _content(house: Any) -> list[Any]:
    async with house.app.database.read() as connection:
        query = signal.select().where(signal.c.name == "satisfaction").order_by(signal.c.at)
        return list((await connection.execute(query)).all())


async def test_facts_tell_how_a_client_deals_with_you(house: Any) -> None:
    assert "How it goes" not in await _facts(house)
    await _series(house, "days_late", 4, 6, 8, 6)
    await _series(house, "hours_to_reply", 5, 9, 200)
    asked = _mail(house, "Could you send the logo?", house.clock.now() - timedelta(days=6))
    await hearing.take(house.app, [asked])
    assert (
        "<b>How it goes</b>\nPays on average 6 days after the due date (4 payments). "
        "Answers within a day (3 mails). 1 open thread since Tue 17 Nov 2026."
    ) in await _facts(house)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ((6.0,), "Paid 6 days after the due date (1 payment)."),
        ((-2.0, -2.0), "Pays on average 2 days before the due date (2 payments)."),
        ((0.0, 0.0), "Pays on the due date (2 payments)."),
    ],
)
async def test_payments_in_words(house: Any, values: tuple[float, ...], told: str) -> None:
    await _series(house, "days_late", *values)
    assert told in await _facts(house)


async def _waiting(house: Any) -> list[str]:
    return [notice.text for notice in (await digest.gather(house.app)).notices]


async def test_the_digest_tells_of_an_answer_that_waits_unusually_long(house: Any) -> None:
    now = house.clock.now()
    await hearing.take(house.app, [_mail(house, "Could you send the logo?", now)])
    house.clock.advance(timedelta(days=2))
    assert await _waiting(house) == []
    house.clock.advance(timedelta(days=2))
    told = "Northwind Traders has waited for your answer since Mon 23 Nov 2026."
    assert await _waiting(house) == [told]
    assert told in (await digest.compose(house.app))[0].html
    house.clock.advance(timedelta(days=14))
    assert await _waiting(house) == []


async def test_an_answer_that_was_just_sent_ends_the_wait(house: Any) -> None:
    await hearing.take(house.app, [_mail(house, "Could you send the logo?")])
    house.clock.advance(timedelta(days=4))
    assert len(await _waiting(house)) == 1
    await house.write("Email Northwind that the logo is attached")
    await house.work()
    for letter in reversed(await house.letters()):
        rows = [b for row in letter.payload.get("buttons", ()) for b in row]
        approve = next((b for b in rows if b["text"].startswith("Approve")), None)
        if approve:
            await house.tap(approve["data"])
            break
    await house.work()
    assert await _waiting(house) == []


async def test_a_clients_silence_is_told_against_their_habit(house: Any) -> None:
    [client] = await house.clients()
    now = house.clock.now()
    sent = Thread(client_id=client.id, kind="sent", since=now - timedelta(days=5))
    assert Dealings(hours_to_reply=(5, 9), threads=(sent,)).unusual(now) == []
    assert Dealings(hours_to_reply=(5, 9, 7), threads=(sent,)).unusual(now) == [sent]
    assert Dealings(hours_to_reply=(5, 9, 80), threads=(sent,)).unusual(now) == []


async def test_praise_and_complaints_are_kept_with_their_words(house: Any) -> None:
    now = house.clock.now()
    praise = _mail(house, "Dear Ada,\nwe are very happy with the brochure.", now)
    complaint = _mail(house, "This is not what we agreed.", now + timedelta(minutes=1))
    for _ in range(2):
        await hearing.take(house.app, [praise, complaint])
    rows = await _content(house)
    assert [row.value for row in rows] == [1.0, -1.0]
    assert rows[0].evidence == {
        "quote": "we are very happy with the brochure.",
        "kind": "mail",
        "place": "line 2",
        "trust": "untrusted",
        "confidence": 40,
    }
    assert rows[0].ref == praise.ref
    shown = await _facts(house)
    assert "praise once, complaint once" in shown
    assert "“This is not what we agreed.” (a mail, Mon 23 Nov 2026)" in shown
    assert "not certain" in shown


async def test_it_starts_nothing_and_is_no_fact(house: Any) -> None:
    await hearing.take(house.app, [_mail(house, "This is unacceptable.")])
    async with house.app.database.write() as connection:
        await upkeep.gather(connection, house.clock)
    async with house.app.database.read() as connection:
        assert await facts.everything(connection, view=View.now(house.clock)) == []
        assert (await connection.execute(run.select())).first() is None
    assert await house.letters() == []


@pytest.mark.parametrize(
    ("text", "data", "counted"),
    [
        ("Nora from Northwind: great work on the brochure!", {}, True),
        ("Great work on the brochure!\nNora Winter", {}, True),
        ("Great work on the brochure!", {"from": "Nora Winter"}, True),
        ("Great work on the brochure!", {"from": "Nora Smith"}, False),
        ("Great work on the brochure!", {}, False),
        ("Northwind does great work.", {}, False),
        ("Nora from Northwind: great work on the brochure!", {"own": True}, False),
    ],
)
async def test_only_a_clients_own_words_count(
    house: Any, text: str, data: dict[str, Any], counted: bool
) -> None:
    await house.write(text, data={"forwarded": True} | data)
    assert [row.value for row in await _content(house)] == ([1.0] if counted else [])


async def test_strangers_and_html_and_the_owner_do_not_count(house: Any) -> None:
    words = "We are very happy with it."
    await hearing.take(
        house.app,
        [
            _mail(house, words, sender="x@elsewhere.example"),
            _mail(house, f"{words} ", plain=False),
        ],
    )
    await house.write(f"Northwind: {words}")
    assert await _content(house) == []


async def test_evidence_is_forgotten(house: Any) -> None:
    await hearing.take(house.app, [_mail(house, "Great work, says Bob Stone.")])
    await house.write("New lead Bob Stone from the website form")
    await house.work()
    async with house.app.database.read() as connection:
        [bob] = entities.find(await entities.everyone(connection), "Bob Stone")
    await forgetting.ask(house.app, bob.id)
    await house.tap(f"fgt:{bob.id}")
    assert await _content(house) == []


def test_whom_a_message_was_forwarded_from_is_kept() -> None:
    def said(origin: dict[str, Any]) -> dict[str, Any]:
        chat = {"id": 7, "type": "private"}
        sender = {"id": 7, "is_bot": False, "first_name": "Ada"}
        raw = {"message_id": 1, "date": 0, "chat": chat, "from": sender, "text": "x"}
        whole = Message.model_validate(raw | {"forward_origin": origin | {"date": 0}})
        return arriving(1, whole).data

    nora = {"id": 9, "is_bot": False, "first_name": "Nora", "last_name": "Winter"}
    assert said({"type": "user", "sender_user": nora}) == {
        "forwarded": True,
        "from": "Nora Winter",
    }
    ada = {"id": 7, "is_bot": False, "first_name": "Ada"}
    assert said({"type": "user", "sender_user": ada})["own"] is True
    hidden = said({"type": "hidden_user", "sender_user_name": "Nora"})
    assert hidden == {"forwarded": True, "from": "Nora"}
