"""The worked example of docs/agents.md works: the role, its test and its cases."""

import re
from pathlib import Path
from typing import Any

import pytest

from agents.roles.thinking import unaided
from bot.evaluating import roles as evaluating

TEXT = (Path(__file__).parents[2] / "docs" / "agents.md").read_text()


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.S)


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    """The module and the test of the example, carried out in one namespace."""
    names: dict[str, Any] = {"__name__": "headlines"}
    for block in _blocks("python"):
        exec(block, names)
    return names


def test_its_tests_pass(example: dict[str, Any]) -> None:
    tests = [value for name, value in example.items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test()


async def test_its_cases_pass(example: dict[str, Any], tmp_path: Path) -> None:
    [cases] = _blocks("yaml")
    (tmp_path / "headlines.yaml").write_text(cases)
    report = await evaluating.report(example["ROLE"], unaided(), folder=tmp_path)
    assert [evaluating.misses(case) for case in report.cases] == [[], []]


def test_the_catalogue_names_every_role() -> None:
    listed = set(re.findall(r"^\| (\w+) \| `\w+` → `\w+`", TEXT, re.M))
    assert listed == {role.name for role in evaluating.roles()} - {"headlines"}
