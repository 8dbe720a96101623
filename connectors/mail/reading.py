"""Sent mail, read back from its bytes."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import default
from email.utils import parseaddr, parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class SentAttachment:
    """A file in a sent mail. ``path`` is where the files folder has the same content, if so."""

    name: str
    size: int
    path: str | None
    sha256: str
    mime: str


@dataclass(frozen=True, slots=True)
class SentMail:
    """A sent mail. ``id`` is the operation token; ``date`` is aware; ``text`` is plain."""

    id: str
    message_id: str
    to: tuple[str, ...]
    to_names: tuple[str, ...]
    subject: str
    date: datetime
    text: str
    attachments: tuple[SentAttachment, ...]


def read(token: str, content: bytes, *, fallback: datetime) -> SentMail:
    """The mail in ``content``, tolerating what other programs put into the mailbox.

    ``fallback`` stands in for a missing or broken date.
    """
    message = message_from_bytes(content, policy=default)
    people = [parseaddr(part) for part in _recipients(message)]
    body = message.get_body(preferencelist=("plain", "html"))
    return SentMail(
        id=token,
        message_id=str(message.get("Message-ID", "")).strip(),
        to=tuple(address for _, address in people),
        to_names=tuple(name for name, _ in people),
        subject=str(message.get("Subject", "")),
        date=sent_at(message, fallback),
        text="" if body is None else text_of(body),
        attachments=tuple(_attachment(part) for part in message.iter_attachments()),
    )


def attachment_content(content: bytes, position: int) -> bytes | None:
    """The bytes of the attachment at ``position`` (from 0), or None."""
    message = message_from_bytes(content, policy=default)
    parts = list(message.iter_attachments())
    return _payload(parts[position]) if 0 <= position < len(parts) else None


def _recipients(message: EmailMessage) -> list[str]:
    header = message.get("To")
    addresses = getattr(header, "addresses", ())
    return [str(address) for address in addresses]


def sent_at(message: EmailMessage, fallback: datetime) -> datetime:
    """When a mail says that it was sent; ``fallback`` where that is missing or broken."""
    try:
        parsed = parsedate_to_datetime(str(message["Date"]))
    except (TypeError, ValueError):
        return fallback
    return parsed if parsed.tzinfo is not None else fallback


def text_of(part: MIMEPart) -> str:
    """The text of a part, whatever its charset."""
    try:
        content = part.get_content()
    except (LookupError, KeyError):  # an unknown charset or type
        return _payload(part).decode(errors="replace")
    return content.replace("\r\n", "\n") if isinstance(content, str) else ""


def _payload(part: MIMEPart) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _attachment(part: MIMEPart) -> SentAttachment:
    payload = _payload(part)
    return SentAttachment(
        name=part.get_filename() or "attachment",
        size=len(payload),
        path=None,
        sha256=hashlib.sha256(payload).hexdigest(),
        mime=part.get_content_type(),
    )
