"""Whether a noun such as "invoice" is called for, or only told of."""

import re

from agents.builtin.lexicon import OBJECTS
from agents.builtin.text import HIDDEN


def is_told_of(low: str, position: int, end: int) -> bool:
    """ "The invoice was 900": a sentence about a thing, not a call for it."""
    return bool(
        re.search(
            r"\b(?:is|was|were|are|has|had|have|went|came|arrived|looks?|looked|says|said|got|took|"
            r"made|ran|felt|seems?|didn't|isn't|wasn't|hasn't|will|would|should|could|might|may|"
            r"can|needs?|ist|sind|war|waren|wurden?|est|sont|était|está|están|fue)\b",
            low[position:end],
        )
    )


TELLS = re.compile(
    rf"\s*:\s*{HIDDEN}|\s+(?:(?:has|just|also|once|even)\s+)*(?:wrote|writes|asks|asked|wants|wanted|says|said|phones|"
    r"phoned|rang|complains|complained|keeps|thinks|tells|told|emailed|mailed|texted|gets?|pays|buys)\b"
)
""" "A client writes …": what somebody does, nobody new."""


def clause_end(low: str, position: int, end: int, article: str) -> int:
    """Where the clause ends that may tell of a thing; what a mail says tells nothing of it."""
    if article == "the":
        return end
    stop = re.compile(r"[,;:]|\b(?:that|saying|dass|que)\b").search(low, position, end)
    return stop.start() if stop else end


def is_far(between: str) -> bool:
    """Whether what stands between an article and a noun can't all belong to the noun."""
    return len(between.split()) > 4 or bool(
        re.search(
            r"[,;:]|\b(?:is|was|are|has|had|will|would|can|could|should|must|may|might|wants?|to)\b",
            between,
        )
    )


def only_modifiers(between: str) -> bool:
    return len(between.split()) <= 4


def describes(low: str, noun: re.Match[str], limit: int) -> bool:
    """Whether the noun only describes the next one ("email address", "post office")."""
    if OBJECTS[" ".join(noun.group().split())] == "invoice" and re.match(
        r"\s+(?:no\.?|nr\.?|number|#)\s*[\w-]*\d", low[noun.end() : limit]
    ):
        return True
    if noun.group() == "call" and re.match(r"\s+me\s+[^\W\d_]+[\s.!]*$", low[noun.end() : limit]):
        return True  # "call me Ida"
    after = re.match(
        r"\s+(address|list|sheet|office|template|numbers?|campaign|centre|center|id|software|"
        r"system|card|notes?|series|job|agenda|minutes|emails?|mails?|season|day|time|policy|"
        r"process|history)\b",
        low[noun.end() : limit],
    )
    return bool(after)
