"""Benchmarks: ``chat``, the path of a message; ``kernel``, durable steps beside others' engines."""
