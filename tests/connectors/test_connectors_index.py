"""The embedded index beyond the contract: lost, damaged, of another model, several processes."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors.index.embedded import EmbeddedIndex
from connectors.index.embedding import WordLlama
from connectors.index.fallback import KeywordFallback
from connectors.index.weaviate import WeaviateIndex
from connectors.index.weaviate_server import from_environment
from core.errors import FactotumError
from core.memory.index import Item, Query

EMBEDDING = WordLlama()
ITEM = Item(id="a", kind="fact", text="The ferry leaves at nine.")
ASKED = Query(text="boat departure", terms=("ferry",))


class Another(WordLlama):
    name = "another"


class Broken(WordLlama):
    def texts(self, texts: Sequence[str]) -> Any:
        raise FactotumError("No vectors today.")


async def items(count: int) -> AsyncIterator[Item]:
    for number in range(count):
        yield Item(id=f"i{number}", kind="fact", text=f"Ferry number {number} leaves.")


async def test_what_one_adds_the_other_finds_by_meaning(tmp_path: Path) -> None:
    one, other = (EmbeddedIndex(tmp_path, embedding=EMBEDDING) for _ in range(2))
    assert await other.search(ASKED) == []
    await one.add([ITEM])
    found = await other.search(Query(text="boat departure", terms=("nothing",)))
    assert [candidate.item for candidate in found] == [ITEM]
    await one.remove(["a"])
    assert await other.search(Query(text="boat departure", terms=("nothing",))) == []
    await one.close()
    await other.close()


@pytest.mark.parametrize("damage", ["lost", "half", "kept"])
async def test_the_vector_file_may_be_lost(tmp_path: Path, damage: str) -> None:
    index = EmbeddedIndex(tmp_path, embedding=EMBEDDING)
    await index.rebuild(items(2100))  # fewer need no file
    await index.search(ASKED)
    await index.close()
    [path] = tmp_path.glob("*.usearch")  # noqa: ASYNC240 - nothing else runs meanwhile
    if damage == "lost":
        path.unlink()
    elif damage == "half":
        path.write_bytes(path.read_bytes()[:1000])
    index = EmbeddedIndex(tmp_path, embedding=EMBEDDING)
    found = await index.search(Query(text="Ferry number 2099 leaves.", terms=("nothing",)))
    assert "i2099" in {candidate.item.id for candidate in found}
    await index.close()


async def test_another_model_is_noticed_and_mended_by_a_rebuild(tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path, embedding=EMBEDDING)
    await index.rebuild(items(3))
    await index.close()
    index = EmbeddedIndex(tmp_path, embedding=Another())
    state = await index.state()
    assert (state.health, state.stale) == ("other_model", 3)
    found = await index.search(ASKED)
    assert len(found) == 3
    assert {candidate.dense for candidate in found} == {None}
    done: list[int] = []
    await index.rebuild(items(3), progress=done.append)
    assert done == [3]
    assert (await index.state()).health == "ready"
    assert None not in {candidate.dense for candidate in await index.search(ASKED)}
    await index.close()


async def test_a_file_of_another_layout_is_emptied(tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path, embedding=EMBEDDING)
    await index.rebuild(items(3))
    await index.search(ASKED)
    await index.close()
    with sqlite3.connect(tmp_path / "index.db") as connection:
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    index = EmbeddedIndex(tmp_path, embedding=EMBEDDING)
    assert (await index.state()).health == "empty"
    assert await index.search(ASKED) == []
    await index.add([ITEM])
    assert [candidate.item for candidate in await index.search(ASKED)] == [ITEM]
    await index.close()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (("rare",), {"i4711"}),  # BM25 over the few
        (("leaves", "rare"), {"i4711"}),  # the rare term alone chooses
        (("leaves", "tags"), {"i5899", "i5898"}),  # both common: newest with both first
        (("ferry",), {"i5999", "i5998"}),
    ],
)
async def test_a_large_index_matches_by_the_rarest_terms(
    tmp_path: Path, said: tuple[str, ...], expected: set[str]
) -> None:
    index = EmbeddedIndex(tmp_path, embedding=None)
    texts = [f"Ferry {number} leaves" for number in range(6000)]
    texts = [f"{text} tag" if place < 5900 else text for place, text in enumerate(texts)]
    texts[4711] += " rare"
    made = [Item(id=f"i{number}", kind="fact", text=text) for number, text in enumerate(texts)]
    await index.add(made)
    found = await index.search(Query(text="", terms=said, limit=2))
    assert {candidate.item.id for candidate in found} == expected
    await index.close()


async def test_without_vectors_keywords_find(tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path, embedding=Broken())
    await index.add([ITEM])
    assert [candidate.item for candidate in await index.search(ASKED)] == [ITEM]
    assert (await index.state()).health == "keyword_only"
    await index.close()


async def test_searching_does_not_hold_up_the_loop(tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path, embedding=EMBEDDING)
    await index.rebuild(items(2000))
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await asyncio.gather(*(index.search(ASKED) for _ in range(5)))
    counting.cancel()
    assert turns > 20
    await index.close()


async def test_keywords_go_on_while_weaviate_is_down(tmp_path: Path, unused_tcp_port: int) -> None:
    server = from_environment({"WEAVIATE_URL": f"http://127.0.0.1:{unused_tcp_port}"})
    index = KeywordFallback(
        WeaviateIndex(server, embedding=EMBEDDING), EmbeddedIndex(tmp_path, embedding=None)
    )
    with pytest.raises(FactotumError, match="Nothing is lost") as told:
        await index.add([ITEM])
    assert not told.value.permanent
    assert [candidate.item for candidate in await index.search(ASKED)] == [ITEM]
    assert (await index.state()).health == "keyword_only"
    await index.close()


def test_an_address_that_is_none_is_told() -> None:
    with pytest.raises(FactotumError, match="WEAVIATE_URL"):
        from_environment({"WEAVIATE_URL": "weaviate:8080"})


def test_tls_and_key_are_read() -> None:
    server = from_environment(
        {"WEAVIATE_URL": "https://w.example", "WEAVIATE_API_KEY": "k", "WEAVIATE_GRPC": "g:50"}
    )
    assert (server.secure, server.port, server.api_key) == (True, 443, "k")
    assert (server.grpc_host, server.grpc_port) == ("g", 50)


async def test_few_are_followed_one_by_one_without_a_file(tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path, embedding=EMBEDDING)
    await index.rebuild(items(1500))
    await index.search(ASKED)
    await index.rebuild(items(1400))  # what is gone must not count as many
    asked = Query(text="Ferry number 1399 leaves.", terms=("nothing",), limit=1)
    assert [candidate.item.id for candidate in await index.search(asked)] == ["i1399"]
    await index.remove(["i1399"])
    assert [candidate.item.id for candidate in await index.search(asked)] != ["i1399"]
    await index.close()
    assert not list(tmp_path.glob("*.usearch"))  # noqa: ASYNC240 - nothing else runs meanwhile
