"""``factotum demo``: everything on this machine, with an example company and a sandbox phone."""

import asyncio
import contextlib
import sys
import webbrowser
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pydantic import SecretStr

from bot import seeded
from bot.lifetime import until_told
from bot.ready import forget, until_ready
from bot.sandbox import SandboxServer, create_app
from bot.seeded import OWNER_ID, OWNER_NAME
from bot.supervisor import environment, only_one, prepare, running
from core.errors import FactotumError
from core.settings import Settings

if TYPE_CHECKING:
    from bot.app import App

TOKEN = "1000000001:sandbox-token-worth-nothing-elsewhere"  # noqa: S105 - worth nothing elsewhere
HOST = "127.0.0.1"
_NOT_PLANTED = "The example company could not be set up: the process died without a word."
_AGAIN = "Start the demo again; it goes on from what is there."


async def demo(settings: Settings, *, port: int, browser: bool) -> None:
    """Runs the demo until it is told to end. Raises FactotumError where it can't start."""
    home = settings.home
    prepare(home)
    with only_one(home):
        await _serve(settings, port=port, browser=browser)


async def _serve(settings: Settings, *, port: int, browser: bool) -> None:
    world = World(settings)
    sandbox = create_app(
        store_path=settings.home / "sandbox.sqlite3",
        token=TOKEN,
        owner_id=OWNER_ID,
        owner_name=OWNER_NAME,
        world=world.read,
        world_file=world.file,
    )
    server = SandboxServer(sandbox, port=port, host=HOST, handle_signals=False)
    try:
        server.bind()
    except OSError as error:
        raise FactotumError(
            f"Port {port} is taken by another program.",
            fix="Stop that one, or choose another with --port.",
        ) from error
    port = server.port
    settings = settings.model_copy(
        update={
            "telegram_bot_token": SecretStr(TOKEN),
            "telegram_api_url": f"http://{HOST}:{port}",
        }
    )
    failures: list[FactotumError] = []
    broken = asyncio.Event()

    def failed(error: FactotumError) -> None:
        failures.append(error)
        broken.set()

    async def until_broken() -> None:
        await broken.wait()
        raise failures[0]

    forget(settings.home, "bot", "worker")
    serving = asyncio.create_task(server.serve())
    try:
        # Planting goes on while the others load: on a first start that is what takes longest.
        async with running(settings, failed=failed):
            await until_told(
                until_broken(),
                _plant_and_announce(settings, failed, port=port, browser=browser),
            )
    finally:
        server.should_exit = True  # after the bot has said its last word
        await serving
        await world.close()


async def _plant_and_announce(
    settings: Settings, failed: Callable[[FactotumError], None], *, port: int, browser: bool
) -> None:
    if not (settings.home / seeded.MARK).exists():
        planting = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.seed"),
            env=environment(settings),
            stderr=asyncio.subprocess.PIPE,
        )
        _, words = await planting.communicate()
        if planting.returncode != 0:
            last = words.decode(errors="replace").strip().splitlines()[-1:]
            failed(FactotumError(last[0] if last else _NOT_PLANTED, fix="" if last else _AGAIN))
            return
    await _announce(settings, port=port, browser=browser)


async def _announce(settings: Settings, *, port: int, browser: bool) -> None:
    address = f"http://{HOST}:{port}/"
    await until_ready(settings.home, "bot", "worker")
    sys.stdout.write(
        f"Factotum is ready. Your phone: {address} (this machine only)\n"
        f"Data: {settings.home}. Stop with Ctrl-C; it goes on from here next time.\n"
    )
    sys.stdout.flush()
    if browser:
        with contextlib.suppress(webbrowser.Error):
            await asyncio.to_thread(webbrowser.open, address)
    await asyncio.Event().wait()


class World:
    """The outside world beside the phone: what has really left the house."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app: App | None = None

    def _opened(self) -> "App":
        # Only a page asks for the world, and the connectors are heavy to load.
        from bot.app import assemble

        if self._app is None:
            self._app = assemble(self._settings)
        return self._app

    async def close(self) -> None:
        """Closes what was opened."""
        if self._app is not None:
            await self._app.close()

    async def read(self) -> dict[str, Any]:
        """Mail, calendar, files and ledger as they are now, newest first."""
        if not (self._settings.home / seeded.MARK).exists():
            return {}
        app = self._opened()
        await app.current.refresh()
        now = app.clock.now()
        entries = await app.calendar.between(now - timedelta(days=1), now + timedelta(days=60))
        return {
            "mail": [
                {
                    "id": mail.id,
                    "to": ", ".join(mail.to),
                    "subject": mail.subject,
                    "date": mail.date.isoformat(),
                    "text": mail.text,
                    "attachments": [
                        {"name": a.name, "size": a.size, "url": self._url(a.path)}
                        for a in mail.attachments
                    ],
                }
                for mail in await app.mail.sent(30)
            ],
            "calendar": [
                {
                    "uid": e.id,
                    "title": e.title,
                    "start": e.start.isoformat(),
                    "end": e.end.isoformat(),
                    "with": e.with_,
                }
                for e in entries[:30]
            ],
            "files": [
                {"name": f.name, "size": f.size, "url": self._url(f.path)}
                for f in (await app.files.list())[:30]
            ],
            "invoices": [
                {
                    "number": i.number,
                    "client": i.client_name,
                    "total": str(i.total),
                    "due": i.due_date.isoformat(),
                    "status": i.status,
                    "url": self._url(i.pdf_path),
                }
                for i in await app.billing.reads.list(30)
            ],
        }

    def file(self, path: str) -> Path | None:
        """Where a file of the world lies, or None."""
        try:
            found = self._opened().files.locate(path)
        except FactotumError:
            return None
        return found if found.is_file() else None

    @staticmethod
    def _url(path: str | None) -> str | None:
        return f"/phone/world/files/{quote(path)}" if path else None
