"""A rule: a verdict, and what a case must be for it to speak."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal

from core.actions import Risk
from core.money import Money
from core.policy.case import Case, party_key

Verdict = Literal["auto", "hold", "ask", "shadow", "deny"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

STRICTNESS: tuple[Verdict, ...] = ("auto", "hold", "ask", "shadow", "deny")
"""The verdicts, laxest first."""
RELAXING = frozenset[Verdict]({"auto", "hold"})
"""Verdicts under which something happens without a tap."""
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

DONE: dict[Verdict, str] = {
    "auto": "done at once",
    "hold": "held back for a while, then done",
    "ask": "asked first",
    "shadow": "only rehearsed, nothing happens",
    "deny": "refused",
}
"""What becomes of a case, in words."""
_RISKS = {
    Risk.INSIDE: "your own records",
    Risk.OUTSIDE: "what leaves the house or commits you",
    Risk.MONEY: "what is about money",
}
_REVERSALS = {"compensate": "what can be taken back", "irreversible": "what can't be taken back"}
_TRUST = {
    "trusted": "what rests only on you and on what is remembered",
    "untrusted": "what derives from words of others",
}


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of the day: minutes after midnight, from ``start`` to before ``end``.

    Where ``end`` is not after ``start`` it reaches past midnight.
    """

    start: int
    end: int

    def __contains__(self, moment: time) -> bool:
        """Whether ``moment`` lies in it."""
        now = moment.hour * 60 + moment.minute
        if self.start < self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end

    def __str__(self) -> str:
        """``22:00-07:00``."""
        return "-".join(f"{m // 60:02}:{m % 60:02}" for m in (self.start, self.end))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. A field that is empty asks nothing; of several values one has to fit.

    ``seconds`` is how long ``hold`` holds back. In ``action``, ``counterparty`` and ``agent``
    a ``*`` stands for any text.

    What can't be told counts against the case: a rule that relaxes (auto, hold) does not speak
    where an amount or a counterparty it asks for is unknown, and one that restricts does. A
    rule that relaxes has to fit every recipient and every origin, the others any of them.
    """

    verdict: Verdict
    because: str = ""
    seconds: int | None = None
    action: tuple[str, ...] = ()
    risk: tuple[Risk, ...] = ()
    reversal: tuple[Literal["compensate", "irreversible"], ...] = ()
    up_to: tuple[Money, ...] = ()
    above: tuple[Money, ...] = ()
    counterparty: tuple[str, ...] = ()
    time: tuple[Hours, ...] = ()
    days: tuple[Day, ...] = ()
    agent: tuple[str, ...] = ()
    provenance: tuple[str, ...] = ()
    trust: tuple[Literal["trusted", "untrusted"], ...] = ()

    def content(self) -> dict[str, Any]:
        """What the rule says, as JSON can hold it; without what it leaves open."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: [str(item) for item in value] if isinstance(value, tuple) else value
            for name, value in said.items()
            if value not in ("", None, ())
        }

    def covers_action(self, name: str) -> bool:
        """Whether it may speak of the action called ``name`` at all."""
        return not self.action or _like(self.action, name)

    def speaks_of(self, case: Case) -> bool:
        """Whether all its conditions fit."""
        return (
            self.covers_action(case.action)
            and (not self.risk or case.risk in self.risk)
            and (not self.reversal or case.reversal in self.reversal)
            and self._amount_fits(case)
            and self._counterparty_fits(case)
            and (not self.time or any(case.at.time() in hours for hours in self.time))
            and (not self.days or DAYS[case.at.weekday()] in self.days)
            and (not self.agent or _like(self.agent, case.agent))
            and self._provenance_fits(case)
            and (not self.trust or ("untrusted" if case.untrusted else "trusted") in self.trust)
        )

    def _amount_fits(self, case: Case) -> bool:
        if not (self.up_to or self.above):
            return True
        if case.amount is None:
            return case.amount_unknown and self.verdict not in RELAXING
        return (not self.up_to or self._compares(case.amount, self.up_to, above=False)) and (
            not self.above or self._compares(case.amount, self.above, above=True)
        )

    def _compares(self, amount: Money, bounds: Iterable[Money], *, above: bool) -> bool:
        for bound in bounds:
            if bound.currency == amount.currency:
                return (abs(amount.minor) > bound.minor) is above
        return self.verdict not in RELAXING  # nobody can tell across currencies

    def _counterparty_fits(self, case: Case) -> bool:
        if not self.counterparty:
            return True
        if "counterparty" in case.unknown:
            return self.verdict not in RELAXING
        if not case.parties:
            return False
        if _like(self.counterparty, case.counterparty or ""):
            return True
        found = [_like(self.counterparty, party) for party in case.parties]
        return all(found) if self.verdict in RELAXING else any(found)

    def _provenance_fits(self, case: Case) -> bool:
        if not self.provenance:
            return True
        if self.verdict in RELAXING:
            return bool(case.provenance) and case.provenance <= set(self.provenance)
        return not case.provenance.isdisjoint(self.provenance)

    def sentence(self, case: Case) -> str:
        """Why it decides this case, in a sentence that names the action."""
        return f"{self.because or self.words()} ({case.action})."

    def words(self) -> str:
        """The whole rule in plain words, without a stop."""
        done = DONE[self.verdict]
        if self.seconds:
            done = f"held back for {self.seconds} second{'s'[: self.seconds - 1]}, then done"
        return f"{done[:1].upper()}{done[1:]}: {', '.join(self.conditions()) or 'everything'}"

    def conditions(self) -> list[str]:
        """Each of its conditions in plain words."""
        said = [_either(self.action)] if self.action else []
        said += [_either(_RISKS[risk] for risk in self.risk)] if self.risk else []
        said += [_either(_REVERSALS[kind] for kind in self.reversal)] if self.reversal else []
        said += [f"up to {_either(self.up_to)}"] if self.up_to else []
        said += [f"above {_either(self.above)}"] if self.above else []
        said += [f"with {_either(self.counterparty)}"] if self.counterparty else []
        said += [f"at {_either(self.time)}"] if self.time else []
        said += [f"on {_either(day.capitalize() for day in self.days)}"] if self.days else []
        said += [f"proposed by {_either(self.agent)}"] if self.agent else []
        said += [f"from {_either(self.provenance)}"] if self.provenance else []
        said += [_either(_TRUST[trust] for trust in self.trust)] if self.trust else []
        return said

    def example(self, case: Case) -> Case:
        """``case`` changed as little as needed for the amount, time and so on to fit."""
        at = case.at
        if self.days:
            while DAYS[at.weekday()] not in self.days:
                at += timedelta(days=1)
        if self.time:
            at = _at(at, self.time[0])
        amount = case.amount
        if self.above:
            amount = Money(self.above[0].minor + 1, self.above[0].currency)
        elif self.up_to:
            amount = self.up_to[0]
        return replace(
            case,
            at=at,
            amount=amount,
            counterparty=_some(self.counterparty) or case.counterparty,
            agent=_some(self.agent) or case.agent,
            origins=frozenset(self.provenance) or case.origins,
        )


def within(amount: Money, bounds: Iterable[Money]) -> bool:
    """Whether ``amount`` is at most the bound of its currency; false where there is none."""
    return any(b.currency == amount.currency and abs(amount.minor) <= b.minor for b in bounds)


def _either(items: Iterable[object]) -> str:
    return " or ".join(str(item) for item in items)


def _some(patterns: tuple[str, ...]) -> str:
    return patterns[0].replace("*", "x") if patterns else ""


def _at(moment: datetime, hours: Hours) -> datetime:
    return moment.replace(hour=hours.start // 60, minute=hours.start % 60)


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    # A star never reaches from one recipient into the next: they are joined by semicolons.
    return re.compile("[^;]*".join(re.escape(part) for part in party_key(text).split("*")))


def _like(patterns: Iterable[str], text: str) -> bool:
    return any(_pattern(pattern).fullmatch(party_key(text)) for pattern in patterns)
