"""A mail server that keeps count: how often each mail came, by its operation token."""

import email
import socket
from collections import Counter, deque
from contextlib import suppress
from email.message import EmailMessage
from email.policy import default
from typing import Any, Literal

from aiosmtpd.controller import Controller

Death = Literal["taken", "lost"]
"""How the server dies after DATA: with the mail taken, or lost with it."""


class Provider:
    """The server: takes mail, and dies after DATA as often as told to."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.deaths: deque[Death] = deque()
        self.died = 0
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    @property
    def settings(self) -> dict[str, str]:
        """The environment that makes a demo use it."""
        return {
            "FACTOTUM_SMTP_HOST": "127.0.0.1",
            "FACTOTUM_SMTP_PORT": str(self.port),
            "FACTOTUM_SMTP_TLS": "none",
        }

    @property
    def counts(self) -> Counter[str]:
        """How many mails came under each token."""
        return Counter(str(mail["X-Factotum-Token"]) for mail in self.mails)

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        """Takes one mail; aiosmtpd calls it when the last line of it has come."""
        death = self.deaths.popleft() if self.deaths else None
        if death != "lost":
            mail = email.message_from_bytes(envelope.content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        if death:
            self.died += 1
            server.transport.abort()  # no answer ever comes
        return "250 OK"

    def close(self) -> None:
        """Serves no more."""
        with suppress(Exception):
            self._controller.stop()
