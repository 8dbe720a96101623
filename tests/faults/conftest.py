"""What the fault tests share: the phone's driver, a mail server, and what was reached."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from points import points
from provider import Provider


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A mail server that keeps count."""
    server = Provider()
    yield server
    server.close()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Says which fault points the run reached, and at which of them somebody died."""
    reached: set[str] = set()
    died: list[str] = []
    kills = 0
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        told = dict(getattr(report, "user_properties", ()))
        if report.when == "call" and "faults" in told:
            found = json.loads(told["faults"])
            reached.update(found["seen"])
            died += found["died"]
            kills += found["kills"]
    if reached:
        never = sorted(set(points()) - reached)
        terminalreporter.section("fault points")
        terminalreporter.line(
            f"{kills} kills; of {len(points())} points {len(reached)} were reached, and somebody "
            f"died at {len(set(died))}. Never reached: {', '.join(never) or 'none'}"
        )
