"""``factotum bench kernel``: the durable kernel beside LangGraph, DBOS and plain arq."""

import asyncio
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from bot.bench.engines.turn import Load
from bot.bench.figures import load, machine
from bot.bench.recovery import recovery
from bot.bench.waking import waking
from core.errors import FactotumError

_ENGINES = ("ours", "langgraph", "dbos", "dbos_wal")
_PACKAGES = ("langgraph", "langgraph-checkpoint-sqlite", "dbos", "sqlalchemy", "aiosqlite", "arq")
_AT_ONCE = 64
_STEPS_AT_ONCE = 20
_RUNS = 4
_LONGEST = 600.0
"""Seconds until a turn is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured; zero leaves a part out."""

    rounds: int
    steps: int
    kills: int
    wakes: int


async def kernel(size: Size, *, folder: Path | None, as_json: bool) -> None:
    """Measures and prints. Raises FactotumError where the other engines aren't installed."""
    figures: dict[str, Any] = {"machine": machine()}
    with tempfile.TemporaryDirectory(prefix="factotum-bench-", dir=folder) as made:
        place = Path(made)
        if size.rounds > 0:
            figures |= await _steps(place, size)
        if size.kills > 0:
            (place / "kills").mkdir()
            figures["recovery_after_a_kill"] = await recovery(place / "kills", kills=size.kills)
        if size.wakes > 0:
            (place / "wakes").mkdir()
            figures["waking"] = await waking(place / "wakes", wakes=size.wakes)
    figures["machine"]["load_at_the_end"] = load()
    if as_json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
        return
    for name, value in figures.items():
        sys.stdout.write(f"{name}: {value}\n")


def _versions() -> dict[str, str]:
    try:
        return {name: version(name) for name in _PACKAGES} | {"sqlite": sqlite3.sqlite_version}
    except PackageNotFoundError:
        raise FactotumError(
            "LangGraph and DBOS, which this measures beside, are not installed: run"
            " `uv run --group bench factotum bench kernel`."
        ) from None


async def _steps(place: Path, size: Size) -> dict[str, Any]:
    versions = _versions()
    turns: dict[str, list[dict[str, Any]]] = {name: [] for name in _ENGINES}
    loads: list[float] = []
    disk: list[float] = []
    for number in range(size.rounds):  # taking turns, so that all meet one load
        for name in _ENGINES:
            loads.append(load()[0])
            own = place / f"{number}-{name}"
            own.mkdir()
            disk.append(await asyncio.to_thread(_flush, own))
            turns[name].append(await _turn(name, _load(own, size)))
    engines = {name: _summary(turns[name]) for name in _ENGINES}
    ours = engines.pop("ours")
    return {
        "versions": versions,
        "disk": {"filesystem": _filesystem(place), "flush_ms_p50": _middle(disk, 2)},
        "steps": {
            "chain": {"serial": size.steps, "at_64": _STEPS_AT_ONCE},
            "rounds": size.rounds,
            "load": {"least": min(loads), "p50": _middle(loads, 2), "most": max(loads)},
            "ours": ours,
            **engines,
            "ours_to": {name: _ratios(turns["ours"], turns[name]) for name in engines},
        },
    }


def _load(own: Path, size: Size) -> Load:
    return Load(
        folder=str(own),
        steps=size.steps,
        runs=_RUNS,
        at_once=_AT_ONCE,
        steps_at_once=_STEPS_AT_ONCE,
    )


async def _turn(name: str, work: Load) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.bench.engines", name, json.dumps(asdict(work))),
        env=dict(os.environ) | {"LANGSMITH_TRACING": "false"},
        cwd=work.folder,  # what an engine leaves beside its database goes with it
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_LONGEST):
            out, err = await process.communicate()
    except TimeoutError:
        raise FactotumError(f"{name} took too long; the benchmark was stopped.") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        reason = err.decode().strip().splitlines() or ["it said nothing"]
        raise FactotumError(f"{name} failed ({reason[-1]}); the benchmark was stopped.")
    return json.loads(out.decode().splitlines()[-1])


def _middle(values: list[float], digits: int = 1) -> float:
    return round(statistics.median(values), digits)


def _spread(values: list[float]) -> list[float]:
    return [round(min(values), 1), round(max(values), 1)]


def _summary(turns: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians of all turns; of several ways to do many at once, the better one counts."""
    serial = [rate for turn in turns for rate in turn["serial"]]
    ways = {way: [turn["at_once"][way] for turn in turns] for way in turns[0]["at_once"]}
    best = _best(turns)
    alone = [rate for turn in turns for rate in turn["serial_alone"]]
    return {
        "serial_per_s": _middle(serial),
        "serial_range": _spread(serial),
        **({"serial_without_storing_the_plan_per_s": _middle(alone)} if alone else {}),
        "serial_cpu_ms_per_step": _middle([ms for turn in turns for ms in turn["cpu_ms"]], 2),
        "at_64_per_s": _middle(ways[best]),
        "at_64_range": _spread(ways[best]),
        "at_64_by": best,
        "at_64_all_ways_per_s": {way: _middle(rates) for way, rates in ways.items()},
        "sqlite": turns[0]["sqlite"],
    }


def _ratios(ours: list[dict[str, Any]], others: list[dict[str, Any]]) -> dict[str, float]:
    """How many times as quick ours is: the median of all rounds, each compared within itself."""
    pairs = list(zip(ours, others, strict=True))
    best = _best(others)
    return {
        "serial": _middle(
            [statistics.median(a["serial"]) / statistics.median(b["serial"]) for a, b in pairs], 2
        ),
        "at_64": _middle([a["at_once"][_best(ours)] / b["at_once"][best] for a, b in pairs], 2),
    }


def _best(turns: list[dict[str, Any]]) -> str:
    """The way to do many at once that is the quickest by its median."""
    ways: dict[str, float] = {
        way: statistics.median(turn["at_once"][way] for turn in turns)
        for way in turns[0]["at_once"]
    }
    return max(ways, key=lambda way: ways[way])


def _flush(folder: Path) -> float:
    """Milliseconds that the disk takes to keep a page."""
    times: list[float] = []
    with (folder / "flush").open("wb", buffering=0) as file:
        for _ in range(50):
            file.write(bytes(4096))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def _filesystem(place: Path) -> str:
    parts = psutil.disk_partitions(all=True)
    around = [part for part in parts if place.is_relative_to(part.mountpoint)]
    return max(around, key=lambda part: len(part.mountpoint)).fstype if around else "unknown"
