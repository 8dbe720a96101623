"""Everything else that is said in the chat: mail, reminders, memory, calendar, commands, files."""

import re

import pytest
from driving import Demo, Phone, day, labels, shown_day, until

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


def due_now(house: Demo, what: str) -> None:
    """Moves a reminder's time to now, as if it had been waited for."""
    (row,) = house.rows("SELECT id FROM schedule WHERE data LIKE ? AND state = 'active'", what)
    house.write(
        "UPDATE schedule SET due_at = strftime('%Y-%m-%d %H:%M:%f000', 'now') WHERE id = ?", row[0]
    )


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Email Northwind that the draft moves to Friday", "Friday"),
        ("write to Bluebird: the menu boards are ready", "menu boards"),
        ("tell Northwind by mail that we start on Monday", "Monday"),
    ],
)
def test_a_mail_is_drafted_then_sent_once(house: Demo, phone: Phone, text: str, word: str) -> None:
    mails = len(house.mails())
    card = phone.card(text)
    assert word in card["text"]
    assert "Subject: " in card["text"]
    assert "can't be called back" in card["text"]
    assert labels(card) == ["Approve", "Edit", "Reject", "Why", "More"]
    assert len(house.mails()) == mails
    outcome = phone.approved(card)
    assert "Sent" in outcome["text"]
    assert len(house.mails()) == mails + 1
    assert any(word in m.get_body().get_content() for m in house.mails())


def test_a_reminder_is_set_at_once_and_taken_back(house: Demo, phone: Phone) -> None:
    done = phone.ask("Remind me Thursday at 9 to call the printer", "call the printer")
    assert "09:00" in done["text"]
    assert "Undo" in labels(done)
    phone.tap(done, "Undo")
    phone.turned(done, "Taken back")
    assert not house.rows(
        "SELECT id FROM schedule WHERE data LIKE '%call the printer%' AND state = 'active'"
    )


@pytest.mark.parametrize(
    "text",
    [
        "Remind me tomorrow at 18:00 to water plant number one",
        "remind me in 2 hours to water plant number one",
    ],
)
def test_a_reminder_arrives(house: Demo, phone: Phone, text: str) -> None:
    done = phone.ask(text, "water plant number one")
    due_now(house, "%water plant number one%")
    told = phone.heard(done["message_id"], lambda m: m["text"].startswith("Reminder\n"))
    assert "water plant number one" in told["text"]
    phone.settled()
    again = [m for m in phone.messages(done["message_id"]) if m["text"].startswith("Reminder\n")]
    assert len(again) == 1


def test_what_is_remembered_is_told_with_its_source(phone: Phone) -> None:
    # A client of its own: of the others a card that was edited may have taught other terms.
    phone.ask("Onboard Larkspur Press, contact is Orla, orla@larkspur.example", "Larkspur Press")
    kept = phone.ask("Remember that Larkspur Press pays net 21", "Kept")
    assert "Undo" in labels(kept)
    told = phone.ask("what are Larkspur Press's terms?", "net 21")
    assert "Source: " in told["text"]
    assert "you said so" in told["text"]
    card = phone.card("Invoice Larkspur Press 120 EUR for icing")
    assert re.search(r"Due: .* · remembered.*net 21", card["text"])
    phone.tap(kept, "Undo")
    phone.turned(kept, "Taken back")
    answer = phone.ask("what are Larkspur Press's terms?")
    assert "net 21" not in answer["text"]


def test_undoing_a_newer_fact_brings_the_older_one_back(phone: Phone) -> None:
    kept = phone.ask("Remember that Cedar & Stone now pays net 45", "Kept")
    phone.ask("what are Cedar & Stone's terms?", "net 45")
    phone.tap(kept, "Undo")
    phone.turned(kept, "Taken back")
    phone.ask("what are Cedar & Stone's terms?", "net 30")


def test_a_calendar_entry_is_asked_then_made(house: Demo, phone: Phone) -> None:
    entries = set((house.home / "calendar").glob("*.ics"))
    card = phone.card(f"Put a call with Northwind on {day(30)} 15:00")
    assert "15:00 to 16:00" in card["text"]
    assert shown_day(30) in card["text"]
    assert set((house.home / "calendar").glob("*.ics")) == entries
    outcome = phone.approved(card)
    (made,) = set((house.home / "calendar").glob("*.ics")) - entries
    assert b"Northwind" in made.read_bytes()
    phone.tap(outcome, "Undo")
    back = phone.heard(outcome["message_id"], lambda m: "Approve" in labels(m))
    assert "Take back" in back["text"]
    phone.approved(back)
    until(lambda: not made.exists() or b"CANCELLED" in made.read_bytes(), "the entry to go")


@pytest.mark.parametrize(
    "text", ["hello", "thanks, great work!", "how are you?", "asdf qwer zxcv", "👍", "what is 2+2"]
)
def test_small_talk_gets_a_short_answer_and_nothing_is_done(
    house: Demo, phone: Phone, text: str
) -> None:
    runs = house.rows("SELECT count(*) FROM run WHERE intent != 'file.keep'")
    answer = phone.ask(text)
    assert labels(answer) == []
    assert len(answer["text"]) < 300
    # The caption was not taken for an order.
    assert house.rows("SELECT count(*) FROM run WHERE intent != 'file.keep'") == runs


def test_the_digest_acts(house: Demo, phone: Phone) -> None:
    # Others share this house; the digest shows six decisions at most.
    for message in phone.messages():
        if message["from"] == "bot" and "Approve" in labels(message):
            if message["text"].startswith("Digest"):
                continue
            phone.rejected(message)
    card = phone.card("Email Northwind that the digest works")
    sent = phone.say("/digest")
    told = phone.heard(sent, lambda m: m["text"].startswith("Digest"))
    for part in (
        "Waiting for you",
        "Mail to Northwind",
        "Money",
        "2026-002",
        "days late",
        "Today",
        "Done in the last day",
    ):
        assert part in told["text"]
    chart = phone.heard(sent, lambda m: bool(m["file"]) and m["file"]["kind"] == "photo")
    assert phone.http.get(chart["file"]["url"]).content.startswith(b"\x89PNG")
    mails = len(house.mails())
    phone.tap(told, "1 Approve")
    phone.turned(card, "Sent")
    assert len(house.mails()) == mails + 1


def test_commands_answer(phone: Phone) -> None:
    card = phone.card("Email Northwind that the list works")
    sent = phone.say("/approvals")
    again = phone.heard(sent, lambda m: "the list works" in m["text"].casefold())
    assert "Approve" in labels(again)
    phone.ask("/status", "Decisions waiting", "bot: running", "worker: running", "queue: answers")
    phone.ask("/help", "/digest", "/approvals", "/why", "/undo", "/pause", "/settings")
    phone.tap(again, "Reject")
    phone.turned(card, "Rejected")  # every copy of a card shows the same
    phone.turned(again, "Rejected")
    phone.tap(again, "Just no")


def test_the_menu_is_the_registry(phone: Phone) -> None:
    calls = until(lambda: phone.log("setMyCommands"), "the menu")
    menu = str(calls[-1]["parameters"])
    told = phone.ask("/help", "/digest")["text"]
    for name in re.findall(r"^/(\w+)", told, re.MULTILINE):
        assert name in menu


def test_undo_takes_the_last_thing_back(phone: Phone) -> None:
    done = phone.ask("Remind me Friday at 10 to buy ink", "buy ink")
    phone.say("/undo")
    phone.turned(done, "Taken back")


def test_pause_holds_what_was_approved_until_resume(house: Demo, phone: Phone) -> None:
    phone.ask("/pause", "Paused")
    try:
        mails = len(house.mails())
        card = phone.card("Email Northwind that this waits for a while")
        assert "Paused" in (phone.tap(card, "Approve") or "")
        phone.turned(card, "after /resume")
        phone.settled()
        assert len(house.mails()) == mails
    finally:
        phone.ask("/resume", "Going on")
    phone.turned(card, "Sent")
    assert len(house.mails()) == mails + 1


def test_settings_change_by_button_and_by_words(phone: Phone) -> None:
    shown = phone.ask("/settings", "Digest at")
    phone.tap(shown, "Digest at")
    asked = phone.heard(shown["message_id"], lambda m: "igest" in m["text"])
    phone.ask("07:30", "Digest at is now 07:30", reply_to=asked["message_id"])
    phone.ask("/settings digest 25:99", "kept the old setting")
    phone.ask("/settings zone Mars/Phobos", "kept the old setting")
    phone.ask("/settings", "07:30")
    phone.ask("/settings digest 08:00", "08:00")


@pytest.mark.parametrize(
    ("name", "content", "kind", "what"),
    [
        ("receipt.png", PNG, "photo", "photo"),
        ("note.ogg", b"OggS" + bytes(200), "voice", "voice note"),
        ("brief <v2> & äöü.txt", b"hello", "document", "file"),
    ],
)
def test_files_are_kept(
    house: Demo, phone: Phone, name: str, content: bytes, kind: str, what: str
) -> None:
    runs = house.rows("SELECT count(*) FROM run WHERE intent != 'file.keep'")
    sent = phone.send_file(name, content, kind=kind, caption="Invoice Northwind 100 EUR")
    told = phone.heard(sent)
    assert what in told["text"].casefold() or "Kept as" in told["text"]
    assert "can't" in told["text"]
    assert labels(told) == ["Undo", "Why"]
    assert any(
        path.read_bytes() == content
        for path in (house.home / "files" / "inbox").rglob("*")
        if path.is_file()
    )
    assert house.rows("SELECT count(*) FROM run WHERE intent != 'file.keep'") == runs
