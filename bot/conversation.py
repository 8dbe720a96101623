"""Free text: understood in the worker, turned into runs, questions and answers.

Everything that comes of one message commits together with the mark that it was handled, so a
message that was half thought through when the process died is thought through again, once.
"""

import asyncio
from collections import Counter
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from agents import playbooks
from agents.context import Ask, Say
from agents.planner import Planner, Proposal, Thought
from agents.requests import Show
from bot import digest
from bot.app import App
from bot.cards import approval as approval_cards
from bot.cards import talk
from bot.commands import by_intent, in_worker, policy, run_command
from bot.commands.settings import change_setting, is_checked
from bot.editing import apply_edit, with_differences, with_extra
from bot.reading import Reader, Reading, Situation, complete, dump
from bot.taps import keep_reason
from core import approvals, clients, inbox, journal, outbox, prompts, runs
from core.errors import FactotumError
from core.ids import new_id
from core.inbox import Message
from core.plans import Plan
from core.prompts import Prompt

log: Any = structlog.get_logger()


class Conversation:
    """Handles text messages one after the other."""

    def __init__(self, app: App, planner: Planner) -> None:
        self._app = app
        self._reader = Reader(app, planner)
        self._turn = asyncio.Lock()

    async def handle(self, inbox_id: int) -> None:
        """Handles the message unless that was done already. Messages keep their order."""
        async with self._turn:
            async with self._app.database.read() as connection:
                waiting = await inbox.waiting(connection, "text", "tap", "command")
            for message in waiting:
                if message.id <= inbox_id and for_conversation(message):
                    await self._guarded(message)
        await self._app.queue.wake_courier()

    async def _guarded(self, message: Message) -> None:
        try:
            ready = await self._one(message)
        except FactotumError as error:
            await self._only_say(message, error.sentence())
            return
        except (OSError, OperationalError):
            # The disk is full or the database is held: the sweep tries again, nothing is lost.
            log.exception("message_put_off", message=message.id)
            return
        except Exception:
            # Nothing about one message may stop the ones after it; the log has the details.
            log.exception("message_failed", message=message.id)
            await self._only_say(
                message,
                "Something went wrong inside while I read that; nothing was done. "
                "Your message is kept. Try it in other words, or see the log on the host.",
            )
            return
        for step_id in ready:
            await self._app.queue.step(step_id)

    async def _one(self, message: Message) -> list[str]:
        async with self._app.database.read() as connection:
            situation = Situation(
                await self._app.current.read(connection), await clients.everyone(connection)
            )
            prompt = await self._prompt(connection, message)
            card = await self._card(connection, message)
        if message.kind == "tap":
            return await self._choice(message, prompt, situation)
        if message.kind == "command":
            return await run_command(self._app, message)
        if message.data.get("forwarded"):
            return await self._only_say(
                message,
                "That was forwarded, so I took it as information and not as your order. "
                "Nothing was done. Write it in your own words if you want it done.",
            )
        if await self._replies_to_policy(message):
            return await self._policy(message)
        thought: Thought | None = None
        if prompt and not message.reply_to:
            # Something may be asked, but a complete new request is not the answer to it.
            thought = await self._reader.think(message, situation)
            if complete(thought) or not self._may_answer(message, prompt, thought):
                prompt = None
        if prompt:
            handled = await self._prompted(message, prompt, situation)
            if handled is not None:
                return handled
        elif card:
            handled = await self._edit(message, card, None, situation)
            if handled is not None:
                return handled
        thought = thought or await self._reader.think(message, situation)
        return await self._store(
            message, await self._reader.read(message, thought, situation), prompt=None
        )

    def _may_answer(self, message: Message, prompt: Prompt, thought: Thought) -> bool:
        """Whether a message that is no reply may be meant for what was asked."""
        if prompt.kind == "question":
            return True
        if self._app.clock.now() - prompt.created_at > prompts.FRESH:
            return False
        match prompt.kind:
            case "reason":
                return not isinstance(thought.outcome, Proposal)
            case "setting":
                return is_checked(prompt.subject) and not isinstance(thought.outcome, Proposal)
            case "edit":
                return True

    async def _prompted(
        self, message: Message, prompt: Prompt, situation: Situation
    ) -> list[str] | None:
        """Takes the message as the answer to what was asked; None where it is none."""
        match prompt.kind:
            case "reason":
                return await self._reason(message, prompt)
            case "setting":
                return await self._setting(message, prompt)
            case "edit":
                return await self._edit(message, prompt.subject, prompt, situation)
            case "question":
                value = self._reader.answer_in(message, prompt, situation)
                if value is None:
                    return None
                reading = await self._reader.answer(message, prompt, value, situation)
                return await self._store(message, reading, prompt=prompt, answer=message.text)

    async def _choice(
        self,
        message: Message,
        prompt: Prompt | None,
        situation: Situation,
    ) -> list[str]:
        """A tap on one of a question's buttons."""
        place = str(message.data["data"]).rsplit(":", 1)[-1]
        choices: list[list[str]] = prompt.data["choices"] if prompt else []
        if prompt is None or not (place == "x" or (place.isdigit() and int(place) < len(choices))):
            return await self._only_say(
                message, "That question is closed already; nothing happened."
            )
        if place == "x":
            async with self._app.database.write() as connection:
                if await inbox.handled(connection, self._app.clock, message.id):
                    await prompts.answered(connection, self._app.clock, prompt.id)
                    await self._turn_question(connection, prompt, "Cancelled. Nothing was done.")
            return []
        label, value = choices[int(place)]
        reading = await self._reader.answer(message, prompt, value, situation)
        return await self._store(message, reading, prompt=prompt, answer=label)

    async def _turn_question(
        self, connection: AsyncConnection, prompt: Prompt, answer: str
    ) -> None:
        letter = await outbox.load(connection, prompt.outbox_id) if prompt.outbox_id else None
        if letter:
            await outbox.put(
                connection,
                self._app.clock,
                chat_id=letter.chat_id,
                kind="edit",
                payload=talk.answered(str(prompt.data["question"]), answer).payload(),
                subject=letter.subject,
                edit_of=letter.id,
            )

    async def _prompt(self, connection: AsyncConnection, message: Message) -> Prompt | None:
        """The open prompt this message answers: tapped, replied to, or else the newest."""
        if message.kind == "tap":
            parts = str(message.data["data"]).split(":")
            return await prompts.load(connection, self._app.clock, parts[1])
        if message.reply_to and message.chat_id:
            letter = await outbox.by_message(
                connection, chat_id=message.chat_id, message_id=message.reply_to
            )
            if letter:
                return await prompts.by_letter(connection, self._app.clock, letter.id)
            return None
        return await prompts.latest(connection, self._app.clock)

    async def _card(self, connection: AsyncConnection, message: Message) -> str | None:
        """The approval whose card this message replies to."""
        if not (message.reply_to and message.chat_id):
            return None
        letter = await outbox.by_message(
            connection, chat_id=message.chat_id, message_id=message.reply_to
        )
        if letter is None or not letter.subject.startswith("apr_"):
            return None
        return letter.subject.partition(":")[0]

    async def _store(
        self,
        message: Message,
        reading: Reading,
        *,
        prompt: Prompt | None,
        answer: str = "",
    ) -> list[str]:
        """Commits everything that comes of a message; returns steps that can go."""
        app = self._app
        ready: list[str] = []
        replies = {
            made.intent: await by_intent(made.intent).run(app, "", message)
            for made in reading.made
            if isinstance(made, Show)
        }
        async with app.database.write() as connection:
            if not await inbox.handled(connection, app.clock, message.id):
                return []
            if prompt:
                if not await prompts.answered(connection, self._app.clock, prompt.id):
                    return []
                await self._turn_question(connection, prompt, answer)
            facts = [f for made in reading.made if isinstance(made, Say) for f in made.facts]
            await journal.append(
                connection,
                app.clock,
                kind="message.understood",
                subject=f"msg_{message.id}",
                data={
                    "requests": [dump(r) for r in reading.requests],
                    "facts": facts,
                    **{k: reading.explanation.get(k) for k in ("model", "rationale", "tokens")},
                },
            )
            together = Counter(made.intent for made in reading.made if isinstance(made, Plan))
            batches = {intent: new_id("bat") for intent, n in together.items() if n > 1}
            for place, made in zip(reading.places, reading.made, strict=True):
                if isinstance(made, Show):
                    ready += await replies[made.intent].put(app, connection)
                else:
                    batch = batches.get(made.intent) if isinstance(made, Plan) else None
                    ready += await self._store_one(connection, message, reading, made, place, batch)
            for batch in batches.values():
                await self._show_together(connection, batch)
        return ready

    async def _show_together(self, connection: AsyncConnection, batch: str) -> None:
        """Shows what is asked of a batch: one card, where it is more than one thing."""
        asked = await approvals.of_batch(connection, batch)
        if not asked:
            return
        if len(asked) > 1:
            letter = await self._app.presenter.asked_together(connection, batch)
        else:
            run = await runs.load(connection, asked[0].run_id)
            assert run is not None
            letter = await self._app.presenter.show_card(connection, run, asked[0].id)
        for found in asked:
            await approvals.shown(connection, found.id, letter)

    async def _store_one(
        self,
        connection: AsyncConnection,
        message: Message,
        reading: Reading,
        made: Plan | Ask | Say,
        place: int,
        batch: str | None,
    ) -> list[str]:
        app = self._app
        match made:
            case Plan():
                started = await app.director.start(
                    connection,
                    with_extra(made, reading.extras_of(place)),
                    explanation=reading.explanation,
                    cost=reading.cost,
                    inbox_id=message.id,
                    batch_id=batch,
                )
                return started.ready
            case Ask():
                await self._ask(connection, message, reading, made, place)
            case Say():
                await app.presenter.say(connection, talk.say(made), subject=f"msg_{message.id}")
        return []

    async def _ask(
        self,
        connection: AsyncConnection,
        message: Message,
        reading: Reading,
        ask: Ask,
        place: int,
    ) -> None:
        for closed in await prompts.close_all(connection, self._app.clock):
            if closed.kind == "question":
                await self._turn_question(connection, closed, "No longer asked.")
        prompt_id = await prompts.open_one(
            connection,
            self._app.clock,
            kind="question",
            subject=f"msg_{message.id}",
            data={
                "slot": ask.slot,
                "question": ask.text,
                "choices": [[c.label, c.answer] for c in ask.choices],
                "requests": [dump(r) for r in reading.requests],
                "place": place,
                "extras": reading.extras,
                "explanation": reading.explanation,
                "text": message.text,
            },
        )
        letter = await self._app.presenter.say(
            connection, talk.question(ask, prompt_id), subject=f"msg_{message.id}"
        )
        await prompts.shown(connection, prompt_id, letter)

    async def _edit(
        self,
        message: Message,
        approval_id: str,
        prompt: Prompt | None,
        situation: Situation,
    ) -> list[str] | None:
        """Replaces a card by an edited one; None where the words change nothing of it."""
        app = self._app
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
            return await self._only_say(
                message, "That card was decided already, so it can't be changed any more."
            )
        changed = apply_edit(
            old.plan,
            message.text,
            now=app.clock.now(),
            profile=situation.profile,
            names=[client.name for client in situation.clients],
        )
        if changed is None:
            if message.reply_to is None:
                return None  # perhaps it is a message of its own
            return await self._only_say(
                message,
                "I could not tell what to change; the card above still stands. "
                f"Try for example: {talk.edit_example(old.plan)}.",
            )
        request, extra = changed
        context = self._reader.context(
            message, situation, text=first.text if first else None, extra=extra
        )
        made = await playbooks.make(request, context)
        if not isinstance(made, Plan):
            said = "That would be several things." if isinstance(made, tuple) else made.text
            return await self._only_say(message, f"{said} The card above still stands.")
        plan = with_extra(with_differences(made, old.plan), extra)
        async with app.database.write() as connection:
            if not await inbox.handled(connection, app.clock, message.id):
                return []
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
                await prompts.answered(connection, self._app.clock, prompt.id)
            await app.director.stop(connection, old.id, state="replaced")
            await app.presenter.turn(connection, approval_id, approval_cards.replaced(old.plan))
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
        return started.ready

    async def _replies_to_policy(self, message: Message) -> bool:
        if not (message.reply_to and message.chat_id):
            return False
        async with self._app.database.read() as connection:
            letter = await outbox.by_message(
                connection, chat_id=message.chat_id, message_id=message.reply_to
            )
        return letter is not None and letter.subject == policy.SUBJECT

    async def _policy(self, message: Message) -> list[str]:
        """A reply to the shown policy carries a new text of it."""
        app = self._app
        async with app.database.write() as connection:
            if await inbox.handled(connection, app.clock, message.id):
                await policy.propose(app, connection, message.text)
        return []

    async def _reason(self, message: Message, prompt: Prompt) -> list[str]:
        app = self._app
        async with app.database.write() as connection:
            if await inbox.handled(connection, app.clock, message.id) and await prompts.answered(
                connection, app.clock, prompt.id
            ):
                await keep_reason(app, connection, prompt.subject, message.text[:1000])
        return []

    async def _setting(self, message: Message, prompt: Prompt) -> list[str]:
        app = self._app
        async with app.database.write() as connection:
            if await inbox.handled(connection, app.clock, message.id):
                await prompts.answered(connection, self._app.clock, prompt.id)
                await change_setting(app, connection, prompt.subject, message.text)
        return []

    async def _only_say(self, message: Message, text: str) -> list[str]:
        app = self._app
        async with app.database.write() as connection:
            if await inbox.handled(connection, app.clock, message.id):
                await journal.append(
                    connection,
                    app.clock,
                    kind="message.understood",
                    subject=f"msg_{message.id}",
                    data={"requests": [], "model": "no model", "rationale": text},
                )
                await app.presenter.say(connection, talk.note(text), subject=f"msg_{message.id}")
        return []


def for_conversation(message: Message) -> bool:
    """Whether the worker handles this: text, answers to questions, and slow commands."""
    match message.kind:
        case "text":
            return True
        case "command":
            return in_worker(message)
        case "tap":
            return str(message.data.get("data", "")).startswith("q:prm_")
        case _:
            return False
