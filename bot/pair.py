"""``factotum pair``: a new one-time code, for a Factotum nobody is paired with yet."""

import sys

from core import pairing
from core.clock import SystemClock
from core.errors import FactotumError
from core.settings import Settings
from core.storage.database import Database
from core.storage.migrate import migrate


async def offer(settings: Settings) -> None:
    """Prints a code. Raises FactotumError where an operator is paired already."""
    migrate(settings.database_path)
    database = Database(settings.database_path)
    try:
        async with database.write() as connection:
            if await pairing.current(connection):
                raise FactotumError(
                    pairing.ALREADY,
                    fix="To start over, use another data folder with --home.",
                )
            code = await pairing.offer(connection, SystemClock())
    finally:
        await database.close()
    sys.stdout.write(f"Send your bot this within an hour: /start {code}\n")
