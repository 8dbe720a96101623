"""How a mail is worded to somebody, as remembered, and what the card says of that."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from agents.context import Context, fact_source
from agents.roles.role import Material
from core.clients import Client
from core.memory.facts import COMPANY, Fact
from core.plans import Origin, Value
from core.when import day as day_of

GREETING, CLOSING = "Hello", "Kind regards"
_MANNERS = ("greeting", "closing", "tone", "language", "subject_prefix")
_LABELS = {
    "greeting": "Greeting",
    "closing": "Closing",
    "tone": "Tone",
    "language": "Language",
    "subject_prefix": "Subject begins",
}
_WORDED = {
    "formal": ("Dear", "Kind regards"),
    "informal": ("Hi", "Best regards"),
    "du": ("Hallo", "Viele Grüße"),
    "Sie": ("Guten Tag", "Mit freundlichen Grüßen"),
}
"""Greeting and closing of a tone, where none are remembered by themselves."""
_IN_ENGLISH = {"du": "informal", "Sie": "formal"}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NAMED_DAY = re.compile(rf"\b({'|'.join(_DAYS)}|weekend)s?\b", re.I)
_DENIES = re.compile(r"\b(?:never|not|no|don['’]?t)\b", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """The wording of one mail. ``values`` say on the card what of it is remembered, and whence.

    ``materials`` are the facts that it rests on.
    """

    greeting: str = GREETING
    closing: str = CLOSING
    tone: str = ""
    prefix: str = ""
    values: tuple[Value, ...] = ()
    materials: tuple[Material, ...] = ()

    def greet(self, name: str = "") -> str:
        """The first line, for somebody of this name or for nobody in particular."""
        named = f" {name}" if name and name.casefold() not in self.greeting.casefold() else ""
        return f"{self.greeting}{named},"

    def subject(self, line: str) -> str:
        """A subject with what it begins with."""
        return line if line.startswith(self.prefix) else f"{self.prefix} {line}"


async def manner(
    context: Context, client: Client | None, *, letter: Literal["own", "standing"] = "own"
) -> Manner:
    """How a mail to a client is worded: by what holds for them, else for everybody.

    A ``standing`` letter of the house is in English, whatever language is remembered.
    """
    facts: dict[str, Fact] = {}
    for subject in (client.id if client else None, COMPANY):
        for fact in await context.facts_about(subject, *_MANNERS) if subject else ():
            # A brace could stand for a number that is still to be given.
            if fact.trust == "owner" and "{" not in str(fact.value):
                facts.setdefault(fact.relation, fact)
    said = {relation: str(fact.value) for relation, fact in facts.items()}
    tone = said.get("tone", "")
    if letter == "standing":
        tone = _IN_ENGLISH.get(tone, tone)
        if said.get("language", "English") != "English":
            said["language"] += ", but this letter is in English"
    greeting, closing = _WORDED.get(tone, (GREETING, CLOSING))
    return Manner(
        greeting=said.get("greeting", greeting),
        closing=said.get("closing", closing),
        tone=", ".join(said[each] for each in ("tone", "language") if each in said),
        prefix=said.get("subject_prefix", ""),
        values=tuple(
            Value(
                slot=relation,
                label=_LABELS[relation],
                shown=said[relation],
                origin=Origin.REMEMBERED,
                source=fact_source(facts[relation], context),
            )
            for relation in _MANNERS
            if relation in facts
        ),
        materials=tuple(
            Material(id=fact.id, kind="fact", text=fact.statement, trust="memory")
            for fact in facts.values()
        ),
    )


async def reminders(context: Context, client: Client | None, on: date) -> tuple[Value, ...]:
    """Days that the owner keeps free of things for a client, or of all, where ``on`` is one."""
    found: list[Fact] = []
    for subject in (client.id if client else None, COMPANY):
        found += await context.facts_about(subject, "preference") if subject else []
    return tuple(
        Value(
            slot="preference",
            label="Keep in mind",
            shown=f"{fact.statement} ({day_of(on)} is one)",
            origin=Origin.REMEMBERED,
            source=fact_source(fact, context),
        )
        for fact in found
        if fact.trust == "owner" and _kept_free(fact.statement, on)
    )


def _kept_free(statement: str, on: date) -> bool:
    if not _DENIES.search(statement):
        return False
    named = {word.casefold() for word in _NAMED_DAY.findall(statement)}
    return _DAYS[on.weekday()] in named or ("weekend" in named and on.weekday() > 4)
