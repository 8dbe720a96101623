"""What mails that came in and forwarded messages state of a client: read, never trusted.

Only sentences in a known relation that lasts; orders in them are no facts, and nothing is done.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from agents import statements
from core.clients import Client, mentioned
from core.memory import screen
from core.memory.facts import Source
from core.memory.gate import Candidate
from core.profile import Profile

_LASTING = frozenset(
    {
        *("payment_terms", "email", "phone", "vat_id", "contact", "currency"),
        *("day_rate", "hour_rate", "address", "office", "office_address", "opening_hours"),
    }
)
"""Relations that may be believed of others. Where money goes is not among them."""
_OURS = re.compile(r"\b(?:we|our|us|i|my|me)\b", re.I)
_ENDS = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_MOST = 5
"""Statements of one text; more is a list of something, and nothing that one was told."""
_SURE = 60


def candidates(
    text: str,
    *,
    known: list[Client],
    writer: Client | None,
    kind: Literal["mail", "message"],
    ref: str,
    now: datetime,
    profile: Profile,
) -> list[Candidate]:
    """Statements for the gate, untrusted. Those of a ``writer`` are about the writer alone.

    Without one they are about the client whom the sentence names, or else the whole text.
    """
    if screen.hides(text):
        return []
    if writer is None:
        named = mentioned(text, known)
        ours = named[0] if len(named) == 1 else None
    else:
        known, ours = [writer], writer
    found: list[Candidate] = []
    for line, sentence in _sentences(text):
        stated = statements.typed(sentence, known=known, now=now, profile=profile)
        if stated is None or stated.relation not in _LASTING:
            continue
        if screen.junk(sentence, trust="untrusted"):
            continue
        who = stated.who[0] if len(stated.who) == 1 else None
        about = who or (ours if _OURS.search(sentence) and not stated.who else None)
        if about is None:
            continue
        words = stated.statement if who else f"{about.name} wrote: {stated.statement}"
        source = Source(kind=kind, ref=ref, place=f"line {line}", quote=sentence, trust="untrusted")
        found.append(
            Candidate(
                subject=about.id,
                relation=stated.relation,
                value=stated.value,
                statement=words,
                source=source,
                asserted_by=kind,
                confidence=_SURE,
                valid_from=stated.valid_from,
                valid_to=stated.valid_to,
            )
        )
    return found if len(found) <= _MOST else []


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    """Sentences with the lines they are in, from 1; what a mail quotes is not its own."""
    for number, line in enumerate(text.splitlines(), 1):
        for sentence in _ENDS.split(line.strip()):
            if 8 <= len(sentence) <= 160 and not sentence.startswith(">"):
                yield number, sentence.strip()
