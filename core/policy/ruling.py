"""The policy as it holds, and what it rules: the strictest rule that speaks decides.

What no rule speaks of is asked, so that everything that leaves the house is, unless a rule says
otherwise; and whatever rests on words of others is never done without a tap.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.actions import Risk, Sensitive
from core.canonical import canonical
from core.money import Money
from core.policy.case import Case
from core.policy.rule import RELAXING, STRICTNESS, Rule, Verdict, within

UNTRUSTED = "What derives from words of others is asked first."
LAWS = (
    "Of the rules that speak, the strictest decides.",
    "What no rule speaks of is asked first.",
    UNTRUSTED,
    "A recipient, amount, account, link or attachment that is not from you or from what you had "
    "remembered is asked about every time, and no grant covers it.",
)
"""What no file can relax."""
_LAWS_VERSION = 2
"""Changes with what the laws do, so that approvals given under other laws are dead."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict and the rules that said so, as plain sentences.

    ``seconds`` is how long it is held back, and is there with ``hold`` alone.
    """

    verdict: Verdict
    rules: tuple[str, ...]
    seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What no grant reaches beyond.

    ``irreversible`` bounds what can't be taken back, one amount for each currency. In a
    currency without one nothing that can't be taken back is granted.
    """

    irreversible: tuple[Money, ...] = ()

    def content(self) -> dict[str, Any]:
        """The limits as JSON can hold them."""
        return {"irreversible": [str(amount) for amount in self.irreversible]}


@dataclass(frozen=True)
class Policy:
    """Rules and limits, read and checked. Equal content has an equal ``version``."""

    rules: tuple[Rule, ...] = ()
    limits: Limits = Limits()

    @cached_property
    def version(self) -> str:
        """12 hex digits of SHA-256 over what the rules say; comments and layout don't count."""
        said = {
            "laws": _LAWS_VERSION,
            "rules": [rule.content() for rule in self.rules],
            "limits": self.limits.content(),
        }
        return hashlib.sha256(canonical(said)).hexdigest()[:12]

    def judge(self, case: Case) -> Ruling:
        """The verdict on one effect, with every rule that made it."""
        speaking = [rule for rule in self.rules if rule.speaks_of(case)]
        verdict = _strictest([rule.verdict for rule in speaking])
        deciding = [rule for rule in speaking if rule.verdict == verdict]
        said = [rule.sentence(case) for rule in deciding] or _unspoken(case)
        if case.untrusted and verdict in RELAXING:
            verdict, deciding, said = "ask", [], []
        if case.untrusted and verdict == "ask":
            said += [UNTRUSTED, *_exposed(case.exposed)]
        held = [rule.seconds or 0 for rule in deciding] if verdict == "hold" else []
        return Ruling(verdict, tuple(dict.fromkeys(said)), max(held) if held else None)

    def over_limit(self, case: Case) -> bool:
        """Whether no grant may help: it can't be taken back, and its amount is above the limit.

        An amount that can't be told counts as above; what has no amount has no limit here.
        """
        if case.reversal != "irreversible":
            return False
        if case.amount is None:
            return case.amount_unknown
        return not within(case.amount, self.limits.irreversible)


def _strictest(verdicts: list[Verdict]) -> Verdict:
    return max(verdicts, key=STRICTNESS.index) if verdicts else "ask"


def _exposed(kinds: tuple[Sensitive, ...]) -> list[str]:
    """What of a case others or a model settled, as a sentence."""
    return [f"Not from you: the {', the '.join(kinds)}; no grant covers that."] if kinds else []


def _unspoken(case: Case) -> list[str]:
    """Why a case is asked that no rule speaks of: by what it is, as far as that says it."""
    reasons = {
        "What leaves the house or commits you is asked first": case.risk is Risk.OUTSIDE,
        "What is about money is asked first": case.risk is Risk.MONEY,
        "What can't be taken back is asked first": case.reversal == "irreversible",
    }
    said = [words for words, so in reasons.items() if so]
    said = said or ["What no rule speaks of is asked first"]
    return [f"{words} ({case.action})." for words in said]
