"""How a process tells the one that started it that it is ready to work."""

import asyncio
import os
from pathlib import Path


def _path(home: Path, name: str) -> Path:
    return home / "run" / f"{name}.ready"


def tell(home: Path, name: str) -> None:
    """This process is ready."""
    path = _path(home, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(str(os.getpid()))


async def until_ready(home: Path, *names: str) -> None:
    """Returns when all of these have told so since ``forget``."""
    while not all(_path(home, name).exists() for name in names):  # noqa: ASYNC110 - a file
        await asyncio.sleep(0.02)


def forget(home: Path, *names: str) -> None:
    """Nobody is ready yet."""
    for name in names:
        _path(home, name).unlink(missing_ok=True)
