"""``factotum up``: the same against real Telegram."""

import asyncio
import sys

from bot.app import App, assemble
from bot.doctor import check_token
from bot.lifetime import until_told
from bot.ready import forget, until_ready
from bot.serving import token_of
from bot.supervisor import only_one, prepare, running
from core import pairing
from core.errors import FactotumError
from core.settings import Settings
from core.storage.migrate import migrate


async def up(settings: Settings) -> None:
    """Runs bot and worker until told to end. Raises FactotumError where that can't be."""
    token_of(settings)
    prepare(settings.home)
    with only_one(settings.home):
        migrate(settings.database_path)
        app = assemble(settings)
        failures: list[FactotumError] = []
        broken = asyncio.Event()

        def failed(error: FactotumError) -> None:
            failures.append(error)
            broken.set()

        async def until_broken() -> None:
            await broken.wait()
            raise failures[0]

        async def announce() -> None:
            await until_ready(settings.home, "bot", "worker")
            sys.stdout.write(f"Factotum runs. Data: {settings.home}. Stop with Ctrl-C.\n")
            sys.stdout.flush()
            await asyncio.Event().wait()

        forget(settings.home, "bot", "worker")
        try:
            await _invite(app)
            async with running(settings, failed=failed):
                await until_told(until_broken(), announce())
        finally:
            await app.close()


async def _invite(app: App) -> None:
    """Prints a code where nobody is paired yet. Raises FactotumError for a refused token."""
    async with app.database.read() as connection:
        if await pairing.current(connection):
            return
    checked = await check_token(app.settings)  # a code for a bot that can't hear helps nobody
    if checked.refused:
        raise FactotumError(checked.health.detail, fix=checked.health.fix)
    if checked.health.status != "ok":
        sys.stdout.write(
            f"{checked.health.detail} {checked.health.fix}\n"
            "I start all the same and keep trying; until then nothing comes or goes in the chat.\n"
        )
    async with app.database.write() as connection:
        code = await pairing.offer(connection, app.clock)
    sys.stdout.write(f"Nobody is paired yet. Send your bot this within an hour: /start {code}\n")
    sys.stdout.flush()
