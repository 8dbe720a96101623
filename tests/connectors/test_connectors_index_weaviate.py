"""Weaviate's faults, on the wire: REST and gRPC as the client speaks them, without a server."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from weaviate.proto.v1 import (  # the stubs that fit the installed protobuf
    batch_pb2,
    health_weaviate_pb2,
    search_get_pb2,
)

from connectors.index.embedded import EmbeddedIndex
from connectors.index.embedding import WordLlama
from connectors.index.fallback import KeywordFallback
from connectors.index.weaviate import WeaviateIndex
from connectors.index.weaviate_server import Server
from core.errors import FactotumError
from core.memory.index import Item, Query

EMBEDDING = WordLlama()
ITEMS = (
    Item(id="a", kind="fact", text="The ferry leaves at nine."),
    Item(id="b", kind="fact", text="The ferry is blue."),
)
ASKED = Query(text="boat departure", terms=("ferry",))


@dataclass
class StandIn:
    """What a Weaviate answers. ``rest`` and ``rpc`` are the faults to answer with instead."""

    rest: int = 0
    rpc: grpc.StatusCode | None = None
    said: str = ""
    refused: tuple[int, ...] = ()
    held_up: bool = False
    port: int = 0
    grpc_port: int = 0
    looked_up: int = 0
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    stored: list[str] = field(default_factory=list[str])

    async def answer(self, request: Request) -> Response:
        """REST: the server itself, aliases, collections."""
        path = request.url.path
        if self.rest and not path.endswith("openid-configuration"):
            return JSONResponse({"error": [{"message": self.said}]}, self.rest)
        if path == "/v1/meta":
            return JSONResponse({"version": "1.40.0", "hostname": "stand-in", "modules": {}})
        if path == "/v1/aliases" and request.method == "POST":
            made = await request.json()
            self.aliases[made["alias"]] = made["class"]
            return JSONResponse(made)
        if path == "/v1/aliases":
            self.looked_up += 1
            held = [{"alias": name, "class": of} for name, of in self.aliases.items()]
            return JSONResponse({"aliases": held})
        if path == "/v1/schema":
            return JSONResponse(await request.json())
        return JSONResponse({}, 404)

    async def serve(self, kind: str, request: Any, context: Any) -> Any:
        """gRPC: health, batches, searches."""
        if kind == "Check":
            serving = health_weaviate_pb2.WeaviateHealthCheckResponse.SERVING
            return health_weaviate_pb2.WeaviateHealthCheckResponse(status=serving)
        if self.held_up:
            await asyncio.Event().wait()
        if self.rpc:
            await context.abort(self.rpc, self.said)
        if kind == "Search":
            return search_get_pb2.SearchReply()
        for place, one in enumerate(request.objects):
            if place not in self.refused:
                memory = json.loads(one.properties.non_ref_properties["memory"])
                self.stored.append(memory["item"]["id"])
        wrong = [
            batch_pb2.BatchObjectsReply.BatchError(index=place, error="no room on the shard")
            for place in self.refused
        ]
        return batch_pb2.BatchObjectsReply(errors=wrong)


def _sent(reply: Any) -> bytes:
    return reply.SerializeToString()


def _methods(stand_in: StandIn) -> list[grpc.GenericRpcHandler]:
    def handler(kind: str, request: Any) -> Any:
        async def answer(asked: Any, context: Any) -> Any:
            return await stand_in.serve(kind, asked, context)

        return grpc.unary_unary_rpc_method_handler(
            answer,
            request_deserializer=request.FromString,
            response_serializer=_sent,
        )

    check = {"Check": handler("Check", health_weaviate_pb2.WeaviateHealthCheckRequest)}
    weaviate = {
        "Search": handler("Search", search_get_pb2.SearchRequest),
        "BatchObjects": handler("BatchObjects", batch_pb2.BatchObjectsRequest),
    }
    return [
        grpc.method_handlers_generic_handler("grpc.health.v1.Health", check),
        grpc.method_handlers_generic_handler("weaviate.v1.Weaviate", weaviate),
    ]


@contextlib.asynccontextmanager
async def served(stand_in: StandIn) -> AsyncGenerator[None]:
    rpc = grpc.aio.server()
    rpc.add_generic_rpc_handlers(_methods(stand_in))
    stand_in.grpc_port = rpc.add_insecure_port("127.0.0.1:0")
    await rpc.start()
    routes = [Route("/{path:path}", stand_in.answer, methods=["GET", "POST", "DELETE"])]
    rest = uvicorn.Server(
        uvicorn.Config(Starlette(routes=routes), port=0, log_level="error", lifespan="off")
    )
    ready = asyncio.Event()
    starting = rest.startup

    async def startup(*arguments: Any, **named: Any) -> None:
        await starting(*arguments, **named)
        ready.set()

    rest.startup = startup
    serving = asyncio.create_task(rest.serve())
    await ready.wait()
    stand_in.port = rest.servers[0].sockets[0].getsockname()[1]
    try:
        yield
    finally:
        rest.should_exit = True
        await rpc.stop(None)
        await serving


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    made = StandIn()
    async with served(made):
        yield made


def beside(stand_in: StandIn, folder: Path, timeout: float = 30.0) -> KeywordFallback:
    server = Server(
        host="127.0.0.1",
        port=stand_in.port,
        grpc_host="127.0.0.1",
        grpc_port=stand_in.grpc_port,
        secure=False,
        api_key="key",
        timeout=timeout,
    )
    return KeywordFallback(
        WeaviateIndex(server, embedding=EMBEDDING), EmbeddedIndex(folder, embedding=None)
    )


@pytest.fixture
async def index(stand_in: StandIn, tmp_path: Path) -> AsyncIterator[KeywordFallback]:
    made = beside(stand_in, tmp_path)
    yield made
    await made.close()


async def refusal(index: KeywordFallback) -> FactotumError:
    """What is told when nothing can be added; keyword search must go on."""
    with pytest.raises(FactotumError) as told:
        await index.add(ITEMS)
    assert {one.item.id for one in await index.search(ASKED)} == {"a", "b"}
    assert str(told.value).count(". ") <= 1  # two sentences at most, and what to do
    return told.value


async def test_what_is_well_is_added(stand_in: StandIn, index: KeywordFallback) -> None:
    await index.add(ITEMS)
    assert stand_in.stored == ["a", "b"]
    assert stand_in.aliases == {"FactotumFact": "FactotumFact_v1"}


@pytest.mark.parametrize("connected", [True, False])
@pytest.mark.parametrize(
    ("fault", "told", "permanent"),
    [
        ({"rest": 401, "said": "anonymous access not enabled"}, "the key", True),
        ({"rest": 429, "said": "too many requests"}, "full or overloaded", False),
        ({"rest": 507, "said": "insufficient storage"}, "full or overloaded", False),
        ({"rest": 500, "said": "store is read-only due to disk usage"}, "disk is full", False),
        ({"rpc": grpc.StatusCode.UNAUTHENTICATED, "said": "no"}, "the key", True),
        ({"rpc": grpc.StatusCode.RESOURCE_EXHAUSTED, "said": "no"}, "full or overloaded", False),
        ({"rpc": grpc.StatusCode.INTERNAL, "said": "a bug"}, "can't be used", False),
    ],
)
async def test_a_fault_is_told_and_keywords_go_on(
    stand_in: StandIn,
    index: KeywordFallback,
    connected: bool,
    fault: dict[str, Any],
    told: str,
    permanent: bool,
) -> None:
    if connected:
        assert (await index.search(ASKED)) == []
    for name, value in fault.items():
        setattr(stand_in, name, value)
    error = await refusal(index)
    assert told in error.sentence()
    assert error.permanent is permanent
    assert stand_in.stored == []


async def test_questions_do_not_look_up_the_aliases_each_time(
    stand_in: StandIn, index: KeywordFallback
) -> None:
    await index.search(ASKED)
    await index.add(ITEMS)  # what was looked up before holds no more
    before = stand_in.looked_up
    for _ in range(5):
        await index.search(ASKED)
    assert stand_in.looked_up == before + 1
    stand_in.rpc = grpc.StatusCode.INTERNAL
    await index.search(ASKED)
    stand_in.rpc = None
    await index.search(ASKED)
    assert stand_in.looked_up == before + 2


async def test_a_server_that_does_not_answer_is_not_waited_for(
    stand_in: StandIn, tmp_path: Path
) -> None:
    stand_in.held_up = True
    index = beside(stand_in, tmp_path, timeout=0.5)
    error = await refusal(index)
    assert "too long" in error.sentence()
    assert not error.permanent
    await index.close()


async def test_what_is_refused_of_a_batch_is_counted(
    stand_in: StandIn, index: KeywordFallback
) -> None:
    stand_in.refused = (1,)
    with pytest.raises(FactotumError) as told:
        await index.add(ITEMS)
    assert "refused 1 of 2" in told.value.sentence()
    assert "no room on the shard" in told.value.sentence()
    assert stand_in.stored == ["a"]
    assert {one.item.id for one in await index.search(ASKED)} == {"a", "b"}
    stand_in.refused = ()
    await index.add(ITEMS)
    assert stand_in.stored[1:] == ["a", "b"]


async def test_a_server_that_goes_away_is_told(tmp_path: Path) -> None:
    made = StandIn()
    async with served(made):
        index = beside(made, tmp_path)
        await index.add(ITEMS)
    error = await refusal(index)
    assert "can't be reached" in error.sentence()
    assert not error.permanent
    assert (await index.state()).health == "keyword_only"
    await index.close()
