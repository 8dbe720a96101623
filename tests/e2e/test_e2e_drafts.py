"""What goes along with a card: a draft that says what became of it, and all of a long text."""

from driving import Phone


def test_a_draft_says_what_it_was_sent_as(phone: Phone) -> None:
    card = phone.card("Invoice Northwind 2400 EUR for the workshop")
    draft = phone.heard(card["message_id"], lambda m: m["file"] is not None, wanted="the draft")
    phone.approved(card)
    told = phone.turned(draft, "Sent as Invoice")
    assert "on approval" not in told["text"]
    assert told["file"] == draft["file"]


def test_a_rejected_draft_says_so(phone: Phone) -> None:
    card = phone.card("Invoice Northwind 2400 EUR for a favour")
    draft = phone.heard(card["message_id"], lambda m: m["file"] is not None, wanted="the draft")
    phone.rejected(card)
    phone.turned(draft, "Rejected.")


def test_what_a_card_cannot_hold_is_a_document(phone: Phone) -> None:
    words = " ".join(f"word{n}" for n in range(450))
    card = phone.card(f"Email Northwind that {words}, and {words[:900]}")
    assert "the document above has all of it" in card["text"]
    whole = phone.message(card["message_id"] - 1)
    assert whole["file"]["name"] == "in-full.txt"
    content = phone.http.get(whole["file"]["url"]).text
    assert words[5:] in content
    phone.rejected(card)
