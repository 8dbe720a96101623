"""``factotum memory export`` and ``import``: all of memory as JSON Lines."""

import asyncio
import sys
from pathlib import Path

from core.clock import SystemClock
from core.errors import FactotumError
from core.memory import transfer
from core.settings import Settings
from core.storage.database import Database
from core.storage.migrate import migrate


async def export(settings: Settings, *, out: Path | None) -> None:
    """Writes everything; to the standard output where no file is given."""
    if not await asyncio.to_thread(settings.database_path.exists):
        raise FactotumError("There is no memory here yet.", fix="Start Factotum once, or --home.")
    database = Database(settings.database_path)
    try:
        async with database.read() as connection:
            written = [line async for line in transfer.lines(connection)]
    finally:
        await database.close()
    content = "\n".join(written) + "\n"
    if out is None:
        sys.stdout.write(content)
    else:
        await asyncio.to_thread(out.write_text, content, encoding="utf-8")


async def read(settings: Settings, *, source: Path) -> None:
    """Adds what a file holds; rows that are here already stay as they are."""
    try:
        content = await asyncio.to_thread(source.read_text, encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise FactotumError(f"{source.name} can't be read.") from None
    await asyncio.to_thread(settings.home.mkdir, parents=True, exist_ok=True)
    await asyncio.to_thread(migrate, settings.database_path)
    database = Database(settings.database_path)
    try:
        async with database.write() as connection:
            done = await transfer.read(connection, SystemClock(), content.split("\n"))
    finally:
        await database.close()
    sys.stdout.write(f"{done.new} rows imported; {done.known} were here already.\n")
