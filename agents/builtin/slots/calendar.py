"""Slots of meetings and of reminders to the operator."""

import re
from datetime import datetime, time
from typing import Any

from agents.builtin.dates import resolve
from agents.builtin.names import Name
from agents.builtin.slots.context import Context
from agents.builtin.when import When

MORNING = time(9)
"""A reminder with only a date comes at this time."""

_ENDS = re.compile(
    r"\b(?:until|till|til|to|by|before|ends?|ending|finish\w*|bis|hasta|jusqu'à|instead\s+of|not|"
    r"from|over|since|"
    r"about|for|the|his|her|that\s+is|i\.e\.|=)\s*(?:at\s+|about\s+)?$|[-–(/]\s*$"
)
_WITH = re.compile(r"(?:\bw/\s*|\b(?:with|w|mit|con|avec|bei|for)\s+)")
_BOTH = re.compile(
    r"\s*(?:them\b|both\s+of\s+them\b|both(?=\s*(?:$|[^\w\s]|(?:on|at|for|from|to|and)\b)))"
)
_BACK = re.compile(r"\b(?:with|w/)\s+(?:them|him|her|both)\b")
_EVENING = re.compile(
    r"\b(?:dinner|drinks|evening|supper|cena|abendessen|dîner|concert|theatre|party|pub)\b"
)
_EARLY = re.compile(r"\b(?:breakfast|early|train|flight|wake|frühstück|desayuno)\b")
_DOINGS = re.compile(
    r"\b(?:the\s+)?(?:debrief|kick-?off|review|workshop|session|demo|handover|interview|call|"
    r"meeting|chat|coffee|lunch|dinner|zoom|sync|strategy|quarterly|retro\w*|check-?in)\b"
)


def meeting_schedule(ctx: Context) -> dict[str, Any]:
    """Slots of meeting.schedule."""
    who = _with(ctx)
    start, minutes = _start(ctx)
    if minutes is None:
        spells = [m for s, e, m in ctx.spells if ctx.start <= s and e <= ctx.end]
        minutes = spells[0] if len(set(spells)) == 1 else None
    return {"with_": who.value if who else None, "start": start, "duration_min": minutes}


def _with(ctx: Context) -> Name | None:
    low, hit = ctx.text.low, ctx.hit
    area = [(hit.start, ctx.own_end), (ctx.start, hit.start)]
    for start, end in area:
        for match in _WITH.finditer(low, start, end):
            both = _BOTH.match(low, match.end())
            if ctx.pronoun_at(match.end()) or both:
                return (both and _joint(ctx)) or ctx.antecedent(match.end())
            if match.group().strip() == "for" and hit.form != "object":
                continue
            name = ctx.names.several(match.end(), end)
            if name and not _temporal(ctx, name):
                return name
    if hit.form == "verb":
        if ctx.pronoun_at(hit.end):
            return ctx.antecedent()
        name = ctx.names.several(hit.end, ctx.own_end)
        if name and not _temporal(ctx, name):
            return name
    if hit.form in {"object"} and hit.verb_end < hit.end:
        if ctx.pronoun_at(hit.verb_end):
            return ctx.antecedent()
        name = ctx.names.several(hit.verb_end, hit.end)
        if name and not _temporal(ctx, name) and low[hit.end - 1 :][:1]:
            return name
    comma = re.compile(r"\s*[,:–—-]\s*|\s+").match(low, hit.end, ctx.own_end)
    if comma:
        name = ctx.names.several(comma.end(), ctx.own_end)
        if name and not _temporal(ctx, name) and (name.value[:1].isupper()):
            return name
    named = [
        n
        for n in ctx.named(ctx.start, ctx.end)
        if not _temporal(ctx, n)
        and not re.search(r"\b(?:about|on|in|at|re|regarding)\s+(?:the\s+)?$", low[: n.start][-14:])
    ]
    if len(named) == 1:
        return named[0]
    if len(named) > 1 and (joint := ctx.names.several(named[0].start, ctx.end)):
        return joint if joint.end >= named[-1].end else None
    if ctx.earlier and re.search(r"\b(?:them|him|her|they)\b", low[hit.start : ctx.own_end]):
        return ctx.earlier[-1]
    return None


def _joint(ctx: Context) -> Name | None:
    """The people named together before: "Ana and Ben are coming: block an hour with them"."""
    named = ctx.named(ctx.lead, ctx.start)
    joint = ctx.names.several(named[0].start, ctx.start) if len(named) > 1 else None
    return joint if joint and joint.end >= named[-1].end else None


def _temporal(ctx: Context, name: Name) -> bool:
    return any(w.start < name.end and name.start < w.end for w in ctx.whens)


def _start(ctx: Context) -> tuple[datetime | None, int | None]:
    low = ctx.text.low
    begin = ctx.start
    whens = [w for w in ctx.whens_in(begin, ctx.end) if not w.past]
    if not any(w.day or w.clock or w.moment for w in whens):
        lead = ctx.text.raw[: ctx.start].rstrip()
        if lead.endswith((":", "-", "–", "—", ",")):
            line = max(
                low.rfind("\n", 0, ctx.start), low.rfind(". ", 0, max(ctx.start - 1, 0)) + 1, 0
            )
            whens = [w for w in ctx.whens_in(line, ctx.end) if not w.past]
    if not any(w.day or w.moment or w.unclear for w in whens) and _BACK.search(
        low, ctx.hit.start, ctx.own_end
    ):
        said = [w for w in ctx.whens_in(ctx.lead, ctx.start) if w.day and not w.past]
        whens = [*whens, *said]  # "They come on Friday. Block 2 to 3 with them"
    when = one_of(whens)
    if when is None or _other_clock(ctx, when, whens):
        return None, None
    evening = bool(_EVENING.search(low[ctx.start : ctx.own_end]))
    moment = resolve(
        when,
        ctx.now,
        ctx.zone,
        early=bool(_EARLY.search(low[ctx.start : ctx.own_end])),
        part="evening" if evening and when.part is None else None,
    )
    return moment, when.minutes


def _other_clock(ctx: Context, when: When, whens: list[When]) -> bool:
    """Whether another time is named that may be the start as well."""
    return any(
        other.clock is not None
        and when.clock is not None
        and other.clock != when.clock
        and other.zone in {None, ctx.zone.key}
        and not _ENDS.search(ctx.text.low[: other.start])
        and not re.match(r"\s*(?:at\s+the\s+latest|latest)\b", ctx.text.low[other.end :])
        for other in whens
    )


def one_of(whens: list[When]) -> When | None:
    """The one moment that all spans together name; None when they differ."""
    if any(w.unclear for w in whens):
        return None  # it counts from something without a date
    if any(w.vague for w in whens) and not any(w.day or w.moment for w in whens):
        return None  # a time on a day that nobody can tell is not today's
    whens = [w for w in whens if not w.vague or w.day or w.clock]
    whole = [w for w in whens if w.moment or (w.clock and w.day)]
    if len(whole) == 1:
        return whole[0]
    if whole:
        return None
    days, clocks, parts = (
        [w for w in whens if w.day],
        [w for w in whens if w.clock],
        [w for w in whens if w.part],
    )
    if len({w.day for w in days}) > 1 or len({w.clock for w in clocks}) > 1:
        return None
    if not days and not clocks:
        return None
    first = (days or clocks)[0]
    clock = clocks[0] if clocks else None
    return When(
        first.start, first.end, day=days[0].day if days else None,
        clock=clock.clock if clock else None, part=parts[0].part if parts else None,
        minutes=clock.minutes if clock else None, zone=clock.zone if clock else None,
    )  # fmt: skip
