"""Edits of a card in plain words: the card is replaced by one with the differences marked."""

from dataclasses import replace

from agents import grounding, playbooks
from agents.outcomes import Ask, Say
from bot import digest, drafts, learning
from bot.app import App
from bot.cards import approval as approval_cards
from bot.cards import talk
from bot.editing import Edited, apply_edit, stored, with_differences, with_extra
from bot.reader import Reader
from bot.refining import refinable
from bot.situation import Situation
from bot.storing import only_say
from bot.taps import keep_reason
from core import approvals, explanations, inbox, prompts, runs
from core.inbox import Message
from core.plans import Plan
from core.prompts import Prompt


async def revise(
    app: App,
    reader: Reader,
    message: Message,
    approval_id: str,
    prompt: Prompt | None,
    situation: Situation,
) -> list[str] | None:
    """Replaces a card by an edited one; None where the words change nothing of it."""
    async with app.database.read() as connection:
        found = await approvals.load(connection, approval_id)
        old = await runs.load(connection, found.run_id) if found else None
        first = await inbox.load(connection, old.inbox_id) if old and old.inbox_id else None
    if found is None or old is None:
        return None
    if found.state == "rejected" and not found.reason:
        async with app.database.write() as connection:
            if await inbox.handled(connection, app.clock, message.id):
                await keep_reason(app, connection, approval_id, message.text[:1000])
        return []
    if found.state != "pending":
        return await only_say(
            app, message, "That card was decided already, so it can't be changed any more."
        )
    changed = apply_edit(
        old.plan,
        message.text,
        now=app.clock.now(),
        profile=situation.profile,
        names=[client.name for client in situation.clients],
        slot=prompt.data.get("slot") if prompt else None,
    )
    parts = changed.unread if changed else (message.text,)
    taught = await learning.from_words(app, message, parts, old.plan, situation.clients)
    if changed:
        changed = replace(changed, unread=tuple(part for part in parts if part not in taught))
    elif taught:
        changed = Edited(*stored(old.plan))
    if changed is None:
        if message.reply_to is None:
            return None  # perhaps it is a message of its own
        return await only_say(
            app,
            message,
            "I could not tell what to change; the card above still stands. "
            f"Try for example: {talk.edit_example(old.plan)}.",
        )
    extra = changed.extra
    context = reader.context(message, situation, text=first.text if first else None, extra=extra)
    made = await playbooks.make(changed.request, context)
    if not isinstance(made, Plan):
        said = made.text if isinstance(made, Ask | Say) else "That would be several things."
        return await only_say(app, message, f"{said} The card above still stands.")
    made = grounding.carried(made, old.plan)
    plan = with_extra(with_differences(made, old.plan), extra)
    plan = refinable(plan, context.thoughts)
    async with app.database.write() as connection:
        if not await inbox.handled(connection, app.clock, message.id):
            return []
        if taught and (made.steps, made.preview) == (old.plan.steps, old.plan.preview):
            return []  # it is for next time only
        decision = await approvals.decide(
            connection,
            app.clock,
            approval_id,
            to="replaced",
            user_id=message.user_id or 0,
            policy=(await app.policy.refresh(connection)).version,
        )
        if not decision.taken:
            await app.presenter.say(connection, talk.note(decision.words))
            return []
        if prompt:
            await prompts.answered(connection, app.clock, prompt.id)
        await app.director.stop(connection, old.id, state="replaced")
        thoughts = [thought.explanation for thought in context.thoughts]
        await explanations.keep(connection, app.clock, thoughts, inbox_id=old.inbox_id)
        await app.presenter.turn(connection, approval_id, approval_cards.replaced(old.plan))
        await drafts.settle(connection, app.clock, old.id, drafts.REPLACED)
        await digest.settle(connection, app.clock, approval_id)
        if found.batch_id:
            await app.presenter.turn_together(connection, found.batch_id)
        started = await app.director.start(
            connection,
            plan,
            explanation=old.explanation | {"edited": message.text},
            cost=old.cost,
            inbox_id=old.inbox_id,
            replaces=old.id,
        )
        await learning.from_edit(app, connection, message, old.plan, plan, situation.clients)
        if changed.unread:
            words = "; ".join(f"“{part}”" for part in changed.unread)
            told = talk.note(f"Not understood, so not changed: {words}.")
            await app.presenter.say(connection, told, subject=f"msg_{message.id}")
    return started.ready
