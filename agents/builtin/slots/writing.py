"""Slots of content, of what is kept or asked, of research, and of the course."""

import re
from typing import Any

from agents.builtin.clock import small
from agents.builtin.lexicon import MONTHS, SMALL_NUMBERS, alternatives
from agents.builtin.names import Name
from agents.builtin.slots.context import Context
from agents.builtin.wording import tidy

_FORMATS = (
    ("newsletter", r"newsletters?|infolettre|boletín|mailing"),
    ("thread", r"threads?|hilo|tweetstorm"),
    ("script", r"scripts?|skript|guion|guión"),
    (
        "post",
        r"(?:linkedin|blog|instagram|facebook|social(?:\s+media)?)[\s-]*posts?|posts?|blogposts?|"
        r"beitrag|blogbeitrag|caption|publicación|publication",
    ),
    ("article", r"articles?|artikel|artículo|essay"),
)
_PIECES = (
    r"(?:posts?|newsletters?|articles?|threads?|scripts?|pieces?|videos?|blog\s*posts?|blogposts|"
    r"episodes?|tweets?|stories|reels|beiträge|artikel|artículos|publicaciones|publications|"
    r"carousels?|ideas|topics|linkedin\s+posts?|instagram\s+posts?|things)"
)
_COUNT = re.compile(
    rf"(?<![\w-])(?P<n>\d{{1,3}}|"
    rf"{alternatives(set(SMALL_NUMBERS) - {'a', 'an'})})\s+(?:\w+\s+){{0,2}}?{_PIECES}\b"
)
_MONTH = alternatives(*MONTHS.values())
_PERIOD = re.compile(
    r"\b(?:for|in|over|during|throughout|across|until|für|im|in\s+den|para|en|pour|"
    r"about\s+now\s+until)\s+(?P<p>(?:the\s+|our\s+|all\s+of\s+|dem\s+|die\s+|el\s+|la\s+|"
    r"le\s+)?(?:(?:coming|next|upcoming|following|rest\s+of(?:\s+the)?|(?:first|second)\s+half\s+of|first|second|last|nächsten?|"
    r"próxim[oa]s?|entire|whole|new)\s+)*(?:\w+\s+)?(?:weeks?|months?|quarter|year|fortnight|"
    r"season|days?|summer|spring|autumn|fall|winter|q[1-4](?:\s+20\d\d)?|"
    rf"{_MONTH}(?:\s+20\d\d)?|advent|christmas|easter|holidays|monat|woche|quartal|mes|semana|mois|"
    rf"semaine|trimestre)\b(?:\s+(?:and|to|through)\s+{_MONTH})?)"
    r"|(?:^|[:,.]\s*)(?P<w>(?:\d{1,2}|(?!an?\b)"
    + alternatives(SMALL_NUMBERS)
    + r")\s+(?:weeks|months))"
    r"(?=\s*[,:])"
    r"|\b(?P<q>q[1-4](?:\s+20\d\d)?|next\s+(?:week|month|quarter|year|fortnight)|this\s+(?:week|"
    r"month|quarter|spring|summer|autumn|winter)|(?:the\s+)?(?:coming|upcoming)\s+\w+)\b"
    rf"|\b(?P<m>{_MONTH})(?='s|\s+(?:content|posts?|newsletters?|articles?|plan))"
)
_TOPIC = re.compile(
    r"(?:\b(?:about|bout|abt|on(?!\s+(?:linkedin|instagram|facebook|twitter|x\b|medium|"
    r"(?:the|my|our)\s+blog|"
    r"monday|tuesday|wednesday|thursday|friday))|around|regarding|concerning|covering|explaining|"
    r"über|zu|zum\s+thema|zum|sobre|acerca\s+de|sur|à\s+propos\s+de|topic(?:\s+is|:)?|"
    r"theme(?:\s+is|:)?|called|titled|"
    r"all\s+on)\s+|:\s*|\b(?=(?:why|how|what|when)\s+\w)|[-–—]\s+)"
)
_NOT_TOPIC = re.compile(
    r"what\s+(?:goes|comes|to\s+(?:post|publish|write))\b|"
    r"[\s,]*(?:please|pls|for\s+me|by\s+tomorrow|today|tomorrow|go|asap|now|thanks|me)*[\s,.!?]*$",
    re.I,
)


def content_format(text: str) -> str | None:
    """The kind of piece that a text names."""
    best: tuple[int, str] | None = None
    for name, pattern in _FORMATS:
        match = re.search(rf"\b(?:{pattern})\b", text)
        if match and (best is None or match.start() < best[0]):
            best = (match.start(), name)
    return best[1] if best else None


def content_write(ctx: Context) -> dict[str, Any]:
    """Slots of content.write."""
    low, raw = ctx.text.low, ctx.text.raw
    turned = re.compile(
        r"(?:turn|convert|rework|make|transform|"
        r"repurpose)\s+(?P<t>.+?)\s+into\s+(?:an?\s+)?(?P<f>.{3,40})",
        re.S,
    ).match(low, ctx.hit.start, ctx.own_end)
    if turned:
        return {
            "topic": tidy(raw[turned.start("t") : turned.end("t")]),
            "format": content_format(turned["f"]),
        }
    kind = content_format(low[ctx.start : ctx.own_end])
    if kind is None and ctx.start > 0:
        kind = (
            content_format(low[: ctx.start])
            if re.search(r"\b(?:first|second|one|next)\b", low[ctx.hit.start : ctx.own_end])
            else None
        )
    return {
        "topic": _topic(ctx, ctx.hit.end if ctx.hit.form != "verb" else ctx.hit.start),
        "format": kind,
    }


def _topic(ctx: Context, begin: int) -> str | None:
    low, raw = ctx.text.low, ctx.text.raw
    for match in _TOPIC.finditer(low, begin, ctx.end):
        text = raw[match.end() : ctx.end]
        if _NOT_TOPIC.match(text):
            continue
        return tidy(re.sub(r"^(?:about|on|the\s+topic|how\s+about)\s+", "", text, flags=re.I))
    quoted = re.search(r'"([^"]{3,})"', raw[begin : ctx.end])
    return tidy(quoted.group(1)) if quoted else None


def _subject_beside(text: str) -> str | None:
    """What a sentence without a verb says beside the order: "… Beekeeping, four articles"."""
    parts = re.split(r"[,.;:!?\n]+", text)
    return next((tidy(p) for p in parts if p.strip() and not _COUNT.search(p.lower())), None)


def content_plan(ctx: Context) -> dict[str, Any]:
    """Slots of content.plan."""
    low, raw = ctx.text.low, ctx.text.raw
    count = _COUNT.search(low, ctx.start, ctx.end) or _COUNT.search(low, ctx.lead, ctx.start)
    period = _PERIOD.search(low, ctx.start, ctx.end) or _PERIOD.search(low, ctx.lead, ctx.start)
    per_week = count and re.match(
        r"\s*(?:\w+\s+)?(?:a|per|each|every)\s+(?:week|day|month)\b", low[count.end() : ctx.end]
    )
    span = (
        next(((period.start(k), period.end(k)) for k in ("p", "w", "q", "m") if period[k]), None)
        if period
        else None
    )
    topic = None
    areas = ((ctx.hit.end, ctx.end), (ctx.lead, ctx.start))
    for match in (m for area in areas for m in _TOPIC.finditer(low, *area)):
        if match.group().strip() in {":", "-", "–", "—"} and _COUNT.match(low, match.end()):
            continue
        text = raw[match.end() : ctx.end if match.end() > ctx.start else ctx.start]
        if _NOT_TOPIC.match(text):
            continue
        if span and match.end() <= span[0]:
            cut = re.search(
                r"[\s,]*(?:\b(?:for|in|over|during|throughout|across|für|im|para|en|pour)\s+)?$",
                raw[match.end() : span[0]],
            )
            head = raw[match.end() : match.end() + (cut.start() if cut else span[0] - match.end())]
            text = head + (raw[span[1] : ctx.end] if not head.strip() else "")
        elif span and match.start() < span[1]:
            continue
        topic = tidy(text)
        if topic:
            break
    if topic is None and ctx.own_end < ctx.end:
        topic = _subject_beside(raw[ctx.own_end : ctx.end])
    number = small(count["n"]) if count else None
    return {
        "topic": topic,
        "count": None if per_week and number and not re.search(r"\b(?:total)\b", low) else number,
        "period": tidy(raw[span[0] : span[1]]) if span else None,
    }


def research(ctx: Context) -> dict[str, Any]:
    """Slots of research."""
    text = ctx.text.raw[ctx.hit.start : ctx.end]
    if ctx.hit.form == "question":
        return {"question": tidy(text)}
    verb = ctx.text.low[ctx.hit.start : ctx.hit.end]
    rest = ctx.text.raw[ctx.hit.end : ctx.end]
    keep = verb.startswith(("compare", "find me", "list", "vergleich", "compar", "analy"))
    question = tidy(re.sub(r"^\s*(?:about|on|into|for|whether or not)\s+", "", rest))
    if question and question.lower() in {
        "it",
        "that",
        "this",
        "a bit",
        "around",
        "online",
        "around a bit",
    }:
        question = None
    if question is None and ctx.start > 0:
        question = tidy(ctx.text.raw[: ctx.start])
        return {"question": question}
    return {"question": tidy(text) if keep else question}


_STATEMENT = re.compile(
    r"^(?:[\s,;:–—-]|\b(?:that|also|please|for\s+later|this|down|to\s+self|dass|que)\b)+", re.I
)


def memory_save(ctx: Context) -> dict[str, Any]:
    """Slots of memory.save."""
    raw = ctx.text.raw
    if ctx.hit.form == "tail":
        return {"statement": tidy(raw[ctx.start : ctx.hit.verb_end]) or tidy(raw[: ctx.start])}
    rest = tidy(_STATEMENT.sub("", raw[ctx.hit.end : ctx.end]))
    if (
        rest
        and rest.lower() not in {"it", "this", "that", "please", "for me", "in mind"}
        and len(rest) > 2
    ):
        return {"statement": rest}
    return {"statement": tidy(raw[: ctx.start])}


def memory_rule(ctx: Context) -> dict[str, Any]:
    """A standing rule, kept with the words that make it one."""
    return {"statement": tidy(ctx.text.raw[ctx.hit.start : ctx.end])}


def memory_ask(ctx: Context) -> dict[str, Any]:
    """Slots of memory.ask."""
    return {"question": tidy(ctx.text.raw[ctx.hit.start : ctx.end])}


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
    found = ctx.named(ctx.hit.start, ctx.own_end) or ctx.named(0, ctx.hit.start)
    if re.search(r"\bno\s+name\b", low):
        return None
    return found[0] if found else None


_WORK = re.compile(
    r"(?:\b(?:the|final|first|second|third|last|latest|her|his|their|my|mid-?term|module|lesson|"
    r"week|unit|chapter|capstone|course)\s+)*(?:(?:module|lesson|week|unit|chapter|"
    r"cohort)\s*\d+\s+)?(?:[a-z-]+\s+)?(?:essay|quiz|quizzes|test|assignment|homework|project|"
    r"submission|exercise|exam|coursework|portfolio|task|worksheet|paper|case\s+study|presentation|"
    r"lab|hausaufgabe|ejercicio|devoir|aufgabe|reflection|capstone|report)(?:\s*(?:#|"
    r"no\.?\s*)?\d+)?(?:\s+(?:for|of|from|on|in)\s+(?:module|lesson|week|unit|chapter)\s*\d+)?|"
    r"\b(?:module|lesson|week|unit|chapter|assignment|modul|lektion|módulo)\s*\d+\b"
)
_WORK_LEAD = re.compile(
    r"^(?:the|her|his|their|my|a|an|in|up|please|uploaded|submitted|s|for|and|just|of|grade|mark|"
    r"assess|on|to)\s+",
    re.I,
)


_WORK_NAMED = r"(?P<w>[a-z][\w-]*(?:\s+(?!and\b|so\b|please\b|pls\b|today\b)[\w-]+){0,3})"
_HANDED_IN = re.compile(
    rf"\b(?:handed|turned|sent|given)\s+in\s+(?:the|a|an|his|her|their)\s+{_WORK_NAMED}"
)
_ITS_TOPIC = re.compile(r"\b(?:on|about)\s+$")
_ON_TOPIC = re.compile(r"\s+(?:on|about)\s+[A-Z]\w+(?:\s+[A-Z]\w+)*")
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
        if who and _WORK.fullmatch(who.value.lower()):
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
    return {"student": who.value if who else None, "assignment": work}
