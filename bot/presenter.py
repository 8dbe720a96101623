"""Puts what happens in the kernel into the outbox, in the same transaction."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import drafts
from bot.cards import approval as approval_cards
from bot.cards import batch as batch_cards
from bot.cards import outcome as outcome_cards
from bot.cards import progress as progress_cards
from bot.letters import Letters
from bot.lookalike import Known
from bot.outgoing import Outgoing, esc
from connectors.files import Files
from core import (
    approvals,
    clients,
    effects,
    explanations,
    profile,
    runs,
    schedules,
)
from core.actions import Catalogue
from core.approvals import Approval
from core.clock import Clock
from core.costs import Cost
from core.runs import Run, Step

_LEFT = ContextVar("left", default="")
"""The batch whose card is turned later."""


class ChatPresenter(Letters):
    """The kernel's presenter: everything goes to the paired operator's chat."""

    def __init__(self, *, clock: Clock, catalogue: Catalogue, files: Files) -> None:
        super().__init__(clock)
        self._catalogue = catalogue
        self._files = files

    async def show_card(self, connection: AsyncConnection, run: Run, approval_id: str) -> int:
        """The approval card as it is now."""
        found = await approvals.load(connection, approval_id)
        assert found is not None
        return await self.say(
            connection, await self.card(connection, run, found), subject=approval_id
        )

    async def show_again(self, connection: AsyncConnection, run_id: str, approval_id: str) -> None:
        """Turns the card of an approval into what it is now."""
        run, found = (
            await runs.load(connection, run_id),
            await approvals.load(connection, approval_id),
        )
        assert run is not None
        assert found is not None
        await self.turn(connection, approval_id, await self.card(connection, run, found))

    async def card(self, connection: AsyncConnection, run: Run, found: Approval) -> Outgoing:
        """The approval card as it looks now."""
        owner = await profile.load(connection)
        steps = await runs.steps(connection, run.id)
        return approval_cards.card(
            run.plan,
            found,
            cost=run.cost,
            local_expiry=owner.local(found.expires_at),
            hold_seconds=max((step.hold_seconds for step in steps), default=0),
            known=await self._known(connection),
        )

    async def _known(self, connection: AsyncConnection) -> list[Known]:
        """Those whom the operator trusts at a glance."""
        return [Known(one.name, one.email) for one in await clients.everyone(connection)]

    async def asked(self, connection: AsyncConnection, run: Run, approval_id: str) -> int:
        """Puts the approval card into the outbox; returns the letter's id."""
        return await self.show_card(connection, run, approval_id)

    async def asked_together(self, connection: AsyncConnection, batch_id: str) -> int:
        """Puts the card of a batch into the outbox; returns the letter's id."""
        return await self.say(connection, await self._batch(connection, batch_id), subject=batch_id)

    @contextmanager
    def leaving(self, batch_id: str) -> Generator[None]:
        """Meanwhile the card of this batch stays as it is: the caller turns it at the end.

        Turning it costs a look at each of the batch, too much to do for each of many.
        """
        before = _LEFT.set(batch_id)
        try:
            yield
        finally:
            _LEFT.reset(before)

    async def turn_together(self, connection: AsyncConnection, batch_id: str) -> None:
        """Brings the card of a batch up to date."""
        if batch_id == _LEFT.get():
            return
        await self.turn(connection, batch_id, await self._batch(connection, batch_id))

    async def _batch(self, connection: AsyncConnection, batch_id: str) -> Outgoing:
        members: list[tuple[Approval, Run, list[Step]]] = []
        for found in await approvals.of_batch(connection, batch_id):
            run = await runs.load(connection, found.run_id)
            assert run is not None
            members.append((found, run, await runs.steps(connection, run.id)))
        owner = await profile.load(connection)
        ends = [s.not_before for *_, steps in members for s in steps if s.state == "held"]
        return batch_cards.card(
            batch_id,
            members,
            lapses=owner.local(min(found.expires_at for found, _, _ in members)),
            goes_out=owner.local(min(end for end in ends if end)) if any(ends) else None,
            known=await self._known(connection),
        )

    async def drafted(self, connection: AsyncConnection, run: Run, step: Step) -> None:
        """Sends what a draft step prepared, or says that there is nothing to look at."""
        if step.action == drafts.REFINE:
            return  # the card shows it, or stands as it is
        result = step.result
        if result is None:
            told = f"I could not make the draft of “{run.plan.title}”: {step.error}"
            message = Outgoing(html=f"{esc(told)}\nThe card stands without it.")
        else:
            message = Outgoing(
                html=esc(result["caption"]), file=result["path"], name=result["name"]
            )
        await self.say(connection, message, subject=drafts.subject(run.id))

    async def moved(self, connection: AsyncConnection, run: Run) -> None:
        """Shows how far a run is, or that it waits in a hold window: its card is edited."""
        steps = await runs.steps(connection, run.id)
        if any(step.state == "asking" for step in steps):
            return
        owner = await profile.load(connection)
        spent = await self.spent(connection, run, steps)
        card = progress_cards.progress(run, steps, owner, self._clock.now(), spent)
        await self._show(connection, run, card)

    async def spent(self, connection: AsyncConnection, run: Run, steps: list[Step]) -> Cost:
        """What a run has cost so far: to understand it, and what its agents thought."""
        thinking = [step.id for step in steps if step.kind in ("agent", "draft")]
        if not thinking:
            return run.cost
        thoughts = await explanations.of(connection, inbox_id=None, step_ids=thinking)
        return sum((thought.cost for thought in thoughts), run.cost)

    async def ended(self, connection: AsyncConnection, run: Run, steps: list[Step]) -> None:
        """Tells the outcome: the card turns into it, or it is a message of its own."""
        await self._show(connection, run, await self._outcome(connection, run, steps))
        await drafts.settle(connection, self._clock, run.id, drafts.became(run, steps))
        if run.state == "done":
            await self._send_documents(connection, run, steps)
            if run.plan.intent == outcome_cards.UNDO:
                await self._mark_undone(connection, str(run.plan.request["run"]))

    async def _outcome(
        self,
        connection: AsyncConnection,
        run: Run,
        steps: list[Step],
        *,
        undone: bool = False,
    ) -> Outgoing:
        owner = await profile.load(connection)
        local = owner.local(run.ended_at or self._clock.now())
        left = await effects.undoable(connection, run_id=run.id)
        undo = any(self._catalogue[row.action].compensate for row in left) and not undone
        match run.state:
            case "denied":
                return outcome_cards.denied(run)
            case "cancelled":
                return outcome_cards.cancelled(run, steps, local=local, undo=undo)
            case "failed" if undone:
                return outcome_cards.taken_back(run, steps, local=local)
            case "failed":
                return outcome_cards.failed(run, steps, local=local, undo=undo)
            case _ if any((step.verdict or {}).get("verdict") == "shadow" for step in steps):
                return outcome_cards.shadowed(run)
            case _:
                slot = await schedules.follow_up(connection, run.id)
                return outcome_cards.done(
                    run,
                    steps,
                    local=local,
                    undo=undo,
                    undone=undone,
                    follow_up=owner.local(slot.due_at) if slot else None,
                )

    async def held_up(
        self, connection: AsyncConnection, run: Run, step: Step, again_at: datetime | None
    ) -> None:
        """Tells that a step is tried again, or that it is unclear."""
        if step.action == drafts.REFINE:
            return
        if again_at is None:
            await self._show(connection, run, outcome_cards.unclear(run, step))
            return
        again = (await profile.load(connection)).local(again_at)
        await self._show(connection, run, outcome_cards.waiting(run, step, again=again))

    async def _show(self, connection: AsyncConnection, run: Run, message: Outgoing) -> None:
        found = await approvals.of_run(connection, run.id)
        subject = found.id if found else run.id
        shared = False
        if found and found.batch_id:
            await self.turn_together(connection, found.batch_id)
            shared = True
        if not await self.turn(connection, subject, message):
            # What went as it should is told on the batch's card alone.
            if not (shared and message.silent):
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
                name = str(result["pdf_name"])
                await self.say(
                    connection,
                    Outgoing(
                        html=esc(name.removesuffix(".pdf")),
                        file=str(self._files.locate(result["pdf_path"])),
                        name=name,
                    ),
                    subject=run.id,
                )

    async def _mark_undone(self, connection: AsyncConnection, run_id: str) -> None:
        found = await runs.load(connection, run_id)
        if found is None:
            return
        await schedules.drop_follow_up(connection, self._clock, run_id)
        await drafts.settle(connection, self._clock, run_id, drafts.TAKEN_BACK)
        await self.retell(connection, found, undone=True)

    async def retell(self, connection: AsyncConnection, run: Run, *, undone: bool = False) -> None:
        """Shows the outcome of a run anew, where something about it has changed."""
        steps = await runs.steps(connection, run.id)
        message = await self._outcome(connection, run, steps, undone=undone)
        approval = await approvals.of_run(connection, run.id)
        await self.turn(connection, approval.id if approval else run.id, message)
