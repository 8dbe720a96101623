"""What the operator does with a plan of several things: run it, change it, drop a part, cancel."""

import re
from dataclasses import replace

from agents.planner import Proposal
from agents.requests import Base
from bot import outline, storing
from bot.app import App
from bot.cards import outline as cards
from bot.outline import changed, dropped
from bot.reader import Reader
from bot.reading import Extras, complete, requests_of
from bot.situation import Situation
from core import inbox, prompts
from core.inbox import Message
from core.plans import Plan
from core.prompts import Prompt

_MORE = re.compile(r"^\s*(?:and|also|plus|then|add|as well)\b[\s,:]*(?:also\s+)?", re.I)
"""How words begin that ask for one thing more."""


class Outline:
    """Takes what the operator does with a plan that is shown."""

    def __init__(self, app: App, reader: Reader) -> None:
        self._app = app
        self._reader = reader

    async def tapped(self, message: Message, prompt: Prompt, situation: Situation) -> list[str]:
        """A tap on one of its buttons; returns steps that can go."""
        choice = str(message.data["data"]).rsplit(":", 1)[-1]
        requests, extras = _kept(prompt)
        if choice == cards.RUN:
            reading = await self._reader.remake(message, prompt, requests, extras, situation)
            confirmed = replace(reading, confirmed=True)
            return await storing.store(
                self._app, message, confirmed, prompt=prompt, answer="Begun."
            )
        number = choice.removeprefix(cards.DROP)
        if number.isdigit() and 0 < int(number) <= len(requests) > 1:
            requests, extras = dropped(requests, extras, int(number) - 1)
            return await self._again(message, prompt, requests, extras, situation, below=False)
        async with self._app.database.write() as connection:
            if await inbox.handled(connection, self._app.clock, message.id):
                await prompts.answered(connection, self._app.clock, prompt.id)
                await outline.turn(self._app, connection, prompt, "Cancelled. Nothing was done.")
        return []

    async def said(
        self, message: Message, prompt: Prompt, situation: Situation
    ) -> list[str] | None:
        """Words that may change the plan; None where they don't."""
        requests, extras = _kept(prompt)
        if more := _MORE.match(message.text):
            thought = await self._reader.think(
                replace(message, text=message.text[more.end() :]), situation
            )
            if isinstance(thought.outcome, Proposal):
                requests = [*requests, *thought.outcome.requests]
                return await self._again(message, prompt, requests, extras, situation)
        plain = not outline.explicit(message.text)
        own = plain and not message.reply_to
        if own and complete(await self._reader.think(message, situation)):
            return None  # a message of its own
        reading = await self._reader.remake(message, prompt, requests, extras, situation)
        plans = [made for made in reading.made if isinstance(made, Plan)]
        if len(plans) != len(requests):
            return None
        found = changed(plans, requests, extras, message.text, app=self._app, situation=situation)
        if found and plain:  # words that lead to a question were hardly meant for the plan
            again = await self._reader.remake(message, prompt, found[0], found[1], situation)
            found = found if all(isinstance(made, Plan) for made in again.made) else None
        if found and own and found[2]:
            return None  # part of it changes nothing: it was hardly meant for the plan
        if found is None:
            return await self._unclear(message) if message.reply_to else None
        requests, extras, unread = found
        return await self._again(message, prompt, requests, extras, situation, unread=unread)

    async def _unclear(self, message: Message) -> list[str]:
        return await storing.only_say(
            self._app,
            message,
            "I could not tell what to change; the plan above still stands. "
            "Say which step by its number, as in “2: make it 300”.",
        )

    async def _again(
        self,
        message: Message,
        prompt: Prompt,
        requests: list[Base],
        extras: Extras,
        situation: Situation,
        *,
        unread: str = "",
        below: bool = True,
    ) -> list[str]:
        """Shows the plan as it is now: ``below`` the words that changed it, or in its place."""
        reading = await self._reader.remake(message, prompt, requests, extras, situation)
        if not all(isinstance(made, Plan) for made in reading.made):
            # One thing has to be asked before the rest can be planned.
            return await storing.store(
                self._app, message, reading, prompt=prompt, answer="Changed."
            )
        async with self._app.database.write() as connection:
            if await inbox.handled(connection, self._app.clock, message.id):
                await prompts.answered(connection, self._app.clock, prompt.id)
                if below:
                    told = "Changed: the newer one is below."
                    await outline.turn(self._app, connection, prompt, told)
                await outline.show(
                    self._app,
                    connection,
                    message,
                    reading,
                    text=str(prompt.data["text"]),
                    before=None if below else prompt,
                    unread=unread,
                )
        return []


def _kept(prompt: Prompt) -> tuple[list[Base], Extras]:
    return requests_of(prompt.data["requests"]), dict(prompt.data["extras"])
