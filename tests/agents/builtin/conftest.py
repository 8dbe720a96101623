"""What the tests of the built-in understanding share."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agents.builtin.understand import Understanding, understand

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=BERLIN)


@pytest.fixture
def read() -> Callable[..., Understanding]:
    """Understands a message on a Monday morning in Berlin."""

    def _read(text: str, **changes: object) -> Understanding:
        return understand(text, **{"now": MONDAY, "zone": BERLIN, **changes})

    return _read
