"""What only one reading of a message bears out is asked about, or left out; never done."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agents.builtin import reading
from agents.builtin.understand import Understanding
from agents.requests import Chat

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=BERLIN)


def _read(text: str, *names: str) -> Understanding:
    return reading.read(text, now=MONDAY, zone=BERLIN, names=names)


def _slots(text: str, *names: str) -> list[dict[str, Any]]:
    return [
        request.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"intent"})
        for request in _read(text, *names).requests
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2026-044 is still open. Send a gentle payment reminder",
        "send a dunning letter, the invoice 2026-044 is open since May",
        "Reclama el pago de la factura 2026-044, venció el martes",
    ],
)
def test_a_word_that_names_nobody_is_no_client(text: str) -> None:
    [reminder] = _slots(text)
    assert "client" not in reminder


def test_a_client_in_the_records_is_one_whatever_the_word() -> None:
    [reminder] = _slots("send gentle a payment reminder", "Gentle")
    assert reminder["client"] == "Gentle"


@pytest.mark.parametrize(
    ("text", "unclear", "amount"),
    [
        ("Ida Berg sent 700 and 550 euros, book it", True, None),
        ("Ida Berg sent two transfers, 700 and 550 euros. Record the total", False, "1250.00"),
        ("Ida Berg paid, book it", False, None),
        ("Half of the 900 from Ida Berg came in, record that half", False, "450.00"),
    ],
)
def test_a_sum_that_is_said_but_not_clear_is_asked_for(
    text: str, unclear: bool, amount: str | None
) -> None:
    [payment] = _read(text).requests
    asked: list[str] = payment.missing()
    assert ("amount" in asked) == unclear
    assert _slots(text)[0].get("amount") == amount


def test_several_payments_of_one_sentence_are_as_many() -> None:
    assert _slots("Record 120 from Jonas Berg and 90 from Ida Lind") == [
        {"client": "Jonas Berg", "amount": "120.00"},
        {"client": "Ida Lind", "amount": "90.00"},
    ]


def test_a_number_that_may_be_a_sum_is_an_invoice_where_it_is_marked() -> None:
    assert _slots("Mark 0113 as paid") == [{"invoice_no": "0113"}]


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("Invoice Ida Berg 640 for the lectures, and Bo Lind for two hours of tutoring", "Bo Lind"),
        ("Chase invoice 3312, and 3320 too", "3320"),
    ],
)
def test_one_more_that_is_less_sure_is_not_left_out(text: str, whom: str) -> None:
    read = _read(text)
    named = [str(each.model_dump()) for each in (read.likely or read.requests)]
    asked = bool(read.likely) or any(each.missing() for each in read.requests)
    assert any(whom in each for each in named)
    assert asked or len(named) > 1


def test_the_halves_of_a_company_are_no_two_clients() -> None:
    text = "invoice for Lee & Holm IP: 7,200 words at 0.15 usd, translation"
    assert [each["client"] for each in _slots(text)] == ["Lee & Holm IP"]


def test_the_same_day_is_the_one_named_before() -> None:
    meeting, reminder = _slots(
        "Meet with Ida on Wednesday 16:00, and remind me at 15:30 that day to pack"
    )
    assert (meeting["with"], meeting["start"][:16]) == ("Ida", "2026-11-25T16:00")
    assert (reminder["what"], reminder["at"][:16]) == ("pack", "2026-11-25T15:30")


def test_two_meetings_are_not_made_one() -> None:
    first, second = _slots("Call with Ida friday 1pm and another with Bo the same day 3pm")
    assert (first["with"], second["with"]) == ("Ida", "Bo")
    assert second["start"][:16] == "2026-11-27T15:00"


def test_that_day_without_any_day_is_asked_about() -> None:
    [reminder] = _read("remind me at 15:30 that day to pack the drawings").requests
    assert reminder.missing() == ["at"]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("sync with the Kyoto examiner Ms Arakawa on Wednesday 15:00", "Arakawa"),
        ("Dont bill Oskar. Bill his brother Nils 70 for the lessons", "Nils"),
        ("Al Mazrui Interiors: 3 days at 400 a day. Bill them", "Al Mazrui Interiors"),
        ("SEK 2750 came in from Alva Holm", "Alva Holm"),
        ("trial lesson with Ida Berg and her poodle, Tuesday 7am", "Ida Berg"),
        ("forward my congratulations to Ida Berg, she got the job, by email", "Ida Berg"),
    ],
)
def test_whom_it_is_about_is_told_from_what_stands_beside(text: str, who: str) -> None:
    slots = _slots(text)[-1]
    named = [slots[slot] for slot in ("with", "client", "to") if slot in slots]
    assert [name.removeprefix("Ms ") for name in named] == [who]


@pytest.mark.parametrize(
    "text",
    ["Invoice for Ida Berg went out last night, I did it by hand", "Do you know how to grade?"],
)
def test_what_is_surely_no_request_is_not_done(text: str) -> None:
    assert _read(text).requests == (Chat(),)


def test_a_request_takes_no_words_of_another_one() -> None:
    mail, payment = _slots("Write Ida a mail. And put 120 pounds from Bo down as received")
    assert "about" not in mail
    assert payment["amount"] == "120.00"


@pytest.mark.parametrize("text", ["send an email to Ida", "Send a message to Ida please"])
def test_a_mail_is_not_about_being_one(text: str) -> None:
    assert _slots(text) == [{"to": "Ida"}]


def test_a_wish_for_a_reminder_is_not_what_it_is_of() -> None:
    [reminder] = _slots("I want a reminder on Wednesday at 7pm")
    assert "what" not in reminder


@pytest.mark.parametrize(
    "text",
    [
        "give INV-0093 another push, nothing came in",
        "Nothing came in from Ida, 300 are still open",
    ],
)
def test_nothing_that_came_in_is_no_payment(text: str) -> None:
    assert all(each.intent != "payment.record" for each in _read(text).requests)


@pytest.mark.parametrize(
    "text",
    [
        "Bill Ida 300, sorry, Bo",
        "Facture Ida 300 euros no wait Bo 350",
        "Meeting with Ana Ruiz and Ben Sharp on Friday at 10, sorry, with Kim Lee",
    ],
)
def test_a_name_that_is_taken_back_is_nobody_else(text: str) -> None:
    [request] = _read(text).requests
    assert {"client", "with"}.intersection(request.missing())


@pytest.mark.parametrize(
    "text", ["Remind Ida Berg to pay 300", "Chase Ida Berg for 450", "Chase Ida about her 1,200"]
)
def test_a_sum_beside_a_name_is_no_invoice(text: str) -> None:
    assert all("invoice_no" not in each for each in _slots(text))


@pytest.mark.parametrize(
    "text",
    [
        "Ida Berg paid half",
        "Ida Berg paid 50 percent of invoice 2026-044",
        "Ida Berg a payé la moitié",
        "Log a part payment from Ida Berg",
        "Refund Ida Berg half",
    ],
)
def test_a_part_that_no_sum_says_is_asked_for(text: str) -> None:
    [request] = _read(text).requests
    assert "amount" in request.missing()


@pytest.mark.parametrize("client", ["Nick Leeson", "Mark"])
def test_a_name_on_record_stays_as_it_is(client: str) -> None:
    [payment] = _slots(f"{client} paid 300", client)
    assert payment == {"client": client, "amount": "300.00"}


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("invoice Ida 30 dozen oysters, 9.50 euros the dozen", "285.00", "EUR"),
        ("invoice Ida 12 sessions, 900 birr each", "10800.00", "ETB"),
        ("invoice Ida 90000 ugx for the class", "90000.00", "UGX"),
        ("invoice Ida 180 000 tenge for the plan", "180000.00", "KZT"),
        ("invoice Ida 850 pula for the swarm", "850.00", "BWP"),
        ("Bill Ida Berg 80 for 5 kgs of coffee", "80.00", None),
        ("Bill Ida 300 for 17 sdg workshops", "300.00", None),
        ("Invoice Ida £300 labour and £40 parts, less £20", None, None),
        ("twenty-two and a half days at 400 a day, invoice Ida", None, None),
        ("invoice Ida three and a half days at 620 a day", "2170.00", None),
        ("trimming 340 and carting off the waste 65, one invoice for both to Ida", "405.00", None),
        ("chimney work for Ida, £180 labour and £260 material, bill it", "440.00", "GBP"),
    ],
)
def test_what_it_comes_to(text: str, amount: str, currency: str | None) -> None:
    [bill] = _slots(text)
    assert bill.get("amount") == amount
    assert amount is None or bill.get("currency") == currency
