"""Serving the sandbox on this machine."""

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

from bot.sandbox.app import SandboxApp
from bot.sandbox.webhook import LOOPBACK

_LOOK_EVERY_S = 0.25


class SandboxServer(uvicorn.Server):
    """A loopback server that lets go of waiting polls and pages before it stops.

    Await ``serve()``; setting ``should_exit`` ends it. With ``handle_signals`` off, SIGINT and
    SIGTERM are left to the caller. ``port`` 0 takes any free one; ``port`` tells which.
    """

    def __init__(
        self,
        app: SandboxApp,
        *,
        port: int,
        host: str = "127.0.0.1",
        handle_signals: bool = True,
    ) -> None:
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
        self.port = port
        self._host = host
        self._app = app
        self._handle_signals = handle_signals
        self._listener: socket.socket | None = None

    def bind(self) -> None:
        """Takes the port; raises ``OSError`` where another program has it.

        ``serve`` does so itself when it hasn't been done. From here on callers can connect,
        and wait until the server is up.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # The protocol is named because asyncio turns Nagle's delay off only where it is.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._host, self.port))
            listener.listen(128)
        except OSError:
            listener.close()
            raise
        self.port = int(listener.getsockname()[1])
        self._listener = listener

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves until told to stop; raises ``OSError`` where the port is taken."""
        if sockets is None:
            if self._listener is None:
                self.bind()
            sockets = [self._listener] if self._listener is not None else None
        await super().serve(sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Listens for SIGINT and SIGTERM, unless the caller does."""
        if not self._handle_signals:
            yield
            return
        with super().capture_signals():
            yield

    async def main_loop(self) -> None:
        """Waits for the end; uvicorn's own loop wakes ten times a second to tell the date."""
        while not self.should_exit:  # noqa: ASYNC110 - signals set a flag, not an event
            await asyncio.sleep(_LOOK_EVERY_S)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops within about two seconds, whatever is still connected."""
        self._app.release()
        await super().shutdown(sockets)
