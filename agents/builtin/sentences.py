"""Where the sentences of a text end."""

import re

_SENTENCE_END = re.compile(r"(?:\s(?=\(?[1-9a-h]\)\s)|[.!?]+[\"')]*(?=\s|$)|\n+|;(?=\s))")
ABBREVIATION = re.compile(
    r"\b(?:mr|mrs|ms|dr|prof|st|no|nr|inc|ltd|co|ca|approx|sr|sra|mme|z\.b|e\.g|i\.e|vs|jr|[a-z]|"
    r"p\.m|a\.m|tel|str|dec|nov|oct|sept?|aug|jan|feb|mar|apr|\d)\.$"
)

_OPENS = re.compile(
    r"\s+(?:the|a|an|please|pls|can|could|remind|send|e-?mail|and|also|then|it|its|it's|due|net|i|"
    r"i'm|he|she|they|we|you|his|her|their|my|our|that's|this|thanks|so|but|not|reply|answer|tell|"
    r"write|invoice|bill|chase|book|add|log|record|note|put|schedule|refund|grade|mark|make|draft|"
    r"show|give|let|ask|set|plan|look|nudge|store|save)\b"
)
"""Words that open a sentence after a number: a German ordinal ("4. Mai") has none of them after it.
"""
_DATE = re.compile(
    r"\b(?:on|by|due|until|till|before|for|from|the|am|bis|zum|vom|den|ab|seit|fällig|le|el)\s+(?:0?[1-9]|[12]\d|3[01])\."
    r"(?:0?[1-9]|1[0-2])\.$"
)
""" "On 1.12. to …": its last full stop ends no sentence."""
_AN = re.compile(r"\s+an\s+(?:die|den|das|der|dem|ihn|sie|mein\w*|unser\w*)\b")
_NO = re.compile(r"\b(?:no|nr)\.$")
"""Short for "number" only before one: "Er, no. Email him"."""


def sentences(low: str) -> list[tuple[int, int]]:
    """The spans of the sentences of a lower-case text, in order; a full stop of "Dr." ends none."""
    found: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE_END.finditer(low):
        head = low[start : match.end()]
        if match.group().startswith(".") and len(match.group()) == 1:
            tail = low[match.end() : match.end() + 14]
            if (
                (ABBREVIATION.search(head[-8:]) or _DATE.search(head[-16:]))
                and not re.match(r"\s*$", tail)
                and not (head[-2].isdigit() and _OPENS.match(tail) and not _AN.match(tail))
                and not (_NO.search(head[-5:]) and not re.match(r"\s*#?\d", tail))
            ):
                continue
            if re.fullmatch(r"\s*\d+\.", head) or (_DATE.fullmatch(head.strip()) and tail.strip()):
                continue
        if head.strip():
            found.append((start, match.end()))
        start = match.end()
    if low[start:].strip():
        found.append((start, len(low)))
    return found
