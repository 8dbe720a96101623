"""The one form of a JSON value that hashes are taken of: keys sorted, no spaces, UTF-8."""

import json
from typing import Any

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def canonical(value: Any) -> bytes:
    """``value`` as canonical JSON, see docs/journal.md. What JSON doesn't know becomes a string.

    Raises UnicodeEncodeError for half of a surrogate pair.
    """
    return _ENCODER.encode(value).encode()


def as_read(value: Any) -> Any:
    """``value`` as a reader of its JSON finds it; itself where that is the same."""
    return value if _is_plain(value) else json.loads(canonical(value))


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind is dict:
        return all(type(key) is str and _is_plain(item) for key, item in value.items())
    if kind is list:
        return all(map(_is_plain, value))
    return value is None or kind in (str, int, bool)
