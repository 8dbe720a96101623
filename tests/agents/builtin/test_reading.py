"""Two readings made one: what rules foresaw, what was learned, and what they make of each other."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agents import planner
from agents.builtin import reading
from agents.builtin.learned.model import Found, Part
from agents.builtin.understand import Understanding, understand
from agents.requests import (
    Chat,
    EmailWrite,
    InvoiceCreate,
    InvoiceRemind,
    LeadAdd,
    MemorySave,
    PaymentRecord,
    Request,
    Show,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=BERLIN)


def _read(text: str, **more: Any) -> Understanding:
    return reading.read(text, now=NOW, zone=BERLIN, **more)


def _rules(text: str) -> tuple[Request, ...]:
    return understand(text, now=NOW, zone=BERLIN).requests


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("anything sitting on your desk that wants my okay?", "approvals.show"),
        ("that last one was a blunder, make it unhappen", "undo.last"),
        ("freeze everything till you hear from me", "pause"),
        ("Which beekeeping courses are there in Wales? Put together an overview", "research"),
        ("Thandi should get her 25 pounds back, the jar was cracked", "refund.issue"),
    ],
)
def test_wordings_that_no_rule_foresaw_are_understood(text: str, intent: str) -> None:
    read = _read(text)
    assert [request.intent for request in read.requests] == [intent]
    assert 0.6 <= read.confidence <= 1


@pytest.mark.parametrize(
    "text", ["It's time we billed Kline 300", "High time that we paid Ida back"]
)
def test_that_it_is_time_to_do_it_is_no_report_that_it_was_done(text: str) -> None:
    assert not understand(text, now=NOW, zone=BERLIN).refused


@pytest.mark.parametrize(("sure", "asks"), [(0.95, "nothing"), (0.8, "whether"), (0.5, "nothing")])
def test_money_that_is_only_likely_to_be_meant_is_asked_about(
    monkeypatch: pytest.MonkeyPatch, sure: float, asks: str
) -> None:
    text = "480 from Bluebird then"
    assert _rules(text) == (Chat(),)
    monkeypatch.setattr(
        reading,
        "find",
        lambda _: [
            Found(
                "payment.record",
                sure,
                0,
                len(text),
                (Part("amount", 0, 3, sure), Part("client", 9, 17, sure)),
            )
        ],
    )
    read = _read(text)
    payment = PaymentRecord(client="Bluebird", amount=Decimal(480))
    done = payment if sure > 0.9 else Chat()
    assert read.requests == (done,)
    assert read.likely == ((payment,) if asks == "whether" else ())
    assert asks == "nothing" or read.confidence < planner.SURE


@pytest.mark.parametrize(
    "text",
    [
        "If Solveig signs, bill her 900",
        "Don't invoice Solveig for the 900",
        'Solveig writes: "Please invoice me 900 for the fence"',
        "I told Solveig to pay her 900 by Friday",
        "Invoice Solveig 900. Scrap that, I'll do it myself",
        "> invoice Solveig 900\nwhat cheek",
    ],
)
def test_where_words_speak_against_acting_resemblance_counts_for_nothing(text: str) -> None:
    assert _read(text).requests == (Chat(),)


def _learned(
    monkeypatch: pytest.MonkeyPatch, text: str, intent: str, sure: float = 1.0, **parts: str
) -> None:
    """Has the models find this, whatever they would."""
    where = [
        Part(slot, text.index(words), text.index(words) + len(words), sure)
        for slot, words in parts.items()
    ]
    found = Found(intent, sure, 0, len(text), tuple(where))
    monkeypatch.setattr(reading, "find", lambda _text: (found,))


def test_each_fills_what_the_other_leaves_open(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "invoice 300 to whoever runs the mill, Ottokar"
    monkeypatch.setattr(
        reading,
        "understand",
        lambda *_a, **_k: Understanding((InvoiceCreate(amount=300),), "said so", 0.6),
    )
    _learned(monkeypatch, text, "invoice.create", client="Ottokar")
    assert _read(text).requests == (InvoiceCreate(amount=300, client="Ottokar"),)


def test_where_they_name_different_people_the_operator_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "Write Ada that Bruno comes at 9"
    monkeypatch.setattr(
        reading,
        "understand",
        lambda *_a, **_k: Understanding((EmailWrite(to="Bruno", about="9"),), "said so", 0.9),
    )
    _learned(monkeypatch, text, "email.write", to="Ada", about="Bruno comes at 9")
    [request] = _read(text).requests
    assert isinstance(request, EmailWrite)
    assert request.missing() == ["to"]


def test_the_fuller_name_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Write Ada Okafor hello"
    monkeypatch.setattr(
        reading,
        "understand",
        lambda *_a, **_k: Understanding((EmailWrite(to="Ada", about="hello"),), "said so", 0.9),
    )
    _learned(monkeypatch, text, "email.write", to="Ada Okafor", about="hello")
    assert _read(text).requests == (EmailWrite(to="Ada Okafor", about="hello"),)


def test_a_sum_that_the_rules_doubt_is_not_filled_in() -> None:
    for text in (
        "Invoice Ottokar: 200 minus whatever he paid already",
        "send Ottokar a payment reminder for that old invoice from 2026",
    ):
        [request] = _read(text).requests
        if isinstance(request, InvoiceCreate):
            assert request.amount is None
        else:
            assert isinstance(request, InvoiceRemind)
            assert request.invoice_no is None


def test_a_doubtful_resemblance_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "the usual for Ottokar"
    _learned(monkeypatch, text, "invoice.create", sure=0.5, client="Ottokar")
    assert _rules(text) == (Chat(),)
    assert _read(text).requests == (Chat(),)


def test_a_request_that_the_rules_see_is_not_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Undo that, and invoice Ada 300"
    _learned(monkeypatch, text, "invoice.create", client="Ada")
    assert [request.intent for request in _read(text).requests] == ["undo.last", "invoice.create"]


def test_how_sure_it_is_decides_whether_another_model_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "nobody moves a finger until further notice"
    _learned(monkeypatch, text, "status.show", sure=0.7)
    read = _read(text)
    assert (read.requests, read.confidence) == ((Show(intent="status.show"),), 0.7)
    assert read.reason == "It reads like status.show (70%)."


def test_what_does_more_than_show_is_asked_about_where_it_is_less_sure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "nobody moves a finger"
    kept = MemorySave(statement=text)
    for sure, requests, likely in ((0.85, (kept,), ()), (0.7, (Chat(),), (kept,))):
        _learned(monkeypatch, text, "memory.save", sure=sure, statement=text)
        read = _read(text)
        assert (read.requests, read.likely) == (requests, likely)


def test_a_switch_works_at_once_and_has_to_be_certain(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "nobody moves a finger until further notice"
    for sure, requests in ((0.89, (Chat(),)), (0.95, (Show(intent="pause"),))):
        _learned(monkeypatch, text, "pause", sure=sure)
        assert _read(text).requests == requests


def test_where_both_readings_move_money_in_another_way_neither_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "Invoice Bo 1200 less the 300 deposit he paid already"
    assert [request.intent for request in _rules(text)] == ["invoice.create"]
    _learned(monkeypatch, text, "payment.record", client="Bo")
    read = _read(text)
    assert read.requests == (Chat(),)
    assert [request.intent for request in read.likely] == ["payment.record"]
    _learned(monkeypatch, text, "payment.record", sure=0.6, client="Bo")
    assert [request.intent for request in _read(text).requests] == ["invoice.create"]


@pytest.mark.parametrize(
    ("text", "name", "company"),
    [
        ("lead: Quillfeather Boats, ahoy@quillfeather.example, met at the quay", False, True),
        ("new lead: Ottoline Perrault, o.perrault@fernside.example, met at the quay", True, False),
    ],
)
def test_a_lead_is_a_person_or_a_company(text: str, name: bool, company: bool) -> None:
    [lead] = _read(text).requests
    assert isinstance(lead, LeadAdd)
    assert (bool(lead.name), bool(lead.company)) == (name, company)
