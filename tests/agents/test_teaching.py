"""Students' questions and works: drafts and proposals to look at, and nothing is sent."""

from datetime import UTC, datetime
from typing import Any

import pytest

from agents import playbooks
from agents.context import Document
from agents.outcomes import Ask, Say
from agents.playbooks import teaching
from agents.requests import StudentAnswer, SubmissionGrade
from core.memory.values import Value as Said
from tests.agents.test_playbooks import Situation, situation

__all__ = ["situation"]

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def _files(**texts: str) -> Any:
    async def documents() -> list[Document]:
        return [
            Document(path=f"{name.replace('_', '-')}.txt", text=text, at=AT)
            for name, text in texts.items()
        ]

    return documents


async def _answered(made: Situation, question: str | None, **files: str) -> Any:
    return await playbooks.make(
        StudentAnswer(student="Amara", question=question),
        made.context(f"Answer Amara: {question}", documents=_files(**files)),
    )


async def test_a_question_is_answered_from_a_file_of_the_course(situation: Situation) -> None:
    said = await _answered(
        situation,
        "if she can hand in module 3 late",
        course="Module 3 may be handed in a week late. Bring pens.",
    )
    assert isinstance(said, Say)
    assert said.text.startswith("A question of Amara about graded work, not urgent.\nA draft")
    assert "Hello Amara," in said.text
    assert "“Module 3 may be handed in a week late.”" in said.text
    assert said.text.endswith("Ada")
    assert "nothing was sent" in said.text
    assert [source for source in said.sources if "the file course.txt" in source]


async def test_a_fact_that_answers_is_named(situation: Situation) -> None:
    situation.fact("company", "note", Said("text", "x"), "Certificates are recognised in Dubai")
    said = await _answered(situation, "are the certificates recognised in Dubai?")
    assert isinstance(said, Say)
    assert said.facts == ("fact_0",)


async def test_where_nothing_answers_nothing_is_drafted(situation: Situation) -> None:
    said = await _answered(situation, "whether the certificate is recognised in the UAE", a="Pens.")
    assert isinstance(said, Say)
    assert "No material here answers it" in said.text
    assert "Hello" not in said.text
    assert isinstance(await _answered(situation, None), Ask)


RUBRIC = "Rubric: Thesis 5, Length 4 (at least 5 words)"
WORK = "Serifs guide the eye. My thesis is that long texts need them."


async def _graded(
    made: Situation, message: str = "", extra: dict[str, Any] | None = None, **files: str
) -> Any:
    return await playbooks.make(
        SubmissionGrade(student="Mia Berg", assignment="essay 2"),
        made.context(message, extra=extra or {}, documents=_files(**files)),
    )


async def _proposed(made: Situation, *given: Any, **more: Any) -> None:
    said = await _graded(made, *given, **more)
    assert isinstance(said, Say)
    assert said.text == (
        "essay 2 of Mia Berg: a proposal; nothing was sent or kept.\n"
        "• Thesis: open of 5. “My thesis is that long texts need them.” This bears on it; how "
        "well it does is for you to judge.\n"
        "• Length: 4 of 4. “Serifs guide the eye.” 12 words; at least 5 are asked for.\n"
        "Proposed: 4 of 4 points, 9 in all.\n"
        "You still have to judge: Thesis."
    )


async def test_a_work_is_graded_by_the_rubric_in_the_message(situation: Situation) -> None:
    await _proposed(situation, f"Grade Mia Berg's essay 2. {RUBRIC}\nText: {WORK}")


async def test_rubric_and_text_may_come_with_the_answer(situation: Situation) -> None:
    await _proposed(situation, "Grade essay 2", {"work": f"{RUBRIC}\nText: {WORK}"})
    await _proposed(situation, f"Grade essay 2. {RUBRIC}", {"work": WORK})


async def test_a_rubric_is_remembered_and_a_text_found_among_the_files(
    situation: Situation,
) -> None:
    statement = f"The rubric for essay 2: {RUBRIC.partition(': ')[2]}"
    situation.fact("company", "note", Said("text", "x"), statement)
    await _proposed(situation, "Grade essay 2", mia_berg_essay_2=WORK, other="x")
    situation.facts.clear()
    rubric = RUBRIC.partition(": ")[2].replace(", ", "\n")
    await _proposed(situation, "Grade", mia_berg_essay_2=WORK, rubric_essay_2=rubric)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("Grade Mia's essay 2", "I need the criteria and the text of essay 2 of Mia Berg."),
        (f"Grade it. {RUBRIC}", "What is the text of essay 2"),
        (f"Grade it. Text: {WORK}", "By which criteria"),
        (f"Grade it. Rubric: be kind\nText: {WORK}", "By which criteria"),
        (f"Grade it. Rubric: Style 3, Style 4\nText: {WORK}", "By which criteria"),
    ],
)
async def test_what_is_missing_is_one_question(
    situation: Situation, message: str, told: str
) -> None:
    asked = await _graded(situation, message)
    assert isinstance(asked, Ask)
    assert asked.slot == teaching.WORK
    assert asked.text.startswith(told)


async def test_whose_work_and_which_is_asked_first(situation: Situation) -> None:
    for request, slot in (
        (SubmissionGrade(), "student"),
        (SubmissionGrade(student="Mia"), "assignment"),
    ):
        asked = await playbooks.make(request, situation.context())
        assert isinstance(asked, Ask)
        assert asked.slot == slot


@pytest.mark.parametrize(
    ("rubric", "found"),
    [
        ("Thesis 5, Style 3", [("Thesis", 5, ""), ("Style", 3, "")]),
        ("- Thesis: 5 points\n- Style (3)", [("Thesis", 5, ""), ("Style", 3, "")]),
        ("1. Use of sources: max. 10 pts: two, named", []),
        ("Sources 10 (two, named); Style 0-5.", [("Sources", 10, "two, named"), ("Style", 5, "")]),
        ("Thesis", []),
    ],
)
def test_rubrics_are_read_or_asked_about(rubric: str, found: list[Any]) -> None:
    assert [(c.name, c.most, c.about) for c in teaching.criteria(f"Rubric: {rubric}")] == found


def test_what_a_student_wrote_is_no_order() -> None:
    whole = "Grade Mia's essay. Rubric: Thesis 5\nText: Invoice Northwind 900 EUR."
    assert teaching.order(whole).strip() == "Grade Mia's essay."
    assert teaching.order("Email Nora. Text: the draft is ready") != "Email Nora."
    assert teaching.is_work("Text: remind me tomorrow")
    assert not teaching.is_work("Invoice Northwind 900 EUR")
