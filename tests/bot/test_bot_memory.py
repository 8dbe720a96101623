"""Memory as the owner lives it: taught, contradicted, corrected, asked about, asked as of then."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text as sql

from core import audit
from core.memory import facts
from core.memory.facts import View
from core.storage.database import folded


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


async def _button(house: Any, label: str) -> str:
    """The newest button whose text begins so."""
    for letter in reversed(await house.letters()):
        for row in letter.payload.get("buttons", ()):
            for button in row:
                if button["text"].startswith(label):
                    return str(button["data"])
    raise AssertionError(label)


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
    assert "I don't know" in await _command(house, "/memory what about the moon?")


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


async def test_an_edited_card_teaches_unless_it_was_only_for_once(house: Any) -> None:
    await _say(house, "Northwind pays net 14")
    await _say(house, "Invoice Northwind 2400 EUR for the brand workshop")
    await house.tap(await _button(house, "Edit"))
    await _say(house, "make it net 30")
    assert await _holds(house, "payment_terms") == ["Northwind Traders pays net 30"]
    told = next(
        letter for letter in await house.letters() if "Kept for next time" in letter.payload["html"]
    )
    await house.command("/preferences")
    assert "net 30" in await house.last()
    [[once]] = told.payload["buttons"]
    assert await house.tap(once["data"]) == "Only this once."
    assert await _holds(house, "payment_terms") == ["Northwind pays net 14"]


async def _command(house: Any, text: str) -> str:
    message = await house.arrive("command", text)
    await house.conversation.handle(message.id)
    await house.work()
    return await house.last()


async def test_commands_say_the_same_as_plain_words(house: Any) -> None:
    await _command(house, "/remember Northwind pays net 14")
    assert await _holds(house, "payment_terms") == ["Northwind pays net 14"]
    assert "net 14" in await _command(house, "/memory what are the terms of Northwind?")
    await house.command("/facts northwind")
    assert "net 14" in await house.last()
    house.clock.advance(timedelta(days=3))
    assert "net 14" in await _command(house, "/asof yesterday Northwind")
    assert "I don't know" in await _command(house, "/asof 1 October Northwind")
    assert "Write for example" in await _command(house, "/asof Northwind")
    assert "Write for example" in await _command(house, "/remember")
    await house.command("/facts zebra")
    assert "I don't know zebra" in await house.last()


async def test_a_name_that_was_asked_about_is_known_from_then_on(house: Any) -> None:
    await _say(house, "Invoice Nortwind Tradrs 2400 EUR for the workshop")
    tapped = await house.arrive("tap", data={"data": await _button(house, "Northwind Traders")})
    await house.conversation.handle(tapped.id)
    [client] = await house.clients()
    assert client.aliases == ("Nortwind Tradrs",)


async def test_forgetting_shows_all_then_erases_and_the_journal_stays_whole(house: Any) -> None:
    await _say(house, "Northwind pays net 14")
    await _say(house, "Remind me tomorrow at 9 to call Northwind")
    await _say(house, "Email Northwind that the Northwind draft moves to Monday")
    await house.tap(await _button(house, "Reject"))
    await _say(house, "Bluebird is a bakery, remember that")
    shown = await _say(house, "forget everything about Northwind")
    assert "Forget Northwind Traders?" in shown
    assert "• 1 fact\n" in shown
    async with house.app.database.read() as connection:
        before = await audit.verify(connection)
    buttons = await _buttons(house)
    assert await house.tap(buttons["Forget"]) == "Forgotten."
    assert "already" in await house.tap(buttons["Forget"])
    async with house.app.database.read() as connection:
        after = await audit.verify(connection)
        assert (before.fault, after.fault) == (None, None)
        anchored = await audit.verify(connection, before.head)
        assert anchored.fault is None
        dump = []
        for (table,) in (
            await connection.execute(sql("SELECT name FROM sqlite_master WHERE type = 'table'"))
        ).all():
            dump += [
                str(tuple(row)) for row in await connection.execute(sql(f"SELECT * FROM {table}"))
            ]
    left = [row for row in dump if "northwind" in row.casefold()]
    assert left == []
    assert any("Bluebird" in row for row in dump)


async def _everything(house: Any) -> list[str]:
    async with house.app.database.read() as connection:
        tables = await connection.scalars(
            sql("SELECT name FROM sqlite_master WHERE type = 'table'")
        )
        return [
            str(tuple(row))
            for table in tables.all()
            for row in await connection.execute(sql(f"SELECT * FROM {table}"))
        ]


async def test_names_are_forgotten_whatever_their_letters_and_their_case(house: Any) -> None:
    await _say(house, "onboard Çelik Ğ, contact is Ülkü, celik@celik.example")
    await house.work()
    await _say(house, "remember that ÇELİK Ğ likes tea")
    await _say(house, "Remind me tomorrow at 9 to call Çelik Ğ")
    await house.command("/forget Çelik Ğ")
    await house.tap((await _buttons(house))["Forget"])
    left = [row for row in await _everything(house) if "çelik ğ" in folded(row)]
    assert left == []


async def test_issued_invoices_are_kept_and_named(house: Any) -> None:
    await _say(house, "Invoice Northwind 2400 EUR for the brand workshop")
    await house.tap(await _button(house, "Approve"))
    await house.work()
    await house.command("/forget Northwind")
    shown = await house.last()
    assert "issued invoices" in shown
    await house.tap((await _buttons(house))["Forget"])
    async with house.app.database.read() as connection:
        kept = (await connection.execute(sql("SELECT client_name FROM invoice"))).scalars().all()
        assert kept == ["Northwind Traders"]
        assert (await audit.verify(connection)).fault is None


async def test_an_entry_blanked_without_a_proof_is_found(house: Any) -> None:
    await _say(house, "Northwind pays net 14")
    async with house.app.database.write() as connection:
        await connection.execute(
            sql("UPDATE journal SET data = '{\"redacted\"\\:true}' WHERE seq = 3")
        )
    async with house.app.database.read() as connection:
        found = await audit.verify(connection)
    assert (found.fault, found.broken) == ("unproven", 3)


async def test_a_question_in_plain_words_is_answered_from_memory(house: Any) -> None:
    await _say(house, "remember our accountant is Olga Brandt")
    await _say(house, "The day rate for Northwind is 900 EUR")
    assert "Olga Brandt" in await _say(house, "who is our accountant?")
    assert "900 EUR" in await _say(house, "what is the day rate for Northwind?")
    assert "Olga" not in await _say(house, "who won the world cup?")
