"""What the readers of slots share: the message, the piece in hand and what stands around it."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from agents.builtin.amounts import Money, find_money
from agents.builtin.dates import durations, find_whens
from agents.builtin.intents import Hit
from agents.builtin.lexicon import PRONOUNS, alternatives, words
from agents.builtin.names import Name, Names
from agents.builtin.phrases import ADDRESS
from agents.builtin.places import is_place
from agents.builtin.sums import decide
from agents.builtin.text import Text
from agents.builtin.total import Sum
from agents.builtin.when import When

INVOICE_NUMBER = re.compile(
    r"(?P<inv>\b(?:inv|re|rg|rechnung|fac|fact|ar|r|"
    r"f)[-_/]?(?:\d{2,4}[-/])?\d{2,6}\b(?<![a-z]{3}\s))|(?<![\w./-])(?P<year>(?:19|"
    r"20)\d\d[-/]\d{2,5})(?![\w-])|#\s?(?P<hash>[\w-]*\d[\w-]*(?:/\d+)?)|"
    r"\b(?:invoices?|inv\.?|bill|rechnung|factura|facture)\s*(?:number|numbers|no\.?|nr\.?|n°|nº|"
    r"num\.?|nummer|número|numéro)?\s*[:#]?\s*(?P<plain>[a-z]{0,4}[-/]?\d[\w/-]*\d|"
    r"\d{1,6})(?![\w.,]*\d)|"
    # "They haven't paid number 1183": of an invoice, not of a house or a lesson.
    r"\b(?:paid|pay|pays|settled?|chase|about|for|on|re|regarding|overdue|unpaid|late|with)\s+"
    r"(?:the\s+)?(?:number|no\.|nr\.?)\s*#?(?P<bare>\d{2,6}(?:[-/]\d{1,5})?)(?![\w.,/-]*\d)|"
    r"\b(?:paid|settled|mark|chase|remind\s+about)\s+#?(?P<nought>0\d{2,5})(?![\w.,:/-]*\d)|"
    r"\breminder\s+(?:for|about|on)\s+(?P<late>\d{3,6})(?![\w.,:/-]*\d|\s*(?:uhr|hours|[ap]m)\b)",
    re.I,
)
_TOO_COMMON = words("it a la le les lo er sie su il its")
_PRONOUN = re.compile(
    r"\s*(?:to\s+|for\s+|with\s+|an\s+|a\s+|à\s+|mit\s+|con\s+)?"
    r"(?:(?:both|all|each|either)\s+of\s+)?"
    rf"{alternatives(PRONOUNS - _TOO_COMMON)}"
    r"(?!\w)"
)


_ENGLISH = words("him her them em 'em they he she it their his hers theirs its")
_OWNERS = words("his her their its")
_WHOSE = re.compile(
    r"\b(?:(?P<one>him|her|he|she|his|ihm|ihn|lui)|them|they|their|it|its|ihnen|leur)\b"
)
_OBJECT_OF = re.compile(r"\b(?:invoice|bill|refund|charge|chase|remind|reimburse)\s+$")
_OWNS = re.compile(
    r"(?<![\w'-])(?=[^\W\d_])(?=(?P<who>[\w-]+(?:\s[\w-]+)?)['’]s?\s+(?:[\w-]+\s+){0,3}?"
    r"(?:invoices?|bills?|payments?|instal+ments?|order|account)\b)"
)
""" "bogdan's october invoice": whose it is."""
_MEETS = re.compile(
    r"\b(?:(?:talk(?:ed|ing)|spoke|speaking|chat(?:ted|ting)|met(?:\s+up)?|lunch|coffee|call|"
    r"phone|meeting)\s+(?:to|with)|"
    r"met|saw|rang|phoned|visited|heard\s+(?:back\s+)?from)\s+(?=[^\W\d_])"
)


@dataclass(frozen=True)
class Context:
    """One piece with its hit. ``end`` reaches over the context that follows it."""

    text: Text
    names: Names
    hit: Hit
    start: int
    own_end: int
    end: int
    lead: int
    """Where the context before the piece starts that belongs to no other request."""
    now: datetime
    zone: ZoneInfo
    currency: str
    earlier: tuple[Name, ...] = field(default=())
    territory: str | None = None
    contact: Name | None = None
    """The person named for the company that was spoken of last."""

    @cached_property
    def whens(self) -> list[When]:
        """The moments named in the whole message."""
        return find_whens(self.text.low, self.now, self.zone)

    @cached_property
    def spells(self) -> list[tuple[int, int, int]]:
        """The lengths of time named in the whole message."""
        return [
            (s, e, m)
            for s, e, m in durations(self.text.low)
            if not any(w.start < e and s < w.end for w in self.whens)
        ]

    def whens_in(self, start: int, end: int) -> list[When]:
        """The moments named in a span."""
        return [w for w in self.whens if w.start >= start and w.end <= end]

    def money(self, start: int, end: int) -> list[Money]:
        """What may be money in a span."""
        taken = [
            (w.start - start, w.end - start)
            for w in self.whens
            if w.day or w.clock or w.moment or w.past
        ]
        taken += [(m.start() - start, m.end() - start) for m in ADDRESS.finditer(self.text.raw)]
        taken += [
            (m.start() - start, m.end() - start)
            for m in re.finditer(r"\+\d[\d\s/-]{6,}\d|https?://\S+", self.text.raw)
        ]
        taken += [
            (m.start() - start, m.end() - start)
            for m in INVOICE_NUMBER.finditer(self.text.low)
            if m["inv"]
            or m["year"]
            or m["hash"]
            or self.hit.intent in {"payment.record", "invoice.remind"}
        ]
        taken += [
            (n.start - start, n.end - start)
            for n in self.names.all(start, end)
            if any(c.isdigit() for c in n.value)
        ]
        return find_money(
            self.text.raw[start:end],
            self.text.low[start:end],
            taken=taken,
            language=self.text.language,
            territory=self.territory,
            own=self.currency,
        )

    def total(self, start: int, end: int) -> Sum:
        """The sum that a span asks for."""
        return decide(self.text.low[start:end], self.money(start, end), language=self.text.language)

    def pronoun_at(self, position: int) -> bool:
        """Whether a pronoun for a person stands at a position."""
        match = _PRONOUN.match(self.text.low, position)
        if match is None:
            return False
        word = match.group().split()[-1]
        if word == "em" and self.text.raw[match.end() - 2] == "E":
            return False  # "Em" is somebody, "em" is them
        if word in _OWNERS and self.names.at(match.start(), self.end, lower=False):
            return False  # "his brother Nils" is Nils
        # "Ella" is somebody in English, whatever it is in Spanish.
        return self.text.language != "en" or word in _ENGLISH

    def antecedent(self, position: int | None = None) -> Name | None:
        """Who a pronoun means: the last name before it, here or in an earlier request."""
        at = self.hit.start if position is None else position
        since = self.earlier[-1].end if self.earlier else 0
        found = self.names.candidates(since, at)
        if not found and self.earlier:
            whose = _WHOSE.search(self.text.low, at)
            reached = self.hit.intent in {"email.write", "meeting.schedule"}
            if self.contact and reached and whose and whose["one"]:
                return self.contact  # who is billed is the company all the same
            return self.earlier[-1]
        if not found and (spoken := self._spoken_of(since, at)):
            return spoken
        ordered = [n for n in found if _OBJECT_OF.search(self.text.low[: n.start][-16:])]
        if len({n.value for n in found}) > 1 and len({n.value for n in ordered}) == 1:
            return ordered[-1]  # "Gudrun says we should bill Dvořák. So bill him"
        # Two people who may be meant: better asked than guessed.
        return found[-1] if len({n.value for n in found}) == 1 else None

    def _spoken_of(self, start: int, end: int) -> Name | None:
        """The one person whom a message without capitals tells of ("talked to rafael")."""
        found = [self.names.at(m.end(), end) for m in _MEETS.finditer(self.text.low, start, end)]
        found += [self.names.at(m.start(), end) for m in _OWNS.finditer(self.text.low, start, end)]
        people = {n.value: n for n in found if n and n.value.lower() not in PRONOUNS}
        return next(iter(people.values())) if len(people) == 1 else None

    def named(self, start: int, end: int) -> list[Name]:
        """The names in a span that are not places."""
        return [n for n in self.names.all(start, end) if not is_place(n.value)]

    def invoice_number(self, start: int, end: int) -> str | None:
        """The number of an invoice in a span."""
        for match in INVOICE_NUMBER.finditer(self.text.low, start, end):
            raw = self.text.raw[match.start(match.lastgroup or 0) : match.end(match.lastgroup or 0)]
            if (
                raw
                and any(
                    w.start < match.end() and match.start(match.lastgroup or 0) < w.end and w.day
                    for w in self.whens
                )
                and not match["inv"]
            ):
                continue
            return raw.lstrip("#").strip()
        return None

    def address(self, start: int, end: int) -> str | None:
        """A mail address in a span."""
        match = ADDRESS.search(self.text.raw, start, end)
        return match.group().rstrip(".") if match else None
