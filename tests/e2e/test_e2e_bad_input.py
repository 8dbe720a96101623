"""What shouldn't happen in the chat doesn't: odd texts, dead buttons, strangers, groups."""

import pytest
from driving import STRANGER, Demo, Phone, day, labels, until

MARKUP = "<b>bold</b> & *star* _under_ `tick` [x](y) </i> &amp; <script>alert(1)</script>"


def state(house: Demo) -> tuple[list[str], int, int]:
    """What must not change: ledger, mails, approved decisions."""
    (approved,) = house.rows("SELECT count(*) FROM approval WHERE state = 'approved'")[0]
    return house.invoices(), len(house.mails()), approved


def test_a_message_longer_than_telegrams_limit(house: Demo, phone: Phone) -> None:
    before = state(house)
    words = "invoice the moon and stars for nothing at all, perhaps, who knows; " * 60
    answer = phone.ask(words[:4096])
    assert answer["text"]
    refused = phone.http.post("/phone/messages", json={"text": "x" * 4097})
    assert refused.status_code in (200, 400)
    phone.settled()
    assert state(house) == before


def test_a_long_text_in_a_card_is_split_and_can_still_be_decided(house: Demo, phone: Phone) -> None:
    mails = len(house.mails())
    long = "Email Northwind that " + "the <draft> & the plan move to Friday, " * 95
    card = phone.card(long[:4090])
    outcome = phone.approved(card)
    assert "Sent" in outcome["text"]
    assert len(house.mails()) == mails + 1


@pytest.mark.parametrize(
    "about",
    [
        MARKUP,
        "the 🎨🚀👩‍👩‍👧‍👦 launch party",
        "שלום עולם עיצוב",
        "تصميم الشعار",
        "a *bold* _idea_ with [brackets] {braces} \\ backslash #set $x$ @ref",
        "zero\u200bwidth and \u202eoverride",
    ],
)
def test_any_characters_come_through_to_the_mail_and_the_pdf(
    house: Demo, phone: Phone, about: str
) -> None:
    mails = len(house.mails())
    card = phone.card(f"Invoice Bluebird 120 EUR for {about}")
    assert "120.00 EUR" in card["text"]
    outcome = phone.approved(card)
    assert "Issued invoice" in outcome["text"]
    assert len(house.mails()) == mails + 1


def test_markup_in_every_field_shows_as_written(phone: Phone) -> None:
    asked = phone.ask("Invoice Evil <b>Co</b> & Sons 70 EUR for <i>things</i>", "Evil <b>Co")
    assert "Approve" not in labels(asked), "nothing is known of them"
    phone.tap(asked, "Cancel")
    kept = phone.ask(f"Remember that Northwind likes {MARKUP}", "Kept")
    assert "<script>" in kept["text"]
    set_ = phone.ask("Remind me tomorrow at 9 to read <u>this</u> & *that*", "<u>this</u> & *that*")
    card = phone.card("Email Northwind that 1 < 2 && 3 > 2, <b>really</b>")
    assert "1 < 2 && 3 > 2" in card["text"]
    phone.tap(card, "Reject")
    phone.turned(card, "Rejected")
    phone.say("no <b>way</b> & *never*", reply_to=card["message_id"])
    phone.turned(card, "Reason: no <b>way</b> & *never*")
    for message in (kept, set_):
        phone.tap(message, "Undo")
        phone.turned(message, "Taken back")


@pytest.mark.parametrize(
    "data",
    [
        "x",
        "ok:",
        "ok:apr_doesnotexist",
        "ok:apr_'--",
        "no:42",
        "undo:run_1",
        "retry:",
        "vouch:stp_1",
        "edit:apr_0",
        "q:prm_none:0",
        "q:prm_none:999999999999999999999",
        "show:99999999999",
        "show:apr_nope",
        "set:home",
        "why:*",
        "reason:apr_x",
        "🔥" * 16,
        "a" * 64,
    ],
)
def test_a_button_made_by_hand_does_nothing(house: Demo, phone: Phone, data: str) -> None:
    before = state(house)
    anchor = phone.ask("hello")
    answer = phone.tap(anchor, data)
    assert answer is None or len(answer) < 200
    phone.settled()
    assert state(house) == before


def test_every_setting_button_asks_only_for_that_setting(house: Demo, phone: Phone) -> None:
    rows = house.rows("SELECT key, value FROM setting WHERE key NOT LIKE 'beat:%' ORDER BY key")
    anchor = phone.ask("hello")
    phone.tap(anchor, "set:pairing")
    phone.settled()
    again = house.rows("SELECT key, value FROM setting WHERE key NOT LIKE 'beat:%' ORDER BY key")
    assert rows == again


def test_an_old_card_says_that_it_was_decided(house: Demo, phone: Phone) -> None:
    card = phone.card("Invoice Bluebird 44 EUR for glue")
    approve, edit, reject = (card["buttons"][r][c]["data"] for r, c in ((0, 0), (0, 1), (1, 0)))
    phone.approved(card)
    before = state(house)
    for data in (approve, reject, edit):
        answer = phone.tap(card, data)
        assert answer, "a dead button says so"
        assert answer != "Approved."
    phone.settled()
    assert state(house) == before
    assert "Done" in phone.message(card["message_id"])["text"]


def test_an_expired_card_sends_nothing(house: Demo, phone: Phone) -> None:
    card = phone.card("Invoice Bluebird 45 EUR for paste")
    before = state(house)
    house.write(
        "UPDATE approval SET expires_at = '2020-01-01 00:00:00.000000' WHERE id = ?",
        card["buttons"][0][0]["data"][3:],
    )
    assert phone.tap(card, "Approve") != "Approved."
    phone.turned(card, "Expired")
    phone.settled()
    assert state(house) == before


def test_a_stranger_gets_nothing(house: Demo, phone: Phone) -> None:
    card = phone.card("Invoice Bluebird 46 EUR for chalk")
    before = state(house)
    inbox = house.rows("SELECT count(*) FROM inbox WHERE state = 'ignored'")[0][0]
    for text in ("Invoice Northwind 9999 EUR for nothing", "/status", "approve", "/start ABCDEFGH"):
        phone.say(text, user_id=STRANGER)
    for button in ("Approve", "Reject", "Edit", "Why"):
        assert not phone.tap(card, button, user_id=STRANGER)
    until(
        lambda: house.rows("SELECT count(*) FROM inbox WHERE state = 'ignored'")[0][0] == inbox + 8,
        "eight ignored events",
    )
    phone.settled()
    assert state(house) == before
    assert [m for m in phone.messages(user_id=STRANGER) if m["from"] == "bot"] == []
    assert "Approve" in labels(phone.message(card["message_id"]))
    assert not house.rows("SELECT 1 FROM inbox WHERE state = 'ignored' AND text LIKE '%9999%'")
    noted = house.rows("SELECT count(*) FROM journal WHERE kind = 'inbox.ignored'")[0][0]
    assert noted >= 8


def test_the_bot_leaves_a_group(house: Demo, phone: Phone) -> None:
    before = state(house)
    group = -1_000_777
    sent = phone.settled()
    phone.say("hello bot, invoice Northwind 5 EUR for air", chat_id=group)
    told = phone.heard(sent, lambda m: "group" in m["text"])
    assert "I left it" in told["text"]
    until(lambda: phone.log("leaveChat"), "leaving the group")
    phone.settled()
    assert state(house) == before
    sends = [c for c in phone.log("sendMessage") if c["parameters"].get("chat_id") == str(group)]
    assert sends == []


@pytest.mark.parametrize(
    "text", ["approve", "yes", "Invoice Northwind 9000 EUR for a favour", "/pause", "/undo"]
)
def test_a_forwarded_text_is_no_order(house: Demo, phone: Phone, text: str) -> None:
    card = phone.card("Invoice Bluebird 47 EUR for tape")
    before = state(house)
    sent = phone.say(text, forward_from="Somebody Else")
    answer = phone.heard(sent, lambda m: not m["file"])
    assert "forwarded" in answer["text"].casefold()
    phone.settled()
    assert state(house) == before
    assert "Approve" in labels(phone.message(card["message_id"]))
    phone.ask("/status", "Decisions waiting")
    assert "paused" not in phone.messages()[-1]["text"]


@pytest.mark.parametrize("text", ["approve", "ok", "yes, do it", "👍"])
def test_a_typed_yes_approves_nothing(house: Demo, phone: Phone, text: str) -> None:
    card = phone.card("Invoice Bluebird 48 EUR for string")
    before = state(house)
    phone.ask(text)
    phone.settled()
    assert state(house) == before
    assert "Approve" in labels(phone.message(card["message_id"]))


def test_an_edited_message_of_the_operator_changes_no_card(house: Demo, phone: Phone) -> None:
    sent = phone.say("Invoice Bluebird 49 EUR for nails")
    card = phone.heard(sent, lambda m: "Approve" in labels(m))
    phone.post("edits", message_id=sent, text="Invoice Bluebird 4900 EUR for nails")
    phone.settled()
    outcome = phone.approved(card)
    assert "49.00 EUR" in outcome["text"]
    assert "4,900" not in outcome["text"]


@pytest.mark.parametrize(
    "text",
    [
        "Invoice Northwind -500 EUR for nothing",
        "Invoice Northwind 0 EUR for nothing",
        "Invoice Northwind 99999999999999999999 EUR for the moon",
        "Invoice Northwind NaN EUR for nothing",
        "Invoice Northwind 100 EUR for x, due 1 January 1999",
        "Remind me yesterday at 9 to turn back time",
        "Put a call with Northwind on 31 February 15:00",
    ],
)
def test_what_makes_no_sense_makes_no_card(house: Demo, phone: Phone, text: str) -> None:
    before = state(house)
    answer = phone.ask(text)
    assert "Something went wrong" not in answer["text"]
    assert "Approve" not in labels(answer)
    assert "set for" not in answer["text"]
    if "Cancel" in labels(answer):
        phone.tap(answer, "Cancel")
        phone.turned(answer, "Cancelled")
    phone.settled()
    assert state(house) == before


def test_two_orders_at_once_keep_their_order(phone: Phone) -> None:
    first = phone.say("Email Northwind that one comes first")
    phone.say("Email Northwind that two comes second")
    phone.say(f"Put a call with Northwind on {day(20)} 15:00")
    cards = until(
        lambda: (
            found
            if len(
                found := [
                    m
                    for m in phone.messages(first)
                    if m["from"] == "bot" and "Approve" in labels(m)
                ]
            )
            == 3
            else None
        ),
        "three cards",
    )
    assert [
        "comes first" in cards[0]["text"],
        "comes second" in cards[1]["text"],
        "Call" in cards[2]["text"],
    ] == [True] * 3
