"""Whether a letter that failed may have arrived: the difference between again and asking."""

from datetime import timedelta

import httpx
import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.courier import may_have_arrived


def _caused(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "perhaps"),
    [
        (BadRequest("message is too long"), False),
        (Forbidden("bot was blocked by the user"), False),
        (RetryAfter(timedelta(seconds=3)), False),
        (InvalidToken("no"), False),
        (Conflict("two pollers"), False),
        (ChatMigrated(5), False),
        (NetworkError("Bad Gateway"), False),  # Telegram's own answer, 502
        (_caused(NetworkError("x"), httpx.ConnectError("refused")), False),
        (_caused(TimedOut(), httpx.ConnectTimeout("slow")), False),
        (_caused(TimedOut(), httpx.PoolTimeout("busy")), False),
        (_caused(TimedOut(), httpx.ReadTimeout("slow")), True),
        (_caused(TimedOut(), httpx.WriteTimeout("slow")), True),
        (TimedOut(), True),
        (_caused(NetworkError("x"), httpx.ReadError("reset")), True),
        (_caused(NetworkError("x"), httpx.WriteError("reset")), True),
        (_caused(NetworkError("x"), httpx.RemoteProtocolError("gone")), True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_may_have_arrived(error: TelegramError, perhaps: bool) -> None:
    assert may_have_arrived(error) is perhaps
