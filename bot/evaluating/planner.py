"""``factotum eval planner``: how well messages are understood, by the built-in model or another."""

import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agents.builtin.reading import read, warm_up
from agents.evaluation import Report, describe, load
from agents.evaluation import evaluate as score
from agents.gateway import Gateway
from agents.gateway.models import Prices
from agents.planner import Answer, Planner, Proposal, Question
from agents.requests import Chat, Request
from bot.models import chosen
from core.budgets import Purse
from core.clock import SystemClock
from core.profile import Profile
from core.settings import Settings
from core.storage.database import Database
from core.storage.migrate import migrate


@dataclass(frozen=True, slots=True)
class _Read:
    requests: tuple[Request, ...] = ()
    likely: tuple[Request, ...] = ()


@dataclass(slots=True)
class _Asked:
    """The whole planner as ``understand``, and which tier answered how often and why."""

    planner: Planner
    runner: asyncio.Runner
    tiers: Counter[str] = field(default_factory=Counter[str])
    troubles: Counter[str] = field(default_factory=Counter[str])
    tokens: int = 0
    micros: int = 0

    def __call__(self, text: str, *, now: datetime, zone: ZoneInfo) -> _Read:
        thought = self.runner.run(
            self.planner.think(text, now=now, profile=Profile(zone=str(zone)), clients=[])
        )
        self.tiers[thought.tier.value] += 1
        if thought.degraded:
            self.troubles[thought.degraded] += 1
        self.tokens += thought.tokens
        self.micros += thought.cost.micros
        match thought.outcome:
            case Proposal(requests=requests):
                return _Read(tuple(requests))
            case Answer():
                return _Read((Chat(),))
            case Question(requests=likely):  # acts on nothing
                return _Read(likely=tuple(likely))

    def figures(self) -> dict[str, Any]:
        """What was asked of models and came of it."""
        return {
            "tiers": dict(self.tiers),
            "troubles": dict(self.troubles),
            "tokens": self.tokens,
            "micro_dollars": self.micros,
        }


def evaluate(
    data: Path,
    settings: Settings,
    *,
    model: str | None,
    as_json: bool,
    verbose: bool,
    out: Path | None,
) -> None:
    """Scores a file of labelled messages and prints the figures.

    With ``model`` the whole planner is measured, with that as the small model, which is asked
    where the built-in one is unsure; else the built-in understanding alone. Raises FactotumError
    where the model can't be used.
    """
    warm_up()
    began = time.perf_counter()
    if model is None:
        report, more = score(load(data), read), {}
    else:
        report, more = _with(settings.model_copy(update={"model_small": model}), data)
    figures = report.figures() | {"seconds": round(time.perf_counter() - began, 1)} | more
    _tell(report, figures, as_json=as_json, verbose=verbose, out=out)


def _with(settings: Settings, data: Path) -> tuple[Report, dict[str, Any]]:
    models = chosen(settings)
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        path = Path(folder) / "factotum.db"
        migrate(path)
        database = Database(path)
        gateway = Gateway(
            models,
            purse=Purse(database, SystemClock()),
            prices=Prices(settings.model_prices),
            timeout=settings.model_timeout,
        )
        asked = _Asked(Planner(gateway), runner)
        report = score(load(data), asked)
        runner.run(database.close())
    return report, asked.figures()


def _tell(
    report: Report, figures: dict[str, Any], *, as_json: bool, verbose: bool, out: Path | None
) -> None:
    if verbose:
        for miss in report.misses:
            sys.stdout.write(describe(miss) + "\n")
    if out:
        out.write_text(
            "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in report.lines),
            encoding="utf-8",
        )
    if as_json:
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
        return
    for name, value in figures.items():
        sys.stdout.write(f"{name}: {value}\n")
