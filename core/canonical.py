"""The one form of a JSON value that hashes are taken of: keys sorted, no spaces, UTF-8."""

import json
from typing import Any

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def canonical(value: Any) -> bytes:
    """``value`` as canonical JSON, see docs/journal.md. What JSON doesn't know becomes a string.

    Raises UnicodeEncodeError for half of a surrogate pair.
    """
    return _ENCODER.encode(value).encode()
