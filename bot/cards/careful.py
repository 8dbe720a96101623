"""The lines of a card that warn: what its text hides, and what is not what it looks like."""

import re
from collections.abc import Iterable, Sequence

from bot.glyphs import hidden
from bot.lookalike import Known, warnings
from bot.outgoing import esc
from core.plans import Origin, Plan, provenance
from core.policy.case import TRUSTED

_WRITTEN = frozenset({"subject", "body", "description", "what", "statement", "text", "title"})
"""Values that are text of their own, where words of several scripts are nothing odd."""
_GAP = re.compile(r"\n(?:[^\S\n]*\n){7,}(?=[^\n]*\S)|[^\S\n]{40,}(?=\S)")
_MOST = 6
"""Kinds of hidden characters, of values and of links that are named; the rest is counted."""
_LINK = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,20}://|\b(?=www\.))(?:[^\s/@]*@)?([^\s/?#<>\"']+)", re.I
)


def texts(plan: Plan) -> list[str]:
    """Everything that a card says in words of this plan."""
    said = [plan.title, plan.reversal, *plan.preview.values()]
    said += [step.label for step in plan.steps]
    for value in plan.values:
        said += [value.label, value.shown, value.source, value.before or ""]
    return said


def _outside(plans: Sequence[Plan]) -> list[str]:
    """What is not in the operator's words, and where the links in it lead."""
    foreign = {id(plan): found for plan in plans if (found := _foreign(plan))}
    if not foreign:
        return []
    told = [f"Not in your words: {_listed(label for each in foreign.values() for label in each)}."]
    if any(value.outside for plan in plans for value in plan.values):
        told.append("What came from elsewhere is underlined.")
    hosts = [
        host
        for plan in plans
        if id(plan) in foreign
        for text in texts(plan)
        for host in _LINK.findall(text)
    ]
    return [*told, f"It links to {_listed(hosts)}."] if hosts else told


def underlined(text: str, outside: Iterable[str]) -> str:
    """``text`` as HTML, the pieces that came from elsewhere underlined."""
    pieces = sorted({piece for piece in outside if piece.strip()}, key=len, reverse=True)
    if not pieces:
        return esc(text)
    # Whole words alone: a piece "1" is not in "2100".
    found = re.compile(
        "(" + "|".join(rf"(?<!\w){re.escape(piece)}(?!\w)" for piece in pieces) + ")", re.I
    )
    parts = found.split(text)  # what was found is every second part
    return "".join(f"<u>{esc(part)}</u>" if n % 2 else esc(part) for n, part in enumerate(parts))


def _foreign(plan: Plan) -> list[str]:
    """What of a plan is not the operator's nor remembered, as the card calls it."""
    labels = {value.slot: value.label for value in plan.values}
    told = [v.label for v in plan.values if v.outside or v.origin is Origin.OUTSIDE]
    if not set(plan.origins) <= TRUSTED:
        return told or ["words that came with it"]
    derives = provenance(plan)
    for step in plan.steps:
        if step.kind == "action":
            found = [name for name, origins in derives[step.key].items() if not origins <= TRUSTED]
            told += [labels.get(name, name.strip("_").replace("_", " ")) for name in found]
    return told


def _listed(items: Iterable[str]) -> str:
    found = list(dict.fromkeys(items))
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return ", ".join(found[:_MOST]) + more


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
    told += _outside(plans)
    named: list[str] = []
    written: list[str] = []
    for plan in plans:
        preview = plan.preview
        named += [preview[key] for key in ("mail_from", "mail_to") if key in preview]
        written += [text for key, text in preview.items() if key not in ("mail_from", "mail_to")]
        for value in plan.values:
            (written if value.slot in _WRITTEN else named).append(value.shown)
    return told + warnings(named=named, written=written, known=known)
