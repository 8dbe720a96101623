"""What the Bot API answers when it refuses."""

from typing import Any


class ApiError(Exception):
    """A refusal with Telegram's own code and description.

    ``retry_after`` (seconds) travels in ``parameters`` as Telegram sends it with 429.
    """

    def __init__(self, code: int, description: str, *, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """The JSON that goes over the wire."""
        body: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


def bad_request(reason: str) -> ApiError:
    """A 400, its reason written as the Bot API server writes it.

    The server lowers the first letter of a sentence, but leaves an error constant
    such as ``BUTTON_DATA_INVALID`` alone.
    """
    constant = len(reason) > 1 and (reason[1] == "_" or reason[1].isupper())
    if not constant:
        reason = reason[:1].lower() + reason[1:]
    return ApiError(400, f"Bad Request: {reason}")


def unparsable(reason: str) -> ApiError:
    """Markup that can't be read: the caller may send the text again without it."""
    return bad_request(f"can't parse entities: {reason}")
