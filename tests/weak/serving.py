"""SmolLM2-135M on loopback for the length of a block."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

NAME = "local:smollm2"
"""How FACTOTUM_MODEL_SMALL names it."""


@dataclass(frozen=True, slots=True)
class Served:
    """The model's server: its address for FACTOTUM_MODEL_URL, and its process."""

    url: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """Ends it as a crash would."""
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def served(how: Literal["tools", "prose"]) -> Iterator[Served]:
    """A server on a free port, ready to be asked. See server.py for ``how``."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("server.py")), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    try:
        url = process.stdout.readline().strip()
        assert url, f"the model's server ended with {process.wait()}"
        yield Served(url, process)
    finally:
        process.stdin.close()
        process.kill()
        process.wait()
        process.stdout.close()
