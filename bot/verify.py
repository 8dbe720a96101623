"""``factotum journal verify``: whether the record is whole."""

import sys

from core import journal
from core.errors import FactotumError
from core.settings import Settings
from core.storage.database import Database
from core.storage.migrate import migrate


async def verify(settings: Settings) -> int:
    """Prints the verdict; returns 0 where the chain is whole, else 1."""
    if not settings.database_path.exists():
        raise FactotumError(
            f"There is no database in {settings.home}.", fix="Name one with --home."
        )
    migrate(settings.database_path)
    database = Database(settings.database_path)
    try:
        async with database.read() as connection:
            found = await journal.verify(connection)
    finally:
        await database.close()
    if found.broken is not None:
        sys.stdout.write(
            f"The journal is broken at entry {found.broken}: {found.reason}. "
            f"The {found.entries} entries before it are whole.\n"
        )
        return 1
    sys.stdout.write(f"The journal is whole: {found.entries} entries, head {found.head}.\n")
    return 0
