"""Who is meant: a likeness makes a question, never a decision."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clients import Client, alike, find


def _client(name: str, **more: Any) -> Client:
    fields: dict[str, Any] = {
        "contact": None,
        "email": None,
        "currency": None,
        "address": (),
        "vat_id": None,
    }
    return Client(id=f"cli_{name}", name=name, **(fields | more))


NORTHWIND = _client("Northwind Traders", contact="Nora Winter", email="acc@northwind.example")
NORTHGATE = _client("North Gate", contact="Ned Winter")
CEDAR = _client("Cedar & Stone Architects", contact="Cleo Marsh")
MULLER = _client("Café Müller")
KNOWN = [NORTHWIND, NORTHGATE, CEDAR, MULLER]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Northwind", [NORTHWIND]),
        ("northwind traders", [NORTHWIND]),
        ("traders northwind", [NORTHWIND]),
        ("Nora", [NORTHWIND]),
        ("ACC@northwind.example", [NORTHWIND]),
        ("Cedar & Stone", [CEDAR]),
        ("cedar stone", [CEDAR]),
        ("Café Müller", [MULLER]),
        ("Winter", [NORTHWIND, NORTHGATE]),
        # alike is not the same
        ("Northwin", []),
        ("Northwind Trader", []),
        ("North", [NORTHGATE]),
        ("Nort", []),
        ("Nora Marsh", []),
        ("Northwind Stone", []),
        ("other@northwind.example", []),
        ("Northwind Traders Berlin", []),
        ("", []),
        ("?!", []),
    ],
)
def test_who_is_meant(said: str, meant: list[Client]) -> None:
    assert find(KNOWN, said) == meant


def test_an_exact_name_wins_over_a_longer_one() -> None:
    short, long = _client("Acme"), _client("Acme Berlin")
    assert find([long, short], "acme") == [short]
    assert find([long, short], "berlin") == [long]


@given(st.text(max_size=30), st.lists(st.text(min_size=1, max_size=20), max_size=5))
def test_whoever_is_found_bears_every_word_that_was_said(said: str, names: list[str]) -> None:
    known = [_client(name) for name in names]
    for found in find(known, said):
        for word in said.casefold().split():
            letters = "".join(c for c in word if c.isalnum())
            bare = "".join(c for c in found.name.casefold() if c.isalnum() or c.isspace())
            assert letters in bare or not letters.isascii() or not bare.isascii()


def test_likeness_only_offers() -> None:
    assert alike(KNOWN, "Northwnd Tradrs")[0] == NORTHWIND
    assert find(KNOWN, "Northwnd Tradrs") == []
    assert alike(KNOWN, "Zzyzx Quux") == []
    assert len(alike([_client(f"Acme {n}") for n in range(9)], "Acme")) == 3
    assert alike([], "Acme") == []
