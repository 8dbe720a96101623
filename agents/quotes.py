"""Quotes: the sentences of a text, which of them answer a question, and what stands verbatim."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import log

from connectors.index.stems import stems
from core.memory.recall_words import STOP, words

_ENDS = re.compile(r"(?<=[.!?…])[\"”»)]?\s+(?=[\"“„«'(\[¿¡]?[^\W_a-z])|\n+")
_FIRST = re.compile(r"(?:^|(?<=[.!?])\s+)\W*\w+")
_NAME = re.compile(r"\b(?:[^\W_\da-z][^\W_]*|[^\W_]*\d[^\W_]*)\b")
_DIGIT = re.compile(r"\d")
_WHOLE = re.compile(r"[\d@./:]")
"""What a word that is cut may not hold: half a number, address or link says something else."""
_LONGEST = 300
"""Characters of a quote; a longer sentence is cut between two words."""
_SHORT, _LIGHT = 3, 0.4
"""Words of so few letters, written small, weigh less: in most languages they only join."""
_SHARE = 0.34
"""How much of the question's weight a sentence has to hold, unless two of its words are there."""
_SAME = 6
"""Letters that two words begin with alike when they are forms of one."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence of a text as it stands there. ``met`` are the question's words it holds."""

    source: int
    text: str
    score: float
    met: frozenset[str]


def sentences(text: str) -> list[str]:
    """The sentences and lines of a text, each a verbatim piece of it."""
    found = [piece.strip() for piece in _ENDS.split(text) if piece]
    return [cut(piece, _LONGEST) for piece in found if piece]


def cut(text: str, limit: int) -> str:
    """The beginning of a text, at most ``limit`` characters: whole words, no half of a number."""
    if len(text) <= limit:
        return text
    kept = text[:limit].split()[:-1]
    while kept and _DIGIT.search(kept[-1]):
        kept.pop()
    # As it stands in the text: from its beginning to the end of the last word that is kept.
    end = 0
    for word in kept:
        end = text.index(word, end) + len(word)
    return text[:end] or ("…" if _WHOLE.search(text[:limit]) else text[:limit])


def verbatim(quote: str, text: str) -> bool:
    """Whether the quote stands in the text, word for word; gaps between words may differ.

    A quote of less than three words counts only where it is a whole sentence or line.
    """
    said = " ".join(quote.split())
    if len(said.split()) < 3 and said not in (" ".join(s.split()) for s in sentences(text)):
        return False
    return bool(said) and said in " ".join(text.split())


def asked(question: str) -> dict[str, float]:
    """The words of a question that say what it is about, with their weights."""
    weights: dict[str, float] = {}
    for token in re.findall(r"[^\W_]+", question.replace("'s", "").replace("’s", "")):
        word = token.casefold()
        if word in STOP:
            continue
        light = len(word) <= _SHORT and token.islower()
        weights[word] = max(weights.get(word, 0.0), _LIGHT if light else 1.0)
    return weights


def named(question: str) -> list[str]:
    """What the question names: words with a digit, or with a capital that no sentence demands."""
    inner = _FIRST.sub("", question)
    return list(dict.fromkeys(word for word in _NAME.findall(inner) if word.casefold() not in STOP))


def best(question: str, texts: Iterable[str], *, limit: int) -> list[Passage]:
    """The sentences that hold most of the question's words, best first, none said twice.

    What few sentences hold counts for more. None where nothing answers.
    """
    weights = asked(question)
    pieces: list[tuple[int, str, frozenset[str]]] = []
    said: set[str] = set()
    for source, text in enumerate(texts):
        for piece in sentences(text):
            if piece.casefold() not in said and not piece.endswith("?"):
                said.add(piece.casefold())
                pieces.append((source, piece, _met(weights, piece)))
    held = Counter(word for _, _, met in pieces for word in met)
    rare = {word: log(1 + len(pieces) / count) for word, count in held.items()}
    whole = sum(weights.values())
    found = [
        Passage(source, piece, sum(weights[word] * rare[word] for word in met), met)
        for source, piece, met in pieces
        if _answers(met, weights, whole)
    ]
    return sorted(found, key=lambda passage: -passage.score)[:limit]


def _answers(met: frozenset[str], weights: dict[str, float], whole: float) -> bool:
    heavy = [word for word in met if weights[word] == 1.0]
    held = sum(weights[word] for word in met)
    return bool(heavy) and (len(heavy) > 1 or held >= _SHARE * whole)


def _met(weights: dict[str, float], piece: str) -> frozenset[str]:
    own = words(piece)
    own_stems = set(stems(own))
    return frozenset(
        word
        for word, stem in zip(weights, stems(weights), strict=True)
        if stem in own_stems or any(_alike(word, other) for other in own)
    )


def _alike(one: str, other: str) -> bool:
    """Forms of one word, in languages that the stems are not made for."""
    shared = min(len(one), len(other))
    return shared >= _SAME and one[:shared] == other[:shared] and abs(len(one) - len(other)) < 4
