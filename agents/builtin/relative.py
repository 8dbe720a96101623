"""Days and times that count from others: "three days before that", "an hour before 3"."""

import re
from dataclasses import replace
from datetime import timedelta

from agents.builtin.clock import NUMBER, Clock, small
from agents.builtin.days import add_months
from agents.builtin.when import When

_BEFORE = r"before|prior\s+to|ahead\s+of|earlier\s+than|vor|antes\s+de|avant"
_AFTER = r"after|following|from|past|nach|después\s+de|après"
_UNIT = (
    r"days?|weeks?|fortnights?|months?|tage?n?|wochen?|monate?|d[ií]as?|semanas?|jours?|semaines?"
)
_OFFSET = re.compile(
    rf"\b(?:(?P<n>{NUMBER})\s+(?:full\s+|whole\s+)?(?P<u>{_UNIT})|(?:the|der|den|el|le|la)\s+"
    r"(?:very\s+)?(?P<one>day|week|tag|día|jour|(?P<part>morning|afternoon|evening|night))|(?P<hour>half\s+an?\s+hour|"
    rf"(?P<hn>{NUMBER})\s*(?P<hu>hours?|hrs?|h|minutes?|mins?)))\s+"
    rf"(?:(?:(?P<before>{_BEFORE})|(?P<after>{_AFTER}))(?!\w)(?P<that>\s+(?:that|this|it|then)\b"
    r"(?!\s+(?!at\b|to\b|about\b|that\b|i\b)[a-z]))?|"
    r"(?P<early>beforehand|earlier|in\s+advance|prior|davor|zuvor|antes|avant)|"
    r"(?P<late>afterwards|later|danach|después|après))(?!\w)"
)
_TO_DAY = re.compile(r"\s+(?:(?:the|on|el|den|dem|le|del|du|del\s+día)\s+)?")
_TO_TIME = re.compile(r"(?:\s+(?!(?:and|then|or|to)\b)[\w'-]+){0,4}?\s+")
_THEN = re.compile(
    r"\b(?:at\s+(?:that|the)\s+(?:very\s+|same\s+|exact\s+)?(?:minute|moment|time|hour)|"
    r"(?:on|for)\s+(?:that|the\s+same)\s+day|right\s+then|then|genau\s+dann)\b"
)


def counted(low: str, found: list[When]) -> list[When]:
    """``found`` with what is said by another moment put in its place."""
    result = list(found)
    for match in _OFFSET.finditer(low):
        made = _hours(low, match, result) if match["hour"] else _days(low, match, result)
        if made is None:
            continue
        result = [w for w in result if w.end <= made.start or made.end <= w.start]
        result.append(made)
    return sorted(result, key=lambda w: w.start)


def _days(low: str, match: re.Match[str], found: list[When]) -> When | None:
    """A day so many days before or after another one, in place of the words and that other."""
    if not (match["before"] or match["after"]) and match["n"] is None and match["late"]:
        return None
    start, end = match.span()
    base: When | None = None
    named = match["before"] or match["after"]
    if named and not match["that"]:
        link = _TO_DAY.match(low, end)
        at = link.end() if link else end
        base = next(
            (w for w in found if w.day and not w.past and end <= w.start <= at < w.end), None
        )
        if base is not None:
            end = base.end
        elif match["after"] in {"from", "past"} or re.match(
            r"\s+(?:now|today|tomorrow)\b", low[end:]
        ):
            return None
    earlier = [w for w in found if w.day and not w.past and w.end <= start]
    if base is None and named and not match["that"] and not _refers_back(low, match, earlier):
        return When(start, end, unclear=True) if match["before"] or match["part"] else None
    if base is None and len({w.day for w in earlier}) == 1:
        base = earlier[-1]
    if base is None or base.day is None:
        late = (match["late"] or match["after"]) and not match["part"]
        return None if late else When(start, end, unclear=True)
    number = small(match["n"]) if match["n"] else 1
    if number is None:
        return When(start, end, unclear=True)
    sign = -1 if match["before"] or match["early"] else 1
    unit = match["u"] or match["one"]
    if unit.startswith("mo"):
        day = add_months(base.day, sign * number)
    else:
        weeks = 14 if unit.startswith("f") else 7 if unit.startswith(("w", "s")) else 1
        day = base.day + timedelta(days=sign * number * weeks)
    own = base if base.start >= match.start() else None
    if match["part"]:
        part = "evening" if match["part"] == "night" else match["part"]
        return When(start, end, day=day, clock=own.clock if own else None, part=part)
    return When(
        start, end, day=day, clock=own.clock if own else None, part=own.part if own else None
    )


def _refers_back(low: str, match: re.Match[str], earlier: list[When]) -> bool:
    """ "the day before to buy flowers" counts from the day said earlier."""
    after = re.match(
        r"\s*(?:$|[,.;:!?]|at\b|to\b|um\b|a\s+las\b|à\b|\d|in\s+the\b|about\b|around\b|that\b|so\b)",
        low[match.end() :],
    )
    return bool(earlier and after)


def _hours(low: str, match: re.Match[str], found: list[When]) -> When | None:
    """A time so long before or after another one, which may stand a few words further."""
    if match["late"] or match["after"] in {"from", "past"}:
        return None
    start, end = match.span()
    link = _TO_TIME.match(low, end)
    base = next(
        (
            w
            for w in found
            if w.clock
            and w.start >= end
            and len(low[end : w.start].split()) <= 4
            and not re.search(r"[.;!?]", low[end : w.start])
        ),
        None,
    )
    earlier = [w for w in found if w.clock and not w.past and w.end <= start]
    alone = match["early"] or (match["before"] and _refers_back(low, match, earlier))
    if match["early"] and not earlier:
        return None
    if base is None and (match["that"] or alone):
        base = earlier[-1] if len(earlier) == 1 else None
    if base is None or base.clock is None or link is None:
        return When(start, end, unclear=True)
    minutes = 30
    if match["hn"]:
        number = small(match["hn"])
        if number is None:
            return When(start, end, unclear=True)
        minutes = number * (60 if match["hu"].startswith("h") else 1)
    sign = 1 if match["after"] else -1
    at = base.clock.hour * 60 + base.clock.minute + sign * minutes
    clock = base.clock
    settled = clock.at(part=base.part)
    if settled is None or not 0 <= settled.hour * 60 + settled.minute + sign * minutes < 24 * 60:
        return When(start, end, unclear=True)
    at = settled.hour * 60 + settled.minute + sign * minutes
    end_at = base.end
    if base.day is None:
        said = [
            w
            for w in found
            if w.day
            and w.start >= base.end
            and len(low[base.end : w.start].split()) <= 6
            and not re.search(r"[.;!?]", low[base.end : w.start])
        ]
        if said:
            base, end_at = replace(base, day=said[0].day), base.end
    moved = Clock(at // 60, at % 60, open=False)
    return replace(base, start=start, end=max(end, end_at), clock=moved, part=None)


def then(low: str, start: int, end: int, found: list[When]) -> When | None:
    """The moment that "then" or "at that very minute" in a span points back to."""
    match = _THEN.search(low, start, end)
    if match is None:
        return None
    earlier = [w for w in found if (w.day or w.moment) and not w.past and w.end <= match.start()]
    if len(earlier) != 1:
        return None
    return replace(earlier[0], start=match.start(), end=match.end())
