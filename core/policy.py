"""What may happen without a tap: a verdict on every action, with the rules that made it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from core.actions import Action, Risk

VERSION = "1"
"""Changes with the rules; an approval given under another version is dead."""

Verdict = Literal["auto", "hold", "ask", "shadow", "deny"]


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict and the rules that said so, as plain sentences."""

    verdict: Verdict
    rules: tuple[str, ...]


def judge(action: Action, *, origins: Collection[str]) -> Ruling:
    """The verdict on one action.

    ``origins`` is where its parameters came from: ``operator``, ``memory``, ``untrusted``.
    """
    rules: list[str] = []
    if action.risk is not Risk.INSIDE:
        what = {
            Risk.OUTSIDE: "leaves the house or commits you",
            Risk.MONEY: "is about money",
        }[action.risk]
        rules.append(f"What {what} is asked first ({action.name}).")
    if "untrusted" in origins:
        rules.append("What derives from words of others is asked first.")
    if action.reversal.kind == "irreversible":
        rules.append(f"What can't be taken back is asked first ({action.name}).")
    if rules:
        return Ruling("ask", tuple(rules))
    return Ruling(
        "auto", (f"Your own records, and it can be taken back: done at once ({action.name}).",)
    )
