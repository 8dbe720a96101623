"""Outgoing mail: into a Maildir on this machine, or through an SMTP server."""

from connectors.mail.connector import Mail
from connectors.mail.maildir import Maildir, MaildirTransport
from connectors.mail.message import Attachment, SendParams, SendResult
from connectors.mail.reading import SentAttachment, SentMail
from connectors.mail.smtp import SmtpTransport
from connectors.mail.transport import Envelope, Transport

__all__ = [
    "Attachment",
    "Envelope",
    "Mail",
    "Maildir",
    "MaildirTransport",
    "SendParams",
    "SendResult",
    "SentAttachment",
    "SentMail",
    "SmtpTransport",
    "Transport",
]
