"""Content and research as the owner lives them: asked for in the chat, kept, told, taken back."""

from typing import Any

from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from agents.gateway import Gateway, Tier
from agents.gateway.models import Prices
from agents.planner import Planner
from core.budgets import Purse
from core.memory import upkeep
from core.memory.indexing import Keeper
from core.settings import Price


async def _say(house: Any, text: str) -> str:
    await house.write(text)
    await house.work()
    return await house.last()


async def test_a_piece_is_kept_shown_and_taken_back(house: Any) -> None:
    await _say(house, "Remember that we stopped doing free pitches in 2024")
    told = await _say(house, "Write a LinkedIn post on why I stopped doing free pitches")
    assert "Kept as Why I stopped doing free pitches.md in your files" in told
    assert "“We stopped doing free pitches in 2024”" in told
    assert "No model wrote this" in told
    [kept] = await house.app.files.list()
    assert kept.path == "content/Why I stopped doing free pitches.md"
    rows = (await house.letters())[-1].payload["buttons"]
    [undo] = [b["data"] for row in rows for b in row if b["text"] == "Undo"]
    await house.tap(undo)
    await house.work()
    assert await house.app.files.list() == ()


async def test_a_plan_of_pieces_is_a_dated_list(house: Any) -> None:
    told = await _say(house, "Plan eight LinkedIn posts for December about pricing your own work")
    assert "Kept as Pricing your own work.md" in told
    assert told.count(" Dec 2026: ") == 8


async def test_research_reads_what_is_here_and_says_what_is_not(house: Any) -> None:
    question = "find out whether I have to charge VAT on online courses sold to Norway"
    told = await _say(house, question)
    assert "I found nothing on that" in told
    assert "The web is not connected" in told
    text = b"VAT on online courses sold to Norway is 25 %, says the tax office."
    await house.app.files.keep("norway.txt", text, token="t1", folder="inbox")
    await _say(house, "the advisor told me that courses sold to Norway need VOEC")
    async with house.app.database.write() as connection:
        await upkeep.gather(connection, house.app.clock)
    await Keeper(house.app.database, house.app.index).catch_up()
    told = await _say(house, question)
    assert "“VAT on online courses sold to Norway is 25 %, says the tax office.”" in told
    assert "the file inbox/norway.txt" in told


def _drafting(house: Any) -> Planner:
    def answer(_messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        said = {
            "stage": "draft",
            "title": "No more free pitches",
            "text": "Pitches are work. So they are paid.",
            "summary": "Why free pitches ended.",
            "rationale": "Short and plain.",
        }
        return ModelResponse(parts=[ToolCallPart(info.output_tools[0].name, said)])

    return Planner(
        Gateway(
            {Tier.LARGE: FunctionModel(answer, model_name="clever")},
            purse=Purse(house.app.database, house.app.clock),
            prices=Prices({"clever": Price(sent=1, answered=1)}),
            timeout=5,
        )
    )


async def test_what_a_model_drafts_is_looked_at_before_it_is_kept(house: Any) -> None:
    house.think_with(_drafting(house))
    await house.write("Write an article on why I stopped doing free pitches")
    card = await house.last()
    assert "Outline: Why I stopped doing free pitches" in card
    assert "a model is asked for a draft" in card
    await house.work()
    card = await house.last()
    assert "Draft: No more free pitches" in card
    assert "Pitches are work. So they are paid." in card
    assert "clever" in card
    assert await house.app.files.list() == ()
    rows = (await house.letters())[-1].payload["buttons"]
    [approve] = [b["data"] for row in rows for b in row if b["text"] == "Approve"]
    await house.tap(approve)
    await house.work()
    assert "Kept as No more free pitches.md" in await house.last()
    [kept] = await house.app.files.list()
    text = (await house.app.files.read(kept.path)).decode()
    assert "Written by clever. Short and plain." in text
