"""Who is meant: names of people and companies where they stand in a message."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from agents.builtin import spelling
from agents.builtin.lexicon import (
    FUNCTION,
    INSTITUTIONS,
    OBJECTS,
    ORG_MARKS,
    PEOPLE,
    TITLES,
    words,
)
from agents.builtin.nonames import CRAFTS, DEGREES, KIN, NOT_NAMES
from agents.builtin.phrases import ADDRESS
from agents.builtin.places import is_place
from agents.builtin.spelling import TOKEN
from agents.builtin.text import HIDDEN, Text

_DEFINITE = words("the der die das la el le den dem los les")
_WHOSE = {
    "en": words("my our"),
    "de": words("mein meine meinen meinem meiner unser unsere unseren unserem unserer"),
    "es": words("mi nuestro nuestra"),
    "fr": words("mon ma notre"),
}
"""Whose landlord or accountant is meant, by the language of the message."""
_THEIR = words("his her their")
_ARTICLES = _DEFINITE | words("firma firm company a our my al à poor good whole entire")
_MIXED = re.compile(r"\d{1,4}[A-Z][a-z]{2}")
"""A company that starts with a number: "4Corners"."""
_GOES_ON = re.compile(
    r"\s+(?!(?:is|was|has|had|will|would|can|could|and|or|says?|said|who|from|at|of|still|just|"
    r"never|always|also|"
    r"met|saw|gave|sold|bought|took|brought|found|made|lost|broke|drove|ran|spoke|rang|kept|led|"
    r"taught|built|won|knew|thought|felt|forgot|chose|began|fell|drew|wore|rode|flew|threw|caught|"
    r"may|might|must|should|"
    r"now|wants?|needs?|paid|sent|came|got|gets|went|left|did|does|told|wrote|asked|owes|\w+(?:ed|"
    r"s|n't))\b)[a-z]{3,}"
)
_GROUP = re.compile(
    r"(?:the|his|her|their)\s+(?:\w+\s+)?(?!(?:papers|posters|folders|numbers|letters|orders|covers|"
    r"flyers|vouchers|stickers|drawers|containers|computers|printers|errors|mirrors|motors|doors|"
    r"floors|colors|offers)\b)(?:[a-z]{3,}(?:ers|ors|ists|ians|tenants|dents)|accountants|tenants|"
    r"consultants|assistants|participants|clients|agents|parents|people|crew|team|family|folks|"
    rf"girls|boys|kids|guys)\b(?!')|(?:his|her|their)\s+{KIN}\b(?!')"
)
""" "Ana and the roofers": people without a name."""
_KIN = re.compile(rf"s?['’]s?\s+(?P<who>{KIN})\b(?!['’-])")
_THEIRS = re.compile(KIN)  # "my friend Ute"
_STANDS = re.compile(
    r"(?:['’]s\b|\s[A-ZÀ-Þ]\w+)?\s*(?:$|[:,.;!?–—-]|\d|[€$£]|(?:that|about|for|to|whether|if|an?)\b)"
)
""" What follows a name that ends there."""
_AND = words("and und y et &")
_AS_SUBJECT = re.compile(r"\b(?:he|she|they|er|sie|elle|il)\b")
_ELIDED = re.compile(r"[ld]['’]$")
""" "l'Agence Belcourt": an article, as "the" is."""
_LONGEST = 14
"""A name of more words, with its titles and links, is none."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name as the message writes it, cased as the operator's records do."""

    value: str
    start: int
    end: int


def is_company(name: str) -> bool:
    """Whether a name bears a mark of a company."""
    tokens = [t.lower().strip(".") for t in name.split()]
    return any(t in ORG_MARKS or t in CRAFTS for t in tokens)


class Names:
    """Finds names in one message."""

    def __init__(self, text: Text, known: Sequence[str] = ()) -> None:
        """``known`` are names of clients and contacts; they settle case, and lower-case names."""
        self.text = text
        self.known = sorted({k.strip() for k in known if k.strip()}, key=len, reverse=True)
        self._cased = spelling.writes_capitals(text)
        self._whose = _WHOSE["en"] | _WHOSE.get(text.language, frozenset())

    def at(self, start: int, end: int, *, lower: bool = True, roles: bool = False) -> Name | None:
        """The name at ``start``, after articles and titles; reads no further than ``end``.

        ``lower``: names without capitals count. ``roles``: so does "the landlord", "my accountant".
        """
        raw, low = self.text.raw, self.text.low
        address = ADDRESS.match(raw, _skip_space(raw, start, end), end)
        if address:
            return Name(address.group().rstrip("."), address.start(), address.end())
        tokens = list(islice(TOKEN.finditer(raw, start, end), _LONGEST))
        index, role = 0, ""
        while index < len(tokens):
            word = low[tokens[index].start() : tokens[index].end()].strip(".")
            gap = low[start if index == 0 else tokens[index - 1].end() : tokens[index].start()]
            gap = gap if index else _ELIDED.sub("", gap)
            if HIDDEN in self.text.own[tokens[index].start() : tokens[index].end()] or re.search(
                r"[^\s.(]" if index else r"[^\s(]", gap
            ):
                return None
            ahead = tokens[index + 1] if index + 1 < len(tokens) else None
            then = low[ahead.start() : ahead.end()].strip(".") if ahead else ""
            joins = word in _AND and role in TITLES and then in TITLES
            article = word in _ARTICLES and not (word == "al" and raw[tokens[index].start()] == "A")
            known = word in TITLES or article or word in self._whose | _THEIR or joins
            if known or (word in PEOPLE and role) or (role == "dr" and word in DEGREES):
                role = "dr" if word in DEGREES else word
                index += 1
                continue
            # "my friend Ute"; "my printer Oksana:", but not "my landlord Bo pays"
            small = raw[tokens[index].start()].islower() and word not in NOT_NAMES | INSTITUTIONS
            stands = ahead and _STANDS.match(raw, ahead.end())
            kin = _THEIRS.fullmatch(word) or (small and stands)
            theirs = role in self._whose | _THEIR and kin and then not in NOT_NAMES
            if (word in PEOPLE or theirs) and ahead and raw[ahead.start()].isupper():
                index += 1
                role = word
                continue
            break
        if index >= len(tokens):
            return None
        first = tokens[index]
        known = self._known_at(first.start())
        if known:
            return self._with_institution(known, tokens) if role == "the" else known
        if raw[first.start()].isupper() or _MIXED.match(raw, first.start()):
            last = spelling.capitals(self.text, tokens, index)
            if last is not None and role == "the":
                last = spelling.institution(self.text, tokens, last)
            return self._spelt(tokens, index, last)
        if role in _THEIR:
            return None  # "her mother": of nobody who is named
        if role in self._whose:
            return self._role(tokens, index) if lower and roles else None
        if role in _DEFINITE and not (roles or self.text.language != "en"):
            return None
        if not lower:
            return None
        if role == "a" and self.text.language == "en":
            return None  # "a polite reminder": how it is, not whose
        last = spelling.small(self.text, tokens, index, role=role, cased=self._cased)
        return self._spelt(tokens, index, last)

    def _spelt(self, tokens: Sequence[re.Match[str]], index: int, last: int | None) -> Name | None:
        if last is None:
            return None
        start, end = tokens[index].start(), tokens[last].end()
        value = spelling.written(self.text.raw[start:end], cased=self._cased)
        if _ELIDED.search(self.text.raw, max(0, start - 2), start):
            start -= 2
        return self._and_kin(Name(value, start, end)) if value else None

    def _with_institution(self, known: Name, tokens: Sequence[re.Match[str]]) -> Name:
        """A known name, to the end of "the Northwind office": it is still theirs."""
        last = next((at for at, token in enumerate(tokens) if token.end() == known.end), None)
        if last is None:
            return known
        return replace(known, end=tokens[spelling.institution(self.text, tokens, last)].end())

    def _and_kin(self, name: Name) -> Name:
        """ "Zosia's mum": whoever is somebody's is not that person."""
        low = self.text.low
        own = re.sub(r"['’]s?$", "", low[name.start : name.end])
        kin = _KIN.match(low, name.start + len(own))
        if kin is None or "@" in name.value:
            return name
        return Name(f"{name.value}'s {kin['who']}", name.start, kin.end())

    def _known_at(self, start: int) -> Name | None:
        found = self._recorded_at(start)
        return self._and_kin(found) if found else None

    def _recorded_at(self, start: int) -> Name | None:
        low = self.text.low
        for name in self.known:
            parts = name.split()
            for count in range(len(parts), 0, -1):
                part = " ".join(parts[:count])
                key = part.lower()
                if count < len(parts) and (len(key) < 4 or key in NOT_NAMES):
                    continue
                if (
                    low.startswith(key, start)
                    and not low[start + len(key) : start + len(key) + 1].isalnum()
                ):
                    return Name(part, start, start + len(key))
            for part in parts[1:]:
                key = part.lower()
                if (
                    len(key) >= 4
                    and key not in NOT_NAMES
                    and key not in ORG_MARKS
                    and low.startswith(key, start)
                    and not low[start + len(key) : start + len(key) + 1].isalnum()
                ):
                    return Name(part, start, start + len(key))
        return None

    def _role(self, tokens: list[re.Match[str]], index: int) -> Name | None:
        low = self.text.low
        token = tokens[index]
        word = low[token.start() : token.end()]
        if (
            word in PEOPLE
            or word in FUNCTION
            or (word.endswith("s") and word in OBJECTS)
            or word in OBJECTS
        ):
            return None
        before, last = tokens[index - 1], spelling.role_end(self.text, tokens, index)
        return Name(
            self.text.raw[before.start() : last.end()].removesuffix("'s"),
            before.start(),
            last.end(),
        )

    def several(self, start: int, end: int) -> Name | None:
        """A name or a list of names ("Ravi and the Bergström team")."""
        first = self.at(start, end, roles=True)
        if first is None:
            group = _GROUP.match(self.text.raw, _skip_space(self.text.raw, start, end), end)
            return Name(group.group(), *group.span()) if group else None
        raw = self.text.raw
        last_end = first.end
        while True:
            link = re.compile(r"\s*(?:,\s*(?:and\s+)?|\s(?:and|und|y|et|&|\+)\s+)").match(
                raw, last_end, end
            )
            if not link:
                break
            group = _GROUP.match(raw, link.end(), end)
            if group:
                last_end = group.end()
                break
            nxt = self.at(link.end(), end, lower=not self._cased)
            if (
                nxt is None
                or ("@" in nxt.value) != ("@" in first.value)
                or self.text.low[link.end() : nxt.end].split()[0] in {"my", "our"}
            ):
                break
            last_end = nxt.end
            team = re.compile(r"\s+(?:team|family|people|gang|crew|folks)\b").match(
                raw, last_end, end
            )
            if team:
                last_end = team.end()
        if last_end == first.end:
            team = re.compile(r"\s+(?:team|family|people|gang|crew|folks)\b").match(
                raw, last_end, end
            )
            if team:
                return Name(raw[first.start : team.end()], first.start, team.end())
            return first
        return Name(raw[first.start : last_end].strip(" ,"), first.start, last_end)

    def all(self, start: int, end: int) -> list[Name]:
        """Every name in a span, known ones in any case, others by their capitals."""
        found: list[Name] = []
        at = start
        raw, low = self.text.raw, self.text.low
        for token in TOKEN.finditer(raw, start, end):
            if token.start() < at or HIDDEN in self.text.own[token.start() : token.end()]:
                continue
            if address := ADDRESS.match(raw, token.start()):
                at = address.end()
                continue
            known = self._known_at(token.start())
            if known:
                found.append(known)
                at = known.end
                continue
            if (
                not (raw[token.start()].isupper() or _MIXED.match(raw, token.start()))
                or low[token.start() : token.end()] in TITLES
            ):
                continue
            the = 4 if low[start : token.start()].endswith("the ") else 0
            name = self.at(token.start() - the, end, lower=False)
            if name and not (name.value.isupper() and len(name.value) <= 3):
                found.append(name)
                at = name.end
        return found

    def candidates(self, start: int, end: int) -> list[Name]:
        """Whom a pronoun may mean: rather subjects than names that prepositions bring in."""
        found = [n for n in self.all(start, end) if not is_place(n.value)]
        low = self.text.low
        subjects = [
            n
            for n in found
            if not re.search(
                r"\b(?:in|to|at|from|on|near|via|by|for|about|with|of|aus|nach|von)\s+(?:the\s+)?$",
                low[: n.start][-12:],
            )
        ]
        subjects = subjects or found
        if any(_AS_SUBJECT.search(low, n.end, subjects[-1].start) for n in found):
            subjects = found  # "coffee with Ina, she says Bo is late": either of them
        if len({n.value for n in subjects}) > 1 or (len(subjects) == 1 and len(found) > 1):
            # "Garden plan for Fenna": a capital that only starts the sentence.
            named = [n for n in found if not self._only_opens(n)]
            if len({n.value for n in named}) == 1:
                return named
        return subjects

    def _only_opens(self, name: Name) -> bool:
        before = self.text.raw[: name.start].rstrip()
        return (
            (not before or before[-1] in ".!?\n")
            and " " not in name.value
            and name.value not in self.known
            and bool(_GOES_ON.match(self.text.raw, name.end))
        )


def _skip_space(raw: str, start: int, end: int) -> int:
    while start < end and raw[start] in " (<":
        start += 1
    return start
