"""What was recalled is given again while memory stays as it is, and never when it does not."""

import asyncio
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import App, assemble
from connectors.index.embedded import EmbeddedIndex
from connectors.index.embedding import WordLlama
from core.clock import ManualClock
from core.errors import FactotumError
from core.memory import entities, forgetting, keeping, recall_cache, traces, upkeep
from core.memory.facts import Source
from core.memory.gate import Candidate
from core.memory.index import Item, Query
from core.memory.indexing import Keeper
from core.memory.recall import Asked, Recall
from core.memory.recall_cache import Record
from core.memory.values import Value
from core.queue import MemoryQueue
from core.settings import Settings
from core.storage.database import Database

TERMS = Asked(question="What terms does Northwind have?")


async def _level(app: App) -> None:
    await Keeper(app.database, app.index).catch_up()


async def _told(app: App, asked: Asked = TERMS) -> list[str]:
    return [one.item.text for one in (await app.recall(asked)).items]


async def _forget(app: App, entity_id: str) -> None:
    async with app.database.write() as connection:
        found = await traces.find(connection, entity_id)
        assert found is not None
        await forgetting.erase(connection, app.clock, found)


class Watched:
    """Counts how often an index is searched."""

    def __init__(self, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
        self.searches = 0
        search = app.index.search

        async def counted(query: Query) -> Any:
            self.searches += 1
            return await search(query)

        monkeypatch.setattr(app.index, "search", counted)

    def new(self) -> bool:
        """Whether it was searched since the last time."""
        before, self.searches = self.searches, 0
        return before > 0


@pytest.fixture
async def taught(house: Any) -> Any:
    for statement in ("Northwind pays net 14", "the studio's door code is 4711"):
        await house.write(f"Remember that {statement}")
        await house.work()
    await _level(house.app)
    return house


@pytest.fixture
def watched(taught: Any, monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(taught.app, monkeypatch)


async def test_the_same_question_is_not_looked_for_again(taught: Any, watched: Watched) -> None:
    first = await taught.app.recall(TERMS)
    assert watched.new()
    assert await taught.app.recall(TERMS) is first
    assert not watched.new()
    await taught.write("thanks")  # the journal goes on, memory doesn't
    await _level(taught.app)
    assert await taught.app.recall(TERMS) is first
    assert not watched.new()
    assert taught.app.recall.record == Record(asked=3, met=2, tokens=2 * 8)


@pytest.mark.parametrize(
    "other",
    [
        Asked(question="What terms does Northwind have"),
        Asked(question=TERMS.question, entities=("Northwind Traders",)),
        Asked(question=TERMS.question, kinds=("fact",)),
        Asked(question=TERMS.question, until=datetime(2026, 10, 1, tzinfo=UTC)),
        Asked(question=TERMS.question, trusts=("owner",)),
        Asked(question=TERMS.question, budget=10),
        Asked(question=TERMS.question, limit=1),
    ],
)
async def test_another_question_or_bound_is_another(
    taught: Any, watched: Watched, other: Asked
) -> None:
    await taught.app.recall(TERMS)
    watched.new()
    await taught.app.recall(other)
    assert watched.new()


async def test_as_of_another_day_is_answered_for_that_day(taught: Any) -> None:
    assert "pays net 14" in " ".join(await _told(taught.app))
    before = Asked(question=TERMS.question, until=taught.clock.now() - timedelta(days=1))
    assert await _told(taught.app, before) == []


@pytest.mark.parametrize("followed", [False, True], ids=["before the index", "after the index"])
async def test_after_forgetting_nothing_of_it_is_recalled(taught: Any, followed: bool) -> None:
    [client] = await taught.clients()
    assert "net 14" in " ".join(await _told(taught.app))
    assert "net 14" in " ".join(await _told(taught.app))
    await _forget(taught.app, client.id)
    if followed:
        await _level(taught.app)
    for asked in (TERMS, TERMS, Asked(question="net 14"), Asked(question="Who pays?")):
        answer = await taught.app.recall(asked)
        assert "net 14" not in " ".join(one.item.text for one in answer.items)
        assert not any(
            "northwind" in name.casefold() for one in answer.items for name in one.item.entities
        )


async def test_what_was_corrected_is_not_told_before_the_index_has_followed(taught: Any) -> None:
    await _told(taught.app)
    await taught.write("No, Northwind pays net 30")
    await taught.work()
    assert "net 14" not in " ".join(await _told(taught.app))
    await _level(taught.app)
    assert "net 30" in " ".join(await _told(taught.app))


async def test_a_new_fact_is_found_as_soon_as_the_index_has_it(taught: Any) -> None:
    asked = Asked(question="Which printer do we use?")
    await _told(taught.app, asked)
    await taught.write("Remember that our printer is on Main Street")
    await taught.work()
    await _level(taught.app)
    assert "Main Street" in (await _told(taught.app, asked))[0]


async def test_what_was_put_away_and_purged_is_not_told(house: Any) -> None:
    await house.write("The carpenter measured the shelf for the studio")
    asked = Asked(question="What did the carpenter measure?", kinds=("episode",))
    async with house.app.database.write() as connection:
        await upkeep.gather(connection, house.clock)
    await _level(house.app)
    assert "carpenter" in (await _told(house.app, asked))[0]
    for days in (100, 8):
        house.clock.advance(timedelta(days=days))
        async with house.app.database.write() as connection:
            await upkeep.prune(
                connection, house.clock, episode_days=90, summary_days=730, transcript_days=30
            )
        assert await _told(house.app, asked) == []
    await _level(house.app)
    assert await _told(house.app, asked) == []


async def test_what_another_process_writes_is_seen(taught: Any, watched: Watched) -> None:
    await _told(taught.app)
    watched.new()
    other = EmbeddedIndex(taught.app.settings.home / "index", embedding=WordLlama())
    await other.add([Item(id="fact:x", kind="fact", text="Northwind has terms")])
    await other.close()
    await _told(taught.app)
    assert watched.new()


async def test_an_hour_later_it_is_looked_for_again(taught: Any, watched: Watched) -> None:
    await _told(taught.app)
    watched.new()
    taught.clock.advance(timedelta(hours=1))
    await _told(taught.app)
    assert watched.new()


class Moody(WordLlama):
    """An embedding that may be out of reach."""

    down = False

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def texts(self, texts: Any) -> Any:
        if self.down:
            raise FactotumError("It is down.")
        return super().texts(texts)


def _cached(taught: Any, embedding: Moody) -> tuple[EmbeddedIndex, recall_cache.RecallCache]:
    index = EmbeddedIndex(taught.app.settings.home / "other", embedding=embedding)
    recall = Recall(index, taught.clock, embedding=embedding)
    return index, recall_cache.RecallCache(recall, index, taught.app.database, taught.clock)


async def test_an_answer_without_meaning_is_not_kept(taught: Any) -> None:
    embedding = Moody("one")
    index, cache = _cached(taught, embedding)
    await Keeper(taught.app.database, index).catch_up()
    embedding.down = True
    assert "keyword" in (await cache(TERMS)).degraded
    embedding.down = False
    found = await cache(TERMS)
    assert found.degraded == ""
    assert found.items
    assert cache.record.met == 0
    embedding.down = True  # what was found with it is still true, and needs it no more
    assert await cache(TERMS) is found
    await index.close()


async def test_another_embedding_model_is_another_answer(taught: Any) -> None:
    marks = []
    for name in ("one", "two"):
        index, _ = _cached(taught, Moody(name))
        await Keeper(taught.app.database, index).catch_up()
        marks.append(await index.mark())
        await index.close()
    assert len(set(marks)) == 2


async def test_no_more_is_kept_than_there_is_room_for(
    taught: Any, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall_cache, "MOST", 2)
    for question in ("Northwind terms", "door code", "Northwind terms", "who pays"):
        await _told(taught.app, Asked(question=question))
    watched.new()
    await _told(taught.app, Asked(question="Northwind terms"))
    assert not watched.new()
    await _told(taught.app, Asked(question="door code"))
    assert watched.new()


PEOPLE = ("Ana Ruiz", "Ben Okafor", "Cleo Lind")
WORDS = ("red", "boat", "pays", "net", "paper", "Monday", "bread", "draft")
QUESTIONS = tuple(
    Asked(question=f"{what} {who}?", limit=limit)
    for what in ("What does red paper cost", "Who pays the boat", "bread draft")
    for who in ("", "Ana Ruiz", "Cleo Lind")
    for limit in (2, 20)
)


async def _walk(app: App, clock: ManualClock, chance: random.Random) -> None:
    """Writes and asks at random."""
    facts: list[str] = []
    async with app.database.write() as connection:
        people = [
            await entities.add(connection, clock, kind="person", name=name) for name in PEOPLE
        ]
    for _ in range(30):
        clock.advance(timedelta(minutes=chance.choice((0, 0, 1, 25))))
        match chance.choice(("keep", "keep", "retract", "forget", "follow", "ask", "ask", "ask")):
            case "keep":
                who = chance.randrange(len(PEOPLE))
                said = f"{PEOPLE[who]} {' '.join(chance.sample(WORDS, 3))}"
                candidate = Candidate(
                    subject=people[who],
                    relation="note",
                    value=Value.text(said),
                    statement=said,
                    source=Source(),
                )
                async with app.database.write() as connection:
                    kept = await keeping.put(connection, clock, candidate, "stated", (), token=None)
                facts.append(kept.id)
            case "retract" if facts:
                gone = facts.pop(chance.randrange(len(facts)))
                async with app.database.write() as connection:
                    await keeping.retract_fact(connection, clock, gone)
            case "forget":
                async with app.database.write() as connection:
                    found = await traces.find(connection, chance.choice(people))
                    if found and chance.random() < 0.3:
                        await forgetting.erase(connection, clock, found)
            case "follow":
                await _level(app)
            case _:
                pass
        asked = chance.choice(QUESTIONS)
        fresh = recall_cache.RecallCache(
            Recall(app.index, clock, embedding=WORDLLAMA), app.index, app.database, clock
        )
        assert await app.recall(asked) == await fresh(asked)


WORDLLAMA = WordLlama()


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32))
def test_what_is_kept_is_what_would_be_found(migrated_template: Path, seed: int) -> None:
    async def run(home: Path) -> None:
        shutil.copy(migrated_template, home / "factotum.db")
        clock = ManualClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
        app = assemble(
            Settings(home=home, _env_file=None),
            clock=clock,
            database=Database(home / "factotum.db"),
            queue=MemoryQueue(),
        )
        try:
            await _walk(app, clock, random.Random(seed))
        finally:
            await app.close()

    with TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder)))
