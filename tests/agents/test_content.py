"""Content in the chat: a piece or a plan, kept as a file that can be taken back."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents import playbooks
from agents.outcomes import Ask
from agents.playbooks import content
from agents.requests import ContentPlan, ContentWrite
from agents.roles import Thinker, Thought
from agents.roles.thinking import MODEL, unaided
from agents.roles.writer import Piece, PieceWanted
from connectors.files import Files, FilesConnector, WriteParams
from core.clock import ManualClock
from core.memory.values import Value
from core.plans import Plan
from core.storage.database import Database
from tests.agents.test_playbooks import Situation


@pytest.fixture
def situation(database: Database, tmp_path: Path, clock: ManualClock) -> Situation:
    return Situation(database, tmp_path, clock)


class Clever(Thinker):
    """Drafts like a model; for the rest it goes by the rules."""

    def __init__(self) -> None:
        self._rules = unaided()
        self.quick: list[bool] = []

    async def think(self, given: Any, wanted: Any, **more: Any) -> Any:
        self.quick.append(more["quick"])
        thought = await self._rules.think(given, wanted)
        if not isinstance(given, PieceWanted):
            return thought
        draft = Piece(
            stage="draft",
            title="No more free pitches",
            text="Pitches are work. So they are paid.",
            summary="Why.",
            rationale="Short.",
        )
        return Thought(draft, thought.explanation, thought.origins | {MODEL}, better=False, price=0)


def _kept(plan: Any) -> str:
    assert isinstance(plan, Plan), plan
    [step] = plan.steps
    assert (step.action, step.params["folder"]) == ("files.write", content.FOLDER)
    return str(step.params["text"])


async def _taught(situation: Situation) -> None:
    said = "We stopped doing free pitches in 2024"
    situation.fact("company", "note", Value.text(said), said)
    situation.fact("company", "preference", Value.text("x"), "Posts are short")


async def test_a_piece_is_an_outline_of_what_is_known(situation: Situation) -> None:
    await _taught(situation)
    request = ContentWrite(topic="why I stopped doing free pitches", format="post")
    plan = await playbooks.make(request, situation.context("Write a post on free pitches"))
    text = _kept(plan)
    assert "“We stopped doing free pitches in 2024”" in text
    assert "Posts are short" in text
    assert "No model wrote this" in text
    assert isinstance(plan, Plan)
    assert plan.title == "Outline: Why I stopped doing free pitches"
    assert "We stopped doing" in plan.afterword
    assert set(plan.origins) == {"operator", "memory"}


async def test_words_of_others_stay_out_of_a_piece(situation: Situation) -> None:
    await _taught(situation)
    situation.facts[0] = replace(situation.facts[0], trust="untrusted")
    plan = await playbooks.make(ContentWrite(topic="free pitches"), situation.context())
    assert "2024" not in _kept(plan)


async def test_a_model_drafts_and_channels_get_their_schedule(
    situation: Situation,
) -> None:
    clever = Clever()
    context = situation.context("Write a LinkedIn post on pitches", thinker=clever)
    plan = await playbooks.make(ContentWrite(topic="pitches", format="post"), context)
    text = _kept(plan)
    assert "Pitches are work. So they are paid." in text
    assert "LinkedIn, Tue 24 Nov 2026, 09:00:" in text
    assert "by hand" in text
    assert isinstance(plan, Plan)
    assert MODEL in plan.origins  # so it is looked at before it is kept
    assert clever.quick == [True, True]
    assert len(context.thoughts) == 2


async def test_where_a_model_can_draft_it_the_outline_is_not_kept_unseen(
    situation: Situation,
) -> None:
    class Later(Clever):
        async def think(self, given: Any, wanted: Any, **more: Any) -> Any:
            return replace(await self._rules.think(given, wanted), better=True)

    context = situation.context("Write a post on yarn", thinker=Later())
    plan = await playbooks.make(ContentWrite(topic="yarn"), context)
    assert isinstance(plan, Plan)
    assert plan.title == "Outline: Yarn"
    assert MODEL in plan.origins


async def test_without_a_topic_it_asks(situation: Situation) -> None:
    asked = await playbooks.make(ContentWrite(format="post"), situation.context())
    assert isinstance(asked, Ask)
    assert asked.slot == "topic"


async def test_a_plan_is_a_dated_list(situation: Situation) -> None:
    request = ContentPlan(topic="pricing your own work", count=8, period="December")
    plan = await playbooks.make(request, situation.context("Plan eight posts for December"))
    lines = [line for line in _kept(plan).splitlines() if line.startswith("- ")]
    assert len(lines) == 8
    assert all(" Dec 2026: " in line for line in lines)


@pytest.mark.parametrize(
    ("period", "shown"),
    [
        (None, "Tue 24 Nov 2026, Mon 21 Dec 2026"),
        ("the launch", "Tue 24 Nov 2026, Mon 21 Dec 2026 ('the launch' names no days that I know)"),
        ("Q1", "Fri 1 Jan 2027, Wed 31 Mar 2027"),
    ],
)
async def test_which_days_were_meant_is_shown(
    situation: Situation,
    period: str | None,
    shown: str,
) -> None:
    plan = await playbooks.make(ContentPlan(topic="yarn", period=period), situation.context())
    assert isinstance(plan, Plan)
    assert [value.shown for value in plan.values if value.slot == "period"] == [shown]


async def test_a_plan_needs_no_topic_and_no_more_days_than_can_be(
    situation: Situation,
) -> None:
    plan = await playbooks.make(ContentPlan(count=4, period="Q2"), situation.context())
    assert isinstance(plan, Plan)
    assert plan.title == "Plan: Q2"
    assert isinstance(await playbooks.make(ContentPlan(count=400), situation.context()), Ask)


async def test_the_file_is_written_once_and_taken_back(
    situation: Situation,
    tmp_path: Path,
) -> None:
    files = FilesConnector(files=Files(root=tmp_path / "files"))
    plan = await playbooks.make(ContentWrite(topic="yarn"), situation.context())
    assert isinstance(plan, Plan)
    action = next(each for each in files.actions() if each.name == "files.write")
    params = WriteParams.model_validate(plan.steps[0].params)
    assert await action.check("t1", params) is None
    first, again = await action.perform("t1", params), await action.perform("t1", params)
    assert first == again == await action.check("t1", params)
    assert (tmp_path / "files/content/Yarn.md").read_text().startswith("# Yarn\n")
    assert action.compensate
    assert "to the trash" in (await action.compensate("t1", params, first)).receipt
    assert not (tmp_path / "files/content/Yarn.md").exists()
