"""Decisions in the chat: put aside, together, granted, undone within their window, paused."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.splitting import LIMIT, visible
from bot.ticking import keep_hours, look, schedule_digest
from connectors.billing import IssueParams, LineParams, Seller
from core import approvals, effects, explanations, runs
from core.costs import Cost
from core.explanations import Explanation
from core.outbox import Letter

BERLIN = ZoneInfo("Europe/Berlin")
BOTH = "Email Northwind that we are closed on Friday. Email Bluebird that we are closed on Friday."


def buttons(letter: Letter) -> list[str]:
    return [b["data"] for row in letter.payload["buttons"] for b in row]


async def card(house: Any, text: str = "Email Northwind that we moved") -> str:
    """Asks for something and returns the approval's id."""
    await house.write(text)
    (found,) = [b for b in buttons((await house.letters())[-1]) if b.startswith("ok:")]
    return found.removeprefix("ok:")


def until(house: Any, moment: datetime) -> None:
    house.clock.advance(moment - house.clock.now())


async def tick(house: Any) -> None:
    await keep_hours(house.app, await look(house.app))


async def sent(house: Any) -> list[str]:
    return [mail.subject for mail in await house.app.mail.sent()]


async def shown(house: Any, approval_id: str) -> str:
    """How the letters about an approval look now."""
    letters = [x for x in await house.letters() if x.subject == approval_id]
    return str(letters[-1].payload["html"])


@pytest.fixture
async def bluebird(house: Any) -> Any:
    from core.house import NewClient

    await house.app.catalogue["client.add"].perform(
        "seed2", NewClient(name="Bluebird Bakery", email="ben@bluebird.example", currency="EUR")
    )
    return house


async def test_a_card_put_aside_comes_back_at_its_hour(house: Any) -> None:
    approval = await card(house)
    assert "Put aside until Tue 24 Nov 2026, 09:00" in await house.tap(f"snooze:{approval}:1d")
    until(house, datetime(2026, 11, 24, 8, 59, tzinfo=BERLIN))
    before = len(await house.letters())
    await tick(house)
    assert len(await house.letters()) == before
    until(house, datetime(2026, 11, 24, 9, 0, tzinfo=BERLIN))
    await tick(house)
    await tick(house)
    assert len(await house.letters()) == before + 1
    assert await house.tap(f"ok:{approval}") == "Approved."
    await house.work()
    assert len(await sent(house)) == 1


async def test_what_waits_is_reminded_of_and_lapses(house: Any) -> None:
    approval = await card(house)
    reminders: list[int] = []
    for _day in range(1, 9):
        house.clock.advance(timedelta(days=1))
        await tick(house)
        told = [x for x in await house.letters() if x.subject == f"{approval}:nudge"]
        reminders.append(len(told))
    assert reminders == [1, 1, 1, 1, 1, 2, 2, 2]
    assert "Expired" in await shown(house, approval)
    assert "expired" in await house.tap(f"ok:{approval}")
    await house.work()
    assert await sent(house) == []


async def test_alike_decisions_come_on_one_card(bluebird: Any) -> None:
    house = bluebird
    await house.write(BOTH)
    letter = (await house.letters())[-1]
    assert "2 decisions that are alike" in letter.payload["html"]
    assert letter.payload["html"].count("We are closed on Friday.") == 2
    (every,) = [b for b in buttons(letter) if b.startswith("okall:")]
    assert await house.tap(every) == "Approved 2."
    assert await house.tap(every) == "Decided already; nothing more happens."
    await house.work()
    assert len(await sent(house)) == 2
    assert "2 of 2 done" in await shown(house, letter.subject)


async def test_one_of_a_batch_can_be_decided_alone(bluebird: Any) -> None:
    house = bluebird
    await house.write(BOTH)
    batch = (await house.letters())[-1]
    await house.tap(f"each:{batch.subject}")
    single = [b for x in (await house.letters())[-2:] for b in buttons(x) if b.startswith("no:")]
    await house.tap(single[0])
    assert await house.tap(f"okall:{batch.subject}") == "Approved 1."
    await house.work()
    assert len(await sent(house)) == 1
    assert "1 of 2 done" in await shown(house, batch.subject)


async def test_the_undo_window_stops_a_mail(house: Any) -> None:
    await house.command("/settings hold 30")
    approval = await card(house)
    assert "waits 30 seconds with an Undo button" in await shown(house, approval)
    await house.tap(f"ok:{approval}")
    await house.work()
    assert await sent(house) == []
    held = [x for x in await house.letters() if x.subject == approval][-1]
    assert "Undo stops it" in held.payload["html"]
    (stop,) = [b for b in buttons(held) if b.startswith("stop:")]
    assert await house.tap(stop) == "Cancelled."
    house.clock.advance(timedelta(minutes=1))
    await house.work()
    assert await sent(house) == []
    assert await house.tap(stop) == "That has ended already."


async def test_the_undo_window_of_a_batch_stops_all_of_it_or_one(bluebird: Any) -> None:
    house = bluebird
    await house.command("/settings hold 30")
    await house.write(BOTH)
    batch = (await house.letters())[-1].subject
    assert "waits 30 seconds with an Undo button" in await shown(house, batch)
    assert await house.tap(f"okall:{batch}") == "Approved 2."
    held = [x for x in await house.letters() if x.subject == batch][-1]
    assert "2 wait, and go out Mon 23 Nov 2026, 10:00 (30 s)" in held.payload["html"]
    one = [b for b in buttons(held) if b.startswith("stop:")]
    assert len(one) == 2
    assert await house.tap(one[0]) == "Cancelled."
    assert "1 wait" in await shown(house, batch)
    assert await house.tap(f"stopall:{batch}") == "Cancelled 1."
    assert await house.tap(f"stopall:{batch}") == "Nothing waits any more."
    house.clock.advance(timedelta(minutes=1))
    await house.work()
    assert await sent(house) == []
    told = [x for x in await house.letters() if x.subject == batch][-1]
    assert "0 of 2 done" in told.payload["html"]
    assert buttons(told) == []


async def test_what_is_left_of_a_batch_goes_when_its_window_ends(bluebird: Any) -> None:
    house = bluebird
    await house.command("/settings hold 30")
    await house.write(BOTH)
    batch = (await house.letters())[-1].subject
    await house.tap(f"okall:{batch}")
    held = [x for x in await house.letters() if x.subject == batch][-1]
    await house.tap(next(b for b in buttons(held) if b.startswith("stop:")))
    house.clock.advance(timedelta(seconds=31))
    await house.work()
    assert len(await sent(house)) == 1
    assert "1 of 2 done" in await shown(house, batch)


async def test_a_card_that_policy_refuses_at_this_hour_waits(bluebird: Any) -> None:
    house = bluebird
    house.app.policy.path.write_text(
        '[[rule]]\nverdict = "ask"\naction = "mail.*"\n'
        '[[rule]]\nverdict = "deny"\naction = "mail.*"\ntime = "20:00-08:00"\n'
    )
    await house.write(BOTH)
    batch = (await house.letters())[-1].subject
    before = await shown(house, batch)
    until(house, datetime(2026, 11, 23, 22, 0, tzinfo=BERLIN))
    assert "refuses this at this time" in await house.tap(f"okall:{batch}")
    await house.work()
    assert await sent(house) == []
    assert await shown(house, batch) == before
    until(house, datetime(2026, 11, 24, 9, 0, tzinfo=BERLIN))
    assert await house.tap(f"okall:{batch}") == "Approved 2."
    await house.work()
    assert len(await sent(house)) == 2


async def test_after_the_undo_window_it_goes_once(house: Any) -> None:
    await house.command("/settings hold 30")
    approval = await card(house)
    await house.tap(f"ok:{approval}")
    house.clock.advance(timedelta(seconds=29))
    await house.work()
    assert await sent(house) == []
    house.clock.advance(timedelta(seconds=2))
    await house.work()
    assert len(await sent(house)) == 1


async def test_a_grant_is_used_and_ends(house: Any) -> None:
    approval = await card(house)
    await house.tap(f"grant:{approval}")
    assert await house.tap(f"give:{approval}:7") == "Granted."
    await house.write("Email Northwind that the second draft is ready")
    await house.work()
    assert len(await sent(house)) == 1  # the first still waits for its tap
    house.clock.advance(timedelta(days=8))
    await house.write("Email Northwind that the third draft is ready")
    await house.work()
    assert len(await sent(house)) == 1
    assert "Approve" in str((await house.letters())[-1].payload["buttons"])


async def test_paused_by_its_button_nothing_goes_out(house: Any) -> None:
    approval = await card(house)
    assert "Paused" in await house.tap("pause:all")
    assert "it goes out after /resume" in await house.tap(f"ok:{approval}")
    await house.work()
    assert await sent(house) == []
    await house.command("/resume")
    assert "Mail to Northwind Traders" in await house.last()
    await house.work()
    assert len(await sent(house)) == 1


async def test_a_run_that_failed_half_way_offers_to_take_back_what_was_done(
    house: Any, monkeypatch: Any
) -> None:
    from core.errors import FactotumError

    async def refuses(envelope: Any) -> bytes:
        raise FactotumError("The mail server refused it.")

    monkeypatch.setattr(house.app.mail._transport, "deliver", refuses)
    approval = await card(house, "Invoice Northwind 2400 EUR for the brand workshop")
    await house.tap(f"ok:{approval}")
    await house.work()
    failed = [x for x in await house.letters() if x.subject == approval][-1]
    assert "Not done" in failed.payload["html"]
    assert "Issued invoice" in failed.payload["html"]
    data = buttons(failed)
    assert data[0] == "pause:all"
    (undo,) = [b for b in data if b.startswith("undo:")]
    assert await house.tap(undo) == "See the card below."  # it is about money: asked like any other
    back = [b for b in buttons((await house.letters())[-1]) if b.startswith("ok:")]
    await house.tap(back[0])
    await house.work()
    assert "Taken back" in await shown(house, approval)
    (retry,) = [b for b in data if b.startswith("retry:")]
    assert await house.tap(retry) == "There is nothing to try again."
    assert await sent(house) == []


async def test_the_days_head_of_the_journal_is_pinned(house: Any) -> None:
    await schedule_digest(house.app)
    until(house, datetime(2026, 11, 24, 8, 0, tzinfo=BERLIN))
    await tick(house)
    kinds = [(x.kind, x.subject) for x in await house.letters()][-3:]
    assert kinds == [("text", "digest"), ("text", "anchor"), ("pin", "anchor")]
    assert "--anchor" in (await house.letters())[-2].payload["html"]


async def test_runs_are_listed_with_what_can_be_done(house: Any) -> None:
    await card(house)
    await house.command("/runs")
    listed = (await house.letters())[-1]
    assert "waits for you" in listed.payload["html"]
    (stop,) = [b for b in buttons(listed) if b.startswith("stop:")]
    assert await house.tap(stop) == "Cancelled."
    await house.command("/runs")
    assert "cancelled" in await house.last()


async def test_a_run_on_its_way_shows_time_and_cost_and_can_be_cancelled(house: Any) -> None:
    approval = await card(house, "Invoice Northwind 2400 EUR for the brand workshop")
    house.clock.advance(timedelta(seconds=42))
    async with house.app.database.write() as connection:
        found = await approvals.load(connection, approval)
        draft = next(s for s in await runs.steps(connection, found.run_id) if s.kind == "draft")
        thought = Explanation(
            agent="operations",
            version="1",
            tier="large",
            model="m",
            prompt="p",
            materials=(),
            output={},
            rationale="r",
            troubles=(),
            tokens=9,
            cost=Cost(120_000),
            seconds=1.0,
        )
        await explanations.keep(connection, house.clock, [thought], step_id=draft.id)
    await house.tap(f"ok:{approval}")
    live = [x for x in await house.letters() if x.subject == approval][-1]
    assert "Cost so far: 0.12 USD. Time so far: 42 seconds." in live.payload["html"]
    await house.command("/runs")
    assert "42 seconds, cost 0.12 USD" in await house.last()
    (stop,) = [b for b in buttons(live) if b.startswith("stop:")]
    assert await house.tap(stop) == "Cancelled."
    await house.work()
    assert await sent(house) == []


async def test_an_edit_changes_all_it_says_or_says_what_it_did_not(house: Any) -> None:
    approval = await card(house, "Invoice Northwind 2400 EUR for the brand workshop")
    await house.tap(f"edit:{approval}")
    await house.write("make it 2600, send it to billing@northwind.example, call Bob tomorrow")
    html = "\n".join(str(x.payload["html"]) for x in (await house.letters())[-3:])
    assert "2,600.00 EUR" in html
    assert "billing@northwind.example" in html
    assert "Not understood, so not changed: “call Bob tomorrow”" in html


@pytest.mark.parametrize(
    ("text", "slot", "words", "told"),
    [
        ("Invoice Northwind 2400 EUR for the brand workshop", "amount", "2600", "2,600.00 EUR"),
        ("Invoice Northwind 2400 EUR for the workshop", "due", "1 December", "1 Dec 2026"),
        ("Invoice Northwind 2400 EUR for the workshop", "description", "a logo", "A logo"),
        ("Invoice Northwind 2400 EUR for x", "email", "b@northwind.example", "b@northwind.example"),
        ("Email Northwind that we moved", "subject", "make it 2600", "make it 2600"),
        ("Email Northwind that we moved", "body", "Dear all,\n\nno.", "no."),
        ("Put a call with Northwind on Tuesday 15:00", "start", "Wednesday 14:30", "14:30"),
    ],
)
async def test_one_value_can_be_changed_by_its_button(
    house: Any, text: str, slot: str, words: str, told: str
) -> None:
    approval = await card(house, text)
    await house.tap(f"edit:{approval}")
    asked = buttons((await house.letters())[-1])
    assert f"field:{approval}:{slot}" in asked
    await house.tap(f"field:{approval}:{slot}")
    await house.write(words)
    letters = await house.letters()
    fresh = [x for x in letters if any(b.startswith("ok:") for b in buttons(x))][-1]
    assert fresh.subject != approval
    assert told in fresh.payload["html"]


async def test_a_clock_set_ahead_and_back_does_not_cost_the_digest(house: Any) -> None:
    await schedule_digest(house.app)
    house.clock.advance(timedelta(days=400))
    await tick(house)
    house.clock.advance(timedelta(days=-400))
    await tick(house)
    before = sum(x.subject == "digest" for x in await house.letters())
    house.clock.advance(timedelta(days=1))
    await tick(house)
    await tick(house)
    assert sum(x.subject == "digest" and x.kind == "text" for x in await house.letters()) > before


@pytest.mark.parametrize("hold", [0, 30])
async def test_sixty_reminders_are_one_card_and_one_tap(house: Any, hold: int) -> None:
    await house.command(f"/settings hold {hold}")
    for place in range(60):
        params = IssueParams(
            client_name="Northwind Traders",
            client_email="accounts@northwind.example",
            currency="EUR",
            issue_date=date(2026, 10, 1),
            due_date=date(2026, 11, 1),
            lines=(LineParams(description="Work", unit_minor=100 + place),),
            seller=Seller(name="Studio"),
        )
        await house.app.billing.issue(f"seed-{place}", params)
    await house.write("Remind all clients of their overdue invoices")
    (every,) = [
        b["data"]
        for row in (await house.letters())[-1].payload["buttons"]
        for b in row
        if b["text"] == "All 60 that are overdue"
    ]
    tapped = await house.arrive("tap", data={"data": every})
    await house.conversation.handle(tapped.id)
    letter = (await house.letters())[-1]
    assert "60 decisions that are alike" in letter.payload["html"]
    assert "Approve all 60" in str(letter.payload["buttons"])
    assert visible(letter.payload["html"]) <= LIMIT
    assert await house.tap(f"okall:{letter.subject}") == "Approved 60."
    house.clock.advance(timedelta(seconds=hold))
    await house.work()
    assert len(await house.app.mail.sent(99)) == 60
    assert "60 of 60 done" in await shown(house, letter.subject)


async def test_a_step_and_an_effect_explain_themselves(house: Any) -> None:
    approval = await card(house)
    async with house.app.database.read() as connection:
        found = await approvals.load(connection, approval)
        (step,) = await runs.steps(connection, found.run_id)
    await house.command(f"/why {step.id}")
    told = await house.last()
    assert "(mail.send): asking." in told
    assert "• to: [&quot;accounts@northwind.example&quot;]" in told.replace('"', "&quot;")
    assert "from your words and settings" in told
    assert "is asked first (mail.send)." in told
    await house.tap(f"ok:{approval}")
    await house.work()
    async with house.app.database.read() as connection:
        token = (await effects.of_step(connection, step.id)).token
    for name in (step.id, token):
        await house.command(f"/why {name}")
        told = await house.last()
        assert "(mail.send): done." in told
        assert f"mail.send: done, Mon 23 Nov 2026, 10:00 <code>{token}</code>" in told
        assert "You approved it" in told
    async with house.app.database.write() as connection:
        await effects.renamed(connection, house.clock, token)
    await house.command(f"/why {token}")
    assert "(mail.send): done." in await house.last()
    for name in ("stp_x", "eff_x", "nothing", "'; --"):
        await house.command(f"/why {name}")
        assert "nothing recorded" in await house.last()


@pytest.mark.parametrize(
    "said",
    [
        "1000 EUR for the sign",
        "1000 EUR plus 19% VAT for the sign",
        "10 hours at 100 EUR plus 19% VAT for the sign",
        "1190 EUR incl. VAT for the sign",
    ],
)
async def test_tax_that_is_said_is_added_once(house: Any, said: str) -> None:
    await house.command("/settings company.tax_rate 19")
    await house.write(f"Invoice Northwind {said}")
    assert "190.00 EUR at 19 %, 1,190.00 EUR in all" in await house.last()


async def test_an_amount_that_was_edited_is_taken_as_it_stands(house: Any) -> None:
    await house.command("/settings company.tax_rate 19")
    approval = await card(house, "Invoice Northwind 1000 EUR plus 19% VAT for the sign")
    await house.tap(f"edit:{approval}")
    await house.write("make it 2000")
    assert "380.00 EUR at 19 %, 2,380.00 EUR in all" in await house.last()
