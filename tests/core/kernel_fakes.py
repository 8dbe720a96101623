"""A kernel around a connector that counts what it does to the world."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from core import approvals, outbox, runs
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

    def _result(self, token: str) -> Bought:
        number = f"B-{[t for t, _ in self.effects].index(token) + 1}"
        return Bought(receipt=f"Bought {number}.", number=number)

    async def perform(self, token: str, params: Order) -> Bought:
        if self.before:
            raise self.before.pop(0)
        self.effects.append((token, params.what))
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

    def of(self, kind: str) -> list[Any]:
        return [what for told, what in self.events if told == kind]

    async def asked(self, connection: AsyncConnection, run: Run, approval_id: str) -> int:
        self.events.append(("asked", approval_id))
        return await outbox.put(connection, self._clock, chat_id=1, kind="text", payload={})

    async def drafted(self, connection: AsyncConnection, run: Run, step: Step) -> None:
        self.events.append(("drafted", step.result))

    async def moved(self, connection: AsyncConnection, run: Run, steps: list[Step]) -> None:
        self.events.append(("moved", {step.key: step.state for step in steps}))

    async def ended(self, connection: AsyncConnection, run: Run, steps: list[Step]) -> None:
        self.events.append(("ended", run.state))

    async def held_up(
        self, connection: AsyncConnection, run: Run, step: Step, again_at: Any
    ) -> None:
        self.events.append(("held_up", (step.state, step.error, again_at)))


class Kernel:
    """Director and executors over one database."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database = database
        self.clock = clock
        self.shop = Shop()
        self.told = Told(clock)
        self.queue = MemoryQueue()
        self.catalogue = Catalogue((self.shop,))
        self.policy = PolicyBook(database.path.parent / "policy.toml", clock)
        self.director = Director(clock, self.catalogue, self.told, self.policy)
        self.drafted: list[dict[str, Any]] = []
        self.executor = self.worker("wrk_1")

    def worker(self, name: str) -> Executor:
        async def refresh(_connection: AsyncConnection) -> None:
            return None

        async def draft(token: str, params: dict[str, Any]) -> dict[str, Any]:
            self.drafted.append(params)
            return {"caption": "a draft"}

        return Executor(
            database=self.database,
            clock=self.clock,
            catalogue=self.catalogue,
            director=self.director,
            thinkers={"shop.draft": draft, "shop.think": draft},
            queue=self.queue,
            worker=name,
            before=refresh,
        )

    async def start(self, *steps: PlannedStep, origins: tuple[str, ...] = ("operator",)) -> Started:
        plan = Plan(intent="shop", title="Shopping", steps=steps, origins=origins)
        async with self.database.write() as connection:
            return await self.director.start(connection, plan, explanation={}, cost=NOTHING)

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


def buy(key: str = "buy", what: Any = "paper", *, action: str = "shop.buy", **more: Any) -> Any:
    """One planned step."""
    return PlannedStep(key=key, action=action, params={"what": what}, **more)
