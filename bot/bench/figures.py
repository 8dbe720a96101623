"""What the benchmarks report alike: percentiles, and the machine they were taken on."""

import os
import platform
import statistics
from typing import Any


def percentile(values: list[float], percent: float) -> float:
    """The value that ``percent`` of all values do not exceed; of few values the largest."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def summary(values: list[float]) -> dict[str, float]:
    """Count and percentiles of durations in seconds, in milliseconds."""
    return {
        "n": len(values),
        "p50_ms": round(statistics.median(values) * 1000, 1),
        "p95_ms": round(percentile(values, 95) * 1000, 1),
        "p99_ms": round(percentile(values, 99) * 1000, 1),
    }


def load() -> list[float]:
    """The machine's load over 1, 5 and 15 minutes."""
    return [round(value, 2) for value in os.getloadavg()]


def machine() -> dict[str, Any]:
    """Cores, load, interpreter and system."""
    return {
        "cores": os.cpu_count(),
        "load": load(),
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
    }
