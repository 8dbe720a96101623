"""From the parameters of ``mail.send`` to the bytes that go out."""

import re
from collections.abc import Sequence
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator

from connectors.durable import token_key
from core.actions import Params, Result
from core.errors import FactotumError

TOKEN_HEADER = "X-Factotum-Token"  # noqa: S105 - a header's name
_POLICY = SMTP.clone(cte_type="7bit", max_line_length=78)
_LINE_BREAKS = re.compile(r"[\r\n\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]")
_BODY_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}\Z")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z")
_MIME = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,60}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,60}\Z")


def mail_address(text: str) -> str:
    """``text`` as a plain address for the wire (an international domain in its ASCII form).

    Raises ValueError with a sentence for a person where it is none.
    """
    wanted = text.strip()
    local, at, domain = wanted.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower() if domain else ""
    except UnicodeError:
        ascii_domain = ""
    labels = ascii_domain.split(".")
    good = (
        at
        and _LOCAL.match(local)
        and not local.startswith(".")
        and not local.endswith(".")
        and ".." not in local
        and all(_LABEL.match(label) for label in labels)
        and len(ascii_domain) <= 253
    )
    if not good:
        raise ValueError(f"{text!r} is not a mail address")
    return f"{local}@{ascii_domain}"


def one_line(text: str) -> str:
    """``text`` where it is fit for a header. Raises ValueError for line breaks and controls."""
    if _LINE_BREAKS.search(text):
        raise ValueError("a mail header must be one line without control characters")
    return text.strip()


class Attachment(Params, frozen=True, extra="forbid"):
    """A file that goes with a mail: ``path`` is relative to the files folder.

    With ``sha256`` the mail goes out only with exactly that content; None takes what is there.
    """

    path: str = Field(min_length=1)
    name: Annotated[str, AfterValidator(one_line), Field(min_length=1, max_length=200)]
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    mime: str = "application/octet-stream"

    @field_validator("mime")
    @classmethod
    def _mime_is_a_type(cls, value: str) -> str:
        if not _MIME.match(value):
            raise ValueError(f"{value!r} is not a media type")
        return value.lower()


class SendParams(Params, frozen=True, extra="forbid"):
    """One mail in plain text. ``to_name`` names the first recipient, ``sender`` whom it is from.

    The sender is a part of what is approved, like everything else that leaves the house.
    """

    sender: str
    sender_name: Annotated[str, AfterValidator(one_line), Field(max_length=200)] = ""
    to: tuple[str, ...] = Field(min_length=1, max_length=50)
    to_name: Annotated[str, AfterValidator(one_line), Field(max_length=200)] = ""
    subject: Annotated[str, AfterValidator(one_line), Field(min_length=1, max_length=500)]
    body: str = Field(max_length=1_000_000)
    attachments: tuple[Attachment, ...] = Field(default=(), max_length=20)
    reply_to: str | None = None

    @field_validator("to")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(mail_address(address) for address in value))

    @field_validator("sender")
    @classmethod
    def _sender_address(cls, value: str) -> str:
        return mail_address(value)

    @field_validator("reply_to")
    @classmethod
    def _reply_address(cls, value: str | None) -> str | None:
        return None if value is None else mail_address(value)


class SendResult(Result, frozen=True, extra="forbid"):
    """What went out. ``sent_at`` is aware."""

    message_id: str
    to: tuple[str, ...]
    subject: str
    sent_at: datetime
    attachments: tuple[str, ...]


def build(
    token: str,
    params: SendParams,
    contents: Sequence[bytes],
    *,
    at: datetime,
) -> bytes:
    """The message as 7-bit RFC 5322 bytes; ``contents`` are those of the attachments.

    Raises FactotumError where a name or address is not fit for a header.
    """
    key = token_key(token)
    message = EmailMessage(policy=_POLICY)
    try:
        message["From"] = Address(params.sender_name, addr_spec=params.sender)
        message["To"] = tuple(
            Address(params.to_name if position == 0 else "", addr_spec=address)
            for position, address in enumerate(params.to)
        )
        if params.reply_to:
            message["Reply-To"] = Address(addr_spec=params.reply_to)
        message["Subject"] = params.subject
    except (ValueError, MessageError) as error:
        raise FactotumError(
            f"The mail can't be written: {error}.",
            fix="Check the names and addresses.",
        ) from error
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{key}@{params.sender.rpartition('@')[2]}>"
    message[TOKEN_HEADER] = key
    message.set_content(_BODY_CONTROLS.sub("", params.body), cte="quoted-printable")
    for attachment, content in zip(params.attachments, contents, strict=True):
        main, _, sub = attachment.mime.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=attachment.name)
    return message.as_bytes()
