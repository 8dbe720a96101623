"""What finds memories: ``embedded`` (FTS5 and usearch), ``weaviate``, and ``embedding``."""
