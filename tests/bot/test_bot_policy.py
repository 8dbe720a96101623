"""/policy and /grants: nothing changes before the tap, and every number has its currency."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.cards import grants as grant_cards
from bot.cards import policy as policy_cards
from bot.commands import policy as policy_command
from bot.glyphs import shown as shown_as
from bot.outgoing import Outgoing
from bot.sandbox.entities import parse_html
from connectors.billing import Billing, IssueParams, LineParams, Seller
from connectors.calendar import Calendar
from connectors.mail import Mail
from core import grants, outbox
from core.actions import Concern
from core.costs import Cost
from core.house import House
from core.memory.actions import Memory
from core.money import Money
from core.plans import Plan, PlannedStep, join, ref
from core.policy import DEFAULT, DEFAULT_TEXT, Standing, parse
from core.profile import Profile
from core.storage.schema import journal

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MAIL_IS_FREE = (
    DEFAULT_TEXT + '\n[[rule]]\nverdict = "auto"\nbecause = "Nora <knows> me & all"\n'
    'action = "mail.send"\ncounterparty = "*@northwind.example"\n'
)


async def _journal(house: Any, like: str) -> list[Any]:
    async with house.app.database.read() as connection:
        rows = await connection.execute(
            select(journal).where(journal.c.kind.like(like)).order_by(journal.c.seq)
        )
        return list(rows)


def _button(letter: Any, text: str) -> str:
    found = [
        button["data"]
        for row in letter.payload["buttons"]
        for button in row
        if button["text"].startswith(text)
    ]
    assert found, letter.payload["buttons"]
    return found[0]


async def _edits(house: Any, subject: str) -> list[str]:
    return [
        letter.payload["html"]
        for letter in await house.letters()
        if letter.kind == "edit" and letter.subject == subject
    ]


def _file(house: Any) -> Path:
    return house.app.settings.home / "policy.toml"


# Showing it.


async def test_the_policy_is_shown_in_words_and_as_text(house: Any) -> None:
    await house.command("/policy")
    words, text = (letter.payload["html"] for letter in (await house.letters())[-2:])
    assert f"version <code>{DEFAULT.version}</code>" in words
    assert "Done at once: your own records, what can be taken back" in words
    assert "What derives from words of others is asked first." in words
    assert "above 500.00 EUR" in words
    assert text == f"<pre>{DEFAULT_TEXT.strip()}</pre>"
    assert not _file(house).exists()


async def test_a_long_policy_is_a_file(house: Any) -> None:
    _file(house).write_text(DEFAULT_TEXT + "# and so on\n" * 400)
    await house.command("/policy")
    letter = (await house.letters())[-1]
    assert letter.kind == "document"
    assert letter.payload["file"] == str(_file(house))


async def test_a_file_with_a_mistake_is_told_of_and_not_in_force(house: Any) -> None:
    _file(house).write_text('[[rule]]\nverdict = "<never>"\n')
    await house.command("/policy")
    words, text = (letter.payload["html"] for letter in (await house.letters())[-2:])
    assert "Line 2: verdict: '&lt;never&gt;' is none of" in words
    assert text == f"<pre>{DEFAULT_TEXT.strip()}</pre>"


# Changing it.


async def _propose(house: Any, text: str) -> Any:
    await house.command(f"/policy {text}")
    return (await house.letters())[-1]


async def test_a_new_policy_is_shown_with_its_difference_and_nothing_changes(house: Any) -> None:
    card = await _propose(house, MAIL_IS_FREE)
    html = card.payload["html"]
    assert "New: done at once: mail.send, with *@northwind.example." in html
    assert "Looser: mail.send with x@northwind.example is done at once" in html
    assert '+because = "Nora &lt;knows&gt; me &amp; all"' in html
    assert "lapses on Tue 24 Nov 2026, 10:00" in html
    assert not _file(house).exists()
    assert house.app.policy.policy == DEFAULT


async def test_use_it_writes_the_file_and_the_journal_at_once(house: Any) -> None:
    card = await _propose(house, MAIL_IS_FREE)
    assert await house.tap(_button(card, "Use it")) == "The new policy is in force."
    assert _file(house).read_text() == MAIL_IS_FREE
    assert house.app.policy.policy == parse(MAIL_IS_FREE)
    entry = (await _journal(house, "policy.%"))[-1]
    assert (entry.kind, entry.actor) == ("policy.changed", "operator")
    assert entry.data["text"] == MAIL_IS_FREE
    assert entry.data["version"] == parse(MAIL_IS_FREE).version
    (edit,) = await _edits(house, card.subject)
    assert "The policy was changed</b> on Mon 23 Nov 2026, 10:00" in edit
    assert "nothing was changed" in await house.tap(_button(card, "Use it"))
    assert "nothing was changed" in await house.tap(_button(card, "Keep the old"))


async def test_then_what_it_lets_pass_goes_without_a_tap(house: Any) -> None:
    await house.write("Email Northwind that the draft moves to Friday")
    assert len(house.app.mail._maildir.newest(9)) == 0
    card = await _propose(house, MAIL_IS_FREE)
    assert "1 card waits for your tap" in card.payload["html"]
    await house.tap(_button(card, "Use it"))
    await house.write("Email Northwind that the draft moves to Monday")
    house.clock.advance(timedelta(minutes=10))  # past any hold window
    await house.work()
    assert len(house.app.mail._maildir.newest(9)) == 1


async def test_keep_the_old_keeps_it(house: Any) -> None:
    card = await _propose(house, MAIL_IS_FREE)
    assert await house.tap(_button(card, "Keep the old")) == "The old policy stays."
    assert "nothing was changed" in await house.tap(_button(card, "Use it"))
    assert not _file(house).exists()


async def test_a_policy_that_changed_meanwhile_is_not_overwritten(house: Any) -> None:
    card = await _propose(house, MAIL_IS_FREE)
    _file(house).write_text('[[rule]]\nverdict = "deny"\n')
    assert "changed meanwhile" in await house.tap(_button(card, "Use it"))
    assert _file(house).read_text() == '[[rule]]\nverdict = "deny"\n'
    (edit,) = await _edits(house, card.subject)
    assert "has changed since this was shown" in edit


async def test_only_the_newest_text_can_be_used_and_only_for_a_day(house: Any) -> None:
    first = await _propose(house, MAIL_IS_FREE)
    second = await _propose(house, '[[rule]]\nverdict = "ask"')
    assert "nothing was changed" in await house.tap(_button(first, "Use it"))
    house.clock.advance(timedelta(days=1))
    assert "nothing was changed" in await house.tap(_button(second, "Use it"))
    assert not _file(house).exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[rule]]\nverdict = "alow"', "Line 2: verdict: 'alow' is none of"),
        ("[[rule]]\nverdict = “ask”", "straight quotes"),
        ("please be nicer", "Line 1: this isn't TOML"),
        ("<b>", "Line 1: this isn't TOML"),
    ],
)
async def test_a_text_with_a_mistake_is_refused_with_its_line(
    house: Any, text: str, told: str
) -> None:
    letter = await _propose(house, text)
    assert "The policy stays as it is" in letter.payload["html"]
    assert told in letter.payload["html"]
    assert not letter.payload["buttons"]


async def test_the_same_text_changes_nothing(house: Any) -> None:
    letter = await _propose(house, DEFAULT_TEXT)
    assert "That is the policy already" in letter.payload["html"]


async def test_new_comments_change_no_verdict_and_no_card(house: Any) -> None:
    await house.write("Email Northwind that the draft moves to Friday")
    card = await _propose(house, f"# mine\n{DEFAULT_TEXT}")
    assert "No verdict changes" in card.payload["html"]
    assert "waits for your tap" not in card.payload["html"]
    await house.tap(_button(card, "Use it"))
    assert [e.kind for e in await _journal(house, "policy.%")] == [
        "policy.changed",
        "policy.reworded",
    ]


async def test_a_full_disk_leaves_the_old_policy(house: Any, monkeypatch: Any) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    card = await _propose(house, MAIL_IS_FREE)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", full)
        assert await house.tap(_button(card, "Use it")) == "The policy stays as it is."
    assert "No space left" in await house.last()
    assert house.app.policy.policy == DEFAULT


@pytest.mark.parametrize(
    "text",
    [
        "/policy\n[[rule]]\nverdict = 'deny'",
        "/policy@factotum_bot\n```toml\n[[rule]]\nverdict = 'deny'\n```",
        "/Policy   [[rule]]\r\nverdict = 'deny'\r\n\r\n",
    ],
)
async def test_a_text_may_begin_anywhere_after_the_command(house: Any, text: str) -> None:
    message = await house.arrive("command", text)
    reply = await policy_command.policy(house.app, "", message)
    async with house.app.database.write() as connection:
        await reply.put(house.app, connection)
    card = (await house.letters())[-1]
    await house.tap(_button(card, "Use it"))
    assert _file(house).read_text() == "[[rule]]\nverdict = 'deny'\n"


async def test_ordinary_words_that_ask_for_the_policy_are_no_new_policy(house: Any) -> None:
    message = await house.arrive("text", "show me the policy")
    reply = await policy_command.policy(house.app, "", message)
    assert [subject for _, subject in reply.messages] == ["policy", "policy"]


# Grants.


def _invoice(client: str = "Northwind Traders", minor: int = 240_000) -> dict[str, Any]:
    return IssueParams(
        client_name=client,
        currency="EUR",
        issue_date="2026-11-23",
        due_date="2026-12-07",
        lines=(LineParams(description="Work", unit_minor=minor),),
        seller=Seller(name="Studio"),
    ).model_dump(mode="json")


async def _card_of(house: Any, text: str) -> str:
    await house.write(text)
    for letter in reversed(await house.letters()):
        if re.fullmatch(r"apr_[0-9a-z]+", letter.subject) and letter.kind == "text":
            return letter.subject
    raise AssertionError("there is no card")


INVOICE = "Invoice Northwind 2400 EUR for the brand workshop, net 14"


async def _offer(house: Any, approval_id: str) -> Any:
    words = await house.tap(f"grant:{approval_id}")
    return words, (await house.letters())[-1]


async def test_a_grant_is_offered_from_a_card(house: Any) -> None:
    approval_id = await _card_of(house, INVOICE)
    words, card = await _offer(house, approval_id)
    assert words == ""
    html = card.payload["html"]
    assert (
        "Approve invoices to Northwind Traders like this without asking: "
        "up to 2,400.00 EUR each, 10 times" in html
    )
    assert "Approve mail to accounts@northwind.example like this without asking: 10 times" in html
    labels = [b["text"] for row in card.payload["buttons"] for b in row]
    assert labels == [
        "7 days, until Mon 30 Nov 2026",
        "30 days, until Wed 23 Dec 2026",
        "90 days, until Sun 21 Feb 2027",
        "Cancel",
    ]
    assert await _journal(house, "grant.%") == []


async def test_a_grant_that_was_given_is_used_and_listed_and_revoked(house: Any) -> None:
    approval_id = await _card_of(house, INVOICE)
    _, card = await _offer(house, approval_id)
    assert await house.tap(_button(card, "30 days")) == "Granted."
    assert len(await _journal(house, "grant.given")) == 2
    assert "made its grant already" in await house.tap(_button(card, "90 days"))
    assert "granted already" in await house.tap(_button(card, "Cancel"))
    assert len(await _journal(house, "grant.given")) == 2

    before = len([x for x in await house.letters() if x.subject.startswith("apr_")])
    await house.write("Invoice Northwind 900 EUR for hosting, net 14")
    assert len(await _journal(house, "grant.used")) == 2
    await house.write("Invoice Northwind 2401 EUR for more hosting, net 14")
    assert len(await _journal(house, "grant.used")) == 2
    after = len([x for x in await house.letters() if x.subject.startswith("apr_")])
    assert after > before  # the last one is asked

    await house.command("/grants")
    listed = (await house.letters())[-1]
    assert "9 of 10 times left · until Wed 23 Dec 2026, 10:00" in listed.payload["html"]
    async with house.app.database.write() as connection:
        await outbox.settle(
            connection, house.clock, listed.id, state="sent", message_id=house._updates + 1
        )
    revoke = _button(listed, "Revoke 1")
    assert await house.tap(revoke) == "Revoked; it is asked again."
    (edit,) = await _edits(house, "grants")
    assert "2. " not in edit
    assert "ended already" in await house.tap(revoke)
    assert len(await _journal(house, "grant.revoked")) == 1


async def test_an_offer_can_be_declined(house: Any) -> None:
    approval_id = await _card_of(house, INVOICE)
    _, card = await _offer(house, approval_id)
    assert await house.tap(_button(card, "Cancel")) == "No grant was given."
    assert await _journal(house, "grant.%") == []
    await house.command("/grants")
    assert "No grant is in force" in await house.last()


async def _start(house: Any, *steps: PlannedStep, **more: Any) -> str:
    plan = Plan(intent="test", title="A test", steps=steps, **more)
    async with house.app.database.write() as connection:
        started = await house.app.director.start(connection, plan, explanation={}, cost=Cost())
    assert started.approval_id
    return started.approval_id


def _mail(**more: Any) -> PlannedStep:
    params = {"to": ["nora@northwind.example"], "subject": "Hello", "body": "Hello"} | more
    return PlannedStep(key="send", action="mail.send", params=params)


@pytest.mark.parametrize(
    ("steps", "more", "why"),
    [
        ((_mail(),), {"origins": ("operator", "untrusted")}, "words of others"),
        (
            (
                PlannedStep(key="new", action="client.add", params={"name": "Zephyr"}),
                _mail(to=[ref("new", "email")]),
            ),
            {},
            "names nobody",
        ),
        (
            (
                PlannedStep(
                    key="issue",
                    action="billing.issue",
                    params=_invoice() | {"note": ref("x", "y")},
                ),
            ),
            {},
            "No grant for billing.issue",
        ),
    ],
)
async def test_what_can_not_be_granted_says_why_instead(
    house: Any, steps: Any, more: dict[str, Any], why: str
) -> None:
    words, letter = await _offer(house, await _start(house, *steps, **more))
    assert words == "This can't be granted."
    assert why in letter.payload["html"]
    assert not letter.payload["buttons"]


async def test_what_was_rejected_is_not_granted(house: Any) -> None:
    approval_id = await _card_of(house, INVOICE)
    _, card = await _offer(house, approval_id)
    await house.tap(f"no:{approval_id}")
    assert "can't be granted any more" in await house.tap(_button(card, "7 days"))
    words, _ = await _offer(house, approval_id)
    assert words == "This can't be granted."
    assert await _journal(house, "grant.%") == []


@pytest.mark.parametrize(
    "data",
    [
        "grant:apr_nothing",
        "give:apr_nothing:30",
        "give:apr_nothing:31",
        "give:x:30",
        "give:",
        "revoke:grt_nothing",
        "pol:pol_nothing",
        "polno:",
    ],
)
async def test_made_up_buttons_do_nothing(house: Any, data: str) -> None:
    assert await house.tap(data)
    assert await _journal(house, "grant.%") == []
    assert not _file(house).exists()


async def test_a_grant_can_only_be_for_the_offered_times(house: Any) -> None:
    approval_id = await _card_of(house, INVOICE)
    assert "don't know" in await house.tap(f"give:{approval_id}:365")
    assert await _journal(house, "grant.%") == []


# Cards take whatever people write.

HOSTILE = ["<b>&", "</pre></b>", "x" * 200, "😀 \u202eevil", "{number}"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_text(text: str) -> None:
    rules = f"[[rule]]\nverdict = 'ask'\nbecause = '''{text}'''\naction = '''{text}'''\n"
    standing = Standing(parse(rules), rules, trouble=text)
    shown: list[Outgoing] = [
        policy_cards.policy(standing, name=text),
        policy_cards.text(standing, Path("x")),
        policy_cards.refused(text),
        policy_cards.used("", standing, at=AT),
    ]
    for message in shown:
        shown_text, _ = parse_html(message.html)
        assert shown_as(text) in shown_text


def test_a_long_list_of_grants_has_buttons_that_telegram_takes() -> None:
    many = [
        grants.Grant(
            id=f"grt_{n:019}",
            action="mail.send",
            counterparty=f"<{n}>@x.example",
            up_to=Money(5, "EUR"),
            uses=3,
            uses_left=2,
            made_from="apr_x",
            state="active",
            created_at=AT,
            expires_at=AT,
        )
        for n in range(99)
    ]
    card = grant_cards.listed(many, Profile())
    assert "69 more" in card.html
    assert sum(len(row) for row in card.buttons) == 30
    assert "&lt;3&gt;@x.example · up to 0.05 EUR each · 2 of 3 times left" in card.html


# What the actions say of themselves.

ACTIONS = {
    action.name: action
    for connector in (
        House(database=None, clock=None),
        Memory(database=None, clock=None),
        Mail(transport=None, maildir=None, files=None, clock=None),
        Calendar(root=Path("x"), clock=None, zone=None),
        Billing(database=None, files=None, clock=None, zone=None),
    )
    for action in connector.actions()
}
NOBODY_KNOWN = Concern(unknown=frozenset({"counterparty"}))
NOTHING_KNOWN = Concern(unknown=frozenset({"counterparty", "amount"}))


@pytest.mark.parametrize(
    ("action", "params", "concern"),
    [
        ("mail.send", {"to": ["Nora@Northwind.Example"]}, Concern("nora@northwind.example")),
        ("mail.send", {"to": ["b@x.example", "a@x.example"]}, Concern("a@x.example; b@x.example")),
        ("mail.send", {"to": ("a@x.example", "a@x.example")}, Concern("a@x.example")),
        ("mail.send", {"to": ["a@x.example", "no address"]}, NOBODY_KNOWN),
        ("mail.send", {"to": ["a@x.example", ref("a", "b")]}, NOBODY_KNOWN),
        ("mail.send", {"to": [join("a", ref("a", "b"))]}, NOBODY_KNOWN),
        ("mail.send", {"to": "a@x.example"}, NOBODY_KNOWN),
        ("mail.send", {"to": []}, NOBODY_KNOWN),
        ("mail.send", {}, NOBODY_KNOWN),
        ("billing.issue", _invoice(), Concern("Northwind Traders", Money(240_000, "EUR"))),
        ("billing.issue", _invoice() | {"client_name": ref("a", "b")}, NOTHING_KNOWN),
        ("billing.issue", {"effect": "eff_1"}, NOTHING_KNOWN),
        (
            "billing.credit",
            {"invoice": "1", "client_name": "Ann", "total_minor": 5, "currency": "EUR"},
            Concern("Ann", Money(5, "EUR")),
        ),
        ("billing.credit", {"invoice": "1", "total_minor": 5, "currency": "EUR"}, NOTHING_KNOWN),
        (
            "billing.record_payment",
            {"invoice": "2026-1", "amount_minor": 5, "currency": "EUR", "date": "2026-11-23"},
            Concern(amount=Money(5, "EUR")),
        ),
        (
            "billing.record_payment",
            {"amount_minor": ref("a", "b")},
            Concern(unknown=frozenset({"amount"})),
        ),
        ("calendar.add", {"with_": " Nora "}, Concern("Nora")),
        ("calendar.add", {"with_": ""}, Concern()),
        ("calendar.add", {}, Concern()),
        ("calendar.add", {"with_": join("a")}, NOBODY_KNOWN),
        ("client.add", {"name": "Zephyr"}, Concern("Zephyr")),
        ("lead.add", {"name": None, "company": "Zephyr"}, Concern("Zephyr")),
        ("lead.add", {}, Concern()),
        ("client.add", {"name": ref("a", "b")}, NOBODY_KNOWN),
        ("person.note", {"name": "Ana", "of": " Northwind "}, Concern("Northwind")),
        ("project.note", {"name": "Site", "of": ref("a", "b")}, NOBODY_KNOWN),
        ("deliverable.note", {}, Concern()),
        ("reminder.set", {"what": "x"}, Concern()),
        ("fact.keep", {"subject": "x"}, Concern()),
    ],
)
def test_what_an_action_is_about(action: str, params: dict[str, Any], concern: Concern) -> None:
    assert ACTIONS[action].concerns(params) == concern


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
_KEYS = ["to", "client_name", "lines", "currency", "amount_minor", "with_", "name", "company"]


@given(st.dictionaries(st.sampled_from(_KEYS), _JSON), st.sampled_from(sorted(ACTIONS)))
def test_odd_parameters_never_break_it(params: dict[str, Any], name: str) -> None:
    assert isinstance(ACTIONS[name].concerns(params), Concern)


@given(st.dictionaries(st.sampled_from(sorted(_invoice())), _JSON, max_size=2))
def test_an_invoice_with_an_odd_part_never_breaks_it(odd: dict[str, Any]) -> None:
    concern = ACTIONS["billing.issue"].concerns(_invoice() | odd)
    assert (concern.amount is None) == ("amount" in concern.unknown)
