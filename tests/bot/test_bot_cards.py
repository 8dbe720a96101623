"""Cards: what people wrote stays text, what changed is marked, Telegram takes every one."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.outcomes import Ask, Choice, Say
from agents.playbooks import letters
from bot import chart, digest
from bot.cards import approval as cards
from bot.cards import batch, later, outcome, progress, talk
from bot.cards import digest as digest_cards
from bot.cards.why import why
from bot.commands.settings import LABELS
from bot.commands.settings import card as settings_card
from bot.editing import with_differences
from bot.outgoing import Button, Outgoing
from bot.sandbox.entities import parse_html
from bot.splitting import LIMIT, split, units
from connectors.billing import REVERSE_CHARGE, SMALL_BUSINESS, Invoice
from core import approvals, profile
from core.approvals import Approval
from core.costs import NOTHING
from core.explain import Explained
from core.inbox import Message
from core.memory.facts import Fact, Source
from core.memory.values import Value as Said
from core.money import Money
from core.plans import Origin, Plan, Value, resolve
from core.profile import Company, Profile
from core.runs import Run, Step

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOSTILE = [
    "<b>bold</b>",
    "</blockquote></b><a href='x'>",
    "& &amp; &lt; <",
    "😀 שלום \u202eevil",
    "*_`[x](y)",
    "{number} $ref",
    "\n\n\n",
    "x" * 4200,
    "<" * 2100,
]


def _plan(text: str, **more: Any) -> Plan:
    fields: dict[str, Any] = {
        "intent": "invoice.create",
        "title": f"Invoice to {text}",
        "steps": (),
        "values": (
            Value(slot="client", label=text, shown=text, origin=Origin.SAID, source=text),
            Value(slot="amount", label="Amount", shown="1 EUR", origin=Origin.DEFAULT),
            Value(slot="body", label="Text", shown=text, origin=Origin.SAID, before="old\n<i>"),
        ),
        "preview": {
            "mail_from": text,
            "mail_to": text,
            "mail_subject": text,
            "mail_body": f"Hello\n{text}\nBye",
            "attachment": text,
        },
        "reversal": text,
    }
    return Plan(**(fields | more))


def _approval(**more: Any) -> Approval:
    fields: dict[str, Any] = {
        "id": "apr_" + "x" * 19,
        "run_id": "run_1",
        "batch_id": None,
        "outbox_id": 1,
        "state": "pending",
        "reason": None,
        "decided_at": None,
        "created_at": AT,
        "expires_at": AT,
        "nudge_at": None,
        "snoozed": False,
    }
    return Approval(**(fields | more))


def _run(text: str) -> Run:
    return Run(
        id="run_" + "x" * 19,
        plan=_plan(text),
        explanation={"rationale": text, "model": text, "degraded": text},
        inbox_id=1,
        cost=NOTHING,
        state="done",
        created_at=AT,
        ended_at=AT,
    )


def _step(text: str, state: Any = "done") -> Step:
    return Step(
        id="stp_" + "x" * 19,
        run_id="run_1",
        key="k",
        kind="action",
        action=text,
        params={},
        depends=(),
        instead_of=None,
        hold_seconds=0,
        verdict={"verdict": "ask", "rules": [text]},
        result={"receipt": text} if state == "done" else None,
        error=text,
        attempts=1,
        state=state,
    )


def _all(text: str) -> list[Outgoing]:
    plan, run = _plan(text), _run(text)
    told = Explained(
        message=Message(
            id=1, update_id=1, kind="text", user_id=1, chat_id=1, message_id=1, text=text
        ),
        run=run,
        steps=[_step(text)],
        approval=_approval(state="rejected", reason=text, decided_at=AT),
        facts=[
            Fact(
                id="fact_1",
                origin="fact_1",
                subject="s",
                relation="r",
                value=Said.text(text),
                statement=text,
                sources=(Source(kind="mail", place=text, quote=text, at=AT),),
                asserted_by=text,
                model=text,
                approval_id=None,
                trust="untrusted",
                confidence=40,
                how="corrected",
                valid_from=AT,
                valid_to=None,
                recorded_at=AT,
                superseded_by=None,
                superseded_at=None,
                retracted_at=None,
            )
        ],
        effects=[{"action": text, "state": "confirmed", "token": "eff_1", "at": AT}],
        reason=text,
    )
    ask = Ask("client", text, (Choice(text or "x", text), Choice("b", "b")))
    return [
        cards.card(plan, _approval(), cost=NOTHING, local_expiry=AT),
        cards.replaced(plan),
        cards.working(plan),
        cards.rejected(plan, None, "apr_1"),
        cards.rejected(plan, text, "apr_1"),
        cards.expired(plan),
        cards.cancelled(plan),
        outcome.done(run, [_step(text)], local=AT, undo=True, undone=False, follow_up=AT),
        outcome.done(
            run, [_step(text), _step(text)], local=AT, undo=True, undone=True, follow_up=None
        ),
        outcome.failed(run, [_step(text), _step(text, "failed")], local=AT, undo=True),
        outcome.cancelled(run, [_step(text)], local=AT, undo=True),
        outcome.taken_back(run, [_step(text)], local=AT),
        outcome.denied(run),
        outcome.shadowed(run),
        progress.progress(run, [_step(text), _step(text, "held")], Profile(), AT, NOTHING),
        progress.listed(run, [_step(text), _step(text, "asking")], Profile(), AT, NOTHING),
        later.snoozed(plan, "apr_1", AT),
        later.nudge(plan, "apr_1", AT),
        batch.card("bat_1", [(_approval(), run, [_step(text)])] * 2, lapses=AT),
        outcome.waiting(run, _step(text, "ready"), again=AT),
        outcome.unclear(run, _step(text, "unknown")),
        talk.question(ask, "prm_" + "x" * 19),
        talk.answered(text, text),
        talk.say(Say(text, (text, text), ("fact_1",)), "msg_1"),
        talk.note(text),
        talk.ask_edit(plan, "apr_1", plan.values),
        talk.ask_value(plan.values[0]),
        why(told, Profile()),
        settings_card(Profile(company=Company(name=text, address=(text,)))),
    ]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_telegram_takes_every_card_whatever_is_in_it(text: str) -> None:
    for message in _all(text):
        for part in split(message.html):
            parsed, entities = parse_html(part)
            assert units(parsed) <= LIMIT
            assert "text_link" not in {entity["type"] for entity in entities}
        for row in message.buttons:
            for button in row:
                assert 1 <= len(button.data.encode()) <= 64
                assert button.text


def test_the_card_has_its_buttons_and_says_that_nothing_happened() -> None:
    message = cards.card(_plan("Acme"), _approval(), cost=NOTHING, local_expiry=AT)
    shown = [b.text for row in message.buttons for b in row]
    assert shown == ["Approve", "Edit", "Reject", "Why", "More"]
    assert "Nothing has happened yet" in message.html
    assert not message.silent


def test_taking_back_cannot_be_edited() -> None:
    plan = _plan("Acme", intent="undo.last")
    message = cards.card(plan, _approval(), cost=NOTHING, local_expiry=AT)
    assert "Edit" not in [b.text for row in message.buttons for b in row]


def test_dead_cards_have_no_button_that_acts() -> None:
    plan = _plan("Acme")
    for dead in (
        cards.replaced(plan),
        cards.working(plan),
        cards.expired(plan),
        cards.cancelled(plan),
    ):
        assert dead.buttons == ()
    kept = [b.data for row in cards.rejected(plan, None, "apr_1").buttons for b in row]
    assert not [data for data in kept if data.startswith(("ok:", "no:", "edit:"))]


def test_differences_are_marked_and_the_same_is_not() -> None:
    def value(slot: str, shown: str) -> Value:
        return Value(slot=slot, label=slot, shown=shown, origin=Origin.SAID)

    old = _plan("A", values=(value("amount", "2,400 EUR"), value("due", "Mon"), value("gone", "x")))
    new = _plan(
        "A", values=(value("amount", "<2,600> EUR"), value("due", "Mon"), value("new", "y"))
    )
    marked = with_differences(new, old)
    assert {v.slot: v.before for v in marked.values} == {
        "amount": "2,400 EUR",
        "due": None,
        "new": None,
    }
    html = cards.card(marked, _approval(), cost=NOTHING, local_expiry=AT).html
    assert "<s>2,400 EUR</s> → <b>&lt;2,600&gt; EUR</b>" in html
    assert html.count("<s>") == 1
    assert "changed as you said" in html


def test_a_changed_mail_shows_both_texts_line_by_line() -> None:
    body = Value(slot="body", label="Text", shown="x", origin=Origin.SAID, before="Hello\nFriday\n")
    plan = _plan("A", values=(body,), preview={"mail_subject": "S", "mail_body": "Hello\nMonday"})
    html = cards.card(plan, _approval(), cost=NOTHING, local_expiry=AT).html
    assert "<s>Friday</s>\n<b>Monday</b>" in html
    assert "<s>Hello" not in html


def test_every_setting_has_a_button() -> None:
    data = [b.data for row in settings_card(Profile()).buttons for b in row]
    assert data == [f"set:{key}" for key in LABELS]


def _value(label: str, origin: Origin, source: str = "") -> Value:
    return Value(slot=label, label=label, shown="x", origin=origin, source=source)


def test_only_what_was_not_said_now_is_marked() -> None:
    plan = _plan(
        "A",
        values=(
            _value("One", Origin.SAID),
            _value("Two", Origin.SAID, "net 14"),
            _value("Three", Origin.REMEMBERED, "a fact"),
            _value("Four", Origin.DEFAULT),
            _value("Five", Origin.WORKED_OUT, "by a model, not in your words"),
        ),
    )
    html = cards.card(plan, _approval(), cost=NOTHING, local_expiry=AT).html
    assert html.splitlines()[1:6] == [
        "One: x",
        "Two: x · <i>net 14</i>",
        "Three: x · <i>remembered: a fact</i>",
        "Four: x · <i>default</i>",
        "Five: x · <i>worked out: by a model, not in your words</i>",
    ]
    assert html.count("Said now") == 1
    nothing_said = _plan("A", values=(_value("Four", Origin.DEFAULT),))
    html = cards.card(nothing_said, _approval(), cost=NOTHING, local_expiry=AT).html
    assert "Said now" not in html


def test_a_mail_that_a_model_worded_is_marked_as_well() -> None:
    values = tuple(
        Value(slot=slot, label=label, shown="x", origin=Origin.WORKED_OUT, source=f"by {slot}-x")
        for slot, label in (("subject", "Subject"), ("body", "Text"))
    )
    plan = _plan("A", values=values, preview={"mail_subject": "Hi", "mail_body": "Hello"})
    html = cards.card(plan, _approval(), cost=NOTHING, local_expiry=AT).html
    assert "Subject: Hi · <i>worked out: by subject-x</i>" in html
    assert "Text · <i>worked out: by body-x</i>" in html


def test_the_card_says_whom_the_mail_is_from() -> None:
    preview = {"mail_from": "Ada <a@b.example>", "mail_subject": "Hi", "mail_body": "Hello"}
    plan = _plan("A", values=(), preview=preview)
    html = cards.card(plan, _approval(), cost=NOTHING, local_expiry=AT).html
    assert "From: Ada &lt;a@b.example&gt;\n" in html


def test_outside_of_the_mail_the_card_has_no_blank_lines() -> None:
    html = cards.card(_plan("A"), _approval(), cost=NOTHING, local_expiry=AT).html
    head, _, rest = html.partition("<blockquote expandable>")
    quote, _, foot = rest.partition("</blockquote>")
    assert "\n\n" not in head
    assert "\n\n" not in foot
    assert quote.count("\n\n") == 1
    assert foot.count("\n") == 2


async def test_an_invoice_says_its_date_and_that_its_number_comes(house: Any) -> None:
    await house.write("Invoice Northwind 2400 EUR for the brand workshop, net 14")
    html = next(
        each.payload["html"] for each in await house.letters() if "Dated" in each.payload["html"]
    )
    assert "Dated: Mon 23 Nov 2026 · <i>default</i>" in html
    assert "Subject: Invoice (number on approval) from" in html
    assert "our invoice (number on approval) over" in html
    house.clock.advance(timedelta(days=3))
    await house.command("/approvals")
    assert "Dated: Mon 23 Nov 2026" in await house.last()


@pytest.mark.parametrize(
    "text", ["Invoice {number} from A", "{number} for {number} and {number}", "none at all"]
)
def test_the_mail_is_shown_as_it_will_go_out(text: str) -> None:
    sent = resolve(letters.numbered(text), {"issue": {"number": "N-1"}})
    assert letters.unnumbered(text).replace("(number on approval)", "N-1") == sent


def _owed(client: str, minor: int, currency: str, days: int) -> Invoice:
    nothing = Money(0, currency)
    return Invoice(
        number="N",
        kind="invoice",
        status="open",
        client_name=client,
        client_email="",
        issue_date=date(2026, 10, 1),
        due_date=AT.date() + timedelta(days=days),
        net=Money(minor, currency),
        tax=nothing,
        total=Money(minor, currency),
        paid=nothing,
        outstanding=Money(minor, currency),
        cancels=None,
        cancelled_by=None,
        pdf_path=None,
        pdf_sha256=None,
        lines=(),
        payments=(),
    )


def _panels(*invoices: Invoice) -> list[tuple[str, list[str]]]:
    """The heading and the sums of each panel, from the bottom up."""
    drawn = chart.picture(invoices, AT.date())
    return [(axes.get_title(loc="left"), [t.get_text() for t in axes.texts]) for axes in drawn.axes]


def test_currencies_share_no_scale(tmp_path: Path) -> None:
    owed = (
        _owed("Northwind", 200_000, "EUR", -1),
        _owed("Northwind", 140_000, "EUR", 9),
        _owed("Cedar $x$", 90_000, "USD", 9),
        _owed("Bluebird", 31_100, "EUR", 9),
    )
    assert _panels(*owed) == [
        ("EUR", ["311.00 EUR", "3,400.00 EUR"]),
        ("USD", ["900.00 USD"]),
    ]
    both = chart.picture(owed, AT.date()).axes
    # The longest bar of each panel is as long as that of the other: each has its own scale.
    assert [axes.get_xlim()[1] for axes in both] == pytest.approx([3400 * 1.35, 900 * 1.35])
    chart.open_money(tmp_path / "previews" / "x.png", owed, AT.date())
    assert (tmp_path / "previews" / "x.png").read_bytes().startswith(b"\x89PNG")


def test_one_currency_needs_no_heading_and_what_is_left_out_is_counted() -> None:
    few = [_owed(f"Client {n}", 100 * n, "EUR", 1) for n in range(1, 3)]
    assert _panels(*few) == [("", ["1.00 EUR", "2.00 EUR"])]
    many = [_owed(f"Client {n}", 100 * n, "EUR", 1) for n in range(1, 13)]
    [(heading, sums)] = _panels(*many)
    assert heading == "the 8 largest of 12"
    assert (len(sums), sums[-1]) == (8, "12.00 EUR")


def _digest(*titles: str) -> Outgoing:
    waiting = "\n".join(f"{place}. {title}" for place, title in enumerate(titles, 1))
    rows = tuple(
        (
            Button(f"{place} Approve", f"ok:apr_{place}"),
            Button(f"{place} Show", f"show:apr_{place}"),
        )
        for place in range(1, len(titles) + 1)
    )
    return Outgoing(html=f"<b>Digest</b>\n\n<b>Waiting for you</b>\n{waiting}", buttons=rows)


def test_a_decision_is_struck_out_of_the_digest() -> None:
    before = _digest("Mail to A", "Mail to <1. B>")
    assert digest_cards.decided(before, "apr_9", "approved") is before
    one = digest_cards.decided(before, "apr_1", "approved")
    assert "1. <s>Mail to A</s> · approved\n2. Mail to" in one.html
    assert [row[0].text for row in one.buttons] == ["2 Approve"]
    both = digest_cards.decided(one, "apr_2", "expired")
    assert both.buttons == ()
    assert both.html.endswith("1. <s>Mail to A</s> · approved\n2. <s>Mail to <1. B></s> · expired")


def test_a_digest_makes_way_for_a_newer_one() -> None:
    old = digest_cards.superseded(_digest("Mail to A"))
    assert old.buttons == ()
    assert "1. Mail to A" in old.html
    assert "newer digest" in old.html


async def test_the_digests_in_the_chat_offer_only_what_is_open(house: Any) -> None:
    app = house.app

    async def say_digest() -> None:
        [told] = await digest.compose(app)
        async with app.database.write() as connection:
            await digest.retire(connection, house.clock)
            await app.presenter.say(connection, told, subject=digest.SUBJECT)

    async def looks() -> list[tuple[list[str], str]]:
        """Every digest as it looks now: its buttons and its text."""
        now: dict[int, Any] = {}
        for letter in await house.letters():
            if letter.subject == digest.SUBJECT:
                now[letter.edit_of or letter.id] = Outgoing.load(letter.payload)
        return [([b.data for row in m.buttons for b in row], m.html) for m in now.values()]

    await house.write("Email Northwind that the first thing is ready")
    await house.write("Email Northwind that the second thing is ready")
    async with app.database.read() as connection:
        first, second = (found.id for found in await approvals.pending(connection))
    await say_digest()
    [(buttons, _)] = await looks()
    assert {data.partition(":")[2] for data in buttons} == {first, second}

    await house.tap(f"ok:{first}")
    for _ in range(2):  # whoever decides says so, perhaps more than once
        async with app.database.write() as connection:
            await digest.settle(connection, house.clock, first)
            await digest.settle(connection, house.clock, second)  # still open
    [(buttons, html)] = await looks()
    assert {data.partition(":")[2] for data in buttons} == {second}
    assert "</s> · approved" in html

    await say_digest()
    (old, old_html), (new, new_html) = await looks()
    assert old == []
    assert "newer digest" in old_html
    assert {data.partition(":")[2] for data in new} == {second}
    assert "newer digest" not in new_html


@pytest.mark.parametrize(
    ("words", "why", "fix"),
    [
        ("tax_rate 1.12345", "at most 4 decimals", "such as 19"),
        ("tax_rate 100.5", "at most 100", "such as 19"),
        ("tax_rate nan", "not a number", "such as 19"),
        ("name " + "x" * 301, "there is room for", "Write a name"),
        ("name \u200b", "can't be empty", "Write a name"),
        ("name A\x01B", "one line", "Write a name"),
        ("address Lane 1, " + "x" * 301, "there is room for 300", "shorter"),
        ("iban " + "x" * 301, "there is room for 300", "shorter"),
        ("tax_note " + "x" * 2001, "there is room for 2000", "shorter"),
        ("email me@nowhere at all", "not a mail address", "me@studio.example"),
        (f"tax_note {REVERSE_CHARGE}", "VAT ids", "/settings company.vat_id"),
    ],
)
async def test_what_no_invoice_can_bear_is_refused_when_it_is_set(
    house: Any, words: str, why: str, fix: str
) -> None:
    await house.command(f"/settings company.{words}")
    said = await house.last()
    for part in ("I kept the old setting", why, fix):
        assert part in said
    async with house.app.database.read() as connection:
        assert (await profile.load(connection)).company == Company()


async def test_details_that_do_not_go_together_are_told_with_the_way_out(house: Any) -> None:
    async def told(words: str) -> str:
        await house.command(f"/settings company.{words}")
        return await house.last()

    assert "is now" in await told("tax_rate 19")
    assert "/settings company.tax_rate 0" in await told(f"tax_note {SMALL_BUSINESS}")
    assert "is now" in await told("tax_rate 0")
    assert "is now" in await told(f"tax_note {SMALL_BUSINESS}")
    assert "/settings company.tax_note -" in await told("tax_rate 19")
    assert "is now" in await told("vat_id DE123456789")
    assert "is now" in await told(f"tax_note {REVERSE_CHARGE}")
    assert "/settings company.tax_note -" in await told("vat_id -")
    assert "is now" in await told("tax_note -")
    assert "is now" in await told("vat_id -")
