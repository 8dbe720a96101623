"""The lines of a card that warn: what its text hides, and what is not what it looks like."""

import re
from collections.abc import Iterable, Sequence

from bot.glyphs import hidden
from bot.lookalike import Known, warnings
from core.plans import Plan

_WRITTEN = frozenset({"subject", "body", "description", "what", "statement", "text", "title"})
"""Values that are text of their own, where words of several scripts are nothing odd."""
_GAP = re.compile(r"\n(?:[^\S\n]*\n){7,}(?=[^\n]*\S)|[^\S\n]{40,}(?=\S)")
_MOST = 6
"""Kinds of hidden characters that are named; the rest is counted."""


def texts(plan: Plan) -> list[str]:
    """Everything that a card says in words of this plan."""
    said = [plan.title, plan.reversal, *plan.preview.values()]
    said += [step.label for step in plan.steps]
    for value in plan.values:
        said += [value.label, value.shown, value.source, value.before or ""]
    return said


def lines(plans: Iterable[Plan], known: Sequence[Known] = ()) -> list[str]:
    """The warnings about ``plans``, none where there is nothing to warn of.

    ``known`` are those whom the operator would trust at a glance.
    """
    plans = list(plans)
    said = [text for plan in plans for text in texts(plan)]
    told: list[str] = []
    names = hidden(said)
    if names:
        more = f" and {len(names) - _MOST} more kinds" if len(names) > _MOST else ""
        told.append(f"Hidden characters, made visible: {', '.join(names[:_MOST])}{more}.")
    if any(_GAP.search(text.strip()) for text in said):
        told.append("There is more text after a long gap.")
    named: list[str] = []
    written: list[str] = []
    for plan in plans:
        preview = plan.preview
        named += [preview[key] for key in ("mail_from", "mail_to") if key in preview]
        written += [text for key, text in preview.items() if key not in ("mail_from", "mail_to")]
        for value in plan.values:
            (written if value.slot in _WRITTEN else named).append(value.shown)
    return told + warnings(named=named, written=written, known=known)
