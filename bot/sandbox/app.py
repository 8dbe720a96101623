"""The whole sandbox as one web application."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.sandbox.api import BotApi, download
from bot.sandbox.hangup import HangUp
from bot.sandbox.person import People
from bot.sandbox.phone import local_host, phone_routes
from bot.sandbox.telegram import Telegram
from bot.sandbox.world import World

_PAGE = Path(__file__).parent / "page"
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_ASSETS = {path.name: path for path in _PAGE.iterdir() if path.suffix in _TYPES}
# Eval stays open to browser drivers, which wait on expressions; no script can be injected.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


class SandboxApp(Starlette):
    """Starlette, with a way to hang up on a caller."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        await HangUp(super().__call__)(scope, receive, send)

    def release(self) -> None:
        """Ends waiting polls and open pages, so that the server can stop at once."""
        self.state.telegram.release()


def create_app(
    *,
    store_path: Path,
    token: str,
    owner_id: int,
    owner_name: str,
    world: Callable[[], Awaitable[dict[str, Any]]] | None = None,
    world_file: Callable[[str], Path | None] | None = None,
) -> SandboxApp:
    """A local Telegram: the Bot API for ``token`` and the phone of its owner.

    ``store_path`` is a SQLite file that keeps the chat, the updates not yet confirmed and all
    ids across restarts; uploaded files lie in a folder next to it. ``world`` tells what the
    side panel shows, ``world_file`` finds a file of it by path or returns None. Serve it on
    loopback only, as ``bot.sandbox.serve`` does.
    """
    telegram = Telegram(
        store_path=store_path, token=token, owner_id=owner_id, owner_name=owner_name
    )
    outside = World(telegram.bus, world, world_file)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        telegram.webhook.start()
        outside.start()
        try:
            yield
        finally:
            outside.stop()
            telegram.close()

    api = BotApi(telegram)
    app = SandboxApp(
        routes=[
            Route("/bot{token}/{method}", api),
            Route("/file/bot{token}/{path:path}", download, methods=["GET"]),
            *phone_routes(),
            Route("/{asset:path}", _asset, methods=["GET"]),
        ],
        lifespan=lifespan,
    )
    app.state.telegram = telegram
    app.state.people = People(telegram)
    app.state.world = outside
    return app


async def _asset(request: Request) -> Response:
    path = _ASSETS.get(request.path_params["asset"] or "index.html")
    if path is None or not local_host(request):
        return PlainTextResponse("Not Found", 404)
    return FileResponse(
        path,
        media_type=_TYPES[path.suffix],
        headers={
            "Content-Security-Policy": _POLICY,
            "Cache-Control": "no-cache",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        },
    )
