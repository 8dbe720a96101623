"""Embeddings by a provider: what is asked of it over HTTP, and what its faults do to recall."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.app import assemble
from connectors.index.embedded import EmbeddedIndex
from connectors.index.embedding import WordLlama
from connectors.index.provider import ProviderEmbedding, embedding_of
from core.clock import SystemClock
from core.errors import FactotumError
from core.memory.index import Item, Query
from core.memory.recall import Asked, Recall
from core.settings import Settings

_SIZE = 8
_TOPICS = {"ferry": 0, "boat": 0, "bread": 1}


@dataclass
class Provider:
    """A local stand-in: each topic is a direction of its own."""

    url: str = ""
    status: int = 200
    size: int = _SIZE
    asked: list[tuple[dict[str, Any], str | None]] = field(default_factory=list[Any])

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        data: list[dict[str, Any]] = []
        for place, text in enumerate(body["input"]):
            vector = [0.1] * self.size
            for word, direction in _TOPICS.items():
                vector[direction] += 2.0 * (word in text.casefold())
            data.append({"index": place, "embedding": vector})
        return {"data": data[::-1]}  # their order is not promised


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            made.asked.append((body, self.headers.get("Authorization")))
            content = json.dumps(made.answer(body)).encode()
            self.send_response(made.status if self.path == "/v1/embeddings" else 404)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}/v1"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


async def test_a_setting_makes_memory_found_by_its_vectors(
    provider: Provider, tmp_path: Path
) -> None:
    settings = Settings(
        home=tmp_path, embedding_model="local:mini", embedding_size=_SIZE, model_url=provider.url
    )
    app = assemble(settings)
    await app.index.add([Item(id="a", kind="fact", text="The ferry leaves at nine.")])
    await app.index.add([Item(id="b", kind="fact", text="The bread is fresh.")])
    assert (await app.index.state()).model == "mini-8"
    recall = Recall(app.index, app.clock)
    best, *_ = (await recall(Asked(question="Which boat is there?"))).items
    assert best.item.id == "a"
    assert best.parts["dense"] > 1
    texts = [body["input"] for body, _ in provider.asked]
    assert texts.count(["Which boat is there?"]) == 1  # asked once, however often it is looked for
    assert all(body["model"] == "mini" and "dimensions" not in body for body, _ in provider.asked)
    await app.close()


def test_a_hosted_model_is_asked_with_its_key_and_for_fewer_dimensions(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setenv("OPENAI_BASE_URL", provider.url)
    made = embedding_of("openai:text-embedding-3-small", size=_SIZE, local_url=None)
    vectors = made.texts(["ferry", "bread " * 5000])
    assert vectors.shape == (2, _SIZE)
    assert vectors[0][0] > 0.9
    assert vectors[1][1] > 0.9
    [(body, key)] = provider.asked
    assert (body["dimensions"], key) == (_SIZE, "Bearer sk-test")
    assert len(body["input"][1]) == 2000
    assert made.words(["ferry"]) is None


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_words_find_while_the_provider_fails_and_it_is_left_alone(
    provider: Provider, tmp_path: Path, status: int
) -> None:
    provider.status = status
    made = ProviderEmbedding(url=provider.url, model="mini", size=_SIZE)
    with pytest.raises(FactotumError, match=f"status {status}"):
        made.texts(["bread"])
    index = EmbeddedIndex(tmp_path, embedding=made)
    await index.add([Item(id="a", kind="fact", text="The ferry leaves at nine.")])
    found = await index.search(Query(text="ferry", terms=("ferry",)))
    assert [one.item.id for one in found] == ["a"]
    answer = await Recall(index, SystemClock(), embedding=made)(Asked(question="The ferry?"))
    assert "keyword" in answer.degraded
    assert len(provider.asked) == 1
    await index.close()


def test_vectors_of_another_size_are_refused(provider: Provider) -> None:
    provider.size = 5
    made = ProviderEmbedding(url=provider.url, model="mini", size=_SIZE)
    with pytest.raises(FactotumError) as told:
        made.texts(["bread"])
    assert "FACTOTUM_EMBEDDING_SIZE" in told.value.sentence()


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("openai:text-embedding-3-small", "OPENAI_API_KEY"),
        ("local:mini", "FACTOTUM_MODEL_URL"),
        ("local:", "FACTOTUM_EMBEDDING_MODEL"),
        ("cohere:embed", "FACTOTUM_EMBEDDING_MODEL"),
    ],
)
def test_a_setting_that_can_not_be_used_says_what_is_missing(
    setting: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(FactotumError) as told:
        embedding_of(setting, size=_SIZE, local_url=None)
    assert said in told.value.sentence()


def test_without_a_setting_nothing_leaves_this_machine() -> None:
    assert isinstance(embedding_of(Settings().embedding_model, size=256, local_url=None), WordLlama)
