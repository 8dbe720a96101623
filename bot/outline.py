"""A plan of several things: shown first, changed in words, run at a tap."""

import re
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from agents.requests import Base
from bot.app import App
from bot.cards import outline as cards
from bot.cards import talk
from bot.editing import apply_edit
from bot.outgoing import Outgoing
from bot.reading import Extras, Reading, dump
from bot.situation import Situation
from core import effects, outbox, prompts, verdicts
from core.inbox import Message
from core.plans import Plan
from core.prompts import Prompt

_LONG = 3
"""Things from which a message is shown as a plan before anything begins."""
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
_NUMBER = re.compile(
    r"^\s*(?:(?:in |for )?(?:the |step |number |no\.? |#)*)?"
    rf"(?P<n>\d{{1,2}}|{'|'.join(_ORDINALS)})(?:st|nd|rd|th)?(?: (?:one|step))?"
    r"\s*[:,.)–-]*\s*(?P<rest>.+)$",
    re.I | re.S,
)
_DROP = re.compile(
    r"^\s*(?:please\s+)?(?:drop|without|skip|remove|delete|leave out|not|no|cancel)\s+"
    r"(?P<what>.+?)[\s.]*$",
    re.I | re.S,
)
_LEADING = re.compile(r"^(?:the|step|number|no\.?|#)\s*", re.I)
_WORDS = {
    "invoice.create": "invoice bill",
    "invoice.remind": "reminder dunning invoice",
    "payment.record": "payment",
    "email.write": "mail email letter message",
    "meeting.schedule": "meeting appointment call event calendar",
    "reminder.set": "reminder remind",
    "client.onboard": "client customer",
    "lead.add": "lead",
    "memory.save": "note fact memory",
}
"""What people call the things that can be asked for."""


def needed(reading: Reading) -> bool:
    """Whether what a message asks for is shown as a plan first.

    Many alike share one card already.
    """
    plans = [made for made in reading.made if isinstance(made, Plan)]
    alike = len({plan.intent for plan in plans}) == 1
    one_each = reading.places == list(range(len(reading.requests)))
    return len(plans) == len(reading.made) >= _LONG and one_each and not alike


async def show(
    app: App,
    connection: AsyncConnection,
    message: Message,
    reading: Reading,
    *,
    text: str,
    before: Prompt | None = None,
    unread: str = "",
) -> None:
    """Shows the plan of ``text`` and waits; in the place of ``before``, where it was shown."""
    for closed in await prompts.close_all(connection, app.clock):
        if closed.kind == "plan" and (before is None or closed.id != before.id):
            await turn(app, connection, closed, "No longer asked. Nothing was done.")
    parts = await _parts(app, connection, reading)
    prompt_id = await prompts.open_one(
        connection,
        app.clock,
        kind="plan",
        subject=f"msg_{message.id}",
        data={
            "question": cards.told(parts),
            "requests": [dump(request) for request in reading.requests],
            "extras": reading.extras,
            "explanation": reading.explanation,
            "text": text,
            "choices": [],
        },
    )
    doing = [
        step.action
        for plan in reading.made
        if isinstance(plan, Plan)
        for step in plan.steps
        if step.kind == "action"
    ]
    takes = await effects.usual_time(connection, doing)
    card = cards.card(parts, prompt_id, cost=reading.cost, takes=takes, unread=unread)
    letter = (
        await outbox.load(connection, before.outbox_id) if before and before.outbox_id else None
    )
    if letter is None:
        shown = await app.presenter.say(connection, card, subject=f"msg_{message.id}")
    else:
        shown = letter.id
        await _edit(app, connection, shown, letter.chat_id, letter.subject, card)
    await prompts.shown(connection, prompt_id, shown)


async def _parts(app: App, connection: AsyncConnection, reading: Reading) -> list[cards.Part]:
    policy = await app.policy.refresh(connection)
    return [
        cards.Part(
            _title(plan),
            await verdicts.foresee(connection, app.clock, app.catalogue, policy, plan),
        )
        for plan in reading.made
        if isinstance(plan, Plan)
    ]


_TELLING = ("total", "amount", "about", "subject", "start", "at", "when", "what", "statement")


def _title(plan: Plan) -> str:
    """A plan's title, with the values that it doesn't name itself."""
    shown = {value.slot: value.shown for value in plan.values}
    more = [shown[slot] for slot in _TELLING if slot in shown and shown[slot] not in plan.title]
    return ", ".join([plan.title, *(" ".join(each.split())[:80] for each in more)])


async def turn(app: App, connection: AsyncConnection, prompt: Prompt, words: str) -> None:
    """Turns a plan that is shown into itself with what became of it, without buttons."""
    letter = await outbox.load(connection, prompt.outbox_id) if prompt.outbox_id else None
    if letter:
        told = talk.answered(str(prompt.data["question"]), words)
        await _edit(app, connection, letter.id, letter.chat_id, letter.subject, told)


async def _edit(
    app: App,
    connection: AsyncConnection,
    letter_id: int,
    chat_id: int,
    subject: str,
    message: Outgoing,
) -> None:
    await outbox.put(
        connection,
        app.clock,
        chat_id=chat_id,
        kind="edit",
        payload=message.payload(),
        subject=subject,
        edit_of=letter_id,
    )


def dropped(requests: list[Base], extras: Extras, place: int) -> tuple[list[Base], Extras]:
    """The requests without one of them; the extras move along."""
    left = requests[:place] + requests[place + 1 :]
    moved = {
        str(int(key) - (int(key) > place)): value
        for key, value in extras.items()
        if int(key) != place
    }
    return left, moved


def explicit(words: str) -> bool:
    """Whether words say which part of a plan they are about, or what goes."""
    return bool(_DROP.match(words) or _NUMBER.match(words))


def changed(
    plans: list[Plan],
    requests: list[Base],
    extras: Extras,
    words: str,
    *,
    app: App,
    situation: Situation,
) -> tuple[list[Base], Extras, str] | None:
    """Requests and extras as words change them, with what was not understood; None for nothing."""
    if drop := _DROP.match(words):
        place = _meant(drop["what"], plans)
        return (*dropped(requests, extras, place), "") if place is not None else None
    numbered = _NUMBER.match(words)
    places = list(range(len(plans)))
    if numbered and (place := _place(numbered["n"], len(plans))) is not None:
        if re.fullmatch(r"(?:drop|out|not|no|skip|remove)[\s.]*", numbered["rest"], re.I):
            return (*dropped(requests, extras, place), "")
        places, words = [place], numbered["rest"]
    edits = {
        place: edited
        for place in places
        if (
            edited := apply_edit(
                plans[place],
                words,
                now=app.clock.now(),
                profile=situation.profile,
                names=[client.name for client in situation.clients],
            )
        )
    }
    if len(edits) != 1:  # for none of them, or nobody can tell for which
        return None
    [(place, edited)] = edits.items()
    fresh = list(requests)
    fresh[place] = edited.request
    more: dict[str, dict[str, Any]] = extras | {str(place): edited.extra}
    return fresh, more, "; ".join(edited.unread)


def _place(said: str, count: int) -> int | None:
    number = int(said) if said.isdigit() else _ORDINALS[said.casefold()]
    place = number - 1 if number > 0 else count - 1
    return place if 0 <= place < count else None


def _meant(said: str, plans: list[Plan]) -> int | None:
    """Which one of the plans is meant by a number or by what it is called; None where unclear."""
    bare = said.strip()
    while (shorter := _LEADING.sub("", bare)) != bare:
        bare = shorter
    first = re.sub(r"(?:st|nd|rd|th)?(?: (?:one|step))?[\s.]*$", "", bare, flags=re.I).casefold()
    if first.isdigit() or first in _ORDINALS:
        return _place(first, len(plans))
    wanted = _each_word(bare) - {"the", "to", "for", "with", "a", "an"}
    scores = [
        len(wanted & (_each_word(plan.title) | _each_word(_WORDS.get(plan.intent, ""))))
        for plan in plans
    ]
    best = max(scores, default=0)
    return scores.index(best) if best and scores.count(best) == 1 else None


def _each_word(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))
