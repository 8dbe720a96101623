"""What a command is, and what it answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from agents.requests import Base
from bot.app import App
from bot.outgoing import Outgoing
from core.inbox import Message

Change = Callable[[AsyncConnection], Awaitable[tuple[Outgoing | None, list[str]]]]
"""Changes something in the given transaction; returns what to say and steps that can go."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a command: messages with their subjects, and what it changes."""

    messages: tuple[tuple[Outgoing, str], ...] = ()
    change: Change | None = None

    @classmethod
    def of(cls, *messages: Outgoing, subject: str = "") -> "Reply":
        """An answer that changes nothing."""
        return cls(tuple((message, subject) for message in messages))

    async def put(self, app: App, connection: AsyncConnection) -> list[str]:
        """Changes and says it in the caller's transaction; returns steps that can go now."""
        ready: list[str] = []
        if self.change:
            message, ready = await self.change(connection)
            if message:
                await app.presenter.say(connection, message)
        for message, subject in self.messages:
            await app.presenter.say(connection, message, subject=subject)
        return ready


@dataclass(frozen=True, slots=True)
class Command:
    """One command. ``slow`` ones run in the worker.

    ``request`` makes of its arguments what the same words in a message would ask for; where it
    gives something, that is done instead of ``run``.
    """

    name: str
    help: str
    run: Callable[[App, str, Message], Awaitable[Reply]]
    slow: bool = False
    request: Callable[[str], Base | None] = lambda _: None
