"""``factotum eval roles``: how each role does on its cases, by its rules or on any model."""

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_evals import Dataset, set_eval_attribute
from pydantic_evals.reporting import EvaluationReport, ReportCase

from agents.gateway import Gateway, Tier, choose
from agents.gateway.models import Prices
from agents.roles import Given, Output, Role, Thinker, roles
from agents.roles.thinking import unaided
from bot.evaluating.checks import CHECKS
from core.budgets import Purse
from core.clock import SystemClock
from core.errors import FactotumError
from core.settings import Settings
from core.storage.database import Database
from core.storage.migrate import migrate

CASES = Path(__file__).parent / "cases"
"""One file of cases a role, named like it."""
_AT_ONCE = 4
_INSTEAD = "the model gave no usable answer, so the rules did"
Report = EvaluationReport[Given, Output, Any]


def evaluated() -> list[Role[Any, Any]]:
    """The roles that have cases."""
    return [role for role in roles() if (CASES / f"{role.name}.yaml").exists()]


async def evaluate(
    settings: Settings, *, names: list[str], model: str | None, as_json: bool
) -> bool:
    """Runs the cases of these roles, or of all, and prints; returns whether all passed.

    Raises FactotumError where there is no such role or the model can't be used.
    """
    found = [role for role in evaluated() if not names or role.name in names]
    if unknown := set(names) - {role.name for role in found}:
        raise FactotumError(f"There are no cases of a role called {min(unknown)!r}.")
    began = time.perf_counter()
    async with _thinking(settings, model) as thinker:
        reports = {role.name: await report(role, thinker) for role in found}
    figures = _figures(reports, asked=model not in (None, Tier.BUILTIN)) | {
        "model": model or Tier.BUILTIN.value,
        "seconds": round(time.perf_counter() - began, 1),
    }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n" if as_json else _told(figures))
    return figures["passed"] == figures["cases"]


async def report(role: Role[Any, Any], thinker: Thinker, *, folder: Path = CASES) -> Report:
    """How a role does on its cases in a folder."""

    async def task(given: Given) -> Output:
        thought = await thinker.think(given, role.output)
        set_eval_attribute("tier", thought.explanation.tier)
        return thought.output

    return await cases(role, folder).evaluate(
        task, name=role.name, progress=False, max_concurrency=_AT_ONCE
    )


def cases(role: Role[Any, Any], folder: Path = CASES) -> Dataset[Any, Any, Any]:
    """The cases of a role in a folder. Raises FactotumError where the file is none."""
    path = folder / f"{role.name}.yaml"
    kind: Any = Dataset
    try:
        return kind[role.given, role.output, Any].from_file(path, custom_evaluator_types=CHECKS)
    except (OSError, ValidationError, ValueError, ExceptionGroup) as error:
        raise FactotumError(f"{path.name} can't be read as cases ({error}).") from error


@asynccontextmanager
async def _thinking(settings: Settings, name: str | None) -> AsyncGenerator[Thinker]:
    """A thinker on the model of this name, with a ledger of its own, or on the rules alone."""
    if name is None or name == Tier.BUILTIN:
        yield unaided()
        return
    model = choose(name, local_url=settings.model_url)
    with tempfile.TemporaryDirectory(prefix="factotum-eval-") as folder:
        path = Path(folder) / "factotum.db"
        migrate(path)
        database = Database(path)
        gateway = Gateway(
            {Tier.SMALL: model, Tier.LARGE: model},
            purse=Purse(database, SystemClock()),
            prices=Prices(settings.model_prices),
            timeout=settings.model_timeout,
        )
        try:
            yield Thinker(gateway)
        finally:
            await database.close()


def misses(case: ReportCase[Given, Output, Any]) -> list[str]:
    """What is wrong with what came of a case; nothing where it passed."""
    told = [
        f"{check.name}: {check.reason or 'no'}"
        for check in case.assertions.values()
        if not check.value
    ]
    return told + [f"{each.name}: {each.error_message}" for each in case.evaluator_failures]


def _figures(reports: dict[str, Report], *, asked: bool) -> dict[str, Any]:
    """The figures; where a model was ``asked``, what the rules did in its place is no pass."""
    by_role: dict[str, Any] = {}
    for name, one in reports.items():
        failed = {
            case.name: told
            for case in one.cases
            if (told := [_INSTEAD] if asked and _by_rules(case) else misses(case))
        }
        failed |= {each.name: [each.error_message] for each in one.failures}
        count = len(one.cases) + len(one.failures)
        by_role[name] = {
            "cases": count,
            "passed": count - len(failed),
            "answered_by": dict(Counter(str(case.attributes["tier"]) for case in one.cases)),
            "failed": failed,
        }
    return {
        "cases": sum(each["cases"] for each in by_role.values()),
        "passed": sum(each["passed"] for each in by_role.values()),
        "roles": by_role,
    }


def _by_rules(case: ReportCase[Given, Output, Any]) -> bool:
    return case.attributes["tier"] == Tier.BUILTIN


def _told(figures: dict[str, Any]) -> str:
    lines = [f"{figures['passed']} of {figures['cases']} cases passed, on {figures['model']}."]
    for name, one in figures["roles"].items():
        by = ", ".join(f"{tier} {count}" for tier, count in one["answered_by"].items())
        lines.append(f"{name}: {one['passed']} of {one['cases']} (answered by: {by})")
        lines += [f"  {case}: {'; '.join(told)}" for case, told in one["failed"].items()]
    return "\n".join(lines) + "\n"
