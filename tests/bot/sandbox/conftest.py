"""A sandbox of its own for every test, over real HTTP on a free loopback port."""

import asyncio
import json
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiogram import Bot as AiogramBot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.sandbox import SandboxApp, SandboxServer, create_app

TOKEN = "1000000001:sandbox-token-worth-nothing-elsewhere"
OWNER = 1_000_001


@dataclass
class Sandbox:
    """A running sandbox, with an HTTP client pointed at it."""

    url: str
    app: SandboxApp
    http: httpx.AsyncClient
    token: str = TOKEN
    owner: int = OWNER

    async def api(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One Bot API call as JSON; the whole answer."""
        response = await self.http.post(f"/bot{self.token}/{method}", json=parameters)
        return response.json() | {"status": response.status_code}

    async def send(self, text: str, **parameters: Any) -> dict[str, Any]:
        """A message of the bot to the owner."""
        answer = await self.api("sendMessage", chat_id=self.owner, text=text, **parameters)
        assert answer["ok"], answer
        return answer["result"]

    async def say(self, text: str, **more: Any) -> int:
        """A message of a person."""
        response = await self.http.post("/phone/messages", json={"text": text, **more})
        assert response.status_code == 200, response.text
        return response.json()["message_id"]

    async def chat(self, **query: Any) -> list[dict[str, Any]]:
        """The chat as it looks now."""
        return (await self.http.get("/phone/messages", params=query)).json()

    async def fault(self, **fault: Any) -> None:
        """Makes the next calls fail."""
        response = await self.http.post("/phone/faults", json=fault)
        assert response.status_code == 200, response.text

    async def poll_waits(self) -> None:
        """Returns once a poll is waiting for an update."""
        async with asyncio.timeout(10):
            while not self.app.state.telegram.updates.waiting:  # noqa: ASYNC110 - another task's list
                await asyncio.sleep(0.005)

    async def updates(self, **parameters: Any) -> list[dict[str, Any]]:
        """What getUpdates gives, waiting for something to come."""
        answer = await self.api("getUpdates", **({"timeout": 10} | parameters))
        assert answer["ok"], answer
        return answer["result"]


@asynccontextmanager
async def running(store: Path, *, port: int = 0, **options: Any) -> AsyncIterator[Sandbox]:
    """Serves a sandbox on a free port until the block ends."""
    app = create_app(
        store_path=store, token=TOKEN, owner_id=OWNER, owner_name="Marta Keller", **options
    )
    server = SandboxServer(app, port=port, handle_signals=False)
    server.bind()
    serving = asyncio.create_task(server.serve())
    url = f"http://127.0.0.1:{server.port}"
    try:
        async with httpx.AsyncClient(base_url=url, timeout=30) as http:
            await http.get("/healthz")
            yield Sandbox(url, app, http)
    finally:
        server.should_exit = True
        await serving


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A fresh sandbox."""
    async with running(tmp_path / "telegram.db") as started:
        yield started


@pytest.fixture
async def aiogram_bot(sandbox: Sandbox) -> AsyncIterator[AiogramBot]:
    """aiogram's client, pointed at the sandbox."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(sandbox.url))
    async with AiogramBot(sandbox.token, session=session) as bot:
        yield bot


@pytest.fixture
async def ptb_bot(sandbox: Sandbox) -> AsyncIterator[ExtBot[None]]:
    """python-telegram-bot's client, pointed at the sandbox."""
    bot: ExtBot[None] = ExtBot(
        sandbox.token,
        base_url=f"{sandbox.url}/bot",
        base_file_url=f"{sandbox.url}/file/bot",
        request=HTTPXRequest(read_timeout=30, media_write_timeout=60),
        get_updates_request=HTTPXRequest(read_timeout=30),
    )
    async with bot:
        yield bot


def png(width: int = 40, height: int = 30) -> bytes:
    """A picture in one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = (b"\0" + b"\x2f\x7f\xd6" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def keyboard(*rows: list[tuple[str, str]]) -> dict[str, Any]:
    """An inline keyboard of labels and data."""
    return {
        "inline_keyboard": [
            [{"text": text, "callback_data": data} for text, data in row] for row in rows
        ]
    }


def dumps(value: Any) -> str:
    """JSON as a form field carries it."""
    return json.dumps(value)
