"""Who is meant: names of people and companies where they stand in a message."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from babel import Locale

from agents.builtin.dates import cities
from agents.builtin.lexicon import (
    FUNCTION,
    MONTHS,
    OBJECTS,
    ORG_MARKS,
    PEOPLE,
    PRONOUNS,
    TITLES,
    WEEKDAYS,
    words,
)
from agents.builtin.phrases import ADDRESS
from agents.builtin.text import HIDDEN, Text

_TOKEN = re.compile(r"[^\W_][\w.'’&-]*[\w]|[^\W_]|[&+]")
_LINKS = words(
    "& + van der den de von del la of le di da dos du ter ten zu zum y et and und bin ibn al el the"
)
_FAMILY = words(
    "sons daughters co partners brothers associates synowie söhne hijos fils sisters company cie"
)
_NOT_NAMES = (
    FUNCTION
    | frozenset(OBJECTS)
    | frozenset(WEEKDAYS)
    | frozenset(
        m
        for names in MONTHS.values()
        for m in names
        if m not in {"may", "mar", "jan", "mai", "april", "june", "august"}
    )
    | words(
        "invoice invoices bill email mail payment payments reminder reminders refund money back "
        "usd eur gbp chf inr euro euros dollars pounds dollar pound fwd fw re net vat iban "
        "linkedin google zoom figma webflow instagram tiktok twitter youtube faq ai api pdf ceo "
        "cfo q1 q2 q3 q4 remember remind send write book put schedule plan draft grade chase note "
        "add create make set show tell give find check look compare answer reply undo pause resume "
        "stop start cancel onboard research record log mark digest status budget approvals course "
        "student students client clients customer lead leads dear regards sir madam best kind "
        "rechnung zahlung termin stell schick schreib erinnere erinner factura facture envía "
        "escribe recuerda pon apunta écris envoie rappelle mets met got paid won great coffee "
        "lunch dinner meeting call inv usual half everything nothing question questions project "
        "final module lesson quiz essay issue issued another good nice big small full total "
        "deposit due bitte euro website overdue unpaid open outstanding late know knows needs "
        "wants back over some quick short soon regarding bescheid everyone all nobody anybody pls "
        "plz asap fyi ping nudge drop shoot get take let ask thank following english german "
        "spanish french swedish italian portuguese dutch european american british christmas "
        "easter vip crm okay marketing design everyone all nobody instead change move switch "
        "amount price description subject title text"
    )
)


_LONGEST = 14
"""A name of more words, with its titles and links, is none."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name as the message writes it, cased as the operator's records do."""

    value: str
    start: int
    end: int


@cache
def _places() -> frozenset[str]:
    countries = {
        str(name).lower() for code, name in Locale("en").territories.items() if len(code) == 2
    }
    return (
        frozenset(countries)
        | frozenset(cities())
        | words("london paris berlin uk usa us eu uae europe asia africa scotland wales england")
    )


def is_place(name: str) -> bool:
    """Whether a name is a country or a well-known city."""
    return name.lower() in _places()


def is_company(name: str) -> bool:
    """Whether a name bears a mark of a company."""
    tokens = [t.lower().strip(".") for t in name.split()]
    return any(t in ORG_MARKS for t in tokens)


class Names:
    """Finds names in one message."""

    def __init__(self, text: Text, known: Sequence[str] = ()) -> None:
        """``known`` are names of clients and contacts; they settle case, and lower-case names."""
        self.text = text
        self.known = sorted({k.strip() for k in known if k.strip()}, key=len, reverse=True)
        self._cased = self._writes_names_in_capitals()

    def _writes_names_in_capitals(self) -> bool:
        for match in _TOKEN.finditer(self.text.raw):
            word = match.group()
            before = self.text.raw[: match.start()].rstrip()
            opens = not before or before[-1] in ".!?:\n" or before.endswith(("- ", "•"))
            if (
                word[0].isupper()
                and not opens
                and word.lower() not in _NOT_NAMES
                and len(word) > 1
                and not word.isupper()
            ):
                return True
        return False

    def at(self, start: int, end: int, *, lower: bool = True, roles: bool = False) -> Name | None:
        """The name at ``start``, after articles and titles; reads no further than ``end``.

        ``lower``: names without capitals count. ``roles``: so does "the landlord", "my accountant".
        """
        raw, low = self.text.raw, self.text.low
        address = ADDRESS.match(raw, _skip_space(raw, start, end), end)
        if address:
            return Name(address.group().rstrip("."), address.start(), address.end())
        tokens = list(islice(_TOKEN.finditer(raw, start, end), _LONGEST))
        index, role = 0, ""
        while index < len(tokens):
            word = low[tokens[index].start() : tokens[index].end()].strip(".")
            gap = low[start if index == 0 else tokens[index - 1].end() : tokens[index].start()]
            if HIDDEN in self.text.own[tokens[index].start() : tokens[index].end()] or re.search(
                r"[^\s.(]" if index else r"[^\s(]", gap
            ):
                return None
            if (
                word in TITLES
                or word
                in {
                    "the",
                    "der",
                    "die",
                    "dem",
                    "den",
                    "firma",
                    "a",
                    "la",
                    "el",
                    "le",
                    "our",
                    "my",
                    "al",
                    "à",
                    "poor",
                    "good",
                    "das",
                    "los",
                    "les",
                }
                or (word in PEOPLE and role)
            ):
                role = word
                index += 1
                continue
            if (
                word in PEOPLE
                and index + 1 < len(tokens)
                and raw[tokens[index + 1].start()].isupper()
            ):
                index += 1
                role = word
                continue
            break
        if index >= len(tokens):
            return None
        first = tokens[index]
        known = self._known_at(first.start())
        if known:
            return known
        if raw[first.start()].isupper():
            return self._capitals(tokens, index, end)
        if role in {"my", "our"}:
            return self._role(tokens, index) if lower and roles else None
        if role in {
            "the",
            "der",
            "die",
            "das",
            "la",
            "el",
            "le",
            "den",
            "dem",
            "los",
            "les",
        } and not (roles or self.text.language != "en"):
            return None
        return self._small(tokens, index, role) if lower else None

    def _known_at(self, start: int) -> Name | None:
        low = self.text.low
        for name in self.known:
            parts = name.split()
            for count in range(len(parts), 0, -1):
                part = " ".join(parts[:count])
                key = part.lower()
                if count < len(parts) and (len(key) < 4 or key in _NOT_NAMES):
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
                    and key not in _NOT_NAMES
                    and key not in ORG_MARKS
                    and low.startswith(key, start)
                    and not low[start + len(key) : start + len(key) + 1].isalnum()
                ):
                    return Name(part, start, start + len(key))
        return None

    def _capitals(self, tokens: list[re.Match[str]], index: int, end: int) -> Name | None:
        raw, low = self.text.raw, self.text.low
        first = tokens[index]
        word = low[first.start() : first.end()]
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        doubtful = word.removesuffix("'s") in _NOT_NAMES
        opens = self._opens(first.start())
        if doubtful and not (
            not opens
            and following
            and raw[following.start()].isupper()
            and not raw[first.end() : following.start()].strip()
            and low[following.start() : following.end()] not in _NOT_NAMES
            and word not in FUNCTION
        ):
            return None
        last, at = first, index
        while at + 1 < len(tokens) and not last.group().endswith(("'s", "’s")):
            nxt = tokens[at + 1]
            gap = raw[last.end() : nxt.start()]
            if gap.strip(" ") not in {"", "."} or (gap.strip() == "." and len(last.group()) > 3):
                break
            token = low[nxt.start() : nxt.end()]
            upper = raw[nxt.start()].isupper()
            if (
                upper
                and (token not in _NOT_NAMES or token in ORG_MARKS or token in {"may", "will"})
                and not (
                    raw[nxt.start() : nxt.end()].isupper() and len(token) == 3 and _is_code(token)
                )
            ):
                last, at = nxt, at + 1
                continue
            if (
                token in ORG_MARKS
                and token not in FUNCTION
                and token
                not in {
                    "design",
                    "digital",
                    "shop",
                    "store",
                    "legal",
                    "media",
                    "software",
                    "press",
                    "house",
                    "company",
                    "designs",
                    "works",
                    "creative",
                    "systems",
                    "solutions",
                    "consulting",
                }
                and not gap.strip()
            ):
                last, at = nxt, at + 1
                continue
            if token in _LINKS and at + 2 < len(tokens):
                ahead = tokens[at + 2]
                after = low[ahead.start() : ahead.end()]
                if token in {"and", "y", "et", "und", "+"} and after not in _FAMILY:
                    break
                joined = not raw[nxt.end() : ahead.start()].strip(" ")
                if joined and (
                    (raw[ahead.start()].isupper() and after not in _NOT_NAMES)
                    or after in _FAMILY
                    or (
                        after in _LINKS
                        and at + 3 < len(tokens)
                        and raw[tokens[at + 3].start()].isupper()
                    )
                ):
                    last, at = ahead, at + 2
                    continue
            break
        return self._name(first.start(), last.end())

    def _opens(self, position: int) -> bool:
        before = self.text.raw[:position].rstrip(" -•*\"'(")
        return not before or before[-1] in ".!?:\n,;"

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
        before = tokens[index - 1]
        return Name(
            self.text.raw[before.start() : token.end()].removesuffix("'s"),
            before.start(),
            token.end(),
        )

    def _small(self, tokens: list[re.Match[str]], index: int, role: str) -> Name | None:
        """A name without capitals: the words up to the next that cannot belong to one."""
        raw, low = self.text.raw, self.text.low
        first, last = tokens[index], None
        if (
            self._cased
            and role not in TITLES
            and role not in {"the"}
            and not self._plain_position(tokens, index)
        ):
            return None
        for token in tokens[index : index + (1 if role == "the" else 4)]:
            word = low[token.start() : token.end()]
            gap = raw[last.end() : token.start()] if last else ""
            if gap.strip(" ."):
                break
            link = word in {"&", "+"} or (
                word in {"van", "der", "de", "von"} and last is not None and word != "de"
            )
            if (
                not link
                and (word.removesuffix("'s") in _NOT_NAMES or not word[0].isalpha())
                and not (word in ORG_MARKS and last)
            ):
                break
            if (
                last is not None
                and word not in ORG_MARKS
                and not link
                and len(word) > 2
                and word.endswith(("ing", "ed", "ly"))
            ):
                break
            last = token
            if word.endswith("'s"):
                break
        if last is None or first.group() in {"&", "+"}:
            return None
        if low[first.start() : last.end()].removesuffix("'s") in PEOPLE | PRONOUNS:
            return None
        return self._name(first.start(), last.end())

    def _plain_position(self, tokens: list[re.Match[str]], index: int) -> bool:
        """In a message with capitals, a lower-case word is a name only when it stands alone."""
        if index + 1 >= len(tokens):
            return True
        nxt = tokens[index + 1]
        word = self.text.low[nxt.start() : nxt.end()]
        return (
            word in FUNCTION
            or word[0].isdigit()
            or bool(self.text.raw[tokens[index].end() : nxt.start()].strip())
        )

    def _name(self, start: int, end: int) -> Name | None:
        value = self.text.raw[start:end]
        for suffix in ("'s", "’s", "'"):
            if value.lower().endswith(suffix):
                value = value[: -len(suffix)]
                break
        value = value.strip(" .,")
        if not value:
            return None
        if value.islower() and not self._cased:
            value = " ".join(w.capitalize() if w not in _LINKS else w for w in value.split())
        return Name(value, start, end)

    def several(self, start: int, end: int) -> Name | None:
        """A name or a list of names ("Ravi and the Bergström team")."""
        first = self.at(start, end, roles=True)
        if first is None:
            return None
        raw = self.text.raw
        last_end = first.end
        while True:
            link = re.compile(r"\s*(?:,\s*(?:and\s+)?|\s(?:and|und|y|et|&|\+)\s+)").match(
                raw, last_end, end
            )
            if not link:
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
        for token in _TOKEN.finditer(raw, start, end):
            if token.start() < at or HIDDEN in self.text.own[token.start() : token.end()]:
                continue
            if ADDRESS.match(raw, token.start()):
                at = ADDRESS.match(raw, token.start()).end()  # type: ignore[union-attr]
                continue
            known = self._known_at(token.start())
            if known:
                found.append(known)
                at = known.end
                continue
            if not raw[token.start()].isupper() or low[token.start() : token.end()] in TITLES:
                continue
            name = self.at(token.start(), end, lower=False)
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
        return subjects or found


def _is_code(token: str) -> bool:
    return token in {
        "eur",
        "usd",
        "gbp",
        "chf",
        "inr",
        "sek",
        "nok",
        "dkk",
        "pln",
        "czk",
        "aud",
        "cad",
        "nzd",
        "jpy",
        "huf",
        "zar",
    }


def _skip_space(raw: str, start: int, end: int) -> int:
    while start < end and raw[start] in " (<":
        start += 1
    return start
