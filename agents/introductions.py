"""What a sentence introduces on purpose: a person at a client, a project, a deliverable.

Only a whole sentence that says nothing else is one. Who or what it is of stays in words: the
playbook finds it among the clients, or asks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from agents.builtin.dates import find_whens
from agents.builtin.phrases import ADDRESS
from agents.builtin.understand import understand
from agents.requests import Chat
from core import naming
from core.memory import screen

_ROLE = (
    r"(?:[\w&/-]+\s+){0,3}?(?:contact(?:\s+person)?|c[efot]o|cmo|(?:co-?)?founder|owner|director|"
    r"manager|head(?:\s+of(?:\s+[\w&/-]+){1,3}?)?|lead|assistant|accountant|bookkeeper|designer|"
    r"developer|engineer|editor|secretary|buyer|partner|president|lawyer|consultant|"
    r"ansprechpartner(?:in)?|kontakt(?:person)?|geschäftsführer(?:in)?|leiter(?:in)?|chef(?:in)?|"
    r"buchhalter(?:in)?|assistent(?:in)?|contacto|persona\s+de\s+contacto|director[ae]?|gerente|"
    r"jef[ea]|contable|asistente|interlocut(?:eur|rice)|direct(?:eur|rice)|responsable|gérante?|"
    r"comptable|assistante?)"
)
_CONTACT = re.compile(
    r"contact\s+person|kontakt(?:person)?|ansprechpartner(?:in)?|(?:persona\s+de\s+)?contacto|"
    r"interlocut(?:eur|rice)|contact",
    re.I,
)
_THE = (
    r"(?:(?:the|our|my|an?|their|your|now|new|main|der|die|das|unsere?|meine?|neuer?|el|la|una?|"
    r"nuestr[oa]|nuev[oa]|mi|le|une|notre|mon|ma|nouve(?:au|lle))\s+)*"
)
_AT = r"(?:at|of|for|from|with|bei|von|für|mit|en|de|con|para|chez|à|pour|avec)"
_IS = r"(?:is(?:\s+now)?|ist(?:\s+jetzt)?|es(?:\s+ahora)?|est)"
_OF = r"(?P<of>[^,;:]{2,60}?)"
_WHO = r"(?P<name>[^,;:]{2,60}?)"
_PEOPLE = (
    rf"{_WHO}\s+{_IS}\s+{_THE}(?P<role>{_ROLE})\s+{_AT}\s+{_OF}",
    rf"{_THE}(?P<role>{_ROLE})\s+{_AT}\s+{_OF}(?:\s+{_IS}\s+|\s*:\s*){_WHO}",
    rf"{_OF}['’]s\s+{_THE}(?P<role>{_ROLE})\s+{_IS}\s+{_WHO}",
    rf"(?:add|note|save|put|keep)\s+{_WHO}\s+as\s+{_THE}(?P<role>{_ROLE})\s+{_AT}\s+{_OF}",
    rf"{_WHO}\s+(?:works|arbeitet|trabaja|travaille)\s+(?:at|for|bei|für|en|para|chez|pour)\s+{_OF}"
    rf"(?:\s+(?:as|als|como|comme)\s+{_THE}(?P<role>{_ROLE}))?",
)
_THING = (
    r"(?P<kind>project|projekt|proyecto|projet|deliverable|liefergegenstand|entregable|livrable)"
)
_BEGIN = (
    r"(?:(?:we(?:['’]ve)?\s+(?:have|got|won|started)|i(?:['’]ve)?\s+(?:have|got|won|started)|"
    r"there(?:['’]s|\s+is)|add|note|create|start|open|wir\s+haben|tenemos|nous\s+avons|on\s+a|añade|"
    r"crea|ajoute|crée|erstelle)\s+)"
)
_ONE = r"(?:(?:an?|another|one|ein|un)\s+)?"
_NEW = rf"{_ONE}(?:new|neues|neuer|nuevo|nouveau)\s+"
_IS_NEW = re.compile(rf"{_BEGIN}|{_NEW}", re.I)
_WHAT = r"(?P<name>.{2,80}?)"
_THINGS = (
    rf"(?:{_BEGIN})?(?:{_NEW}|{_ONE}){_THING}\s+{_AT}\s+{_OF}\s*(?::\s*|\s[-–—]\s|,?\s+(?:called|named|namens|"
    rf"llamad[oa]|appelée?|nommée?)\s+){_WHAT}",
    rf"(?:{_BEGIN})?{_NEW}{_THING}\s+{_AT}\s+{_OF},\s+{_WHAT}",
    rf"(?:{_BEGIN}{_ONE}|(?:{_BEGIN})?{_NEW}){_THING}\s*[:,]?\s+(?P<name>.{{2,80}})\s+"
    rf"(?:for|with|für|mit|para|con|pour|avec)\s+{_OF}",
    rf"(?:{_BEGIN})?{_NEW}{_OF}\s+{_THING}\s*:\s*{_WHAT}",
    rf"{_WHAT}\s+{_IS}\s+{_THE}{_THING}\s+{_AT}\s+{_OF}",
)
_DUE = re.compile(
    r"[\s,;(–—-]+(?P<due>(?:(?:it\s+)?is\s+)?due|deadline(?:\s+is)?|fällig|by|until|bis|para\s+el|"
    r"hasta\s+el|entrega|pour\s+le|avant\s+le|d'ici)\b[\s:]*(?P<day>[^,;:()]{2,40})\)?$",
    re.I,
)
_SURELY_DUE = re.compile(r"due|deadline|fällig", re.I)
_MAIL = re.compile(
    rf"[\s,;]*(?:\band\s+)?[(<]?\s*(?:e-?mail(?:\s+address)?\s*(?:is|:)?\s*)?(?P<at>{ADDRESS.pattern})"
    r"\s*[)>]?",
    re.I,
)
_PLEASE = re.compile(r"^(?:please|also|fyi|and|bitte|por\s+favor)\b[\s,:]*", re.I)
_PARTICLES = frozenset(("de", "del", "la", "van", "von", "der", "den", "di", "da", "le", "du"))
_NOBODY = frozenset(
    ("it", "that", "this", "he", "she", "who", "there", "here", "what", "they", "i", "we", "you")
)
_ENDS = re.compile(r"(?<!\d)(?<!\b[DM]r)(?<!\bMrs)(?<!\bProf)[.!?]\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduced:
    """Whom or what a sentence introduces. ``of`` is the client or project, as it was said.

    ``new``: it is said to be new, or to be added.
    """

    kind: Literal["person", "project", "deliverable"]
    name: str
    of: str
    role: str | None = None
    email: str | None = None
    due: date | None = None
    new: bool = False


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], ...], tuple[re.Pattern[str], ...]]:
    def made(sources: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(source, re.I) for source in sources)

    return made(_PEOPLE), made(_THINGS)


def read(text: str, *, now: datetime, zone: ZoneInfo) -> Introduced | None:
    """What ``text`` introduces; None where it is anything else. ``now`` is aware."""
    said = _PLEASE.sub("", " ".join(text.split())).rstrip(" .!")
    if len(text) > 200 or "?" in said or "\n" in text.strip() or screen.hides(text):
        return None
    if _ENDS.search(_MAIL.sub(" ", said)):
        return None
    people, things = _patterns()
    return next(_people(said, people), None) or next(_things(said, things, now, zone), None)


def _people(said: str, patterns: tuple[re.Pattern[str], ...]) -> Iterator[Introduced]:
    addresses = list(_MAIL.finditer(said))
    if len(addresses) > 1:
        return
    bare = _MAIL.sub("", said).strip(" ,;")
    for pattern in patterns:
        found = pattern.fullmatch(bare)
        if found and _is_name(found["name"]):
            yield Introduced(
                kind="person",
                name=found["name"].strip(),
                of=found["of"].strip(),
                role=_role(found["role"]),
                email=addresses[0]["at"].rstrip(".") if addresses else None,
            )


def _role(said: str | None) -> str | None:
    """A role as it is kept: one word for a contact, and capitals where it is an abbreviation."""
    if said is None or _CONTACT.fullmatch(said):
        return "contact" if said else None
    return " ".join(w.upper() if re.fullmatch(r"c[efotm]o", w, re.I) else w for w in said.split())


def _is_name(said: str) -> bool:
    """Whether words look like somebody's name: capitals, no figures, few of them."""
    parts = said.split()
    return (
        0 < len(parts) <= 5
        and parts[0].casefold() not in _NOBODY
        and all(part[0].isupper() or part in _PARTICLES for part in parts)
        and not any(char.isdigit() or char in '@/"“”()' for char in said)
        and parts[0] not in _PARTICLES
    )


def _things(
    said: str, patterns: tuple[re.Pattern[str], ...], now: datetime, zone: ZoneInfo
) -> Iterator[Introduced]:
    due: date | None = None
    if found := _DUE.search(said):
        due = _day(found["day"], now, zone)
        if due is None and _SURELY_DUE.search(found["due"]):
            return  # it says when, but not so that it can be read
        said = said[: found.start()] if due else said
    for pattern in patterns:
        made = pattern.fullmatch(said.strip(" ,;"))
        name = made["name"].strip(" \"'“”‘’„.,;:") if made else ""
        if made is None or not naming.key(name) or name.split()[0].casefold() in _NOBODY:
            continue
        if _asks(name, now, zone):
            continue
        kind = made["kind"].casefold()
        yield Introduced(
            kind="project" if kind.startswith("pro") else "deliverable",
            name=name[:1].upper() + name[1:],
            of=made["of"].strip(),
            due=due,
            new=_IS_NEW.match(said) is not None,
        )


def _day(words: str, now: datetime, zone: ZoneInfo) -> date | None:
    low = words.casefold()
    whens = find_whens(low, now, zone)
    if len(whens) != 1 or whens[0].past or whens[0].vague:
        return None
    rest = f"{low[: whens[0].start]} {low[whens[0].end :]}"
    around = re.fullmatch(r"(?:\s|on|by|the|am|den|zum|el|le|au|for)*", rest)
    return whens[0].day if around else None


def _asks(name: str, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a part of what would be a name is an order of its own."""
    parts = re.split(r"[,;]\s*|\s+and\s+", name)[1:]
    return any(
        not isinstance(request, Chat)
        for part in parts
        for request in understand(part, now=now, zone=zone).requests
    )
