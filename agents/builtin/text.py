"""A message prepared for reading: one length in all its views, quotations hidden, typos mended."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz.distance import OSA

from agents.builtin.lexicon import COMMON, LANGUAGE_MARKS, TYPO_PRONE, words

HIDDEN = "▢"
"""Stands for a letter that somebody else wrote: it matches no word of any lexicon."""

_SAME_LENGTH = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "´": "'",
        "`": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "‟": '"',
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\t": " ",
        "…": ".",
        "‑": "-",
        "\r": " ",
    }
)
_QUOTED = re.compile(r'"[^"]{2,}?(?:"|$)|(?<![\w])\'[^\'\n]{6,}?\'(?!\w)|^[ ]*>[^\n]*', re.S | re.M)
_QUOTE_ENDS = re.compile(r"[.!?]\"\s+[A-Z]")
_FORWARDED = re.compile(
    r"^[ ]*(?:fwd?|fw|wg|weitergeleitet|(?:begin )?forwarded(?: message)?|tr|rv|"
    r"-+ ?forwarded[^\n]*)\s*:",
    re.I | re.M,
)
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u25a0-\u25ff\u2190-\u21ff\u2b00-\u2bff]")
_MIND = re.compile(r"\b(would you mind|mind|how about|feel like)\s+(\w+)ing\b", re.I)
_SILENT_E = words(
    "invoic mak writ schedul prepar creat issu rais chas arrang pleas not reserv sav organis "
    "organiz produc reimburs resum paus examin compar includ"
)
_SPOKEN_AM = re.compile(
    r"\b((?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|thirty|"
    r"forty)\s+)([ap])\s+m\b",
    re.I,
)
_MESSRS = re.compile(r"\bM/s\b\.?", re.I)
_RUNS = re.compile(r"\s{2,}|\x00+")
_INVISIBLE = re.compile(r"[\u200b-\u200d\ufe0f\u2060]")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Text:
    """``raw`` for slots, ``low`` for lexicons (lower case), ``own`` with others' words hidden.

    All three have one length, so that a span found in one can be read in another. ``source`` is
    what was written, letter for letter, and ``places`` where in it each letter of ``raw`` stands.
    """

    raw: str
    source: str = ""
    places: Sequence[int] = ()

    def verbatim(self, start: int, end: int) -> str:
        """What was written in a span, with its emoji, quotation marks and slips of the pen."""
        if not self.places:
            return self.raw[start:end]
        return self.source[self.places[start] : self.places[end]]

    @cached_property
    def low(self) -> str:
        """The text in lower case."""
        return "".join(c if len(c.lower()) != 1 else c.lower() for c in self.raw)

    @cached_property
    def own(self) -> str:
        """``low`` with what is quoted or forwarded hidden."""
        chars = list(self.low)
        quoted = [m.span() for m in _QUOTED.finditer(self.raw)]
        for start, end in quoted:
            chars[start:end] = HIDDEN * (end - start)
            if _QUOTE_ENDS.match(self.raw, end - 2):
                chars[end - 1] = "."  # a sentence ends with what is quoted
        # A forwarded text without quotation marks has no visible end: none of it is an order.
        forwarded = _FORWARDED.search(self.raw)
        if forwarded and not any(start >= forwarded.end() - 1 for start, _ in quoted):
            chars[forwarded.start() :] = HIDDEN * (len(chars) - forwarded.start())
        return "".join(chars)

    @cached_property
    def language(self) -> str:
        """The likeliest language of the four, English when in doubt."""
        words = _WORD.findall(self.low)
        counts = {
            code: sum(word in marks for word in words) for code, marks in LANGUAGE_MARKS.items()
        }
        best = max(counts, key=lambda code: (counts[code], code == "en"))
        return best if counts[best] else "en"

    @cached_property
    def cased(self) -> bool:
        """Whether the writer uses capitals, so that a small letter tells something."""
        return any(m.group()[0].isupper() for m in _WORD.finditer(self.raw) if m.start() > 0)


_NUMBERED = re.compile(r"\A\s*1[.)]\s+\S.*?^\s*2[.)]\s+\S", re.M | re.S)
_ITEM = re.compile(r"^[ \t]*\d{1,2}[.)][ \t]+(?=\S)", re.M)
"""The numbers of a list of orders are none of what it says."""


def prepare(text: str) -> Text:
    """Text with typographic variants unified and slips in the words of the lexicon mended."""
    draft = _Draft(text)
    draft.replace(_EMOJI, lambda _: " ")
    if _NUMBERED.search(text):
        draft.replace(_ITEM, lambda _: "- ")
    draft.replace(_MIND, _ordered)
    draft.replace(_SPOKEN_AM, lambda m: f"{m[1]}{m[2]}m")
    draft.replace(_MESSRS, lambda _: "Ms")
    draft.replace(_RUNS, lambda m: "\n" if "\n" in m.group() else " ")
    draft.replace(_INVISIBLE, lambda _: "")
    draft.text = draft.text.translate(_SAME_LENGTH)
    draft.replace(_WORD, _mend)
    return Text(draft.text, text, draft.places)


class _Draft:
    """A text being prepared that remembers where each of its letters came from."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.places: Sequence[int] = range(len(text) + 1)

    def replace(self, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str]) -> None:
        changed = [
            (match, put)
            for match in pattern.finditer(self.text)
            if (put := new(match)) != match.group()
        ]
        if not changed:
            return
        text, places, last = list[str](), list[int](), 0
        for match, put in changed:
            start, end = match.span()
            text += self.text[last:start], put
            places += self.places[last:start]
            places += (self.places[min(start + i, end - 1)] for i in range(len(put)))
            last = end
        self.text = "".join(text) + self.text[last:]
        self.places = [*places, *self.places[last:]]


def _ordered(match: re.Match[str]) -> str:
    """ "would you mind sending" as "would you mind send": the verb as the lexicon knows it."""
    stem = match[2]
    if stem.lower() in _SILENT_E:
        stem += "e"
    elif len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "ls":
        stem = stem[:-1]
    return f"{match[1]} {stem}"


def _mend(match: re.Match[str]) -> str:
    word = match.group()
    low = word.lower()
    if len(low) < 5 or low in TYPO_PRONE or low in COMMON:
        return word
    if any(low.startswith(known) or _inflected(low, known) for known in TYPO_PRONE):
        return word
    for known in TYPO_PRONE:
        if known[0] != low[0] or abs(len(known) - len(low)) > 1:
            continue
        # "reminds" is no slip of "remind", nor "invoices" of "invoice".
        if low.startswith(known) or (known.startswith(low) and len(low) < len(known) - 1):
            continue
        if _inflected(low, known):
            continue
        doubled = _once(low) == _once(known)  # "tommorow"
        if doubled or OSA.distance(low, known, score_cutoff=1) <= 1:
            return known.capitalize() if word[0].isupper() else known
    return word


def _once(word: str) -> str:
    """A word with each of its doubled letters once."""
    return re.sub(r"(.)\1+", r"\1", word)


def _inflected(word: str, known: str) -> bool:
    stem = known.rstrip("e")
    return word.startswith(stem) and word[len(stem) :] in {"s", "ed", "er", "or", "ing", "es", "d"}
