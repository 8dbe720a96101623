"""The plan of a message that asks for several things: shown before anything of it begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from bot.outgoing import Button, Outgoing, esc
from core.costs import Cost
from core.policy import Verdict

_WILL: dict[Verdict, str] = {
    "auto": "done at once",
    "hold": "done after a short wait in which you can undo it",
    "ask": "asks you first",
    "shadow": "only recorded, as your policy says",
    "deny": "refused by your policy",
}
RUN, CANCEL, DROP = "run", "x", "drop"
"""What the buttons stand for; a number follows ``DROP``."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing of the plan: what it is, with its most telling values, and what becomes of it."""

    title: str
    verdict: Verdict


def heading(parts: Sequence[Part]) -> str:
    """What the plan is called."""
    return f"Plan of {len(parts)} steps" if len(parts) > 1 else "Plan of 1 step"


def told(parts: Sequence[Part]) -> str:
    """The plan in plain text, as it stays when it was run."""
    return "\n".join([heading(parts), *(f"{n}. {part.title}" for n, part in _each(parts))])


def card(
    parts: Sequence[Part],
    prompt_id: str,
    *,
    cost: Cost,
    takes: timedelta | None = None,
    unread: str = "",
) -> Outgoing:
    """The plan with its buttons.

    ``takes`` is how long all of it usually takes, your taps aside, where that is known; ``unread``
    are words of an edit that changed nothing.
    """
    lines = [f"<b>{heading(parts)}</b>"]
    lines += [f"{n}. {esc(part.title)} · <i>{_WILL[part.verdict]}</i>" for n, part in _each(parts)]
    asks = sum(part.verdict == "ask" for part in parts)
    asked = {0: "Nothing of it asks again", 1: "1 step asks again"}.get(
        asks, f"{asks} steps ask again"
    )
    time = f" {_time(takes)}" if takes is not None else ""
    lines.append(f"Nothing has happened yet. {asked}.{time} Understanding it cost {cost}.")
    if unread:
        lines.append(f"Not understood, so not changed: “{esc(unread)}”.")
    lines.append("<i>Reply to change it, as in “2: make it 300” or “drop the mail”.</i>")
    drops = [Button(f"Drop {n}", f"q:{prompt_id}:{DROP}{n}") for n, _ in _each(parts)]
    rows = [tuple(drops[start : start + 4]) for start in range(0, len(drops), 4)]
    return Outgoing(
        html="\n".join(lines),
        buttons=(
            (
                Button("Run", f"q:{prompt_id}:{RUN}", "success"),
                Button("Cancel", f"q:{prompt_id}:{CANCEL}"),
            ),
            *(rows if len(parts) > 1 else ()),
        ),
        silent=False,
    )


def _time(takes: timedelta) -> str:
    """How long it takes, in whole seconds or minutes."""
    seconds = ceil(takes.total_seconds())
    told = f"{seconds} s" if seconds < 100 else f"{ceil(seconds / 60)} min"
    return f"It usually takes {'about ' + told if seconds > 1 else 'a second'}."


def _each(parts: Sequence[Part]) -> list[tuple[int, Part]]:
    return list(enumerate(parts, 1))
