"""Free text: understood in the worker, turned into runs, questions and answers.

Everything that comes of one message commits together with the mark that it was handled, so a
message that was half thought through when the process died is thought through again, once.
"""

import asyncio
from dataclasses import replace
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.planner import Planner, Proposal, Thought
from agents.playbooks import teaching
from agents.requests import Base
from bot import digest, due, hearing, requesting
from bot.app import App
from bot.commands import in_worker, memory, policy, request_of, run_command
from bot.commands.settings import change_setting, is_checked
from bot.planning import Outline
from bot.reader import Reader
from bot.reading import complete
from bot.revising import revise
from bot.situation import Situation
from bot.situation import situation as current_situation
from bot.storing import only_say, store, turn_question
from bot.taps import keep_reason
from core import clients, inbox, outbox, prompts
from core.errors import FactotumError
from core.inbox import Message
from core.memory import aliases
from core.outbox import Letter
from core.prompts import Prompt

log: Any = structlog.get_logger()


class Conversation:
    """Handles text messages one after the other."""

    def __init__(self, app: App, planner: Planner) -> None:
        self._app = app
        self._reader = Reader(app, planner)
        self._outline = Outline(app, self._reader)
        self._turn = asyncio.Lock()

    async def handle(self, inbox_id: int) -> None:
        """Handles the message unless that was done already. Messages keep their order."""
        async with self._turn:
            async with self._app.database.read() as connection:
                waiting = await inbox.waiting(connection, *inbox.FOR_THOUGHT)
            for message in waiting:
                if message.id <= inbox_id and for_conversation(message):
                    await self._guarded(message)
        await self._app.queue.wake_courier()

    async def _guarded(self, message: Message) -> None:
        try:
            ready = await self._one(message)
        except FactotumError as error:
            await only_say(self._app, message, error.sentence())
            return
        except (OSError, OperationalError):
            # The disk is full or the database is held: the sweep tries again, nothing is lost.
            log.exception("message_put_off", message=message.id)
            return
        except Exception:
            # Nothing about one message may stop the ones after it; the log has the details.
            log.exception("message_failed", message=message.id)
            await only_say(
                self._app,
                message,
                "Something went wrong inside while I read that; nothing was done. "
                "Your message is kept. Try it in other words, or see the log on the host.",
            )
            return
        for step_id in ready:
            await self._app.queue.step(step_id)

    async def _one(self, message: Message) -> list[str]:
        async with self._app.database.read() as connection:
            situation = await current_situation(self._app, connection)
            about = await self._replied_to(connection, message)
            prompt = await self._prompt(connection, message, about)
        if message.kind == "tap":
            if request := requesting.request_of(message):
                return await self._requested(message, request, situation)
            return await self._choice(message, prompt, situation)
        if message.kind == "command":
            return await self._command(message, situation)
        if message.kind == "due":
            return await self._due(message, situation)
        if message.data.get("forwarded"):
            return await hearing.forwarded(self._app, message, situation.clients)
        if about and about.subject == policy.SUBJECT:
            return await self._policy(message)
        spoken = None if message.reply_to else memory.spoken(message.text, situation.entities)
        if spoken:
            return await run_command(self._app, replace(message, text=spoken))
        if prompt and prompt.kind == "plan":
            planned = await self._plan(message, prompt, situation)
            if planned is not None:
                return planned
            prompt = None
        thought: Thought | None = None
        if prompt and not message.reply_to and not _hands_over(message, prompt):
            # Something may be asked, but a complete new request is not the answer to it.
            thought = await self._reader.think(message, situation)
            if complete(thought) or not self._may_answer(message, prompt, thought):
                prompt = None
        if prompt:
            handled = await self._prompted(message, prompt, situation)
            if handled is not None:
                return handled
        elif about and about.subject.startswith("apr_"):
            card = about.subject.partition(":")[0]
            handled = await revise(self._app, self._reader, message, card, None, situation)
            if handled is not None:
                return handled
        thought = thought or await self._reader.think(message, situation)
        return await store(
            self._app, message, await self._reader.read(message, thought, situation), prompt=None
        )

    async def _command(self, message: Message, situation: Situation) -> list[str]:
        request = request_of(message)
        if request is None:
            return await run_command(self._app, message)
        reading = await self._reader.asked_by_command(message, request, situation)
        return await store(self._app, message, reading, prompt=None)

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
            case "plan":
                return False

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
                return await revise(
                    self._app, self._reader, message, prompt.subject, prompt, situation
                )
            case "plan":
                return None
            case "question":
                value = self._reader.answer_in(message, prompt, situation)
                if value is None:
                    return None
                reading = await self._reader.answer(message, prompt, value, situation)
                return await store(self._app, message, reading, prompt=prompt, answer=message.text)

    async def _plan(
        self, message: Message, prompt: Prompt, situation: Situation
    ) -> list[str] | None:
        """Words that may change the plan that is shown; None where they are not meant so."""
        stale = self._app.clock.now() - prompt.created_at > prompts.FRESH
        if stale and not message.reply_to:
            return None
        return await self._outline.said(message, prompt, situation)

    async def _choice(
        self,
        message: Message,
        prompt: Prompt | None,
        situation: Situation,
    ) -> list[str]:
        """A tap on one of a question's buttons, or a plan's."""
        if prompt and prompt.kind == "plan":
            return await self._outline.tapped(message, prompt, situation)
        place = str(message.data["data"]).rsplit(":", 1)[-1]
        choices: list[list[str]] = prompt.data["choices"] if prompt else []
        if prompt is None or not (place == "x" or (place.isdigit() and int(place) < len(choices))):
            return await only_say(
                self._app, message, "That question is closed already; nothing happened."
            )
        if place == "x":
            async with self._app.database.write() as connection:
                if await inbox.handled(connection, self._app.clock, message.id):
                    await prompts.answered(connection, self._app.clock, prompt.id)
                    await turn_question(
                        self._app, connection, prompt, "Cancelled. Nothing was done."
                    )
            return []
        label, value = choices[int(place)]
        await self._learn_name(prompt, value, situation)
        reading = await self._reader.answer(message, prompt, value, situation)
        return await store(self._app, message, reading, prompt=prompt, answer=label)

    async def _requested(self, message: Message, request: Base, situation: Situation) -> list[str]:
        """A tap on a button of the digest that asks for something."""
        data = str(message.data["data"])
        asked = replace(message, text=data.replace(":", " ", 1))
        reading = await self._reader.asked_by_command(asked, request, situation)
        ready = await store(self._app, message, reading, prompt=None)
        async with self._app.database.write() as connection:
            await digest.followed(connection, self._app.clock, data)
        return ready

    async def _due(self, message: Message, situation: Situation) -> list[str]:
        """A follow-up whose day has come. Where all is settled nothing is said."""
        async with self._app.database.read() as connection:
            found = await due.of(connection, message)
        if found is None:
            async with self._app.database.write() as connection:
                await inbox.handled(connection, self._app.clock, message.id)
            return []
        reading = await self._reader.follow_up(message, found, situation)
        return await store(self._app, message, reading, prompt=None)

    async def _learn_name(self, prompt: Prompt, chosen: str, situation: Situation) -> None:
        """A name that was asked about once is known from then on."""
        slot, place = str(prompt.data["slot"]), int(prompt.data["place"])
        asked: list[dict[str, str]] = prompt.data["requests"]
        said = asked[place].get(slot) if slot in ("client", "to") and asked else None
        meant = [c for c in situation.clients if c.name == chosen]
        if said and "@" not in said and meant and not clients.find(meant, said):
            async with self._app.database.write() as connection:
                await aliases.add(connection, self._app.clock, entity_id=meant[0].id, said=said)

    async def _replied_to(self, connection: AsyncConnection, message: Message) -> Letter | None:
        """The letter that this message replies to, or None."""
        if not (message.reply_to and message.chat_id):
            return None
        return await outbox.by_message(
            connection, chat_id=message.chat_id, message_id=message.reply_to
        )

    async def _prompt(
        self, connection: AsyncConnection, message: Message, about: Letter | None
    ) -> Prompt | None:
        """The open prompt this message answers: tapped, replied to, or else the newest."""
        if message.kind == "tap":
            parts = str(message.data["data"]).split(":")
            return await prompts.load(connection, self._app.clock, parts[1])
        if message.reply_to:
            if about is None:
                return None
            return await prompts.by_letter(connection, self._app.clock, about.id)
        return await prompts.latest(connection, self._app.clock)

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


def _hands_over(message: Message, prompt: Prompt) -> bool:
    """Whether a student's work is what was asked for: nothing in it is read as an order."""
    return prompt.data.get("slot") == teaching.WORK and teaching.is_work(message.text)


def for_conversation(message: Message) -> bool:
    """Whether the worker handles this: text, answers to questions, and slow commands."""
    match message.kind:
        case "text" | "due":
            return True
        case "command":
            return in_worker(message)
        case "tap":
            return requesting.in_worker(message)
        case _:
            return False
