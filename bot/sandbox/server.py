"""Serving the sandbox on this machine."""

import socket

import uvicorn

from bot.sandbox.app import SandboxApp
from bot.sandbox.webhook import LOOPBACK


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
                timeout_keep_alive=75,
                timeout_graceful_shutdown=2,
                ws="none",
            )
        )
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops within about two seconds, whatever is still connected."""
        self._app.release()
        await super().shutdown(sockets)
