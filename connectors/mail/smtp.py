"""Mail through an SMTP server, with an answer to "did it go out?" after any crash."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Literal

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from connectors.mail.maildir import Maildir
from connectors.mail.transport import Envelope
from core import gate
from core.actions import Health
from core.errors import FactotumError

_PING_SECONDS = 5.0


class SmtpTransport:
    """One SMTP server. ``maildir`` keeps the sent copies and what is under way.

    The message is noted in the Maildir before DATA and filed as sent after the server took
    it. So: filed means sent; neither filed nor noted means certainly not sent; noted only
    means that the server had the message and nobody heard its answer.
    ``timeout`` is in seconds, per step of the conversation.
    """

    leaves_the_house = True

    def __init__(
        self,
        *,
        maildir: Maildir,
        host: str,
        port: int,
        username: str = "",
        password: str = "",
        tls: Literal["starttls", "tls", "none"] = "starttls",
        timeout: float = 30.0,
    ) -> None:
        self.maildir = maildir
        self._host = host
        self._port = port
        self._username = username
        self._password = password
        self._tls = tls
        self._timeout = timeout

    async def deliver(self, envelope: Envelope) -> bytes:
        """Sends once per token; all recipients or none."""
        sent = await self.delivered(envelope.token)
        if sent is not None:
            return sent
        async with self._session(self._timeout) as client:
            try:
                await client.mail(envelope.sender)
                for recipient in envelope.recipients:
                    await client.rcpt(recipient)
            except (SMTPException, OSError) as error:
                raise self._not_sent(error) from error
            await gate.last_call()  # the server may have kept us waiting
            await self._hand_over(client, envelope)
        return envelope.content

    async def _hand_over(self, client: SMTP, envelope: Envelope) -> None:
        begun = await asyncio.to_thread(self.maildir.begin, envelope.token, envelope.content)
        if not begun:  # another process got here first, after our look above
            raise self._unknown()
        try:
            await client.data(envelope.content)
        except SMTPDataError as error:
            await asyncio.to_thread(self.maildir.abandon, envelope.token)
            raise self._not_sent(error) from error
        except (SMTPException, OSError) as error:
            raise self._unknown() from error
        await asyncio.to_thread(self.maildir.complete, envelope.token, envelope.at)

    async def delivered(self, token: str) -> bytes | None:
        """The sent copy; None where the mail is certainly not out; else raises, ambiguous."""
        return await asyncio.to_thread(self._delivered, token)

    def _delivered(self, token: str) -> bytes | None:
        # The marker first: it may turn into the sent copy between the two looks.
        under_way = self.maildir.under_way(token)
        sent = self.maildir.find(token)
        if sent is None and under_way:
            raise self._unknown()
        return sent

    async def ping(self) -> Health:
        """Whether the server answers and lets us in, within a few seconds."""
        name = f"{self._host}:{self._port}"
        try:
            async with self._session(_PING_SECONDS):
                pass
        except FactotumError as error:
            detail = error.message.replace("; nothing was sent", "")
            return Health("mail", "failed", detail, error.fix)
        return await asyncio.to_thread(self.maildir.health, f"The mail server {name} answers.")

    @asynccontextmanager
    async def _session(self, seconds: float) -> AsyncGenerator[SMTP]:
        client = SMTP(
            hostname=self._host,
            port=self._port,
            timeout=seconds,
            use_tls=self._tls == "tls",
            start_tls=self._tls == "starttls",
            username=self._username or None,
            password=self._password or None,
            local_hostname="localhost",  # else a slow look-up of this machine's name
        )
        try:
            await client.connect()
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            # A failed handshake comes wrapped as "can't connect", which would be tried for ever.
            wrapped = error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error
            raise self._not_sent(wrapped) from error
        try:
            yield client
        finally:
            with suppress(SMTPException, OSError):
                await client.quit(timeout=2)
            client.close()

    def _unknown(self) -> FactotumError:
        return FactotumError(
            "The mail server had the mail but its answer never came, so the mail may or may"
            " not be out.",
            fix="Look into the mail provider's sent folder before it is sent again.",
            permanent=False,
            ambiguous=True,
        )

    def _not_sent(self, error: Exception) -> FactotumError:
        """``error`` as a sentence; every case of it means that nothing went out."""
        name = f"{self._host}:{self._port}"
        match error:
            case SMTPAuthenticationError():
                return FactotumError(
                    f"The mail server {name} refused the user name or password; nothing was sent.",
                    fix="Check the mail user name and password in the settings.",
                )
            case SMTPRecipientRefused():
                who, permanent = error.recipient, error.code >= 500
                what = "does not accept" if permanent else "does not accept for now"
                return FactotumError(
                    f"The mail server {what} the recipient {who}"
                    f" ({_answer(error)}); nothing was sent.",
                    fix="Check the address." if permanent else "It is tried again later.",
                    permanent=permanent,
                )
            case SMTPSenderRefused():
                return FactotumError(
                    f"The mail server does not accept the sender {error.sender}"
                    f" ({_answer(error)}); nothing was sent.",
                    fix="Check the sender's address in the settings.",
                    permanent=error.code >= 500,
                )
            case SMTPNotSupported():
                return FactotumError(
                    f"The mail server {name} does not offer what the settings ask for"
                    f" ({error.message}); nothing was sent.",
                    fix="Check the mail server's TLS and login settings.",
                )
            case SMTPResponseException():
                permanent = error.code >= 500
                return FactotumError(
                    f"The mail server {name} refused the mail ({_answer(error)});"
                    " nothing was sent.",
                    fix="" if permanent else "It is tried again later.",
                    permanent=permanent,
                )
            case ssl.SSLError():
                return FactotumError(
                    f"No safe connection to the mail server {name} ({error.reason});"
                    " nothing was sent.",
                    fix="Check the mail server's name, port and TLS setting.",
                )
            case SMTPTimeoutError() | TimeoutError():
                return FactotumError(
                    f"The mail server {name} did not answer in time; nothing was sent.",
                    fix="It is tried again later.",
                    permanent=False,
                )
            case SMTPConnectError() | SMTPServerDisconnected() | OSError():
                return FactotumError(
                    f"The mail server {name} can't be reached; nothing was sent.",
                    fix="Check the network and the mail server's name and port.",
                    permanent=False,
                )
            case _:
                return FactotumError(
                    f"The mail server {name} could not be used ({type(error).__name__});"
                    " nothing was sent.",
                    fix="Check the mail settings.",
                )


def _answer(error: SMTPResponseException) -> str:
    """The server's code and first line, cut short: foreign text, told as such."""
    line = error.message.splitlines()[0] if error.message else ""
    printable = "".join(c for c in line if c.isprintable())[:160]
    return f"{error.code} {printable}".strip()
