"""A house to attack: the wired-up app on a folder of its own, with a worker driven by hand.

Database, policy, cards, taps and connectors are the real ones; the clock stands still, and
nothing leaves the folder.
"""

import shutil
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models.function import AgentInfo, FunctionModel
from sqlalchemy import select

from agents.gateway import Gateway, Tier
from agents.gateway.models import Prices
from agents.planner import Planner
from bot import taps
from bot.app import App, assemble
from bot.conversation import Conversation
from core import approvals, inbox, outbox, pairing, profile
from core.actions import Catalogue, Connector
from core.approvals import Approval
from core.budgets import Purse
from core.clock import ManualClock
from core.director import Director
from core.executor import Executor
from core.house import NewClient
from core.inbox import Arrived, Message
from core.outbox import Letter
from core.profile import Company
from core.queue import MemoryQueue
from core.settings import Settings
from core.storage.database import Database
from core.storage.migrate import migrate
from core.storage.schema import approval, effect, journal
from core.storage.schema import outbox as outbox_table

OWNER = 7
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CLIENT = NewClient(
    name="Northwind Traders",
    contact="Nora Winter",
    email="accounts@northwind.example",
    currency="EUR",
)


@dataclass
class Script:
    """A model that answers as it is told; ``calls`` counts how often it was asked."""

    parts: Callable[[AgentInfo], list[Any]]
    calls: int = 0

    def model(self) -> FunctionModel:
        """It, as pydantic-ai takes it."""

        def answer(_messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
            self.calls += 1
            return ModelResponse(parts=self.parts(info))

        return FunctionModel(answer, model_name="hostile")


class Besieged:
    """One house and its owner, who does nothing but what a script taps."""

    def __init__(self, app: App, clock: ManualClock) -> None:
        self.app = app
        self.clock = clock
        self._executor = Executor(
            database=app.database,
            clock=clock,
            catalogue=app.catalogue,
            director=app.director,
            thinkers=app.thinkers(),
            queue=app.queue,
            worker="wrk_siege",
            before=app.current.read,
        )
        self._updates = 1000
        self.unread: list[str] = []
        """Messages that were to be read by the model and were not: an attack that never was."""

    def gateway(self, model: Any, *, timeout: float = 5) -> Gateway:
        """The gateway with this model as the small one."""
        purse = Purse(self.app.database, self.clock)
        return Gateway({Tier.SMALL: model}, purse=purse, prices=Prices({}), timeout=timeout)

    async def arrive(self, kind: Any, text: str = "", **more: Any) -> Message:
        """Something comes from Telegram, from the owner where nobody else is named."""
        self._updates += 1
        who: dict[str, Any] = {
            "user_id": OWNER,
            "chat_id": OWNER,
            "message_id": self._updates,
        } | more
        event = Arrived(update_id=self._updates, kind=kind, text=text, **who)
        async with self.app.database.write() as connection:
            kept = await inbox.receive(connection, self.clock, event)
        assert kept is not None, "every update has a number of its own"
        async with self.app.database.read() as connection:
            found = await inbox.load(connection, kept)
        assert found is not None, "it was kept"
        return found

    async def write(self, text: str, script: "Script | None" = None, **more: Any) -> None:
        """The owner writes, a model reads it, and the worker does all that may be done.

        Without a script the built-in model is sure of what is meant, and no other is asked.
        """
        asked = script or Script(lambda _: [])
        conversation = Conversation(self.app, Planner(self.gateway(asked.model())))
        await conversation.handle((await self.arrive("text", text, **more)).id)
        if bool(asked.calls) is not (script is not None):
            self.unread.append(text)
        await self.work()

    async def tap(self, data: str) -> str:
        """The owner taps a button."""
        words = await taps.handle(self.app, await self.arrive("tap", data={"data": data}))
        await self.work()
        return words

    async def work(self) -> None:
        """Carries out everything that is due, as the worker's sweep does."""
        for _ in range(99):
            async with self.app.database.write() as connection:
                ready = await self.app.director.due(connection)
            if not ready:
                return
            for step_id in ready:
                await self._executor.execute(step_id)

    async def asked(self, run_id: str | None = None) -> list[Approval]:
        """What waits for the owner's tap, of one run or of all."""
        async with self.app.database.read() as connection:
            found = await approvals.pending(connection)
        return [one for one in found if run_id in (None, one.run_id)]

    async def effects(self) -> list[Any]:
        """Every effect that was as much as begun, oldest first."""
        async with self.app.database.read() as connection:
            return list(await connection.execute(select(effect).order_by(effect.c.token)))

    async def entries(self, kind: str) -> list[Any]:
        """The journal's entries of one kind."""
        async with self.app.database.read() as connection:
            rows = await connection.execute(
                select(journal).where(journal.c.kind == kind).order_by(journal.c.seq)
            )
            return list(rows)

    async def approvals_by(self, *states: str) -> int:
        """How many approvals ended in these states."""
        async with self.app.database.read() as connection:
            rows = await connection.execute(select(approval.c.state))
            return sum(row.state in states for row in rows)

    async def letters(self) -> list[Letter]:
        """Everything that was put into the outbox, oldest first."""
        async with self.app.database.read() as connection:
            rows = await connection.execute(select(outbox_table.c.id).order_by(outbox_table.c.id))
            ids = [row.id for row in rows]
            return [found for each in ids if (found := await outbox.load(connection, each))]

    async def said(self) -> str:
        """All that the owner was told, as one text."""
        return "\n".join(str(each.payload.get("html", "")) for each in await self.letters())

    def sent(self) -> list[bytes]:
        """The mails that went out."""
        folder = self.app.settings.home / "mail"
        return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]

    def events(self) -> list[str]:
        """The entries of the calendar."""
        folder = self.app.settings.home / "calendar"
        return [path.read_text() for path in sorted(folder.rglob("*.ics"))]

    def plant(self, path: str, text: str) -> None:
        """Puts a file of somebody else's into the house."""
        target = self.app.settings.home / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def files(self) -> list[str]:
        """The company's files, by their path."""
        folder = self.app.settings.home / "files"
        return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


def template(folder: Path) -> Path:
    """A migrated database in ``folder``, to be copied for each house."""
    path = folder / "template.db"
    migrate(path)
    return path


def _furnish(template: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(template, path)


@asynccontextmanager
async def besieged(
    folder: Path, template: Path, *, connectors: Sequence[Connector] = ()
) -> AsyncGenerator[Besieged]:
    """A paired house with one client, in ``folder``; with ``connectors`` it has those alone."""
    settings = Settings(home=folder, _env_file=None)  # type: ignore[call-arg] - not a field
    _furnish(template, settings.database_path)
    clock = ManualClock(MONDAY)
    database = Database(settings.database_path)
    app = assemble(settings, clock=clock, database=database, queue=MemoryQueue())
    if connectors:
        catalogue = Catalogue(connectors)
        presenter = type(app.presenter)(clock=clock, catalogue=catalogue, files=app.files)
        director = Director(clock, catalogue, presenter, app.policy)
        app = replace(app, catalogue=catalogue, presenter=presenter, director=director)
    try:
        async with database.write() as connection:
            company = Company(name="Ada Works", person="Ada", email="ada@works.example")
            await profile.change(connection, clock, zone="Europe/Berlin", company=company)
            await pairing.pair(connection, clock, user_id=OWNER, chat_id=OWNER, name="Ada")
        if not connectors:
            await app.catalogue["client.add"].perform("seed", CLIENT)
        await app.current.refresh()
        yield Besieged(app, clock)
    finally:
        await app.close()
