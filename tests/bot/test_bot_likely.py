"""A message that may ask for money to be moved: one question, and nothing unasked."""

from typing import Any

import pytest

from agents.builtin import reading
from agents.builtin.learned.model import Found, Part

TEXT = "480 at Northwind then"


@pytest.fixture
def half_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = (Part("amount", 0, 3, 0.8), Part("client", 7, 16, 0.8))
    found = (Found("invoice.create", 0.8, 0, len(TEXT), parts),)
    monkeypatch.setattr(reading, "find", lambda text: found if text == TEXT else ())


async def _asked(house: Any) -> tuple[str, list[str]]:
    letter = (await house.letters())[-1]
    taps = [b["data"] for row in letter.payload["buttons"] for b in row]
    return letter.payload["html"], taps


async def _tap(house: Any, data: str) -> None:
    tapped = await house.arrive("tap", data={"data": data})
    await house.conversation.handle(tapped.id)


@pytest.mark.usefixtures("half_sure")
@pytest.mark.parametrize("by", ["tap", "words"])
async def test_what_is_only_likely_is_asked_and_a_yes_makes_the_card(house: Any, by: str) -> None:
    await house.write(TEXT)
    words, [yes, _] = await _asked(house)
    assert words == "Do you want an invoice for Northwind, 480.00 EUR?"
    if by == "tap":
        await _tap(house, yes)
    else:
        await house.write("yes please")
    card, taps = await _asked(house)
    assert "480.00 EUR" in card
    assert any(tap.startswith("ok:") for tap in taps)


@pytest.mark.usefixtures("half_sure")
async def test_other_words_leave_it(house: Any) -> None:
    await house.write(TEXT)
    await house.write("no, that was for my own books")
    _, taps = await _asked(house)
    assert not any(tap.startswith("ok:") for tap in taps)


@pytest.mark.usefixtures("half_sure")
async def test_cancel_does_nothing(house: Any) -> None:
    await house.write(TEXT)
    _, (_, cancel) = await _asked(house)
    await _tap(house, cancel)
    words = [letter.payload["html"] for letter in await house.letters()]
    assert any("Cancelled. Nothing was done." in each for each in words)
