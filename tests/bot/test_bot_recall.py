"""Questions in plain words are answered from memory by meaning too, and never by a guess."""

from typing import Any

import pytest
from sqlalchemy import select

from core.memory import upkeep
from core.memory.indexing import Keeper
from core.storage.schema import prompt


async def _level(house: Any) -> None:
    """What the worker does several times a second."""
    await Keeper(house.app.database, house.app.index).catch_up()


@pytest.fixture
async def taught(house: Any) -> Any:
    for statement in (
        "Northwind pays net 14",
        "the studio's door code is 4711",
        "Nora Winter is on parental leave until March",
        "the printer on Main Street closes at 6 pm",
    ):
        await house.write(f"Remember that {statement}")
        await house.work()
    await _level(house)
    return house


async def test_other_words_for_the_same_find_it(taught: Any) -> None:
    await taught.write("When does the print shop close?")
    assert "closes at 6 pm" in await taught.last()


@pytest.mark.parametrize(
    "question", ["What is the capital of France?", "When is my dentist appointment?"]
)
async def test_what_nothing_is_kept_of_is_not_known(taught: Any, question: str) -> None:
    await taught.write(question)
    told = await taught.last()
    assert "4711" not in told
    assert "6 pm" not in told


async def test_what_is_only_near_is_called_so(taught: Any) -> None:
    await taught.write("Does Northwind get a discount?")
    told = await taught.last()
    assert told.startswith("I don't know")


async def test_what_happened_is_found_too(house: Any) -> None:
    await house.write("The carpenter measured the shelf for the studio")
    async with house.app.database.write() as connection:
        await upkeep.gather(connection, house.app.clock)
    await _level(house)
    await house.write("What did the carpenter measure?")
    assert "The carpenter measured the shelf" in await house.last()


async def test_without_the_index_the_words_of_facts_still_answer(taught: Any) -> None:
    await taught.app.index.close()
    folder = taught.app.settings.home / "index"
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    folder.write_text("in the way")
    await taught.write("What are Northwind's terms?")
    assert "net 14" in await taught.last()
    await taught.write("What is my shoe size?")
    assert "I don't know" in await taught.last() or "no task" in await taught.last()


@pytest.mark.parametrize(
    "statement",
    ["The studio's door code is 4711", "Our day rate is 900 EUR", "The printer closes at 6 pm"],
)
async def test_a_plain_statement_is_kept_after_one_tap(house: Any, statement: str) -> None:
    await house.write(statement)
    assert "Shall I remember that?" in await house.last()
    async with house.app.database.read() as connection:
        prompt_id = await connection.scalar(select(prompt.c.id))
    tap = await house.arrive("tap", data={"data": f"q:{prompt_id}:0"})
    await house.conversation.handle(tap.id)
    await house.work()
    assert f"Kept: {statement}" in await house.last()


@pytest.mark.parametrize(
    "words",
    [
        "The weather is nice",
        "It is 5 already",
        "I have 3 kids",
        "Ben said the code is 4711",
        "thanks, that is great",
        "maybe our rate is too low",
    ],
)
async def test_small_talk_is_not_asked_about(house: Any, words: str) -> None:
    await house.write(words)
    assert "Shall I remember" not in await house.last()
