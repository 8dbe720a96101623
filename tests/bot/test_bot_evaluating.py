"""``factotum eval planner``: the same figures whichever model helps."""

import json
from pathlib import Path

import pytest

from bot.evaluating.planner import evaluate
from core.settings import Settings

MESSAGES = [
    ("Invoice Acme 500 EUR for tea", "invoice.create", {"client": "Acme", "amount": "500.00"}),
    ("thanks, that was quick!", "chat", {}),
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "messages.jsonl"
    lines = [
        {
            "id": f"x{number}",
            "text": text,
            "now": "2026-11-23T09:00:00+01:00",
            "zone": "Europe/Berlin",
            "expect": [{"intent": intent, "slots": slots}],
            "missing": [],
        }
        for number, (text, intent, slots) in enumerate(MESSAGES)
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def _figures(
    data: Path, capsys: pytest.CaptureFixture[str], model: str | None, out: Path | None = None
) -> dict[str, object]:
    evaluate(data, Settings(), model=model, as_json=True, verbose=False, out=out)
    return json.loads(capsys.readouterr().out)


def test_the_builtin_understanding(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = data.with_name("out.jsonl")
    figures = _figures(data, capsys, None, out)
    assert (figures["total"], figures["right"], figures["harmful"]) == (2, 2, 0)
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == ["x0", "x1"]


def test_a_models_help_is_told_apart(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = _figures(data, capsys, "test")
    assert figures["total"] == 2
    assert figures["tiers"] == {"builtin": 1, "small": 1}
    assert figures["troubles"] == {}
