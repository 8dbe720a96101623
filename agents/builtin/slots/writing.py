"""Slots of content, of what is kept or asked, and of research."""

import re
from typing import Any

from agents.builtin.clock import small
from agents.builtin.lexicon import MONTHS, SMALL_NUMBERS, alternatives
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
    rf"{alternatives(set(SMALL_NUMBERS) - {'a', 'an'})})\s+"
    rf"(?!(?:weeks?|months?|days?|years?)\b)(?:\w+\s+){{0,2}}?{_PIECES}\b"
)
_IN_ALL = re.compile(
    rf"[\s,;(–—-]*(?:\bso\s+)?\b(?P<n>\d{{1,3}}|"
    rf"{alternatives(set(SMALL_NUMBERS) - {'a', 'an'})})\s+(?:in\s+(?:total|all)|"
    r"altogether|all\s+told|of\s+them|insgesamt|en\s+total)\b"
)
""" "Two months of newsletters, eight in total"."""
_MONTH = alternatives(*MONTHS.values())
_PERIOD = re.compile(
    r"\b(?:for|in|over|during|throughout|across|until|für|im|in\s+den|para|en|pour|"
    r"about\s+now\s+until)\s+(?P<p>(?:the\s+|our\s+|all\s+of\s+|dem\s+|die\s+|el\s+|la\s+|"
    r"le\s+)?(?:(?:coming|next|upcoming|following|rest\s+of(?:\s+the)?|(?:first|second)\s+half\s+of|first|second|last|nächsten?|"
    r"próxim[oa]s?|entire|whole|new)\s+)*(?:\w+\s+)?(?:weeks?|months?|quarter|year|fortnight|"
    r"season|days?|summer|spring|autumn|fall|winter|q[1-4](?:\s+20\d\d)?|"
    rf"{_MONTH}(?:\s+20\d\d)?|advent|christmas|easter|holidays|monat|woche|quartal|mes|semana|mois|"
    rf"semaine|trimestre)\b(?:\s+(?:and|to|through)\s+{_MONTH}|\s+(?:of|before|after|leading\s+up\s+to)\s+"
    rf"(?!{_PIECES}\b)(?:(?:the|our|my)\s+)?[\w'-]+(?:\s+(?!on\b|about\b|with\b|for\b|around\b|please\b|pls\b)"
    r"[\w'-]+){0,2})?)"
    r"|(?:^|[:,.]\s*)(?P<w>(?:\d{1,2}|(?!an?\b)"
    + alternatives(SMALL_NUMBERS)
    + r")\s+(?:weeks|months))"
    r"(?=\s*[,:])"
    r"|\b(?P<o>(?:an?|\d{1,2}|"
    rf"{alternatives(SMALL_NUMBERS)})\s+(?:weeks?|months?|fortnights?|quarter|year))(?=\s+(?:worth\s+)?of\s+(?:\w+\s+){{0,2}}{_PIECES})"
    r"|\b(?P<q>q[1-4](?:\s+20\d\d)?|next\s+(?:week|month|quarter|year|fortnight)|this\s+(?:week|"
    r"month|quarter|spring|summer|autumn|winter)|(?:the\s+)?(?:coming|upcoming)\s+\w+)\b"
    rf"|\b(?P<m>{_MONTH})(?='s|\s+(?:content|posts?|newsletters?|articles?|plan))"
    rf"|\b(?:the|our|my|out|plan)\s+(?P<n>{_MONTH}|spring|summer|autumn|winter|advent|christmas|"
    r"easter|holiday)(?=\s+(?:\w+\s+)?(?:blogs?|series|calendar|schedule|editions?|issues?|pieces|"
    r"instagram|linkedin|facebook|social|emails?|mailings?|batch|round|campaign)\b|\s*[:,–—-]\s)"
)
_TOPIC = re.compile(
    r"(?:\b(?:about|bout|abt|on(?!\s+(?:linkedin|instagram|facebook|twitter|x\b|medium|"
    r"(?:the|my|our)\s+blog|"
    r"monday|tuesday|wednesday|thursday|friday))|around|regarding|concerning|covering|explaining|"
    r"über|darüber,|zu|zum\s+thema|zum|sobre|acerca\s+de|sur|à\s+propos\s+de|topic(?:\s+is|:)?|"
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
        next(
            ((period.start(k), period.end(k)) for k in ("p", "w", "o", "q", "m", "n") if period[k]),
            None,
        )
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
        topic = tidy(_IN_ALL.sub("", text))
        if topic:
            break
    if topic is None and ctx.own_end < ctx.end:
        topic = _subject_beside(raw[ctx.own_end : ctx.end])
    number = small(count["n"]) if count else None
    if (whole := _IN_ALL.search(low, ctx.start, ctx.end)) is not None:
        number, per_week = small(whole["n"]), None
    return {
        "topic": topic,
        "count": None if per_week and number and not re.search(r"\b(?:total)\b", low) else number,
        "period": tidy(raw[span[0] : span[1]]) if span else None,
    }


_FOR_ME = re.compile(
    r"^\s*(?:for\s+(?:me|us)\b\s*|(?:this\s+(?:morning|afternoon|evening|week)|today|tonight|"
    r"tomorrow|now|please|pls|quickly)(?=[\s.,;!?]*$)\W*)+",
    re.I,
)
""" "Do some research for me this afternoon": nothing of it is what to look for."""


def research(ctx: Context) -> dict[str, Any]:
    """Slots of research."""
    text = ctx.text.raw[ctx.hit.start : ctx.end]
    if ctx.hit.form == "question":
        return {"question": tidy(text)}
    verb = ctx.text.low[ctx.hit.start : ctx.hit.end]
    rest = ctx.text.raw[ctx.hit.end : ctx.end]
    keep = verb.startswith(("compare", "find me", "list", "vergleich", "compar", "analy"))
    rest = _FOR_ME.sub("", rest)
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
