"""Decisions by a tap: one card, or all of a batch."""

from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import digest, drafts
from bot.app import App
from bot.cards import approval as approval_cards
from core import approvals, profile, prompts, runs
from core.inbox import Message


async def _decide(
    app: App,
    connection: AsyncConnection,
    message: Message,
    approval_id: str,
    to: Literal["approved", "rejected"],
) -> tuple[approvals.Decision, runs.Run | None]:
    policy = await app.policy.refresh(connection)
    asked = await approvals.load(connection, approval_id)
    refused = bool(
        asked
        and asked.state == "pending"
        and to == "approved"
        and await app.director.refuses_now(connection, asked.run_id)
    )
    decision = await approvals.decide(
        connection,
        app.clock,
        approval_id,
        to=to,
        user_id=message.user_id or 0,
        policy=policy.version,
        refused=refused,
    )
    found = decision.approval
    run = await runs.load(connection, found.run_id) if found else None
    if found and run and not decision.taken:
        await _turn_dead(app, connection, found, run)
    await digest.settle(connection, app.clock, approval_id)
    return decision, run


async def approve(
    app: App, connection: AsyncConnection, message: Message, approval_id: str
) -> tuple[str, list[str]]:
    """Approves what a card covers and lets it go."""
    decision, run = await _decide(app, connection, message, approval_id, "approved")
    if run is None or not decision.taken:
        return decision.words, []
    await prompts.close_all(connection, app.clock)
    paused = (await profile.load(connection)).paused
    card = approval_cards.approved_in_a_pause if paused else approval_cards.working
    await app.presenter.turn(connection, approval_id, card(run.plan))
    ready = await app.director.release(connection, run.id)
    if not paused and sum(step.kind != "draft" for step in run.plan.steps) > 1:
        await app.presenter.moved(connection, run)
    return ("Approved. Paused: it goes out after /resume." if paused else "Approved."), ready


async def approve_all(
    app: App, connection: AsyncConnection, message: Message, batch_id: str
) -> tuple[str, list[str]]:
    """Approves everything of a batch that is still open."""
    ready: list[str] = []
    taken = 0
    words = "Decided already; nothing more happens."
    with app.presenter.leaving(batch_id):
        for found in await approvals.of_batch(connection, batch_id):
            if found.state != "pending":
                continue
            decision, run = await _decide(app, connection, message, found.id, "approved")
            words = decision.words
            if run and decision.taken:
                taken += 1
                await app.presenter.turn(connection, found.id, approval_cards.working(run.plan))
                ready += await app.director.release(connection, run.id)
    await prompts.close_all(connection, app.clock)
    await app.presenter.turn_together(connection, batch_id)
    if not taken:
        return words, []
    paused = (await profile.load(connection)).paused
    return f"Approved {taken}." + (" Paused: they go out after /resume." if paused else ""), ready


async def reject_all(
    app: App, connection: AsyncConnection, message: Message, batch_id: str
) -> tuple[str, list[str]]:
    """Rejects everything of a batch that is still open."""
    taken = 0
    for found in await approvals.of_batch(connection, batch_id):
        if found.state != "pending":
            continue
        decision, run = await _decide(app, connection, message, found.id, "rejected")
        if run and decision.taken:
            taken += 1
            await app.director.stop(connection, run.id, state="rejected")
            await app.presenter.turn(
                connection, found.id, approval_cards.rejected(run.plan, "all of them", found.id)
            )
            await drafts.settle(connection, app.clock, run.id, drafts.REJECTED)
    await app.presenter.turn_together(connection, batch_id)
    return (f"Rejected {taken}. Nothing was sent." if taken else "Decided already."), []


async def stop_all(
    app: App, connection: AsyncConnection, message: Message, batch_id: str
) -> tuple[str, list[str]]:
    """Stops everything of a batch that waits in its hold window."""
    stopped = 0
    with app.presenter.leaving(batch_id):
        for found in await approvals.of_batch(connection, batch_id):
            steps = await runs.steps(connection, found.run_id)
            if any(step.state == "held" for step in steps):
                stopped += await app.director.cancel(connection, found.run_id)
    await app.presenter.turn_together(connection, batch_id)
    return (f"Cancelled {stopped}." if stopped else "Nothing waits any more."), []


async def one_by_one(
    app: App, connection: AsyncConnection, message: Message, batch_id: str
) -> tuple[str, list[str]]:
    """Shows each open decision of a batch on a card of its own."""
    for found in await approvals.of_batch(connection, batch_id):
        run = await runs.load(connection, found.run_id)
        if run and found.state == "pending":
            letter = await app.presenter.show_card(connection, run, found.id)
            await approvals.shown(connection, found.id, letter)
    return "", []


async def _turn_dead(
    app: App, connection: AsyncConnection, found: approvals.Approval, run: runs.Run
) -> None:
    """A card that died without being told so yet loses its buttons."""
    if run.state == "running" and found.state in ("expired", "cancelled"):
        await app.director.stop(connection, run.id, state="cancelled")
        expired = found.state == "expired"
        card = (approval_cards.expired if expired else approval_cards.cancelled)(run.plan)
        await app.presenter.turn(connection, found.id, card)
        became = drafts.EXPIRED if expired else drafts.CANCELLED
        await drafts.settle(connection, app.clock, run.id, became)


async def reject(
    app: App, connection: AsyncConnection, message: Message, approval_id: str
) -> tuple[str, list[str]]:
    """Rejects a card and asks why."""
    decision, run = await _decide(app, connection, message, approval_id, "rejected")
    found = decision.approval
    if not decision.taken or found is None or run is None:
        return decision.words, []
    await app.director.stop(connection, run.id, state="rejected")
    await prompts.close_all(connection, app.clock)
    prompt_id = await prompts.open_one(
        connection, app.clock, kind="reason", subject=approval_id, data={}
    )
    if found.outbox_id:
        await prompts.shown(connection, prompt_id, found.outbox_id)
    await app.presenter.turn(
        connection, approval_id, approval_cards.rejected(run.plan, None, approval_id)
    )
    await drafts.settle(connection, app.clock, run.id, drafts.REJECTED)
    if found.batch_id:
        await app.presenter.turn_together(connection, found.batch_id)
    return "Rejected. Nothing was sent.", []


TAPS = {
    "ok": approve,
    "no": reject,
    "okall": approve_all,
    "noall": reject_all,
    "each": one_by_one,
    "stopall": stop_all,
}
"""The handlers of these buttons, by the kind before the colon."""
