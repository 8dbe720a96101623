"""What a case can expect of a role's output; each is named in the files of cases."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic_evals.evaluators import EvaluationReason, Evaluator, EvaluatorContext

from agents import claims, quotes
from agents.roles import Given, Output, role_of

Seen = EvaluatorContext[Given, Output, Any]
_ABOUT = frozenset({"rationale", "sources"})
"""Fields that are about the output, and no part of it."""


def _words(value: Any) -> Iterator[str]:
    """The texts of a value, however deep."""
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _words(each)
        case list():
            for each in value:
                yield from _words(each)
        case _:
            if value is not None:
                yield str(value)


def _said(output: BaseModel, field: str) -> str:
    """What is said in a field, or in all."""
    dumped = output.model_dump(mode="json")
    told = dumped[field] if field else {k: v for k, v in dumped.items() if k not in _ABOUT}
    return "\n".join(_words(told))


def _verdict(wrong: list[str]) -> EvaluationReason:
    return EvaluationReason(value=not wrong, reason=" ".join(wrong) or None)


@dataclass
class NoFaults(Evaluator[Given, Output, Any]):
    """The role itself finds nothing wrong with it."""

    def evaluate(self, ctx: Seen) -> EvaluationReason:
        """Asks the role."""
        return _verdict(role_of(type(ctx.inputs)).faults(ctx.inputs, ctx.output))


@dataclass
class Says(Evaluator[Given, Output, Any]):
    """The text is there, in the field or anywhere; upper and lower case are one."""

    text: str
    field: str = ""

    def evaluate(self, ctx: Seen) -> EvaluationReason:
        """Looks for it."""
        there = self.text.casefold() in _said(ctx.output, self.field).casefold()
        return _verdict([] if there else [f"{self.text!r} is missing."])


@dataclass
class SaysNot(Evaluator[Given, Output, Any]):
    """The text is nowhere in the output, or not in the field."""

    text: str
    field: str = ""

    def evaluate(self, ctx: Seen) -> EvaluationReason:
        """Looks for it."""
        there = self.text.casefold() in _said(ctx.output, self.field).casefold()
        return _verdict([f"{self.text!r} is there."] if there else [])


@dataclass
class Is(Evaluator[Given, Output, Any]):
    """A field has one of these values."""

    field: str
    values: list[Any]

    def evaluate(self, ctx: Seen) -> EvaluationReason:
        """Compares."""
        value = ctx.output.model_dump(mode="json")[self.field]
        return _verdict([] if value in self.values else [f"{self.field} is {value!r}."])


@dataclass
class Length(Evaluator[Given, Output, Any]):
    """A field has so many characters or entries."""

    field: str
    least: int = 0
    most: int | None = None

    def evaluate(self, ctx: Seen) -> EvaluationReason:
        """Counts."""
        length = len(ctx.output.model_dump(mode="json")[self.field])
        fits = self.least <= length and (self.most is None or length <= self.most)
        return _verdict([] if fits else [f"{self.field} has {length}."])


@dataclass
class Keeps(Evaluator[Given, Output, Any]):
    """Every number, address and link of a field of the input is in the output."""

    field: str

    def evaluate(self, ctx: Seen) -> EvaluationReason:
        """Looks for each."""
        wanted = "\n".join(_words(ctx.inputs.model_dump(mode="json")[self.field]))
        lost = claims.unfounded(wanted, trusted=[_said(ctx.output, "")])
        return _verdict(["Something of it is lost."] if lost else [])


@dataclass
class Verbatim(Evaluator[Given, Output, Any]):
    """Every quote of the output stands word for word in the material that it names, if any."""

    def evaluate(self, ctx: Seen) -> EvaluationReason:
        """Compares quotes with the texts."""
        texts = {each.id: each.text for each in ctx.inputs.materials}
        pairs = _quotes(ctx.output.model_dump(mode="json"))
        return _verdict(
            [
                f"{quote!r} is not in {source!r}."
                for quote, source in pairs
                if source and not quotes.verbatim(quote, texts.get(source, ""))
            ]
        )


def _quotes(value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case {"quote": str(quote), "source": str(source)}:
            yield quote, source
        case {"text": str(quote), "source": str(source)}:
            yield quote, source
        case dict():
            for each in value.values():
                yield from _quotes(each)
        case list():
            for each in value:
                yield from _quotes(each)
        case _:
            pass


CHECKS = (NoFaults, Says, SaysNot, Is, Length, Keeps, Verbatim)
"""All of them."""
