"""Keeping a fact as an action: through the gate, under a token, taken back by ``/undo``."""

from typing import Any, Literal

from pydantic import AwareDatetime

from core.actions import Action, Health, Params, Result, Reversal, Risk
from core.clock import Clock
from core.memory import contradictions, facts, keeping
from core.memory.facts import Source
from core.memory.gate import Ask, Candidate, Keep, Merge, Refuse
from core.memory.keeping import Outcome
from core.memory.people import People
from core.memory.values import Value
from core.storage.database import Database


class Statement(Params, frozen=True):
    """Keep a statement as a fact, if the gate lets it in; see ``core.memory.gate.Candidate``."""

    subject: str
    relation: str
    value: dict[str, Any]
    statement: str
    source: dict[str, Any]
    how: Literal["stated", "corrected", "changed"] = "stated"
    confidence: int = 100
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None

    def candidate(self) -> Candidate:
        """What the gate gets to see."""
        return Candidate(
            subject=self.subject,
            relation=self.relation,
            value=Value.load(self.value),
            statement=self.statement,
            source=Source(**self.source),
            how=self.how,
            confidence=self.confidence,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )


class Remembered(Result, frozen=True):
    """What became of it. ``id`` is the fact's, or that of the one that holds; empty for none."""

    id: str


class Memory:
    """The connector to memory: its facts, and the people and projects that they hang on."""

    name = "memory"

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock
        self._people = People(database=database, clock=clock)

    def actions(self) -> tuple[Action, ...]:
        """Everything that can be kept."""
        return (
            *self._people.actions(),
            Action(
                name="fact.keep",
                params=Statement,
                result=Remembered,
                risk=Risk.INSIDE,
                reversal=Reversal("compensate", "the statement is retracted"),
                perform=self._keep,
                check=self._find,
                compensate=self._retract,
            ),
        )

    async def ping(self) -> Health:
        """Whether facts can be read."""
        async with self._db.read() as connection:
            await contradictions.pending(connection)
        return Health("memory", "ok", "readable")

    async def _keep(self, token: str, params: Statement) -> Remembered:
        async with self._db.write() as connection:
            outcome = await keeping.remember(
                connection, self._clock, params.candidate(), token=token
            )
        return _told(outcome, params)

    async def _find(self, token: str, params: Statement) -> Remembered | None:
        async with self._db.read() as connection:
            kept = await facts.by_token(connection, token)
            asked = await contradictions.by_token(connection, token)
        if kept:
            return _told(Outcome(Keep(), kept), params)
        return _told(Outcome(Ask(asked.against)), params) if asked else None

    async def _retract(self, token: str, params: Statement, result: Remembered) -> Remembered:
        async with self._db.write() as connection:
            await keeping.retract(connection, self._clock, token=token)
            still = await facts.load(connection, result.id) if result.id else None
        if still and still.retracted_at is None:
            # It was kept before already, so this effect added no more than a source.
            return Remembered(id=still.id, receipt=f"Still kept from before: {still.statement}.")
        return Remembered(id=result.id, receipt=f"No longer kept: {params.statement}.")


def _told(outcome: Outcome, params: Statement) -> Remembered:
    match outcome.ruling:
        case Refuse(reason):
            return Remembered(id="", receipt=f"Not kept, because {reason}: {params.statement}.")
        case Ask(against):
            told = f"Not kept yet: {params.statement}. {against.statement} holds until you decide."
            return Remembered(id=against.id, receipt=told)
        case Merge(into):
            return Remembered(id=into.id, receipt=f"Known already: {into.statement}.")
        case _:
            assert outcome.fact is not None
            return Remembered(id=outcome.fact.id, receipt=f"Kept: {params.statement}.")
