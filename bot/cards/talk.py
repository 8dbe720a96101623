"""Short answers and questions."""

from collections.abc import Sequence
from datetime import datetime

from agents.outcomes import Ask, Say
from bot.outgoing import Button, Outgoing, esc
from core.audit import Anchor
from core.plans import Plan, Value
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


def say(words: Say, subject: str) -> Outgoing:
    """Something told, with what it rests on; facts behind it are a tap away."""
    html = esc(words.text)
    if words.sources:
        html += "\n<i>Source: " + "; ".join(esc(source) for source in words.sources) + "</i>"
    buttons = ((Button("Sources", f"why:{subject}"),),) if words.facts else ()
    return Outgoing(html=html, buttons=buttons)


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


def ask_edit(plan: Plan, approval_id: str, values: Sequence[Value]) -> Outgoing:
    """Asks what to change about a card: in words, or by a tap on one of its values."""
    taps = [Button(value.label, f"field:{approval_id}:{value.slot}") for value in values]
    return Outgoing(
        html="What should be different? Write it in your own words, for example: "
        f"<i>{esc(edit_example(plan))}</i>. Or tap what it is about.",
        buttons=tuple(tuple(taps[place : place + 3]) for place in range(0, len(taps), 3)),
        silent=False,
    )


def ask_value(value: Value) -> Outgoing:
    """Asks for the new value of one thing on a card."""
    return Outgoing(
        html=f"{esc(value.label)}: {esc(value.shown)}\nWhat should it be?",
        placeholder=value.shown[:64],
    )
