"""Short answers and questions."""

from datetime import datetime

from agents.context import Ask, Say
from bot.outgoing import Button, Outgoing, esc
from core.audit import Anchor
from core.plans import Plan
from core.when import day


def question(ask: Ask, prompt_id: str) -> Outgoing:
    """One question; with buttons where there are choices."""
    rows = [(Button(c.label, f"q:{prompt_id}:{place}"),) for place, c in enumerate(ask.choices)]
    rows.append((Button("Cancel", f"q:{prompt_id}:x"),))
    return Outgoing(
        html=esc(ask.text),
        buttons=tuple(rows),
        silent=False,
    )


def answered(text: str, answer: str) -> Outgoing:
    """A question that has its answer."""
    return Outgoing(html=f"{esc(text)}\n<b>{esc(answer)}</b>")


def say(words: Say) -> Outgoing:
    """Something told, with what it rests on."""
    html = esc(words.text)
    if words.sources:
        html += "\n<i>Source: " + "; ".join(esc(source) for source in words.sources) + "</i>"
    return Outgoing(html=html)


def note(text: str) -> Outgoing:
    """A plain sentence."""
    return Outgoing(html=esc(text))


def anchor(head: Anchor, local: datetime) -> Outgoing:
    """The journal's head, to be pinned: kept outside the machine, it shows later changes."""
    return Outgoing(
        html=f"Journal, {day(local)}: <code>{head.short()}</code>\n"
        "<i>factotum journal verify --anchor, with this, finds what was changed or cut since.</i>"
    )


_EXAMPLES = {
    "invoice.create": "make it 2600, due 1 December",
    "email.write": "say Monday instead of Friday",
    "meeting.schedule": "move it to Wednesday 14:30",
}


def edit_example(plan: Plan) -> str:
    """An edit that fits the plan, in words."""
    return _EXAMPLES.get(plan.intent, "say what should change")


def ask_edit(plan: Plan | None) -> Outgoing:
    """Asks what to change about a card, with an example that fits it."""
    return Outgoing(
        html="What should be different? Reply in your own words.",
        placeholder=edit_example(plan) if plan else "say what should change",
    )
