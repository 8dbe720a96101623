"""The planner proposes, whatever model it runs on; what it proposes is never done by itself."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pydantic_ai.models
import pytest
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel

from agents.gateway import Gateway, Tier, choose
from agents.gateway.models import Prices
from agents.planner import Answer, Planner, Proposal, Question, Thought
from agents.requests import InvoiceCreate
from core.budgets import Purse
from core.clock import ManualClock
from core.costs import NOTHING
from core.errors import FactotumError
from core.profile import Profile
from core.storage.database import Database

Made = Callable[..., Planner]
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    allowed = pydantic_ai.models.ALLOW_MODEL_REQUESTS
    pydantic_ai.models.ALLOW_MODEL_REQUESTS = False
    yield
    pydantic_ai.models.ALLOW_MODEL_REQUESTS = allowed


async def _think(planner: Planner, text: str) -> Thought:
    return await planner.think(
        text, now=NOW, profile=Profile(zone="Europe/Berlin"), clients=["Northwind Traders"]
    )


@pytest.fixture
def planner_of(database: Database) -> Callable[..., Planner]:
    """A planner that may ask this model where it is unsure."""

    def make(model: Model | None = None, timeout: float = 5) -> Planner:
        models = {Tier.SMALL: model} if model else {}
        purse = Purse(database, ManualClock(NOW))
        return Planner(Gateway(models, purse=purse, prices=Prices({}), timeout=timeout))

    return make


def answering(kind: str, arguments: Any) -> FunctionModel:
    """A model that always calls this output tool."""

    def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        tool = next(t.name for t in info.output_tools if t.name.endswith(kind))
        return ModelResponse(parts=[ToolCallPart(tool, arguments)])

    return FunctionModel(answer)


async def test_the_builtin_model_gives_typed_requests(planner_of: Made) -> None:
    thought = await _think(
        planner_of(), "Invoice Northwind 2400 EUR for the brand workshop, net 14"
    )
    assert isinstance(thought.outcome, Proposal)
    [request] = thought.outcome.requests
    assert isinstance(request, InvoiceCreate)
    assert (request.amount, request.currency, request.due_days) == (2400, "EUR", 14)
    assert (thought.cost, thought.tokens, thought.degraded) == (NOTHING, 0, "")
    assert thought.tier is Tier.BUILTIN


@pytest.mark.parametrize("text", ["thanks!", "hi", "", "🎉", "what a day", "x" * 4096])
async def test_small_talk_is_an_answer(text: str, planner_of: Made) -> None:
    thought = await _think(planner_of(), text)
    assert isinstance(thought.outcome, Answer)
    assert thought.outcome.text


async def test_any_model_gives_the_same_types(planner_of: Made) -> None:
    for kind, arguments, expected in (
        ("Answer", {"text": "No.", "rationale": "r"}, Answer),
        ("Question", {"text": "Which?", "choices": ["a"], "rationale": "r"}, Question),
        (
            "Proposal",
            {"requests": [{"intent": "reminder.set", "what": "call"}], "rationale": "r"},
            Proposal,
        ),
    ):
        thought = await _think(planner_of(answering(kind, arguments)), f"anything {kind}")
        assert isinstance(thought.outcome, expected)
        assert thought.degraded == ""
        assert thought.cost.unknown == 1  # the price isn't known, and isn't guessed


async def test_the_test_model_makes_something_that_validates(
    planner_of: Made,
) -> None:
    thought = await _think(planner_of(TestModel()), "anything")
    assert isinstance(thought.outcome, Proposal | Question | Answer)


async def test_the_message_is_data_to_the_model(planner_of: Made) -> None:
    seen: list[str] = []

    def look(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        seen.append(str(messages[0].parts[-1].content))
        tool = next(t.name for t in info.output_tools if t.name.endswith("Answer"))
        return ModelResponse(parts=[ToolCallPart(tool, {"text": "ok", "rationale": "r"})])

    import json

    await _think(planner_of(FunctionModel(look)), '"}, "zone": "Mars"')
    told = json.loads(seen[0])
    assert told["message"] == '"}, "zone": "Mars"'
    assert told["zone"] == "Europe/Berlin"


def _raising(error: Exception) -> FunctionModel:
    def fail(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        raise error

    return FunctionModel(fail)


@pytest.mark.parametrize(
    "model",
    [
        _raising(ModelHTTPError(500, "gpt-x", None)),
        _raising(ConnectionError("no route")),
        _raising(TimeoutError("slow")),
        answering("Proposal", {"requests": [], "rationale": "r"}),
        answering("Proposal", {"requests": [{"intent": "rm -rf"}], "rationale": "r"}),
        answering("Proposal", {"requests": [{"intent": "chat", "x": 1}], "rationale": "r"}),
        answering("Answer", "{not json"),
        FunctionModel(lambda messages, info: ModelResponse(parts=[TextPart("just words")])),
        FunctionModel(lambda messages, info: ModelResponse(parts=[])),
    ],
    ids=range(9),
)
async def test_a_failing_model_gives_way_to_the_builtin_one_and_it_is_said(
    model: Any, planner_of: Made
) -> None:
    thought = await _think(planner_of(model), "the printer, tomorrow")
    assert isinstance(thought.outcome, Answer)
    assert "builtin-1 did" in thought.degraded
    assert thought.model == "builtin-1"


async def test_a_slow_model_gives_way(monkeypatch: pytest.MonkeyPatch, planner_of: Made) -> None:
    import asyncio

    async def hang(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        await asyncio.Event().wait()
        raise AssertionError

    thought = await _think(planner_of(FunctionModel(hang), timeout=0.05), "thanks")
    assert isinstance(thought.outcome, Answer)
    assert thought.degraded


@pytest.mark.parametrize("name", ["nonsense", "openai:gpt-5-mini", "unknown:model"])
def test_a_model_that_cannot_be_used_is_told_with_the_fix(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(FactotumError, match="can't be used") as caught:
        choose(name)
    assert "FACTOTUM_MODEL" in caught.value.fix


async def test_a_sure_reading_asks_nobody(planner_of: Made) -> None:
    thought = await _think(
        planner_of(_raising(AssertionError("asked"))), "Remind me tomorrow at 9 to call the printer"
    )
    assert isinstance(thought.outcome, Proposal)
    assert (thought.tier, thought.degraded) == (Tier.BUILTIN, "")


async def test_negations_are_no_question_for_a_model(planner_of: Made) -> None:
    eager = answering(
        "Proposal",
        {
            "requests": [{"intent": "invoice.create", "client": "Northwind", "amount": "2400"}],
            "rationale": "r",
        },
    )
    thought = await _think(planner_of(eager), "Do not invoice Northwind 2400 EUR")
    assert isinstance(thought.outcome, Answer)


@pytest.mark.parametrize(
    ("slots", "taken"),
    [
        ({"client": "Northwind", "amount": "2400"}, True),
        ({"client": "Northwind", "amount": "2400.00"}, True),
        ({"client": "Northwind", "amount": "24000"}, False),
        ({"client": "Southwind", "amount": "2400"}, False),
    ],
)
async def test_a_model_is_believed_only_what_the_message_bears_out(
    planner_of: Made, slots: dict[str, str], taken: bool
) -> None:
    model = answering(
        "Proposal", {"requests": [{"intent": "invoice.create", **slots}], "rationale": "r"}
    )
    thought = await _think(planner_of(model), "the 2,400 euro matter at Northwind")
    assert isinstance(thought.outcome, Proposal) is taken
    assert ("not in your words" in thought.degraded) is not taken
