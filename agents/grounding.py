"""Where the words of a plan came from: the operator, others, or a model.

A model may invent a recipient, an amount or a sentence, or carry it over from a mail that it
read. What is neither in the message nor found by the built-in understanding in the same message
is marked on the card as the model's own, and the parameters made of it count as such, so that
policy asks.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from agents.requests import Base
from core.plans import MEMORY, MODEL, OPERATOR, UNTRUSTED, Origin, Plan, PlannedStep, Value

_WORDS = re.compile(r"[^\W\d_]+|\d+")
_WHOLE = re.compile(r"(\d+)(?:\.0{1,2})?")
_PIECE = re.compile(r"\S+")


def _words(text: str) -> list[str]:
    # 2,400.00 and 2400 are the same number: separators go, and cents that are none.
    joined = re.sub(r"(?<=\d)[.,' ](?=\d{3}\b)", "", text)
    return _WORDS.findall(re.sub(r"(?<=\d)[.,]00\b", "", joined).casefold())


def grounded(shown: str, message: str) -> bool:
    """Whether every word and number of ``shown`` is in the message."""
    return set(_words(shown)) <= set(_words(message))


def foreign(text: str, message: str) -> tuple[str, ...]:
    """The pieces of ``text``, as they stand in it, whose words are not in the message."""
    known = set(_words(message))
    found: list[tuple[int, int]] = []
    for piece in _PIECE.finditer(text):
        if set(_words(piece.group())) <= known:
            continue
        if found and not _WORDS.search(text[found[-1][1] : piece.start()]):
            found[-1] = (found[-1][0], piece.end())
        else:
            found.append(piece.span())
    return tuple(dict.fromkeys(text[start:end] for start, end in found))


def origins_of(value: Any, *, message: str, heard: Sequence[str] = ()) -> tuple[str, ...]:
    """What a value that a model gave derives from, told from the texts that it was given.

    It is the operator's where it stands in the message as it is. Otherwise words that stand in
    one of the ``heard`` texts, which others wrote, are theirs, and all else is the model's, the
    order too in which it put the operator's words. Empty where the value says nothing.
    """
    found: set[str] = set()
    for text in _leaves(value):
        if _verbatim(text, message):
            found.add(OPERATOR)
            continue
        words, own = set(_words(text)), set(_words(message))
        theirs = {word for each in heard for word in _words(each)}
        found |= {OPERATOR} if words & own else set()
        found |= {UNTRUSTED} if (words - own) & theirs or _any(text, heard) else set()
        found |= {MODEL} if words - own - theirs or not found - {OPERATOR} else set()
    return tuple(sorted(found))


def _any(text: str, heard: Sequence[str]) -> bool:
    return any(_verbatim(text, each) for each in heard)


def _leaves(value: Any) -> list[str]:
    match value:
        case None | "":
            return []
        case dict():
            return [text for item in value.values() for text in _leaves(item)]
        case list() | tuple():
            return [text for item in value for text in _leaves(item)]
        case _:
            return [str(value)]


def _verbatim(text: str, message: str) -> bool:
    """Whether ``text`` stands in the message as it is, and not as a part of something longer."""
    wanted, said = (" ".join(each.casefold().split()) for each in (text, message))
    if not wanted:
        return False
    if number := _WHOLE.fullmatch(wanted):
        return number[1] in _words(said)
    ends = rf"(?<![\w@./-]){re.escape(wanted)}(?![\w@/-]|[.]\w)"
    return re.search(ends, said) is not None


_WORDED = {"with": "with_", "body": "about", "client": "client", "to": "to"}
"""Values that a card shows in other words than the request: what to look for instead."""


def _mark(value: Value, request: Base, message: str, model: str) -> Value:
    said = str(getattr(request, _WORDED.get(value.slot, ""), "") or value.shown)
    if value.origin is not Origin.SAID or grounded(said, message):
        return value
    return value.model_copy(
        update={
            "origin": Origin.WORKED_OUT,
            "source": f"by {model}, not in your words",
            "outside": foreign(said, message),
        }
    )


_WHO = ("client", "to", "with_", "name", "company", "contact", "student", "email", "invoice_no")


def borne_out(request: Base, message: str) -> bool:
    """Whether whom and how much a request names is in the message."""
    return all(
        grounded(str(value), message)
        for name in (*_WHO, "amount")
        if (value := getattr(request, name, None)) is not None
    )


def mark(plan: Plan, request: Base, *, message: str, model: str, known: Iterable[Base]) -> Plan:
    """``plan`` with what the model added marked; as it is where ``known`` holds the request.

    ``known`` is what the built-in understanding found in the same message.
    """
    if request in known:
        return plan
    values = tuple(_mark(value, request, message, model) for value in plan.values)
    if values == plan.values:
        return plan
    firm = _firm(
        [value for value, before in zip(values, plan.values, strict=True) if value == before],
        values,
    )
    steps = tuple(_with_provenance(step, firm) for step in plan.steps)
    return plan.model_copy(update={"values": values, "steps": steps, "origins": (OPERATOR, MODEL)})


def carried(plan: Plan, old: Plan) -> Plan:
    """``plan``, made anew of ``old`` after an edit, with what was not the operator's still marked.

    It is so until the last of those words has been edited away.
    """
    if set(old.origins) <= {OPERATOR, MEMORY}:
        return plan
    marked = {value.slot: value for value in old.values if value.outside}
    values = tuple(_still(value, marked.get(value.slot)) for value in plan.values)
    left = [value for value in values if value.outside]
    if marked and not left:
        return plan
    firm = _firm([value for value in values if not value.outside], values)
    steps = tuple(_with_provenance(step, firm) for step in plan.steps)
    origins = tuple(sorted({*plan.origins, *old.origins}))
    return plan.model_copy(update={"values": values, "steps": steps, "origins": origins})


def _still(value: Value, marked: Value | None) -> Value:
    """``value`` with the pieces that are left in it of what was marked."""
    shown = value.shown.casefold()
    left = [piece for piece in (marked.outside if marked else ()) if piece.casefold() in shown]
    if marked is None or not left:
        return value
    return value.model_copy(
        update={"origin": marked.origin, "source": marked.source, "outside": tuple(left)}
    )


_NAMES = frozenset({"client", "to", "with", "email", "name", "company", "contact"})
"""Values that say whom it is about: where one is the model's, all that follow from it are."""
_SETTINGS = frozenset(
    {"seller", "sender", "sender_name", "zone", "locale", "issue_date", "tax_note"}
)
"""Parameters that a playbook fills in from the settings and the clock, whatever was asked."""


def _firm(kept: Sequence[Value], values: Sequence[Value]) -> dict[str, str]:
    """The texts that the model had no part in, and what each derives from."""
    invented = {value.slot for value in values} - {value.slot for value in kept}
    doubtful = _NAMES if invented & _NAMES else frozenset[str]()
    return {
        value.shown: MEMORY if value.origin is Origin.REMEMBERED else OPERATOR
        for value in kept
        if value.slot not in doubtful
    }


def _with_provenance(step: PlannedStep, firm: dict[str, str]) -> PlannedStep:
    """``step`` with the parameters named that hold nothing but firm texts, or settings."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in step.params.items():
        texts = _leaves(value)
        if name in _SETTINGS:
            found[name] = (OPERATOR,)
        elif texts and all(text in firm for text in texts):
            found[name] = tuple(sorted({firm[text] for text in texts}))
    return step.model_copy(update={"provenance": step.provenance | found})
