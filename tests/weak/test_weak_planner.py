"""The planner with a model too weak for its task: what it says never becomes harm, only cost."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from serving import NAME, Served
from sqlalchemy import select

from agents import grounding
from agents.builtin.reading import read
from agents.gateway import Gateway, Tier, choose
from agents.gateway.models import Prices
from agents.planner import Planner, Proposal, Thought
from core.budgets import Purse
from core.clock import ManualClock
from core.profile import Profile
from core.settings import Price
from core.storage.database import Database
from core.storage.schema import spending

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OWNER = Profile(zone="Europe/Berlin")
CLIENTS = ["Northwind Traders", "Bluebird Bakery"]
PATIENT = 240.0
"""Seconds: one thread of a busy machine makes some three tokens a second."""
FREE, PRICED = Price(sent=0, answered=0), Price(sent=1, answered=2)
WHEN = ("start", "at", "due_date", "due_days")
SMALL_TALK = "thanks a lot, that went fast!"

Made = Callable[..., Planner]


@pytest.fixture
def planner_of(database: Database) -> Made:
    """A planner whose small model is the one at this address."""

    def make(url: str, *, price: Price = FREE, timeout: float = PATIENT) -> Planner:
        return Planner(
            Gateway(
                {Tier.SMALL: choose(NAME, local_url=url)},
                purse=Purse(database, ManualClock(NOW)),
                prices=Prices({"smollm2": price}),
                timeout=timeout,
            )
        )

    return make


async def _think(planner: Planner, text: str) -> Thought:
    return await planner.think(text, now=NOW, profile=OWNER, clients=CLIENTS)


async def _spending(database: Database) -> list[tuple[str, int, int]]:
    async with database.read() as connection:
        rows = await connection.execute(
            select(spending.c.state, spending.c.micros, spending.c.unknown).order_by(spending.c.id)
        )
        return [(row[0], row[1], row[2]) for row in rows]


def _fell_back(thought: Thought, why: str) -> bool:
    return thought.tier is Tier.BUILTIN and thought.degraded == f"smollm2 {why}; builtin-1 did"


@pytest.mark.parametrize(
    "text",
    [
        SMALL_TALK,
        "remind me to order new toner",
        "invoice for 480 euros, proofreading",
        "someone transferred 720, put it down",
        "write a mail to Bluebird",
    ],
)
async def test_what_it_says_is_in_the_words_or_not_used(
    text: str, weak: Served, planner_of: Made
) -> None:
    thought = await _think(planner_of(weak.url), text)
    own = read(text, now=OWNER.local(NOW), zone=OWNER.tz, names=CLIENTS).requests
    if thought.tier is Tier.BUILTIN:
        assert thought.degraded.endswith("; builtin-1 did")
        assert not isinstance(thought.outcome, Proposal) or tuple(thought.outcome.requests) == own
        return
    assert (thought.model, thought.degraded) == ("smollm2", "")
    assert thought.tokens > 0
    for request in thought.outcome.requests if isinstance(thought.outcome, Proposal) else ():
        assert grounding.borne_out(request, text)
        assert request in own or not any(getattr(request, slot, None) for slot in WHEN)


@pytest.mark.parametrize("price", [FREE, PRICED])
async def test_a_call_is_accounted_whatever_came_of_it(
    price: Price, weak: Served, planner_of: Made, database: Database
) -> None:
    planner = planner_of(weak.url, price=price)
    first = await _think(planner, SMALL_TALK)
    [(state, micros, unknown)] = await _spending(database)
    assert (micros > 0, unknown) == (price is PRICED, 0)
    if first.tier is Tier.BUILTIN:  # what it was set aside for came to nothing, but was asked
        assert state in ("spent", "reserved")
        return
    assert (state, micros) == ("spent", first.cost.micros)
    again = await _think(planner, SMALL_TALK)
    assert (again.remembered, again.outcome, again.cost.micros) == (True, first.outcome, 0)


async def test_prose_is_no_answer(prose: Served, planner_of: Made, database: Database) -> None:
    thought = await _think(planner_of(prose.url, price=PRICED), SMALL_TALK)
    assert _fell_back(thought, "gave no usable answer")
    [(state, micros, _)] = await _spending(database)
    assert (state, micros > 0) == ("reserved", True)  # it did cost something


async def test_a_slow_one_is_not_waited_for(prose: Served, planner_of: Made) -> None:
    thought = await _think(planner_of(prose.url, timeout=0.3), SMALL_TALK)
    assert _fell_back(thought, "took too long")


async def test_a_killed_one_is_done_without(mortal: Served, planner_of: Made) -> None:
    planner = planner_of(mortal.url)
    mortal.kill()
    assert _fell_back(await _think(planner, SMALL_TALK), "did not answer")
    assert _fell_back(await _think(planner, "remind me to order toner"), "did not answer")
