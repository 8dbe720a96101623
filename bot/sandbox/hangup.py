"""Closing a connection without a word, which ASGI has no message for."""

from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HangUp:
    """Outermost middleware: turns the message ``sandbox.hang_up`` into a closed socket.

    It reaches for the server's transport as uvicorn keeps it. Under another server an
    answer is begun and left unfinished, which a client can't take for an answer either.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything else through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        transport: Any = getattr(getattr(send, "__self__", None), "transport", None)

        async def send_or_hang_up(message: Message) -> None:
            if message["type"] != "sandbox.hang_up":
                await send(message)
            elif transport is not None:
                transport.abort()
            else:
                headers = [(b"content-length", b"1")]
                await send({"type": "http.response.start", "status": 502, "headers": headers})

        await self.app(scope, receive, send_or_hang_up)
