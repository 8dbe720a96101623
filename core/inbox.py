"""What arrived: every update is kept before it is handled, once by its update id."""

import hashlib
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, exists, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal
from core.clock import Clock
from core.storage.schema import inbox

Kind = Literal["text", "command", "tap", "file", "due", "other"]

FOR_THOUGHT: tuple[Kind, ...] = ("text", "tap", "command", "due")
"""What may need thought, and so the worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One inbound event, free of Telegram's types.

    ``data`` holds what only some kinds have: ``callback_id`` and ``data`` of a tap,
    ``file_id``, ``name``, ``mime``, ``size`` and ``media`` of a file, ``forwarded``; the ``run``
    that something ``due`` follows. That comes from a schedule, not from Telegram: without an
    ``update_id``, a user or a chat.
    """

    update_id: int | None = None
    kind: Kind
    user_id: int | None = None
    chat_id: int | None = None
    message_id: int | None = None
    reply_to: int | None = None
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Arrived):
    """An event in the inbox, with its row's ``id``."""

    id: int


def _message(row: Row[Any]) -> Message:
    return Message(
        id=row.id,
        update_id=row.update_id,
        kind=row.kind,
        user_id=row.user_id,
        chat_id=row.chat_id,
        message_id=row.message_id,
        reply_to=row.reply_to,
        text=row.text,
        data=row.data,
    )


async def receive(
    connection: AsyncConnection, clock: Clock, event: Arrived, *, ignore: str | None = None
) -> int | None:
    """Keeps the event; returns its id, or None where this update was already kept.

    With ``ignore`` (the reason) it is recorded as ignored and journalled, without its text.
    """
    row = await connection.execute(
        insert(inbox)
        .values(
            update_id=event.update_id,
            kind=event.kind,
            user_id=event.user_id,
            chat_id=event.chat_id,
            message_id=event.message_id,
            reply_to=event.reply_to,
            text="" if ignore else event.text,
            data={} if ignore else event.data,
            state="ignored" if ignore else "received",
            received_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=[inbox.c.update_id])
        .returning(inbox.c.id)
    )
    found = row.scalar_one_or_none()
    if found is not None:
        await journal.append(
            connection,
            clock,
            kind="inbox.ignored" if ignore else "inbox.received",
            subject=f"msg_{found}",
            data={"update": event.update_id, "kind": event.kind}
            | (
                {"reason": ignore, "user_id": event.user_id, "chat_id": event.chat_id}
                if ignore
                else {"text_sha256": hashlib.sha256(event.text.encode()).hexdigest()}
            ),
        )
    return found


async def waiting(connection: AsyncConnection, *kinds: Kind) -> list[Message]:
    """Everything not handled yet of these kinds, oldest first."""
    rows = await connection.execute(
        select(inbox).where(inbox.c.state == "received", inbox.c.kind.in_(kinds)).order_by("id")
    )
    return [_message(row) for row in rows]


def any_waiting(*kinds: Kind) -> ColumnElement[bool]:
    """Whether anything of these kinds is not handled yet, as a part of a query."""
    return exists().where(inbox.c.state == "received", inbox.c.kind.in_(kinds))


async def load(connection: AsyncConnection, inbox_id: int) -> Message | None:
    """One event, or None."""
    row = (await connection.execute(select(inbox).where(inbox.c.id == inbox_id))).first()
    return _message(row) if row else None


async def is_waiting(connection: AsyncConnection, inbox_id: int) -> bool:
    """Whether this event is still to be handled."""
    state = await connection.scalar(select(inbox.c.state).where(inbox.c.id == inbox_id))
    return state == "received"


async def handled(connection: AsyncConnection, clock: Clock, inbox_id: int) -> bool:
    """Marks the event handled; False where somebody else did so first."""
    result = await connection.execute(
        update(inbox)
        .where(inbox.c.id == inbox_id, inbox.c.state == "received")
        .values(state="handled", handled_at=clock.now())
    )
    if result.rowcount == 1:
        await journal.append(connection, clock, kind="inbox.handled", subject=f"msg_{inbox_id}")
    return result.rowcount == 1


async def by_message(
    connection: AsyncConnection, *, chat_id: int, message_id: int
) -> Message | None:
    """The operator's message with this Telegram id, or None."""
    row = (
        await connection.execute(
            select(inbox).where(
                inbox.c.chat_id == chat_id,
                inbox.c.message_id == message_id,
                inbox.c.kind.in_(("text", "file", "command")),
            )
        )
    ).first()
    return _message(row) if row else None
