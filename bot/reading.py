"""What came of a message, before anything is stored: requests, plans, questions, answers."""

from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import TypeAdapter

from agents.context import NEW
from agents.outcomes import Ask, Doubt, Say
from agents.planner import Proposal, Thought
from agents.requests import Base, Request, Show
from core.costs import Cost
from core.explanations import Explanation
from core.plans import Plan

_REQUESTS: TypeAdapter[list[Request]] = TypeAdapter(list[Request])
AGAIN = "$again"
"""The slot of a question that the planner asked: the message is read anew with the answer."""
MEANT = "$meant"
"""The slot of a question whether the message asks for the requests that the planner saw."""

Made = Plan | Ask | Say | Show | Doubt
Extras = dict[str, dict[str, Any]]
"""Answers that a request has no slot for, by the request's place in the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of a message. ``places`` tells which request each of ``made`` is of.

    ``thoughts`` are what roles thought for it. ``confirmed``: it was shown as a plan, and run.
    ``degraded`` is what to say ahead of it: why no better model read the message.
    """

    made: list[Made]
    explanation: dict[str, Any]
    cost: Cost
    requests: list[Base] = field(default_factory=list[Base])
    places: list[int] = field(default_factory=list[int])
    extras: Extras = field(default_factory=dict[str, dict[str, Any]])
    thoughts: list[Explanation] = field(default_factory=list[Explanation])
    confirmed: bool = False
    degraded: str = ""

    def extras_of(self, place: int) -> dict[str, Any]:
        """The extras of one request."""
        return self.extras.get(str(place), {})


def dump(request: Base) -> dict[str, Any]:
    """A request as stored: only what it gives."""
    return request.model_dump(mode="json", by_alias=True, exclude_none=True)


def requests_of(stored: Any) -> list[Base]:
    """Requests as they were before ``dump``."""
    return list(_REQUESTS.validate_python(stored))


def complete(thought: Thought) -> bool:
    """Whether the message asks for something and lacks nothing essential."""
    return isinstance(thought.outcome, Proposal) and not any(
        request.missing() for request in thought.outcome.requests
    )


def fill(
    request: Base, slot: str, value: Any, extra: dict[str, Any]
) -> tuple[Base, dict[str, Any]]:
    """The request with an answer in its slot; what it has no slot for goes to the extras."""
    name = "with_" if slot == "with" else slot
    if isinstance(value, dict):  # an answer that gives more than was asked, as "2400 GBP" does
        given = cast(dict[str, Any], value)
        own = {key: each for key, each in given.items() if key in type(request).model_fields}
        rest = {key: each for key, each in given.items() if key not in own}
        made = type(request).model_validate(request.model_dump(by_alias=False) | own)
        return made, extra | rest
    if name not in type(request).model_fields or str(value).startswith(NEW):
        return request, extra | {slot: value}
    if slot in ("client", "to"):
        extra = extra | {slot: str(value)}
    return type(request).model_validate(request.model_dump(by_alias=False) | {name: value}), extra
