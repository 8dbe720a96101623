"""Where the sentences of a text end."""

import re

_SENTENCE_END = re.compile(r"(?:\s(?=\(?[1-9a-h]\)\s)|[.!?]+[\"')]*(?=\s|$)|\n+|;(?=\s))")
ABBREVIATION = re.compile(
    r"\b(?:mr|mrs|ms|dr|prof|st|no|nr|inc|ltd|co|ca|approx|sr|sra|mme|z\.b|e\.g|i\.e|vs|jr|[a-z]|"
    r"p\.m|a\.m|tel|str|dec|nov|oct|sept?|aug|jan|feb|mar|apr|\d)\.$"
)


def sentences(low: str) -> list[tuple[int, int]]:
    """The spans of the sentences of a lower-case text, in order; a full stop of "Dr." ends none."""
    found: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE_END.finditer(low):
        head = low[start : match.end()]
        if match.group().startswith(".") and len(match.group()) == 1:
            tail = low[match.end() : match.end() + 14]
            if (
                ABBREVIATION.search(head[-8:])
                and not re.match(r"\s*$", tail)
                and not (
                    head[-2].isdigit()
                    and re.match(
                        r"\s+(?:the|a|please|can|remind|send|email|and|also|then|it|due|net)\b",
                        tail,
                    )
                )
            ):
                continue
            if re.fullmatch(r"\s*\d+\.", head):
                continue
        if head.strip():
            found.append((start, match.end()))
        start = match.end()
    if low[start:].strip():
        found.append((start, len(low)))
    return found
