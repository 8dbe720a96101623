"""A kernel around a connector that counts what it does to the world."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from core import approvals, gate, outbox, profile, runs
from core.actions import Action, Catalogue, Health, Params, Result, Reversal, Risk
from core.clock import ManualClock
from core.costs import NOTHING
from core.director import Director, Started
from core.errors import FactotumError
from core.executor import Executor
from core.plans import Plan, PlannedStep
from core.policy import PolicyBook
from core.queue import MemoryQueue
from core.runs import Run, Step
from core.storage.database import Database
from core.storage.schema import effect, journal

Meanwhile = Callable[[], Awaitable[object]]


class Crash(BaseException):
    """The process dies: nothing after it runs."""


class Order(Params, frozen=True):
    """Something that is wanted of the outside."""

    what: str


class Bought(Result, frozen=True):
    """It happened; ``number`` is given by the outside."""

    number: str


@dataclass
class Shop:
    """An outside that remembers every effect, also one that was made twice."""

    effects: list[tuple[str, str]] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    before: list[BaseException] = field(default_factory=list)
    """Raised, one per call, before the effect happens."""
    after: list[BaseException] = field(default_factory=list)
    """Raised, one per call, when the effect has happened."""
    refused: dict[str, BaseException] = field(default_factory=dict[str, BaseException])
    """Raised before each effect on this thing, until it is taken out."""
    meanwhile: list[Meanwhile] = field(default_factory=list[Meanwhile])
    """Awaited, one per call, before the last call for the effect."""
    afterwards: list[Meanwhile] = field(default_factory=list[Meanwhile])
    """Awaited, one per call, when the effect has happened and nobody was told yet."""
    blind: bool = False
    """Whether the status check can't tell."""
    checks: int = 0
    name: str = "shop"

    def actions(self) -> tuple[Action, ...]:
        return tuple(
            Action(
                name=name,
                params=Order,
                result=Bought,
                risk=risk,
                reversal=Reversal("irreversible", "it is gone")
                if name == "shop.post"
                else Reversal("compensate", "it is returned"),
                perform=self.perform,
                check=self.check,
                compensate=None if name == "shop.post" else self.compensate,
            )
            for name, risk in (
                ("shop.buy", Risk.MONEY),
                ("shop.post", Risk.OUTSIDE),
                ("shop.note", Risk.INSIDE),
            )
        )

    async def ping(self) -> Health:
        return Health("shop", "ok", "open")

    @property
    def sold(self) -> list[str]:
        """What happened, in order."""
        return [what for _, what in self.effects]

    def _result(self, token: str) -> Bought:
        number = f"B-{[t for t, _ in self.effects].index(token) + 1}"
        return Bought(receipt=f"Bought {number}.", number=number)

    async def perform(self, token: str, params: Order) -> Bought:
        if self.before:
            raise self.before.pop(0)
        if params.what in self.refused:
            raise self.refused[params.what]
        if self.meanwhile:
            await self.meanwhile.pop(0)()
            await gate.last_call()
        self.effects.append((token, params.what))
        if self.afterwards:
            await self.afterwards.pop(0)()
        if self.after:
            raise self.after.pop(0)
        return self._result(token)

    async def check(self, token: str, params: Order) -> Bought | None:
        self.checks += 1
        if self.blind:
            raise FactotumError("The shop can't tell.", ambiguous=True)
        return self._result(token) if token in [t for t, _ in self.effects] else None

    async def compensate(self, token: str, params: Order, result: Bought) -> Bought:
        if token not in self.returned:
            self.returned.append(token)
        return Bought(receipt=f"Returned {result.number}.", number=result.number)


class Told:
    """A presenter that keeps what was told."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.events: list[tuple[str, Any]] = []
        self.troubles: list[Exception] = []
        """Raised, one per call, where the end of a run is to be told."""

    def of(self, kind: str) -> list[Any]:
        return [what for told, what in self.events if told == kind]

    async def asked(self, connection: AsyncConnection, run: Run, approval_id: str) -> int:
        self.events.append(("asked", approval_id))
        return await outbox.put(connection, self._clock, chat_id=1, kind="text", payload={})

    async def drafted(self, connection: AsyncConnection, run: Run, step: Step) -> None:
        self.events.append(("drafted", step.result))

    async def moved(self, connection: AsyncConnection, run: Run) -> None:
        steps = await runs.steps(connection, run.id)
        self.events.append(("moved", {step.key: step.state for step in steps}))

    async def ended(self, connection: AsyncConnection, run: Run, steps: list[Step]) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.events.append(("ended", run.state))

    async def held_up(
        self, connection: AsyncConnection, run: Run, step: Step, again_at: Any
    ) -> None:
        self.events.append(("held_up", (step.state, step.error, again_at)))


class Kernel:
    """Director and executors over one database."""

    def __init__(self, database: Database, clock: ManualClock, shop: Shop | None = None) -> None:
        self.database = database
        self.clock = clock
        self.shop = shop or Shop()
        self.told = Told(clock)
        self.queue = MemoryQueue()
        self.catalogue = Catalogue((self.shop,))
        self.policy = PolicyBook(database.path.parent / "policy.toml", clock)
        self.director = Director(clock, self.catalogue, self.told, self.policy)
        self.drafted: list[dict[str, Any]] = []
        self.thought: list[dict[str, Any]] = []
        self.thoughts: list[dict[str, Any] | BaseException] = []
        """What the agent says or raises, one per call; else a number."""
        self.executor = self.worker("wrk_1")

    def worker(self, name: str) -> Executor:
        async def refresh(_connection: AsyncConnection) -> None:
            return None

        async def draft(token: str, params: dict[str, Any]) -> dict[str, Any]:
            self.drafted.append(params)
            return {"caption": "a draft"}

        async def think(token: str, params: dict[str, Any]) -> dict[str, Any]:
            self.thought.append(params)
            said = self.thoughts.pop(0) if self.thoughts else {"number": "T-1"}
            if isinstance(said, BaseException):
                raise said
            return said

        return Executor(
            database=self.database,
            clock=self.clock,
            catalogue=self.catalogue,
            director=self.director,
            thinkers={"shop.draft": draft, "shop.think": think},
            queue=self.queue,
            worker=name,
            before=refresh,
        )

    async def start(
        self,
        *steps: PlannedStep,
        origins: tuple[str, ...] = ("operator",),
        batch_id: str | None = None,
    ) -> Started:
        plan = Plan(intent="shop", title="Shopping", steps=steps, origins=origins)
        async with self.database.write() as connection:
            return await self.director.start(
                connection, plan, explanation={}, cost=NOTHING, batch_id=batch_id
            )

    async def decide(self, approval_id: str | None, to: Any = "approved") -> approvals.Decision:
        assert approval_id is not None
        async with self.database.write() as connection:
            policy = await self.policy.refresh(connection)
            return await approvals.decide(
                connection, self.clock, approval_id, to=to, user_id=1, policy=policy.version
            )

    async def approve(self, started: Started) -> list[str]:
        """Approves, and lets go what the approval covers, as a tap does."""
        decision = await self.decide(started.approval_id)
        if not decision.taken:
            return []
        async with self.database.write() as connection:
            return await self.director.release(connection, started.run_id)

    async def approved(self, *steps: PlannedStep) -> str:
        """Starts a run and approves it where it is asked about; returns the run's id."""
        started = await self.start(*steps)
        if started.approval_id:
            await self.approve(started)
        return started.run_id

    async def happened(self, event: str, **data: Any) -> list[str]:
        async with self.database.write() as connection:
            return await self.director.happened(connection, event, data)

    async def cancel(self, run_id: str) -> bool:
        async with self.database.write() as connection:
            return await self.director.cancel(connection, run_id)

    async def retry(self, run_id: str) -> list[str]:
        async with self.database.write() as connection:
            return await self.director.retry(connection, run_id)

    async def change(self, **settings: Any) -> None:
        """The owner's settings."""
        async with self.database.write() as connection:
            await profile.change(connection, self.clock, **settings)

    def rule(self, verdict: str, action: str = "shop.*", **more: Any) -> None:
        """Makes this rule the whole policy."""
        lines = [f'verdict = "{verdict}"', f'action = "{action}"']
        lines += [f"{name} = {value}" for name, value in more.items()]
        self.policy.path.write_text("[[rule]]\n" + "\n".join(lines) + "\n")

    def later(self, seconds: float = 2.5) -> None:
        """Time passes: more than a lease where nothing else is said."""
        self.clock.advance(timedelta(seconds=seconds))

    @asynccontextmanager
    async def restarted(self) -> AsyncIterator["Kernel"]:
        """Another process on the same database and the same outside."""
        database = Database(self.database.path)
        try:
            yield Kernel(database, self.clock, self.shop)
        finally:
            await database.close()

    async def due(self) -> list[str]:
        async with self.database.write() as connection:
            return await self.director.due(connection)

    async def work(self, executor: Executor | None = None, *, rounds: int = 9) -> None:
        """Carries out everything that is due, like the sweep."""
        for _ in range(rounds):
            ready = await self.due()
            if not ready:
                return
            for step_id in ready:
                await (executor or self.executor).execute(step_id)

    async def run(self, run_id: str) -> Run:
        async with self.database.read() as connection:
            found = await runs.load(connection, run_id)
        assert found is not None
        return found

    async def steps(self, run_id: str) -> dict[str, Step]:
        async with self.database.read() as connection:
            return {step.key: step for step in await runs.steps(connection, run_id)}

    async def states(self, run_id: str) -> dict[str, str]:
        return {key: step.state for key, step in (await self.steps(run_id)).items()}

    async def effects(self) -> list[Any]:
        async with self.database.read() as connection:
            return list((await connection.execute(select(effect))).all())

    async def journalled(self, kind: str) -> list[Any]:
        """The journal's entries of this kind, oldest first."""
        async with self.database.read() as connection:
            rows = await connection.execute(
                select(journal).where(journal.c.kind == kind).order_by(journal.c.seq)
            )
            return list(rows.all())


class Home:
    """A database and an event loop of one's own, for what isn't async: state machines."""

    def __init__(self, template: Path) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="factotum-")
        self._runner = asyncio.Runner()
        self.path = Path(self._folder.name) / "factotum.db"
        shutil.copy(template, self.path)
        self.clock = ManualClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
        self.database = self(self._open())

    async def _open(self) -> Database:
        return Database(self.path)

    def __call__(self, what: Coroutine[Any, Any, Any]) -> Any:
        """Runs ``what`` to its end."""
        return self._runner.run(what)

    def close(self) -> None:
        self(self.database.close())
        self._runner.close()
        self._folder.cleanup()


def buy(key: str = "buy", what: Any = "paper", *, action: str = "shop.buy", **more: Any) -> Any:
    """One planned step."""
    return PlannedStep(key=key, action=action, params={"what": what}, **more)


def post(key: str = "post", what: Any = "letter", **more: Any) -> Any:
    """A planned step that can't be taken back."""
    return buy(key, what, action="shop.post", **more)


def note(key: str = "note", what: Any = "note", **more: Any) -> Any:
    """A planned step that stays in the house and needs no tap."""
    return buy(key, what, action="shop.note", **more)


def think(key: str = "think", what: Any = "terms", **more: Any) -> Any:
    """A planned step of an agent."""
    return buy(key, what, action="shop.think", kind="agent", **more)


def wait(
    key: str = "wait",
    *,
    until: datetime | None = None,
    event: str | None = None,
    timeout: datetime | None = None,
    **more: Any,
) -> Any:
    """A planned step that waits for a moment, or for an event."""
    params = {
        "until": until.isoformat() if until else None,
        "event": event,
        "timeout": timeout.isoformat() if timeout else None,
    }
    kept = {name: value for name, value in params.items() if value is not None}
    return PlannedStep(key=key, kind="wait", action="wait", params=kept, **more)
