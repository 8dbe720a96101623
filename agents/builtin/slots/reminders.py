"""Slots of reminders to the operator."""

import re
from dataclasses import replace
from typing import Any

from agents.builtin.dates import resolve
from agents.builtin.lexicon import SMALL_NUMBERS, alternatives
from agents.builtin.relative import then
from agents.builtin.slots.calendar import MORNING, one_of
from agents.builtin.slots.context import Context
from agents.builtin.when import When
from agents.builtin.wording import tidy

_WHAT = re.compile(
    r"^(?:[\s,;:–—-]|\b(?:to|that|about|of|for|an|daran|die|zu|de|que|sobre|d'|à|please|pls|"
    r"i\s+(?:need|have|want)\s+to|dass\s+ich|it's|its|is|bitte)\b(?!\s+(?:am|pm)\b))+",
    re.I,
)
_MUST = re.compile(
    r"^(?:.*?\b)?(?:i\s+(?:must|have\s+to|need\s+to|should|gotta|want\s+to|ought\s+to|"
    r"mustn't\s+forget\s+to|can't\s+forget\s+to)|i've\s+got\s+to|ich\s+muss|tengo\s+que|"
    r"je\s+dois)\s+",
    re.I | re.S,
)
_TAIL = re.compile(
    r"(?:[\s,;:–—.!-]|\b(?:on|at|by|in|um|am|a\s+las|el|à|le|the|and|for|bitte|please|pls|around|"
    r"dass|an|before|every|next|so|ok|from)\b)+$",
    re.I,
)


_UNREAD = re.compile(
    r"\b(?:at|um|gegen|à|a\s+las?|vers)\s+(?:\d{1,4}|"
    rf"{alternatives(SMALL_NUMBERS.keys() - {'a', 'an'})})(?![\w%€$£]|"
    r"\s*(?:%|€|\$|£|euros?|percent))"
)
_BESIDE = re.compile(r"[\s,]*(?:[a-zß-ÿ]+\s+){0,3}")
_HOUR = re.compile(r"\d{1,2}[.:][0-5]\d$|\d{1,2}(?!\s*(?:x|%|[.,:/]\d|\w+s\b)|\w)")


_WANTED = re.compile(r"(?:i|we)(?:'d)?\s+(?:want|need|(?:would\s+)?like)", re.I)
""" "I want a reminder at 7" doesn't say of what."""


def reminder_set(ctx: Context) -> dict[str, Any]:
    """Slots of reminder.set."""
    hit = ctx.hit
    after = hit.end
    whens = [w for w in ctx.whens_in(ctx.start, ctx.end) if not w.past]
    chosen, used = _moment(ctx, whens, after)
    what = _what(ctx, after, ctx.end, used)
    if chosen is None and not whens and (back := _lead_moment(ctx)) is not None:
        chosen, used = back, [back]
        what = _what(ctx, after, ctx.end, used)
    if what is None and hit.start > ctx.start:
        what = _what(ctx, ctx.start, hit.start, used)
    if what is None or chosen is None:
        line = _previous(ctx)
        if line is not None and ctx.start > 0:
            before = [w for w in ctx.whens_in(line, ctx.start) if not w.past]
            if (
                chosen is None
                and not any(w.clock or w.day or w.vague for w in whens)
                and what is None
            ):
                chosen, extra = _moment(ctx, before, line)
                used = used + extra
            elif chosen is not None and used and chosen.day is None and chosen.moment is None:
                days = {w.day for w in before if w.day}
                if len(days) == 1:
                    chosen, used = (
                        replace(chosen, day=days.pop()),
                        used + [w for w in before if w.day],
                    )
            if what is None:
                what = _what(ctx, line, ctx.start, used + before)
    if what and _WANTED.fullmatch(what):
        what = None
    at = None
    hour = what is not None and chosen is not None and chosen.clock is None and _HOUR.match(what)
    if hour or (used and chosen is not None and _unread(ctx, chosen, used)):
        return {"what": what, "at": None}  # "Saturday 8" is hardly 9 o'clock
    if chosen is not None and (chosen.day or chosen.moment or not chosen.vague):
        early = True
        at = resolve(chosen, ctx.now, ctx.zone, only_date=MORNING, early=early)
    return {"what": what, "at": at}


def _unread(ctx: Context, chosen: When, used: list[When]) -> bool:
    """Whether a time stands beside the day that nobody could read: it isn't 9 o'clock then."""
    low = ctx.text.low
    if chosen.clock or chosen.moment:
        return False
    return any(
        (w.end <= said.start() and not low[w.end : said.start()].strip(" ,"))
        or (said.end() <= w.start and _BESIDE.fullmatch(low, said.end(), w.start))
        for said in _UNREAD.finditer(low, ctx.start, ctx.end)
        for w in used
    )


def _lead_moment(ctx: Context) -> When | None:
    """The moment that stands alone before the order, or that its "then" points back to."""
    low = ctx.text.low
    if (back := then(low, ctx.start, ctx.end, ctx.whens)) is not None:
        return back
    before = [w for w in ctx.whens_in(ctx.lead, ctx.start) if not w.past]
    rest = low[ctx.lead : ctx.start]
    for when in before:
        rest = rest.replace(low[when.start : when.end], "")
    return one_of(before) if before and not rest.strip(" ,.:;–—-!") else None


def _previous(ctx: Context) -> int | None:
    text = ctx.text.low[: ctx.start].rstrip(" .!?\n,;:–—-")
    if not text:
        return None
    return max(text.rfind(". "), text.rfind("\n"), text.rfind("! "), text.rfind("? ")) + 1


def _moment(ctx: Context, whens: list[When], after: int) -> tuple[When | None, list[When]]:
    """The moment of a reminder and the spans that say it, which are no part of what it says."""
    low = ctx.text.low
    if not whens:
        return None, []
    if any(w.unclear for w in whens):
        return None, [w for w in whens if w.unclear]
    direct = [
        w
        for w in whens
        if w.start >= after
        and re.fullmatch(
            r"[\s,:]*(?:(?:again|please|pls|about\s+it|of\s+it|for|on|at|by|um|am|el|le|a|"
            r"the)\s*)*",
            low[after : w.start],
        )
    ]
    if direct:
        first = direct[0]
        if first.clock is None or first.day is None:
            second = [
                w
                for w in whens
                if w.start >= first.end
                and (w.day is None or first.day is None)
                and (w.clock is None or first.clock is None)
                and not w.vague
            ]
            # "remind me tomorrow to call Ana at 3" says when to be reminded in two places.
            if (
                len(second) == 1
                and first.moment is None
                and second[0].moment is None
                and re.search(r"(?:^|[\s,])$", low[first.end : second[0].start][-1:] or " ")
                and not low[second[0].end : ctx.end].strip(" .!?,")
                and (first.day is None) != (second[0].day is None)
                # "… on Thursday that Jo comes at 3" says when Jo comes.
                and not re.match(r"\s*that\s+(?!i\b)", low[first.end : second[0].start])
            ):
                joined = one_of([first, second[0]])
                if joined:
                    return joined, [first, second[0]]
        return (None if first.vague else first), [first]
    trailing = [w for w in whens if w.start >= after]
    if trailing:
        last = trailing[-1]
        if (
            low[last.end : ctx.end].strip(" .!?,;")
            and len(trailing) == 1
            and len(low[last.end : ctx.end].split()) > 6
        ):
            pass
        if re.search(
            r"\b(?:is|are|was|due|deadline|expires?|ends?|starts?|moved\s+to|from|until|since|"
            r"for)\s+(?:due\s+)?(?:on\s+|by\s+|at\s+)?$",
            low[: last.start][-24:],
        ) and re.match(r"\s*(?:that|about)\b", low[after:]):
            return None, []
        others = trailing[:-1]
        if others:
            joined = one_of([*others, last])
            if joined is None:
                return (None, []) if last.vague else (last, [last])
            return joined, [*others, last]
        return (None, [last]) if last.vague and not last.day and not last.clock else (last, [last])
    joined = one_of(whens)
    return joined, whens


def _what(ctx: Context, start: int, end: int, used: list[When]) -> str | None:
    raw = ctx.text.raw
    chars = list(raw[start:end])
    for when in used:
        s, e = max(when.start, start), min(when.end, end)
        lead = (
            re.search(
                r"(?:\b(?:on|at|by|um|am|a\s+las|el|le|à|for|for\s+the|before|around|in|the|"
                r"early)\s*)+$",
                raw[start:s],
                re.I,
            )
            if s >= start
            else None
        )
        if lead and s < e:
            s = start + lead.start()
        for index in range(s, e):
            if 0 <= index - start < len(chars):
                chars[index - start] = " "
    text = re.sub(r"[ ]{2,}", " ", "".join(chars)).strip()
    text = re.sub(r"^(?:hi|hey|ok|please|pls|so|and)\b[\s,!]*", "", text, flags=re.I)
    must = _MUST.match(text)
    if must and must.end() < len(text):
        text = text[must.end() :]
    text = _WHAT.sub("", text)
    text = _TAIL.sub("", text)
    text = re.sub(r"\s+([,.;!?])", r"\1", text)
    tidied = tidy(text)
    if tidied and re.fullmatch(
        r"(?:(?:it|it's|its|that|that's|this|again|me|them|about|please|later|and|so|ok|the|a|"
        r"give|of|one|very|just|with|for|reminder|really|"
        r"super|important|urgent|crucial|vital|no|matter|what|don't|dont|forget|sharp|thanks|then|"
        r"like|good|man|"
        r"is)\W*)+",
        tidied,
        re.I,
    ):
        return None
    return tidied
