"""Serving the sandbox on this machine."""

import asyncio
import socket

import uvicorn

from bot.sandbox.app import SandboxApp
from bot.sandbox.webhook import LOOPBACK

_LOOK_EVERY_S = 0.25


class SandboxServer(uvicorn.Server):
    """A server that lets go of waiting polls and pages before it stops."""

    def __init__(self, app: SandboxApp, *, port: int, host: str = "127.0.0.1") -> None:
        if host not in LOOPBACK:
            raise ValueError("the sandbox serves this machine only: use 127.0.0.1 or ::1")
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_level="warning",
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=2,
                ws="none",
            )
        )
        self._app = app

    async def main_loop(self) -> None:
        """Waits for the end; uvicorn's own loop wakes ten times a second to tell the date."""
        while not self.should_exit:  # noqa: ASYNC110 - signals set a flag, not an event
            await asyncio.sleep(_LOOK_EVERY_S)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops within about two seconds, whatever is still connected."""
        self._app.release()
        await super().shutdown(sockets)
