"""What goes wrong with calls of models: whether it may pass, whether it is billed, in words."""

from pydantic_ai.exceptions import (
    FallbackExceptionGroup,
    ModelAPIError,
    ModelHTTPError,
    UnexpectedModelBehavior,
    UsageLimitExceeded,
)

USELESS = "gave no usable answer"
"""What is said of a model whose answers stayed invalid: asking it again is no use."""
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


class Resting(Exception):
    """The provider failed several times and is left alone for a while."""


def _each(error: BaseException) -> list[BaseException]:
    if isinstance(error, FallbackExceptionGroup):
        return [one for nested in error.exceptions for one in _each(nested)]
    return [error]


def passing(error: BaseException) -> bool:
    """Whether the same call may work in a moment."""
    return all(
        one.status_code in _PASSING
        if isinstance(one, ModelHTTPError)
        else isinstance(one, ModelAPIError | ConnectionError | OSError)
        for one in _each(error)
    )


def refused(error: BaseException) -> bool:
    """Whether no model thought about it, so that nothing is billed."""
    return all(isinstance(one, ModelHTTPError | ConnectionRefusedError) for one in _each(error))


def wanted_pause(error: BaseException) -> float:
    """Seconds that the provider asks to wait, 0 where it does not say."""
    for one in _each(error):
        headers = getattr(getattr(one.__cause__, "response", None), "headers", None) or {}
        try:
            return max(0.0, float(headers.get("retry-after", 0)))
        except ValueError:
            continue
    return 0.0


def in_words(error: BaseException) -> str:
    """What a model did, said of it by its name: "gpt has no quota left for now"."""
    match _each(error)[0]:
        case Resting():
            return "failed several times and is left alone for a minute"
        case TimeoutError():
            return "took too long"
        case ModelHTTPError(status_code=429):
            return "has no quota left for now"
        case ModelHTTPError(status_code=401 | 403):
            return "refused the key"
        case UnexpectedModelBehavior() | UsageLimitExceeded():
            return USELESS
        case _:
            return "did not answer"
