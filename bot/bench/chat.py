"""``factotum bench chat``: how quick the whole path is, beside a bare echo bot."""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from bot.bench.figures import machine, summary
from bot.bench.pausing import pauses
from bot.bench.phone import Phone, demo, labels

_REQUESTS = (
    "Invoice Northwind {n} EUR for the brand workshop, net 14",
    "Email Northwind that draft {n} moves to Friday",
    "Put a call with Bluebird on Tuesday 15:00",
)


async def _timed(work: Awaitable[Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = await work
    return time.perf_counter() - began, result


async def _answers(phone: Phone, count: int) -> list[float]:
    times: list[float] = []
    for number in range(count):
        text = _REQUESTS[number % len(_REQUESTS)].format(n=100 + number)

        async def round_trip(text: str = text) -> None:
            sent = await phone.say(text)
            await phone.until(sent, lambda m: "Approve" in labels(m))

        times.append((await _timed(round_trip()))[0])
    return times


async def _taps(phone: Phone, count: int) -> tuple[list[float], list[float]]:
    answered: list[float] = []
    done: list[float] = []
    for number in range(count):
        sent = await phone.say(f"Invoice Bluebird {500 + number} EUR for a poster")
        card = await phone.until(sent, lambda m: "Approve" in labels(m))
        card_id = card["message_id"]
        began = time.perf_counter()
        await phone.tap(card_id, "Approve")
        answered.append(time.perf_counter() - began)

        def is_done(message: dict[str, Any], card_id: int = card_id) -> bool:
            return message["message_id"] == card_id and "Done" in message["text"]

        await phone.until(card_id - 1, is_done)
        done.append(time.perf_counter() - began)
    return answered, done


async def _taps_while_busy(phone: Phone, count: int) -> list[float]:
    """Rejects cards while the worker is kept busy with messages."""
    cards: list[int] = []
    for number in range(count):
        sent = await phone.say(f"Email Northwind that item {number} is late")
        cards.append((await phone.until(sent, lambda m: "Approve" in labels(m)))["message_id"])
    busy = True

    async def load() -> None:
        number = 0
        while busy:
            await phone.say(f"Email Northwind that load {number} is on")
            number += 1
            await asyncio.sleep(0.05)

    task = asyncio.create_task(load())
    times: list[float] = []
    for card in cards:
        times.append((await _timed(phone.tap(card, "Why")))[0])
        await asyncio.sleep(0.05)
    busy = False
    await task
    return times


_ECHO = """
import asyncio, sys
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message
dispatcher = Dispatcher()
@dispatcher.message()
async def echo(message: Message) -> None:
    await message.answer(message.text or "")
async def main() -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(sys.argv[1]))
    await dispatcher.start_polling(Bot(sys.argv[2], session=session), handle_signals=False)
asyncio.run(main())
"""


@asynccontextmanager
async def _echo_bot(home: Path) -> AsyncGenerator[Phone]:
    """A sandbox of its own with the barest aiogram bot there is."""
    from bot.demo import TOKEN

    sandbox = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.sandbox", "--store", str(home / "echo.sqlite3")),
        *("--port", "0", "--token", TOKEN),
        stdout=asyncio.subprocess.PIPE,
    )
    assert sandbox.stdout
    line = (await sandbox.stdout.readline()).decode()
    address = "http://" + line.split("http://")[1].split("/")[0]
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _ECHO, address, TOKEN, stderr=asyncio.subprocess.DEVNULL
    )
    phone = Phone(address)
    try:
        while True:  # the sandbox may take a moment until it listens
            try:
                sent = await phone.say("ready?")
                break
            except httpx.TransportError:
                await asyncio.sleep(0.05)
        await phone.until(sent, lambda _: True, seconds=30)
        yield phone
    finally:
        await phone.close()
        for process in (bot, sandbox):
            process.terminate()
            await process.wait()


async def _echoes(phone: Phone, count: int) -> list[float]:
    times: list[float] = []
    for number in range(count):

        async def round_trip(number: int = number) -> None:
            sent = await phone.say(f"echo {number}")
            await phone.until(sent, lambda _: True)

        times.append((await _timed(round_trip()))[0])
    return times


def _family(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def _memory(pid: int) -> dict[str, float]:
    sizes: dict[str, float] = {}
    for process in _family(pid):
        name = process.cmdline()[-1] if process.pid != pid else "demo and sandbox"
        name = name if name in ("bot", "worker", "demo and sandbox") else "queue"
        megabytes = process.memory_full_info().pss / 1024 / 1024
        sizes[name] = round(sizes.get(name, 0) + megabytes, 1)
    sizes["all"] = round(sum(sizes.values()), 1)
    return sizes


async def _idle(pid: int, seconds: float = 20) -> float:
    def used() -> float:
        return sum(sum(p.cpu_times()[:2]) for p in _family(pid))

    before = used()
    await asyncio.sleep(seconds)
    return round((used() - before) / seconds * 100, 2)


async def chat(*, messages: int, as_json: bool) -> None:
    """Runs it all in a data folder of its own and prints the figures."""
    with tempfile.TemporaryDirectory(prefix="factotum-bench-") as folder:
        home = Path(folder)
        async with demo(home / "home") as (phone, process, ready), _echo_bot(home) as echo:
            await _answers(phone, 9)  # first uses are paid for here
            await _taps(phone, 2)
            await _echoes(echo, 9)
            answers: list[float] = []
            echoes: list[float] = []
            for _ in range(max(1, messages // 20)):  # side by side, so that both meet one load
                answers += await _answers(phone, 20)
                echoes += await _echoes(echo, 20)
            answered, done = await _taps(phone, max(10, messages // 4))
            busy = await _taps_while_busy(phone, max(10, messages // 4))
            paused, stopped = await pauses(phone, home / "home", max(5, messages // 4))
            await asyncio.sleep(5)
            memory = _memory(process.pid)
            idle = await _idle(process.pid)
    figures: dict[str, Any] = {
        "message_to_answer": summary(answers),
        "echo_bot": summary(echoes),
        "ratio_to_echo_p50": round(statistics.median(answers) / statistics.median(echoes), 2),
        "tap_to_answered": summary(answered),
        "tap_to_answered_while_busy": summary(busy),
        "tap_to_effect_done": summary(done),
        "pause_to_last_effect_sent": summary(paused) | {"effects_stopped": stopped},
        "start_to_ready_s": round(ready, 2),
        "memory_pss_mb": memory,
        "idle_cpu_percent_of_a_core": idle,
        "machine": machine(),
    }
    if as_json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
        return
    for name, value in figures.items():
        sys.stdout.write(f"{name}: {value}\n")
