"""Commits of other connections are noticed, and nothing else is."""

import sqlite3
from pathlib import Path

from core.clock import ManualClock
from core.ids import new_id
from core.storage.changes import Changes
from core.storage.database import Database
from core.storage.schema import setting


async def _write(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        await connection.execute(
            setting.insert().values(key=new_id("key"), value="1", updated_at=clock.now())
        )


async def test_a_commit_is_noticed_once(database: Database, clock: ManualClock) -> None:
    changes = Changes(database.path)
    assert changes.any()  # what was there before is new to the one who asks
    assert not changes.any()
    await _write(database, clock)
    assert changes.any()
    assert not changes.any()
    async with database.read() as connection:
        await connection.execute(setting.select())
    assert not changes.any()
    with sqlite3.connect(database.path) as other:
        other.execute("DELETE FROM setting")
    other.close()
    assert changes.any()
    changes.close()


def test_a_file_that_can_not_be_opened_counts_as_changed(tmp_path: Path) -> None:
    changes = Changes(tmp_path / "none.db")
    assert changes.any()
    assert changes.any()
    assert not (tmp_path / "none.db").exists()
    changes.close()
