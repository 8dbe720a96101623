"""Teaching: drafts for students' questions, grades proposed by a rubric. Nothing is sent."""

import re
from dataclasses import replace

from agents.context import Context, Document
from agents.outcomes import Ask, Say
from agents.playbooks.research import gather
from agents.requests import StudentAnswer, SubmissionGrade
from agents.roles import Material
from agents.roles.tutor import Criterion, Grading, Mark, StudentAsked, Triage, WorkHandedIn
from core import naming
from core.memory import answers
from core.memory.facts import View

_RUBRIC = re.compile(r"\b(?:rubric|criteria|kriterien|rúbrica)\b[^:\n]{0,60}:", re.IGNORECASE)
_TEXT = re.compile(
    r"(?:^|\s)(?:the )?(?:text|submission|essay|work|answer)\s*:(?=\s)", re.IGNORECASE
)
_CRITERION = re.compile(
    r"(?:[-*•]\s*|\d+[.)]\s+)?(?P<name>[^\W\d][^:(\d]*?)\s*[:(–—-]?\s*"
    r"(?:0\s*[-–]\s*|up to\s+|max\.?\s*)?(?P<most>\d{1,3})\s*(?:points?|pts?|p)?\s*\)?\s*"
    r"(?:[:(–—-]\s*(?P<about>[^)]+)\)?)?\.?",
    re.IGNORECASE,
)
_GRADE = re.compile(
    r"\b(?:grad(?:e|ing)|mark|assess|evaluate|score|bewerte\w*|benote\w*|korrigier\w*|califica\w*)\b",
    re.IGNORECASE,
)
_APART = re.compile(r"[;\n]|,(?![^(]*\))")


async def answer(request: StudentAnswer, context: Context) -> Ask | Say:
    """What a student's question is about, and an answer to look at where a material has one."""
    if not request.question:
        return Ask("question", "What does the student ask?")
    found = {
        f"m{place}": each
        for place, each in enumerate(await gather(request.question, context, files=True), start=1)
        if request.question.casefold() not in each.material.text.casefold()  # where it was asked
    }
    company = context.profile.company
    given = StudentAsked(
        question=request.question,
        student=request.student or "",
        sign=company.person or company.name,
        materials=tuple(
            each.material.model_copy(update={"id": name}) for name, each in found.items()
        ),
    )
    # A draft that is said isn't refined later, so whoever can think better does it now.
    thought = await replace(context, quick=False).think(given, Triage)
    made = thought.output
    who = f" of {request.student}" if request.student else ""
    head = f"A question{who} about {_ABOUT[made.category]}, {_HURRY[made.urgency]}."
    if not made.draft:
        return Say(
            f"{head}\nNo material here answers it, so I drafted nothing. Tell me what holds with "
            f"“Remember that …” and ask again, or write to {request.student or 'the student'} "
            "yourself."
        )
    sources = tuple(f"“{quote.text}”, {found[quote.source].where}" for quote in made.quotes)
    facts = tuple(
        dict.fromkeys(fact for q in made.quotes if (fact := found[q.source].fact_id) is not None)
    )
    return Say(f"{head}\nA draft to look at; nothing was sent:\n\n{made.draft}", sources, facts)


_ABOUT = {
    "content": "the content",
    "organisation": "organisation",
    "technical": "a technical problem",
    "assessment": "graded work",
}
_HURRY = {"low": "no hurry", "normal": "not urgent", "high": "urgent"}


async def grade(request: SubmissionGrade, context: Context) -> Ask | Say:
    """Points proposed for a work by its rubric; one question where either isn't known."""
    if not request.student:
        return Ask("student", "Whose work is it?")
    if not request.assignment:
        return Ask("assignment", f"Which work of {request.student} is it?")
    rubric, text = await _work(request, context)
    if not rubric or not text:
        return Ask(WORK, _wanted(request, rubric=bool(rubric), text=bool(text)))
    given = WorkHandedIn(
        student=request.student,
        assignment=request.assignment,
        rubric=rubric,
        materials=(Material(id="work", kind="document", text=text, trust="untrusted"),),
    )
    thought = await replace(context, quick=False).think(given, Grading)
    return Say(_graded(given, thought.output))


WORK = "work"
"""The slot of the question for a rubric and a text; its answer is taken as it is written."""


def is_work(message: str) -> bool:
    """Whether a message holds a rubric or a student's text, which are no orders."""
    return bool(_RUBRIC.search(message) or _TEXT.search(message))


def order(message: str) -> str:
    """The owner's own words, where a message hands over a student's work along with them."""
    label = _RUBRIC.search(message) or _TEXT.search(message)
    head = message[: label.start()] if label else ""
    return head if _GRADE.search(head) else message


def _wanted(request: SubmissionGrade, *, rubric: bool, text: bool) -> str:
    what = f"{request.assignment} of {request.student}"
    criteria = "Rubric: Thesis 5, Evidence 10 (two sources), Style 5"
    if rubric:
        return f"What is the text of {what}? Reply with “Text:” and all of it."
    if text:
        return f"By which criteria is {what} graded? Reply like this: “{criteria}”."
    return (
        f"I need the criteria and the text of {what}. Reply like this:\n{criteria}\nText: all of it"
    )


async def _work(request: SubmissionGrade, context: Context) -> tuple[tuple[Criterion, ...], str]:
    """The rubric and the text: as said now, or else as remembered, or in a file."""
    said = [context.message, str(context.extra.get(WORK, ""))]
    rubric: tuple[Criterion, ...] = ()
    text = ""
    for each in said:
        label = _TEXT.search(each)
        rubric = criteria(each[: label.start()] if label else each) or rubric
        text = each[label.end() :].strip() if label else text
    documents = await context.documents() if not (rubric and text) else []
    rubric = rubric or await _remembered(request, context) or _rubric_of(request, documents)
    if not text and rubric and said[1] and not _RUBRIC.search(said[1]):
        text = said[1].strip()
    return rubric, text or _text_of(request, documents)


def criteria(text: str) -> tuple[Criterion, ...]:
    """The criteria of a rubric such as ``Rubric: Thesis 5, Style 3 (plain)``; none if unclear."""
    label = _RUBRIC.search(text)
    if label is None:
        return ()
    found: list[Criterion] = []
    for piece in _APART.split(text[label.end() :]):
        if not piece.strip(" ."):
            continue
        read = _CRITERION.fullmatch(piece.strip())
        if read is None or not 1 <= int(read["most"]) <= 1000:
            return ()
        found.append(
            Criterion(
                name=read["name"].strip()[:100],
                most=int(read["most"]),
                about=(read["about"] or "").strip(),
            )
        )
    names = [criterion.name for criterion in found]
    return tuple(found) if len(set(names)) == len(names) else ()


async def _remembered(request: SubmissionGrade, context: Context) -> tuple[Criterion, ...]:
    """The rubric as the owner said it once, where a statement names the assignment."""
    wanted = set(naming.words(request.assignment or ""))
    view = View(context.now, context.now)
    asked = answers.words(f"rubric {request.assignment}")
    for fact in await context.recall(asked, None, view):
        named = fact.trust == "owner" and wanted <= set(naming.words(fact.statement))
        if named and (found := criteria(fact.statement)):
            return found
    return ()


def _rubric_of(request: SubmissionGrade, documents: list[Document]) -> tuple[Criterion, ...]:
    found = _named(documents, f"rubric {request.assignment}")
    return criteria(f"Rubric:\n{found.text}") or criteria(found.text) if found else ()


def _text_of(request: SubmissionGrade, documents: list[Document]) -> str:
    found = _named(documents, f"{request.student} {request.assignment}")
    return found.text.strip() if found else ""


def _named(documents: list[Document], words: str) -> Document | None:
    """The one file whose name holds all of these words."""
    wanted = set(naming.words(words))
    named = [each for each in documents if wanted <= set(naming.words(each.path))]
    return named[0] if len(named) == 1 else None


def _graded(given: WorkHandedIn, made: Grading) -> str:
    most = {criterion.name: criterion.most for criterion in given.rubric}
    lines = [f"{given.assignment} of {given.student}: a proposal; nothing was sent or kept."]
    lines += [_line(mark, most[mark.criterion]) for mark in made.marks]
    judged = sum(most[mark.criterion] for mark in made.marks if mark.points is not None)
    lines.append(f"Proposed: {made.total} of {judged} points, {sum(most.values())} in all.")
    if made.to_judge:
        lines.append(f"You still have to judge: {', '.join(made.to_judge)}.")
    return "\n".join(lines)


def _line(mark: Mark, most: int) -> str:
    points = "open" if mark.points is None else str(mark.points)
    quote = f" “{mark.quote}”" if mark.quote else ""
    return f"• {mark.criterion}: {points} of {most}.{quote} {mark.comment}"
