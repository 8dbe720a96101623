"""Research: what memory, mails and files of this machine say, with quotes, sources and dates."""

from dataclasses import dataclass, replace

from agents import quotes
from agents.context import Context
from agents.outcomes import Ask, Say
from agents.requests import Research
from agents.roles import Material, Thought
from agents.roles.researcher import Finding, Findings, Question
from agents.roles.thinking import MODEL
from agents.telling import source_of
from core import clients
from core.memory import answers
from core.memory.facts import COMPANY, Fact, View
from core.when import day

_FACTS, _DOCUMENTS, _PASSAGES = 8, 6, 12
"""How many facts and files are read at most, and how many sentences of all the files."""
_WEB = "The web is not connected, so I did not look there."


@dataclass(frozen=True, slots=True)
class Found:
    """Something to read, where it is from in words, and its fact's id."""

    material: Material
    where: str
    fact_id: str | None = None


async def answer(request: Research, context: Context) -> Ask | Say:
    """What is found about the question, each thing with its quote, or an honest "nothing"."""
    if not request.question:
        return Ask("question", "What should I find out?")
    found = {
        f"m{place}": each
        for place, each in enumerate(await gather(request.question, context, files=True), start=1)
    }
    given = Question(
        question=request.question,
        materials=tuple(
            each.material.model_copy(update={"id": name}) for name, each in found.items()
        ),
    )
    # An answer is read once and not refined on a card, so a model's is waited for.
    thought = await replace(context, quick=False).think(given, Findings)
    output = thought.output
    if not output.findings:
        return Say(f"I found nothing on that in memory, mails and files of this machine. {_WEB}")
    blocks = [f"What I found on this machine, {_reader(thought)}:"]
    if output.answer != output.findings[0].claim:
        blocks.append(output.answer)
    blocks.append("\n".join(_told(each, found[each.source]) for each in output.findings))
    if output.open_questions:
        blocks.append("Open: " + " ".join(output.open_questions))
    used = dict.fromkeys(found[each.source].fact_id for each in output.findings)
    return Say("\n\n".join([*blocks, _WEB]), facts=tuple(fact for fact in used if fact))


def _reader(thought: Thought[Findings]) -> str:
    """Who read the sources: a model by its name, or nobody."""
    return f"read by {thought.explanation.model}" if MODEL in thought.origins else "found by words"


def _told(finding: Finding, source: Found) -> str:
    # Whoever said a fact is told with the day already.
    when = f", {day(finding.date)}" if finding.date and source.material.kind != "fact" else ""
    said = f"{finding.claim} " if finding.claim != finding.quote else ""
    return f"• {said}“{finding.quote}” ({source.where}{when})"


async def gather(question: str, context: Context, *, files: bool) -> list[Found]:
    """What memory, mails and, with ``files``, the files say near a question; facts first."""
    found = {
        fact.id: Found(
            Material(
                id=fact.id,
                kind="fact",
                text=fact.statement,
                trust="untrusted" if fact.trust == "untrusted" else "memory",
                at=context.profile.local(fact.recorded_at),
            ),
            source_of(fact, context.profile),
            fact.id,
        )
        for fact in await _facts(question, context)
    }
    for near in await context.nearest(question, None):
        first = near.text.partition("\n")[0]
        mail = first.startswith("Mail ")
        name = near.fact_id or near.text
        if name not in found:
            found[name] = Found(
                Material(
                    id=name,
                    kind="fact" if near.fact_id else "mail" if mail else "episode",
                    text=near.text,
                    trust="untrusted" if near.trust == "untrusted" else "memory",
                    at=context.profile.local(near.at) if near.at else None,
                ),
                first if mail else "kept in memory" if near.fact_id else "what was said or done",
                near.fact_id,
            )
    return [*found.values(), *(await _documents(question, context) if files else ())]


async def _facts(question: str, context: Context) -> list[Fact]:
    """Facts that share the question's words: of the company, of whom it names, of anybody."""
    who = clients.mentioned(question, context.clients)
    subjects = [COMPANY, *(client.id for client in who[:1])]
    known = [fact for subject in subjects for fact in await context.facts_about(subject)]
    near = quotes.best(question, [fact.statement for fact in known], limit=_FACTS)
    view = View(context.now, context.now)
    asked = answers.words(question)
    others = await context.recall(asked, None, view) if asked else []
    return [*(known[passage.source] for passage in near), *others]


async def _documents(question: str, context: Context) -> list[Found]:
    """The files whose sentences answer best; of each only those sentences."""
    documents = await context.documents()
    passages = quotes.best(question, [each.text for each in documents], limit=_PASSAGES)
    told: dict[int, list[str]] = {}
    for passage in passages:
        told.setdefault(passage.source, []).append(passage.text)
    return [
        Found(
            Material(
                id=documents[source].path,
                kind="document",
                text="\n".join(lines),
                trust="untrusted",
                at=context.profile.local(documents[source].at),
            ),
            f"the file {documents[source].path}",
        )
        for source, lines in list(told.items())[:_DOCUMENTS]
    ]
