"""The worker's care for memory's index: it follows what is kept, and is made anew where needed."""

import asyncio
import time
from typing import Any

import structlog

from bot.app import App
from bot.cards.talk import note
from bot.health import note_trouble
from core.errors import FactotumError
from core.ids import new_id
from core.memory.indexing import Keeper
from core.storage.changes import Changes
from core.storage.database import TROUBLE

log: Any = structlog.get_logger()

_CALM = 3.0
"""Seconds after the start until the first look: what makes vectors is heavy to load."""
_LOOK = 0.5
"""Seconds between two looks, so that what was kept is found within one."""
_WHOLE = 30.0
"""Seconds between two looks at the index itself where nothing happened."""
_REST = 10.0
"""Seconds after a failure."""
_MANY = 2_000
"""Memories from which making the index anew takes long enough to be told."""
_TELL = 5.0
"""Seconds between two words on how far it is."""


async def keep_index(app: App) -> None:
    """Keeps the index level with the database for as long as the worker lives."""
    keeper, changes = Keeper(app.database, app.index), Changes(app.database.path)
    trouble: str | None = None
    seen = -1
    looked: float | None = None
    await asyncio.sleep(_CALM)
    try:
        while True:
            rest, found = _LOOK, trouble
            long_ago = looked is None or time.monotonic() - looked > _WHOLE
            try:
                if changes.any() or long_ago:
                    head = await keeper.head()
                    if head != seen or long_ago:
                        found = await _one(app, keeper)
                        seen, looked = head, time.monotonic()
            except FactotumError as error:
                found, rest, looked = error.sentence(), _REST, None
            except TROUBLE:
                log.exception("index_failed")
                rest, looked = _REST, None
            if found != trouble:
                async with app.database.write() as connection:
                    await note_trouble(connection, app.clock, "index", found)
                trouble = found
            await asyncio.sleep(rest)
    finally:
        changes.close()


async def _one(app: App, keeper: Keeper) -> str | None:
    """Follows once; returns what is degraded. A long rebuild is told, and how far it is."""
    state = await app.index.state()
    count = await keeper.count() if state.health in ("empty", "other_model") else 0
    if count >= _MANY:
        await _made_anew(app, keeper, count)
    else:
        await keeper.catch_up()
    because = (await app.index.state()).detail.get("because")
    return str(because) if because else None


async def _made_anew(app: App, keeper: Keeper, count: int) -> None:
    subject, done = new_id("idx"), 0

    def progress(items: int) -> None:
        nonlocal done
        done = items

    async def tell(text: str) -> None:
        async with app.database.write() as connection:
            if not await app.presenter.turn(connection, subject, note(text)):
                await app.presenter.say(connection, note(text), subject=subject)
        await app.queue.wake_courier()

    making = asyncio.create_task(keeper.catch_up(progress))
    try:
        while not making.done():
            await tell(
                f"Memory's index is made anew: {done} of {count} memories. Until it is done I find"
                " some of them by their words alone."
            )
            await asyncio.wait([making], timeout=_TELL)
        await making
    finally:
        making.cancel()
    await tell(f"Memory's index is complete again: {count} memories.")
