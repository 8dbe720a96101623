"""What may come of a request besides a plan: a question, something to say, a contradiction."""

from dataclasses import dataclass

from core.memory.gate import Candidate

CHOSEN = "recipient"
"""The slot of the question which of several people is meant; its answers are ids."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A button under a question: what it says, and the answer that it stands for."""

    label: str
    answer: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. The answer fills ``slot`` of the request (or of the extras)."""

    slot: str
    text: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Say:
    """Something to tell. ``sources`` name what it rests on; ``facts`` are the ids of facts used."""

    text: str
    sources: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """A statement that contradicts what is kept: the owner is asked which holds."""

    candidate: Candidate
