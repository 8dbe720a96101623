"""Failures on request: the next calls answer as a bad day at Telegram would."""

from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox.errors import ApiError

Trouble = Literal["answer", "timeout", "drop"]

_WORDS = {
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


@dataclass(slots=True)
class Fault:
    """How the next ``count`` calls of ``method`` go wrong.

    ``carried_out`` says whether the call is done all the same before it fails.
    """

    method: str
    trouble: Trouble
    status: int
    retry_after: int
    count: int
    carried_out: bool

    def error(self) -> ApiError:
        """The refusal a caller gets, for a fault that answers."""
        if self.status == 429:
            return ApiError(
                429,
                f"Too Many Requests: retry after {self.retry_after}",
                retry_after=self.retry_after,
            )
        return ApiError(self.status, _WORDS.get(self.status, "Internal Server Error"))


class Faults:
    """The failures still to come, first asked for first served."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, request: Any) -> None:
        """Takes what ``POST /phone/faults`` was sent.

        ``"*"`` stands for every method but getUpdates, which has to be named: a bot that
        can't poll would never make the other calls. A ``count`` of 0 forgets the faults of
        that method, and with ``"*"`` all of them. Raises ``ValueError`` with the reason.
        """
        if not isinstance(request, dict):
            raise ValueError("an object is expected")
        method, status = request.get("method"), request.get("status")
        count, retry_after = request.get("count", 1), request.get("retry_after", 1)
        if not isinstance(method, str) or not method:
            raise ValueError("method must be a method's name or *")
        if not isinstance(count, int) or count < 0:
            raise ValueError("count must be a number, 0 or more")
        if not isinstance(retry_after, int) or retry_after < 0:
            raise ValueError("retry_after must be a number of seconds")
        method = method.lower()
        if count == 0:
            self._faults = [fault for fault in self._faults if method not in ("*", fault.method)]
            return
        if status in ("timeout", "drop"):
            trouble: Trouble = status
            code = 0
        elif isinstance(status, int) and 400 <= status < 600:
            trouble, code = "answer", status
        else:
            raise ValueError("status must be a code from 400 to 599, timeout or drop")
        carried_out = bool(request.get("carried_out", trouble == "timeout"))
        self._faults.append(Fault(method, trouble, code, retry_after, count, carried_out))

    def take(self, method: str) -> Fault | None:
        """The fault the call in hand runs into, if any."""
        for fault in self._faults:
            if fault.method == method or (fault.method == "*" and method != "getupdates"):
                fault.count -= 1
                if fault.count == 0:
                    self._faults.remove(fault)
                return fault
        return None
