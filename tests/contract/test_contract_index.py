"""What every index keeps: the embedded one and, where WEAVIATE_URL is set, a real Weaviate."""

import os
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.index.embedded import EmbeddedIndex
from connectors.index.embedding import WordLlama
from connectors.index.weaviate import WeaviateIndex
from connectors.index.weaviate_server import from_environment
from core.clock import ManualClock
from core.memory.index import Index, Item, Query
from core.memory.recall import Asked, Recall

DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
EMBEDDING = WordLlama()
ITEMS = (
    Item(
        id="fact_1",
        kind="fact",
        text="Harbour Bakery pays within thirty days.",
        entities=("Harbour Bakery",),
        at=DAY,
        source="message 7",
    ),
    Item(
        id="episode_1",
        kind="episode",
        text="Ana baked sourdough bread for the fair.",
        context="What did you bring? Everybody loved it.",
        entities=("Ana",),
        at=DAY + timedelta(days=40),
        trust="untrusted",
        confidence=0.5,
        thread="fair",
    ),
    Item(id="episode_2", kind="episode", text="The printer was repaired.", entities=("Ben",)),
)


async def each(items: Sequence[Item]) -> AsyncIterator[Item]:
    for item in items:
        yield item


@pytest.fixture(params=["embedded", "weaviate"])
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Index]:
    if request.param == "embedded":
        made: Index = EmbeddedIndex(tmp_path, embedding=EMBEDDING)
    else:
        if "WEAVIATE_URL" not in os.environ:
            pytest.skip("WEAVIATE_URL is not set")
        made = WeaviateIndex(
            from_environment(prefix=f"Test{uuid.uuid4().hex[:8]}"), embedding=EMBEDDING
        )
    yield made
    await made.rebuild(each(()))
    await made.close()


def query(text: str, *said: str, **bounds: object) -> Query:
    return Query(text=text, terms=said, **bounds)


async def ids(index: Index, asked: Query) -> set[str]:
    return {one.item.id for one in await index.search(asked)}


async def test_an_item_comes_back_as_it_was_given(index: Index) -> None:
    await index.add(ITEMS)
    found = {one.item.id: one.item for one in await index.search(query("all", "paid", "bread"))}
    assert found["fact_1"] == ITEMS[0]
    assert found["episode_1"] == ITEMS[1]


async def test_a_mark_moves_with_what_can_be_found_and_with_nothing_else(index: Index) -> None:
    async def moved() -> bool:
        nonlocal mark
        before, mark = mark, await index.mark()
        return before != mark

    mark = await index.mark()
    if mark is None:
        pytest.skip("this index can't tell whether it changed: nothing is remembered of it")
    await index.add(ITEMS, position="1")
    assert await moved()
    await index.add((), position="2")
    await index.search(query("bread", "bread"))
    assert not await moved()
    await index.add(ITEMS[:1])
    assert await moved()
    await index.remove(["fact_1"])
    assert await moved()
    await index.rebuild(each(ITEMS))
    assert await moved()


async def test_stems_match_and_context_counts_less(index: Index) -> None:
    await index.add(ITEMS)
    found = {one.item.id: one for one in await index.search(query("who pays", "paying"))}
    assert found["fact_1"].text > 0
    around = {one.item.id: one for one in await index.search(query("loved", "loving"))}
    assert around["episode_1"].wide > 0
    assert around["episode_1"].text == 0


async def test_meaning_finds_what_shares_no_word(index: Index) -> None:
    await index.add(ITEMS)
    found = {one.item.id: one.dense for one in await index.search(query("loaf dough", "loaf"))}
    assert max(found, key=lambda name: found[name] or 0.0) == "episode_1"


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"kinds": ("fact",)}, {"fact_1"}),
        ({"entities": ("ANA",)}, {"episode_1"}),
        ({"trusts": ("untrusted",)}, {"episode_1"}),
        ({"since": DAY + timedelta(days=1)}, {"episode_1"}),
        ({"until": DAY + timedelta(days=1)}, {"fact_1"}),
    ],
)
async def test_bounds_let_in_only_what_fits(
    index: Index, bounds: dict[str, object], expected: set[str]
) -> None:
    await index.add(ITEMS)
    said = query("bread, days, printer", "bread", "days", "printer", **bounds)
    assert await ids(index, said) == expected


async def test_what_a_query_is_about_is_looked_at_beside_the_rest(index: Index) -> None:
    await index.add(ITEMS)
    said = query("printer", "printer", about=("ANA",), limit=2)
    assert await ids(index, said) >= {"episode_1", "episode_2"}


async def test_the_same_id_replaces(index: Index) -> None:
    await index.add(ITEMS)
    await index.add([Item(id="fact_1", kind="fact", text="The bakery pays at once.")])
    found = {one.item.id: one.item.text for one in await index.search(query("bakery", "bakery"))}
    assert found["fact_1"] == "The bakery pays at once."
    assert (await index.state()).count == 3
    assert await index.named("what about harbour bakery?") == ()


async def test_what_is_removed_is_not_found(index: Index) -> None:
    await index.add(ITEMS)
    await index.remove(["fact_1", "unknown"])
    assert "fact_1" not in await ids(index, query("harbour bakery pays", "pays", "bakery"))
    assert (await index.state()).count == 2


async def test_names_in_a_question_are_known(index: Index) -> None:
    await index.add(ITEMS)
    named = await index.named("When does Harbour Bakery pay, and did Ana ask?")
    assert set(named) == {"harbour bakery", "ana"}


async def test_rebuilding_leaves_what_is_given_and_what_was_added_meanwhile(index: Index) -> None:
    await index.add(ITEMS)
    seen: list[str] = []

    async def canonical() -> AsyncIterator[Item]:
        yield ITEMS[0]
        seen.append((await index.state()).health)
        seen.extend(await ids(index, query("printer", "printer")))
        await index.add([Item(id="new", kind="fact", text="A walrus was adopted.")])
        await index.remove(["episode_1"])
        yield ITEMS[1]

    assert await index.rebuild(canonical(), position="9") == 2
    assert seen[0] == "rebuilding"
    assert "episode_2" in seen
    assert await ids(index, query("walrus bread printer", "walrus", "bread", "printer")) <= {
        "new",
        "fact_1",
    }
    state = await index.state()
    assert (state.health, state.count, state.position) == ("ready", 2, "9")


async def test_a_rebuild_that_breaks_off_loses_nothing(index: Index) -> None:
    await index.add(ITEMS)

    async def broken() -> AsyncIterator[Item]:
        yield ITEMS[0]
        raise RuntimeError("the store went away")

    with pytest.raises(RuntimeError):
        await index.rebuild(broken())
    state = await index.state()
    assert (state.health, state.count) == ("ready", 3)


async def test_recall_ranks_what_answers_first(index: Index) -> None:
    await index.add(ITEMS)
    recall = Recall(index, ManualClock(DAY), embedding=EMBEDDING)
    answer = await recall(Asked(question="When does Harbour Bakery pay?"))
    assert answer.items[0].item.id == "fact_1"
    assert answer.items[0].item.source == "message 7"
    assert answer.items[0].parts["entity"] > 0
    assert answer.degraded == ""
