"""What holds while a message is read, and what a playbook may look at meanwhile."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from agents.context import Context, Near
from agents.roles import Thinker
from bot.app import App
from bot.documents import documents_of
from core import clients
from core.clients import Client
from core.errors import FactotumError
from core.inbox import Message
from core.memory import answers, entities, facts, gate, keeping, recent
from core.memory.entities import Entity
from core.memory.facts import Fact, View
from core.memory.gate import Candidate, Ruling
from core.memory.recall import Asked, Recalled
from core.profile import Profile

_NEAREST = 4
"""Memories that are looked at where no fact answers."""
_SURE, _NEAR = 7.0, 4.0
"""Scores of a memory that shares the question's words, and of one that is only near it."""
_LIKE = 0.6
"""What the likeness of their words has to add to that."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What holds while a message is read."""

    profile: Profile
    clients: list[Client]
    last_fact: Fact | None = None
    """What was spoken of just now, which "no, it's net 30" is about."""
    entities: list[Entity] = field(default_factory=list[Entity])


async def situation(app: App, connection: AsyncConnection) -> Situation:
    """What holds now."""
    return Situation(
        await app.current.read(connection),
        await clients.everyone(connection),
        await recent.fact(connection, app.clock),
        await entities.everyone(connection),
    )


def context_of(
    app: App,
    message: Message,
    situation: Situation,
    thinker: Thinker,
    *,
    text: str | None = None,
    extra: dict[str, Any] | None = None,
    quick: bool = True,
) -> Context:
    """What a playbook may read. ``text`` stands for the message's own.

    With ``quick`` no role waits for a model.
    """

    async def facts_about(subject: str, *relations: str) -> list[Fact]:
        async with app.database.read() as connection:
            return await facts.about(connection, subject, *relations, view=View.now(app.clock))

    async def recall(asked: set[str], subject: str | None, view: View) -> list[Fact]:
        async with app.database.read() as connection:
            return await answers.find(connection, asked, subject=subject, view=view)

    async def nearest(question: str, name: str | None) -> list[Near]:
        try:
            found = await app.recall(
                Asked(question=question, entities=(name,) if name else (), limit=_NEAREST)
            )
        except FactotumError:
            return []  # the words of the facts have been searched already
        return [_near(one) for one in found.items if _bears(one, name)]

    async def judge(candidate: Candidate) -> Ruling:
        async with app.database.read() as connection:
            held = await keeping.held(connection, app.clock, candidate)
        return gate.judge(candidate, held)

    return Context(
        now=app.clock.now(),
        profile=situation.profile,
        message=text or message.text,
        inbox_id=message.id,
        clients=situation.clients,
        entities=situation.entities,
        facts_about=facts_about,
        recall=recall,
        nearest=nearest,
        judge=judge,
        documents=documents_of(app.files),
        last_fact=situation.last_fact,
        billing=app.billing.reads,
        calendar=app.calendar,
        sender=app.settings.mail_from or situation.profile.company.email,
        extra=extra or {},
        thinker=thinker,
        quick=quick,
    )


def _bears(found: Recalled, name: str | None) -> bool:
    """Whether a memory may be shown: it answers, or is about whom the question is about."""
    if name and name not in found.item.entities:
        return False
    return found.score >= (_NEAR if name else _SURE)


def _near(found: Recalled) -> Near:
    item = found.item
    return Near(
        text=item.text,
        sure=found.score >= _SURE
        and found.parts.get("similar", 0.0) >= _LIKE
        and bool(found.parts.get("text") or found.parts.get("wide")),
        fact_id=item.source if item.kind == "fact" else None,
        at=item.at,
        trust=item.trust,
    )
