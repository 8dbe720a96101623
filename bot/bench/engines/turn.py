"""What the engines share: what they have to do, and the watch that they are measured with."""

import importlib
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What an engine has to do in one turn."""

    folder: str
    steps: int
    runs: int
    at_once: int
    steps_at_once: int

    @property
    def place(self) -> Path:
        """The folder for the engine's database."""
        return Path(self.folder)


@dataclass(slots=True)
class Turn:
    """What was measured: steps a second of each serial run, and of many runs by each way."""

    serial: list[float] = field(default_factory=list[float])
    serial_alone: list[float] = field(default_factory=list[float])
    """Ours only: without storing the plan, which the others do in their run."""
    cpu_ms: list[float] = field(default_factory=list[float])
    """Processor time of a serial step, of all threads."""
    at_once: dict[str, float] = field(default_factory=dict[str, float])
    sqlite: dict[str, Any] = field(default_factory=dict[str, Any])

    @contextmanager
    def one(self, steps: int) -> Generator[None]:
        """Measures one serial run."""
        began, used = time.perf_counter(), time.process_time()
        yield
        self.serial.append(steps / (time.perf_counter() - began))
        self.cpu_ms.append((time.process_time() - used) * 1000 / steps)

    @contextmanager
    def many(self, way: str, load: Load) -> Generator[None]:
        """Measures many runs at once."""
        began = time.perf_counter()
        yield
        seconds = time.perf_counter() - began
        self.at_once[way] = load.at_once * load.steps_at_once / seconds


def check(result: int, steps: int) -> None:
    """Raises RuntimeError where a chain of ``steps`` did not give their number."""
    if result != steps:
        raise RuntimeError(f"the chain gave {result} instead of {steps}")


def pragmas(connection: Any) -> dict[str, Any]:
    """How a connection of Python's driver writes."""
    return {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous")
    }


def peer(name: str) -> Any:
    """A module of the group ``bench``, which nothing else may import."""
    return importlib.import_module(name)
