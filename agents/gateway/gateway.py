"""The gateway: an agent's question to the best model that may be asked, and the next where not.

Every call is reserved before it is made and settled after it. The built-in model stands at the
end of every chain: it costs nothing and always answers.
"""

import asyncio
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Generic, TypeVar

import structlog
from pydantic import BaseModel
from pydantic_ai import Agent, ModelSettings, UsageLimits
from pydantic_ai.models import Model

from agents.gateway.breaker import Breaker
from agents.gateway.models import Prices, Tier
from agents.gateway.troubles import Resting, in_words, passing, refused, wanted_pause
from core.budgets import Call, OverBudget, Purse
from core.canonical import canonical
from core.costs import NOTHING, Cost, priced

log: Any = structlog.get_logger()
T = TypeVar("T", bound=BaseModel)

_REQUESTS = 3
"""Requests to a model for one question: the first, and repairs of an invalid answer."""
_ANSWER = 2_000
"""Tokens that one answer may have."""
_TRIES = 2
"""How often a call is made that fails in a way that may pass."""
_PAUSE = 0.3
"""Seconds before the second try."""
_LONGEST_PAUSE = 3.0
"""Seconds that a provider may ask to wait before the next model is asked instead."""
_INSTRUCTIONS = 4_000
"""Bytes that the instructions of an agent may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What an agent wants to know. ``version`` changes with the agent's instructions.

    A ``fresh`` one is asked anew although the same was answered before. ``most`` is what its
    answer may cost, in micro dollars. A ``quick`` one calls nobody: it is answered by what a
    model said before, or by the built-in one.
    """

    agent: str
    version: str
    prompt: str
    inbox_id: int | None = None
    fresh: bool = False
    most: int | None = None
    quick: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Generic[T]):
    """An answer, and what it took. ``troubles`` say, in words, why better models didn't give it.

    ``confidence`` is the built-in model's own, None for others. ``over`` is set where a limit of
    the operator's kept a better model from being asked.
    """

    output: T
    tier: Tier
    model: str
    tokens: int
    cost: Cost
    seconds: float
    remembered: bool = False
    confidence: float | None = None
    troubles: tuple[str, ...] = ()
    over: OverBudget | None = None


class Gateway:
    """Asks models. ``models`` are those that are configured, by tier.

    An agent's own model is the built-in one, which answers where no other does.
    """

    def __init__(
        self,
        models: Mapping[Tier, Model],
        *,
        purse: Purse | None,
        prices: Prices,
        timeout: float,
        breaker: Breaker | None = None,
    ) -> None:
        self._models = dict(models)
        self._purse = purse
        self._prices = prices
        self._timeout = timeout
        self._breaker = breaker or Breaker()

    def has(self, tier: Tier) -> bool:
        """Whether a model of this tier is configured."""
        return tier in self._models

    async def ask(self, agent: Agent[None, T], query: Query, *, tier: Tier) -> Answered[T]:
        """The answer of this tier's model, or of the next lower one that gives any."""
        troubles: list[str] = []
        over: OverBudget | None = None
        order = [Tier.LARGE, Tier.SMALL]
        for each in order[order.index(tier) :] if tier in order else []:
            model = self._models.get(each)
            if model is None:
                continue
            if known := await self._known(agent, query, each, model, tuple(troubles)):
                return replace(known, over=over)
            if query.quick:
                continue
            try:
                paid = await self._paid(agent, query, each, model, tuple(troubles))
                return replace(paid, over=over)
            except OverBudget as refused:
                troubles.append(refused.message.rstrip("."))
                over = refused if refused.limit else over
            except Exception as error:  # noqa: BLE001 - whatever a provider's client may raise
                log.warning("model_failed", model=model.model_name, error=type(error).__name__)
                troubles.append(f"{model.model_name} {in_words(error)}")
        began = time.perf_counter()
        result = await agent.run(query.prompt)
        details = result.response.provider_details or {}
        return Answered(
            output=result.output,
            tier=Tier.BUILTIN,
            model=result.response.model_name or Tier.BUILTIN,
            tokens=0,
            cost=NOTHING,
            seconds=time.perf_counter() - began,
            confidence=details.get("confidence"),
            troubles=tuple(troubles),
            over=over,
        )

    def _call(self, query: Query, tier: Tier, model: Model) -> tuple[str, Call, Purse]:
        """The key that an answer is remembered under, the call, and who pays for it."""
        assert self._purse is not None, "a gateway with models has a purse"
        call = Call(
            agent=query.agent, tier=tier.value, model=model.model_name, inbox_id=query.inbox_id
        )
        return _key(query, model), call, self._purse

    async def _known(
        self,
        agent: Agent[None, T],
        query: Query,
        tier: Tier,
        model: Model,
        troubles: tuple[str, ...],
    ) -> Answered[T] | None:
        """What this model answered to the same before."""
        began = time.perf_counter()
        key, call, purse = self._call(query, tier, model)
        kept = None if query.fresh else await purse.known(key, call)
        if kept is None:
            return None
        return Answered(
            output=_read(agent, kept.output),
            tier=tier,
            model=call.model,
            tokens=0,
            cost=NOTHING,
            seconds=time.perf_counter() - began,
            remembered=True,
            troubles=troubles,
        )

    async def _paid(
        self,
        agent: Agent[None, T],
        query: Query,
        tier: Tier,
        model: Model,
        troubles: tuple[str, ...],
    ) -> Answered[T]:
        began = time.perf_counter()
        key, call, purse = self._call(query, tier, model)
        provider = f"{model.system} {model.base_url or ''}"
        if self._breaker.open(provider):
            raise Resting
        # A token is one byte at least. Each repair sends all that came before it again.
        sent = len(query.prompt.encode()) + _overhead(agent)
        most = self._prices.most(
            model,
            sent=_REQUESTS * sent + _ANSWER * (_REQUESTS * (_REQUESTS - 1) // 2),
            answered=_REQUESTS * _ANSWER,
        )
        if query.most is not None and (most or 0) > query.most:
            raise OverBudget(f"An answer of {call.model} could cost more than {query.agent} may.")
        row = await purse.reserve(call, most)
        try:
            result = await self._tried(agent, query.prompt, model, provider)
        except Exception as error:  # raised on; what it says of the bill is needed, whatever it is
            if refused(error):
                await purse.release(row, call)
            raise
        usage, response = result.usage, result.response
        cost = _cost(self._prices, response, usage)
        await purse.settle(row, call, cost, usage.total_tokens)
        await purse.keep(key, call, _written(result.output), cost, usage.total_tokens)
        return Answered(
            output=result.output,
            tier=tier,
            model=response.model_name or call.model,
            tokens=usage.total_tokens,
            cost=cost,
            seconds=time.perf_counter() - began,
            troubles=troubles,
        )

    async def _tried(
        self, agent: Agent[None, Any], prompt: str, model: Model, provider: str
    ) -> Any:
        async with asyncio.timeout(self._timeout):
            for last in (*[False] * (_TRIES - 1), True):
                try:
                    result = await agent.run(
                        prompt,
                        model=model,
                        model_settings=ModelSettings(max_tokens=_ANSWER, timeout=self._timeout),
                        usage_limits=UsageLimits(
                            request_limit=_REQUESTS, output_tokens_limit=_REQUESTS * _ANSWER
                        ),
                    )
                except Exception as error:  # raised on unless it may pass, whatever it is
                    if passing(error):
                        pause = wanted_pause(error)
                        self._breaker.failed(provider, rest=pause)
                        if not last and pause <= _LONGEST_PAUSE:
                            await asyncio.sleep(max(pause, _PAUSE))
                            continue
                    raise
                self._breaker.worked(provider)
                return result
        raise AssertionError("the last try returns or raises")


def _key(query: Query, model: Model) -> str:
    parts = [query.agent, query.version, model.system, model.model_name, query.prompt]
    return hashlib.sha256(canonical(parts)).hexdigest()


def _kinds(agent: Agent[None, Any]) -> list[type[BaseModel]]:
    """What an agent may answer: every agent of the house answers with models."""
    kinds: Any = agent.output_type
    return list(kinds) if isinstance(kinds, list | tuple) else [kinds]


def _overhead(agent: Agent[None, Any]) -> int:
    """Bytes that go with every prompt: instructions and the schema of what may be answered."""
    schemas = [canonical(kind.model_json_schema()) for kind in _kinds(agent)]
    return sum(map(len, schemas)) + _INSTRUCTIONS


def _written(output: BaseModel) -> dict[str, object]:
    return {"kind": type(output).__name__, "output": output.model_dump(mode="json", by_alias=True)}


def _read(agent: Agent[None, T], kept: dict[str, object]) -> T:
    kind = next(kind for kind in _kinds(agent) if kind.__name__ == kept["kind"])
    found: Any = kind.model_validate(kept["output"])
    return found


def _cost(prices: Prices, response: Any, usage: Any) -> Cost:
    """What the calls for one answer cost; each was of the model that gave the last."""
    given = prices.of(
        response.model_name or "",
        response.provider_name or "",
        sent=usage.input_tokens,
        answered=usage.output_tokens,
    )
    return priced(None if given is None else Decimal(given) / 1_000_000)
