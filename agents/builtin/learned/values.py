"""From the words of a found request to a typed one: the house's own parsers read every value."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from agents.builtin.clock import small
from agents.builtin.dates import resolve
from agents.builtin.learned.model import Found, Part
from agents.builtin.lexicon import FUNCTION, TITLES
from agents.builtin.merging import CERTAIN
from agents.builtin.names import Name
from agents.builtin.nonames import NOT_NAMES
from agents.builtin.slots.calendar import MORNING, one_of
from agents.builtin.slots.context import Context
from agents.builtin.slots.course import named_work
from agents.builtin.slots.payments import unclear
from agents.builtin.slots.terms import due
from agents.builtin.slots.writing import content_format
from agents.builtin.spelling import writes_capitals, written
from agents.builtin.total import NOTHING
from agents.builtin.when import When
from agents.builtin.wording import tidy

SURE = 0.5
"""Words less likely than this fill no slot that something is done by."""
SURE_OF_NAME = 0.6
"""Names less likely than this name nobody that something goes to."""
_TAKEN_BACK = re.compile(r"\s{3}|\s(?:and|und|y|et|&)?\s*$")
""" A name of which a correction took a part."""
_FAIRLY_SURE = 0.4
_SURER = 0.1
"""By how much a later name must be surer than the first one to be the one."""
_NO_NAME = FUNCTION | NOT_NAMES | TITLES
_BARE_NUMBER = re.compile(r"(?!(?:19|20)\d\d$)(?:[A-Za-z]{1,4}-?)?\d[\d/-]*")
""" "Mark 0113 as paid"; "the old one from 2026" has no number."""
_LEAD = re.compile(r"([^\W\d_]+)\s+(?=\S)")
_SOMEBODY = frozenset(("him", "her", "them", "ihm", "ihr", "ihnen", "lui", "leur"))
_PRONOUN = re.compile(
    r"(?:he|she|they|him|her|them|his|their|it|that|this|ihm|ihr|ihnen|ihn|sie|lui|leur|le|la|les)"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A found request with the message around it. ``earlier`` are names said before."""

    ctx: Context
    found: Found
    earlier: tuple[Name, ...]

    def name(self, slot: str) -> str | None:
        """Who is named, as the operator's records write it; whom a pronoun means."""
        sure = SURE if slot == "student" else SURE_OF_NAME
        parts = [p for p in self.found.of(slot) if p.sure >= sure or self._is_spelt(p)]
        if not parts:
            return None
        surest = max(parts, key=lambda part: part.sure)
        one = surest if surest.sure - parts[0].sure > _SURER else parts[0]
        first, last = (parts[0], parts[-1]) if _joined(self.ctx, parts) else (one, one)
        start, end = first.start, last.end
        while (lead := _LEAD.match(self.ctx.text.low, start, end)) and lead[1] in NOT_NAMES:
            start = lead.end()  # the order that the sentence opens with
        said = self.ctx.text.raw[start:end]
        if not said.strip() or _TAKEN_BACK.search(said):
            return None
        if _PRONOUN.fullmatch(said.lower()):
            before = self.earlier or self.ctx.named(0, start)
            return before[-1].value if len({n.value for n in before}) == 1 else None
        known = self.ctx.names.at(start, end)
        if known and known.end >= end:
            return known.value
        if re.search(r"[.!?,;:]\s", said) or _NO_NAME.issuperset(
            said.lower().replace(".", "").split()
        ):
            return None
        return written(said, cased=writes_capitals(self.ctx.text)) or None

    def _is_spelt(self, part: Part) -> bool:
        """Whether words that are less sure are a name of several words by their spelling too."""
        spelt = self.ctx.names.at(part.start, part.end, lower=False)
        first = self.ctx.text.low[part.start : part.end].split()[:1]
        return (
            part.sure >= _FAIRLY_SURE
            and spelt is not None
            and (spelt.start, spelt.end) == (part.start, part.end)
            and " " in spelt.value
            and NOT_NAMES.isdisjoint(first)
        )

    def words(self, slot: str) -> str | None:
        """Free text, as written."""
        said = [
            self._said(part)
            for part in self.found.of(slot)
            if slot == "period"
            or not any(w.start <= part.start and part.end <= w.end for w in self.ctx.whens)
        ]
        text = tidy(" ".join(said))
        said = (text or "").lower().split()
        # "Thank him" is the order, and nothing that a mail could say; "it's done" is.
        plain = NOT_NAMES.issuperset(said) and slot != "what"
        if plain and (slot != "about" or _SOMEBODY.intersection(said[-1:])):
            return None
        return text or None

    def _said(self, part: Part) -> str:
        return self.ctx.text.raw[part.start : part.end]

    def span(self, slot: str) -> tuple[int, int] | None:
        """From the first word of a slot to its last."""
        parts = self.found.of(slot)
        return (parts[0].start, parts[-1].end) if parts else None

    def money(self) -> dict[str, Any]:
        """The amount that the words of the slot say, or else those of the request."""
        parts = [part for part in self.found.of("amount") if part.sure >= SURE]
        own = self.ctx.total(parts[0].start, parts[-1].end) if parts else NOTHING
        whole = self.ctx.total(self.found.start, self.found.end)
        total = own if own.value is not None else whole
        said = self.ctx.money(self.found.start, self.found.end)
        plain = any(each.value == total.value for each in said)
        if total.value is None or (not parts and plain):
            # Nothing that is worked out, and it may be any number.
            low = self.ctx.text.low[self.found.start : self.found.end]
            told = parts or (not self.found.of("invoice_no") and (plain or unclear(whole, low)))
            return {"unclear": "amount"} if told and self._may_be_unclear else {}
        currency = next((t.currency for t in (own, whole) if t.currency), None)
        return {"amount": total.value, "currency": currency}

    @property
    def _may_be_unclear(self) -> bool:
        return self.found.intent in ("payment.record", "refund.issue")

    def when(self, slot: str) -> When | None:
        """What the words of a slot say of a moment; None where they name several."""
        span = self.span(slot)
        if span is None:
            return None
        said = [w for w in self.ctx.whens if w.start < span[1] and span[0] < w.end and not w.past]
        left = list(self.ctx.text.low[span[0] : span[1]])
        for when in said:
            for place in range(max(when.start, span[0]), min(when.end, span[1])):
                left[place - span[0]] = " "
        if re.search(r"\d", "".join(left)):
            return None  # a part of it that nobody could read, such as an hour
        return one_of(said)

    def moment(self, slot: str, **how: Any) -> datetime | None:
        """The moment that the words of a slot say."""
        when = self.when(slot)
        return resolve(when, self.ctx.now, self.ctx.zone, **how) if when else None

    def number(self, slot: str) -> int | None:
        """A count."""
        words = [word.lower() for part in self.found.of(slot) for word in self._said(part).split()]
        found = next((n for word in words if (n := small(word)) is not None), None)
        return (found or 1) * 12 if "dozen" in words else found


def _joined(ctx: Context, parts: Sequence[Part]) -> bool:
    """Whether several people are one recipient: "Ana and Ben"."""
    gaps = (ctx.text.low[a.end : b.start] for a, b in pairwise(parts))
    return len(parts) > 1 and all(
        re.fullmatch(r"\s*(?:,|and|&|und|y|et|,\s*and)\s*", g) for g in gaps
    )


def _invoice(r: Reading) -> dict[str, Any]:
    days, by = None, None
    if (span := r.span("due")) is not None:
        days, by, _ = due(r.ctx, max(span[0] - 12, r.found.start), min(span[1] + 12, r.found.end))
    return {
        "client": r.name("client"),
        "description": r.words("description"),
        "due_days": days,
        "due_date": by if days is None else None,
        **r.money(),
    }


def _number(r: Reading) -> str | None:
    span = r.span("invoice_no")
    if span is None:
        return None
    said = r.ctx.text.raw[span[0] : span[1]].lstrip("#")
    number = r.ctx.invoice_number(max(span[0] - 16, r.found.start), span[1])
    # Beside a name it is a sum as likely: "Chase Ida for 450".
    sure = all(part.sure >= CERTAIN for part in r.found.of("invoice_no"))
    sure = sure and not r.found.of("client")
    return number or (said if sure and _BARE_NUMBER.fullmatch(said) else None)


def _meeting(r: Reading) -> dict[str, Any]:
    span = r.span("duration") or (r.found.start, r.found.end)
    lengths = {m for start, end, m in r.ctx.spells if start < span[1] and span[0] < end}
    when = r.when("start")
    if when and when.minutes:
        lengths = {when.minutes}
    return {
        "with_": r.name("with"),
        "start": r.moment("start"),
        "duration_min": lengths.pop() if len(lengths) == 1 else None,
    }


def _lead(r: Reading) -> dict[str, Any]:
    return {
        "name": r.name("name"),
        "company": r.name("company"),
        "email": r.ctx.address(r.found.start, r.found.end),
        "source": r.words("source"),
    }


_READERS: Mapping[str, Callable[[Reading], dict[str, Any]]] = {
    "invoice.create": _invoice,
    "invoice.remind": lambda r: {"client": r.name("client"), "invoice_no": _number(r)},
    "payment.record": lambda r: {
        "client": r.name("client"),
        "invoice_no": _number(r),
        **r.money(),
    },
    "client.onboard": lambda r: {
        "client": r.name("client"),
        "contact": r.name("contact"),
        "email": r.ctx.address(r.found.start, r.found.end),
    },
    "lead.add": _lead,
    "email.write": lambda r: {"to": r.name("to"), "about": r.words("about")},
    "meeting.schedule": _meeting,
    "reminder.set": lambda r: {
        "what": r.words("what"),
        "at": r.moment("at", only_date=MORNING, early=True),
    },
    "content.plan": lambda r: {
        "topic": r.words("topic"),
        "count": r.number("count"),
        "period": r.words("period"),
    },
    "content.write": lambda r: {
        "topic": r.words("topic"),
        "format": content_format(r.ctx.text.low[r.found.start : r.found.end]),
    },
    "research": lambda r: {"question": r.words("question")},
    "memory.save": lambda r: {"statement": r.words("statement")},
    "memory.ask": lambda r: {"question": r.words("question")},
    "refund.issue": lambda r: {"to": r.name("to"), "reason": r.words("reason"), **r.money()},
    "student.answer": lambda r: {"student": r.name("student"), "question": r.words("question")},
    "submission.grade": lambda r: {
        "student": r.name("student"),
        "assignment": named_work(r.words("assignment")),
    },
}


def slots(reading: Reading) -> dict[str, Any]:
    """The slots that a found request fills; those without a value are left out."""
    reader = _READERS.get(reading.found.intent)
    found = reader(reading) if reader else {}
    return {key: value for key, value in found.items() if value not in (None, "")}
