"""The index follows what is kept, and is made anew where it was lost or can't follow."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.index.embedded import EmbeddedIndex
from core import journal
from core.clock import ManualClock
from core.memory import keeping, upkeep
from core.memory.facts import COMPANY, Source
from core.memory.gate import Candidate
from core.memory.index import Query
from core.memory.indexing import Keeper
from core.memory.recall_words import terms
from core.memory.values import Value
from core.storage.database import Database
from core.storage.memory import episode


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[EmbeddedIndex]:
    made = EmbeddedIndex(tmp_path / "index", embedding=None)
    yield made
    await made.close()


async def _found(index: EmbeddedIndex, words: str) -> list[str]:
    said = terms(words)
    return sorted(one.item.text for one in await index.search(Query(text=words, terms=said)))


async def _keep(database: Database, clock: ManualClock, token: str, fact: Candidate) -> None:
    async with database.write() as connection:
        await keeping.remember(connection, clock, fact, token=token)


def _note(statement: str) -> Candidate:
    """What the owner said of the company."""
    return Candidate(
        subject=COMPANY,
        relation="note",
        value=Value.text(statement),
        statement=statement,
        source=Source(ref="1", quote=statement),
    )


async def _episode(database: Database, clock: ManualClock, text: str) -> None:
    async with database.write() as connection:
        await connection.execute(
            episode.insert().values(
                id=f"epi_{text}",
                kind="message",
                ref=f"msg_{text}",
                text=text,
                trust="owner",
                at=clock.now(),
            )
        )
        await journal.append(connection, clock, kind="episodes.gathered", subject="memory")


async def test_what_is_kept_is_found_after_one_look(
    database: Database, clock: ManualClock, index: EmbeddedIndex
) -> None:
    keeper = Keeper(database, index)
    assert await keeper.catch_up() is None  # the first time all of it is made
    await _keep(database, clock, "t1", _note("The door code is 4711."))
    await _episode(database, clock, "The carpenter measured the door")
    assert await keeper.catch_up() == 2
    assert await _found(index, "door") == [
        "The carpenter measured the door",
        "The door code is 4711.",
    ]
    assert await keeper.catch_up() == 0


async def test_what_was_taken_back_is_not_found(
    database: Database, clock: ManualClock, index: EmbeddedIndex
) -> None:
    keeper = Keeper(database, index)
    await _keep(database, clock, "t1", _note("The door code is 4711."))
    await keeper.catch_up()
    clock.advance(timedelta(days=1))
    async with database.write() as connection:
        await keeping.retract(connection, clock, token="t1")
    await keeper.catch_up()
    assert await _found(index, "door") == []


async def test_what_was_put_away_is_not_found_and_comes_back(
    database: Database, clock: ManualClock, index: EmbeddedIndex
) -> None:
    keeper = Keeper(database, index)
    await _episode(database, clock, "carpenter")
    await keeper.catch_up()
    clock.advance(timedelta(days=400))
    async with database.write() as connection:
        await upkeep.prune(
            connection, clock, episode_days=90, summary_days=9000, transcript_days=365
        )
    await keeper.catch_up()
    assert "carpenter" not in await _found(index, "carpenter")
    async with database.write() as connection:
        await upkeep.restore(connection, clock)
    await keeper.catch_up()
    assert "carpenter" in await _found(index, "carpenter")


async def test_a_lost_index_is_made_anew(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    for n in range(3):
        await _keep(database, clock, f"t{n}", _note(f"Door {n} is green."))
        clock.advance(timedelta(hours=1))
    for folder in ("one", "another"):
        index = EmbeddedIndex(tmp_path / folder, embedding=None)
        keeper = Keeper(database, index)
        await keeper.catch_up()
        assert len(await _found(index, "door")) == await keeper.count() == 3
        await index.close()


async def test_an_index_of_another_history_is_made_anew(
    database: Database, clock: ManualClock, index: EmbeddedIndex
) -> None:
    await _keep(database, clock, "t1", _note("The door code is 4711."))
    await index.add((), position="999999")  # of a database that was restored since
    await Keeper(database, index).catch_up()
    assert await _found(index, "door") == ["The door code is 4711."]
