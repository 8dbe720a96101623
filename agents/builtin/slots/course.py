"""Slots of what the students of a course ask and hand in."""

import re
from typing import Any

from agents.builtin.names import Name
from agents.builtin.slots.context import Context
from agents.builtin.wording import tidy

_QUESTION_START = re.compile(
    r"\b(?:question|frage|pregunta)\s*(?:\(?[^:?]{0,30}\)?)?:\s*|\b(?:about|on|regarding|whether|"
    r"if|over|über|sobre|sur|wants\s+to\s+know|asks?|asking|asked|wonders|wondering|is\s+wondering|"
    r"ob|si|comment|que)\s+|:\s*"
)


def student_answer(ctx: Context) -> dict[str, Any]:
    """Slots of student.answer."""
    low, raw = ctx.text.low, ctx.text.raw
    who = _student(ctx)
    question = None
    areas = [(ctx.hit.start, ctx.end)]
    if ctx.start > 0:
        areas.append((0, ctx.start))
    for start, end in areas:
        for match in _QUESTION_START.finditer(low, start, end):
            word = match.group().strip()
            begin = match.start() if word in {"if", "whether", "ob"} else match.end()
            text = tidy(raw[begin:end])
            if (
                text
                and len(text) > 4
                and not re.match(r"(?:question|him|her|them)\b", text.lower())
            ):
                question = text
                break
        if question:
            break
    return {"student": who.value if who else None, "question": question}


_NAMELESS = re.compile(
    r"\s*(?:to\s+)?(?:the|a|some)\s+(?:student|learner|participant)\s+(?:who|that)\b"
)
""" "The student who asks": none that was named before."""


def _student(ctx: Context) -> Name | None:
    low = ctx.text.low
    if ctx.pronoun_at(ctx.hit.end):
        return ctx.antecedent()
    skip = re.compile(
        r"\s*(?:(?:to|the|a|our|my|student|learner|participant|la|el|der|die|frage|von|pregunta|de|"
        r"question|questions|from|of|by|à)\b\s*)*"
    ).match(low, ctx.hit.end, ctx.end)
    name = ctx.names.at(skip.end() if skip else ctx.hit.end, ctx.own_end)
    if name and not re.match(r"(?:question|student|forum|it|lesson|module)", name.value.lower()):
        return name
    by = re.compile(
        r"\b(?:q|qn|question|frage|pregunta|e?-?mail|message|note)s?\s+(?:from|by|of|von|de)\s+"
    ).search(low, 0, ctx.hit.start)
    asker = ctx.names.at(by.end(), ctx.hit.start) if by else None
    if asker:
        return asker
    found = ctx.named(ctx.hit.start, ctx.own_end)
    if not found and not _NAMELESS.match(low, ctx.hit.end):
        found = ctx.named(0, ctx.hit.start)
    if re.search(r"\bno\s+name\b", low):
        return None
    return found[0] if found else None


_NUMBER = r"#?(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_WORK = re.compile(
    r"(?:\b(?:the|final|first|second|third|last|latest|her|his|their|my|mid-?term|module|lesson|"
    r"week|unit|chapter|capstone|course)\s+)*(?:(?:module|lesson|week|unit|chapter|level|session|"
    rf"cohort)\s*{_NUMBER}\s+)?(?:[a-z-]+\s+)?(?:essay|quiz|quizzes|test|assignment|homework|project|"
    r"submission|exercise|exam|coursework|portfolio|task|worksheet|paper|case\s+study|presentation|"
    r"lab|hausaufgabe|ejercicio|devoir|aufgabe|reflection|capstone|report|video|recording|drawing|poem|"
    r"story|diagram|thesis|dissertation)(?:\s*(?:#|no\.?\s*)?\d+)?"
    rf"(?:\s+(?:for|of|from|on|in)\s+(?:module|lesson|week|unit|chapter)\s*{_NUMBER})?|"
    r"\b(?:module|lesson|week|unit|chapter|assignment|modul|lektion|módulo)\s*\d+\b"
)
_COUNTED = re.compile(
    r"(?:module|lesson|week|unit|chapter|cohort|session|section|level|part|task|round|term|block)s?\s*"
    rf"{_NUMBER}\b"
)
""" "The unit 5 submission": of no student called Unit."""
_WORK_LEAD = re.compile(
    r"^(?:the|her|his|their|my|a|an|in|up|please|uploaded|submitted|s|for|and|just|of|grade|mark|"
    r"assess|on|to)\s+",
    re.I,
)


_ANY_WORK = re.compile(r"(?:(?:her|his|their|the)\s+)?(?:work|stuff|thing|it|submission)", re.I)
_WORK_NAMED = r"(?P<w>[a-z][\w-]*(?:\s+(?!and\b|so\b|please\b|pls\b|today\b)[\w-]+){0,3})"
_HANDED_IN = re.compile(
    rf"\b(?:handed|turned|sent|given)\s+in\s+(?:the|a|an|his|her|their)\s+{_WORK_NAMED}"
)
_ITS_TOPIC = re.compile(r"\b(?:on|about)\s+$")
_ON_TOPIC = re.compile(
    r"\s+(?:on|about)\s+(?!(?:it|him|her|them|time|friday|monday|tuesday|wednesday|thursday|saturday|"
    r"sunday|today)\b)(?:the\s+)?\w+(?:\s+(?!(?:and|so|please|pls|for|by|with|then|today|tomorrow|"
    r"when|it|out|is|are|was|were|has|came|in|at|from|that|which|he|she|they|i|to)\b)\w+){0,3}",
    re.I,
)
_THEIR_WORK = re.compile(rf"\s+{_WORK_NAMED}(?=\s*(?:$|[,.;!?]|and\b|please\b|pls\b))")


def submission_grade(ctx: Context) -> dict[str, Any]:
    """Slots of submission.grade."""
    low, raw = ctx.text.low, ctx.text.raw
    who: Name | None = None
    if re.match(
        r"\s*(?:it|this|that|him|her|them|his|their|please)\b", low[ctx.hit.end : ctx.own_end]
    ):
        who = ctx.antecedent()
        who = None if who and _ITS_TOPIC.search(low[: who.start]) else who
    if who is None:
        skip = re.compile(r"\s*(?:(?:the|a|student|our|my|for|feedback|on|to)\b\s*)*").match(
            low, ctx.hit.end, ctx.end
        )
        who = ctx.names.at(skip.end() if skip else ctx.hit.end, ctx.own_end)
        if who and (_WORK.fullmatch(who.value.lower()) or _COUNTED.match(low, who.start)):
            who = None
    if who is None:
        by = re.compile(r"\b(?:of|by|from|for|von|de)\s+").search(low, ctx.hit.end, ctx.end)
        named = ctx.names.at(by.end(), ctx.end) if by else None
        who = named if named and not _WORK.match(named.value.lower()) else None
    if who is None:
        found = ctx.named(ctx.hit.end, ctx.end) or ctx.named(0, ctx.hit.start)
        found = [n for n in found if not _ITS_TOPIC.search(low[: n.start])]
        who = found[-1] if len(found) == 1 else None
    work = None
    for start, end in ((ctx.hit.end, ctx.end), (0, ctx.hit.start)):
        span = low[start:end]
        if who and start <= who.start < end:
            span = span[: who.start - start] + " " * (who.end - who.start) + span[who.end - start :]
        match = _WORK.search(span)
        if match:
            text = raw[start + match.start() : start + match.end()].strip()
            while (lead := _WORK_LEAD.match(text)) is not None:
                text = text[lead.end() :]
            on = _ON_TOPIC.match(raw, start + match.end(), end)
            work = text + (on.group() if on else "")
            break
    if work is None and (given := _HANDED_IN.search(low, 0, ctx.end)):
        work = raw[given.start("w") : given.end("w")]
    if work is None and who and low[: who.end].endswith("'s"):
        own = _THEIR_WORK.match(low, who.end, ctx.own_end)
        work = raw[own.start("w") : own.end("w")] if own else None
    return {"student": who.value if who else None, "assignment": named_work(work)}


def named_work(said: str | None) -> str | None:
    """What is graded, unless the words say no more than that it is work."""
    return None if said and _ANY_WORK.fullmatch(said) else said
