"""/cost tells what thinking cost; /budget says what it may cost."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from bot.commands.cost import cost as cost_command
from core.budgets import Call, OverBudget, Purse
from core.costs import Cost
from core.memory.recall_cache import Record
from core.settings import Settings


async def _pay(house: Any, *, micros: int, agent: str = "planner", key: str = "k") -> None:
    purse = Purse(house.app.database, house.app.clock)
    call = Call(agent=agent, tier="small", model="tiny", inbox_id=None)
    row = await purse.reserve(call, micros)
    await purse.settle(row, call, Cost(micros), 10)
    await purse.keep(key, call, {"kind": "Answer", "output": {}}, Cost(micros), 10)


async def _approve(house: Any) -> None:
    """Approves what was asked last, and waits until it is done."""
    asked = [
        button["data"]
        for letter in await house.letters()
        for row in letter.payload.get("buttons", ())
        for button in row
        if button["data"].startswith("ok:")
    ]
    await house.tap(asked[-1])
    await house.work()


def _is_png(path: str) -> bool:
    return Path(path).read_bytes().startswith(b"\x89PNG")


async def test_nothing_spent_is_said_so(house: Any) -> None:
    await house.command("/cost")
    assert "Today: nothing; the built-in model costs nothing." in await house.last()


async def test_what_was_spent_and_saved_is_told_by_whom(house: Any) -> None:
    await _pay(house, micros=1_500_000)
    await _pay(house, micros=250_000, agent="writer", key="other")
    purse = Purse(house.app.database, house.app.clock)
    assert await purse.known("k", Call(agent="planner", tier="small", model="tiny", inbox_id=None))
    await house.command("/cost")
    told = await house.last()
    assert told.index("planner: 1.50 USD, 1 call") < told.index("writer: 0.25 USD, 1 call")
    assert "tiny: 1.75 USD, 2 calls" in told
    assert "Remembered: 1 of 3 answers this month (33 %), which saved 1.50 USD" in told


async def test_what_was_not_looked_for_twice_is_told_too(house: Any, tmp_path: Path) -> None:
    async def cost() -> str:
        await house.command("/cost")
        return await house.last()

    assert "Remembered" not in await cost()
    house.app.recall.record = Record(asked=30, met=12, tokens=2_000_000)
    said = "Remembered: 12 of 30 searches of memory since the start (40 %), which saved "
    assert said + "time alone" in await cost()
    for model, saved in (
        ("openai:text-embedding-3-small", "0.04 USD"),
        ("local:nobody-knows", "embeddings of unknown price"),
    ):
        settings = Settings(home=tmp_path, embedding_model=model, _env_file=None)
        told = dataclasses.replace(house.app, settings=settings)
        reply = await cost_command(told, "", await house.arrive("command", "/cost"))
        assert said + saved in reply.messages[0][0].html


async def test_it_is_told_what_it_was_for_and_what_an_outcome_cost(house: Any) -> None:
    purse = Purse(house.app.database, house.app.clock)

    async def thought(text: str, micros: int) -> None:
        message = await house.write(text)
        call = Call(agent="planner", tier="small", model="tiny", inbox_id=message.id)
        await purse.settle(await purse.reserve(call, micros), call, Cost(micros), 10)

    await thought("Invoice Northwind 500 EUR for the logo", 600_000)
    await _approve(house)
    await thought("Email Northwind that the files follow on Friday", 200_000)
    await thought("thanks", 50_000)
    await house.command("/cost")
    [text, picture] = (await house.letters())[-2:]
    told = text.payload["html"]
    assert "invoice.create: 0.60 USD" in told
    assert "email.write: 0.20 USD" in told
    assert "questions and talk: 0.05 USD" in told
    assert "Northwind Traders: 0.80 USD" in told
    assert "Per invoice" not in told  # nobody has paid yet
    assert picture.kind == "photo"
    assert _is_png(picture.payload["file"])
    await house.write("Northwind paid invoice 2026-001")
    await _approve(house)
    await house.command("/cost")
    assert "Per invoice paid: 0.60 USD (1 so far)" in (await house.letters())[-2].payload["html"]


async def test_a_budget_holds_from_the_moment_it_is_set(house: Any) -> None:
    await house.command("/budget")
    assert "no budget is set" in await house.last()
    await house.command("/budget rate 0.5")
    await house.command("/budget day 1")
    assert "A day: 1.00 EUR" in await house.last()
    await _pay(house, micros=1_900_000)  # 0.95 EUR
    with pytest.raises(OverBudget, match="today"):
        await _pay(house, micros=200_000)
    await house.command("/cost")
    assert "For today: 0.95 EUR of 1.00 EUR used" in await house.last()
    await house.command("/budget day off")
    await _pay(house, micros=200_000)


@pytest.mark.parametrize("words", ["day much", "year 5", "day", "rate off", "day 1 2", "rate 0"])
async def test_what_it_does_not_understand_changes_nothing(house: Any, words: str) -> None:
    await house.command("/budget day 1")
    await house.command(f"/budget {words}")
    await house.command("/budget")
    assert "A day: 1.00 EUR" in await house.last()
    assert "A US dollar is taken as 1.00 EUR." in await house.last()
