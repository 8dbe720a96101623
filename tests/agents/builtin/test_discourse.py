"""What a sentence takes back, leaves out or leaves to another one."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from agents.builtin.understand import Understanding

Read = Callable[..., Understanding]


def _slots(understood: Understanding) -> list[dict[str, object]]:
    return [
        request.model_dump(mode="json", by_alias=True, exclude_none=True)
        for request in understood.requests
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Invoice Veit 320 for the stool. Oops, 230", {"client": "Veit", "amount": "230.00"}),
        ("Bill Hedda, I mean Hedwig, 75 for the vase", {"client": "Hedwig", "amount": "75.00"}),
        ("refund Sunniva 40, not 60", {"to": "Sunniva", "amount": "40.00"}),
        (
            "Remind me on Thursday, no wait, Friday at 8 to water the ferns",
            {"at": "2026-11-27T08:00:00", "what": "water the ferns"},
        ),
        (
            "Invoice Malte 500 for the cut, due 4 January. Hang on: 550, and due 8 January",
            {"amount": "550.00", "due_date": "2027-01-08"},
        ),
    ],
)
def test_what_is_taken_back_does_not_count(
    read: Read, text: str, expected: dict[str, object]
) -> None:
    (request,) = _slots(read(text))
    assert request | expected == request


def test_a_mail_keeps_what_it_rejects(read: Read) -> None:
    (request,) = _slots(read("mail Wiebke that we open at 9, not at 8"))
    assert request["about"] == "we open at 9, not at 8"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Invoice Arvid 120 and Signe 90, frames for both",
            [("Arvid", "120.00", "frames"), ("Signe", "90.00", "frames")],
        ),
        (
            "Two invoices: Arvid 120 for the frame, Signe 90 for the print",
            [("Arvid", "120.00", "the frame"), ("Signe", "90.00", "the print")],
        ),
    ],
)
def test_a_verb_left_out(read: Read, text: str, expected: list[tuple[str, str, str]]) -> None:
    found = [(r["client"], r["amount"], r["description"]) for r in _slots(read(text))]
    assert found == expected


def test_two_reminders_in_one_order(read: Read) -> None:
    found = [r["at"] for r in _slots(read("remind me at 4 pm to bake and at 6 pm to eat"))]
    assert found == ["2026-11-23T16:00:00", "2026-11-23T18:00:00"]


@pytest.mark.parametrize(
    ("text", "intent", "expected"),
    [
        (
            "Fitting with Jorunn, Thursday at 14:00. Pop it in the diary",
            "meeting.schedule",
            {"with": "Jorunn", "start": "2026-11-26T14:00:00"},
        ),
        ("Jorunn paypal'd me $60, can you log that", "payment.record", {"client": "Jorunn"}),
        (
            "The mirror for Elof was 900, he has paid 200 of it. Invoice him the rest",
            "invoice.create",
            {"client": "Elof", "amount": "700.00", "description": "The mirror"},
        ),
        (
            "I still haven't invoiced Tuva for the lamp, do that now: 85",
            "invoice.create",
            {"client": "Tuva", "amount": "85.00", "description": "the lamp"},
        ),
        (
            "Our talk is online, so please bill Vidar 400",
            "invoice.create",
            {"client": "Vidar", "description": "Our talk"},
        ),
    ],
)
def test_what_the_sentence_before_says(
    read: Read, text: str, intent: str, expected: dict[str, object]
) -> None:
    (request,) = _slots(read(text))
    assert request["intent"] == intent
    assert request | expected == request


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Invoice Ylva or Yngvar 300 for the rug", ["client"]),
        ("Invoice Ylva 300 or 350 for the rug", ["amount"]),
        ("Invoice Ylva 300ish for the rug", ["amount"]),
        ("Invoice Ylva: 300 minus whatever she has paid", ["amount"]),
        ("invoice Ylva, 5 lessons, 30 each, the first one was free", ["amount"]),
        ("Call with Ylva on Tuesday or Wednesday at 10", ["start"]),
        ("remind me an hour before the tasting to chill the wine", ["at"]),
        ("remind me about the rug, just not today", ["at"]),
        ("remind me tomorrow at 8, very important!", ["what"]),
        ("Book a call with Ylva for when she's back", ["start"]),
    ],
)
def test_what_is_open_is_asked(read: Read, text: str, missing: list[str]) -> None:
    (request,) = read(text).requests
    assert request.missing() == missing


@pytest.mark.parametrize(
    "text",
    [
        "Book Ylva for Monday at 9 - no, scrap that, she's away",
        "My uncle used to say: invoice on the 1st, chase on the 10th",
        "can you refund customers at all?",
        "oh sure, let's refund everybody",
        "Paid the water bill, 90 euros",
        "I'd like a refund on this week",
    ],
)
def test_no_order(read: Read, text: str) -> None:
    assert [r.intent for r in read(text).requests] == ["chat"]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Refund Mark please. Mark Sundby, 20 euros", "Mark Sundby"),
        ("Motel 8 Records gets an invoice: 300, posters", "Motel 8 Records"),
        ("please invoice Loft 12: 800 for the doors", "Loft 12"),
        ("Soo Runar needs an invoice over 30", "Runar"),
        ("Invoice May 300 for June", "May"),
        ("invoice gro thirty euros for the haircut", "Gro"),
        ("Invoice Asta's Diner 90 for the menus", "Asta's Diner"),
        ("I talked to grete, she loves it, please send her the invoice for 60 euros", "Grete"),
    ],
)
def test_whose_name(read: Read, text: str, who: str) -> None:
    (request,) = _slots(read(text))
    assert request.get("client", request.get("to")) == who


def test_unpunctuated_dictation(read: Read) -> None:
    first, second = _slots(
        read("two things invoice bo ninety dollars for the gate and remind me at seven a m to run")
    )
    assert (first["client"], first["amount"], first["currency"]) == ("Bo", "90.00", "USD")
    assert second["at"] == "2026-11-24T07:00:00"


def test_a_coordinate_sum_is_no_second_client(read: Read) -> None:
    (request,) = read("Invoice Ylva 300 for the rug and 50 for delivery").requests
    assert request.amount == Decimal(350)


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("Onboard Tern Cycles, contact is Ilka, and email her our rates", "Ilka"),
        ("Onboard Tern Cycles, contact is Ilka, and email them our rates", "Tern Cycles"),
    ],
)
def test_a_contact_person_is_whom_her_means(read: Read, text: str, whom: str) -> None:
    onboard, mail = _slots(read(text))
    assert (onboard["client"], onboard["contact"]) == ("Tern Cycles", "Ilka")
    assert mail["to"] == whom


def test_a_contact_person_is_not_who_is_billed(read: Read) -> None:
    _, invoice = _slots(read("Onboard Tern Cycles, contact is Ilka. Invoice her 300 for a sign"))
    assert invoice["client"] == "Tern Cycles"


def test_things_are_nobody_to_meet(read: Read) -> None:
    (meeting,) = _slots(read("Book lunch with Ilka and the folders on Friday at 12:30"))
    assert meeting["with"] == "Ilka"


def test_a_list_by_letters(read: Read) -> None:
    text = "a) Tern Cycles paid 75, book it b) refund Ilka 30 c) invoice Moss Ltd 900 for paint"
    assert [(each["intent"], each["amount"]) for each in _slots(read(text))] == [
        ("payment.record", "75.00"),
        ("refund.issue", "30.00"),
        ("invoice.create", "900.00"),
    ]


def test_people_without_a_name_come_too(read: Read) -> None:
    (meeting,) = _slots(read("Book lunch with Ilka and the welders on Friday at 12:30"))
    assert meeting["with"] == "Ilka and the welders"


@pytest.mark.parametrize(
    ("text", "whom", "start"),
    [
        ("Ilka and Mads visit on Friday: block me 10 to 11 with them", "Ilka and Mads", "27T10:00"),
        ("Mads comes on Thursday. Book a call with him at 3 pm", "Mads", "26T15:00"),
        ("Mads comes on Thursday. Book a call with him tomorrow at 3 pm", "Mads", "24T15:00"),
    ],
)
def test_a_meeting_with_those_just_named(read: Read, text: str, whom: str, start: str) -> None:
    (meeting,) = _slots(read(text))
    assert (meeting["with"], meeting["start"]) == (whom, f"2026-11-{start}:00")


def test_two_who_are_named_apart_are_asked_about(read: Read) -> None:
    text = "Ilka comes on Friday and Mads on Monday. Block me 2 pm to 3 pm with them"
    (meeting,) = read(text).requests
    assert meeting.missing() == ["with", "start"]
