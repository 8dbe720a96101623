"""People, projects and deliverables are added on purpose, once, and hang on their client."""

from datetime import timedelta
from typing import Any

import pytest

from bot import forgetting, hearing
from core.house import NewClient
from core.memory import entities, mails
from core.memory.entities import Entity
from core.memory.mails import Received
from core.storage.schema import run


async def _say(house: Any, text: str, **more: Any) -> str:
    await house.write(text, **more)
    await house.work()
    house.clock.advance(timedelta(seconds=30))
    return await house.last()


async def _choose(house: Any, label: str) -> str:
    for letter in reversed(await house.letters()):
        for row in letter.payload.get("buttons", ()):
            for button in row:
                if button["text"].startswith(label):
                    tap = await house.arrive("tap", data={"data": button["data"]})
                    await house.conversation.handle(tap.id)
                    await house.work()
                    return await house.last()
    raise AssertionError(label)


async def _facts(house: Any, whom: str) -> str:
    await house.command(f"/facts {whom}")
    return await house.last()


async def _all(house: Any, kind: str) -> list[Entity]:
    async with house.app.database.read() as connection:
        return [e for e in await entities.everyone(connection) if e.kind == kind]


ANA = "Ana Ruiz is the contact at Northwind, ana@northwind.example"
RELAUNCH = "New project for Northwind: brand relaunch, due 15 December"


@pytest.mark.parametrize("begin", ["", "Remember that ", "/remember "])
async def test_a_person_hangs_on_the_client(house: Any, begin: str) -> None:
    if begin.startswith("/"):
        message = await house.arrive("command", begin + ANA)
        await house.conversation.handle(message.id)
        await house.work()
    else:
        await _say(house, begin + ANA)
    told = await house.last()
    assert "Ana Ruiz is noted as contact at Northwind Traders, ana@northwind.example" in told
    [client] = await house.clients()
    [ana] = await _all(house, "person")
    assert (ana.of, ana.role, ana.email) == (client.id, "contact", "ana@northwind.example")
    shown = await _facts(house, "Northwind")
    assert "<b>People</b>\nAna Ruiz, contact, ana@northwind.example" in shown
    assert "Northwind Traders" in await _facts(house, "Ana Ruiz")


@pytest.mark.parametrize("begin", ["", "Remember: "])
async def test_a_project_and_what_it_delivers_hang_on_the_client(house: Any, begin: str) -> None:
    await _say(house, begin + RELAUNCH)
    await _say(house, f"{begin}New deliverable for brand relaunch: style guide, due 1 December")
    shown = await _facts(house, "Northwind")
    assert (
        "<b>Projects</b>\nBrand relaunch, due Tue 15 Dec 2026\n"
        "  Style guide, due Tue 1 Dec 2026" in shown
    )
    assert "due Tue 15 Dec 2026" in await _say(house, "When is the brand relaunch due?")


async def test_what_is_known_already_is_not_added_again(house: Any) -> None:
    for _ in range(2):
        await _say(house, ANA)
        await _say(house, RELAUNCH)
    assert "known already" in await house.last()
    assert len(await _all(house, "person")) == len(await _all(house, "project")) == 1
    await _say(house, "Ana Ruiz works at Northwind")
    [ana] = await _all(house, "person")
    assert ana.email == "ana@northwind.example"


async def test_what_is_said_later_completes_the_row(house: Any) -> None:
    await _say(house, "Ana Ruiz works at Northwind")
    [before] = await _all(house, "person")
    await _say(house, ANA)
    [after] = await _all(house, "person")
    assert (before.id, before.email, after.id) == (after.id, None, before.id)
    assert after.email == "ana@northwind.example"


@pytest.mark.parametrize(
    ("second", "asked"),
    [
        ("Ana Ruiz is the contact at Northwind, other@northwind.example", "the same person?"),
        ("Ana is the designer at Northwind", "Is Ana the person Ana Ruiz"),
        ("Anna Ruiz-Gil is the contact at Northwind, ana@northwind.example", "Is Anna Ruiz-Gil"),
        ("Ana Ruiz is the contact at Alder", "Is Ana Ruiz the person Ana Ruiz of Northwind"),
    ],
)
async def test_who_may_be_known_is_asked_about_once(house: Any, second: str, asked: str) -> None:
    await _say(house, "New client Alder")
    await _say(house, ANA)
    assert asked in await _say(house, second)
    assert len(await _all(house, "person")) == 1
    [before] = await _all(house, "person")
    await _choose(house, "Yes, Ana Ruiz")
    [after] = await _all(house, "person")
    assert after.id == before.id
    assert after != before


async def test_another_one_of_the_same_name_is_another_row(house: Any) -> None:
    await _say(house, RELAUNCH)
    moved = "New project for Northwind: brand relaunch, due 20 December"
    assert "known as due Tue 15 Dec 2026" in await _say(house, moved)
    await _choose(house, "No, another")
    assert sorted(p.due_at.day for p in await _all(house, "project") if p.due_at) == [15, 20]


async def test_taken_back_it_is_as_it_was(house: Any) -> None:
    await _say(house, RELAUNCH)
    await _say(house, "New project for Northwind: brand relaunch, due 20 December")
    await _choose(house, "Yes, Brand relaunch")
    [moved] = await _all(house, "project")
    await house.command("/undo")
    await house.work()
    [back] = await _all(house, "project")
    assert [p.due_at and p.due_at.day for p in (moved, back)] == [20, 15]
    await house.command("/undo")
    await house.work()
    assert await _all(house, "project") == []


async def test_which_client_is_meant_is_asked(house: Any) -> None:
    await house.app.catalogue["client.add"].perform("marine", NewClient(name="Northwind Marine"))
    assert "Which client" in await _say(house, RELAUNCH)
    assert await _all(house, "project") == []
    await _choose(house, "Northwind Marine")
    [project] = await _all(house, "project")
    assert {c.id: c.name for c in await house.clients()}[project.of or ""] == "Northwind Marine"


async def test_of_nobody_known_nothing_is_noted(house: Any) -> None:
    told = await _say(house, "New project for Zephyr: website")
    assert "I don't know a client called Zephyr" in told
    await _say(house, "Zoe Lang is the contact at Zephyr")
    assert await _all(house, "project") == await _all(house, "person") == []


async def test_a_deliverable_takes_a_project(house: Any) -> None:
    told = await _say(house, "New deliverable for Northwind: style guide")
    assert "Northwind Traders has no project yet, so nothing was noted" in told
    await _say(house, RELAUNCH)
    assert "for Brand relaunch" in await _say(house, "New deliverable for Northwind: style guide")


async def test_what_others_write_adds_nobody(house: Any) -> None:
    await _say(house, ANA, data={"forwarded": True})
    at = house.clock.now()
    mail = Received(
        id="m1", sender="accounts@northwind.example", subject="Hi", text=f"{ANA}.", at=at
    )
    await hearing.take(house.app, [mail])
    assert await _all(house, "person") == []
    async with house.app.database.read() as connection:
        assert (await connection.execute(run.select())).first() is None


async def test_mail_of_a_person_is_the_clients(house: Any) -> None:
    await _say(house, "Ana Ruiz is the contact at Northwind, ana@elsewhere.example")
    async with house.app.database.read() as connection:
        known = await entities.everyone(connection)
    mail = Received(
        id="m1", sender="ana@elsewhere.example", subject="", text="", at=house.clock.now()
    )
    who = mails.sender(mail, known)
    assert who is not None
    assert who.name == "Northwind Traders"


async def test_questions_about_people_are_answered(house: Any) -> None:
    await _say(house, ANA)
    assert "ana@northwind.example" in await _say(house, "What is Ana Ruiz's mail address?")
    assert "contact at Northwind Traders" in await _say(house, "Who is Ana Ruiz?")
    assert "Ana Ruiz" in await _say(house, "Who is the contact at Northwind?")


async def test_people_and_projects_are_forgotten_with_their_client(house: Any) -> None:
    await _say(house, ANA)
    await _say(house, RELAUNCH)
    await _say(house, "New project for Northwind: Northwind website")
    await _say(house, "Ana Ruiz prefers calls")
    [client] = await house.clients()
    shown = (await forgetting.ask(house.app, client.id)).html
    assert "1 person" in shown
    assert "2 projects" in shown
    await house.tap(f"fgt:{client.id}")
    async with house.app.database.read() as connection:
        for table in (entities.TABLES["person"], entities.TABLES["project"]):
            for row in await connection.execute(table.select()):
                assert (row.name.partition(" ")[0], row.state) == ("Forgotten", "removed")
        left = await entities.everyone(connection)
    assert [e.kind for e in left] == []


async def _card(house: Any, text: str) -> str:
    await house.write(text)
    return await house.last()


async def test_a_mail_to_a_person_goes_to_their_own_address(house: Any) -> None:
    await _say(house, "Ana Ruiz is the designer at Northwind, ana@northwind.example")
    card = await _card(house, "Email Ana Ruiz that the draft is ready")
    assert "To: Ana Ruiz · <i>noted as designer at Northwind Traders</i>" in card
    assert "Address: ana@northwind.example · <i>remembered: Ana Ruiz's record</i>" in card
    assert "Hello Ana Ruiz," in card


async def test_a_person_without_an_address_is_asked_for_one(house: Any) -> None:
    await _say(house, "Ana Ruiz is the designer at Northwind")
    asked = await _card(house, "Email Ana Ruiz that the draft is ready")
    assert asked == "What is the mail address of Ana Ruiz?"
    assert "ana@ruiz.example" in await _card(house, "ana@ruiz.example")


async def test_of_two_people_of_one_name_one_is_chosen(house: Any) -> None:
    await house.app.catalogue["client.add"].perform(
        "seed2", NewClient(name="Bluebird Bakery", email="ben@bluebird.example")
    )
    await _say(house, "Ana Ruiz is the designer at Northwind, ana@northwind.example")
    await _say(house, "Ana Costa is the accountant at Bluebird, ana@bluebird.example")
    assert await _card(house, "Email Ana that we moved") == "Which Ana do you mean?"
    card = await _choose(house, "Ana Costa as accountant at Bluebird")
    assert "Address: ana@bluebird.example" in card


async def test_a_clients_contact_who_is_noted_too_is_one_person(house: Any) -> None:
    await _say(house, "Nora Winter is the owner of Northwind")
    card = await _card(house, "Email Nora Winter that the draft is ready")
    assert "Address: accounts@northwind.example" in card
