"""Follow-ups: asked for by a tap, put before the operator on their day, once, or not at all."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.ticking import keep_hours, look, unhandled
from core import inbox
from core.outbox import Letter

BERLIN = ZoneInfo("Europe/Berlin")
INVOICE = "Invoice Northwind 480 EUR for the flyer, due in 14 days"  # Mon 7 Dec 2026
MAIL = "Email Northwind that we moved to the harbour"


def buttons(letter: Letter) -> dict[str, str]:
    return {b["text"]: b["data"] for row in letter.payload.get("buttons", []) for b in row}


async def done(house: Any, text: str) -> str:
    """Asks for something and approves it; returns the run's id."""
    await house.write(text)
    for letter in reversed(await house.letters()):
        if found := buttons(letter).get("Approve"):
            break
    else:
        raise AssertionError("no card")
    assert await house.tap(found) == "Approved."
    await house.work()
    (data,) = {
        data
        for letter in await house.letters()
        for text, data in buttons(letter).items()
        if text == "Follow up" and data.startswith("follow:")
    }
    return data.removeprefix("follow:")


async def tick(house: Any, at: datetime) -> list[Letter]:
    """What is new in the chat after a tick at that moment and the thought it leads to."""
    before = len(await house.letters())
    house.clock.advance(at - house.clock.now())
    await keep_hours(house.app, await look(house.app))
    for inbox_id in await unhandled(house.app):
        await house.conversation.handle(inbox_id)
    return [x for x in (await house.letters())[before:] if x.kind != "edit"]


def cards(letters: list[Letter]) -> list[Letter]:
    return [letter for letter in letters if "Approve" in buttons(letter)]


async def test_an_unpaid_invoice_is_put_before_the_operator_the_day_after_it_was_due(
    house: Any,
) -> None:
    run = await done(house, INVOICE)
    assert await house.tap(f"follow:{run}") == "I put it before you on Tue 8 Dec 2026, 09:00."
    assert "Follow-up on Tue 8 Dec 2026, 09:00 unless it is paid." in await house.last()
    assert not cards(await tick(house, datetime(2026, 12, 8, 8, 59, tzinfo=BERLIN)))
    (card,) = cards(await tick(house, datetime(2026, 12, 8, 9, 0, tzinfo=BERLIN)))
    assert "Payment reminder to Northwind Traders for 2026-001" in card.payload["html"]
    assert "due Tue 8 Dec 2026, 09:00" in card.payload["html"]  # which follow-up it is
    assert not cards(await tick(house, datetime(2026, 12, 9, 9, 0, tzinfo=BERLIN)))
    assert len(await house.app.mail.sent()) == 1  # nothing went without a tap


@pytest.mark.parametrize("settled", ["Record that Northwind paid invoice 2026-001", "undo"])
async def test_what_is_settled_meanwhile_is_not_followed_up(house: Any, settled: str) -> None:
    run = await done(house, INVOICE)
    await house.tap(f"follow:{run}")
    if settled == "undo":
        await house.tap(f"undo:{run}")
    else:
        await house.write(settled)
    for letter in (await house.letters())[-2:]:
        if approve := buttons(letter).get("Approve"):
            await house.tap(approve)
    await house.work()
    assert not await house.app.billing.reads.open_invoices()
    digests = await tick(house, datetime(2026, 12, 8, 9, 0, tzinfo=BERLIN))
    assert not cards(digests)
    assert not any("nothing open" in x.payload.get("html", "") for x in digests)


async def test_a_mail_is_followed_up_after_a_while_on_a_working_day(house: Any) -> None:
    run = await done(house, MAIL)
    # Five days after Mon 23 Nov is a Saturday.
    assert await house.tap(f"follow:{run}") == "I put it before you on Mon 30 Nov 2026, 09:00."
    late = datetime(2026, 12, 3, 20, 0, tzinfo=BERLIN)  # the machine was off till then
    (card,) = cards(await tick(house, late))
    assert "Re: We moved to the harbour" in card.payload["html"]
    assert "due Mon 30 Nov 2026, 09:00" in card.payload["html"]


async def test_a_follow_up_can_be_dropped_and_asked_for_again(house: Any) -> None:
    run = await done(house, MAIL)
    await house.tap(f"follow:{run}")
    assert await house.tap(f"leave:{run}") == "No follow-up then."
    assert "Follow-up" not in await house.last()
    assert await house.tap(f"leave:{run}") == "There is no follow-up to come."
    assert not cards(await tick(house, datetime(2026, 11, 30, 9, 0, tzinfo=BERLIN)))
    assert "Tue 1 Dec 2026, 09:00" in await house.tap(f"follow:{run}")
    assert "Tue 1 Dec 2026, 09:00" in await house.tap(f"follow:{run}")  # a second tap is one
    assert len(cards(await tick(house, datetime(2026, 12, 1, 9, 0, tzinfo=BERLIN)))) == 1


async def test_a_worker_that_dies_between_slot_and_card_loses_and_doubles_nothing(
    house: Any,
) -> None:
    run = await done(house, MAIL)
    await house.tap(f"follow:{run}")
    house.clock.advance(timedelta(days=7))
    due = await look(house.app)
    await keep_hours(house.app, due)
    await keep_hours(house.app, due)  # another worker saw the same
    async with house.app.database.read() as connection:
        waiting = await inbox.waiting(connection, "due")
    assert len(waiting) == 1  # kept, whoever dies now
    for _again in range(2):
        await house.conversation.handle(waiting[0].id)
    assert len(cards(await house.letters())) == 2  # the mail's, and the one that follows it
