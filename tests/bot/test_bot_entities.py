"""Facts of people, projects and leads: kept of them where a sentence names one that is known."""

from datetime import timedelta
from typing import Any

import pytest

from core.memory import entities, facts
from core.memory.facts import View


@pytest.fixture
async def known(house: Any) -> Any:
    """The house, knowing a person, a project and a lead too."""
    async with house.app.database.write() as connection:
        await entities.add(connection, house.clock, kind="person", name="Tom Reed")
        await entities.add(connection, house.clock, kind="project", name="Atlas Relaunch")
    await house.write("New lead Lena Brook from the website form")
    await house.work()
    return house


async def _say(house: Any, text: str) -> str:
    await house.write(text)
    await house.work()
    house.clock.advance(timedelta(seconds=30))
    return await house.last()


async def _of(house: Any, name: str) -> list[tuple[str, str]]:
    async with house.app.database.read() as connection:
        [entity] = entities.find(await entities.everyone(connection), name)
        found = await facts.about(connection, entity.id, view=View.now(house.clock))
    return [(f.relation, f.statement) for f in found]


@pytest.mark.parametrize(
    ("said", "name", "relation"),
    [
        ("Tom Reed prefers calls", "Tom Reed", "preference"),
        ("Tom Reed's phone is 0171 5550100", "Tom Reed", "phone"),
        ("The Atlas Relaunch day rate is 900 EUR per day", "Atlas Relaunch", "day_rate"),
        ("Lena Brook's mail address is lena@brook.example", "Lena Brook", "email"),
        ("Remember that Atlas Relaunch starts in March", "Atlas Relaunch", "note"),
        ("Tom Reed of Northwind prefers calls", "Tom Reed", "preference"),
    ],
)
async def test_a_statement_is_kept_of_whom_it_names(
    known: Any, said: str, name: str, relation: str
) -> None:
    await _say(known, said)
    [(kept, _)] = await _of(known, name)
    assert kept == relation
    assert await _of(known, "Northwind") == []


async def test_a_client_comes_before_others_that_are_named_later(known: Any) -> None:
    await _say(known, "Northwind prefers mails to Tom Reed")
    assert await _of(known, "Tom Reed") == []
    assert len(await _of(known, "Northwind")) == 1


async def test_a_contradiction_and_a_question_are_about_them(known: Any) -> None:
    await _say(known, "Tom Reed's phone is 0171 5550100")
    assert "Which holds?" in await _say(known, "Tom Reed's phone is 0171 5550199")
    assert "0171 5550100" in await _say(known, "What is Tom Reed's phone number?")


async def test_nobody_known_is_nobody(known: Any) -> None:
    await _say(known, "Zed Quill's phone is 0171 5550100")
    async with known.app.database.read() as connection:
        assert await facts.everything(connection, view=View.now(known.clock)) == []
