"""What is shown is all there is: nothing on an approval card is hidden, cut or disguised."""

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.cards import approval as cards
from bot.cards import batch
from bot.glyphs import hidden, mark, shown
from bot.lookalike import Known, addresses, mixed, skeleton, warnings
from bot.outgoing import Outgoing
from bot.sandbox.entities import parse_html
from bot.splitting import LIMIT, visible
from core.approvals import Approval
from core.costs import NOTHING
from core.plans import Origin, Plan, PlannedStep, Value, payload_hash
from core.runs import Run, Step

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NORTHWIND = Known("Northwind", "billing@northwind.example")
APPROVAL = Approval(
    id="apr_1",
    run_id="run_1",
    batch_id=None,
    outbox_id=1,
    state="pending",
    reason=None,
    decided_at=None,
    created_at=AT,
    expires_at=AT,
    nudge_at=None,
    snoozed=False,
)
ODD = [
    *"\u202a\u202b\u202d\u202e\u202c\u2066\u2067\u2068\u2069\u200e\u200f\u061c",  # directions
    *"\u200b\u200c\u200d\u2060\ufeff\u180e\u00ad\u034f",  # of no width
    *"\u115f\u1160\u3164\uffa0\u2800\u17b4",  # fillers
    *"\U000e0041\U000e007f\ufe00\ufe0f\U000e0100",  # tags and selectors
    *"\x00\x07\x1b\x7f\x85\x0b\x0c\x1c\u2028\u2029\ue000\uffff\U000f0000",
]


def _plan(
    *,
    name: str = "Northwind",
    address: str = "billing@northwind.example",
    subject: str = "Friday",
    body: str = "Hello",
    before: str | None = None,
) -> Plan:
    return Plan(
        intent="mail.send",
        title=f"Mail to {name}",
        steps=(
            PlannedStep(
                key="send",
                action="mail.send",
                label="send the mail",
                params={"to": address, "subject": subject, "body": body},
            ),
        ),
        values=(
            Value(slot="to", label="To", shown=name, origin=Origin.SAID, source="said"),
            Value(slot="email", label="Address", shown=address, origin=Origin.REMEMBERED),
            Value(slot="subject", label="Subject", shown=subject, origin=Origin.SAID),
            Value(slot="body", label="Text", shown=body, origin=Origin.SAID, before=before),
        ),
        preview={
            "mail_from": "anna@example.net",
            "mail_to": address,
            "mail_subject": subject,
            "mail_body": body,
        },
        reversal="A sent mail can't be called back.",
    )


def _run(plan: Plan) -> Run:
    return Run(
        id="run_1",
        plan=plan,
        explanation={},
        inbox_id=1,
        cost=NOTHING,
        state="running",
        created_at=AT,
    )


def _card(plan: Plan, **more: Any) -> Outgoing:
    return cards.card(plan, APPROVAL, cost=NOTHING, local_expiry=AT, **more)


def _text(message: Outgoing) -> str:
    return parse_html(message.html)[0]


def _is_seen(text: str, within: str) -> bool:
    """Whether every character of ``text``, space at its ends aside, can be read there."""
    return shown(text).strip() in within


TEXTS = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=("Cs",)),
        st.sampled_from([*ODD, "\n", " ", "<", "&", "😀", "\ufe0f", "а"]),
    ),
    max_size=60,
)


@given(name=TEXTS, subject=TEXTS, body=TEXTS, times=st.integers(1, 300))
@example(name="", subject="\r", body="0000\x1f\x1f\x1f\x1f\x1e\x1d\x1c", times=60)
def test_every_character_is_on_the_card_or_in_its_document(
    name: str, subject: str, body: str, times: int
) -> None:
    body *= times
    message = _card(_plan(name=name, subject=subject, body=body))
    assert visible(message.html) <= LIMIT
    seen = _text(message) if message.full is None else message.full
    for text in (name, subject, body):
        assert _is_seen(text, seen)
    for char in set(seen) | set(_text(message)):
        unseen = unicodedata.category(char) in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
        assert not unseen or char in "\n\t\u200d", ascii(char)  # a joiner inside an emoji
    if message.full is not None:
        assert "the document above has all of it" in message.html


@given(before=TEXTS, body=TEXTS)
def test_an_edited_text_hides_nothing_either(before: str, body: str) -> None:
    seen = _text(_card(_plan(body=body, before=before)))
    for text in (before, body):
        for line in shown(text).strip(" \n").split("\n"):
            assert line.strip() in seen


@pytest.mark.parametrize("char", ODD, ids=ascii)
@pytest.mark.parametrize("where", ["name", "address", "subject", "body"])
def test_what_nobody_sees_is_shown_and_named(char: str, where: str) -> None:
    message = _card(_plan(**{where: f"ab{char}cd"}))
    assert f"ab{mark(char)}cd" in _text(message)
    assert char not in message.html
    warning = next(line for line in _text(message).split("\n") if line.startswith("Hidden"))
    assert mark(char) in warning
    assert unicodedata.name(char, "").lower() in warning


def test_one_line_names_all_that_is_hidden() -> None:
    message = _card(_plan(subject="a\u202eb\u202ec", body="\u200b" + "".join(ODD)))
    lines = [line for line in _text(message).split("\n") if line.startswith("Hidden")]
    assert len(lines) == 1
    assert "‹U+202E› right-to-left override (" in lines[0]
    assert "more kinds" in lines[0]
    assert "Hidden" not in _card(_plan()).html


@pytest.mark.parametrize(
    "text",
    [
        "❤️",
        "👩\u200d💻",
        "👩🏽\u200d🚀",
        "1️⃣",
        "✈️ ☎️",
        "❤️\u200d🔥",
        "↔️",
        "tab\there",
        "a\u00a0b",
        "a\r\nb",
    ],
)
def test_what_an_emoji_is_made_of_is_no_trick(text: str) -> None:
    assert shown(text) == text
    assert not hidden([text])


@pytest.mark.parametrize(
    "text", ["a\ufe0f", "a\u200db", "😀\u200dx", "\u200d", "\ufe0f", "1\ufe0f", "\u2800\ufe0f"]
)
def test_the_same_outside_an_emoji_is_one(text: str) -> None:
    assert shown(text) != text
    assert hidden([text])


def test_text_after_a_long_gap_is_announced() -> None:
    assert "more text after a long gap" in _card(_plan(body="Hello" + "\n" * 30 + "Pay me")).html
    assert "more text after a long gap" in _card(_plan(subject="Hello" + " " * 80 + "x")).html
    assert "long gap" not in _card(_plan(body="Hello\n\nAnna\n\n\n" + "\n" * 30)).html


def test_what_goes_out_and_its_hash_stay_as_they_are() -> None:
    body = "a\u202eb" * 3000
    plan = _plan(body=body)
    before = payload_hash([step.model_dump() for step in plan.steps], "1")
    _card(plan)
    assert plan.steps[0].params["body"] == body
    assert payload_hash([step.model_dump() for step in plan.steps], "1") == before


def test_a_long_text_goes_along_whole() -> None:
    body = " ".join(f"word{n}" for n in range(2000))
    message = _card(_plan(body=body))
    assert message.full
    assert body in message.full
    assert "To: Northwind" in message.full
    assert "Subject: Friday" in message.full
    assert "goes on in the document" in message.html
    assert message.buttons[0][0].text == "Approve"
    assert _card(_plan(body="short")).full is None


def test_many_long_values_fit_as_well() -> None:
    plan = _plan(name="n" * 3000, address="a" * 3000, subject="s" * 3000, body="b" * 3000)
    message = _card(plan)
    assert visible(message.html) <= LIMIT
    assert message.full
    for char in "nasb":
        assert char * 3000 in message.full


def test_an_address_that_no_value_shows_is_in_the_preview() -> None:
    plan = _plan()
    hides = plan.model_copy(update={"values": plan.values[:1]})
    assert "To: billing@northwind.example" in _text(_card(hides))


def test_a_batch_hides_nothing_and_goes_along_whole() -> None:
    plans = [_plan(subject=f"Nr {n}\u202e", body=f"{n} " * 900) for n in range(3)]
    message = batch.card("bat_1", [(APPROVAL, _run(plan), []) for plan in plans], lapses=AT)
    assert visible(message.html) <= LIMIT
    assert message.full
    for n, plan in enumerate(plans):
        assert f"Nr {n}‹U+202E›" in message.full
        assert plan.preview["mail_body"].strip() in message.full
    assert "right-to-left override (" in message.html
    short = batch.card("bat_1", [(APPROVAL, _run(_plan()), [])] * 2, lapses=AT)
    assert short.full is None


HARSH = (
    "Reminder to A for 2026-1",
    "x",
    "<&>" * 150,
    "\u202eok" * 100,
    "word " * 300,
    "é\U0001f600" * 200,
)


def _taken(message: Outgoing) -> None:
    """Telegram takes it as one message."""
    assert visible(message.html) <= LIMIT
    assert message.html.count("</") <= 100
    assert len([b for row in message.buttons for b in row]) <= 100


@pytest.mark.parametrize("count", [2, 12, 60, 200])
@pytest.mark.parametrize("text", HARSH)
def test_a_batch_of_any_size_is_one_card(count: int, text: str) -> None:
    plans = [
        _plan(subject=f"Nr {n}-", body=f"{n} {text}").model_copy(
            update={"title": f"{n} {text}", "reversal": f"{n} {text}"}
        )
        for n in range(count)
    ]
    runs = [replace(_run(plan), state="running") for plan in plans]
    asked = batch.card("bat_1", [(APPROVAL, run, []) for run in runs], lapses=AT)
    _taken(asked)
    assert f"Approve all {count}" in str(asked.buttons)
    if count >= 60:
        assert asked.full
        assert all(f"Nr {n}-" in asked.full for n in range(count))
    done = replace(APPROVAL, state="approved")
    for state in ("done", "running", "failed"):
        step = _waiting(error=text if state == "failed" else None, result={"receipt": text})
        told = [(done, replace(run, state=state), [replace(step, state="done")]) for run in runs]
        _taken(batch.card("bat_1", told, lapses=AT))
    held = [(done, run, [_waiting()]) for run in runs]
    _taken(batch.card("bat_1", held, lapses=AT, goes_out=AT))


def _waiting(**more: Any) -> Step:
    fields: dict[str, Any] = {
        "id": "stp_1",
        "run_id": "run_1",
        "key": "send",
        "kind": "action",
        "action": "mail.send",
        "params": {},
        "depends": (),
        "instead_of": None,
        "hold_seconds": 30,
        "verdict": None,
        "state": "held",
    }
    return Step(**(fields | more))


def test_a_batch_says_its_undo_window_and_offers_undo() -> None:
    runs = [replace(_run(_plan()), id=f"run_{n}", state="running") for n in range(7)]
    asked = batch.card(
        "b", [(APPROVAL, run, [_waiting(state="asking")]) for run in runs], lapses=AT
    )
    assert "waits 30 seconds with an Undo button" in asked.html
    done = replace(APPROVAL, state="approved")
    for count in (1, 2, 6, 7):
        members = [(done, run, [_waiting()]) for run in runs[:count]]
        held = batch.card("b", members, lapses=AT, goes_out=AT)
        assert "Undo stops them before that" in held.html
        each = [f"stop:run_{n}" for n in range(count)] if 1 < count <= 6 else []
        assert [b.data for row in held.buttons for b in row] == ["stopall:b", *each]
    mixed = [(APPROVAL, runs[0], [_waiting(state="asking")]), (done, runs[1], [_waiting()])]
    assert "stopall:b" in str(batch.card("b", mixed, lapses=AT, goes_out=AT).buttons)
    over = batch.card("b", [(done, run, [_waiting(state="done")]) for run in runs], lapses=AT)
    assert over.buttons == ()


def test_what_went_wrong_in_a_batch_is_told_before_what_did_not() -> None:
    done = replace(APPROVAL, state="approved")
    told = [
        (done, replace(_run(_plan(name="n" * 40)), state="failed" if n == 199 else "done"), [])
        for n in range(200)
    ]
    lines = batch.card("b", told, lapses=AT).html.splitlines()
    assert lines[0] == "<b>199 of 200 done</b>"
    assert "(failed)" in lines[1]
    assert lines[-1].startswith("… and ")


# Letters of another script


def test_a_foreign_letter_in_a_known_address_is_named() -> None:
    address = "billing@northwind.exаmple"  # its second a is Cyrillic
    message = _card(_plan(address=address), known=[NORTHWIND])
    assert "The а in example is Cyrillic." in message.html
    assert "is not northwind.example, the address of Northwind." in message.html
    assert "Cyrillic" not in _card(_plan(), known=[NORTHWIND]).html


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Nоrthwind", "The о in Northwind is Cyrillic."),
        ("Νorthwind", "The Ν in northwind is Greek."),
        ("billing@nоrthwind.example", "The о in northwind is Cyrillic."),
        ("https://pay.northwіnd.example/x", "The і in northwind is Cyrillic."),
        ("аррӏе.com", "All of apple in аррӏе.com is Cyrillic."),
        ("xn--80ak6aa92e.com", "All of apple in аррӏе.com is Cyrillic."),
        ("northw1nd.example", "northw1nd.example is not northwind.example, the address of"),
        ("northvvind.example", "northvvind.example is not northwind.example"),
        ("b1lling@northwind.example", "is not billing@northwind.example, the address of Northwind"),
        ("northwínd.example", "northwínd.example is not northwind.example"),
        ("N0rthwind", "N0rthwind is not written like Northwind, your client."),
    ],
)
def test_what_is_not_what_it_looks_like(text: str, told: str) -> None:
    assert any(told in line for line in warnings(named=[text], known=[NORTHWIND]))


@pytest.mark.parametrize(
    "text",
    [
        "Northwind",
        "NORTHWIND",
        "billing@northwind.example",
        "Billing@Northwind.example",
        "anna@northwind.example",
        "Привет",
        "ООО Ромашка",
        "яндекс.рф",
        "поп.рф",
        "株式会社ABCカナ",
        "Müller & Söhne",
        "2,400.00 EUR",
        "",
    ],
)
def test_honest_names_get_no_warning(text: str) -> None:
    assert warnings(named=[text], known=[NORTHWIND]) == []


def test_in_a_text_only_links_and_addresses_are_looked_at() -> None:
    body = "μm and Δt are fine. Pay at northwіnd.example/pay, please."
    assert warnings(named=[], written=["μm and Δt are fine, Привет Anna."]) == []
    assert warnings(named=[], written=[body])[0] == "The і in northwind is Cyrillic."
    assert "The і in northwind is Cyrillic." in _card(_plan(body=body)).html


def test_many_warnings_are_counted() -> None:
    lines = warnings(named=[f"wоrd{chr(97 + n)}" for n in range(9)])
    assert len(lines) == 6
    assert lines[-1] == "4 more words are written like that."


def test_addresses_are_found_in_a_text() -> None:
    text = (
        "At northwind.example/pay (or a.b@c.de), mailto:x@y.example; 3.50 EUR, e.g. v1.2, 'z.de'."
    )
    assert addresses(text) == ["northwind.example/pay", "a.b@c.de", "mailto:x@y.example", "z.de"]
    assert addresses("https://a@b.example:80/c?d=e#f.g") == ["https://a@b.example:80/c?d=e#f.g"]


def test_a_long_text_is_looked_at_in_no_time() -> None:
    for text in ("a." * 20_000, "@" * 40_000, "x:" * 20_000, "x" * 40_000):
        assert warnings(named=[text], written=[text], known=[NORTHWIND]) == []


def test_mixed_and_skeleton() -> None:
    assert mixed("exаmple") == [("а", "Cyrillic")]
    assert mixed("example") == mixed("пример") == mixed("漢字かな") == []
    assert skeleton("ΡаyΡаl") == skeleton("paypal") == skeleton("PayPaI")
    assert skeleton("modern") == skeleton("modem")
