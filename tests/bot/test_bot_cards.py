"""Cards: what people wrote stays text, what changed is marked, Telegram takes every one."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.context import Ask, Choice, Say
from bot.cards import approval as cards
from bot.cards import outcome, talk
from bot.cards.why import why
from bot.commands.settings import LABELS
from bot.commands.settings import card as settings_card
from bot.editing import with_differences
from bot.outgoing import Outgoing
from bot.sandbox.entities import parse_html
from bot.splitting import LIMIT, split, units
from core.approvals import Approval
from core.explain import Explained
from core.inbox import Message
from core.memory import Fact
from core.money import Money
from core.plans import Origin, Plan, Value
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
        "preview": {"mail_subject": text, "mail_body": f"Hello\n{text}\nBye", "attachment": text},
        "reversal": text,
    }
    return Plan(**(fields | more))


def _approval(**more: Any) -> Approval:
    fields: dict[str, Any] = {
        "id": "apr_" + "x" * 19,
        "run_id": "run_1",
        "outbox_id": 1,
        "state": "pending",
        "reason": None,
        "decided_at": None,
        "expires_at": AT,
    }
    return Approval(**(fields | more))


def _run(text: str) -> Run:
    return Run(
        id="run_" + "x" * 19,
        plan=_plan(text),
        explanation={"rationale": text, "model": text, "degraded": text},
        inbox_id=1,
        cost=Money(0, "EUR"),
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
                subject="s",
                relation="r",
                value=1,
                statement=text,
                source={},
                asserted_by=text,
                recorded_at=AT,
            )
        ],
        effects=[{"action": text, "state": "confirmed", "token": "eff_1", "at": AT}],
        reason=text,
    )
    ask = Ask("client", text, (Choice(text or "x", text), Choice("b", "b")))
    return [
        cards.card(plan, _approval(), cost=Money(0, "EUR"), local_expiry=AT),
        cards.replaced(plan),
        cards.working(plan),
        cards.rejected(plan, None, "apr_1"),
        cards.rejected(plan, text, "apr_1"),
        cards.expired(plan),
        cards.cancelled(plan),
        outcome.done(run, [_step(text)], local=AT, undo=True, undone=False),
        outcome.done(run, [_step(text), _step(text)], local=AT, undo=True, undone=True),
        outcome.failed(run, [_step(text), _step(text, "failed")], local=AT),
        outcome.waiting(run, _step(text, "ready"), again=AT),
        outcome.unclear(run, _step(text, "unknown")),
        talk.question(ask, "prm_" + "x" * 19),
        talk.answered(text, text),
        talk.say(Say(text, (text, text))),
        talk.note(text),
        talk.ask_edit(plan),
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


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=40))
def test_what_is_shown_is_exactly_what_was_written(text: str) -> None:
    message = cards.card(_plan(text), _approval(), cost=Money(5, "EUR"), local_expiry=AT)
    parsed, _ = parse_html(message.html)
    assert f"Invoice to {text}" in parsed
    assert f"Subject: {text}" in parsed
    assert f"Attached: {text}" in parsed


def test_the_card_has_its_four_buttons_and_says_that_nothing_happened() -> None:
    message = cards.card(_plan("Acme"), _approval(), cost=Money(0, "EUR"), local_expiry=AT)
    assert [b.text for row in message.buttons for b in row] == ["Approve", "Edit", "Reject", "Why"]
    assert "Nothing has happened yet" in message.html
    assert not message.silent


def test_taking_back_cannot_be_edited() -> None:
    plan = _plan("Acme", intent="undo.last")
    message = cards.card(plan, _approval(), cost=Money(0, "EUR"), local_expiry=AT)
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
    html = cards.card(marked, _approval(), cost=Money(0, "EUR"), local_expiry=AT).html
    assert "<s>2,400 EUR</s> → <b>&lt;2,600&gt; EUR</b>" in html
    assert html.count("<s>") == 1
    assert "changed as you said" in html


def test_a_changed_mail_shows_both_texts_line_by_line() -> None:
    body = Value(slot="body", label="Text", shown="x", origin=Origin.SAID, before="Hello\nFriday\n")
    plan = _plan("A", values=(body,), preview={"mail_subject": "S", "mail_body": "Hello\nMonday"})
    html = cards.card(plan, _approval(), cost=Money(0, "EUR"), local_expiry=AT).html
    assert "<s>Friday</s>\n<b>Monday</b>" in html
    assert "<s>Hello" not in html


def test_every_setting_has_a_button() -> None:
    data = [b.data for row in settings_card(Profile()).buttons for b in row]
    assert data == [f"set:{key}" for key in LABELS]
