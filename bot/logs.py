"""Logs: JSON lines on standard error, without a secret in any of them."""

import contextlib
import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, TextIO, cast
from urllib.parse import unquote, urlsplit

import structlog

_TOKEN = re.compile(r"(?<!\d)\d{5,}(?::|%3A)[A-Za-z0-9_-]{20,}", re.I)
_CREDENTIALS = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")
_HIDDEN = "[hidden]"


def _password(url: str) -> str | None:
    """The password in an address such as REDIS_URL, or None."""
    try:
        return unquote(urlsplit(url).password or "") or None
    except ValueError:
        return None


class _Forgiving:
    """Standard error for logs: a full disk must not stop the work that is logged."""

    def write(self, text: str) -> int:
        """Writes what can be written."""
        with contextlib.suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Flushes what can be flushed."""
        with contextlib.suppress(OSError):
            sys.stderr.flush()


class Redaction:
    """Replaces secrets in everything that is logged: the known ones, and what looks like one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret for secret in secrets if len(secret) >= 6}
        known |= {secret for url in known if (secret := _password(url)) and len(secret) >= 6}
        # The longest first, so that none leaves the end of another standing.
        self._secrets = tuple(sorted(known, key=len, reverse=True))

    def clean(self, text: str) -> str:
        """``text`` without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return _CREDENTIALS.sub(_HIDDEN, _TOKEN.sub(_HIDDEN, text))

    def _deep(self, value: Any) -> Any:
        match value:
            case str():
                return self.clean(value)
            case Mapping():
                return {key: self._deep(item) for key, item in value.items()}
            case list() | tuple():
                return [self._deep(item) for item in value]
            case int() | float() | bool() | None:
                return value
            case _:
                return self.clean(repr(value))

    def __call__(
        self, _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """The structlog processor."""
        return self._deep(event)


def configure(level: str, *, process: str, secrets: Iterable[str]) -> None:
    """Sets logging up for this process. httpx and aiohttp would log addresses with the token."""
    redaction = Redaction(secrets)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redaction,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Forgiving())),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(cast(TextIO, _Forgiving()))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared[:-1],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redaction,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.raiseExceptions = False  # it prints a faulty call's arguments past the redaction
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in (
        "alembic",
        "httpx",
        "httpx2",
        "httpcore",
        "httpcore2",
        "aiogram",
        "arq",
        "uvicorn.access",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(process=process)
