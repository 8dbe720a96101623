"""``mail.send``, and the mails that were sent."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connectors.files import Files
from connectors.mail.maildir import Maildir
from connectors.mail.message import Attachment, SendParams, SendResult, build, mail_address
from connectors.mail.reading import SentMail, attachment_content, read
from connectors.mail.transport import Envelope, Transport
from core.actions import Action, Concern, Health, Reversal, Risk, Sensitive
from core.clock import Clock
from core.errors import FactotumError


class Mail:
    """Mail of the company."""

    name = "mail"

    def __init__(
        self,
        *,
        transport: Transport,
        maildir: Maildir,
        files: Files,
        clock: Clock,
    ) -> None:
        self._transport = transport
        self._maildir = maildir
        self._files = files
        self._clock = clock
        self._read: dict[str, SentMail] = {}

    def actions(self) -> tuple[Action, ...]:
        """``mail.send``."""
        return (
            Action(
                name="mail.send",
                params=SendParams,
                result=SendResult,
                risk=Risk.OUTSIDE,
                reversal=Reversal("irreversible", "a sent mail can't be called back"),
                perform=self.send,
                check=self.check,
                concerns=_recipients,
                sensitive={"to": Sensitive.RECIPIENT, "attachments": Sensitive.ATTACHMENT},
            ),
        )

    async def send(self, token: str, params: SendParams) -> SendResult:
        """Sends the mail, once per token.

        Raises FactotumError where an attachment is gone or changed, where the server refuses
        (see ``permanent``), and with ``ambiguous`` where the mail may be out.
        """
        done = await self.check(token, params)
        if done is not None:
            return done
        contents = [await self._content(attachment) for attachment in params.attachments]
        now = self._clock.now()
        content = await asyncio.to_thread(build, token, params, contents, at=now)
        envelope = Envelope(
            token=token,
            sender=params.sender,
            recipients=params.to,
            content=content,
            at=now,
        )
        return self._result(token, await self._transport.deliver(envelope))

    async def check(self, token: str, params: SendParams) -> SendResult | None:
        """The mail that went out under ``token``, or None."""
        content = await self._transport.delivered(token)
        return None if content is None else self._result(token, content)

    async def _content(self, attachment: Attachment) -> bytes:
        content = await self._files.read(attachment.path)
        found = hashlib.sha256(content).hexdigest()
        if attachment.sha256 is not None and found != attachment.sha256:
            raise FactotumError(
                f"The attachment {attachment.name!r} has changed since it was shown;"
                " nothing was sent.",
                fix="Look at the mail again and approve it anew.",
            )
        return content

    def _result(self, token: str, content: bytes) -> SendResult:
        mail = read(token, content, fallback=self._clock.now())
        names = tuple(attachment.name for attachment in mail.attachments)
        with_ = f", with {', '.join(names)}" if names else ""
        where = "" if self._transport.leaves_the_house else " (into the mailbox on this machine)"
        return SendResult(
            receipt=f"Sent “{mail.subject}” to {', '.join(mail.to)}{with_}{where}.",
            message_id=mail.message_id,
            to=mail.to,
            subject=mail.subject,
            sent_at=mail.date,
            attachments=names,
        )

    async def sent(self, limit: int = 50) -> tuple[SentMail, ...]:
        """The newest ``limit`` mails in the mailbox, newest first."""
        filed = await asyncio.to_thread(self._maildir.newest, limit)
        fresh: dict[str, SentMail] = {}
        for entry in filed:
            known = self._read.get(entry.token)
            if known is None:
                try:
                    content = await asyncio.to_thread(entry.path.read_bytes)
                except FileNotFoundError:  # a mail program moved it in this moment
                    continue
                fallback = datetime.fromtimestamp(entry.at, UTC)
                known = await self._located(read(entry.token, content, fallback=fallback))
            fresh[entry.token] = known
        # A message never changes under its name: what was read is good until it is gone.
        self._read = fresh
        return tuple(fresh.values())

    async def attachment(self, id: str, position: int) -> bytes | None:
        """The content of one attachment (from 0) of the sent mail ``id``, or None."""
        content = await asyncio.to_thread(self._maildir.find, id)
        return None if content is None else attachment_content(content, position)

    async def _located(self, mail: SentMail) -> SentMail:
        located = [
            replace(
                part, path=kept.path if (kept := await self._files.by_sha256(part.sha256)) else None
            )
            for part in mail.attachments
        ]
        return replace(mail, attachments=tuple(located))

    async def ping(self) -> Health:
        """Whether a mail could leave now."""
        return await self._transport.ping()


def _recipients(params: dict[str, Any]) -> Concern:
    """Where the mail goes: every address, sorted, whatever the recipient is called."""
    match params.get("to"):
        case [_, *_] as to:
            try:
                addresses = sorted({mail_address(address).casefold() for address in to})
            except (AttributeError, ValueError):  # a reference among them, or no address
                return Concern(unknown=frozenset({"counterparty"}))
            return Concern("; ".join(addresses))
        case _:
            return Concern(unknown=frozenset({"counterparty"}))
