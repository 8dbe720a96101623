"""The zone of time that a message says a time in: beside the time, or in a sentence of its own."""

import re
from dataclasses import dataclass

from agents.builtin.cities import zone_of
from agents.builtin.lexicon import FUNCTION, WEEKDAYS, words

OWN = "own"
"""The operator's zone, said to be meant."""
UNKNOWN = "?"
"""A zone is named that nobody knows: the time means nothing for certain."""
_WORD = r"[^\W\d_]+"
_NAME = rf"{_WORD}(?:[ -]{_WORD}){{0,2}}"
_ABBREVIATED = re.compile(
    r"[ ,(]*(?P<name>utc|gmt|cet|cest|est|edt|et|cst|mst|pst|pdt|pt|bst|eet|eest|ist|aest|aedt|"
    r"awst|nzst|nzdt|jst|sgt|hkt|pkt|sast|msk|eastern|central|pacific|mountain)"
    r"(?!\w)(?!\s+(?:street|road|hotel|station|european|library|park|office|square|bank))(?:\s+time(?!\w))?\)?|"
    r"[ ,(]*(?P<uk>uk)(?=\s*(?:$|[.,;!?)]))\)?"
)
_A_WORD = re.compile(r"(?:\bà\s|\d\s?h\d*\s*$|\bheures?\s*$|\bmidi\s*$|\b(?:um|gegen)\s|\buhr\s*$)")
""" "à 10h et …", "um 18 Uhr ist …": no zones in French and German."""
_THEIRS = re.compile(
    r"[ ,(]*(?:his|her|their|local)\s+time,?\s*(?:\(\s*)?(?:(?:he|she|they)(?:'s|'re|\s+is|"
    r"\s+are|\s+sits?|\s+lives?)\s+(?:based\s+|currently\s+)?)?(?:in\s+|i\.e\.\s+)?"
    rf"(?P<name>{_WORD}(?:[ -]{_WORD})?)(?=\s*[),.!?;]|\s*$)\)?"
)
_CITY = re.compile(
    rf"[ ,(]*(?:(?:the|in|on)\s+)?(?P<name>{_NAME})\s+(?:local\s+)?(?:time|zeit)(?!\w)\)?"
)
_HOUR_OF = re.compile(
    rf"[ ,(]*(?:hora\s+(?:local\s+)?(?:de(?:l)?|en)\s+|heure\s+(?:locale\s+)?(?:de\s+|du\s+|"
    rf"d'|à\s+)|ortszeit\s+(?:in\s+)?|zeit\s+in\s+|time\s+in\s+)(?P<name>{_NAME})\)?"
)
_DAYS = frozenset(WEEKDAYS) | words("today tomorrow tmrw")
_OWN = words("my our your meine meiner unsere unserer mi nuestra ma notre")
_NO_PLACE = FUNCTION | words(
    "full part spare free same local real prime tea play story good high plenty enough busy quiet "
    "peak opening closing start starting finish meeting lead delivery drive travel christmas xmas "
    "easter summer winter spring autumn holiday school term harvest"
)
"""What stands before "time" and names no place."""
_TIME = re.compile(
    r"(?<=\s)(?:time|zeit)(?=\s*(?:$|[^\w\s]|\d|(?:and|so|but|please|pls|with|on|at|to|as|today|"
    r"tomorrow|thanks|thx|there|then|not|is|it|it's|und|bitte|\w+day)\b))"
)
_LAST = re.compile(rf"(?<![^\W\d_]){_NAME}\s+$")
_SAID = re.compile(
    rf"(?:\b(?:that's|thats|that\s+is|meaning|means|i\s+mean|so(?:\s+it's|\s+its|\s+in|\s+on)?)|"
    rf"=)\s+(?P<name>{_WORD}(?:[ -]{_WORD})?)\s+$"
)
_PERSONAL = re.compile(
    r"(?:(?:\d|[ap]\.?m|that's|that\s+is|it's|\bin|\bon|\bby|[,(=:–—-])\s*)(?:his|her|their)\s+$"
)
_RESIDES = re.compile(rf"\b(?:in|from|moved\s+to)\s+(?P<name>{_NAME})")


@dataclass(frozen=True, slots=True)
class Zone:
    """Where a message names a zone apart from any time, and which."""

    start: int
    end: int
    key: str


def zone_at(low: str, start: int) -> tuple[int, str | None]:
    """The zone named right after a time, and where its name ends.

    None where none is named.
    """
    if match := _ABBREVIATED.match(low, start):
        word = match["name"] in {"et", "est", "ist"}
        if word and _A_WORD.search(low[max(0, start - 12) : start]):
            return start, None
        return match.end(), zone_of(match["name"] or match["uk"]) or UNKNOWN
    if match := _THEIRS.match(low, start):
        return match.end(), _longest(match["name"].split()) or UNKNOWN
    if (match := _CITY.match(low, start)) and not _DAYS.isdisjoint(match["name"].split()):
        return start, None  # "5pm Thursday Tokyo time": the day first
    if match:
        name = match["name"].split()
        if name[0] in _OWN or " ".join(name) in {"this", "the same", "same", "local"}:
            return match.end(), OWN
        if key := zone_of(match["name"]) or _german(match["name"]):
            return match.end(), key
        if len(name) == 1 and name[0] in {"his", "her", "their"}:
            return match.end(), _residence(low) or UNKNOWN
        if len(name) < 3 and _NO_PLACE.isdisjoint(name):
            return match.end(), UNKNOWN
        return start, None
    if match := _HOUR_OF.match(low, start):
        return match.end(), _longest(match["name"].split()) or UNKNOWN
    return start, None


def zones_said(low: str) -> list[Zone]:
    """The zones that a message names in words of their own: "… she's in Perth, so Perth time"."""
    found: list[Zone] = []
    for time in _TIME.finditer(low):
        # Four words at most: no need to look through the whole message.
        since = max(0, time.start() - 48)
        before = _tail(low[since : time.start()])
        if before is None:
            continue
        names = [" ".join(before[index:]) for index in range(len(before))]
        known = next((k for n in names if (k := zone_of(n) or _german(n))), None)
        if known is None and before[-1] in {"his", "her", "their"}:
            if _PERSONAL.search(low[since : time.start()]):
                known = _residence(low) or UNKNOWN
        elif known is None and (said := _SAID.search(low[since : time.start()])):
            known = UNKNOWN if _NO_PLACE.isdisjoint(said["name"].split()) else None
        if known:
            found.append(Zone(time.start(), time.end(), known))
    return found


def _tail(text: str) -> list[str] | None:
    """The last words of a text, three at most."""
    match = _LAST.search(text)
    return re.split(r"[\s-]+", match.group().strip()) if match else None


def _german(name: str) -> str | None:
    """ "Londoner Zeit"."""
    return zone_of(name[:-2]) if name.endswith("er") else None


def _residence(low: str) -> str | None:
    """The zone of the one place that somebody is said to be in."""
    found = {k for m in _RESIDES.finditer(low) if (k := _longest(m["name"].split()))}
    return found.pop() if len(found) == 1 else None


def _longest(name: list[str]) -> str | None:
    """The zone of the longest place that some words begin with."""
    parts = (" ".join(name[:count]) for count in range(len(name), 0, -1))
    return next((key for part in parts if (key := zone_of(part))), None)
