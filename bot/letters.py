"""Messages for the operator's chat, put into the outbox in the caller's transaction."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.outgoing import Outgoing
from core import outbox, pairing, profile
from core.clock import Clock
from core.storage.schema import outbox as outbox_table

_IN_FULL = "in-full.txt"


class Letters:
    """Says, pins and edits: everything goes to the paired operator's chat."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def say(
        self,
        connection: AsyncConnection,
        message: Outgoing,
        *,
        subject: str = "",
        always_heard: bool = False,
    ) -> int:
        """Puts a message into the outbox; returns the letter's id.

        In the quiet hours only what is ``always_heard`` makes a sound. Where nobody is
        paired nothing is kept, and the id is 0. What the message can't hold goes ahead of it.
        """
        if message.full is not None:
            whole = Outgoing(html="All of the card below.", content=message.full, name=_IN_FULL)
            await self.say(connection, whole, subject=f"{subject}:full")
            message = replace(message, full=None)
        who = await pairing.current(connection)
        if who is None:
            return 0
        payload = message.payload()
        if not always_heard and (await profile.load(connection)).quiet(self._clock.now()):
            payload["silent"] = True
        return await outbox.put(
            connection,
            self._clock,
            chat_id=who.chat_id,
            kind=message.kind,
            payload=payload,
            subject=subject,
        )

    async def pin(self, connection: AsyncConnection, message: Outgoing, subject: str) -> None:
        """Says a message and pins it in place of the one about ``subject`` before it."""
        before = await outbox.newest(connection, subject)
        letter_id = await self.say(connection, message, subject=subject)
        letter = await outbox.load(connection, letter_id)
        if letter:
            await outbox.put(
                connection,
                self._clock,
                chat_id=letter.chat_id,
                kind="pin",
                payload={"before": before.id if before else None},
                subject=subject,
                edit_of=letter_id,
            )

    async def turn(self, connection: AsyncConnection, subject: str, message: Outgoing) -> bool:
        """Edits every letter about ``subject`` into ``message``; False where there is none."""
        rows = await connection.execute(
            select(outbox_table.c.id, outbox_table.c.chat_id).where(
                outbox_table.c.subject == subject,
                outbox_table.c.kind == "text",
                outbox_table.c.state != "dropped",
            )
        )
        found = list(rows)
        for row in found:
            await outbox.put(
                connection,
                self._clock,
                chat_id=row.chat_id,
                kind="edit",
                payload=replace(message, full=None).payload(),  # it came with the first
                subject=subject,
                edit_of=row.id,
            )
        return bool(found)
