"""One running demo for all tests of a pytest worker that don't need one of their own."""

from collections.abc import Iterator

import pytest
from driving import Demo, Phone, demo


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo shared by many tests: each looks only at what came after its own messages."""
    with demo(tmp_path_factory.mktemp("shared") / "home") as running:
        # Else it may come after a test's own message, and be taken for the answer to it.
        running.phone.heard(0, lambda m: "Welcome" in m["text"], wanted="the welcome")
        yield running


@pytest.fixture
def phone(house: Demo) -> Phone:
    """The shared demo's phone."""
    return house.phone
