"""Nearest neighbours among few vectors: all are compared, and nothing is loaded but numpy."""

from typing import Any


class Few:
    """Speaks as usearch's index does, as far as ``Vectors`` asks. Every answer is exact."""

    def __init__(self, size: int) -> None:
        """``size`` is the number of dimensions."""
        import numpy

        self.keys: Any = numpy.empty(0, dtype=numpy.uint64)
        """The keys of ``rows``, in their order."""
        self.rows: Any = numpy.empty((0, size), dtype=numpy.float16)
        """The vectors as they were given."""

    def __len__(self) -> int:
        return len(self.keys)

    def __contains__(self, key: int) -> bool:
        return bool((self.keys == key).any())

    def add(self, keys: Any, vectors: Any) -> None:
        """Takes in unit vectors under keys that are new."""
        import numpy

        self.keys = numpy.concatenate((self.keys, keys))
        self.rows = numpy.concatenate((self.rows, vectors))

    def remove(self, key: int) -> None:
        """Lets go of a key."""
        kept = self.keys != key
        self.keys, self.rows = self.keys[kept], self.rows[kept]

    def nearest(self, vector: Any, count: int) -> list[int]:
        """Keys, nearest first."""
        import numpy

        # einsum keeps to this thread: a product this small is not worth waking the others for.
        alike = numpy.einsum("rd,d->r", self.rows.astype(numpy.float32), vector)
        return self.keys[numpy.argsort(-alike, kind="stable")[:count]].tolist()
