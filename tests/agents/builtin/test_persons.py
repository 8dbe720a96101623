"""Who is meant: where a name ends, whose a thing is, and whom a pronoun means."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agents.builtin.learned.model import Found, Part
from agents.builtin.merging import one, whom
from agents.builtin.names import Names
from agents.builtin.reading import read
from agents.builtin.text import prepare
from agents.requests import ClientOnboard, InvoiceCreate, LeadAdd, Request, SubmissionGrade

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=BERLIN)


def _requests(text: str) -> tuple[Request, ...]:
    return read(text, now=NOW, zone=BERLIN).requests


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("invoice Estúdio Maré R$ 2.300 for the jingle", "Estúdio Maré"),
        ("invoice Bondi Rentals A$350 for the video", "Bondi Rentals"),
        ("Invoice Harbour Eight 640 for the signage", "Harbour Eight"),
        ("Invoice Finch Two hundred and forty for the cage", "Finch"),
        ("bill waldhorn it solutions 2h @ 80", "Waldhorn It Solutions"),
        ("bill juan de la cruz 200 for the mural", "Juan de la Cruz"),
        ("lunch w/ samir el-rashed on friday at noon", "Samir El-rashed"),
        ("email Jean-Luc d'Arcy that the proof is ready", "Jean-Luc d'Arcy"),
        ("mail sandrine. the parcel is late, tell her", "Sandrine"),
        ("invoice Zoe's mum 45 for the lesson", "Zoe's mum"),
        ("grade Lina's friendly letter", "Lina"),
        ("invoice our neighbour Walter 60 for the hedge", "Walter"),
        ("Schick der Gärtnerei Holm eine Rechnung über 640 € für die Hecke", "Gärtnerei Holm"),
        ("tell the Ashdown parish office I can start on Monday", "Ashdown parish office"),
        ("let the Kingsley surgery know we moved the visit", "Kingsley surgery"),
        ("invoice the Willow residents association 450 for it", "Willow residents association"),
        ("add the Ashdown parish office as a client, a@b.example", "Ashdown parish office"),
        ("invoice the Acme company 300 for office paint", "Acme company"),
        ("kestrel drone mapping hasn't paid. remind them", "Kestrel Drone Mapping"),
        ("Stell bitte dem Verein Lichtblick eine Rechnung über 200 € aus", "Verein Lichtblick"),
    ],
)
def test_a_name_is_neither_cut_nor_has_more_than_its_words(text: str, name: str) -> None:
    assert whom(_requests(text)[0]) == name


@pytest.mark.parametrize(
    "text",
    [
        "grade the chapter 3 exercise",
        "Invoice 2026-0090 is overdue, send a polite nudge",
        "Stelle der Kundin eine Rechnung über 80 € aus",
        "invoice em 200 for the banner",
        "Had coffee with Ina, she says Bo liked the draft. Invoice her 300 for it",
        "met Gunnar and Elke today, send her the contract by mail",
        "Ina's exam went well. Email her mother about the result",
    ],
)
def test_where_nobody_is_named_for_certain_nobody_is_made_up(text: str) -> None:
    assert whom(_requests(text)[-1]) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("add Copper Kettle Ltd as a client and bill em 120 for the sign", "Copper Kettle Ltd"),
        ("ricardo's march invoice is still open, chase him", "Ricardo"),
        ("Yusuf's last invoice hasn't been paid. Remind him please", "Yusuf"),
        ("Meet Ute and Rolf Friday 10:00, and email both of them the address", "Ute and Rolf"),
        ("email Em that the candles are poured", "Em"),
    ],
)
def test_a_pronoun_means_whom_the_words_before_it_name(text: str, name: str) -> None:
    assert whom(_requests(text)[-1]) == name


@pytest.mark.parametrize(
    ("text", "student", "assignment"),
    [
        ("Take a look at Amara's report on bridges and mark it", "Amara", "report on bridges"),
        ("Watch Pilar's video of the tango and give her a grade", "Pilar", "video of the tango"),
        ("pls grade Mei Lin's essay on rivers", "Mei Lin", "essay on rivers"),
    ],
)
def test_whose_work_is_graded(text: str, student: str, assignment: str) -> None:
    assert _requests(text) == (SubmissionGrade(student=student, assignment=assignment),)


def test_who_tells_of_a_lead_is_where_it_came_from() -> None:
    assert _requests("new lead: Oskar Blom, Lena put us in touch") == (
        LeadAdd(name="Oskar Blom", source="Lena"),
    )


def test_a_client_said_twice_is_one_client() -> None:
    said = "New client Kaltwasser AG, please onboard, the contact person is Uwe Kranz"
    assert _requests(said) == (ClientOnboard(client="Kaltwasser AG", contact="Uwe Kranz"),)


@pytest.mark.parametrize(
    ("mine", "theirs", "sure", "name"),
    [
        ("Harbour", "Harbour Quay", 0.7, "Harbour Quay"),
        ("Harbour Quay", "Harbour", 0.95, "Harbour Quay"),
        ("Harbour", "Harbour by card", 0.7, "Harbour"),
        ("Harbour", "Harbour 300", 0.95, "Harbour"),
        ("Harbour", "Quay", 0.6, "Harbour"),
        ("Harbour", "Quay", 0.7, None),
        ("Harbour", "Quay", 0.85, None),
        ("Harbour R", "Harbour", 0.95, None),
    ],
)
def test_one_name_of_two(mine: str, theirs: str, sure: float, name: str | None) -> None:
    raw = f"invoice {theirs} and {mine}"
    found = Found("invoice.create", 1.0, 0, len(raw), (Part("client", 8, 9, sure),))
    made = one(InvoiceCreate(client=mine), InvoiceCreate(client=theirs), found, Names(prepare(raw)))
    assert whom(made) == name


def test_without_capitals_a_longer_name_that_is_not_sure_is_asked_about() -> None:
    raw = "invoice harbour quayside 300"
    found = Found("invoice.create", 1.0, 0, len(raw), (Part("client", 8, 24, 0.7),))
    ruled, learned = InvoiceCreate(client="Harbour"), InvoiceCreate(client="Harbour Quayside")
    assert whom(one(ruled, learned, found, Names(prepare(raw)))) is None
