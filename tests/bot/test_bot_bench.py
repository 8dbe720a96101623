"""What ``factotum bench memory`` tells."""

import json

import pytest

from bot.bench.memory import memory


async def test_the_gate_and_as_of_queries_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    await memory(100, as_json=True)
    told = json.loads(capsys.readouterr().out)["100"]
    assert set(told["gate_ms"]) == {"new", "known", "contradicted", "corrected"}
    assert set(told["as_of_ms"]) == {"known_now", "known_then", "true_then"}
    assert all(figures["p50"] > 0 for figures in told["gate_ms"].values())
