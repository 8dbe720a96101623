"""Identifiers: short, sortable by time, safe in callback data and file names."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def _encode(number: int, length: int) -> str:
    digits: list[str] = []
    for _ in range(length):
        number, rest = divmod(number, 32)
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits))


def new_id(prefix: str) -> str:
    """A new id such as ``run_01k9m3x7qj4f8s2v``: milliseconds, then 50 random bits.

    19 characters after the prefix and underscore, in Crockford's base 32.
    """
    return f"{prefix}_{_encode(time.time_ns() // 1_000_000, 9)}{_encode(secrets.randbits(50), 10)}"
