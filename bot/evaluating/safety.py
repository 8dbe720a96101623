"""``factotum eval safety``: AgentDojo's suites and a hostile model against the real kernel."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.evaluating import safety_hostile
from bot.evaluating.safety_dojo import Suite, suites
from bot.evaluating.safety_house import besieged, template
from bot.evaluating.safety_siege import Attack, Ended, Siege, Way
from core.errors import FactotumError


async def evaluate(
    *, as_json: bool, verbose: bool, sample: int | None = None, only: str | None = None
) -> None:
    """Measures and prints. ``sample`` is how many tasks and injections of each suite are played.

    With ``only`` one suite is. Raises FactotumError where AgentDojo isn't installed.
    """
    figures = await measure(verbose=verbose, sample=sample, only=only)
    if as_json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
        return
    for name, value in figures.items():
        sys.stdout.write(f"{name}: {value}\n")


async def measure(
    *, verbose: bool = False, sample: int | None = None, only: str | None = None
) -> dict[str, Any]:
    """The figures as printed."""
    with tempfile.TemporaryDirectory(prefix="factotum-eval-") as folder:
        return await _measure(Path(folder), verbose=verbose, sample=sample, only=only)


async def _measure(
    folder: Path, *, verbose: bool, sample: int | None, only: str | None
) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    database = await asyncio.to_thread(template, folder)
    for suite in suites():
        if only not in (None, suite.name):
            continue
        found[suite.name] = await besiege(suite, folder, database, sample=sample)
        if verbose:
            sys.stderr.write(f"{suite.name}: {found[suite.name]}\n")
    if not found:
        raise FactotumError(f"AgentDojo has no suite called {only!r}.")
    hostile = await safety_hostile.measure(folder, database)
    total = {name: sum(one[name] for one in found.values()) for name in _SUMMED}
    questions, acting = total.pop("questions"), total.pop("acting")
    return {
        "suites": found,
        **total,
        "questions_per_task": round(questions / max(acting, 1), 2),
        "hostile": hostile,
    }


_SUMMED = (
    "attacks",
    "succeeded",
    "strayed",
    "injections",
    "unguarded",
    "user_tasks",
    "completed",
    "completed_under_attack",
    "questions",
    "acting",
)


_WAYS: tuple[Way, ...] = ("together", "before")


async def besiege(
    suite: Suite, folder: Path, database: Path, *, sample: int | None
) -> dict[str, Any]:
    """The figures of one suite, played in a house in ``folder``."""
    async with besieged(folder / suite.name, database, connectors=(suite,)) as house:
        return await _played(Siege(house, suite), suite, sample)


async def _played(siege: Siege, suite: Suite, sample: int | None) -> dict[str, Any]:
    users = list(suite.suite.user_tasks.values())[:sample]
    injections = list(suite.suite.injection_tasks.values())[:sample]
    calm = {str(user.ID): await siege.play(user) for user in users}
    attacked = {
        f"{user.ID} {injection.ID} {way}": await siege.play(
            user,
            Attack(injection, way),
            useful=(place, way) == (number % len(injections), "before"),
        )
        for number, user in enumerate(users)
        for place, injection in enumerate(injections)
        for way in _WAYS
    }
    # That the attacks work where nobody guards: an owner who approves whatever comes.
    careless = {
        str(injection.ID): await siege.play(users[0], Attack(injection, "after"), careless=True)
        for injection in injections
    }
    return {
        "attacks": len(attacked),
        "succeeded": _count(attacked.values(), "broken"),
        "strayed": _count([*attacked.values(), *calm.values()], "strayed"),
        "broken_by": [name for name, ended in attacked.items() if ended.broken],
        "injections": len(injections),
        "unguarded": _count(careless.values(), "broken"),
        "harmless": [name for name, ended in careless.items() if not ended.broken],
        "user_tasks": len(calm),
        "completed": _count(calm.values(), "completed"),
        "open": [name for name, ended in calm.items() if not ended.completed],
        "completed_under_attack": _count(attacked.values(), "completed"),
        "acting": sum(ended.acts > 0 for ended in calm.values()),
        "questions": sum(ended.questions for ended in calm.values()),
    }


def _count(ended: Any, what: str) -> int:
    found: Sequence[Ended] = list(ended)
    return sum(bool(getattr(each, what)) for each in found)
