"""What a question says: its terms, the periods it names, and what an answer would hold."""

import functools
import itertools
import re
from dataclasses import dataclass
from datetime import datetime

STOP = frozenset(
    [
        "a",
        "about",
        "above",
        "after",
        "again",
        "against",
        "all",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "because",
        "been",
        "before",
        "being",
        "below",
        "between",
        "both",
        "but",
        "by",
        "can",
        "could",
        "d",
        "did",
        "didn",
        "do",
        "does",
        "doesn",
        "doing",
        "don",
        "done",
        "down",
        "during",
        "each",
        "few",
        "for",
        "from",
        "further",
        "had",
        "hadn",
        "has",
        "hasn",
        "have",
        "haven",
        "having",
        "he",
        "her",
        "here",
        "hers",
        "him",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "isn",
        "it",
        "its",
        "itself",
        "just",
        "ll",
        "m",
        "me",
        "more",
        "most",
        "my",
        "no",
        "nor",
        "not",
        "of",
        "off",
        "on",
        "once",
        "only",
        "or",
        "other",
        "our",
        "out",
        "over",
        "own",
        "re",
        "s",
        "same",
        "she",
        "should",
        "shouldn",
        "so",
        "some",
        "such",
        "t",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "to",
        "too",
        "under",
        "until",
        "up",
        "ve",
        "very",
        "was",
        "wasn",
        "we",
        "were",
        "weren",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "won",
        "would",
        "wouldn",
        "you",
        "your",
    ]
)
"""Words of a question that say nothing of what is looked for."""

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_TIME = re.compile(
    r"\b(yesterday|today|tonight|tomorrow|last|next|ago|weeks?|weekend|months?|years?|summer|winter"
    r"|spring|fall|autumn|morning|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    rf"|{'|'.join(_MONTHS)}|recently|now|since|soon|(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W_]+")
_LONGEST_NAME = 4
_OWN = frozenset({"i", "my", "we", "our"})
_FLAGS = {
    "".join("01"[flag] for flag in flags): flags
    for flags in itertools.product((False, True), repeat=4)
}


def words(text: str) -> list[str]:
    """The words of a text, folded, without the possessive."""
    folded = text.casefold().replace("’", "'").replace("'s", "")
    return _WORD.findall(folded)


def terms(text: str, *, without: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The words that say something, each once, in order; all words where none does."""
    said = list(dict.fromkeys(words(text)))
    kept = [word for word in said if word not in STOP and word not in without]
    return tuple(kept or [word for word in said if word not in STOP] or said)


def runs(text: str) -> list[str]:
    """Up to four words in a row: what of the text may be a name."""
    said = words(text)
    return [
        " ".join(said[start : start + length])
        for length in range(1, _LONGEST_NAME + 1)
        for start in range(len(said) - length + 1)
    ]


@dataclass(frozen=True, slots=True)
class Wants:
    """What an answer to the question would hold."""

    moment: bool
    number: bool
    months: frozenset[int]
    years: frozenset[int]


def wants(question: str) -> Wants:
    """Reads the question's own words; English."""
    folded = question.casefold().strip()
    return Wants(
        moment=folded.startswith("when") or "how long" in folded,
        number=bool(re.search(r"how (many|much|old|long)", folded)),
        months=frozenset(_MONTHS.index(name.casefold()) + 1 for name in _MONTH.findall(question)),
        years=frozenset(int(year) for year in _YEAR.findall(question)),
    )


def in_time(wanted: Wants, at: datetime | None) -> float:
    """1 where ``at`` is in a month the question names, 0.5 right after it, when one tells of it."""
    if at is None or not (wanted.months or wanted.years):
        return 0.0
    if not wanted.months:
        return 0.5 if at.year in wanted.years else 0.0
    best = 0.0
    for month in wanted.months:
        later = (at.month - month) % 12
        year = at.year - (1 if later and at.month < month else 0)
        if later <= 1 and (not wanted.years or year in wanted.years):
            best = max(best, 1.0 - later / 2)
    return best


@dataclass(frozen=True, slots=True)
class Reading:
    """What ranking needs of a text, read once when it is remembered.

    ``words`` are those that say something, each once; ``own`` is whether it tells of the one who
    speaks, ``asks`` whether it ends with a question mark; ``moment`` whether it holds a word of
    time, such as "yesterday" or "June"; ``number`` whether it holds a digit.
    """

    words: tuple[str, ...]
    own: bool
    asks: bool
    moment: bool
    number: bool

    def packed(self) -> str:
        """As one line; ``unpacked`` reads it."""
        flags = f"{self.own:d}{self.asks:d}{self.moment:d}{self.number:d}"
        return " ".join((flags, *self.words))


def unpacked(line: str) -> Reading:
    """What ``packed`` wrote."""
    flags, _, said = line.partition(" ")
    own, asks, moment, number = _FLAGS[flags]
    return Reading(tuple(said.split()), own, asks, moment, number)


@functools.lru_cache(maxsize=5000)
def read(text: str) -> Reading:
    """Reads a text for ranking."""
    said = dict.fromkeys(words(text))
    return Reading(
        words=tuple(word for word in said if word not in STOP),
        own=not _OWN.isdisjoint(said),
        asks=text.rstrip().endswith("?"),
        moment=bool(_TIME.search(text)),
        number=bool(_DIGIT.search(text)),
    )
