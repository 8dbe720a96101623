"""A role: an agent with a contract. It gets typed material, thinks, and returns a typed output.

A role holds no handle to anything: what it may read is given to it, what it wants done it
proposes. Each role is one module of this folder; see docs/agents.md.
"""

import inspect
from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, Field

from agents.gateway import Tier

Kind = Literal["fact", "episode", "mail", "document", "web", "calendar", "ledger", "lead"]
Trust = Literal["operator", "memory", "untrusted"]


class Material(BaseModel, frozen=True, extra="forbid"):
    """Something to read: a text with its id, where it is from and how far it can be trusted."""

    id: str
    kind: Kind
    text: str
    trust: Trust
    at: datetime | None = None


class Given(BaseModel, frozen=True, extra="forbid"):
    """Base of every role's input. ``materials`` are what the role may rest on besides."""

    materials: tuple[Material, ...] = ()


class Proposed(BaseModel, frozen=True, extra="forbid"):
    """An action that a role would have done, with its parameters and the reason."""

    action: str
    params: dict[str, Any]
    because: str


class Output(BaseModel, frozen=True, extra="forbid"):
    """Base of every role's output. ``sources`` are the ids of the materials it rests on."""

    rationale: str = Field(min_length=1, max_length=1000)
    sources: tuple[str, ...] = ()
    proposals: tuple[Proposed, ...] = ()


G = TypeVar("G", bound=Given)
O = TypeVar("O", bound=Output)  # noqa: E741 - the output of G


class Role(ABC, Generic[G, O]):
    """One role's contract.

    ``reads`` are the kinds of material it may be given, ``proposes`` the actions it may propose.
    ``tier`` is the model it is for, ``budget`` what one answer may cost at most, in micro dollars.
    ``version`` changes with the instructions: what was answered to older ones isn't remembered.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    given: ClassVar[type[Given]]
    output: ClassVar[type[Output]]
    reads: ClassVar[frozenset[Kind]]
    proposes: ClassVar[frozenset[str]] = frozenset()
    tier: ClassVar[Tier]
    budget: ClassVar[int]
    instructions: ClassVar[str]

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if not inspect.isabstract(cls):
            if cls.given in _BY_GIVEN:
                raise TypeError(f"{cls.given.__name__} is the input of another role already")
            _BY_GIVEN[cls.given] = cls()

    @abstractmethod
    def by_rules(self, given: G) -> O:
        """The routine work: an output made of templates and rules, without any model."""

    def faults(self, given: G, output: O) -> list[str]:
        """What is wrong with an output, in words for its author; a model has to mend it."""
        return unfounded(self, given, output)


def unfounded(role: Role[Any, Any], given: Given, output: Output) -> list[str]:
    """What no role may do: name sources it wasn't given, propose what isn't its to propose."""
    known = {material.id for material in given.materials}
    told = [f"There is no source {source!r}." for source in output.sources if source not in known]
    told += [
        f"The action {proposed.action!r} is not yours to propose."
        for proposed in output.proposals
        if proposed.action not in role.proposes
    ]
    return told


_BY_GIVEN: dict[type[Given], Role[Any, Any]] = {}


def role_of(given: type[Given]) -> Role[Any, Any]:
    """The role whose input this is. Raises LookupError where there is none."""
    return _BY_GIVEN[given]


def roles() -> list[Role[Any, Any]]:
    """Every role, by name."""
    return sorted(_BY_GIVEN.values(), key=lambda role: role.name)
