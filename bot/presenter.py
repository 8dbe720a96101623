"""Puts what happens in the kernel into the outbox, in the same transaction."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cards import approval as approval_cards
from bot.cards import outcome as outcome_cards
from bot.outgoing import Outgoing, esc
from connectors.files import Files
from core import approvals, effects, outbox, pairing, profile, runs
from core.actions import Catalogue
from core.clock import Clock
from core.runs import Run, Step
from core.storage.schema import outbox as outbox_table


class ChatPresenter:
    """The kernel's presenter: everything goes to the paired operator's chat."""

    def __init__(self, *, clock: Clock, catalogue: Catalogue, files: Files) -> None:
        self._clock = clock
        self._catalogue = catalogue
        self._files = files

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
        paired nothing is kept, and the id is 0.
        """
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
            kind=("photo" if message.photo else "document") if message.file else "text",
            payload=payload,
            subject=subject,
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
                payload=message.payload(),
                subject=subject,
                edit_of=row.id,
            )
        return bool(found)

    async def show_card(self, connection: AsyncConnection, run: Run, approval_id: str) -> int:
        """The approval card as it is now."""
        found = await approvals.load(connection, approval_id)
        assert found is not None
        local = (await profile.load(connection)).local(found.expires_at)
        return await self.say(
            connection,
            approval_cards.card(run.plan, found, cost=run.cost, local_expiry=local),
            subject=approval_id,
        )

    async def asked(self, connection: AsyncConnection, run: Run, approval_id: str) -> int:
        """Puts the approval card into the outbox; returns the letter's id."""
        return await self.show_card(connection, run, approval_id)

    async def drafted(self, connection: AsyncConnection, run: Run, step: Step) -> None:
        """Sends what a draft step prepared."""
        result = step.result or {}
        await self.say(
            connection,
            Outgoing(html=esc(result["caption"]), file=result["path"], name=result["name"]),
            subject=run.id,
        )

    async def ended(self, connection: AsyncConnection, run: Run, steps: list[Step]) -> None:
        """Tells the outcome: the card turns into it, or it is a message of its own."""
        if run.state == "done":
            message = await self._done(connection, run, steps)
        else:
            local = (await profile.load(connection)).local(self._clock.now())
            message = outcome_cards.failed(run, steps, local=local)
        await self._show(connection, run, message)
        if run.state == "done":
            await self._send_documents(connection, run, steps)
        if run.plan.intent == outcome_cards.UNDO and run.state == "done":
            await self._mark_undone(connection, str(run.plan.request["run"]))

    async def held_up(
        self, connection: AsyncConnection, run: Run, step: Step, again_at: datetime | None
    ) -> None:
        """Tells that a step is tried again, or that it is unclear."""
        if again_at is None:
            await self._show(connection, run, outcome_cards.unclear(run, step))
            return
        again = (await profile.load(connection)).local(again_at)
        await self._show(connection, run, outcome_cards.waiting(run, step, again=again))

    async def _done(
        self, connection: AsyncConnection, run: Run, steps: list[Step], *, undone: bool = False
    ) -> Outgoing:
        left = await effects.undoable(connection, run_id=run.id)
        local = (await profile.load(connection)).local(run.ended_at or self._clock.now())
        return outcome_cards.done(
            run,
            steps,
            local=local,
            undo=any(self._catalogue[row.action].compensate for row in left),
            undone=undone,
        )

    async def _show(self, connection: AsyncConnection, run: Run, message: Outgoing) -> None:
        found = await approvals.of_run(connection, run.id)
        subject = found.id if found else run.id
        if not await self.turn(connection, subject, message):
            await self.say(connection, message, subject=subject)
        elif not message.silent:  # an edit makes no sound, and this one needs the operator
            await self.say(
                connection,
                Outgoing(html=f"{esc(run.plan.title)}: see the card above.", silent=False),
                subject=run.id,
            )

    async def _send_documents(
        self, connection: AsyncConnection, run: Run, steps: list[Step]
    ) -> None:
        for step in steps:
            result = step.result or {}
            if step.state == "done" and result.get("pdf_path"):
                await self.say(
                    connection,
                    Outgoing(
                        html=esc(result["number"]),
                        file=str(self._files.locate(result["pdf_path"])),
                        name=result["pdf_name"],
                    ),
                    subject=run.id,
                )

    async def _mark_undone(self, connection: AsyncConnection, run_id: str) -> None:
        found = await runs.load(connection, run_id)
        if found is None:
            return
        message = await self._done(
            connection, found, await runs.steps(connection, run_id), undone=True
        )
        approval = await approvals.of_run(connection, run_id)
        await self.turn(connection, approval.id if approval else run_id, message)
