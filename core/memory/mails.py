"""Mails in memory: what was sent and what came in, each an episode of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.memory import entities, episodes, signals
from core.memory.entities import Entity
from core.storage.memory import episode
from core.storage.schema import effect

_LONGEST = 4000
"""Characters of a mail that its episode keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A mail that came in. ``at`` is aware; ``text`` is its own, without what it quotes.

    ``id`` is stable. ``answers`` are the message ids that it names as those it replies to;
    ``plain`` tells whether the text is one that its reader saw, and not taken out of HTML.
    """

    id: str
    sender: str
    subject: str
    text: str
    at: datetime
    answers: tuple[str, ...] = ()
    plain: bool = True

    @property
    def ref(self) -> str:
        """What its episode is found by."""
        return f"mail_{self.id}"


async def unknown(connection: AsyncConnection, mails: Sequence[Received]) -> list[Received]:
    """Those that memory has not taken yet, oldest first."""
    found = await connection.scalars(
        select(episode.c.ref).where(episode.c.ref.in_([mail.ref for mail in mails]))
    )
    known = set(found)
    return sorted((m for m in mails if m.ref not in known), key=lambda m: (m.at, m.id))


def sender(mail: Received, known: Sequence[Entity]) -> Entity | None:
    """Who wrote a mail, by its address; None for a stranger. Addresses can be forged.

    What a person of a client writes is the client's.
    """
    return _whose(mail.sender, known) if mail.sender else None


def _whose(address: str, known: Sequence[Entity]) -> Entity | None:
    found = entities.find(list(known), address)
    clients = [client for each in found if (client := entities.client_of(each, known))]
    whose = {each.id: each for each in clients or found}
    return next(iter(whose.values())) if len(whose) == 1 else None


async def take(
    connection: AsyncConnection, clock: Clock, mail: Received, known: Sequence[Entity]
) -> bool:
    """Makes a received mail an episode, and a signal where it answers; False where it was one."""
    who = sender(mail, known)
    text = f"Mail from {mail.sender}: {mail.subject}\n{mail.text[:_LONGEST]}"
    row = episodes.row(episodes.RECEIVED, mail.ref, text, "untrusted", mail.at, known)
    row["entity_id"] = who.id if who else None
    if not await episodes.add(connection, clock, [row]):
        return False
    if who:
        await signals.reply(connection, who.id, answers=mail.answers, at=mail.at)
    return True


async def gather_sent(
    connection: AsyncConnection, known: Sequence[Entity], since: datetime
) -> list[dict[str, Any]]:
    """Rows of episodes of the mails that went out since then."""
    rows = await connection.execute(
        select(effect.c.token, effect.c.params, effect.c.confirmed_at).where(
            effect.c.action == "mail.send",
            effect.c.state == "confirmed",
            effect.c.confirmed_at > since,
        )
    )
    return [_sent(row, known) for row in rows]


def _sent(row: Any, known: Sequence[Entity]) -> dict[str, Any]:
    params: dict[str, Any] = row.params
    to = ", ".join(params["to"])
    text = f"Mail to {to}: {params['subject']}\n{params['body'][:_LONGEST]}"
    made = episodes.row(episodes.SENT, f"mail_{row.token}", text, "owner", row.confirmed_at, known)
    who = {whose.id for said in params["to"] if (whose := _whose(said, known))}
    return made | {"entity_id": who.pop() if len(who) == 1 else made["entity_id"]}
