"""Wordings of leads, course work, plans and what is shown, each for a cause of its own."""

from collections.abc import Callable

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
        (
            "Heron Ferries asked about our prices. Put them under leads",
            {"intent": "lead.add", "company": "Heron Ferries"},
        ),
        (
            "the Haus Lindgrün rang us. add them to the leads",
            {"intent": "lead.add", "company": "Haus Lindgrün"},
        ),
        (
            "new lead from facebook: imre vadas, imre@vadas.example",
            {
                "intent": "lead.add",
                "name": "Imre Vadas",
                "email": "imre@vadas.example",
                "source": "facebook",
            },
        ),
        (
            "add imre vadas (imre@vadas.example) to the lead list",
            {"intent": "lead.add", "name": "Imre Vadas", "email": "imre@vadas.example"},
        ),
        (
            "new lead, met at the book fair in Leipzig",
            {"intent": "lead.add", "source": "the book fair in Leipzig"},
        ),
        (
            "Imre says Noa may be a lead. add her",
            {"intent": "lead.add", "name": "Noa"},
        ),
        (
            "the report on Klimt is in, grade it",
            {"intent": "submission.grade", "assignment": "report on Klimt"},
        ),
        (
            "Mads handed in the birdhouse, mark it please",
            {"intent": "submission.grade", "student": "Mads", "assignment": "birdhouse"},
        ),
        (
            "five newsletters for easter, all about bulbs. make me a plan",
            {"intent": "content.plan", "count": 5, "period": "easter", "topic": "bulbs"},
        ),
        (
            "six weeks, six posts: draw up a content plan about looms",
            {"intent": "content.plan", "count": 6, "period": "six weeks", "topic": "looms"},
        ),
        (
            "payment notice for invoice #2027/41 please",
            {"intent": "invoice.remind", "invoice_no": "2027/41"},
        ),
        (
            "yell at me in an hour and a half to feed the cat",
            {"intent": "reminder.set", "at": "2026-11-23T10:30:00", "what": "feed the cat"},
        ),
        (
            "map out what goes on our blog in the first half of May. Bats at night, two posts",
            {
                "intent": "content.plan",
                "count": 2,
                "period": "the first half of May",
                "topic": "Bats at night",
            },
        ),
        (
            "mail to say the kiln is free for drying",
            {"intent": "email.write", "about": "the kiln is free for drying"},
        ),
        (
            'Ilka asks "may I come at ten?" Tell her by mail the door is open',
            {"intent": "email.write", "to": "Ilka", "about": "the door is open"},
        ),
        (
            'Mail from Ilka: "may I come?" Answer her yes, at ten',
            {"intent": "email.write", "to": "Ilka", "about": "yes, at ten"},
        ),
        (
            "Ilka will forget the keys for the barn, send her a reminder",
            {
                "intent": "email.write",
                "to": "Ilka",
                "about": "Ilka will forget the keys for the barn",
            },
        ),
        (
            "Mads needs an email that the paint is dry",
            {"intent": "email.write", "to": "Mads", "about": "the paint is dry"},
        ),
        (
            "Mads forgot to pay invoice #2291. Please remind him",
            {"intent": "invoice.remind", "client": "Mads", "invoice_no": "2291"},
        ),
        (
            "we got 45 pounds in cash, please enter it",
            {"intent": "payment.record", "amount": "45.00", "currency": "GBP"},
        ),
        (
            "one of the participants asks: where is the slide deck? answer that one please",
            {"intent": "student.answer", "question": "where is the slide deck?"},
        ),
        (
            "Tuned the grand in the Moss Hall, three hours at 60. Bill Moss Hall for that",
            {
                "intent": "invoice.create",
                "client": "Moss Hall",
                "amount": "180.00",
                "description": "Tuned the grand in the Moss Hall, three hours",
            },
        ),
        (
            "call with Mads friday 9.15",
            {"intent": "meeting.schedule", "with": "Mads", "start": "2026-11-27T09:15:00"},
        ),
        (
            "remind me friday 9.15 to call mum",
            {"intent": "reminder.set", "what": "call mum", "at": "2026-11-27T09:15:00"},
        ),
        (
            "invoice for mrs adeyemi pls, 6 physio sessions, 65 each",
            {
                "intent": "invoice.create",
                "client": "Adeyemi",
                "amount": "390.00",
                "description": "6 physio sessions",
            },
        ),
        (
            "Trag am Freitag um acht am Morgen ein Treffen mit Mads ein",
            {"intent": "meeting.schedule", "with": "Mads", "start": "2026-11-27T08:00:00"},
        ),
    ],
)
def test_said_so(read: Read, text: str, expected: dict[str, object]) -> None:
    (request,) = _slots(read(text))
    assert request == expected


@pytest.mark.parametrize(
    ("text", "second"),
    [
        (
            "remind me tonight at 8 to water the herbs and tomorrow at 7 am to open up",
            {"what": "open up", "at": "2026-11-24T07:00:00"},
        ),
        (
            "remind me friday to call Ada and monday at 9 to send the files",
            {"what": "send the files", "at": "2026-11-30T09:00:00"},
        ),
        (
            "remind me in 2 hours to eat and in 3 hours to nap",
            {"what": "nap", "at": "2026-11-23T12:00:00"},
        ),
    ],
)
def test_a_second_moment_begins_a_second_reminder(
    read: Read, text: str, second: dict[str, object]
) -> None:
    assert _slots(read(text))[1] == {"intent": "reminder.set", **second}


def test_a_way_is_no_moment(read: Read) -> None:
    (reminder,) = _slots(read("remind me tomorrow to talk to Ada and on the way to buy milk"))
    assert reminder["what"] == "talk to Ada and on the way to buy milk"


def test_the_numbers_of_a_list_of_orders_are_no_sums(read: Read) -> None:
    first, second, third = _slots(
        read("1) invoice Ada Kern 450, sheet music\n2) bill Bo 520, mouthpieces\n3) show my costs")
    )
    assert (first["amount"], first["description"]) == ("450.00", "sheet music")
    assert (second["amount"], second["description"]) == ("520.00", "mouthpieces")
    assert third["intent"] == "cost.show"


def test_the_numbers_of_a_list_in_a_mail_stay(read: Read) -> None:
    (mail,) = _slots(read("Email Bo that:\n1. we start Monday\n2. keys are with me"))
    assert mail["about"] == "1. we start Monday\n2. keys are with me"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("Two afternoons of filming for Ida, 450 per afternoon. Bill it", "900.00"),
        ("Bill Ida for 4 evenings of bar work, 120 an evening", "480.00"),
        ("bill Ida 3 mornings at 200 per morning", "600.00"),
        ("invoice Ida 120 for the evening", "120.00"),
    ],
)
def test_parts_of_a_day_are_counted(read: Read, text: str, amount: str) -> None:
    (invoice,) = _slots(read(text))
    assert invoice["amount"] == amount


@pytest.mark.parametrize(
    ("text", "intent", "amount"),
    [
        ("Please pay back half of the 260 that Leo Ash paid", "refund.issue", "130.00"),
        ("half of Leo Ash's SEK 9,000 bill came in, log that payment", "payment.record", "4500.00"),
    ],
)
def test_which_way_money_goes_and_whose_it_is(
    read: Read, text: str, intent: str, amount: str
) -> None:
    (money,) = _slots(read(text))
    assert (money["intent"], money["amount"]) == (intent, amount)
    assert (money.get("to") or money.get("client")) == "Leo Ash"


def test_half_a_wish_is_no_order(read: Read) -> None:
    (nothing,) = _slots(read("Part of me wants to plan a month of posts, part of me wants a nap"))
    assert nothing["intent"] == "chat"


def test_a_student_who_only_asks_is_nobody_named_before(read: Read) -> None:
    _, answer = _slots(
        read("Book a fitting with Ida on Tuesday at 16:00, and answer the student who asks if so")
    )
    assert "student" not in answer


@pytest.mark.parametrize(
    ("text", "client"),
    [
        ("Note le paiement de 320 € reçu de Voiles Kerbihan", "Voiles Kerbihan"),
        ("Notiere die Zahlung von Beatrix Holm, 300 €", "Beatrix Holm"),
        ("Enregistre le paiement de 900 € que Hortense Ferrandou a fait ce matin", None),
    ],
)
def test_a_payment_in_other_words(read: Read, text: str, client: str | None) -> None:
    (payment,) = _slots(read(text))
    assert (payment["intent"], payment.get("client")) == ("payment.record", client)


def test_a_payment_that_came_in_is_no_fact_to_remember(read: Read) -> None:
    (payment,) = read("a payment just came in, log it").requests
    assert (payment.intent, payment.missing()) == ("payment.record", ["client|invoice_no"])


def test_whom_an_earlier_order_was_about_owes_no_invoice_for_that(read: Read) -> None:
    paid, owed = _slots(read("Log 450 from Garage Lemoine and send a reminder for invoice 2026-31"))
    assert paid["client"] == "Garage Lemoine"
    assert owed == {"intent": "invoice.remind", "invoice_no": "2026-31"}


def test_work_that_is_not_named_is_asked_for(read: Read) -> None:
    (request,) = read("grade Mads today please").requests
    assert request.missing() == ["assignment"]


def test_the_same_again_is_the_sum_just_said(read: Read) -> None:
    first, second = _slots(read("Ilka paid 320 for May. Invoice her the same again for June"))
    assert (first["amount"], second["client"], second["amount"]) == ("320.00", "Ilka", "320.00")
    assert second["description"] == "June"


def test_either_of_two_who_met_may_be_meant(read: Read) -> None:
    (mail,) = read("Noa met Ilka at the market. Email her our prices").requests
    assert mail.missing() == ["to"]
