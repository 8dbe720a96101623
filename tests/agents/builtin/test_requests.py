"""Which requests a message makes: none too many, none too few."""

from collections.abc import Callable

import pytest

from agents.builtin import reading
from agents.builtin.understand import Understanding
from tests.agents.builtin.conftest import BERLIN, MONDAY

Read = Callable[..., Understanding]


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("Two invoices please. Moss Hall 120 euro, Ida Berg 85 euro", ["invoice.create"] * 2),
        ("Invoice both: Moss Hall 120, Ida Berg 85", ["invoice.create"] * 2),
        ("invoices for today:\n- Ida Berg, 40, keys\n- Bo Lind, 55", ["invoice.create"] * 2),
        ("Two payments came in: Ida Berg 40, Bo Lind 55", ["payment.record"] * 2),
        ("Invoice Ida Berg 40 for keys. And Bo Lind 55 for locks.", ["invoice.create"] * 2),
        ("Grade Mia's essay and Ben's quiz", ["submission.grade"] * 2),
        ("Tell Ida we're open and tell Bo we're closed", ["email.write"] * 2),
        (
            "Send Ida Berg a payment reminder for 2026-052, and Bo Lind his invoice for keys",
            ["invoice.remind", "invoice.create"],
        ),
        (
            "A viewing with Ida on Friday at 1 pm, an email to Bo that the key is in the pot",
            ["meeting.schedule", "email.write"],
        ),
        (
            "log 200 from Ida Berg, and tell me what you're busy with",
            ["payment.record", "status.show"],
        ),
        ("resume, and show me what you've spent", ["resume", "cost.show"]),
        (
            "Show me the running jobs, then what I have to approve",
            ["status.show", "approvals.show"],
        ),
    ],
)
def test_each_of_several(read: Read, text: str, intents: list[str]) -> None:
    assert [request.intent for request in read(text).requests] == intents


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("new invoice\nclient: Ida Berg\nwork: keys, 40 €", "invoice.create"),
        ("new client\nname: Berg Metall\nemail: ida@berg.example", "client.onboard"),
        ("client: Berg Metall, contact Ida Berg, please onboard", "client.onboard"),
        ("write Ida that I'll bill her in May and refund the deposit", "email.write"),
        ("ask Ida whether she can refund us 40 and send a new invoice", "email.write"),
        ("write a post about how we bill people and chase debts", "content.write"),
        ("remember: Ida pays late, so chase her early", "memory.save"),
        ("Half of the 140 € goes back to Ida Berg. Refund it please", "refund.issue"),
        ("Moss Hall have STILL not paid. Give them a push", "invoice.remind"),
        ("Bo hat Rechnung 112 nicht bezahlt, erinnere ihn bitte", "invoice.remind"),
        ("On Friday at 4 I must be reminded to ring the bank", "reminder.set"),
        ("Draft something to Ida Berg saying I'll be late", "email.write"),
        ("In the course Ben asks about lesson 4. reply to him", "student.answer"),
        ("Make that an invoice to Ida Berg, 40 for keys", "invoice.create"),
        ("Draw up a plan of 6 posts on oak for May", "content.plan"),
        ("Bo Lind rang about windows. Store him as a lead", "lead.add"),
        ("Er, no. Email Ida that the price stays", "email.write"),
    ],
)
def test_one_and_no_more(read: Read, text: str, intent: str) -> None:
    assert [request.intent for request in read(text).requests] == [intent]


@pytest.mark.parametrize(
    "text",
    [
        "Just sent Ida the invoice for 300",
        "You invoiced Bo 300",
        "You were supposed to remind me at 5",
        "Wired 300 to Bo Lind for the beams",
        "Paid 300 to the plumber",
        "Got a call from Ida about the 300",
        "Payment from Ida is late again",
        "The transfer of 300 from Bo is pending",
        "She'll send us an invoice for 400",
        "The plumber will invoice me 300",
        "Bo may get 40 back",
        "Ida gets her keys back on Friday",
        "Ida says half of the 140 goes back to Bo",
        "A client writes: please refund me 50 euros",
        'A customer writes in the chat: "book me in for 9 am". Cheeky, eh?',
        "Two invoices are still open: Ida Berg 40, Bo Lind 55",
        "Invoices: Ida Berg 40 paid, Bo Lind 55 unpaid",
        "Costs are rising everywhere",
        "My boss used to shout: chase them all!",
        "Move the call with Ida to Friday",
        "Make that two beers",
    ],
)
def test_nothing_is_asked_for(text: str) -> None:
    # What was learned has its say here too: it must be held back.
    understood = reading.read(text, now=MONDAY, zone=BERLIN)
    assert [request.intent for request in understood.requests] == ["chat"]
