"""A breaker: what failed several times in a row is left alone for a while."""

import time
from collections.abc import Callable

FAILURES = 3
"""Failures in a row until a provider is left alone."""
REST = 60.0
"""Seconds until it is tried again, once."""


class Breaker:
    """Counts failures by provider."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failed: dict[str, int] = {}
        self._until: dict[str, float] = {}

    def open(self, provider: str) -> bool:
        """Whether this provider rests. When its rest is over one caller may try, and only one."""
        if self._failed.get(provider, 0) < FAILURES:
            return False
        if self._now() < self._until[provider]:
            return True
        self._until[provider] = self._now() + REST
        return False

    def failed(self, provider: str, *, rest: float = REST) -> None:
        """A call failed in a way that may pass."""
        self._failed[provider] = self._failed.get(provider, 0) + 1
        self._until[provider] = self._now() + max(rest, REST)

    def worked(self, provider: str) -> None:
        """A call was answered."""
        self._failed.pop(provider, None)
