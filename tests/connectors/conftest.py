"""What the connectors' tests share: a clock, a folder of files, a fresh ledger."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import core.storage.ledger  # noqa: F401 - puts the ledger's tables into the metadata
from connectors.files import Files
from core.clock import ManualClock
from core.storage.base import metadata
from core.storage.database import Database


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 23, 22, 30, tzinfo=UTC))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(root=tmp_path / "files")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(tmp_path / "factotum.sqlite3")
    async with database.write() as connection:
        await connection.run_sync(metadata.create_all)
    yield database
    await database.close()
