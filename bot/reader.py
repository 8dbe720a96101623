"""The reader: makes of a message what comes of it, with the planner and the playbooks."""

import re
from dataclasses import replace
from typing import Any

from agents import grounding, playbooks, statements
from agents.builtin.answers import agrees, understand_answer
from agents.builtin.edits import understand_edit
from agents.builtin.model import NAME as BUILTIN
from agents.builtin.reading import read
from agents.context import Context
from agents.gateway import Tier
from agents.outcomes import Ask, Choice, Say
from agents.planner import Answer, Planner, Proposal, Question, Thought
from agents.playbooks import introducing, people, teaching
from agents.recipients import names
from agents.requests import Base, MemoryAsk, MemorySave, Research, Show
from agents.roles import Thinker
from agents.roles import Thought as RoleThought
from bot.app import App
from bot.degraded import Degraded
from bot.due import Due
from bot.reading import AGAIN, MEANT, Extras, Made, Reading, fill, requests_of
from bot.refining import refinable
from bot.situation import Situation, context_of
from core.costs import NOTHING, Cost
from core.inbox import Message
from core.memory import answers
from core.plans import Plan
from core.prompts import Prompt

_ADDRESS = re.compile(r"[^\s<>,;:\"]+@[^\s<>,;:\"]+\.[^\s<>,;:\".]+")

_ASKED_AS = {"name": "name|company", "invoice_no": "client|invoice_no"}
"""Slots that an answer may fill with more than was asked."""

SWITCHES = {"undo.last": "undo", "pause": "pause", "resume": "resume"}
"""Intents that change how Factotum works, with their commands."""


class Reader:
    """Reads messages with the planner and the playbooks; stores nothing."""

    def __init__(self, app: App, planner: Planner) -> None:
        self._app = app
        self._planner = planner
        self._thinker = Thinker(planner.gateway)
        self._degraded = Degraded(app)

    def context(
        self,
        message: Message,
        situation: Situation,
        *,
        text: str | None = None,
        extra: dict[str, Any] | None = None,
        quick: bool = True,
    ) -> Context:
        """What a playbook may read, see ``context_of``."""
        return context_of(
            self._app, message, situation, self._thinker, text=text, extra=extra, quick=quick
        )

    async def think(self, message: Message, situation: Situation) -> Thought:
        """What the message asks for."""
        introduces = introducing.thought(
            message.text,
            known=situation.clients,
            others=situation.entities,
            now=self._app.clock.now(),
            profile=situation.profile,
        )
        if introduces:
            return introduces
        thought = await self._planner.think(
            teaching.order(message.text),  # what a student wrote is never an order
            now=self._app.clock.now(),
            profile=situation.profile,
            clients=names(situation.clients, situation.entities),
            inbox_id=message.id,
        )
        await self._degraded.note(thought)
        return thought

    async def read(self, message: Message, thought: Thought, situation: Situation) -> Reading:
        """What comes of a message that asks for something of its own."""
        reading = await self._read(message, thought, situation)
        return replace(reading, degraded=self._degraded.sentence(thought))

    async def _read(self, message: Message, thought: Thought, situation: Situation) -> Reading:
        explanation: dict[str, Any] = {
            "model": thought.model,
            "rationale": thought.outcome.rationale,
            "prompt": thought.prompt,
            "tokens": thought.tokens,
            "degraded": thought.degraded,
            "tier": thought.tier.value,
            "remembered": thought.remembered,
        }
        cost = thought.cost
        if isinstance(thought.outcome, Question):
            likely = thought.outcome.requests
            words = ["Yes"] if likely else thought.outcome.choices
            slot = MEANT if likely else AGAIN
            return Reading(
                made=[Ask(slot, thought.outcome.text, tuple(Choice(text, text) for text in words))],
                places=[0],
                requests=list(likely),
                explanation=explanation,
                cost=cost,
            )
        told = await self._kept(message, thought, situation)
        if told:
            return Reading(made=[told], places=[0], explanation=explanation, cost=cost)
        if isinstance(thought.outcome, Answer):
            said = self._states(message.text, situation)
            if said:
                explanation["rationale"] = "It states something of a client that can be kept."
                return await self._plan(
                    [said], self.context(message, situation), {}, explanation, cost
                )
            if statements.lasting(message.text):
                keep = Choice("Remember it", message.text)
                return Reading(
                    made=[Ask("statement", "Shall I remember that?", (keep,))],
                    places=[0],
                    requests=[MemorySave()],
                    explanation=explanation,
                    cost=cost,
                )
            told = thought.outcome.text
            if thought.tier is not Tier.BUILTIN:  # a model may say that it did what nobody did
                told += "\n\nNothing was done."
            return Reading(made=[Say(told)], places=[0], explanation=explanation, cost=cost)
        context = self.context(message, situation)
        return await self._plan(list(thought.outcome.requests), context, {}, explanation, cost)

    async def asked_by_command(
        self, message: Message, request: Base, situation: Situation
    ) -> Reading:
        """What comes of a command that asks for what a message could ask for too."""
        explanation = {"model": "no model", "rationale": "You gave the command.", "tokens": 0}
        args = message.text.strip().split(maxsplit=1)[-1]
        context = self.context(message, situation, text=args)
        return await self._plan([request], context, {}, explanation, NOTHING)

    async def follow_up(self, message: Message, due: Due, situation: Situation) -> Reading:
        """What comes of a follow-up whose day has come."""
        told = f"You asked to follow up: {due.told}."
        explanation = {"model": "no model", "rationale": told, "tokens": 0}
        context = self.context(message, situation, text="")
        extras = {"0": due.extra}
        return due.of(await self._plan([due.request], context, extras, explanation, NOTHING))

    async def _kept(self, message: Message, thought: Thought, situation: Situation) -> Say | None:
        """What memory answers to a question that nothing else was made of, or to research."""
        made = thought.outcome
        researches = isinstance(made, Proposal) and all(
            isinstance(request, Research) for request in made.requests
        )
        asks = message.text.rstrip().endswith("?") and answers.words(message.text)
        if not asks or not (researches or isinstance(made, Answer)):
            return None
        outcome = await playbooks.make(
            MemoryAsk(question=message.text), self.context(message, situation)
        )
        return outcome if isinstance(outcome, Say) and outcome.sources else None

    def _states(self, text: str, situation: Situation) -> MemorySave | None:
        """A sentence that asks for nothing but states what is worth keeping, or corrects it."""
        now, owner, last = self._app.clock.now(), situation.profile, situation.last_fact
        if last and statements.correction(text, last, now=now, profile=owner):
            return MemorySave(statement=text)
        known, others = situation.clients, situation.entities
        stated = statements.plain(text, known=known, others=others, now=now, profile=owner)
        return MemorySave(statement=text) if stated else None

    async def answer(
        self, message: Message, prompt: Prompt, value: Any, situation: Situation
    ) -> Reading:
        """What comes of the asking message, with the answer in its place."""
        slot = str(prompt.data["slot"])
        if slot == AGAIN:
            whole = replace(message, text=f"{prompt.data['text']}\n{value}")
            return await self.read(whole, await self.think(whole, situation), situation)
        requests = requests_of(prompt.data["requests"])
        if slot == MEANT:
            return await self.remake(message, prompt, requests, {}, situation)
        extras: Extras = dict(prompt.data["extras"])
        place = int(prompt.data["place"])
        requests[place], extras[str(place)] = fill(
            requests[place], slot, value, extras.get(str(place), {})
        )
        return await self.remake(message, prompt, requests, extras, situation)

    async def remake(
        self,
        message: Message,
        prompt: Prompt,
        requests: list[Base],
        extras: Extras,
        situation: Situation,
    ) -> Reading:
        """What comes of the message that a prompt is about, with its requests as they are now."""
        context = self.context(message, situation, text=str(prompt.data["text"]))
        return await self._plan(
            requests, context, extras, dict(prompt.data["explanation"]), NOTHING
        )

    def answer_in(self, message: Message, prompt: Prompt, situation: Situation) -> Any | None:
        """The value that a message gives to what was asked; None where it gives none."""
        slot = str(prompt.data["slot"])
        if slot == AGAIN:
            return message.text
        if slot == MEANT:
            return message.text if agrees(message.text) else None
        if slot == teaching.WORK:  # other words are no work that was handed in
            return message.text if message.reply_to or teaching.is_work(message.text) else None
        if slot == "due_date":
            changed = understand_edit(
                f"due {message.text}",
                intent="invoice.create",
                now=situation.profile.local(self._app.clock.now()),
                zone=situation.profile.tz,
                currency=situation.profile.currency,
            )
            due = {key: changed[key] for key in ("due_date", "due_days") if key in changed}
            return {"due_date": None, "due_days": None} | due if due else None
        if slot == "email":
            address = _ADDRESS.search(message.text)
            return address.group(0) if address else None
        return understand_answer(
            message.text,
            slot=_ASKED_AS.get(slot, slot),
            intent=str(prompt.data["requests"][int(prompt.data["place"])]["intent"]),
            now=situation.profile.local(self._app.clock.now()),
            zone=situation.profile.tz,
            currency=situation.profile.currency,
            names=names(situation.clients, situation.entities),
        )

    async def _plan(
        self,
        requests: list[Base],
        context: Context,
        extras: Extras,
        explanation: dict[str, Any],
        cost: Cost,
    ) -> Reading:
        made: list[Made] = []
        places: list[int] = []
        thoughts: list[RoleThought[Any]] = []
        added: list[Base] = []
        for place, request in enumerate(requests):
            if isinstance(request, Show):
                made.append(self._allowed(request, context, explanation))
                places.append(place)
                continue
            known = people.with_new(context, added, request)
            thinking = replace(known, extra=extras.get(str(place), {}), thoughts=[])
            outcome = await playbooks.make(request, thinking)
            thoughts += thinking.thoughts
            added += [request] if isinstance(outcome, Plan) else []
            if isinstance(outcome, Ask):  # one thing is asked at a time, and nothing is done
                made, places = [outcome], [place]
                break
            for one in outcome if isinstance(outcome, tuple) else (outcome,):
                if isinstance(one, Plan):
                    if explanation.get("model") != BUILTIN:
                        one = self._marked(one, request, context, str(explanation.get("model")))
                    one = refinable(one, thinking.thoughts)
                made.append(one)
                places.append(place)
        return Reading(
            made=made,
            places=places,
            thoughts=[thought.explanation for thought in thoughts],
            requests=requests,
            extras=extras,
            explanation=explanation,
            cost=cost,
        )

    def _allowed(self, request: Show, context: Context, explanation: dict[str, Any]) -> Made:
        """A switch that only a provider's model found in the message is offered, not thrown."""
        name = SWITCHES.get(request.intent)
        if name is None or explanation.get("model") == BUILTIN:
            return request
        if request in self._understood(context):
            return request
        return Say(f"That may mean /{name}. Nothing was done; tap it if you want it.")

    def _understood(self, context: Context) -> list[Base]:
        """What the built-in understanding finds in the same message."""
        return list(
            read(
                context.message,
                now=context.profile.local(context.now),
                zone=context.profile.tz,
                names=names(context.clients, context.entities),
                currency=context.profile.currency,
            ).requests
        )

    def _marked(self, plan: Plan, request: Base, context: Context, model: str) -> Plan:
        return grounding.mark(
            plan,
            request,
            message=context.message,
            model=model,
            known=self._understood(context),
        )
