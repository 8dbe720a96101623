"""Logs: JSON lines on standard error, without a secret in any of them."""

import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

import structlog

_TOKEN = re.compile(r"\b\d{5,}:[A-Za-z0-9_-]{20,}")
_CREDENTIALS = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")
_HIDDEN = "[hidden]"


class Redaction:
    """Replaces secrets in everything that is logged: the known ones, and what looks like one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secret for secret in secrets if len(secret) >= 6)

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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
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
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpx2", "httpcore", "httpcore2", "aiogram", "arq", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(process=process)
