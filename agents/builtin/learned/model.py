"""Conditional random fields that find requests in a message, and the words of their parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pycrfsuite

from agents.builtin.learned.tokens import Token, of_each, of_whole, tokens

FOLDER = Path(__file__).parent
FILES = ("requests", "intents", "parts")
"""Which words belong to one request; what it asks for; which words say its parts."""
NONE = "none"
"""The intent of words that ask for nothing."""
LONGEST = 4000
"""Letters of a message that are looked at; Telegram sends no more in one."""
NAMED = frozenset(("client", "to", "with", "name", "company", "student", "contact"))
"""The slots that name somebody."""
_HARDLY = 0.003
"""A word less likely than this belongs to no name."""
_UNSURE = 0.6
"""Below this a whole message doesn't speak for itself."""


@dataclass(frozen=True, slots=True)
class Part:
    """Words that fill a slot; ``sure`` from 0 to 1."""

    slot: str
    start: int
    end: int
    sure: float


@dataclass(frozen=True, slots=True)
class Found:
    """A request as it stands in a message; ``sure`` from 0 to 1 is about its intent.

    ``nameless`` are the places of the words that hardly belong to anybody's name.
    """

    intent: str
    sure: float
    start: int
    end: int
    parts: tuple[Part, ...]
    nameless: tuple[tuple[int, int], ...] = ()

    def of(self, slot: str) -> list[Part]:
        """The words of one slot, in their order."""
        return [part for part in self.parts if part.slot == slot]


@cache
def _tagger(name: str) -> Any:
    tagger: Any = pycrfsuite.Tagger()  # pyright: ignore[reportAttributeAccessIssue]: no types
    tagger.open(str(FOLDER / f"{name}.crf"))
    return tagger


@lru_cache(maxsize=64)
def find(text: str) -> tuple[Found, ...]:
    """The requests in a text, in its order; none where it asks for nothing.

    Remembered for a while, since a message is read at more than one place of its way.
    """
    said = tokens(text[:LONGEST])
    if not said:
        return ()
    whole, how_sure = _intent(said)
    spans = _spans(_labels("requests", of_each([token.text for token in said])))
    if len(spans) < 2:
        first, last = spans[0] if spans else (0, len(said))
        if whole == NONE and (
            not spans or how_sure > _UNSURE or _intent(said[first:last])[0] == NONE
        ):
            return ()
        if not spans and how_sure < _UNSURE:
            return ()
        spans = [(first, last)]
    found: list[Found] = []
    for first, last in spans:
        intent, sure = _intent(said[first:last])
        if len(spans) == 1 and how_sure > sure:
            intent, sure = whole, how_sure
        if intent != NONE:
            found.append(_found(said[first:last], intent, sure))
    return tuple(found)


def asks_for_nothing(text: str) -> float:
    """How sure it is, from 0 to 1, that a text as a whole asks for nothing."""
    said = tokens(text[:LONGEST])
    intent, sure = _intent(said) if said else (NONE, 1.0)
    return sure if intent == NONE else 0.0


def _intent(said: Sequence[Token]) -> tuple[str, float]:
    tagger = _tagger("intents")
    tagger.set([of_whole([token.text for token in said])])
    best = tagger.tag()[0]
    return best, tagger.marginal(best, 0)


def _labels(name: str, features: list[list[str]]) -> list[str]:
    tagger = _tagger(name)
    tagger.set(features)
    return tagger.tag()


def _spans(labels: Sequence[str]) -> list[tuple[int, int]]:
    """From "B", "I" and "O" to spans of tokens."""
    spans: list[tuple[int, int]] = []
    for place, label in enumerate(labels):
        if label == "B" or (label == "I" and (not place or labels[place - 1] == "O")):
            spans.append((place, place + 1))
        elif label == "I":
            spans[-1] = (spans[-1][0], place + 1)
    return spans


def _found(said: Sequence[Token], intent: str, sure: float) -> Found:
    labels = _labels("parts", of_each([token.text for token in said], intent))
    tagger = _tagger("parts")
    parts: list[Part] = []
    names = [label for label in tagger.labels() if label[2:] in NAMED]
    nameless: list[tuple[int, int]] = []
    open_slot = ""
    for place, label in enumerate(labels):
        slot = label[2:]
        if sum(tagger.marginal(each, place) for each in names) < _HARDLY:
            nameless.append((said[place].start, said[place].end))
        if not slot:
            open_slot = ""
            continue
        # Whether a lead is a person or a company, its name tells better than its place.
        alike = ("name", "company") if slot in ("name", "company") else (slot,)
        likely = sum(tagger.marginal(f"{label[:2]}{each}", place) for each in alike)
        if label[0] == "I" and slot == open_slot:
            former = parts[-1]
            parts[-1] = Part(slot, former.start, said[place].end, min(former.sure, likely))
        else:
            parts.append(Part(slot, said[place].start, said[place].end, likely))
        open_slot = slot
    return Found(intent, sure, said[0].start, said[-1].end, tuple(parts), tuple(nameless))
