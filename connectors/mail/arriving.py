"""Mail that came in: read from a Maildir that other programs deliver into, never changed."""

import asyncio
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from email.utils import parseaddr
from html import unescape
from pathlib import Path

import structlog

from connectors.mail.reading import sent_at, text_of
from core.memory.mails import Received

log = structlog.get_logger()

_MARKUP = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.I | re.S)
_QUOTED = re.compile(
    r"^(?:>.*|-- |-{3,}\s*(?:original message|forwarded message|ursprüngliche nachricht)\b.*|"
    r"(?:on|am|le|el)\b.{5,120}\b(?:wrote|schrieb|écrit|escribió)\b.*:)\s*$",
    re.I,
)
_LARGEST = 5_000_000
"""Bytes of a mail that is read; beyond that it is files and not words."""


class Arrivals:
    """The mails in the folder ``root`` (``new`` and ``cur`` of a Maildir). It may be missing."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._seen: set[str] = set()

    async def fresh(self) -> list[Received]:
        """Mails that this object has not returned yet."""
        return await asyncio.to_thread(lambda: list(self._fresh()))

    def _fresh(self) -> Iterator[Received]:
        for folder in ("new", "cur"):
            place = self.root / folder
            for path in sorted(place.iterdir()) if place.is_dir() else ():
                name = path.name.partition(":")[0]
                if name.startswith(".") or name in self._seen or not path.is_file():
                    continue
                self._seen.add(name)
                try:
                    status = path.stat()
                    if status.st_size > _LARGEST:
                        continue
                    came = datetime.fromtimestamp(status.st_mtime, UTC)
                    yield received(path.read_bytes(), fallback=came)
                except (OSError, ValueError, LookupError) as error:
                    # A mail program moved it in this moment, or it is no mail at all.
                    log.warning("mail_not_read", name=name, error=str(error))


def received(content: bytes, *, fallback: datetime) -> Received:
    """The mail in ``content``; ``fallback`` stands in for a missing or broken date."""
    message = message_from_bytes(content, policy=default)
    body = message.get_body(preferencelist=("plain", "html"))
    plain = body is not None and body.get_content_type() == "text/plain"
    text = text_of(body) if body is not None else ""
    named = str(message.get("Message-ID", "")).strip()
    answers = f"{message.get('In-Reply-To', '')} {message.get('References', '')}"
    return Received(
        id=hashlib.sha256(named.encode() if named else content).hexdigest()[:24],
        sender=parseaddr(str(message.get("From", "")))[1],
        subject=" ".join(str(message.get("Subject", "")).split()),
        text=_own(text if plain else unescape(_MARKUP.sub(" ", text))),
        at=min(sent_at(message, fallback), fallback),
        answers=tuple(dict.fromkeys(re.findall(r"<[^<>\s]+>", answers))),
        plain=plain,
    )


def _own(text: str) -> str:
    """What the mail says itself: up to what it quotes, or to its signature."""
    kept: list[str] = []
    for line in text.splitlines():
        if _QUOTED.match(line):
            break
        kept.append(line.rstrip())
    return "\n".join(kept).strip()
