"""Identifiers: short, sortable by time, safe in callback data and file names."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]


def _encode(number: int, length: int) -> str:
    """The last ``length`` digits, found two at a time: a run has an id for each of its steps."""
    pairs = [_PAIRS[number >> shift & 1023] for shift in range(length // 2 * 10, -1, -10)]
    return "".join(pairs)[-length:]


def new_id(prefix: str) -> str:
    """A new id such as ``run_01k9m3x7qj4f8s2v``: milliseconds, then 50 random bits.

    19 characters after the prefix and underscore, in Crockford's base 32.
    """
    return f"{prefix}_{_encode(time.time_ns() // 1_000_000, 9)}{_encode(secrets.randbits(50), 10)}"
