"""Several things in one message are shown as a plan first: run, changed in words, dropped."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.cards import outline
from core.costs import NOTHING
from core.storage.memory import fact
from core.storage.schema import run

SAID = (
    "Invoice Northwind 500 EUR for the logo, email Northwind that the files follow on Friday "
    "and remind me tomorrow at 9 to call the printer"
)


async def _plan(house: Any) -> tuple[str, dict[str, str]]:
    """The plan as it looks now, and the data of its buttons by their labels."""
    letters = await house.letters()
    shown = [each for each in letters if "Plan of" in each.payload.get("html", "")]
    return shown[-1].payload["html"], {
        button["text"]: button["data"] for row in shown[-1].payload["buttons"] for button in row
    }


def _is_plan(letter: Any) -> bool:
    return "<b>Plan of" in letter.payload["html"]


async def _tap(house: Any, data: str) -> None:
    message = await house.arrive("tap", data={"data": data})
    await house.conversation.handle(message.id)


async def _runs(house: Any) -> list[tuple[str, str]]:
    async with house.app.database.read() as connection:
        rows = await connection.execute(select(run.c.intent, run.c.state).order_by(run.c.id))
        return [(row.intent, row.state) for row in rows]


async def test_nothing_begins_before_the_plan_is_run(house: Any) -> None:
    await house.write(SAID)
    html, buttons = await _plan(house)
    assert "Plan of 3 steps" in html
    assert "1. Invoice to Northwind Traders" in html
    assert "500.00 EUR" in html
    assert html.count("asks you first") == 2
    assert html.count("done at once") == 1
    assert "Nothing has happened yet." in html
    assert list(buttons) == ["Run", "Cancel", "Drop 1", "Drop 2", "Drop 3"]
    assert await _runs(house) == []


async def test_run_begins_all_of_it_and_asks_on_one_card(house: Any) -> None:
    await house.write(SAID)
    _, buttons = await _plan(house)
    await _tap(house, buttons["Run"])
    await house.work()
    assert await _runs(house) == [
        ("invoice.create", "running"),
        ("email.write", "running"),
        ("reminder.set", "done"),
    ]
    asking = [
        each
        for each in await house.letters()
        if any(
            b["data"].startswith("okall:") for row in each.payload.get("buttons", ()) for b in row
        )
    ]
    assert len({each.edit_of or each.id for each in asking}) == 1
    assert "<b>2 decisions of one plan</b>" in asking[-1].payload["html"]
    html, after = await _plan(house)
    assert "Begun." in html
    assert after == {}
    await _tap(house, buttons["Run"])
    assert "closed already" in await house.last()


async def test_a_step_is_dropped_by_its_button_or_in_words(house: Any) -> None:
    await house.write(SAID)
    _, buttons = await _plan(house)
    await _tap(house, buttons["Drop 1"])
    html, buttons = await _plan(house)
    assert "Plan of 2 steps" in html
    assert "Invoice" not in html
    assert len([e for e in await house.letters() if e.edit_of is None and _is_plan(e)]) == 1
    await house.write("drop the mail")
    html, buttons = await _plan(house)
    assert "Plan of 1 step" in html
    assert list(buttons) == ["Run", "Cancel"]
    await _tap(house, buttons["Run"])
    assert [intent for intent, _ in await _runs(house)] == ["reminder.set"]


async def test_it_is_changed_in_words_and_shown_again_below(house: Any) -> None:
    await house.write(SAID)
    await house.write("1: make it 700")
    assert "700.00 EUR" in (await _plan(house))[0]
    await house.write("make it 650")  # only the invoice has an amount
    assert "650.00 EUR" in (await _plan(house))[0]
    await house.write("and remind me on Friday at 10 to send the files")
    html, buttons = await _plan(house)
    assert "Plan of 4 steps" in html
    letters = await house.letters()
    shown = [each for each in letters if each.edit_of is None and _is_plan(each)]
    turned = [each for each in letters if "the newer one is below" in each.payload["html"]]
    assert [each.edit_of for each in turned] == [each.id for each in shown[:-1]]
    await _tap(house, buttons["Run"])
    assert len(await _runs(house)) == 4


async def test_cancel_does_nothing_and_says_so(house: Any) -> None:
    await house.write(SAID)
    _, buttons = await _plan(house)
    await _tap(house, buttons["Cancel"])
    html, after = await _plan(house)
    assert "Cancelled. Nothing was done." in html
    assert after == {}
    assert await _runs(house) == []


async def test_a_message_of_its_own_leaves_the_plan_as_it_is(house: Any) -> None:
    await house.write(SAID)
    before = await _plan(house)
    await house.write("Remind me on Monday at 8 to water the plants")
    assert await _plan(house) == before
    assert [intent for intent, _ in await _runs(house)] == ["reminder.set"]


async def test_a_message_that_lacks_something_leaves_the_plan_as_it_is(house: Any) -> None:
    await house.write(SAID)
    before = await _plan(house)
    await house.write("someone transferred 720, put it down")  # no amount of the plan's invoice
    assert await _plan(house) == before
    assert "There is no open invoice" in await house.last()


async def test_a_reply_that_changes_nothing_is_told(house: Any) -> None:
    await house.write(SAID)
    letters = [each for each in await house.letters() if "<b>Plan of" in each.payload["html"]]
    from core import outbox

    async with house.app.database.write() as connection:
        await outbox.settle(connection, house.clock, letters[0].id, state="sent", message_id=501)
    await house.write("hmm, nice weather", reply_to=501)
    assert "the plan above still stands" in await house.last()


async def test_of_two_that_could_be_meant_neither_is_changed(house: Any) -> None:
    await house.write(
        "Invoice Northwind 500 EUR for the logo, remind me tomorrow at 9 to call the printer "
        "and remind me on Friday at 10 to send the files"
    )
    before, _ = await _plan(house)
    await house.write("drop the reminder")
    assert (await _plan(house))[0] == before


@pytest.mark.parametrize(
    ("said", "asked", "goes"),
    [
        (
            "Onboard Zephyr Boats, contact is Oona Berg, oona@zephyr.example. First invoice right "
            "away: 600 euros deposit for the film",
            "invoice.create",
            "oona@zephyr.example",
        ),
        (
            "Add Ye-jin Holm as a lead, yejin@holm.example, and email Ye-jin Holm that the offer "
            "follows on Friday",
            "email.write",
            "yejin@holm.example",
        ),
    ],
)
async def test_whom_a_message_adds_the_rest_of_it_knows(
    house: Any, said: str, asked: str, goes: str
) -> None:
    await house.write(said)
    await house.work()
    (_, first), (intent, second) = await _runs(house)
    assert (first, intent, second) == ("done", asked, "running")
    cards = [letter.payload for letter in await house.letters() if "Approve" in str(letter.payload)]
    assert [goes in str(card) for card in cards] == [True]


async def test_what_is_kept_about_somebody_new_waits_for_their_record(house: Any) -> None:
    await house.write(
        "New client Zephyr Boats, hello@zephyr.example, and remember that Zephyr Boats pays "
        "within 30 days"
    )
    await house.work()
    async with house.app.database.read() as connection:
        subjects = {row.subject for row in await connection.execute(select(fact.c.subject))}
    assert "" not in subjects


@pytest.mark.parametrize(
    ("takes", "told"),
    [
        (None, ""),
        (timedelta(milliseconds=40), "It usually takes a second."),
        (timedelta(seconds=2.2), "It usually takes about 3 s."),
        (timedelta(seconds=100), "It usually takes about 2 min."),
    ],
)
def test_how_long_it_takes_is_said_where_it_is_known(takes: timedelta | None, told: str) -> None:
    parts = [outline.Part("New client: Ida", "auto"), outline.Part("Mail to Ida", "ask")]
    card = outline.card(parts, "prm_1", cost=NOTHING, takes=takes)
    assert told in card.html
    assert ("usually takes" in card.html) == bool(told)
