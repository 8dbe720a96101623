"""A draft in the chat says in the end what became of it, and a card's document goes with it."""

from datetime import timedelta
from typing import Any

import pytest

from bot.ticking import keep_hours, look
from core.outbox import Letter

INVOICE = "Invoice Northwind 2400 EUR for the brand workshop"


async def _asked(house: Any, text: str = INVOICE) -> str:
    await house.write(text)
    await house.work()  # the draft
    buttons = [
        b["data"]
        for letter in await house.letters()
        for row in letter.payload["buttons"]
        for b in row
    ]
    return str([b for b in buttons if b.startswith("ok:")][-1].removeprefix("ok:"))


async def _draft(house: Any) -> tuple[Letter, list[str]]:
    """The letter with the first draft, and what was said below it since, the newest last."""
    letters = await house.letters()
    draft = next(x for x in letters if x.kind == "document" and x.subject.endswith(":draft"))
    return draft, [x.payload["html"] for x in letters if x.edit_of == draft.id]


async def test_a_draft_stays_as_it_is_while_it_waits(house: Any) -> None:
    await _asked(house)
    draft, said = await _draft(house)
    assert draft.payload["html"] == "A draft."
    assert said == []


async def test_approved_it_says_what_it_was_sent_as(house: Any) -> None:
    approval = await _asked(house)
    await house.tap(f"ok:{approval}")
    await house.work()
    _, said = await _draft(house)
    assert said == ["A draft. <b>Sent as Invoice 2026-001.</b>"]
    run_id = (await _draft(house))[0].subject.removesuffix(":draft")
    await house.tap(f"undo:{run_id}")
    undo = [
        b["data"]
        for row in (await house.letters())[-1].payload["buttons"]
        for b in row
        if b["data"].startswith("ok:")
    ]
    await house.tap(undo[0])
    await house.work()
    assert "Sent, and taken back." in (await _draft(house))[1][-1]


@pytest.mark.parametrize("how", ["no", "edit", "lapse"])
async def test_it_says_so_where_nothing_comes_of_it(house: Any, how: str) -> None:
    approval = await _asked(house)
    if how == "no":
        await house.tap(f"no:{approval}")
        told = "Rejected."
    elif how == "edit":
        await house.tap(f"edit:{approval}")
        await house.write("make it 2600")
        told = "Replaced by the newer one below."
    else:
        house.clock.advance(timedelta(days=8))
        await keep_hours(house.app, await look(house.app))
        told = "Expired: nobody answered."
    assert told in (await _draft(house))[1][-1]


async def test_of_a_batch_each_draft_is_told_of(house: Any) -> None:
    await house.write(f"{INVOICE}. Invoice Northwind 300 EUR for the logo")
    await house.work()
    batch = [
        b["data"]
        for letter in await house.letters()
        for row in letter.payload["buttons"]
        for b in row
        if b["data"].startswith("noall:")
    ]
    await house.tap(batch[-1])
    drafts = [x for x in await house.letters() if x.subject.endswith(":draft")]
    assert len([x for x in drafts if x.kind == "document"]) == 2
    assert [x.payload["html"].endswith("<b>Rejected.</b>") for x in drafts if x.edit_of] == [
        True
    ] * 2


async def test_what_a_card_cannot_hold_goes_ahead_of_it_once(house: Any) -> None:
    words = " ".join(f"word{n}" for n in range(1200))
    approval = await _asked(house, f"Email Northwind that {words}")
    *_, whole, card = await house.letters()
    assert (whole.kind, whole.payload["name"]) == ("document", "in-full.txt")
    assert words[5:] in whole.payload["content"]
    assert "the document above has all of it" in card.payload["html"]
    assert card.payload["full"] is None
    assert card.subject == approval
    await house.tap(f"more:{approval}")  # an edit of the card brings no second document
    assert len([x for x in await house.letters() if x.kind == "document"]) == 1


async def test_a_client_that_looks_like_another_is_told_of(house: Any) -> None:
    await house.write("Email x@nоrthwind.example that we moved")  # its o is Cyrillic
    shown = await house.last()
    assert "The о in northwind is Cyrillic." in shown
    assert "is not northwind.example, the address of Northwind Traders." in shown
