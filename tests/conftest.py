"""What all rooms' tests share: a clock that stands still and a migrated database in no time."""

import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from core.clock import ManualClock
from core.storage.database import Database
from core.storage.migrate import migrate

# How long an example takes depends on the machine's load, and is no property of the code.
settings.register_profile("factotum", deadline=None)
settings.load_profile("factotum")


@pytest.fixture(scope="session", autouse=True)
def _quiet_logs() -> Iterator[None]:
    """Log lines are rendered and dropped: the default would paint tracebacks for seconds."""
    structlog.configure(
        processors=[structlog.processors.JSONRenderer(default=repr)],
        logger_factory=structlog.ReturnLoggerFactory(),
    )
    yield
    structlog.reset_defaults()


@pytest.fixture
def clock() -> ManualClock:
    """A Monday morning in November."""
    return ManualClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def migrated_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database at this version's schema, made once per process and copied from then on."""
    path = tmp_path_factory.mktemp("template") / "factotum.db"
    migrate(path)
    return path


@pytest.fixture
async def database(tmp_path: Path, migrated_template: Path) -> AsyncIterator[Database]:
    """A fresh database with this version's tables and triggers."""
    path = tmp_path / "factotum.db"
    shutil.copy(migrated_template, path)
    database = Database(path)
    yield database
    await database.close()
