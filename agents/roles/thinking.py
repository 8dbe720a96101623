"""Thinking: a role gets its input, a model answers, and what led to it is kept to be explained."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic_ai import Agent, ModelRetry, RunContext

from agents.gateway import Gateway, Query, Tier
from agents.gateway.models import Prices
from agents.orders import addressed
from agents.roles.role import Given, Output, Role, role_of
from agents.roles.rules import Rules
from core.budgets import OverBudget
from core.errors import FactotumError
from core.explanations import Explanation

MODEL = "model"
"""The origin of what a model worded."""

T = TypeVar("T", bound=Output)


@dataclass(frozen=True, slots=True)
class Thought(Generic[T]):
    """An output with its explanation.

    ``origins`` are what it derives from: the trust of each material, and ``model`` where one
    worded it. ``better`` tells whether a model could be asked that wasn't, and ``price`` what that
    may cost at most, in micro dollars. ``over`` is the limit that kept a better model out.
    """

    output: T
    explanation: Explanation
    origins: frozenset[str]
    better: bool
    price: int
    over: OverBudget | None = None


def agent_of(role: Role[Any, Any]) -> Agent[None, Any]:
    """The role as a pydantic-ai agent; its own model is its rules."""
    kind: Any = role.output
    agent: Agent[None, Any] = Agent(
        Rules(role),
        output_type=kind,
        instructions=role.instructions,
        retries=2,
        name=role.name,
    )

    def check(context: RunContext[None], output: Any) -> Any:
        if isinstance(context.model, Rules):  # the owner's own words need nobody's leave
            return output
        given = role.given.model_validate_json(str(context.prompt))
        if faults := role.faults(given, output):
            raise ModelRetry(" ".join(faults))
        return output

    validated: Any = agent.output_validator
    validated(check)
    return agent


class Thinker:
    """Has roles think, each on the model that its contract names or a lesser one."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._agents: dict[str, Agent[None, Any]] = {}

    async def think(
        self,
        given: Given,
        wanted: type[T],
        *,
        inbox_id: int | None = None,
        quick: bool = False,
    ) -> Thought[T]:
        """The output of the role whose input this is; with ``quick`` without any call: by what a
        model said to the same before, else by its rules.

        What others wrote as orders to a model is read by none: the rules answer. Raises
        FactotumError where the role may not read what it is given.
        """
        role = role_of(type(given))
        for material in given.materials:
            if material.kind not in role.reads:
                raise FactotumError(f"The {role.name} may not read a {material.kind}.")
        prompt = given.model_dump_json()
        orders = _orders(given)
        tier = Tier.BUILTIN if orders else self._tier(role)
        agent = self._agents.setdefault(role.name, agent_of(role))
        answered = await self._gateway.ask(
            agent,
            Query(
                agent=role.name,
                version=role.version,
                prompt=prompt,
                inbox_id=inbox_id,
                most=role.budget,
                quick=quick,
            ),
            tier=tier,
        )
        output = answered.output
        if not isinstance(output, wanted):
            raise TypeError(f"the {role.name} gives {role.output.__name__}")
        origins = {"operator", *(material.trust for material in given.materials)}
        if answered.tier is not Tier.BUILTIN:
            origins.add(MODEL)
        return Thought(
            output=output,
            explanation=Explanation(
                agent=role.name,
                version=role.version,
                tier=answered.tier.value,
                model=answered.model,
                prompt=prompt,
                materials=tuple(
                    {"id": each.id, "kind": each.kind, "trust": each.trust}
                    for each in given.materials
                ),
                output=output.model_dump(mode="json"),
                rationale=output.rationale,
                troubles=(*answered.troubles, *orders),
                tokens=answered.tokens,
                cost=answered.cost,
                seconds=answered.seconds,
            ),
            origins=frozenset(origins),
            better=tier is not Tier.BUILTIN and answered.tier is Tier.BUILTIN,
            price=role.budget,
            over=answered.over,
        )

    def _tier(self, role: Role[Any, Any]) -> Tier:
        """The tier that a role is for, or the other one where that has no model."""
        if role.tier is Tier.BUILTIN:
            return Tier.BUILTIN
        for tier in (role.tier, Tier.LARGE, Tier.SMALL):
            if self._gateway.has(tier):
                return tier
        return Tier.BUILTIN


def _orders(given: Given) -> tuple[str, ...]:
    """What in the words of others speaks to a model, in words for the owner."""
    heard = [addressed(each.text) for each in given.materials if each.trust == "untrusted"]
    return tuple(
        f"“{passage}” in what others wrote speaks to a model, so none read it"
        for passage in heard
        if passage
    )


def unaided() -> Thinker:
    """A thinker without any model: every role works by its rules."""
    return Thinker(Gateway({}, purse=None, prices=Prices({}), timeout=0))
