"""Memory as the owner lives it: taught, contradicted, corrected, asked about, asked as of then."""

from datetime import timedelta
from typing import Any

from core.memory import facts
from core.memory.facts import View


async def _say(house: Any, text: str, **more: Any) -> str:
    await house.write(text, **more)
    await house.work()
    house.clock.advance(timedelta(seconds=30))
    return await house.last()


async def _holds(house: Any, relation: str) -> list[str]:
    [client] = [c for c in await house.clients() if c.name == "Northwind Traders"]
    async with house.app.database.read() as connection:
        found = await facts.about(connection, client.id, relation, view=View.now(house.clock))
    return [f.statement for f in found]


async def _buttons(house: Any) -> dict[str, str]:
    rows = (await house.letters())[-1].payload["buttons"]
    return {button["text"]: button["data"] for row in rows for button in row}


async def test_what_is_said_in_plain_words_is_kept_without_being_asked_to(house: Any) -> None:
    await _say(house, "Northwind pays net 14")
    await _say(house, "Nora prefers mails")
    await _say(house, "remember that Northwind's office is in Hamburg")
    assert await _holds(house, "payment_terms") == ["Northwind pays net 14"]
    assert await _holds(house, "preference") == ["Nora prefers mails"]
    assert "net 14" in await _say(house, "What are Northwind's terms?")


async def test_hearsay_and_small_talk_are_not_kept(house: Any) -> None:
    for text in (
        "Nora said Northwind pays net 90",
        "if Northwind pays net 90 we are in trouble",
        "maybe Northwind pays net 90",
        "remember thanks",
        "remember 2400",
    ):
        await _say(house, text)
    assert await _holds(house, "payment_terms") == []
    assert "I don't know" in await _say(house, "what did I tell you about the moon?")


async def test_a_contradiction_is_one_question_and_the_older_holds_until_a_tap(house: Any) -> None:
    await _say(house, "Northwind pays net 14")
    asked = await _say(house, "Northwind pays net 30")
    assert "net 14" in asked
    assert "Which holds?" in asked
    count = len(await house.letters())
    assert await _holds(house, "payment_terms") == ["Northwind pays net 14"]
    buttons = await _buttons(house)
    assert list(buttons)[:2] == ["Keep net 14", "Take net 30"]
    assert await house.tap(buttons["Both: the old until now, then the new"]) == "Kept."
    assert len(await house.letters()) == count + 1
    assert await _holds(house, "payment_terms") == ["Northwind pays net 30"]
    assert "already" in await house.tap(buttons["Keep net 14"])


async def test_two_contradictions_wait_side_by_side(house: Any) -> None:
    for text in ("Northwind pays net 14", "Northwind's phone is 0171 5550100"):
        await _say(house, text)
    await _say(house, "Northwind pays net 30")
    first = await _buttons(house)
    await _say(house, "Northwind's phone is 0171 5550199")
    second = await _buttons(house)
    await house.tap(first["Take net 30"])
    await house.tap(second["Take 0171 5550199"])
    assert await _holds(house, "payment_terms") == ["Northwind pays net 30"]
    assert await _holds(house, "phone") == ["Northwind's phone is 0171 5550199"]


async def test_a_correction_in_plain_words_supersedes_what_was_spoken_of(house: Any) -> None:
    await _say(house, "Remember that Northwind pays net 14")
    await _say(house, "no, it's net 30")
    assert await _holds(house, "payment_terms") == ["Northwind pays net 30"]


async def test_what_was_known_and_what_was_true_can_be_asked(house: Any) -> None:
    await _say(house, "Northwind pays net 14 since 1 January")
    house.clock.advance(timedelta(days=10))
    await _say(house, "Northwind pays net 30 from now on")
    house.clock.advance(timedelta(days=10))
    assert "net 30" in await _say(house, "What are Northwind's terms?")
    assert "net 14" in await _say(house, "What were Northwind's terms on 25 November?")
    assert "net 14" in await _say(house, "What were Northwind's terms on 1 March?")
    assert "I don't know" in await _say(house, "What did we know about Northwind on 1 March?")


async def test_an_undone_fact_is_gone_and_the_older_is_back(house: Any) -> None:
    await _say(house, "Northwind pays net 14")
    await _say(house, "actually Northwind pays net 45")
    assert await _holds(house, "payment_terms") == ["Northwind pays net 45"]
    await house.command("/undo")
    await house.work()
    assert await _holds(house, "payment_terms") == ["Northwind pays net 14"]


async def test_every_answer_names_its_sources_and_shows_them_on_a_tap(house: Any) -> None:
    await _say(house, "Northwind pays net 14")
    told = await _say(house, "What are Northwind's terms?")
    assert "you said so on" in told
    await house.tap((await _buttons(house))["Sources"])
    assert "from your message" in await house.last()
