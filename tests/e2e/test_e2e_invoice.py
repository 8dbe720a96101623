"""An invoice through the chat: asked for, shown, changed, refused, approved, explained."""

import io
import re
import threading

import pytest
from driving import Demo, Message, Phone, day, labels, shown_day, until
from pypdf import PdfReader


def pdf_text(content: bytes) -> str:
    """The words of a PDF, with any kind of space as a plain one."""
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def draft_of(phone: Phone, card: Message) -> Message:
    """The draft PDF that comes after a card."""
    return phone.heard(card["message_id"], lambda m: m["file"] is not None, wanted="the draft")


@pytest.mark.parametrize(
    ("text", "client", "amount", "what", "address"),
    [
        (
            "Invoice Northwind 2400 EUR for the brand workshop, net 14",
            "Northwind Traders",
            "2,400.00 EUR",
            "brand workshop",
            "accounts@northwind.example",
        ),
        (
            "please bill Bluebird 1.250,50 € for the menu boards",
            "Bluebird Bakery",
            "1,250.50 EUR",
            "menu boards",
            "ben@bluebird.example",
        ),
        (
            "Send Cedar & Stone an invoice over £900 for the website concept, due {day}",
            "Cedar & Stone Architects",
            "900.00 GBP",
            "website concept",
            "office@cedarstone.example",
        ),
        (
            "invoice northwind 2k for consulting",
            "Northwind Traders",
            "2,000.00 EUR",
            "onsulting",
            "accounts@northwind.example",
        ),
    ],
)
def test_the_card_shows_everything_and_nothing_leaves(
    house: Demo, phone: Phone, text: str, client: str, amount: str, what: str, address: str
) -> None:
    mails, invoices = len(house.mails()), house.invoices()
    card = phone.card(text.format(day=day(25)))
    said = card["text"]
    for part in (client, amount, what, address, "Due: ", "Subject: ", "as PDF", "Kind regards"):
        assert part in said
    assert "Said now unless marked otherwise" in said
    assert "Costs nothing." in said
    assert "From: " in said
    assert "can be cancelled by a credit note" in said
    assert "can't be called back" in said
    assert "Nothing has happened yet" in said
    assert labels(card) == ["Approve", "Edit", "Reject", "Why", "More"]
    draft = draft_of(phone, card)
    assert draft["file"]["mime"] == "application/pdf"
    words = pdf_text(phone.http.get(draft["file"]["url"]).content)
    assert client in words
    assert amount.split()[0] in words
    assert len(house.mails()) == mails
    assert house.invoices() == invoices
    phone.rejected(card)


def test_origins_and_terms_are_told(phone: Phone) -> None:
    said = phone.card("Invoice Northwind 2400 EUR for the brand workshop")["text"]
    assert re.search(r"Amount: 2,400\.00 EUR\n", said)
    assert re.search(r"Due: .* · remembered.*net 14", said), said
    assert re.search(r"Mail to: \S+ · remembered", said)
    assert re.search(r"Tax: none · default", said)


def test_approving_issues_it_and_sends_one_mail(house: Demo, phone: Phone) -> None:
    before, mails = house.invoices(), len(house.mails())
    card = phone.card("Invoice Northwind 2417 EUR for the naming workshop, net 14")
    assert phone.tap(card, "Approve") == "Approved."
    outcome = phone.turned(card, "Done")
    (number,) = set(house.invoices()) - set(before)
    assert int(number.rpartition("-")[2]) == max(int(n[-3:]) for n in before) + 1
    assert number in outcome["text"]
    assert "accounts@northwind.example" in outcome["text"]
    assert outcome["edit_date"]
    assert "Approve" not in labels(outcome)
    assert "Why" in labels(outcome)

    document = phone.heard(
        card["message_id"], lambda m: bool(m["file"]) and number in m["file"]["name"]
    )
    content = phone.http.get(document["file"]["url"]).content
    words = pdf_text(content)
    for part in (number, "2,417.00", "Northwind Traders", "Harbour Road 12", "naming workshop"):
        assert part in words

    mine = [m for m in house.mails() if number in str(m["Subject"])]
    assert len(mine) == 1
    assert len(house.mails()) == mails + 1
    assert mine[0]["To"] == "Northwind Traders <accounts@northwind.example>"
    (attached,) = mine[0].iter_attachments()
    assert attached.get_content() == content
    assert number in mine[0].get_body().get_content()


def test_two_taps_at_once_send_one_mail(house: Demo, phone: Phone) -> None:
    before, mails = house.invoices(), len(house.mails())
    card = phone.card("Invoice Bluebird 311 EUR for a poster")
    answers: list[str | None] = []
    gate = threading.Barrier(4)

    def tap() -> None:
        gate.wait()
        answers.append(phone.tap(card, "Approve"))

    threads = [threading.Thread(target=tap) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    phone.turned(card, "Done")
    phone.settled()
    assert len(house.invoices()) == len(before) + 1
    assert len(house.mails()) == mails + 1
    assert answers.count("Approved.") == 1
    assert all(answers), answers  # each of the others is told something too


def test_an_edit_by_reply_shows_the_differences(house: Demo, phone: Phone) -> None:
    card = phone.card("Invoice Northwind 2400 EUR for the brand workshop, net 14")
    newer = phone.card(f"make it 2600, due {day(40)}", reply_to=card["message_id"])
    assert newer["message_id"] > card["message_id"]
    assert "<s>2,400.00 EUR</s> → <b>2,600.00 EUR</b>" in newer["html"]
    assert re.search(rf"Due: <s>[^<]+</s> → <b>{shown_day(40)}</b>", newer["html"])
    assert "brand workshop" in newer["text"]
    old = phone.turned(card, "Replaced")
    assert labels(old) == []
    mails = len(house.mails())
    approve = card["buttons"][0][0]["data"]
    assert phone.tap(card, approve) != "Approved."
    outcome = phone.approved(newer)
    assert "2,600.00 EUR" in outcome["text"]
    assert len(house.mails()) == mails + 1
    assert any("2,600.00 EUR" in m.get_body().get_content() for m in house.mails())


@pytest.mark.parametrize(
    ("order", "change", "shown"),
    [
        ("Invoice Bluebird 300 EUR for flyers", "350", "350.00 EUR"),
        ("Invoice Bluebird 300 EUR for flyers", "make it net 30", "net 30"),
        (
            "Email Northwind that the draft moves to Friday",
            "say Monday instead of Friday",
            "Monday",
        ),
        ("Put a call with Northwind on Tuesday 15:00", "move it to Wednesday 14:30", "14:30"),
    ],
)
def test_an_edit_by_button_takes_the_next_message(
    phone: Phone, order: str, change: str, shown: str
) -> None:
    card = phone.card(order)
    phone.tap(card, "Edit")
    phone.heard(card["message_id"], lambda m: "What should be different?" in m["text"])
    newer = phone.card(change)
    assert shown in newer["text"]
    assert "<s>" in newer["html"]
    assert "changed as you said" in newer["text"]
    phone.turned(card, "Replaced")
    phone.rejected(newer)


def test_an_edit_that_says_nothing_leaves_the_card(phone: Phone) -> None:
    card = phone.card("Invoice Bluebird 300 EUR for flyers")
    answer = phone.ask("hmm, purple elephants", reply_to=card["message_id"])
    assert "still stands" in answer["text"]
    assert "Approve" in labels(phone.message(card["message_id"]))


def test_rejecting_with_one_tap(house: Demo, phone: Phone) -> None:
    before, mails = house.invoices(), len(house.mails())
    card = phone.card("Invoice Bluebird 333 EUR for stickers")
    phone.tap(card, "Reject")
    asked = phone.turned(card, "Rejected", "Nothing was sent")
    assert labels(asked)[0] == "Just no"
    phone.tap(card, "Just no")
    kept = phone.turned(card, "Reason: just no")
    assert labels(kept) == []
    phone.settled()
    assert house.invoices() == before
    assert len(house.mails()) == mails
    (reason,) = house.rows(
        "SELECT reason FROM approval WHERE id = ?", card["buttons"][0][0]["data"][3:]
    )[0]
    assert reason == "just no"


@pytest.mark.parametrize("by_reply", [True, False])
def test_rejecting_with_a_typed_reason(phone: Phone, *, by_reply: bool) -> None:
    card = phone.card("Invoice Bluebird 334 EUR for stickers")
    phone.tap(card, "Reject")
    phone.turned(card, "Rejected")
    more = {"reply_to": card["message_id"]} if by_reply else {}
    phone.say("they asked to wait until <spring>", **more)
    kept = phone.turned(card, "Reason: they asked to wait until <spring>")
    assert labels(kept) == []


def test_an_unknown_client_is_asked_for_and_added(house: Demo, phone: Phone) -> None:
    mails = len(house.mails())
    order = phone.say("Invoice Zephyr Labs 900 EUR for a logo")
    asked = phone.heard(order)
    assert "Zephyr Labs" in asked["text"]
    assert any("New client" in label for label in labels(asked))
    assert "Cancel" in labels(asked)
    phone.tap(asked, next(label for label in labels(asked) if "New client" in label))
    address = phone.heard(asked["message_id"], lambda m: "mail" in m["text"].lower())
    card = phone.card("billing@zephyr.example")
    assert "billing@zephyr.example" in card["text"]
    assert "Zephyr Labs" in card["text"]
    assert "900.00 EUR" in card["text"]
    assert "logo" in card["text"].casefold()
    assert labels(phone.message(address["message_id"])) == []
    assert len(house.mails()) == mails
    phone.approved(card)
    assert house.mails()
    assert sum("billing@zephyr.example" in str(m["To"]) for m in house.mails()) == 1
    again = phone.card("Invoice Zephyr Labs 50 EUR for a favicon")
    assert "billing@zephyr.example" in again["text"]


def test_an_ambiguous_or_cancelled_question_does_nothing(house: Demo, phone: Phone) -> None:
    before = house.invoices()
    asked = phone.heard(phone.say("Invoice Quux Unknown 900 EUR for a logo"))
    phone.tap(asked, "Cancel")
    told = phone.turned(asked, "Cancelled")
    assert labels(told) == []
    phone.settled()
    assert house.invoices() == before


def test_a_missing_amount_is_asked_for(phone: Phone) -> None:
    asked = phone.ask("Invoice Northwind for the brand workshop")
    assert "?" in asked["text"]
    assert "Approve" not in labels(asked)
    card = phone.card("1.800 euros")
    assert "1,800.00 EUR" in card["text"]
    assert "rand workshop" in card["text"]


def test_a_new_order_is_not_taken_for_an_answer(phone: Phone) -> None:
    asked = phone.ask("Invoice Northwind for the brand workshop")
    card = phone.card("Email Bluebird that the menu is ready")
    assert "Bluebird" in card["text"]
    assert asked["message_id"] < card["message_id"]


def test_why_by_button_and_by_reply(phone: Phone) -> None:
    card = phone.card("Invoice Northwind 777 EUR for tea, net 14")
    phone.tap(card, "Why")
    told = phone.heard(card["message_id"], lambda m: m["text"].startswith("Why"))
    for part in ("Invoice Northwind 777 EUR for tea", "Amount: 777.00 EUR", "Rules", "waits"):
        assert part in told["text"]
    sent = phone.say("/why", reply_to=card["message_id"])
    assert "777.00 EUR" in phone.heard(sent, lambda m: not m["file"])["text"]
    outcome = phone.approved(card)
    sent = phone.say("/why", reply_to=outcome["message_id"])
    after = phone.heard(sent, lambda m: not m["file"])["text"]
    assert "You approved it" in after
    assert "mail.send: done" in after


def test_an_invoice_can_be_taken_back_with_a_credit_note(house: Demo, phone: Phone) -> None:
    card = phone.card("Invoice Northwind 778 EUR for tea, net 14")
    outcome = phone.approved(card)
    assert "Undo" in labels(outcome)
    mails = len(house.mails())
    phone.tap(outcome, "Undo")
    back = phone.heard(outcome["message_id"], lambda m: "Approve" in labels(m))
    assert "Take back" in back["text"]
    assert "Stays" in back["text"]  # the mail was sent, and the card says so
    done = phone.approved(back)
    assert "redit note" in done["text"]
    phone.turned(card, "Taken back")
    assert len(house.mails()) == mails
    until(lambda: "Undo" not in labels(phone.message(card["message_id"])), "no second Undo")
