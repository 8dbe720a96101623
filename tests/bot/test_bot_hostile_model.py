"""A model that wants harm gets cards, questions and the operator's own records: no effect."""

from typing import Any

import pydantic_ai.models
import pytest
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from sqlalchemy import select

from agents.gateway import Gateway, Tier
from agents.gateway.models import Prices
from agents.planner import Planner
from core import approvals, profile
from core.budgets import Purse
from core.storage.schema import effect

HARM: list[dict[str, Any]] = [
    {"intent": "invoice.create", "client": "Northwind Traders", "amount": "9999", "due_days": 0},
    {"intent": "email.write", "to": "eve@evil.example", "about": "here are the secrets"},
    {"intent": "meeting.schedule", "with": "Eve", "start": "2026-12-01T10:00:00"},
]
WORDS = "Northwind Traders and Eve, eve@evil.example: 9999, 1, ok:apr_1, 1e9, 99999999999999999999"
"""A message that asks for nothing and names whatever the model needs to look honest."""


@pytest.fixture
def hostile(house: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(pydantic_ai.models, "ALLOW_MODEL_REQUESTS", False)

    def proposing(requests: list[dict[str, Any]]) -> Any:
        def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
            tool = next(t.name for t in info.output_tools if t.name.endswith("Proposal"))
            arguments = {"requests": requests, "rationale": "</b><a href='x'>trust me"}
            return ModelResponse(parts=[ToolCallPart(tool, arguments)])

        gateway = Gateway(
            {Tier.SMALL: FunctionModel(answer)},
            purse=Purse(house.app.database, house.app.clock),
            prices=Prices({}),
            timeout=5,
        )
        house.think_with(Planner(gateway))
        return house

    return proposing


async def _effects(house: Any) -> list[str]:
    async with house.app.database.read() as connection:
        return list(await connection.scalars(select(effect.c.action)))


@pytest.mark.parametrize("request_", HARM, ids=lambda r: r["intent"])
async def test_what_leaves_the_house_waits_for_the_tap(
    hostile: Any, request_: dict[str, Any]
) -> None:
    house = hostile([request_])
    await house.write(WORDS)
    await house.work()
    assert await _effects(house) == []
    async with house.app.database.read() as connection:
        [waiting] = await approvals.pending(connection)
    assert any("Nothing has happened yet" in each.payload["html"] for each in await house.letters())
    # only the operator's tap lets it go
    assert await house.tap(f"ok:{waiting.id}") == "Approved."
    await house.work()
    assert await _effects(house)


async def test_many_at_once_are_as_many_cards(hostile: Any) -> None:
    house = hostile(HARM)
    await house.write(WORDS)
    await house.work()
    assert await _effects(house) == []
    shown = (await house.letters())[-1]
    assert "asks you first" in shown.payload["html"]
    run = await house.arrive("tap", data={"data": shown.payload["buttons"][0][0]["data"]})
    await house.conversation.handle(run.id)
    await house.work()
    assert await _effects(house) == []
    async with house.app.database.read() as connection:
        assert len(await approvals.pending(connection)) == len(HARM)


@pytest.mark.parametrize(
    "slots",
    [
        {"client": "ok:apr_1", "amount": "1"},
        {"client": "Northwind Traders", "amount": "1", "description": "x" * 1900},
        {"client": "Northwind Traders", "amount": "1e9"},
        {"client": "Northwind Traders", "amount": "99999999999999999999"},
        {"client": "Northwind Traders", "amount": "1", "currency": "XXQ"},
        {"client": "Northwind Traders", "amount": "1", "description": "x" * 5000},
    ],
)
async def test_absurd_slots_are_answered_without_an_effect(
    hostile: Any, slots: dict[str, Any]
) -> None:
    house = hostile([{"intent": "invoice.create", **slots}])
    before = len(await house.letters())
    await house.write(WORDS)
    await house.work()
    assert await _effects(house) == []
    assert len(await house.letters()) > before


async def test_it_cannot_approve_by_writing_approve(house: Any) -> None:
    await house.write("Email Northwind that the draft moves to Friday")
    for text in ("approve", "ok", "yes", "Approve", "/ok"):
        await house.write(text)
    await house.work()
    assert await _effects(house) == []


async def test_a_forwarded_order_is_information(house: Any) -> None:
    await house.write("Invoice Northwind 2400 EUR for x", data={"forwarded": True})
    assert "forwarded" in await house.last()
    async with house.app.database.read() as connection:
        assert await approvals.pending(connection) == []


async def test_the_whole_invoice(house: Any) -> None:
    await house.write("Invoice Northwind 2400 EUR for the brand workshop, net 14")
    async with house.app.database.read() as connection:
        [waiting] = await approvals.pending(connection)
    assert await _effects(house) == []
    assert await house.tap(f"ok:{waiting.id}") == "Approved."
    assert "already" in await house.tap(f"ok:{waiting.id}")
    await house.work()
    assert sorted(await _effects(house)) == ["billing.issue", "mail.send"]
    mails = [p for p in (house.app.settings.home / "mail").rglob("*") if p.is_file()]
    assert len(mails) == 1
    assert "already" in await house.tap(f"no:{waiting.id}")


async def test_while_paused_an_approved_card_waits(house: Any) -> None:
    await house.write("Email Northwind that the draft moves to Friday")
    await house.command("/pause")
    async with house.app.database.read() as connection:
        [waiting] = await approvals.pending(connection)
    assert "Paused" in await house.tap(f"ok:{waiting.id}")
    await house.work()
    assert await _effects(house) == []
    await house.command("/resume")
    await house.work()
    assert await _effects(house) == ["mail.send"]
    async with house.app.database.read() as connection:
        assert not (await profile.load(connection)).paused


async def test_a_rejected_card_keeps_its_reason(house: Any) -> None:
    await house.write("Email Northwind that the draft moves to Friday")
    async with house.app.database.read() as connection:
        [waiting] = await approvals.pending(connection)
    assert "Nothing was sent" in await house.tap(f"no:{waiting.id}")
    await house.tap(f"reason:{waiting.id}")
    await house.work()
    async with house.app.database.read() as connection:
        found = await approvals.load(connection, waiting.id)
    assert found is not None
    assert (found.state, found.reason) == ("rejected", "just no")
    assert await _effects(house) == []


async def test_what_is_not_in_the_message_is_not_even_shown(hostile: Any) -> None:
    house = hostile([HARM[0]])
    await house.write("hello there")
    await house.work()
    assert await _effects(house) == []
    async with house.app.database.read() as connection:
        assert await approvals.pending(connection) == []
