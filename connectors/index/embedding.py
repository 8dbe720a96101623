"""Vectors of texts and words: made on this machine, from weights in a wheel."""

import importlib.util
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import FactotumError

LONGEST = 2000
"""Letters of a text that count; what comes later changes its meaning little."""
_CACHED = 20_000
"""Words whose vectors are kept, a kilobyte each."""
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
            [text[:LONGEST] for text in texts], add_special_tokens=False
        )
        for place, one in enumerate(encoded):
            if one.ids:
                made[place] = table[one.ids].astype(numpy.float32).mean(axis=0)
        return unit(made)

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
        self._vectors[start:end] = unit(made)
        self._known.update(zip(new, range(start, end), strict=True))

    def _load(self) -> tuple[Any, Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._read()
                self._vectors = self._loaded[2][None].repeat(_FEWEST, axis=0)
            return self._loaded

    def _read(self) -> tuple[Any, Any, Any]:
        import numpy
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
        # The middle needs every page of the table; a mapping of its own lets go of them again.
        middle = _table(weights).mean(axis=0, dtype=numpy.float32)
        tokenizer = Tokenizer.from_file(
            str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json")
        )
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return _table(weights), tokenizer, middle


def _table(weights: Path) -> Any:
    """The vectors of tokens, as they lie in a safetensors file: half floats behind a header.

    They are mapped, not read: only the rows that are used take memory.
    """
    import numpy

    with weights.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        said = json.loads(file.read(length))["embedding.weight"]
    start = 8 + length + said["data_offsets"][0]
    shape = tuple(said["shape"])
    return numpy.asarray(numpy.memmap(weights, numpy.float16, mode="r", offset=start, shape=shape))


def unit(vectors: Any) -> Any:
    """The vectors with the length of one each."""
    import numpy

    lengths = numpy.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / numpy.maximum(lengths, 1e-9)
