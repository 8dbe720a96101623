"""What a message takes back of itself: "460, no, 640", "on Friday, not Thursday"."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from agents.builtin.amounts import find_money
from agents.builtin.dates import atoms
from agents.builtin.names import Names
from agents.builtin.sentences import sentences
from agents.builtin.text import Text

Span = tuple[int, int]

_MARK = (
    r"(?:no+|nope|oh\s+no|argh|ugh|oops|whoops|sorry|wait|hang\s+on|hold\s+on|actually|typo|"
    r"(?:scratch|strike|scrap)\s+that|correction|i\s+mean|i\s+meant|or\s+rather|rather|"
    r"make\s+(?:it|that)|change\s+(?:it|that)\s+to|my\s+(?:mistake|bad)|pardon|wrong|damn|dang|"
    r"err|uh|um|"
    r"that's\s+wrong|better|or\s+better|let's\s+say|perdón|perdona|quiero\s+decir|digo|mejor|nein|"
    r"quatsch|"
    r"moment|ich\s+meine|vielmehr|besser|non|pardon|plutôt|je\s+veux\s+dire|excuse|it\s+should\s+"
    r"be|"
    r"should\s+be|that\s+should\s+(?:be|read)|(?:it's|its|it\s+is))"
)
_RETRACTS = re.compile(
    rf"(?:(?<=[\s,.;:(–—-])|^)(?P<words>{_MARK}(?:[\s,.;:!–—-]+{_MARK})*)(?![\w'])[\s,.;:!–—-]*"
    r"(?:(?:on|at|for|to|with|by|due|the|and|um|am|el|las?|le|à|a|den|it's|it\s+is|not\s+\S+\s+"
    r"but)\s+)*"
)
_WEAK = re.compile(r"(?:(?:it's|its|it\s+is|rather|better|wrong|moment|should\s+be)[\s,.;:!–—-]*)+")
"""Words that correct nothing unless another one stands with them."""
_REJECTS = re.compile(
    r"[\s,;(–—-]*(?:\b(?:and|but|et|y|und)\s+)?\b(?:just\s+)?(?P<no>not|instead\s+of|rather\s+"
    r"than|nicht|"
    r"statt|anstatt|en\s+vez\s+de|no(?=\s+(?:el|la|los|a|\d))|en\s+lugar\s+de|au\s+lieu\s+de|pas|"
    r"non)\s+"
    r"(?:(?:on|at|for|to|with|by|the|a|an|um|am|el|las?|le|à|den|dem)\s+)*"
)
_FOREIGN = {"no": "es", "pas": "fr", "non": "fr"}
"""Words that reject what follows only in one language."""
_AND = re.compile(r"[\s,]*(?:(?:and|und|y|et|due|on|at|by|um|am|zum|fällig|then)\s+)*")
_IT_IS = re.compile(
    r"[^\d.;!?]{0,60}\b(?:it\s+is|it's|it\s+was|should\s+be|says|es\s+sind)\s+[€$£₹]?\s*"
)
""" "Sorry, I see on the slip it is 270"."""
_AFTER_NAME = re.compile(
    r"\s*(?:$|[,.;:!?)–—-]|\d|[€$£₹]|(?:for|on|at|to|with|about|over|by|tomorrow|today|next|an?|"
    r"who|is\s+the|"
    r"für|por|para|pour|eine?|una?|une)\b)"
)
_DIGITS = re.compile(r"\d(?:[\d.,' ]*\d)?")
_LEAD = re.compile(r"(?:\b(?:not|on|at|for|to|by|um|am|el|a\s+las?|le|à)\s+)+$")


@dataclass(frozen=True, slots=True)
class _Value:
    """Something that fills a slot: what kind of, and where it stands."""

    kind: str
    start: int
    end: int


def corrected(
    text: Text, names: Names, area: Span, who: Iterable[Span], now: datetime, zone: ZoneInfo
) -> Text:
    """``text`` with what it takes back blanked in an area; the length stays.

    ``who`` are spans of names known to stand in the area, also in small letters.
    """
    start, end = area
    low = text.own
    if not (_RETRACTS.search(low, start, end) or _REJECTS.search(low, start, end)):
        return text
    values = _values(text, names, area, who, now, zone)
    blank: list[Span] = []

    def before(kind: str, position: int) -> _Value | None:
        found = [
            v
            for v in values
            if v.kind == kind and v.end <= position and not any(s <= v.start < e for s, e in blank)
        ]
        return found[-1] if found else None

    for match in _RETRACTS.finditer(low, start, end):
        joined = re.search(r"\b(?:et|y|and|und)\s+$", low[: match.start()][-5:])
        if _WEAK.fullmatch(match["words"]) or joined:
            continue
        stop = next((e for _, e in sentences(low[match.end() : end])), 0) + match.end()
        follow = [v for v in values if match.end("words") <= v.start < stop]
        told = low[match.end() : follow[0].start] if follow else ""
        seen = follow and follow[0].kind == "sum" and _IT_IS.fullmatch(told)
        if not follow or (told.strip(" ,.:€$£₹") and not seen):
            continue
        if follow[0].kind == "name" and not _AFTER_NAME.match(low, follow[0].end):
            continue
        chain = _chain(low, follow)
        wrong = [
            v
            for kind in dict.fromkeys(v.kind for v in chain)
            if (v := before(kind, match.start())) is not None
        ]
        wrong += [
            v
            for v in values
            for last in wrong
            if v.kind == last.kind == "sum"
            and v.end <= last.start
            and low[v.start : v.end] == low[last.start : last.end]
        ]  # "Bill Ida 40. Not 40, sorry, 50"
        if wrong:
            blank += [span for v in wrong for span in _wrong(text, v, chain)]
            last = max(v.end for v in wrong)
            beside = not low[last : match.start()].strip(" ,.;:!(–—-")
            blank.append((last if beside else match.start(), match.end("words")))
            closing = re.compile(r"[\s,;:!–—-]*").match(low, match.end("words"))
            blank.append((match.end("words"), closing.end() if closing else match.end("words")))
    for match in _REJECTS.finditer(low, start, end):
        foreign = _FOREIGN.get(match["no"])
        if foreign is not None and foreign != text.language:
            continue
        at = next((v for v in values if match.start() < v.start <= match.end() < v.end), None)
        if at is None or any(s <= at.start < e for s, e in blank):
            continue
        others = [v for v in values if v.kind == at.kind and v is not at]
        if others or at.kind in {"day", "clock"}:
            blank.append((match.start(), at.end))
    if not blank:
        return text
    return replace(text, raw=_blanked(text.raw, blank))


def _chain(low: str, follow: list[_Value]) -> list[_Value]:
    """The values right after a correction: "750, and due 27 March"."""
    chain = follow[:1]
    if chain[0].kind == "name":
        return chain
    for value in follow[1:]:
        if value.kind == "name" or not _AND.fullmatch(low, chain[-1].end, value.start):
            break
        chain.append(value)
    return chain


def _values(
    text: Text, names: Names, area: Span, who: Iterable[Span], now: datetime, zone: ZoneInfo
) -> list[_Value]:
    start, end = area
    whens = atoms(text.low, now.astimezone(zone), zone)
    found = [
        _Value("day" if w.day or w.moment else "clock" if w.clock else "part", w.start, w.end)
        for w in whens
        if start <= w.start and w.end <= end and not w.past
    ]
    taken = [(v.start - start, v.end - start) for v in found]
    sums = find_money(text.raw[start:end], text.low[start:end], taken=taken, language=text.language)
    found += [_Value("sum", start + m.start, start + m.end) for m in sums]
    people = {(n.start, n.end) for n in names.all(start, end)} | set(who)
    found += [
        _Value("name", s, e) for s, e in people if not any(v.start < e and s < v.end for v in found)
    ]
    for match in _RETRACTS.finditer(text.own, start, end):
        name = names.at(match.end(), end)
        if name and not any(v.start < name.end and name.start < v.end for v in found):
            found.append(_Value("name", name.start, name.end))
    return sorted(found, key=lambda v: v.start)


def _wrong(text: Text, value: _Value, chain: list[_Value]) -> list[Span]:
    """What goes of a value that is taken back: a sum leaves its currency to one that has none."""
    whole = (_lead(text.low, value.start), value.end)
    number = _DIGITS.search(text.low, value.start, value.end)
    new = next(v for v in chain if v.kind == value.kind)
    bare = _DIGITS.fullmatch(text.low, new.start, new.end)
    if value.kind != "sum" or number is None or not bare:
        return [whole]
    return [(whole[0], value.start), number.span()]


def _lead(low: str, position: int) -> int:
    lead = _LEAD.search(low[:position])
    return lead.start() if lead else position


def _blanked(raw: str, spans: Iterable[Span]) -> str:
    chars = list(raw)
    for start, end in spans:
        chars[start:end] = " " * (end - start)
    return "".join(chars)
