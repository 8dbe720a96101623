"""Free text: understood in the worker, turned into runs, questions and answers.

Everything that comes of one message commits together with the mark that it was handled, so a
message that was half thought through when the process died is thought through again, once.
"""

import asyncio
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, cast

import structlog
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from agents import playbooks
from agents.builtin.edits import understand_answer
from agents.context import NEW, Ask, Context, Say
from agents.planner import Answer, Planner, Proposal, Question, Thought
from agents.requests import Base, Request, Show
from bot.app import App
from bot.cards import approval as approval_cards
from bot.cards import talk
from bot.commands import by_intent, in_worker, run_command
from bot.commands.settings import change_setting
from bot.editing import apply_edit, with_differences
from bot.taps import keep_reason
from core import approvals, clients, inbox, journal, memory, outbox, prompts, runs
from core.errors import FactotumError
from core.inbox import Message
from core.money import Money
from core.plans import Plan
from core.profile import Profile
from core.prompts import Prompt

log: Any = structlog.get_logger()

_REQUESTS: TypeAdapter[list[Request]] = TypeAdapter(list[Request])

_ADDRESS = re.compile(r"[^\s<>,;:\"]+@[^\s<>,;:\"]+\.[^\s<>,;:\".]+")

Made = Plan | Ask | Say | Show


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What was made of a message before anything is stored."""

    made: list[Made]
    requests: list[Base]
    explanation: dict[str, Any]
    extra: dict[str, Any]
    cost: Money
    ask_at: int | None = None


def dump(request: Base) -> dict[str, Any]:
    """A request as stored: only what it gives."""
    return request.model_dump(mode="json", by_alias=True, exclude_none=True)


class Conversation:
    """Handles text messages one after the other."""

    def __init__(self, app: App, planner: Planner) -> None:
        self._app = app
        self._planner = planner
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
            profile = await self._app.current.read(connection)
            known = await clients.everyone(connection)
            prompt = await self._prompt(connection, message)
            card = await self._card(connection, message)
        if message.kind == "tap":
            return await self._choice(message, prompt, profile, known)
        if message.kind == "command":
            return await run_command(self._app, message)
        if message.data.get("forwarded"):
            return await self._only_say(
                message,
                "That was forwarded, so I took it as information and not as your order. "
                "Nothing was done. Write it in your own words if you want it done.",
            )
        thought: Thought | None = None
        if prompt and not message.reply_to:
            # Something may be asked, but a complete new request is not the answer to it.
            thought = await self._think(message, profile, known)
            if _complete(thought):
                prompt = None
        if prompt:
            handled = await self._prompted(message, prompt, profile, known)
            if handled is not None:
                return handled
        elif card:
            handled = await self._edit(message, card, None, profile, known)
            if handled is not None:
                return handled
        thought = thought or await self._think(message, profile, known)
        return await self._store(
            message, await self._read(message, thought, profile, known), prompt=None
        )

    async def _prompted(
        self, message: Message, prompt: Prompt, profile: Profile, known: list[clients.Client]
    ) -> list[str] | None:
        """Takes the message as the answer to what was asked; None where it is none."""
        match prompt.kind:
            case "reason":
                return await self._reason(message, prompt)
            case "setting":
                return await self._setting(message, prompt)
            case "edit":
                return await self._edit(message, prompt.subject, prompt, profile, known)
            case "question":
                value = self._read_answer(message, prompt, profile)
                if value is None:
                    return None
                reading = await self._answer(message, prompt, value, profile, known)
                return await self._store(message, reading, prompt=prompt, answer=message.text)

    async def _choice(
        self,
        message: Message,
        prompt: Prompt | None,
        profile: Profile,
        known: list[clients.Client],
    ) -> list[str]:
        """A tap on one of a question's buttons."""
        place = str(message.data["data"]).rsplit(":", 1)[-1]
        choices: list[list[str]] = prompt.data["choices"] if prompt else []
        if prompt is None or not (place == "x" or (place.isdigit() and int(place) < len(choices))):
            async with self._app.database.write() as connection:
                await inbox.handled(connection, self._app.clock, message.id)
            return []
        if place == "x":
            async with self._app.database.write() as connection:
                if await inbox.handled(connection, self._app.clock, message.id):
                    await prompts.answered(connection, prompt.id)
                    await self._turn_question(connection, prompt, "Cancelled. Nothing was done.")
            return []
        label, value = choices[int(place)]
        reading = await self._answer(message, prompt, value, profile, known)
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
        return letter.subject if letter and letter.subject.startswith("apr_") else None

    def _context(
        self,
        message: Message,
        profile: Profile,
        known: list[clients.Client],
        *,
        text: str | None = None,
        extra: dict[str, Any] | None = None,
    ) -> Context:
        async def facts_about(subject: str, relation: str | None) -> list[memory.Fact]:
            async with self._app.database.read() as connection:
                return await memory.about(connection, subject, relation)

        async def search_facts(words: str) -> list[memory.Fact]:
            async with self._app.database.read() as connection:
                return await memory.search(connection, words)

        return Context(
            now=self._app.clock.now(),
            profile=profile,
            message=text or message.text,
            inbox_id=message.id,
            clients=known,
            facts_about=facts_about,
            search_facts=search_facts,
            billing=self._app.billing.reads,
            calendar=self._app.calendar,
            extra=extra or {},
        )

    async def _think(
        self, message: Message, profile: Profile, known: list[clients.Client]
    ) -> Thought:
        names = [name for c in known for name in (c.name, c.contact) if name]
        return await self._planner.think(
            message.text, now=self._app.clock.now(), profile=profile, clients=names
        )

    async def _read(
        self,
        message: Message,
        thought: Thought,
        profile: Profile,
        known: list[clients.Client],
    ) -> _Reading:
        cost = _money(thought, profile)
        explanation: dict[str, Any] = {
            "model": thought.model,
            "rationale": thought.outcome.rationale,
            "prompt": thought.prompt,
            "tokens": thought.tokens,
            "degraded": thought.degraded,
        }
        if isinstance(thought.outcome, Answer | Question):
            made: list[Made] = [Say(thought.outcome.text)]
            return _Reading(made=made, requests=[], explanation=explanation, extra={}, cost=cost)
        requests: list[Base] = list(thought.outcome.requests)
        context = self._context(message, profile, known)
        return await self._plan(requests, context, explanation, cost)

    async def _plan(
        self,
        requests: list[Base],
        context: Context,
        explanation: dict[str, Any],
        cost: Money,
    ) -> _Reading:
        made: list[Made] = []
        for place, request in enumerate(requests):
            if isinstance(request, Show):
                made.append(request)
                continue
            outcome = await playbooks.make(request, context)
            if isinstance(outcome, Ask):  # one thing is asked at a time, and nothing is done
                return _Reading(
                    made=[outcome],
                    requests=requests,
                    explanation=explanation,
                    extra=context.extra,
                    cost=cost,
                    ask_at=place,
                )
            made.append(outcome)
        return _Reading(
            made=made, requests=requests, explanation=explanation, extra=context.extra, cost=cost
        )

    async def _answer(
        self,
        message: Message,
        prompt: Prompt,
        value: Any,
        profile: Profile,
        known: list[clients.Client],
    ) -> _Reading:
        """The reading with the answer in its place."""
        slot = str(prompt.data["slot"])
        requests: list[Base] = list(_REQUESTS.validate_python(prompt.data["requests"]))
        place = int(prompt.data["place"])
        request, extra = fill(requests[place], slot, value, dict(prompt.data["extra"]))
        requests[place] = request
        context = self._context(message, profile, known, text=str(prompt.data["text"]), extra=extra)
        return await self._plan(
            requests, context, dict(prompt.data["explanation"]), Money(0, profile.currency)
        )

    def _read_answer(self, message: Message, prompt: Prompt, profile: Profile) -> Any | None:
        slot = str(prompt.data["slot"])
        if slot == "email":
            address = _ADDRESS.search(message.text)
            return address.group(0) if address else None
        return understand_answer(
            message.text,
            slot=slot,
            intent=str(prompt.data["requests"][int(prompt.data["place"])]["intent"]),
            now=profile.local(self._app.clock.now()),
            zone=profile.tz,
            currency=profile.currency,
        )

    async def _store(
        self,
        message: Message,
        reading: _Reading,
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
                if not await prompts.answered(connection, prompt.id):
                    return []
                await self._turn_question(connection, prompt, answer)
            await prompts.close_all(connection)
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
            for made in reading.made:
                if isinstance(made, Show):
                    ready += await replies[made.intent].put(app, connection)
                else:
                    ready += await self._store_one(connection, message, reading, made)
        return ready

    async def _store_one(
        self,
        connection: AsyncConnection,
        message: Message,
        reading: _Reading,
        made: Plan | Ask | Say,
    ) -> list[str]:
        app = self._app
        match made:
            case Plan():
                started = await app.director.start(
                    connection,
                    made.model_copy(update={"request": made.request | {"$extra": reading.extra}}),
                    explanation=reading.explanation,
                    cost=reading.cost,
                    inbox_id=message.id,
                )
                return started.ready
            case Ask():
                await self._ask(connection, message, reading, made)
            case Say():
                await app.presenter.say(connection, talk.say(made), subject=f"msg_{message.id}")
        return []

    async def _ask(
        self, connection: AsyncConnection, message: Message, reading: _Reading, ask: Ask
    ) -> None:
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
                "place": reading.ask_at,
                "extra": reading.extra,
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
        profile: Profile,
        known: list[clients.Client],
    ) -> list[str] | None:
        """Replaces a card by an edited one; None where the words change nothing of it."""
        app = self._app
        async with app.database.read() as connection:
            found = await approvals.load(connection, approval_id)
            old = await runs.load(connection, found.run_id) if found else None
        if found is None or old is None:
            return None
        if found.state != "pending":
            return await self._only_say(
                message, "That card was decided already, so it can't be changed any more."
            )
        changed = apply_edit(old.plan, message.text, now=app.clock.now(), profile=profile)
        if changed is None:
            if message.reply_to is None:
                return None  # perhaps it is a message of its own
            return await self._only_say(
                message,
                "I could not tell what to change; the card above still stands. "
                "Try for example: make it 2600, due 1 December.",
            )
        request, extra = changed
        made = await playbooks.make(
            request, self._context(message, profile, known, text=message.text, extra=extra)
        )
        if not isinstance(made, Plan):
            return await self._only_say(message, f"{made.text} The card above still stands.")
        made = with_differences(made, old.plan)
        made = made.model_copy(update={"request": made.request | {"$extra": extra}})
        async with app.database.write() as connection:
            if not await inbox.handled(connection, app.clock, message.id):
                return []
            decision = await approvals.decide(
                connection, app.clock, approval_id, to="replaced", user_id=message.user_id or 0
            )
            if not decision.taken:
                await app.presenter.say(connection, talk.note(decision.words))
                return []
            if prompt:
                await prompts.answered(connection, prompt.id)
            return await self._replace(connection, message, old, approval_id, made)

    async def _replace(
        self,
        connection: AsyncConnection,
        message: Message,
        old: runs.Run,
        approval_id: str,
        plan: Plan,
    ) -> list[str]:
        app = self._app
        await app.director.stop(connection, old.id, state="replaced")
        await app.presenter.turn(connection, approval_id, approval_cards.replaced(old.plan))
        started = await app.director.start(
            connection,
            plan,
            explanation=old.explanation | {"edited": message.text},
            cost=old.cost,
            inbox_id=old.inbox_id,
            replaces=old.id,
        )
        return started.ready

    async def _reason(self, message: Message, prompt: Prompt) -> list[str]:
        app = self._app
        async with app.database.write() as connection:
            if await inbox.handled(connection, app.clock, message.id) and await prompts.answered(
                connection, prompt.id
            ):
                await keep_reason(app, connection, prompt.subject, message.text[:1000])
        return []

    async def _setting(self, message: Message, prompt: Prompt) -> list[str]:
        app = self._app
        async with app.database.write() as connection:
            if await inbox.handled(connection, app.clock, message.id):
                await prompts.answered(connection, prompt.id)
                await change_setting(app, connection, prompt.subject, message.text)
        return []

    async def _only_say(self, message: Message, text: str) -> list[str]:
        app = self._app
        async with app.database.write() as connection:
            if await inbox.handled(connection, app.clock, message.id):
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


def _complete(thought: Thought) -> bool:
    return isinstance(thought.outcome, Proposal) and not any(
        request.missing() for request in thought.outcome.requests
    )


def fill(
    request: Base, slot: str, value: Any, extra: dict[str, Any]
) -> tuple[Base, dict[str, Any]]:
    """The request with an answer in its slot; what it has no slot for goes to the extras."""
    field = "with_" if slot == "with" else slot
    if field not in type(request).model_fields or str(value).startswith(NEW):
        return request, extra | {slot: value}
    updates: dict[str, Any] = {field: value}
    if slot in ("client", "to"):
        extra = extra | {slot: str(value)}
    if isinstance(value, dict):  # an answer that gives more than was asked, as "2400 GBP" does
        updates = cast(dict[str, Any], value)
    data = request.model_dump(by_alias=False) | updates
    return type(request).model_validate(data), extra


def _money(thought: Thought, profile: Profile) -> Money:
    # Model prices are in dollars; nothing here knows an exchange rate, so they stay so.
    if not thought.cost:
        return Money(0, profile.currency)
    cents = (thought.cost * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return Money(int(cents), "USD")
