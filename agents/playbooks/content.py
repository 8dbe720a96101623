"""Content: a piece or a plan of pieces, written by the writer and kept as a file."""

import re
from datetime import date, datetime, time, timedelta

from agents import periods
from agents.context import Context
from agents.outcomes import Ask, Say
from agents.playbooks.research import Found, gather
from agents.requests import ContentPlan, ContentWrite
from agents.roles import Thought
from agents.roles.publisher import Channel, Publishing, Schedule
from agents.roles.thinking import MODEL
from agents.roles.writer import Piece, PieceWanted
from connectors.files import WriteParams
from core.memory.facts import COMPANY
from core.plans import Origin, Plan, PlannedStep, Value
from core.when import day, day_and_time

FOLDER = "content"
"""Where pieces are kept, below the files."""
_MANNERS = ("preference", "tone", "language")
_WEEKS = 4
"""How far a plan goes where nothing else is said."""
_MOST = 60
_MORNING = time(9)
_LIMITS = {
    "LinkedIn": 3000,
    "Mastodon": 500,
    "Bluesky": 300,
    "Threads": 500,
    "Twitter": 280,
    "Instagram": 2200,
    "Facebook": 5000,
}
"""Characters that a channel takes."""


async def write(request: ContentWrite, context: Context) -> Plan | Ask | Say:
    """The plan of one piece: a draft where a model writes it, else an outline of what is known."""
    if not request.topic:
        return Ask("topic", "What should it be about?")
    given, found = await _wanted(request.topic, context)
    thought = await context.think(given.model_copy(update={"format": request.format}), Piece)
    piece = thought.output
    text = [piece.text]
    if piece.stage == "draft" and (schedule := await _schedule(piece, context)):
        text.append(schedule)
    what = "Outline" if piece.stage == "outline" else "Draft"
    return _plan(request, f"{what}: {piece.title}", "\n\n".join(text), thought, found, ())


async def plan(request: ContentPlan, context: Context) -> Plan | Ask | Say:
    """The plan of a list of pieces with their days."""
    if request.count is not None and not 1 <= request.count <= _MOST:
        return Ask("count", f"How many pieces? I plan up to {_MOST} at once.")
    today = context.profile.local(context.now).date()
    said = request.period or ""
    span = periods.span(said, today)
    first, last = span or (today + timedelta(days=1), today + timedelta(weeks=_WEEKS))
    days = periods.working_days(first, last, request.count)[:_MOST]
    given, found = await _wanted(request.topic or "", context)
    thought = await context.think(given.model_copy(update={"days": days, "period": said}), Piece)
    lines = [
        f"- {day(each.day)}: {_entry(each.title, each.note)}" for each in thought.output.entries
    ]
    text = "\n".join([*([thought.output.text, ""] if thought.output.text else []), *lines])
    unclear = f" ({said!r} names no days that I know)" if said and span is None else ""
    when = Value(
        slot="period",
        label="From, to",
        shown=f"{day(first)}, {day(last)}{unclear}",
        origin=Origin.WORKED_OUT if span else Origin.DEFAULT,
        source=f"“{said}”" if span else "the next four weeks",
    )
    return _plan(request, f"Plan: {thought.output.title}", text, thought, found, (when,))


def _entry(title: str, note: str) -> str:
    return f"{title}. {note}" if note else title


async def _wanted(topic: str, context: Context) -> tuple[PieceWanted, list[Found]]:
    """What the writer is given. Words of others are left out: the piece is for the public."""
    found = [
        each
        for each in (await gather(topic, context, files=False) if topic else ())
        if each.material.trust != "untrusted"
    ]
    liked = [
        fact.statement
        for fact in await context.facts_about(COMPANY, *_MANNERS)
        if fact.trust == "owner"
    ]
    given = PieceWanted(
        topic=topic,
        brief=context.message,
        preferences=tuple(liked),
        materials=tuple(each.material for each in found),
    )
    return given, found


async def _schedule(piece: Piece, context: Context) -> str | None:
    """Where and when it could appear, for the channels that the message names."""
    named = [
        Channel(name=name, limit=limit)
        for name, limit in _LIMITS.items()
        if re.search(rf"\b{name}\b", context.message, re.IGNORECASE)
    ]
    if not named:
        return None
    thought = await context.think(
        Publishing(
            title=piece.title, text=piece.text, channels=tuple(named), when=_next_morning(context)
        ),
        Schedule,
    )
    posts = [
        f"{each.channel}, {day_and_time(context.profile.local(each.at))}:\n{each.text}"
        for each in thought.output.posts
    ]
    checks = "\n".join(f"- {item}" for item in thought.output.checklist)
    return "\n\n".join(["Where and when:", *posts, f"Before that:\n{checks}"])


def _next_morning(context: Context) -> datetime:
    tomorrow: date = context.profile.local(context.now).date() + timedelta(days=1)
    return datetime.combine(tomorrow, _MORNING, context.profile.tz)


def _plan(
    request: ContentWrite | ContentPlan,
    title: str,
    text: str,
    thought: Thought[Piece],
    found: list[Found],
    more: tuple[Value, ...],
) -> Plan:
    piece, worded = thought.output, MODEL in thought.origins
    # Where a model can draft it, the outline stands on a card until the draft takes its place.
    origins = thought.origins | {MODEL} if thought.better else thought.origins
    sources = [
        f"“{each.material.text}”: {each.where}"
        for each in found
        if each.material.id in piece.sources
    ]
    whole = [f"# {piece.title}", piece.summary, text]
    if piece.tags:
        whole.append(f"Tags: {', '.join(piece.tags)}")
    if sources:
        whole.append("\n".join(["Sources:", *(f"- {source}" for source in sources)]))
    by = f"Written by {thought.explanation.model}" if worded else "No model wrote this"
    whole.append(f"{by}. {piece.rationale}")
    params = WriteParams(name=f"{piece.title}.md", text="\n\n".join(whole) + "\n", folder=FOLDER)
    return Plan(
        intent=request.intent,
        title=title,
        steps=(
            PlannedStep(
                key="keep",
                label="keep it in your files",
                action="files.write",
                params=params.model_dump(mode="json"),
                agent="writer",
            ),
        ),
        values=(
            Value(slot="topic", label="Topic", shown=request.topic or "open", origin=Origin.SAID),
            *more,
            Value(
                slot="text",
                label="Text",
                shown=text,
                origin=Origin.OUTSIDE if worded else Origin.WORKED_OUT,
                source=f"written by {thought.explanation.model}"
                if worded
                else "put together from your words and what is remembered"
                + ("; a model is asked for a draft" if thought.better else ""),
                outside=(text,) if worded else (),
            ),
            *(
                Value(slot="source", label="Rests on", shown=source, origin=Origin.REMEMBERED)
                for source in sources
            ),
        ),
        request=request.model_dump(mode="json", by_alias=True),
        origins=tuple(sorted(origins)),
        reversal="The file can be moved to the trash.",
        afterword=_afterword(f"{title}\n\n{text}", worded=worded),
    )


def _afterword(text: str, *, worded: bool) -> str:
    if worded:
        return f"\n{text}"
    return f"\n{text}\n\nNo model wrote this; where one is set up, it drafts the text."
