"""What edits and rejections teach is used next time, shown on the card, and can be taken off."""

from datetime import timedelta
from typing import Any

from core.memory import facts, preferences
from core.memory.facts import View

MAIL = "Email Northwind that the draft moves to Monday"


async def _say(house: Any, text: str, **more: Any) -> str:
    await house.write(text, **more)
    await house.work()
    house.clock.advance(timedelta(seconds=30))
    return await house.last()


async def _button(house: Any, label: str) -> str:
    for letter in reversed(await house.letters()):
        for row in letter.payload.get("buttons", ()):
            for button in row:
                if button["text"].startswith(label):
                    return str(button["data"])
    raise AssertionError(label)


async def _edit(house: Any, words: str) -> None:
    await house.tap(await _button(house, "Edit"))
    await _say(house, words)


async def _reject(house: Any, reason: str) -> None:
    await house.tap(await _button(house, "Reject"))
    await _say(house, reason)


async def _card(house: Any, text: str) -> str:
    """The card that asks for approval of what was said."""
    await _say(house, text)
    return next(
        letter.payload["html"]
        for letter in reversed(await house.letters())
        if "Lapses on" in letter.payload["html"]
    )


async def _kept(house: Any) -> list[str]:
    async with house.app.database.read() as connection:
        return [f.statement for f in await preferences.everything(connection, house.clock)]


async def test_an_edited_greeting_is_used_next_time_and_says_whence(house: Any) -> None:
    assert "Hello Nora Winter," in await _card(house, MAIL)
    await _edit(house, "Hi instead of Hello")
    assert await _kept(house) == ["Mails to Northwind Traders begin with “Hi”"]
    card = await _card(house, "Email Northwind that the logo is ready")
    assert "Hi Nora Winter," in card
    assert "Greeting: Hi" in card
    assert "remembered: “Mails to Northwind Traders begin with “Hi””, you changed a card so" in card


async def test_a_new_text_teaches_its_closing_and_words_are_added_above_it(house: Any) -> None:
    await _card(house, MAIL)
    await house.tap(await _button(house, "Edit"))
    await house.tap(await _button(house, "Text"))
    await _say(house, "Hello Nora Winter,\n\nIt moves.\n\nCheers\nMy company")
    assert await _kept(house) == ["Mails to Northwind Traders end with “Cheers”"]
    assert "Cheers\nMy company" in await _card(house, MAIL)
    await house.tap(await _button(house, "Edit"))
    await _say(house, "add that lunch is on us")
    card = next(
        letter.payload["html"]
        for letter in reversed(await house.letters())
        if "Lapses on" in letter.payload["html"]
    )
    assert card.index("Lunch is on us.") < card.index("Cheers")


async def test_words_about_the_tone_change_the_card_and_are_kept(house: Any) -> None:
    await _card(house, MAIL)
    await _edit(house, "use du")
    letters = await house.letters()
    assert any("Hallo Nora Winter," in letter.payload["html"] for letter in letters)
    assert await _kept(house) == ["The tone of mails to Northwind Traders is du"]


async def test_a_reason_teaches_and_the_next_card_shows_it(house: Any) -> None:
    await _card(house, MAIL)
    await _reject(house, "too formal")
    assert await _kept(house) == ["The tone of mails to Northwind Traders is informal"]
    card = await _card(house, MAIL)
    assert "Hi Nora Winter," in card
    assert "you rejected a card because of it" in card


async def test_a_day_to_keep_free_is_shown_on_that_day_alone(house: Any) -> None:
    await _card(house, MAIL)
    await _reject(house, "never on Fridays")
    assert "never on Fridays" not in await _card(house, MAIL)
    house.clock.advance(timedelta(days=4))
    assert "Keep in mind: Northwind Traders: never on Fridays" in await _card(house, MAIL)


async def test_a_rule_for_all_mails_holds_for_every_client(house: Any) -> None:
    await _card(house, MAIL)
    await _reject(house, "all mails too stiff, less formal please")
    assert await _kept(house) == ["The tone of mails is informal"]
    assert "Hi," in await _card(house, "Email bo@elsewhere.example that the draft moves")


async def test_numbers_and_reasons_of_the_moment_teach_nothing(house: Any) -> None:
    await _card(house, "Invoice Northwind 2400 EUR for the brand workshop")
    await _edit(house, "make it 2600")
    await _reject(house, "2600 is too much")
    await _card(house, MAIL)
    await _reject(house, "not today")
    assert await _kept(house) == []


async def test_a_preference_is_listed_with_its_source_and_removed_by_a_tap(house: Any) -> None:
    await _card(house, MAIL)
    await _reject(house, "too formal")
    await house.command("/preferences")
    shown = await house.last()
    assert "1. The tone of mails to Northwind Traders is informal." in shown
    assert "you rejected a card because of it" in shown
    remove = await _button(house, "Remove 1")
    assert await house.tap(remove) == "Removed."
    assert "No preferences are kept" in await house.last()
    assert await house.tap(remove) == "That is not kept any more."
    assert "Hello Nora Winter," in await _card(house, MAIL)


async def test_a_later_edit_takes_the_place_of_an_earlier_one(house: Any) -> None:
    for words in ("Hi instead of Hello", "Dear instead of Hi"):
        await _card(house, MAIL)
        await _edit(house, words)
    assert await _kept(house) == ["Mails to Northwind Traders begin with “Dear”"]


async def test_the_owners_address_goes_before_the_record(house: Any) -> None:
    await _say(house, "Northwind's mail address is desk@northwind.example")
    card = await _card(house, MAIL)
    assert "Address: desk@northwind.example" in card
    assert "you said so" in card


async def test_only_this_once_takes_a_lesson_back(house: Any) -> None:
    await _card(house, MAIL)
    await _edit(house, "Hi instead of Hello")
    assert await house.tap(await _button(house, "Only this once")) == "Only this once."
    assert await _kept(house) == []
    [client] = await house.clients()
    async with house.app.database.read() as connection:
        view = View.now(house.clock)
        assert await facts.about(connection, client.id, "greeting", view=view) == []


async def test_an_edited_currency_is_the_clients_next_time(house: Any) -> None:
    await _card(house, "Invoice Northwind 2400 EUR for the brand workshop")
    await _edit(house, "make it 2600 GBP")
    assert await _kept(house) == ["Invoices to Northwind Traders are in GBP"]
    card = await _card(house, "Invoice Northwind 900 for the menu boards")
    assert "over 900.00 GBP" in card
    assert "the currency is remembered: “Invoices to Northwind Traders are in GBP”" in card


async def test_an_edited_address_is_the_clients_next_time(house: Any) -> None:
    await _card(house, "Invoice Northwind 2400 EUR for the brand workshop")
    await _edit(house, "send it to billing@northwind.example")
    assert await _kept(house) == ["Mail to Northwind Traders goes to billing@northwind.example"]
    card = await _card(house, MAIL)
    assert "Address: billing@northwind.example" in card


async def test_invoices_and_reminders_are_worded_as_mails_are(house: Any) -> None:
    await _card(house, MAIL)
    await _edit(house, "Hi instead of Hello")
    card = await _card(house, "Invoice Northwind 2400 EUR for the brand workshop, net 14")
    assert "Hi,\n\nplease find attached" in card
    assert "Greeting: Hi" in card
    await house.tap(await _button(house, "Approve"))
    await house.work()
    card = await _card(house, "Remind Northwind of the open invoice")
    assert "Hi,\n\nour invoice" in card
    assert "you changed a card so" in card


async def test_a_meeting_on_a_day_to_keep_free_says_so(house: Any) -> None:
    await _card(house, MAIL)
    await _reject(house, "never on Fridays")
    card = await _card(house, "Put a call with Northwind on Friday 15:00")
    assert "Keep in mind: Northwind Traders: never on Fridays" in card


async def test_a_rule_that_is_only_said_is_used_and_shown_too(house: Any) -> None:
    message = await house.arrive("command", "/remember use du with Northwind")
    await house.conversation.handle(message.id)
    await house.work()
    assert await _kept(house) == ["Use du with Northwind"]
    card = await _card(house, MAIL)
    assert "Hallo Nora Winter," in card
    assert "Tone: du" in card
    assert "“Use du with Northwind”, you said so" in card
