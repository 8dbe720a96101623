"""Sentences that introduce a person, a project or a deliverable, and those that do not."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from agents import introductions
from agents.introductions import Introduced

_NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def _read(text: str) -> Introduced | None:
    return introductions.read(text, now=_NOW, zone=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("text", "role", "email"),
    [
        ("Ana Ruiz is the contact at Northwind, ana@n.example", "contact", "ana@n.example"),
        ("Ana Ruiz (ana@n.example) is our new contact at Northwind.", "contact", "ana@n.example"),
        ("The contact at Northwind is Ana Ruiz <ana@n.example>", "contact", "ana@n.example"),
        ("New contact person at Northwind: Ana Ruiz", "contact", None),
        ("Northwind's contact is Ana Ruiz", "contact", None),
        ("Please add Ana Ruiz as the contact at Northwind", "contact", None),
        ("Ana Ruiz is the head of design at Northwind", "head of design", None),
        ("Ana Ruiz is the cfo of Northwind", "CFO", None),
        ("Ana Ruiz works for Northwind as a designer", "designer", None),
        ("Ana Ruiz works at Northwind", None, None),
        ("Ana Ruiz ist die Ansprechpartnerin bei Northwind", "contact", None),
        ("Ana Ruiz es el contacto en Northwind, ana@n.example", "contact", "ana@n.example"),
        ("Ana Ruiz est la directrice chez Northwind", "directrice", None),
    ],
)
def test_a_person(text: str, role: str | None, email: str | None) -> None:
    said = _read(text)
    assert said is not None
    assert (said.kind, said.name, said.of) == ("person", "Ana Ruiz", "Northwind")
    assert (said.role, said.email) == (role, email)


@pytest.mark.parametrize(
    ("text", "name", "due"),
    [
        ("New project for Northwind: brand relaunch, due 15 December", "Brand relaunch", 15),
        ("new project brand relaunch for Northwind, due 15 December", "Brand relaunch", 15),
        ("We have a new project with Northwind: website (due 15 December)", "Website", 15),
        ("New Northwind project: brand relaunch", "Brand relaunch", None),
        ("Brand relaunch is a project for Northwind", "Brand relaunch", None),
        ("New project for Northwind: newsletter design by 15 December", "Newsletter design", 15),
        ("Project for Northwind: print, phase 2", "Print, phase 2", None),
        ("Neues Projekt für Northwind: Markenauftritt, bis 15. Dezember", "Markenauftritt", 15),
        ("Nuevo proyecto para Northwind: web, para el 15 de diciembre", "Web", 15),
        ("Nouveau projet pour Northwind : refonte, pour le 15 décembre", "Refonte", 15),
    ],
)
def test_a_project(text: str, name: str, due: int | None) -> None:
    said = _read(text)
    assert said is not None
    assert (said.kind, said.name, said.of) == ("project", name, "Northwind")
    assert said.due == (date(2026, 12, due) if due else None)


def test_a_deliverable_is_of_a_project() -> None:
    said = _read("New deliverable for brand relaunch: style guide, due 1 December")
    assert said == Introduced(
        kind="deliverable",
        name="Style guide",
        of="brand relaunch",
        due=date(2026, 12, 1),
        new=True,
    )


@pytest.mark.parametrize(
    "text",
    [
        "Is Ana Ruiz the contact at Northwind?",
        "She is the contact at Northwind",
        "The deadline for Northwind is Friday",
        "Friday is the deadline for Northwind",
        "The project for Northwind is late",
        "The project for Northwind: it was a mess, we should talk",
        "New project for Northwind: brochure, invoice them 300 EUR",
        "New project for Northwind: brochure, due soon",
        "New project for Northwind: brochure. Call me.",
        "new project for Northwind: !!!",
        "Ana Ruiz is the contact at Northwind, ana@n.example, bob@n.example",
        "Ana\u200b Ruiz is the contact at Northwind",
        "Fwd: Ana Ruiz is the contact at Northwind",
        "“Ana Ruiz is the contact at Northwind”",
        "Northwind pays net 14",
    ],
)
def test_anything_else_introduces_nobody(text: str) -> None:
    assert _read(text) is None
