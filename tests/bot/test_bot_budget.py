"""A budget at its limit: the cheaper model, then none, then a question; and the chat says so."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import RequestUsage

from agents.gateway import Gateway, Tier
from agents.gateway.models import Prices
from agents.planner import Planner
from core.budgets import Call, Purse
from core.costs import Cost
from core.settings import Price

UNSURE = "It's the blue one with the corner, as ever"
LONG = f"{UNSURE}. {'There is much to say about it. ' * 12}"
"""What goes to the large model first."""
SURE = "Remind me tomorrow at 9 to call the printer"
NO_ROOM = "The budget for today, {}, leaves no room for {} until Tue 24 Nov 2026, 00:00; "
UNTIL = "until Tue 24 Nov 2026, 00:00"


class Two:
    """A cheap model and a dear one, which answer that nothing is to be done."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def model(self, name: str) -> FunctionModel:
        def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
            self.asked.append(name)
            [tool] = [t.name for t in info.output_tools if t.name.endswith("Answer")]
            return ModelResponse(
                parts=[ToolCallPart(tool, {"text": f"{name} read it.", "rationale": "It asks."})],
                usage=RequestUsage(input_tokens=1000, output_tokens=100),
            )

        return FunctionModel(answer, model_name=name)


@pytest.fixture
def two(house: Any) -> Two:
    made = Two()
    house.think_with(
        Planner(
            Gateway(
                {Tier.SMALL: made.model("cheap"), Tier.LARGE: made.model("dear")},
                purse=Purse(house.app.database, house.clock),
                prices=Prices(
                    {"cheap": Price(sent=1, answered=1), "dear": Price(sent=9, answered=9)}
                ),
                timeout=5,
            )
        )
    )
    return made


async def _spend(house: Any, micros: int) -> None:
    purse = Purse(house.app.database, house.clock)
    call = Call(agent="writer", tier="large", model="dear", inbox_id=None)
    await purse.settle(await purse.reserve(call, micros), call, Cost(micros), 1)


async def _said(house: Any, text: str) -> list[str]:
    """What is said to a message."""
    before = len(await house.letters())
    await house.write(text)
    return [letter.payload["html"] for letter in (await house.letters())[before:]]


async def test_it_gives_way_to_the_cheaper_then_to_none_and_says_each_once(
    house: Any, two: Two
) -> None:
    await house.command("/budget day 1.00")
    assert len(await _said(house, LONG)) == 1
    assert two.asked == ["dear"]

    await _spend(house, 700_000)
    told, answer = await _said(house, f"{LONG} Now")
    assert told == NO_ROOM.format("1.00 EUR", "dear") + "cheap read this instead."
    assert answer.startswith("cheap read it.")
    assert len(await _said(house, f"{LONG} Again")) == 1  # said once

    await _spend(house, 240_000)
    told, answer = await _said(house, f"{UNSURE} now")
    assert told == NO_ROOM.format("1.00 EUR", "cheap") + "I read this instead."
    assert "nothing was done" in answer
    assert two.asked == ["dear", "cheap", "cheap"]
    await house.command("/status")
    assert f"leaves no room for cheap {UNTIL}; builtin-1 did" in await house.last()

    await _said(house, SURE)  # it needs no model, and tells nothing of them
    await house.command("/status")
    assert "leaves no room for cheap" in await house.last()


async def test_routine_requests_go_on_without_a_word_of_it(house: Any, two: Two) -> None:
    await house.command("/budget day 0")
    [card] = await _said(house, "Invoice Northwind 2400 EUR for the brand workshop, net 14")
    assert "2,400.00 EUR" in card or "2400.00 EUR" in card
    assert two.asked == []


async def test_what_no_model_may_be_asked_for_is_asked_in_the_chat(house: Any, two: Two) -> None:
    await house.command("/budget day 0")
    told, question = await _said(house, "Please bill Northwind for that thing we did")
    assert "leaves no room for cheap" in told
    assert "?" in question
    assert two.asked == []


async def test_it_is_over_with_the_day(house: Any, two: Two) -> None:
    await house.command("/budget day 0.95")
    await _spend(house, 940_000)
    assert UNTIL in (await _said(house, UNSURE))[0]
    house.clock.advance(timedelta(hours=14))  # midnight in Berlin
    [answer] = await _said(house, f"{UNSURE} then")
    assert answer.startswith("cheap read it.")
    await house.command("/status")
    assert "leaves no room" not in await house.last()


async def test_in_the_new_day_status_says_no_more_though_no_model_was_asked(
    house: Any, two: Two
) -> None:
    await house.command("/budget day 0")
    await _said(house, UNSURE)
    house.clock.advance(timedelta(hours=14))
    await _said(house, SURE)
    await house.command("/status")
    assert "leaves no room" not in await house.last()


async def test_the_limit_of_one_message_is_that_messages_alone(house: Any, two: Two) -> None:
    await house.command("/budget message 0.01")
    for text in (UNSURE, f"{UNSURE} too"):
        told, _ = await _said(house, text)
        assert told.startswith("The budget for this message, 0.01 EUR, leaves no room for cheap; I")


async def test_a_card_that_gets_no_better_words_says_why(house: Any, two: Two) -> None:
    await house.command("/budget day 0")
    await _said(house, "Email Northwind that the draft moves to Monday")
    for _ in range(3):
        await house.work()
        house.clock.advance(timedelta(minutes=70))
    told = [letter.payload["html"] for letter in await house.letters() if letter.kind == "text"]
    assert [each for each in told if "leaves no room" in each] == [
        NO_ROOM.format("0.00 EUR", "cheap") + "cards keep their first words."
    ]
    assert two.asked == []
