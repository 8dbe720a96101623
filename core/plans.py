"""A plan: what will be done, step by step, as data, before anything is done."""

import hashlib
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, Field

from core.canonical import canonical

OPERATOR, MEMORY, UNTRUSTED, MODEL = "operator", "memory", "untrusted", "model"
"""What a parameter may derive from: the operator's words and settings; what is remembered of
the operator or of the house itself; words of others, from mail, web, files, a calendar, or
remembered of those; and a model's own words."""


PLANNER = "planner"
"""The agent behind a step where no other is named."""


class Origin(StrEnum):
    """Where a value came from, as a card says it."""

    SAID = "said now"
    REMEMBERED = "remembered"
    DEFAULT = "default"
    WORKED_OUT = "worked out"
    OUTSIDE = "from outside"


class Value(BaseModel, frozen=True):
    """One value of a plan as the operator reads it, with its origin.

    ``before`` is the value it replaced, set where the operator edited it. ``outside`` are the
    pieces of ``shown`` that are words of others or a model's own; a card underlines them.
    """

    slot: str
    label: str
    shown: str
    origin: Origin
    source: str = ""
    before: str | None = None
    outside: tuple[str, ...] = ()


class PlannedStep(BaseModel, frozen=True):
    """One step. ``params`` may refer to earlier results, see ``resolve``.

    ``kind`` ``action`` has an effect and gets a verdict; ``compensate`` takes the effect named
    by ``params["effect"]`` back; ``agent`` thinks, and its output is for later steps; ``draft``
    prepares something to look at, and nothing waits for it; ``wait`` waits for the moment
    ``until``, or for an ``event`` until the moment ``timeout`` (ISO 8601, aware).
    ``label`` says in a few words what it does, as in "issue the invoice".
    A step with ``instead_of`` runs only where the step of that key failed, and stands for it.
    ``provenance`` says of single parameters what they derive from, as in ``Plan.origins``, and
    ``brings`` what the result derives from beside them: ``untrusted`` where the step reads
    what others wrote. See the function ``provenance`` for what is said of neither. ``agent`` is
    the role whose words it carries.
    """

    key: str
    kind: Literal["action", "compensate", "agent", "draft", "wait"] = "action"
    action: str
    params: dict[str, Any]
    depends: tuple[str, ...] = ()
    label: str = ""
    instead_of: str | None = None
    provenance: dict[str, tuple[str, ...]] = Field(default_factory=dict[str, tuple[str, ...]])
    brings: tuple[str, ...] = ()
    agent: str = PLANNER


class FollowUp(BaseModel, frozen=True):
    """What may be asked for later, when nothing was heard: ``request`` from the day ``on``.

    ``request`` may refer to results of the plan. ``unless`` says when it is dropped by itself, as
    in "unless it is paid"; empty where nobody but the operator can tell.
    """

    on: date
    request: dict[str, Any]
    unless: str = ""


class Plan(BaseModel, frozen=True):
    """Typed steps with their dependencies, and what the operator is shown of them.

    ``origins`` are what the plan derives from: ``operator``, ``memory``, ``untrusted`` or
    ``model``. They hold for every parameter of which its step says nothing else. ``afterword``
    is said with the outcome, which offers ``follow_up``. ``price`` is the most that thinking it
    further may cost, in micro dollars; ``risk`` the highest of its effects, set when it starts.
    """

    intent: str
    title: str
    steps: tuple[PlannedStep, ...]
    values: tuple[Value, ...] = ()
    preview: dict[str, str] = Field(default_factory=dict[str, str])
    request: dict[str, Any] = Field(default_factory=dict[str, Any])
    origins: tuple[str, ...] = ("operator",)
    reversal: str = ""
    afterword: str = ""
    follow_up: FollowUp | None = None
    price: int = 0
    risk: str = ""


def ref(step: str, field: str) -> dict[str, str]:
    """A parameter that will be ``field`` of the result of ``step``."""
    return {"$ref": f"{step}.{field}"}


def join(*parts: Any) -> dict[str, list[Any]]:
    """A text parameter put together from texts and references."""
    return {"$join": list(parts)}


def referred(value: Any) -> set[str]:
    """The keys of the steps that ``value`` refers to."""
    match value:
        case {"$ref": str(path)}:
            return {path.partition(".")[0]}
        case dict():
            return {key for item in value.values() for key in referred(item)}
        case list():
            return {key for item in value for key in referred(item)}
        case _:
            return set()


def provenance(plan: Plan) -> dict[str, dict[str, frozenset[str]]]:
    """What each parameter derives from, by the step's key and the parameter's name.

    It is what the step says, or else what the plan derives from; and where the parameter refers
    to a result, what that result derives from: everything that its step was given and brings,
    a model too where an agent made it, others where an event did. What can't be told is untrusted.
    """
    return _Tracing(plan).all()


def unseen(plan: Plan, step: PlannedStep) -> frozenset[str]:
    """The parameters that an agent or an event will settle, when the card is long answered."""
    late = {each.key for each in plan.steps if _settles_late(each)}
    late |= {each.instead_of for each in plan.steps if each.instead_of and _settles_late(each)}
    return frozenset(name for name, value in step.params.items() if referred(value) & late)


def _settles_late(step: PlannedStep) -> bool:
    return step.kind == "agent" or (step.kind == "wait" and "event" in step.params)


class _Tracing:
    """Follows the references of a plan, each step once."""

    def __init__(self, plan: Plan) -> None:
        self._steps = {step.key: step for step in plan.steps}
        self._origins = frozenset(plan.origins) or frozenset({UNTRUSTED})
        self._results: dict[str, frozenset[str]] = {}

    def all(self) -> dict[str, dict[str, frozenset[str]]]:
        return {
            key: {name: self._param(step, name) for name in step.params}
            for key, step in self._steps.items()
        }

    def _param(self, step: PlannedStep, name: str) -> frozenset[str]:
        value = step.params[name]
        listed = step.provenance.get(name)
        if listed is None and not _only_refers(value):
            listed = self._origins
        return _union([listed or (), *map(self._result, referred(value))]) or frozenset({UNTRUSTED})

    def _result(self, key: str) -> frozenset[str]:
        if key not in self._results:
            self._results[key] = frozenset({UNTRUSTED})  # for a step that refers to itself
            self._results[key] = self._made(key)
        return self._results[key]

    def _made(self, key: str) -> frozenset[str]:
        step = self._steps.get(key)
        if step is None:
            return frozenset({UNTRUSTED})
        found = [self._param(step, name) for name in step.params] or [self._origins]
        stand_ins = [each.key for each in self._steps.values() if each.instead_of == key]
        return _union(
            [
                *found,
                step.brings,
                {MODEL} if step.kind == "agent" else (),
                {UNTRUSTED} if step.kind == "wait" and "event" in step.params else (),
                *map(self._result, stand_ins),
            ]
        )


def _union(parts: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(origin for part in parts for origin in part)


def _only_refers(value: Any) -> bool:
    """Whether nothing stands in ``value`` beside references to results."""
    match value:
        case {"$ref": str()}:
            return True
        case {"$join": list(parts)} | list(parts):
            return bool(parts) and all(map(_only_refers, parts))
        case dict():
            return bool(value) and all(map(_only_refers, value.values()))
        case _:
            return False


def resolve(value: Any, results: dict[str, dict[str, Any]]) -> Any:
    """``value`` with every reference replaced from ``results`` (by step key).

    References are structure, never text in a string: what a client is called can't become one.
    Raises KeyError with the reference where a result is missing.
    """
    match value:
        case {"$ref": str(path)}:
            step, _, field = path.partition(".")
            if field not in results.get(step, {}):
                raise KeyError(path)
            return results[step][field]
        case {"$join": list(parts)}:
            return "".join(str(resolve(part, results)) for part in parts)
        case dict():
            return {key: resolve(item, results) for key, item in value.items()}
        case list():
            return [resolve(item, results) for item in value]
        case _:
            return value


def payload_hash(covered: list[dict[str, Any]], policy_version: str) -> str:
    """What an approval is bound to: SHA-256 over the covered steps and the policy's version."""
    return hashlib.sha256(canonical({"steps": covered, "policy": policy_version})).hexdigest()
