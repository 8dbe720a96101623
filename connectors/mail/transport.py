"""The port between a finished message and the way it leaves the house."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.actions import Health


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One message ready to go: ``content`` is RFC 5322 in 7-bit bytes with CRLF."""

    token: str
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    at: datetime


class Transport(Protocol):
    """A way out. Once per token, whatever happens in between."""

    leaves_the_house: bool
    """False where the mail stays on this machine."""

    async def deliver(self, envelope: Envelope) -> bytes:
        """Delivers once per token and returns the message as it was delivered.

        Raises FactotumError; ``ambiguous`` where the mail may be out all the same.
        """
        ...

    async def delivered(self, token: str) -> bytes | None:
        """The message delivered under ``token``; None where it certainly is not out.

        Raises FactotumError with ``ambiguous`` where that can't be told.
        """
        ...

    async def ping(self) -> Health:
        """Whether a mail could leave now; never raises."""
        ...
