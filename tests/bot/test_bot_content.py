"""Content and research as the owner lives them: asked for in the chat, kept, told, taken back."""

from typing import Any

from core.memory import upkeep
from core.memory.indexing import Keeper


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
