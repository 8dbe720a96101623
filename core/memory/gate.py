"""The gate before memory: what a statement is against what is known. Pure, nothing is stored.

A duplicate merges, a contradiction is asked about, an owner's correction supersedes, and what is
no lasting fact is refused. What the owner said is never overridden by anybody else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rapidfuzz import fuzz, utils

from core.memory import screen
from core.memory.facts import SURE, Fact, Source, Trust
from core.memory.values import Value

MANY = frozenset({"note", "preference", "episode"})
"""Relations that have any number of values at a time; every other has one."""
_ALIKE = 94
"""From this likeness of two sentences on, in percent, they say the same."""
_DISLIKES = re.compile(r"\b(?:hates?|dislikes?)\b", re.I)
_NOT = re.compile(r"\b(?:not|never|no longer|no|cannot|without|nicht|kein\w*|nie)\b|n['’]t\b", re.I)
_EMPTY = frozenset(
    "a an the does doe do did is are was be to of that always".split()  # noqa: SIM905 - readable
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A statement that may become a fact.

    ``how`` is what the words say of what was known: ``stated`` nothing, ``corrected`` that it was
    wrong, ``changed`` that it is otherwise from ``valid_from`` on.
    """

    subject: str
    relation: str
    value: Value
    statement: str
    source: Source
    how: Literal["stated", "corrected", "changed"] = "stated"
    asserted_by: str = "owner"
    model: str | None = None
    approval_id: str | None = None
    confidence: int = 100
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    @property
    def trust(self) -> Trust:
        """As much as its source is trusted."""
        return self.source.trust


@dataclass(frozen=True, slots=True)
class Keep:
    """Kept as it is."""


@dataclass(frozen=True, slots=True)
class Merge:
    """Known already: its source is added to ``into``."""

    into: Fact


@dataclass(frozen=True, slots=True)
class Supersede:
    """Kept in place of ``old``, which was wrong (``corrected``) or has ended (``changed``)."""

    old: tuple[Fact, ...]
    how: Literal["corrected", "changed"]


@dataclass(frozen=True, slots=True)
class Ask:
    """Contradicts ``against``, which holds until the owner has decided."""

    against: Fact


@dataclass(frozen=True, slots=True)
class Refuse:
    """Not kept. ``reason`` is a clause after "because"."""

    reason: str


Ruling = Keep | Merge | Supersede | Ask | Refuse
_RANK: dict[Trust, int] = {"untrusted": 0, "system": 1, "owner": 2}


def judge(candidate: Candidate, known: Sequence[Fact]) -> Ruling:
    """What becomes of ``candidate``, where ``known`` is what is held about its subject."""
    reason = screen.junk(candidate.statement, trust=candidate.trust)
    if reason:
        return Refuse(reason)
    beside = [f for f in known if f.relation == candidate.relation and _meet(candidate, f)]
    same = [f for f in beside if _same(candidate, f)]
    other = [f for f in beside if f not in same and _opposed(candidate, f)]
    if not other:
        return _again(candidate, same) if same else Keep()
    return _against(candidate, other)


def _again(candidate: Candidate, same: Sequence[Fact]) -> Ruling:
    best = max(same, key=_standing)
    firmer = candidate.trust == "owner" and (best.trust != "owner" or best.confidence < SURE)
    since = candidate.valid_from is not None and candidate.valid_from != best.valid_from
    until = candidate.valid_to is not None and candidate.valid_to != best.valid_to
    if firmer or (candidate.trust == "owner" and (since or until)):
        return Supersede(tuple(same), "corrected")
    return Merge(best)


def _against(candidate: Candidate, other: Sequence[Fact]) -> Ruling:
    best = max(other, key=_standing)
    if candidate.trust == "owner":
        if candidate.how != "stated":
            return Supersede(tuple(other), candidate.how)
        if best.trust != "owner" or best.confidence < SURE:
            return Supersede(tuple(other), "corrected")
        if candidate.valid_from is not None:  # "from December on" says that it changes then
            return Supersede(tuple(other), "changed")
        return Ask(best)
    if candidate.confidence < SURE:
        return Refuse("it is unsure and contradicts what is known")
    return Ask(best)


def _standing(known: Fact) -> tuple[int, int]:
    return _RANK[known.trust], known.confidence


def _meet(candidate: Candidate, known: Fact) -> bool:
    """Whether both hold at some moment, as far as is said."""
    if candidate.valid_to and known.valid_from and candidate.valid_to <= known.valid_from:
        return False
    return not (candidate.valid_from and known.valid_to and known.valid_to <= candidate.valid_from)


def _same(candidate: Candidate, known: Fact) -> bool:
    if candidate.relation not in MANY:
        return candidate.value.key() == known.value.key()
    said, before = _plain(candidate.statement), _plain(known.statement)
    return (
        _negated(candidate.statement) == _negated(known.statement)
        and re.findall(r"\d+", said) == re.findall(r"\d+", before)
        and fuzz.ratio(said, before) >= _ALIKE
    )


def _opposed(candidate: Candidate, known: Fact) -> bool:
    if candidate.relation not in MANY:
        return True
    return _negated(candidate.statement) != _negated(known.statement) and (
        _core(candidate.statement) == _core(known.statement)
    )


def _plain(statement: str) -> str:
    return " ".join(utils.default_process(statement).split())


def _negated(statement: str) -> bool:
    return (len(_NOT.findall(statement)) + len(_DISLIKES.findall(statement))) % 2 == 1


def _core(statement: str) -> frozenset[str]:
    """The words of a statement without what denies them: alike for a thing and its contrary."""
    affirmed = _NOT.sub("", _DISLIKES.sub("likes", statement.casefold()))
    words = re.findall(r"\w+", affirmed)
    return frozenset(word.rstrip("s") for word in words if word not in _EMPTY)
