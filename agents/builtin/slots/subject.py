"""What a request is about where only the sentences around it say so."""

import re

from agents.builtin.sentences import sentences
from agents.builtin.slots.context import Context
from agents.builtin.wording import tidy

_POINTS = re.compile(
    r"(?:(?:the|a|an|his|her|their|my|our|your)\s+)*(?:(?:agreed|last|first|second|third|other|"
    r"final|remaining|whole|full|usual|"
    r"entire|next)\s+)*(?:half|third|quarter|rest|remainder|balance|lot|share|part|discount|"
    r"difference|deposit|same|"
    r"price|total|sum|amount|money|work|job|it|that|this|both|them|her|him)\b(?!\s+of\b|\s+for\b)|"
    r"[€$£₹]?\s?\d[\d.,]*\s*\S{0,3}\s*(?:minus|less|plus|[-+])\s|(?:with|minus|less|plus|"
    r"yesterday|today)\b",
    re.I,
)
"""Words that point to what was said before, and name nothing themselves."""
_COUNTED = re.compile(
    r"\b(?:hours?|hrs?|minutes?|mins?|days?|weeks?|months?|sessions?|rounds?)\s+of\s+"
    r"(?P<of>[^\W\d_][\w' -]{2,40}?)(?=\s+(?:with|for|at|on|in|yesterday|today|and|last|this|to|"
    r"from|plus)\b|[,.;:]|$)"
)
_CLAUSE = re.compile(
    r"(?:[\W_]*\b(?:and|but|so|oh+|ooh|ok|okay|well|hi|hey|yes|before\s+i\s+forget|now|then|since|"
    r"as|because|that)\b)*\W*"
    r"(?P<np>(?:(?:the|a|an|my|our|this|that|their|his|her)\s+)?(?!it\b|he\b|she\b|i\b|we\b|"
    r"they\b|you\b|there\b|who\b|"
    r"what\b|that\b|this\b)[^\W\d_][\w' &-]{2,60}?)\s+(?:(?:normally|usually|always|really|now|"
    r"finally|just|all|"
    r"alone|together|altogether)\s+)*(?:is|was|were|are|costs?|came|comes|went|goes|amounts|"
    r"totals|made|took)(?!\w)"
)
_OWNED = re.compile(r"\s+(?:for|at|with|to|by|of|from)\s+(?:the\s+)?(?=[^\W\d_a-zß-ÿ]).*$")
_WHOLE = re.compile(r"^(?:the\s+)?(?:whole|full|total|entire|complete)\s+", re.I)


def points_back(words: str) -> bool:
    """Whether a description only points to what another sentence names."""
    return bool(_POINTS.match(words))


def subject(ctx: Context) -> str | None:
    """What the sentences around a request say is billed: what was counted, or what cost so much."""
    text = ctx.text
    counted = _COUNTED.search(text.low, ctx.lead, ctx.end)
    if counted:
        return tidy(text.verbatim(*counted.span("of")))
    for start, end in ((ctx.lead, ctx.start), (ctx.own_end, ctx.end), (ctx.start, ctx.hit.start)):
        for since, until in sentences(text.low[start:end]):
            clause = _CLAUSE.match(text.low[start + since : start + until])
            if clause is None:
                continue
            first = start + since + clause.start("np")
            words = _WHOLE.sub(
                "", _OWNED.sub("", text.raw[first : start + since + clause.end("np")])
            )
            name = ctx.names.at(first, ctx.end, lower=False)
            if (
                name
                and name.end >= first + len(words)
                and not words.lower().startswith(("the ", "a "))
            ):
                continue
            return tidy(words)
    return None
