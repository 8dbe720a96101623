"""Whether bot and worker have started."""

import asyncio
from datetime import datetime

from sqlalchemy import select

from bot.app import App
from core.storage.schema import setting

_KEYS = ("beat:bot", "beat:worker")


async def until_ready(app: App) -> None:
    """Returns when both processes have shown that they live since this call."""
    began = app.clock.now()
    while True:
        async with app.database.read() as connection:
            rows = await connection.execute(select(setting.c.value).where(setting.c.key.in_(_KEYS)))
        beats = [datetime.fromisoformat(row.value) for row in rows]
        if len(beats) == len(_KEYS) and all(beat >= began for beat in beats):
            return
        await asyncio.sleep(0.05)
