"""What is to be said in the chat: durable, in order, drained by the courier."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal
from core.canonical import canonical
from core.clock import Clock
from core.storage.schema import outbox

Kind = Literal["text", "document", "photo", "edit", "pin"]
"""``pin`` pins the letter ``edit_of`` in the chat, in place of the one pinned before."""

LONGEST_WAIT = timedelta(hours=1)
"""A wait beyond this is asked for anew after a restart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message to the chat, or one edit of an earlier letter."""

    id: int
    chat_id: int
    kind: Kind
    payload: dict[str, Any]
    edit_of: int | None
    subject: str
    state: str
    attempts: int
    message_id: int | None


def _letter(row: Row[Any]) -> Letter:
    return Letter(
        id=row.id,
        chat_id=row.chat_id,
        kind=row.kind,
        payload=row.payload,
        edit_of=row.edit_of,
        subject=row.subject,
        state=row.state,
        attempts=row.attempts,
        message_id=row.message_id,
    )


async def put(
    connection: AsyncConnection,
    clock: Clock,
    *,
    chat_id: int,
    kind: Kind,
    payload: dict[str, Any],
    subject: str = "",
    edit_of: int | None = None,
) -> int:
    """Adds a letter inside the caller's transaction and returns its id.

    A newer edit of the same letter replaces one that is still waiting.
    """
    if kind == "edit":
        await connection.execute(
            update(outbox)
            .where(outbox.c.edit_of == edit_of, outbox.c.kind == "edit", outbox.c.state == "queued")
            .values(state="dropped")
        )
    result = await connection.execute(
        outbox.insert()
        .values(
            chat_id=chat_id,
            kind=kind,
            payload=payload,
            subject=subject,
            edit_of=edit_of,
            state="queued",
            attempts=0,
            created_at=clock.now(),
        )
        .returning(outbox.c.id)
    )
    letter_id = result.scalar_one()
    await journal.append(
        connection,
        clock,
        kind="letter.written",
        subject=f"out_{letter_id}",
        data={
            "about": subject,
            "payload_sha256": hashlib.sha256(canonical(payload)).hexdigest(),
        },
    )
    return letter_id


async def newest(connection: AsyncConnection, subject: str) -> Letter | None:
    """The newest letter about ``subject`` that was sent, edits aside; None where there is none."""
    row = (
        await connection.execute(
            select(outbox)
            .where(outbox.c.subject == subject, outbox.c.kind == "text", outbox.c.state == "sent")
            .order_by(outbox.c.id.desc())
            .limit(1)
        )
    ).first()
    return _letter(row) if row else None


async def due(
    connection: AsyncConnection, clock: Clock, *, rested: Collection[int] = ()
) -> list[Letter]:
    """The next letter of every chat, unless that one has to wait: order is kept per chat.

    Those that have ``rested`` need not, whatever the clock says by now.
    """
    first = (
        select(func.min(outbox.c.id)).where(outbox.c.state == "queued").group_by(outbox.c.chat_id)
    )
    rows = await connection.execute(
        select(outbox).where(
            outbox.c.id.in_(first),
            (outbox.c.not_before.is_(None))
            | (outbox.c.not_before <= clock.now())
            | outbox.c.id.in_(rested),
        )
    )
    return [_letter(row) for row in rows]


async def wake(connection: AsyncConnection, clock: Clock) -> None:
    """Lets letters go whose wait is longer than any: the clock was set back since."""
    await connection.execute(
        update(outbox)
        .where(outbox.c.state == "queued", outbox.c.not_before > clock.now() + LONGEST_WAIT)
        .values(not_before=None)
    )


async def next_retry(connection: AsyncConnection) -> datetime | None:
    """When the earliest waiting letter may be tried again, or None where none waits."""
    return await connection.scalar(
        select(func.min(outbox.c.not_before)).where(outbox.c.state == "queued")
    )


async def claim(connection: AsyncConnection, letter_id: int) -> bool:
    """Takes a letter for sending; False where somebody else got it first."""
    result = await connection.execute(
        update(outbox)
        .where(outbox.c.id == letter_id, outbox.c.state == "queued")
        .values(state="sending", attempts=outbox.c.attempts + 1)
    )
    return result.rowcount == 1


async def settle(
    connection: AsyncConnection,
    clock: Clock,
    letter_id: int,
    *,
    state: Literal["sent", "unknown", "failed", "queued", "dropped"],
    message_id: int | None = None,
    error: str | None = None,
    not_before: datetime | None = None,
) -> None:
    """Records how an attempt ended. ``queued`` puts it back, to be tried after ``not_before``."""
    await connection.execute(
        update(outbox)
        .where(outbox.c.id == letter_id)
        .values(
            state=state,
            error=error,
            not_before=not_before,
            **({"message_id": message_id} if message_id else {}),
            **({"sent_at": clock.now()} if state == "sent" else {}),
        )
    )
    if state != "queued":
        await journal.append(
            connection,
            clock,
            kind=f"letter.{state}",
            subject=f"out_{letter_id}",
            data={"message": message_id} if message_id else None,
        )


async def interrupted(connection: AsyncConnection) -> list[Letter]:
    """Letters that were being sent when the courier died: they may or may not have arrived."""
    rows = await connection.execute(select(outbox).where(outbox.c.state == "sending"))
    return [_letter(row) for row in rows]


async def hand_over(connection: AsyncConnection, subject: str, to: str) -> None:
    """The letters about ``subject`` are about ``to`` from now on."""
    await connection.execute(update(outbox).where(outbox.c.subject == subject).values(subject=to))


async def seen(
    connection: AsyncConnection, clock: Clock, *, chat_id: int, message_id: int, buttons: list[str]
) -> None:
    """The operator tapped or answered a message with these buttons: so that one did arrive.

    A letter whose fate was unclear is found again by what its buttons carry, and is sent.
    """
    if not buttons or await by_message(connection, chat_id=chat_id, message_id=message_id):
        return
    rows = await connection.execute(
        select(outbox.c.id, outbox.c.payload).where(
            outbox.c.chat_id == chat_id,
            outbox.c.state.in_(("sending", "unknown")),
            outbox.c.kind.not_in(("edit", "pin")),
        )
    )
    alike = [
        letter_id
        for letter_id, payload in rows.all()
        if buttons == [each["data"] for row in payload.get("buttons", ()) for each in row]
    ]
    if len(alike) == 1:  # of several, as of a card shown once more, nobody can tell which it is
        await settle(connection, clock, alike[0], state="sent", message_id=message_id)


async def load(connection: AsyncConnection, letter_id: int) -> Letter | None:
    """One letter, or None."""
    row = (await connection.execute(select(outbox).where(outbox.c.id == letter_id))).first()
    return _letter(row) if row else None


async def by_message(
    connection: AsyncConnection, *, chat_id: int, message_id: int
) -> Letter | None:
    """The letter that became this Telegram message, or None."""
    row = (
        await connection.execute(
            select(outbox).where(
                outbox.c.chat_id == chat_id,
                outbox.c.message_id == message_id,
                outbox.c.kind != "edit",
            )
        )
    ).first()
    return _letter(row) if row else None


async def backlog(connection: AsyncConnection) -> int:
    """How many letters wait to be sent."""
    return (
        await connection.scalar(
            select(func.count()).select_from(outbox).where(outbox.c.state == "queued")
        )
        or 0
    )
