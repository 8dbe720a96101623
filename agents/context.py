"""What a playbook may read, and what it may return besides a plan."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from babel.numbers import is_currency

from agents.outcomes import Ask, Choice
from agents.roles.role import Given, Output
from agents.roles.thinking import Thinker, Thought, unaided
from agents.telling import source_of
from connectors.billing import Reads
from connectors.calendar import Calendar
from core import clients
from core.clients import Client
from core.memory.entities import Entity
from core.memory.facts import Fact, Trust, View
from core.memory.gate import Candidate, Ruling
from core.plans import Origin, Value
from core.profile import Profile

T = TypeVar("T", bound=Output)


class About(Protocol):
    """What holds now about a subject, by its id, in these relations or in all."""

    async def __call__(self, subject: str, *relations: str) -> list[Fact]: ...


Recall = Callable[[set[str], str | None, View], Awaitable[list[Fact]]]
"""What answers a question with these words, about a subject or about anything."""


@dataclass(frozen=True, slots=True)
class Near:
    """Something that bears on a question: a fact by its id, or what was said or done, and when.

    ``sure`` tells whether it answers, as far as words can tell. What others wrote is untrusted.
    """

    text: str
    sure: bool
    fact_id: str | None = None
    at: datetime | None = None
    trust: Trust = "untrusted"


Nearest = Callable[[str, str | None], Awaitable[list[Near]]]
"""What the index finds for a question, about somebody of this name or about anybody."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that can be read as text; nobody knows who wrote it. ``path`` is below the folder."""

    path: str
    text: str
    at: datetime


Documents = Callable[[], Awaitable[list[Document]]]
"""The text files of this machine, newest first."""


async def no_documents() -> list[Document]:
    """Where there is no folder of files."""
    return []


Judge = Callable[[Candidate], Awaitable[Ruling]]
"""What the gate would make of a statement now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The situation in which a request is made; everything in it is for reading.

    ``sender`` is the address that mail comes from. ``last_fact`` is what was spoken of last,
    where that was just now. ``extra`` holds answers to questions that the request itself has no
    slot for. ``quick`` lets roles think without waiting for any model; what they thought is kept
    in ``thoughts``.
    """

    now: datetime
    profile: Profile
    message: str
    inbox_id: int | None
    clients: list[Client]
    entities: Sequence[Entity] = ()
    facts_about: About
    recall: Recall
    nearest: Nearest
    judge: Judge
    billing: Reads
    calendar: Calendar
    sender: str
    documents: Documents = no_documents
    last_fact: Fact | None = None
    extra: dict[str, Any] = field(default_factory=dict[str, Any])
    thinker: Thinker = field(default_factory=unaided)
    quick: bool = True
    thoughts: list[Thought[Any]] = field(default_factory=list[Thought[Any]])

    async def think(self, given: Given, wanted: type[T]) -> Thought[T]:
        """The output of the role whose input this is; kept among the ``thoughts``."""
        thought = await self.thinker.think(given, wanted, inbox_id=self.inbox_id, quick=self.quick)
        self.thoughts.append(thought)
        return thought

    @property
    def from_line(self) -> str:
        """Whom mail comes from, as a card shows it."""
        return f"{self.profile.company.name} <{self.sender}>"

    def said(self, slot: str, label: str, shown: str) -> Value:
        """A value that the operator gave in this message."""
        return Value(slot=slot, label=label, shown=shown, origin=Origin.SAID)


@dataclass(frozen=True, slots=True)
class Counterparty:
    """Whom a plan is about. ``client`` is None for a new one or a bare mail address."""

    name: str
    email: str | None
    client: Client | None
    origin: Origin
    source: str


NEW = "new:"
"""How an answer says that the client is a new one."""


def counterparty(said: str, context: Context, *, slot: str, may_be_new: bool) -> Counterparty | Ask:
    """Finds who is meant among the clients; asks where nobody or several could be."""
    answer = context.extra.get(slot, said)
    if answer.startswith(NEW):
        name = answer.removeprefix(NEW)
        return Counterparty(name, context.extra.get("email"), None, Origin.SAID, "new")
    if "@" in answer and not clients.find(context.clients, answer):
        return Counterparty(answer, answer, None, Origin.SAID, "the address you wrote")
    found = clients.find(context.clients, answer)
    if len(found) == 1:
        return Counterparty(
            found[0].name, found[0].email, found[0], Origin.SAID, "found among your clients"
        )
    if found:
        return Ask(
            slot,
            f"Which {answer} do you mean?",
            tuple(Choice(c.name, c.name) for c in found[:6]),
        )
    likely = clients.alike(context.clients, answer)
    choices = [Choice(c.name, c.name) for c in likely]
    if may_be_new:
        choices.append(Choice(f"New client: {answer}"[:60], f"{NEW}{answer}"))
    return Ask(
        slot,
        f"I don't know a client called {answer}. Who is it?"
        if choices
        else f"I don't know {answer}. What is the mail address?",
        tuple(choices),
    )


async def remembered_terms(context: Context, client: Client | None) -> tuple[int, Fact] | None:
    """The client's days to pay as remembered, with the fact, or None."""
    if client is None:
        return None
    for fact in await context.facts_about(client.id, "payment_terms"):
        if fact.firm and fact.value.whole is not None:
            return fact.value.whole, fact
    return None


async def remembered_address(
    context: Context, whose: Client | Entity | None
) -> tuple[str, Fact] | None:
    """Their mail address as the owner said it, with the fact, or None."""
    if whose is None:
        return None
    for fact in await context.facts_about(whose.id, "email"):
        if fact.trust == "owner" and "@" in str(fact.value):
            return str(fact.value), fact
    return None


async def remembered_currency(context: Context, client: Client | None) -> tuple[str, Fact] | None:
    """What the owner said that a client is billed in, a currency's code, with the fact; or None."""
    if client is None:
        return None
    for fact in await context.facts_about(client.id, "currency"):
        if fact.trust == "owner" and is_currency(str(fact.value)):
            return str(fact.value), fact
    return None


def fact_source(fact: Fact, context: Context) -> str:
    """Where a remembered value comes from, as the card shows it."""
    return f"“{fact.statement}”, {source_of(fact, context.profile)}"


def aware(local: datetime, profile: Profile) -> datetime:
    """Wall time in the operator's zone as a moment.

    A time that a change of the clocks skips comes as much later as the clocks jump.
    """
    return local.replace(tzinfo=profile.tz).astimezone(UTC)
