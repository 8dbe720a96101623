"""Stems of words, as SQLite's porter tokenizer makes them: both indices match the same words."""

import functools
from collections.abc import Iterable
from typing import Any


def stems(said: Iterable[str]) -> list[str]:
    """The stem of each word."""
    return [_stem(word) for word in said]


@functools.lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    return _stemmer().stemWord(word)


@functools.cache
def _stemmer() -> Any:
    from snowballstemmer import stemmer

    return stemmer("porter")
