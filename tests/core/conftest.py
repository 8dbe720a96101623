"""The kernel's tests run on a real database and an outside that counts."""

import pytest
from kernel_fakes import Kernel

from core.clock import ManualClock
from core.storage.database import Database


@pytest.fixture
def kernel(database: Database, clock: ManualClock) -> Kernel:
    """A director, a worker and a shop."""
    return Kernel(database, clock)
