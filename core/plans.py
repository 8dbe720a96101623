"""A plan: what will be done, step by step, as data, before anything is done."""

import hashlib
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, Field

from core import journal


class Origin(StrEnum):
    """Where a value came from."""

    SAID = "said now"
    REMEMBERED = "remembered"
    DEFAULT = "default"
    WORKED_OUT = "worked out"


class Value(BaseModel, frozen=True):
    """One value of a plan as the operator reads it, with its origin.

    ``before`` is the value it replaced, set where the operator edited it.
    """

    slot: str
    label: str
    shown: str
    origin: Origin
    source: str = ""
    before: str | None = None


class PlannedStep(BaseModel, frozen=True):
    """One step. ``params`` may refer to earlier results, see ``resolve``.

    ``kind`` ``action`` has an effect and gets a verdict; ``compensate`` takes the effect named
    by ``params["effect"]`` back; ``agent`` thinks, and its output is for later steps; ``draft``
    prepares something to look at, and nothing waits for it; ``wait`` waits for the moment
    ``until``, or for an ``event`` until the moment ``timeout`` (ISO 8601, aware).
    ``label`` says in a few words what it does, as in "issue the invoice".
    A step with ``instead_of`` runs only where the step of that key failed, and stands for it.
    """

    key: str
    kind: Literal["action", "compensate", "agent", "draft", "wait"] = "action"
    action: str
    params: dict[str, Any]
    depends: tuple[str, ...] = ()
    label: str = ""
    instead_of: str | None = None


class Plan(BaseModel, frozen=True):
    """Typed steps with their dependencies, and what the operator is shown of them.

    ``origins`` are the trust levels of what the parameters derive from: ``operator``,
    ``memory`` or ``untrusted``. ``afterword`` is said with the outcome.
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
    return hashlib.sha256(
        journal.canonical({"steps": covered, "policy": policy_version})
    ).hexdigest()
