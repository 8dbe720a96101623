"""The contract between the kernel and the outside: what an action is, and what it promises."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

from pydantic import BaseModel

from core.errors import FactotumError
from core.money import Money


class Risk(StrEnum):
    """How much can go wrong, lowest first. Policy reads it."""

    INSIDE = "inside"
    """Changes only the operator's own records and can be taken back."""
    OUTSIDE = "outside"
    """Leaves the house or commits the operator to something."""
    MONEY = "money"
    """Moves money or creates a claim."""


@dataclass(frozen=True, slots=True)
class Reversal:
    """How an effect is taken back, said before the tap.

    ``compensate``: a second action undoes it. ``irreversible``: nothing does.
    ``how`` is one plain clause, such as "cancelled by a credit note".
    """

    kind: Literal["compensate", "irreversible"]
    how: str


@dataclass(frozen=True, slots=True)
class Concern:
    """Whom an effect is about and over how much, as far as its planned parameters tell.

    ``counterparty`` is a name or address; several are joined by "; ". None means that there is
    none, unless ``unknown`` names the field: then there is one that can't be told yet, because
    it comes of an earlier step or is not what was expected. Policy counts that against it.
    """

    counterparty: str | None = None
    amount: Money | None = None
    unknown: frozenset[Literal["counterparty", "amount"]] = frozenset()


def nothing(_params: dict[str, Any]) -> Concern:
    """The concern of an action that is about nobody and no amount."""
    return Concern()


class Sensitive(StrEnum):
    """What a parameter may be that only the operator or trusted memory may settle unasked."""

    RECIPIENT = "recipient"
    AMOUNT = "amount"
    ACCOUNT = "account"
    LINK = "link"
    ATTACHMENT = "attachment"


class Params(BaseModel, frozen=True, extra="forbid"):
    """Base of every action's parameters: the exact payload that an approval covers."""


class Result(BaseModel, frozen=True, extra="forbid"):
    """Base of every action's result. ``receipt`` is what is told to the operator."""

    receipt: str
    """One plain sentence in the past tense, made by code from what happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One typed operation of a connector that changes something.

    ``perform(token, params)`` makes the effect happen; ``token`` is unique per effect and
    is stored outside with it. It raises FactotumError with ``ambiguous=True`` where the
    effect may have happened all the same.
    ``check(token, params)`` returns the result where the effect is found outside, and None
    where it certainly did not happen; it raises FactotumError where it can't tell.
    ``compensate(token, params, result)`` takes the effect back; calling it twice is harmless.
    ``concerns(params)`` reads whom and how much from the parameters as planned, which may hold
    references to later results (see ``core.plans``) or anything else; it never raises.
    ``sensitive`` says which parameters are a recipient, an amount, an account, a link or an
    attachment; text with a link in it counts as one without being named.
    """

    name: str
    params: type[Params]
    result: type[Result]
    risk: Risk
    reversal: Reversal
    perform: Callable[[str, Any], Awaitable[Result]]
    check: Callable[[str, Any], Awaitable[Result | None]]
    compensate: Callable[[str, Any, Any], Awaitable[Result]] | None = None
    concerns: Callable[[dict[str, Any]], Concern] = nothing
    sensitive: Mapping[str, Sensitive] = field(default_factory=dict[str, Sensitive])


@dataclass(frozen=True, slots=True)
class Health:
    """The state of one part: ``ok``, ``degraded`` (works, less well) or ``failed``."""

    name: str
    status: Literal["ok", "degraded", "failed"]
    detail: str
    fix: str = ""


class Connector(Protocol):
    """One outside system: its actions, and whether it is there."""

    name: str

    def actions(self) -> tuple[Action, ...]:
        """Everything this connector can change."""
        ...

    async def ping(self) -> Health:
        """Whether the outside system answers; never raises."""
        ...


class Catalogue:
    """All actions of all connectors, by name."""

    def __init__(self, connectors: Iterable[Connector]) -> None:
        self.connectors = tuple(connectors)
        self._actions = {a.name: a for c in self.connectors for a in c.actions()}

    def __getitem__(self, name: str) -> Action:
        """The action called ``name``. Raises FactotumError where there is none."""
        try:
            return self._actions[name]
        except KeyError:
            raise FactotumError(f"There is no action called {name!r}.") from None

    def __iter__(self):  # noqa: ANN204 - an iterator of actions
        return iter(self._actions.values())
