"""Whom the learned reading means: its names made whole with what the rules know of names."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agents.builtin.learned.model import NAMED, Found, Part
from agents.builtin.learned.values import SURE_OF_NAME
from agents.builtin.lexicon import ORG_MARKS, PEOPLE, alternatives, words
from agents.builtin.names import Name, Names
from agents.builtin.nonames import EXAMINES, HOUSES, NOT_NAMES
from agents.builtin.places import is_place
from agents.builtin.text import Text

_SLOTS: Mapping[str, str] = {
    "invoice.create": "client",
    "invoice.remind": "client",
    "payment.record": "client",
    "refund.issue": "to",
    "email.write": "to",
    "meeting.schedule": "with",
    "student.answer": "student",
    "submission.grade": "student",
}
"""The slot that says for whom a request is."""
_NO_NAMES = NOT_NAMES | EXAMINES
_OPENING = _NO_NAMES - ORG_MARKS
_OWNER = re.compile(r"(?P<who>[^\W\d_][\w-]*)['’]s?\s+(?:\w+\s+)?$")
_PRONOUN = re.compile(r"\b(?P<one>him|her|ihn|ihm)|\b(?:them|ihnen)\b|(?<!\w)'?em\b")
_STANDS = re.compile(
    r"\s*(?:$|[,.!?;:)]|(?:an?|the|my|our|that|about|for|with|again|please|pls|now|today|tomorrow|"
    r"to|on|at|by|in|of|and|eine?|die|den|das|dass|bitte)\b|[€$£]?\d)"
)
""" "Email her the list", but not "email her mother"."""
_ROLE = re.compile(
    rf"(?:^|\b(?:der|dem|den|die|the|el|la|le|al|du|au|à)\s+){alternatives(PEOPLE)}$"
)
""" "Stell der Kundin …": of whose name nothing is said."""
_LIST = re.compile(r"\w\s*(?:,|\b(?:and|und|y|et)\b|&)\s*\w")


def whole(found: Found, text: Text, names: Names) -> Found:
    """A found request with its names as long as they are, and with whom its words leave unsaid."""
    parts = [part for part in found.parts if not _is_none(part, found, text)]
    parts = [_alone(part, text) if part.slot in NAMED else part for part in parts]
    said = names.all(found.start, found.end)
    parts = [_full(part, said, parts, text) if part.slot in NAMED else part for part in parts]
    slot = _SLOTS.get(found.intent)
    if slot and not any(part.slot == slot for part in parts):
        missing = _owner(parts, said, text) if slot == "student" else None
        missing = missing or _meant(found, names, text)
        if missing:
            parts.append(Part(slot, missing[0], missing[1], found.sure))
            parts.sort(key=lambda part: part.start)
    return replace(found, parts=tuple(parts))


_OWNED_SUM = re.compile(r"(?P<who>.+)['’]s\s+(?:\S{1,3}\s?)?\d[\d.,]*")
""" "Ida's SEK 9,000 bill" is hers."""


def named(values: Mapping[str, Any], found: Found, names: Names) -> dict[str, Any]:
    """The values of a found request, with names of several words that have their titles or kind."""
    made = dict(values)
    raw = names.text.raw
    for slot in NAMED:
        parts = [part for part in found.of(slot) if part.sure >= SURE_OF_NAME]
        if len(parts) != 1:
            continue
        key = "with_" if slot == "with" else slot
        start, end = parts[0].start, parts[0].end
        value = made.get(key)
        if value and (owned := _OWNED_SUM.fullmatch(value)):
            made[key] = value = owned["who"]
        first = raw[start:end].split()[0]
        if value is None:
            several = names.several(start, end)
            if several and several.end >= end and several.value.lower() not in NOT_NAMES:
                made[key] = several.value
        elif first[0].isupper() and first.lower() in ORG_MARKS & NOT_NAMES:
            # "Café Lumen": a drink elsewhere.
            made[key] = value if value.startswith(first) else f"{first} {value}"
    return made


_COMPANION = re.compile(r"(?P<who>.+?),?\s+(?:and|with|&)\s+(?:her|his|their|my)\s+[a-z]")
""" "Ida and her poodle": it is Ida who is met."""
_PARTICLES = words("de del della di da dos das du den der van von ter ten bin ibn al el la le los")
_WHAT_FIRST = re.compile(
    r"(?:(?:[^\W\d_]+\s+)+?(?=(?:mrs?|ms|miss|dr|prof|herr|frau)\.?\s+[A-ZÀ-Þ])|"
    r"(?-i:(?:[a-zß-ÿ]+\s+)+(?=[A-ZÀ-Þ])))",
    re.I,
)


def _alone(part: Part, text: Text) -> Part:
    """A name without who comes along, and without what somebody is.

    "Ida and her poodle", "the seed dealer Ida", "the examiner Ms Berg".
    """
    if companion := _COMPANION.match(text.raw, part.start, part.end):
        return replace(part, end=companion.end("who"))
    if role := _WHAT_FIRST.match(text.raw, part.start, part.end):
        kinds = set(re.findall(r"\w+", role.group().lower()))
        if kinds.isdisjoint(ORG_MARKS | HOUSES | _PARTICLES):
            return replace(part, start=role.end())
    return part


def _is_none(part: Part, found: Found, text: Text) -> bool:
    """Whether words taken for a name are none, or are two people where one is meant."""
    if part.slot not in NAMED:
        return False
    said = text.low[part.start : part.end]
    if _ROLE.search(said):
        return True
    if _NO_NAMES.issuperset(re.findall(r"[\w']+", said)) and said not in {"him", "her", "them"}:
        return not text.raw[part.start].isupper() or found.intent == "submission.grade"
    one = _PRONOUN.search(text.low, part.end, found.end)
    return bool(one and one["one"] and _LIST.search(said) and _STANDS.match(text.low, one.end()))


def _full(part: Part, said: list[Name], parts: list[Part], text: Text) -> Part:
    """A name with the words that follow it and belong to it, without an order before it."""
    for name in said:
        start = max(name.start, part.start)
        before = re.findall(r"[\w']+", text.low[part.start : start])
        if not name.start < part.end <= name.end or not _OPENING.issuperset(before):
            continue
        owned = re.sub(r"['’]s$", "", text.low[name.start : name.end])
        end = max(name.start + len(owned), part.end)
        others = [
            p
            for p in parts
            if p is not part and p.slot in NAMED and p.start < end and part.end < p.end
        ]
        return replace(part, start=start, end=part.end if others else end)
    return part


def _owner(parts: list[Part], said: list[Name], text: Text) -> tuple[int, int] | None:
    """Whose work is meant: "Paloma's essay"."""
    for part in parts:
        if part.slot != "assignment":
            continue
        owner = _OWNER.search(text.low, 0, part.start)
        if owner is None:
            continue
        name = next((n for n in said if n.start <= owner.start("who") < n.end), None)
        if name:
            start = name.start
            while (lead := re.match(r"(\w+)\s+", text.low[start : name.end])) and (
                lead[1] in _NO_NAMES
            ):
                start += lead.end()
            return start, owner.end("who")
        if owner["who"] not in NOT_NAMES:
            return owner.span("who")
    return None


def _meant(found: Found, names: Names, text: Text) -> tuple[int, int] | None:
    """The only one whom the words before a pronoun name: "Yusuf's invoice is late. Remind him"."""
    for pronoun in _PRONOUN.finditer(text.own, found.start, found.end):
        if not _STANDS.match(text.own, pronoun.end()):
            continue
        before = [
            name
            for name in names.all(found.start, pronoun.start())
            if not is_place(name.value) and not re.search(r"\d", name.value)
        ]
        ends = [text.low[n.end :].startswith((" and ", " & ", ", ")) for n in before]
        if len({n.value for n in before}) == 1 and not (pronoun["one"] and any(ends)):
            return before[0].start, before[0].end
        return None
    return None
