"""Open prompts: what Factotum has asked the operator and waits to hear, as data."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal
from core.clock import Clock
from core.ids import new_id
from core.storage.schema import prompt

LIFETIME = timedelta(hours=12)
FRESH = timedelta(minutes=15)
"""How long the next message, not being a reply, may be meant for what was asked."""

Kind = Literal["question", "edit", "reason", "setting", "plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One thing asked. ``subject`` is what it is about; ``data`` what is needed to go on."""

    id: str
    kind: Kind
    subject: str
    data: dict[str, Any]
    outbox_id: int | None
    created_at: datetime


def _prompt(row: Row[Any]) -> Prompt:
    return Prompt(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        data=row.data,
        outbox_id=row.outbox_id,
        created_at=row.created_at,
    )


async def close_all(connection: AsyncConnection, clock: Clock) -> list[Prompt]:
    """Ends what was asked before, since one thing is asked at a time; returns what was open."""
    rows = await connection.execute(
        update(prompt).where(prompt.c.state == "open").values(state="closed").returning(prompt)
    )
    closed = [_prompt(row) for row in rows]
    for each in closed:
        await journal.append(connection, clock, kind="prompt.closed", subject=each.id)
    return closed


async def open_one(
    connection: AsyncConnection, clock: Clock, *, kind: Kind, subject: str, data: dict[str, Any]
) -> str:
    """Opens a prompt; returns its id."""
    prompt_id = new_id("prm")
    await connection.execute(
        prompt.insert().values(
            id=prompt_id,
            kind=kind,
            subject=subject,
            data=data,
            state="open",
            created_at=clock.now(),
            expires_at=clock.now() + LIFETIME,
        )
    )
    await journal.append(
        connection,
        clock,
        kind="prompt.opened",
        subject=prompt_id,
        data={"kind": kind, "about": subject},
    )
    return prompt_id


async def shown(connection: AsyncConnection, prompt_id: str, outbox_id: int) -> None:
    """Remembers which letter asks."""
    await connection.execute(
        update(prompt).where(prompt.c.id == prompt_id).values(outbox_id=outbox_id)
    )


async def load(connection: AsyncConnection, clock: Clock, prompt_id: str) -> Prompt | None:
    """The prompt if it is still open, else None."""
    row = (
        await connection.execute(
            select(prompt).where(
                prompt.c.id == prompt_id,
                prompt.c.state == "open",
                prompt.c.expires_at > clock.now(),
            )
        )
    ).first()
    return _prompt(row) if row else None


async def latest(connection: AsyncConnection, clock: Clock) -> Prompt | None:
    """The newest open prompt, or None."""
    row = (
        await connection.execute(
            select(prompt)
            .where(prompt.c.state == "open", prompt.c.expires_at > clock.now())
            .order_by(prompt.c.id.desc())
            .limit(1)
        )
    ).first()
    return _prompt(row) if row else None


async def by_letter(connection: AsyncConnection, clock: Clock, outbox_id: int) -> Prompt | None:
    """The open prompt that this letter asked, or None."""
    row = (
        await connection.execute(
            select(prompt).where(
                prompt.c.outbox_id == outbox_id,
                prompt.c.state == "open",
                prompt.c.expires_at > clock.now(),
            )
        )
    ).first()
    return _prompt(row) if row else None


async def answered(connection: AsyncConnection, clock: Clock, prompt_id: str) -> bool:
    """Uses the prompt up; False where it was used or closed before."""
    result = await connection.execute(
        update(prompt)
        .where(prompt.c.id == prompt_id, prompt.c.state == "open")
        .values(state="answered")
    )
    if result.rowcount == 1:
        await journal.append(
            connection, clock, kind="prompt.answered", subject=prompt_id, actor="operator"
        )
    return result.rowcount == 1
