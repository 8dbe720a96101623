"""What the bot's process leaves to the worker: it starts sooner and takes less memory without."""

import subprocess
import sys

_HEAVY = ("pydantic_ai", "numpy", "weaviate", "usearch", "agents.planner", "agents.builtin.learned")


def test_the_bot_loads_nothing_that_only_thinking_needs() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import sys, bot.serving; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = said.stdout.split()
    assert "bot.desk" in loaded
    assert [name for name in _HEAVY if name in loaded] == []
