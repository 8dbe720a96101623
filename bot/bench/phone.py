"""A running demo and its phone, as a person's hand and eye."""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from core.errors import FactotumError


class Phone:
    """The sandbox's phone, as a person's hand and eye."""

    def __init__(self, address: str) -> None:
        self._http = httpx.AsyncClient(base_url=address, timeout=30)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def say(self, text: str) -> int:
        """Types a message; returns its id."""
        answer = await self._http.post("/phone/messages", json={"text": text})
        return int(answer.json()["message_id"])

    async def tap(self, message_id: int, button: str) -> str | None:
        """Taps a button; returns what the bot answered."""
        answer = await self._http.post(
            "/phone/taps", json={"message_id": message_id, "button": button}
        )
        return answer.json()["answer"]

    async def messages(self, since: int) -> list[dict[str, Any]]:
        """The chat after a message, as it looks now."""
        answer = await self._http.get("/phone/messages", params={"since": since})
        return answer.json()

    async def until(
        self, since: int, fits: Callable[[dict[str, Any]], bool], *, seconds: float = 20
    ) -> dict[str, Any]:
        """The first message of the bot after ``since`` that fits. Raises FactotumError."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for message in await self.messages(since):
                if message["from"] == "bot" and fits(message):
                    return message
            await asyncio.sleep(0.002)
        raise FactotumError("The bot did not answer in time; the benchmark was stopped.")


def labels(message: dict[str, Any]) -> set[str]:
    """What the buttons of a message say."""
    return {button["text"] for row in message["buttons"] for button in row}


@asynccontextmanager
async def demo(home: Path) -> AsyncGenerator[tuple[Phone, asyncio.subprocess.Process, float]]:
    """A demo in this folder: its phone, its process, and the seconds until it was ready."""
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", "demo", "--home", str(home)),
        *("--port", "0", "--no-browser"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    line = (await process.stdout.readline()).decode()
    if "http://" not in line:
        raise FactotumError("The demo did not start; the benchmark was stopped.")
    ready = time.monotonic() - began
    address = "http://" + line.split("http://")[1].split("/")[0]
    phone = Phone(address)
    try:
        yield phone, process, ready
    finally:
        await phone.close()
        process.send_signal(signal.SIGTERM)
        await process.wait()
