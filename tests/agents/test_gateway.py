"""The gateway asks the best model that may be asked, pays for it once, and never overspends."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pydantic_ai.models
import pytest
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models import Model
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.usage import RequestUsage
from sqlalchemy import func, select

from agents.gateway import Answered, Gateway, Query, Tier, choose
from agents.gateway.breaker import FAILURES, REST, Breaker
from agents.gateway.models import Prices
from core import audit, profile
from core.budgets import Purse
from core.clock import ManualClock
from core.costs import NOTHING
from core.errors import FactotumError
from core.inbox import Arrived, receive
from core.settings import Price
from core.storage.database import Database
from core.storage.schema import spending

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PRICES = Prices({"cheap": Price(sent=1, answered=2), "dear": Price(sent=100, answered=200)})


class Word(BaseModel):
    """What the agent answers."""

    text: str


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    allowed = pydantic_ai.models.ALLOW_MODEL_REQUESTS
    pydantic_ai.models.ALLOW_MODEL_REQUESTS = False
    yield
    pydantic_ai.models.ALLOW_MODEL_REQUESTS = allowed


class Talk:
    """A model that says ``text``, after ``errors``; counts what it was asked."""

    def __init__(self, text: str, *errors: Exception, name: str = "cheap") -> None:
        self.asked = 0
        self.errors = list(errors)
        self.text = text
        self.model = FunctionModel(self._answer, model_name=name)

    async def _answer(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        self.asked += 1
        await asyncio.sleep(0)
        if self.errors:
            raise self.errors.pop(0)
        return ModelResponse(
            parts=[ToolCallPart(info.output_tools[0].name, {"text": self.text})],
            usage=RequestUsage(input_tokens=1000, output_tokens=100),
        )


Ask = Callable[..., Any]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def gateway(database: Database, clock: ManualClock) -> Callable[..., Gateway]:
    def make(breaker: Breaker | None = None, timeout: float = 5, **models: Model) -> Gateway:
        return Gateway(
            {Tier(name): model for name, model in models.items()},
            purse=Purse(database, clock),
            prices=PRICES,
            timeout=timeout,
            breaker=breaker,
        )

    return make


async def _ask(
    gateway: Gateway, prompt: str = "?", tier: Tier = Tier.LARGE, **more: Any
) -> Answered[Word]:
    own = Talk("built in", name="builtin-1").model
    agent: Agent[None, Word] = Agent(own, output_type=Word, retries=2, name="tester")
    query = Query(agent="tester", version="1", prompt=prompt, **more)
    return await gateway.ask(agent, query, tier=tier)


async def _spent(database: Database, *states: str) -> tuple[int, int]:
    """How many calls are recorded so, and what they cost together."""
    async with database.read() as connection:
        row = (
            await connection.execute(
                select(func.count(), func.coalesce(func.sum(spending.c.micros), 0)).where(
                    spending.c.state.in_(states)
                )
            )
        ).one()
    return row[0], row[1]


async def _budget(database: Database, clock: ManualClock, **values: Any) -> None:
    async with database.write() as connection:
        await profile.change(connection, clock, **values)


async def test_each_tier_gives_way_to_the_next_and_it_is_said(gateway: Ask) -> None:
    large = Talk("large", ModelHTTPError(401, "dear", None), name="dear")
    small = Talk("small")
    found = await _ask(gateway(large=large.model, small=small.model))
    assert (found.output.text, found.tier, found.model) == ("small", Tier.SMALL, "cheap")
    assert found.troubles == ("dear refused the key",)
    assert large.asked == 1  # a refused key is refused again


async def test_without_any_other_the_builtin_model_answers_for_nothing(
    gateway: Ask, database: Database
) -> None:
    found = await _ask(gateway())
    assert (found.output.text, found.tier, found.cost) == ("built in", Tier.BUILTIN, NOTHING)
    assert await _spent(database, "reserved", "spent") == (0, 0)


async def test_a_small_question_never_goes_to_the_large_model(gateway: Ask) -> None:
    large = Talk("large", name="dear")
    found = await _ask(gateway(large=large.model), tier=Tier.SMALL)
    assert (found.tier, large.asked) == (Tier.BUILTIN, 0)


async def test_what_may_pass_is_tried_once_more(gateway: Ask, database: Database) -> None:
    model = Talk("second try", ModelHTTPError(503, "cheap", None))
    found = await _ask(gateway(small=model.model))
    assert (found.output.text, model.asked, found.troubles) == ("second try", 2, ())
    assert await _spent(database, "spent") == (1, 1000 * 1 + 100 * 2)


async def test_an_invalid_answer_is_repaired_and_all_of_it_is_paid(
    gateway: Ask, database: Database
) -> None:
    said = [TextPart("just words"), None]

    def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        part = said.pop(0) or ToolCallPart(info.output_tools[0].name, {"text": "repaired"})
        return ModelResponse(parts=[part], usage=RequestUsage(input_tokens=1000, output_tokens=100))

    found = await _ask(gateway(small=FunctionModel(answer, model_name="cheap")))
    assert found.output.text == "repaired"
    assert found.cost.micros == 2 * (1000 * 1 + 100 * 2)
    assert await _spent(database, "spent") == (1, found.cost.micros)


async def test_what_hangs_is_given_up(gateway: Ask, database: Database) -> None:
    async def hang(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        await asyncio.Event().wait()
        raise AssertionError

    found = await _ask(gateway(timeout=0.05, small=FunctionModel(hang, model_name="cheap")))
    assert (found.tier, found.troubles) == (Tier.BUILTIN, ("cheap took too long",))
    assert (await _spent(database, "reserved"))[0] == 1  # nobody knows what it cost


async def test_what_keeps_failing_is_left_alone_for_a_while(gateway: Ask) -> None:
    now = [0.0]
    model = Talk("back", *[ModelHTTPError(503, "cheap", None)] * (FAILURES + 1))
    asked = gateway(breaker=Breaker(lambda: now[0]), small=model.model)
    for n in range(4):
        await _ask(asked, f"{n}")
    tried = model.asked
    found = await _ask(asked, "resting")
    assert (found.tier, model.asked) == (Tier.BUILTIN, tried)
    assert "left alone" in found.troubles[0]
    now[0] += REST + 1
    assert (await _ask(asked, "again")).output.text == "back"


def test_only_one_caller_tries_what_rested() -> None:
    now = [0.0]
    breaker = Breaker(lambda: now[0])
    for _ in range(FAILURES):
        breaker.failed("provider")
    assert breaker.open("provider")
    now[0] += REST
    assert [breaker.open("provider") for _ in range(3)] == [False, True, True]
    breaker.worked("provider")
    assert not breaker.open("provider")


async def test_the_same_question_is_paid_for_once(gateway: Ask, database: Database) -> None:
    model = Talk("once")
    asked = gateway(small=model.model)
    first, second = await _ask(asked), await _ask(asked)
    assert (first.output, first.remembered) == (second.output, False)
    assert (second.remembered, second.cost, model.asked) == (True, NOTHING, 1)
    async with database.read() as connection:
        assert await connection.scalar(select(func.sum(spending.c.saved))) == first.cost.micros
    assert (await _ask(asked, fresh=True)).remembered is False
    assert model.asked == 2
    assert (await _ask(asked, "another")).remembered is False


@pytest.mark.parametrize("limit", ["budget_message", "budget_day", "budget_month"])
async def test_at_its_limit_a_tier_gives_way_and_says_so(
    gateway: Ask, database: Database, clock: ManualClock, limit: str
) -> None:
    async with database.write() as connection:
        sent = Arrived(update_id=1, kind="text", user_id=1, chat_id=1, text="x")
        kept = await receive(connection, clock, sent)
    assert kept is not None
    inbox_id = kept
    await _budget(database, clock, **{limit: "0.05"})
    large, small = Talk("large", name="dear"), Talk("small")
    found = await _ask(gateway(large=large.model, small=small.model), inbox_id=inbox_id)
    assert (found.tier, large.asked) == (Tier.SMALL, 0)
    assert ", 0.05 EUR, leaves no room for dear" in found.troubles[0]
    assert found.over is not None
    ends = {"budget_day": ", 00:00", "budget_month": " 1 Dec 2026, 00:00"}
    assert found.troubles[0].endswith(ends.get(limit, "dear"))


async def test_no_number_of_callers_overspends(
    gateway: Ask, database: Database, clock: ManualClock
) -> None:
    """64 at once with room for a few: together they stay below the limit."""
    await _budget(database, clock, budget_day="0.08", usd_rate="2")  # 40,000 micro dollars
    model = Talk("paid")
    asked = gateway(small=model.model)
    found = await asyncio.gather(*(_ask(asked, f"{n}") for n in range(64)))
    paid = [each for each in found if each.tier is Tier.SMALL]
    assert 0 < len(paid) < 64
    assert len(paid) == model.asked
    count, micros = await _spent(database, "reserved", "spent")
    assert count == len(paid)
    assert micros <= 40_000
    async with database.read() as connection:
        assert (await audit.verify(connection)).fault is None


async def test_a_limit_begins_anew_with_its_day(
    gateway: Ask, database: Database, clock: ManualClock
) -> None:
    await _budget(database, clock, budget_day="0.05", zone="Asia/Tokyo")
    asked = gateway(small=Talk("paid").model)
    found = [await _ask(asked, f"{n}") for n in range(40)]
    assert found[-1].tier is Tier.BUILTIN
    clock.advance(timedelta(hours=6))  # midnight in Tokyo
    assert (await _ask(asked, "tomorrow")).tier is Tier.SMALL


async def test_an_unknown_price_is_not_paid_out_of_a_budget(
    gateway: Ask, database: Database, clock: ManualClock
) -> None:
    model = Talk("who knows", name="secret")
    assert (await _ask(gateway(small=model.model))).cost.unknown == 1
    await _budget(database, clock, budget_month="5")
    found = await _ask(gateway(small=model.model), "another")
    assert (found.tier, model.asked) == (Tier.BUILTIN, 1)
    assert "Nobody knows the price of secret" in found.troubles[0]


async def test_a_call_that_was_turned_away_costs_nothing(gateway: Ask, database: Database) -> None:
    await _ask(gateway(small=Talk("", *[ModelHTTPError(429, "cheap", None)] * 2).model))
    assert await _spent(database, "reserved", "spent") == (0, 0)
    assert (await _spent(database, "released"))[0] == 1


def test_prices_are_the_hosts_own_word_or_the_lists() -> None:
    assert PRICES.of("cheap", "openai", sent=10, answered=10) == 30
    assert PRICES.of("gpt-4o-mini", "openai", sent=1_000_000, answered=0) == 150_000
    assert PRICES.of("nobody-knows", "openai", sent=1, answered=1) is None


def test_of_several_models_the_dearest_counts() -> None:
    several = FallbackModel(Talk("a").model, Talk("b", name="dear").model)
    assert PRICES.most(several, sent=10, answered=10) == 3000
    unknown = FallbackModel(Talk("a").model, Talk("b", name="secret").model)
    assert PRICES.most(unknown, sent=10, answered=10) is None


def test_a_local_server_is_named_by_its_address() -> None:
    model = choose("local:tiny", local_url="http://127.0.0.1:9/v1")
    assert isinstance(model, OpenAIChatModel)
    assert (model.model_name, model.base_url) == ("tiny", "http://127.0.0.1:9/v1/")
    with pytest.raises(FactotumError, match="address isn't set"):
        choose("local:tiny")


def test_a_client_never_tries_again_by_itself() -> None:
    model = choose("local:tiny", local_url="http://127.0.0.1:9/v1")
    assert isinstance(model, OpenAIChatModel)
    assert model.client.max_retries == 0  # the gateway does, as often and as late as is told


def test_several_names_stand_in_for_each_other() -> None:
    found = choose("local:one, local:two", local_url="http://127.0.0.1:9/v1")
    assert isinstance(found, FallbackModel)
    assert [model.model_name for model in found.models] == ["one", "two"]


def test_a_budget_is_money() -> None:
    assert profile.Profile(budget_day=Decimal("2.50")).budget_day == Decimal("2.50")
    with pytest.raises(ValueError, match="greater than or equal"):
        profile.Profile(budget_day=Decimal(-1))
