"""Embeddings by a provider: an OpenAI-compatible endpoint. The texts leave this machine."""

import os
import time
from collections.abc import Sequence
from typing import Any

from connectors.index.embedding import LONGEST, WordLlama, unit
from core.errors import FactotumError
from core.memory.index import Embedding

_BUILTIN = "builtin"
_OPENAI = "openai:"
_OPENAI_URL = "https://api.openai.com/v1"
_LOCAL = "local:"
_REST = 30.0
"""Seconds that a provider which failed is left alone: a question must not wait for it each time."""
_KEPT = 200
"""Questions whose vectors are kept: one question is looked for several times."""


def embedding_of(setting: str, *, size: int, local_url: str | None) -> Embedding:
    """The embedding that a setting names: ``builtin``, ``openai:model`` or ``local:model``.

    Raises FactotumError where the name, the provider's key or the server's address is missing.
    """
    model = setting.partition(":")[2]
    if setting == _BUILTIN:
        return WordLlama()
    if setting.startswith(_OPENAI) and model:
        key = os.environ.get("OPENAI_API_KEY")
        if not key:
            raise FactotumError(
                f"The embedding model {setting!r} needs a key.", fix="Set OPENAI_API_KEY."
            )
        url = os.environ.get("OPENAI_BASE_URL", _OPENAI_URL)
        return ProviderEmbedding(url=url, model=model, size=size, key=key, shortens=True)
    if setting.startswith(_LOCAL) and model:
        if local_url is None:
            raise FactotumError(
                f"The embedding model {setting!r} is one of a local server, and its address isn't"
                " set.",
                fix="Set FACTOTUM_MODEL_URL, such as http://127.0.0.1:11434/v1.",
            )
        return ProviderEmbedding(url=local_url, model=model, size=size)
    raise FactotumError(
        f"The embedding model {setting!r} can't be used.",
        fix="Set FACTOTUM_EMBEDDING_MODEL to 'builtin', or like 'openai:text-embedding-3-small' or"
        " 'local:nomic-embed-text'.",
    )


class ProviderEmbedding:
    """An OpenAI-compatible ``/embeddings`` endpoint. Its texts leave this machine."""

    def __init__(
        self,
        *,
        url: str,
        model: str,
        size: int,
        key: str | None = None,
        shortens: bool = False,
        timeout: float = 10.0,
    ) -> None:
        """``url`` is the API's base, such as ``https://api.openai.com/v1``; ``timeout`` seconds.

        ``shortens`` is whether the provider can be asked for fewer dimensions than its model has.
        """
        self.name = f"{model}-{size}".replace("/", "-")
        self.size = size
        self._url = url.rstrip("/") + "/embeddings"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._body: dict[str, Any] = {"model": model}
        if shortens:
            self._body["dimensions"] = size
        self._timeout = timeout
        self._rested = 0.0
        self._kept: dict[str, Any] = {}

    def texts(self, texts: Sequence[str]) -> Any:
        """One unit vector a text. Raises FactotumError where the provider gives none."""
        one = texts[0] if len(texts) == 1 else None
        if one in self._kept:
            return self._kept[one]
        made = self._asked([text[:LONGEST] for text in texts])
        if one is not None:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[one] = made
        return made

    def words(self, words: Sequence[str]) -> Any:
        """None: asking a provider for each word would take too long."""
        del words

    def _asked(self, texts: list[str]) -> Any:
        import httpx
        import numpy

        if time.monotonic() < self._rested:
            raise self._gave_none("it failed a moment ago")
        try:
            answer = httpx.post(
                self._url,
                headers=self._headers,
                json=self._body | {"input": texts},
                timeout=self._timeout,
            )
            answer.raise_for_status()
            rows = sorted(answer.json()["data"], key=lambda row: row["index"])
            made = numpy.asarray([row["embedding"] for row in rows], dtype=numpy.float32)
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            self._rested = time.monotonic() + _REST
            raise self._gave_none(_in_words(error)) from error
        if made.shape != (len(texts), self.size):
            raise FactotumError(
                f"The provider's vectors have the shape {made.shape}, not"
                f" {(len(texts), self.size)}.",
                fix="Set FACTOTUM_EMBEDDING_SIZE to the dimensions its model has.",
            )
        return unit(made)

    def _gave_none(self, why: str) -> FactotumError:
        return FactotumError(
            f"The provider of embeddings gave none ({why}); memories are found by keyword alone"
            " until it does.",
            fix="See that its address and key are right, and that the key has quota.",
            permanent=False,
        )


def _in_words(error: Exception) -> str:
    import httpx

    if isinstance(error, httpx.HTTPStatusError):
        return f"status {error.response.status_code}"
    return type(error).__name__
