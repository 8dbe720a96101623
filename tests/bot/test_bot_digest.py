"""The digest says what stands out in the ledger, and a reminder is a tap away."""

from datetime import date, timedelta
from typing import Any

import pytest

from bot import digest, requesting
from bot.outgoing import Outgoing
from connectors.billing import IssueParams, LineParams, Seller
from core import approvals, runs

TODAY = date(2026, 11, 23)


@pytest.fixture
async def app(house: Any) -> Any:
    return house.app


async def _issue(app: Any, place: int, *, late: int, what: str = "Work") -> str:
    params = IssueParams(
        client_name="Northwind Traders",
        client_email="accounts@northwind.example",
        currency="EUR",
        issue_date=TODAY - timedelta(days=late + 14),
        due_date=TODAY - timedelta(days=late),
        lines=(LineParams(description=what, unit_minor=100_000),),
        seller=Seller(name="Studio"),
    )
    return (await app.billing.issue(f"seed-{place}", params)).number


def _buttons(message: Outgoing) -> dict[str, str]:
    return {button.text: button.data for row in message.buttons for button in row}


async def test_where_nothing_stands_out_nothing_is_said(app: Any) -> None:
    await _issue(app, 1, late=-5)
    told = (await digest.compose(app))[0]
    assert "Worth a look" not in told.html
    assert told.buttons == ()


async def test_an_overdue_invoice_is_said_once_with_a_button(app: Any) -> None:
    number = await _issue(app, 1, late=12)
    told = (await digest.compose(app))[0]
    assert (
        f"<b>Worth a look</b>\n• 1,000.00 EUR of Northwind Traders for {number} is 12 days late."
    ) in told.html
    assert told.html.count("12 days late") == 1
    assert _buttons(told) == {"Remind Northwind Traders": f"remind:{number}"}


async def test_of_much_that_stands_out_three_lines_are_said(app: Any) -> None:
    for place in range(5):
        await _issue(app, place, late=3 + place, what=f"Work {place}")
    told = (await digest.compose(app))[0]
    section = told.html.partition("<b>Worth a look</b>\n")[2].partition("\n\n")[0]
    assert len(section.split("\n")) == 3
    assert "7 days late" in section.split("\n")[0]
    assert len(told.buttons) == 3


async def test_a_tap_makes_the_card_of_a_reminder_and_takes_the_button_off(house: Any) -> None:
    app = house.app
    number = await _issue(app, 1, late=12)
    [told] = await digest.compose(app)
    async with app.database.write() as connection:
        await app.presenter.say(connection, told, subject=digest.SUBJECT)
    tap = await house.arrive(
        "tap", data={"data": _buttons(told)["Remind Northwind Traders"], "callback_id": "c"}
    )
    assert requesting.in_worker(tap)
    await house.conversation.handle(tap.id)
    async with app.database.read() as connection:
        [asked] = await approvals.pending(connection)
        run = await runs.load(connection, asked.run_id)
    assert run is not None
    assert run.plan.intent == "invoice.remind"
    assert number in run.plan.title
    edits = [letter for letter in await house.letters() if letter.subject == digest.SUBJECT]
    assert [bool(Outgoing.load(letter.payload).buttons) for letter in edits] == [True, False]


async def test_a_tap_for_an_invoice_that_is_paid_by_now_says_so(house: Any) -> None:
    tap = await house.arrive("tap", data={"data": "remind:2020-001", "callback_id": "c"})
    await house.conversation.handle(tap.id)
    assert "no invoice 2020-001" in await house.last()
