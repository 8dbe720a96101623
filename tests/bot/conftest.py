"""What the operator shell's tests share: the whole house, on a clock that stands still."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agents.planner import Planner
from agents.roles import Thinker
from bot import drafts
from bot.app import App, assemble
from bot.conversation import Conversation
from bot.models import gateway_of
from bot.refining import Refiner
from core import clients, inbox, outbox, pairing, profile
from core.clock import ManualClock
from core.executor import Executor
from core.house import NewClient
from core.inbox import Arrived, Message
from core.outbox import Letter
from core.queue import MemoryQueue
from core.settings import Settings
from core.storage.database import Database
from core.storage.schema import outbox as outbox_table

OWNER = 7


async def _preview(token: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"path": "draft.pdf", "name": "draft.pdf", "caption": "A draft."}


class HouseAtWork:
    """The wired-up app with its worker, driven by hand: what arrives, what was said."""

    def __init__(self, app: App, clock: ManualClock, planner: Planner) -> None:
        self.app = app
        self.clock = clock
        self._thinkers: dict[str, Any] = {"invoice.preview": _preview}
        self.think_with(planner)
        self.executor = Executor(
            database=app.database,
            clock=clock,
            catalogue=app.catalogue,
            director=app.director,
            thinkers=self._thinkers,
            queue=app.queue,
            worker="wrk_test",
            before=app.current.read,
        )
        self._updates = 1000

    def think_with(self, planner: Planner) -> None:
        self.conversation = Conversation(self.app, planner)
        self._thinkers[drafts.REFINE] = Refiner(self.app, Thinker(planner.gateway))

    async def arrive(self, kind: Any, text: str = "", **more: Any) -> Message:
        self._updates += 1
        event = Arrived(
            update_id=self._updates,
            kind=kind,
            user_id=OWNER,
            chat_id=OWNER,
            message_id=self._updates,
            text=text,
            **more,
        )
        async with self.app.database.write() as connection:
            kept = await inbox.receive(connection, self.clock, event)
        assert kept is not None
        async with self.app.database.read() as connection:
            found = await inbox.load(connection, kept)
        assert found is not None
        return found

    async def write(self, text: str, **more: Any) -> Message:
        """The operator writes; the worker understands."""
        message = await self.arrive("text", text, **more)
        await self.conversation.handle(message.id)
        return message

    async def tap(self, data: str) -> str:
        from bot import taps

        return await taps.handle(self.app, await self.arrive("tap", data={"data": data}))

    async def command(self, text: str) -> list[str]:
        from bot.commands import run_command

        return await run_command(self.app, await self.arrive("command", text))

    async def letters(self) -> list[Letter]:
        """Everything that is waiting to be said, oldest first."""
        async with self.app.database.read() as connection:
            rows = await connection.execute(outbox_table.select().order_by(outbox_table.c.id))
            ids = [row.id for row in rows if row.state != "dropped"]
            return [found for i in ids if (found := await outbox.load(connection, i))]

    async def last(self) -> str:
        return (await self.letters())[-1].payload["html"]

    async def work(self) -> None:
        for _ in range(9):
            async with self.app.database.write() as connection:
                ready = await self.app.director.due(connection)
            if not ready:
                return
            for step_id in ready:
                await self.executor.execute(step_id)

    async def clients(self) -> list[clients.Client]:
        async with self.app.database.read() as connection:
            return await clients.everyone(connection)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))


@pytest.fixture
async def house(database: Database, clock: ManualClock, tmp_path: Path) -> HouseAtWork:
    """A paired house with one client, Northwind Traders."""
    settings = Settings(home=tmp_path, _env_file=None)
    app = assemble(settings, clock=clock, database=database, queue=MemoryQueue())
    async with database.write() as connection:
        await profile.change(connection, clock, zone="Europe/Berlin")
        await pairing.pair(connection, clock, user_id=OWNER, chat_id=OWNER, name="Ada")
    await app.catalogue["client.add"].perform(
        "seed",
        NewClient(
            name="Northwind Traders",
            contact="Nora Winter",
            email="accounts@northwind.example",
            currency="EUR",
        ),
    )
    return HouseAtWork(app, clock, Planner(gateway_of(app)))
