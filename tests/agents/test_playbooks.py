"""Each playbook: a plan where all is known, else one question; never a guess."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agents import playbooks
from agents.context import NEW, Context, Near
from agents.outcomes import Ask, Say
from agents.playbooks import receivable
from agents.requests import (
    Chat,
    ClientOnboard,
    EmailWrite,
    InvoiceCreate,
    InvoiceRemind,
    LeadAdd,
    MeetingSchedule,
    MemoryAsk,
    MemorySave,
    PaymentRecord,
    ReminderSet,
)
from agents.roles.communications import subject_of
from connectors.billing import Billing, IssueParams, LineParams, Seller
from connectors.calendar import AddParams, Calendar
from connectors.files import Files
from connectors.mail import SendParams
from core.clients import Client
from core.clock import ManualClock
from core.errors import FactotumError
from core.memory.facts import Fact, Source, View
from core.memory.gate import Candidate, Ruling, judge
from core.memory.values import Value as Said
from core.plans import Plan, resolve
from core.profile import Company, Profile
from core.storage.database import Database

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
PROFILE = Profile(
    zone="Europe/Berlin", company=Company(name="Studio", person="Ada", email="ada@studio.example")
)


def _client(name: str, email: str | None, **more: Any) -> Client:
    fields: dict[str, Any] = {"contact": None, "currency": None, "address": (), "vat_id": None}
    return Client(id=f"cli_{name.split()[0]}", name=name, email=email, **(fields | more))


KNOWN = [
    _client("Northwind Traders", "acc@northwind.example", contact="Nora", currency="EUR"),
    _client("Northwind Bakery", "hi@bakery.example", currency="JPY"),
    _client("Silent Ltd", None),
]


class Situation:
    """A context that can be changed, over an empty ledger and calendar."""

    def __init__(self, database: Database, folder: Path, clock: ManualClock) -> None:
        zone = PROFILE.tz
        self.billing = Billing(
            database=database, files=Files(root=folder / "f"), clock=clock, zone=lambda: zone
        )
        self.calendar = Calendar(root=folder / "c", clock=clock, zone=lambda: zone)
        self.facts: list[Fact] = []

    def context(self, message: str = "", **more: Any) -> Context:
        async def about(subject: str, *relations: str) -> list[Fact]:
            return [
                f
                for f in self.facts
                if f.subject == subject and (not relations or f.relation in relations)
            ]

        async def recall(asked: set[str], subject: str | None, view: View) -> list[Fact]:
            return [f for f in self.facts if f.subject == (subject or "company")]

        async def nearest(question: str, name: str | None) -> list[Near]:
            return []

        async def gate(candidate: Candidate) -> Ruling:
            return judge(candidate, [f for f in self.facts if f.subject == candidate.subject])

        fields: dict[str, Any] = {
            "now": NOW,
            "profile": PROFILE,
            "message": message,
            "inbox_id": 1,
            "clients": KNOWN,
            "facts_about": about,
            "recall": recall,
            "nearest": nearest,
            "judge": gate,
            "billing": self.billing.reads,
            "calendar": self.calendar,
            "sender": "me@studio.example",
        }
        return Context(**(fields | more))

    def fact(self, subject: str, relation: str, value: Said, statement: str) -> None:
        name = f"fact_{len(self.facts)}"
        self.facts.append(
            Fact(
                id=name,
                origin=name,
                subject=subject,
                relation=relation,
                value=value,
                statement=statement,
                sources=(Source(quote=statement, at=NOW),),
                asserted_by="owner",
                model=None,
                approval_id=None,
                trust="owner",
                confidence=100,
                how="stated",
                valid_from=NOW,
                valid_to=None,
                recorded_at=NOW,
                superseded_by=None,
                superseded_at=None,
                retracted_at=None,
            )
        )

    async def issue(self, client: str = "Northwind Traders", minor: int = 10_000) -> str:
        params = IssueParams(
            client_name=client,
            client_email="acc@northwind.example",
            currency="EUR",
            issue_date=TODAY,
            due_date=TODAY,
            lines=(LineParams(description="Work", unit_minor=minor),),
            seller=Seller(name="Studio"),
        )
        action = next(a for a in self.billing.actions() if a.name == "billing.issue")
        return (await action.perform(f"seed-{client}-{minor}", params)).number


@pytest.fixture
def situation(database: Database, tmp_path: Path, clock: ManualClock) -> Situation:
    return Situation(database, tmp_path, clock)


def _invoice(**more: Any) -> InvoiceCreate:
    return InvoiceCreate(**({"client": "Northwind Traders", "amount": "2400"} | more))


async def _asks(made: Any, slot: str) -> Ask:
    assert isinstance(made, Ask), made
    assert made.slot == slot
    assert made.text.rstrip().endswith(("?", ".", "day and a time."))
    return made


async def test_an_invoice_with_everything_known_is_a_plan(situation: Situation) -> None:
    plan = await playbooks.make(_invoice(description="the workshop"), situation.context())
    assert isinstance(plan, Plan)
    assert [s.key for s in plan.steps if s.kind == "action"] == ["issue", "send"]
    issue = IssueParams.model_validate(plan.steps[0].params)
    assert (issue.totals().gross.minor, issue.currency) == (240_000, "EUR")
    assert issue.due_date == TODAY + timedelta(days=14)
    results = {
        "issue": {
            "number": "2026-0001",
            "pdf_path": "a.pdf",
            "pdf_name": "a.pdf",
            "pdf_sha256": "0" * 64,
        }
    }
    mail = SendParams.model_validate(resolve(plan.steps[1].params, results))
    assert mail.to == ("acc@northwind.example",)
    assert "2026-0001" in mail.subject
    assert "2026-0001" in mail.body
    assert "2,400.00" in mail.body


@pytest.mark.parametrize(
    ("request_", "slot", "choices"),
    [
        (InvoiceCreate(amount=Decimal(1)), "client", 3),
        (_invoice(amount=None), "amount", 0),
        (_invoice(amount="0"), "amount", 0),
        (_invoice(amount="-5"), "amount", 0),
        (_invoice(amount="0.001"), "amount", 0),
        (_invoice(client="Northwind"), "client", 2),
        (_invoice(client="Northwnd Tradrs"), "client", 3),
        (_invoice(client="Zebra Zoo"), "client", 1),
        (_invoice(client="Silent"), "email", 0),
        (_invoice(due_date=TODAY - timedelta(days=1)), "due_date", 0),
        (_invoice(due_date=TODAY + timedelta(days=400)), "due_date", 0),
        (_invoice(due_days=4000), "due_date", 0),
        (EmailWrite(about="x"), "to", 3),
        (EmailWrite(to="Northwind", about="x"), "to", 2),
        (EmailWrite(to="Zebra Zoo", about="x"), "to", 0),
        (EmailWrite(to="Silent", about="x"), "email", 0),
        (EmailWrite(to="Northwind Traders"), "about", 0),
        (MeetingSchedule(start=datetime(2026, 12, 1, 15)), "with", 0),
        (MeetingSchedule(with_="Northwind Traders"), "start", 0),
        (MeetingSchedule(with_="X", start=datetime(2026, 11, 23, 9, 30)), "start", 0),
        (ReminderSet(at=datetime(2026, 12, 1, 9)), "what", 0),
        (ReminderSet(what="call"), "at", 0),
        (ReminderSet(what="call", at=datetime(2026, 11, 23, 9)), "at", 0),
        (MemorySave(), "statement", 0),
        (ClientOnboard(), "client", 0),
        (LeadAdd(), "name", 0),
    ],
    ids=lambda value: value.intent if hasattr(value, "intent") else str(value),
)
async def test_what_is_missing_or_unclear_is_asked(
    situation: Situation, request_: Any, slot: str, choices: int
) -> None:
    asked = await _asks(await playbooks.make(request_, situation.context()), slot)
    assert len(asked.choices) == choices
    for choice in asked.choices:
        assert choice.label


async def test_the_answers_to_the_questions_make_a_plan_for_a_new_client(
    situation: Situation,
) -> None:
    extra = {"client": f"{NEW}Zebra Zoo"}
    request = _invoice(client="Zebra Zoo", amount="100")
    await _asks(await playbooks.make(request, situation.context(extra=extra)), "email")
    extra["email"] = "zoo@zebra.example"
    plan = await playbooks.make(request, situation.context(extra=extra))
    assert isinstance(plan, Plan)
    assert [s.key for s in plan.steps if s.kind == "action"] == ["client", "issue", "send"]
    assert plan.steps[1].depends == ("client",)


async def test_terms_are_said_remembered_or_default_in_this_order(situation: Situation) -> None:
    async def due(**said: Any) -> tuple[date, str]:
        plan = await playbooks.make(_invoice(**said), situation.context())
        assert isinstance(plan, Plan)
        value = next(v for v in plan.values if v.slot == "due")
        return IssueParams.model_validate(plan.steps[0].params).due_date, value.origin.value

    assert await due() == (TODAY + timedelta(days=14), "default")
    situation.fact(
        "cli_Northwind", "payment_terms", Said.number(30, "days"), "Northwind pays net 30"
    )
    assert await due() == (TODAY + timedelta(days=30), "remembered")
    assert await due(due_days=7) == (TODAY + timedelta(days=7), "said now")
    assert await due(due_date=TODAY) == (TODAY, "said now")


async def test_the_currency_is_the_clients_unless_said(situation: Situation) -> None:
    for said, code, minor in (({}, "JPY", 2400), ({"currency": "USD"}, "USD", 240_000)):
        plan = await playbooks.make(
            _invoice(client="Northwind Bakery", **said), situation.context()
        )
        assert isinstance(plan, Plan)
        issue = IssueParams.model_validate(plan.steps[0].params)
        assert (issue.currency, issue.totals().gross.minor) == (code, minor)


@pytest.mark.parametrize("name", ["{number}", "$ref issue.number", '{"$ref": "issue.number"}'])
async def test_a_name_is_no_template(situation: Situation, name: str) -> None:
    known = [_client(name, "x@evil.example")]
    request = InvoiceCreate(client="x@evil.example", amount=Decimal(5), description=name)
    plan = await playbooks.make(request, situation.context(clients=known))
    assert isinstance(plan, Plan)
    results = {"issue": {"number": "N-1", "pdf_path": "p", "pdf_name": "n", "pdf_sha256": "0" * 64}}
    mail = resolve(plan.steps[1].params, results)
    assert mail["to_name"] == name
    assert mail["body"].count("N-1") == 1
    assert name in mail["body"]


async def test_a_bad_address_is_refused_in_words(situation: Situation) -> None:
    request = EmailWrite(to="not an@address@x", about="hello")
    with pytest.raises(FactotumError, match="not a mail address"):
        await playbooks.make(request, situation.context())


async def test_a_mail_says_what_was_said(situation: Situation) -> None:
    request = EmailWrite(to="Nora", about="the draft moves to <Friday>")
    plan = await playbooks.make(request, situation.context())
    assert isinstance(plan, Plan)
    mail = SendParams.model_validate(plan.steps[0].params)
    assert mail.to == ("acc@northwind.example",)
    assert mail.body.startswith("Hello Nora,\n\nThe draft moves to <Friday>.")
    assert mail.subject == "The draft moves to <Friday>"


async def test_reminders_of_payment_and_payments_want_one_open_invoice(
    situation: Situation,
) -> None:
    for kind in (InvoiceRemind, PaymentRecord):
        said = await playbooks.make(kind(client="Northwind Traders"), situation.context())
        assert isinstance(said, Say)
        assert "no open invoice" in said.text
        said = await playbooks.make(kind(invoice_no="2026-9"), situation.context())
        assert isinstance(said, Say)
    number = await situation.issue()
    for kind in (InvoiceRemind, PaymentRecord):
        for how in ({"client": "Northwind Traders"}, {"invoice_no": f"#{number.lower()}"}):
            assert isinstance(await playbooks.make(kind(**how), situation.context()), Plan)
    await situation.issue(minor=500)
    for kind in (InvoiceRemind, PaymentRecord):
        made = await playbooks.make(kind(client="Northwind Traders"), situation.context())
        assert len((await _asks(made, "invoice_no")).choices) == 2


@pytest.mark.parametrize(
    ("message", "amount", "said"),
    [
        ("Invoice Northwind 2.400,00 for the shop", "2400", "said now"),
        ("Invoice Northwind half of the 900 for the shop", "450", "worked out (from your words)"),
        ("Invoice Northwind for the shop", "300", "said now"),  # answered, when it was asked for
    ],
)
async def test_an_amount_says_whether_it_was_worked_out(
    situation: Situation, message: str, amount: str, said: str
) -> None:
    request = _invoice(amount=Decimal(amount), description="the shop", currency="EUR")
    plan = await playbooks.make(request, situation.context(message))
    assert isinstance(plan, Plan)
    [value] = [value for value in plan.values if value.slot == "amount"]
    told = f"{value.origin} ({value.source})" if value.source else value.origin
    assert told == said


async def test_a_payment_whose_sum_is_unclear_is_never_entered_as_all_that_is_open(
    situation: Situation,
) -> None:
    number = await situation.issue()
    unclear = PaymentRecord(invoice_no=number, unclear="amount")
    asked = await _asks(await playbooks.make(unclear, situation.context()), "amount")
    assert number in asked.text
    told = unclear.model_copy(update={"amount": Decimal(40)})
    plan = await playbooks.make(told, situation.context())
    assert isinstance(plan, Plan)
    assert plan.steps[0].params["amount_minor"] == 4_000


@pytest.mark.parametrize(
    ("overdue", "label", "reminders"),
    [
        (3, "All 3 that are overdue", 3),
        (4, "The 3 that are overdue longest, of 4", 3),
    ],
)
async def test_all_that_are_overdue_are_those_that_the_button_names(
    situation: Situation, monkeypatch: Any, overdue: int, label: str, reminders: int
) -> None:
    monkeypatch.setattr(receivable, "MOST", 3)
    numbers = [await situation.issue(minor=100 + place) for place in range(overdue)]
    later = {"now": NOW + timedelta(days=1)}
    asked = await _asks(
        await playbooks.make(InvoiceRemind(), situation.context(**later)), "invoice_no"
    )
    assert asked.choices[-1].label == label
    answer = {"invoice_no": asked.choices[-1].answer}
    made = await playbooks.make(InvoiceRemind(), situation.context(extra=answer, **later))
    assert isinstance(made, tuple)
    assert [plan.title.split()[-1] for plan in made] == numbers[:reminders]
    made = await playbooks.make(InvoiceRemind(), situation.context(extra=answer))
    assert isinstance(made, Say)


async def test_more_than_is_open_or_another_currency_is_not_entered(situation: Situation) -> None:
    number = await situation.issue()
    more = PaymentRecord(invoice_no=number, amount=Decimal("100.01"))
    await _asks(await playbooks.make(more, situation.context()), "amount")
    other = PaymentRecord(invoice_no=number, amount=Decimal(1), currency="USD")
    assert isinstance(await playbooks.make(other, situation.context()), Say)
    part = await playbooks.make(
        PaymentRecord(invoice_no=number, amount=Decimal(40)), situation.context()
    )
    assert isinstance(part, Plan)
    assert part.steps[0].params["amount_minor"] == 4000


async def test_a_meeting_is_in_the_operators_zone_and_says_what_it_clashes_with(
    situation: Situation,
) -> None:
    start = datetime(2026, 12, 1, 15)
    request = MeetingSchedule(with_="Northwind Traders", start=start)
    plan = await playbooks.make(request, situation.context("a call"))
    assert isinstance(plan, Plan)
    params = AddParams.model_validate(plan.steps[0].params)
    assert params.start == datetime(2026, 12, 1, 14, tzinfo=UTC)
    assert params.end - params.start == timedelta(hours=1)
    assert params.title == "Call with Northwind Traders"
    await situation.calendar.add("t", params)
    again = await playbooks.make(request, situation.context("a call"))
    assert isinstance(again, Plan)
    assert "clash" in {v.slot for v in again.values}


async def test_what_is_kept_is_told_with_its_source_and_what_is_not_is_not_made_up(
    situation: Situation,
) -> None:
    question = MemoryAsk(question="What are Northwind Traders' terms?")
    known = KNOWN[:1]
    said = await playbooks.make(question, situation.context(clients=known))
    assert isinstance(said, Say)
    assert "No payment terms are kept" in said.text
    situation.fact(
        "cli_Northwind", "payment_terms", Said.number(14, "days"), "Northwind pays net 14"
    )
    said = await playbooks.make(question, situation.context(clients=known))
    assert isinstance(said, Say)
    assert said.text == "Northwind pays net 14."
    assert said.facts == ("fact_0",)
    assert "you said so on" in said.sources[0]
    said = await playbooks.make(
        MemoryAsk(question="When was the moon landing?"), situation.context()
    )
    assert isinstance(said, Say)
    assert said.text.startswith("I don't know")


async def test_terms_are_kept_as_terms_of_the_one_who_is_named(situation: Situation) -> None:
    request = MemorySave(statement="northwind pays net 14.")
    plan = await playbooks.make(request, situation.context(clients=KNOWN[:1]))
    assert isinstance(plan, Plan)
    params = plan.steps[0].params
    assert (params["subject"], params["relation"]) == ("cli_Northwind", "payment_terms")
    assert params["value"] == {"kind": "number", "data": {"amount": "14", "unit": "days"}}
    both = [KNOWN[0], replace(KNOWN[1], id="cli_Bakery")]  # two Northwinds: which?
    unclear = await playbooks.make(request, situation.context(clients=both))
    assert isinstance(unclear, Ask)
    answered = situation.context(clients=both, extra={"about": "Northwind Bakery"})
    plan = await playbooks.make(request, answered)
    assert isinstance(plan, Plan)
    assert plan.steps[0].params["subject"] == "cli_Bakery"


async def test_a_client_who_is_on_the_list_is_not_added_again(situation: Situation) -> None:
    said = await playbooks.make(ClientOnboard(client="SILENT ltd"), situation.context())
    assert isinstance(said, Say)
    assert isinstance(
        await playbooks.make(ClientOnboard(client="Silent"), situation.context()), Ask
    )


async def test_what_cannot_be_done_yet_is_said(situation: Situation) -> None:
    said = await playbooks.make(Chat(), situation.context())
    assert isinstance(said, Say)
    assert "can't do that yet" in said.text


def test_a_subject_is_short_and_whole_words() -> None:
    line = subject_of("the very long story of how the draft moved " * 5)
    assert len(line) <= 61
    assert line.endswith("…")
    assert subject_of("hello.") == "Hello"


async def test_a_client_under_another_form_of_its_name_is_asked_about(
    situation: Situation,
) -> None:
    request = ClientOnboard(client="northwind traders GmbH")
    asked = await playbooks.make(request, situation.context(clients=KNOWN[:1]))
    assert isinstance(asked, Ask)
    same, new = asked.choices
    for choice, kind in ((same, Say), (new, Plan)):
        answered = situation.context(clients=KNOWN[:1], extra={"same": choice.answer})
        assert isinstance(await playbooks.make(request, answered), kind)
    other = await playbooks.make(ClientOnboard(client="Contoso"), situation.context())
    assert isinstance(other, Plan)
