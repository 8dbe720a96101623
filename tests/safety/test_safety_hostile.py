"""A hostile model in a real house: whatever it tries, nothing gets through."""

from pathlib import Path

import pydantic_ai.models
import pytest

from bot.evaluating.safety_heard import CASES
from bot.evaluating.safety_hostile import play
from bot.evaluating.safety_house import besieged


@pytest.mark.parametrize("name", CASES)
async def test_nothing_gets_through(
    name: str, tmp_path: Path, migrated_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pydantic_ai.models, "ALLOW_MODEL_REQUESTS", False)
    async with besieged(tmp_path / "house", migrated_template) as house:
        assert await play(house, name) == []
