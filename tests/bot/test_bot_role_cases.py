"""Every role with cases passes them without any model; a file of cases counts by being there."""

from pathlib import Path
from typing import Any

import pytest
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from agents.gateway import Gateway, Tier
from agents.gateway.models import Prices
from agents.roles import Role, Thinker
from agents.roles.thinking import unaided
from bot.evaluating import roles as evaluating
from core.budgets import Purse
from core.clock import ManualClock
from core.errors import FactotumError
from core.settings import Price, Settings
from core.storage.database import Database

OWN = ("communications", "publisher", "researcher", "writer")


def _role(name: str) -> Role[Any, Any]:
    return next(role for role in evaluating.evaluated() if role.name == name)


@pytest.mark.parametrize(
    "path", sorted(evaluating.CASES.glob("*.yaml")), ids=lambda path: path.stem
)
async def test_by_its_rules_a_role_passes_its_cases(path: Path) -> None:
    role = _role(path.stem)
    assert len(evaluating.cases(role).cases) >= 6
    report = await evaluating.report(role, unaided())
    assert {case.name: told for case in report.cases if (told := evaluating.misses(case))} == {}
    assert report.failures == []


def test_these_have_cases() -> None:
    assert set(OWN) <= {role.name for role in evaluating.evaluated()}


async def test_what_a_model_gets_wrong_is_told(database: Database, clock: ManualClock) -> None:
    def answer(_messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        said = {"answer": "", "open_questions": ["Who knows?"], "rationale": "I did not look."}
        return ModelResponse(parts=[ToolCallPart(info.output_tools[0].name, said)])

    gateway = Gateway(
        {Tier.LARGE: FunctionModel(answer, model_name="lazy")},
        purse=Purse(database, clock),
        prices=Prices({"lazy": Price(sent=0, answered=0)}),
        timeout=5,
    )
    report = await evaluating.report(_role("researcher"), Thinker(gateway))
    by_name = {case.name: case for case in report.cases}
    assert evaluating.misses(by_name["nothing answers"]) == []
    assert "'25 %' is missing." in " ".join(evaluating.misses(by_name["a mail answers"]))
    assert by_name["a mail answers"].attributes["tier"] == "large"


async def test_the_figures_are_json_or_words(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(_env_file=None)
    assert await evaluating.evaluate(settings, names=["writer"], model=None, as_json=True)
    assert '"passed": 8' in capsys.readouterr().out
    assert await evaluating.evaluate(settings, names=["publisher"], model="builtin", as_json=False)
    assert "publisher: 6 of 6 (answered by: builtin 6)" in capsys.readouterr().out


async def test_a_model_that_never_answers_passes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = Settings(_env_file=None, model_url="http://127.0.0.1:9/v1")
    assert not await evaluating.evaluate(
        settings, names=["publisher"], model="local:nobody", as_json=False
    )
    told = capsys.readouterr().out
    assert "publisher: 0 of 6 (answered by: builtin 6)" in told
    assert "so the rules did" in told


async def test_a_role_without_cases_is_no_role() -> None:
    settings = Settings(_env_file=None)
    with pytest.raises(FactotumError, match="no cases of a role called 'juggler'"):
        await evaluating.evaluate(settings, names=["juggler"], model=None, as_json=True)
