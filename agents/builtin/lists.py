"""Lists of one kind of request: "Two invoices please. Ida 40, Bo 55"."""

import re

from agents.builtin.guards import strip_polite
from agents.builtin.intents import Hit
from agents.builtin.names import Names
from agents.builtin.pieces import Piece
from agents.builtin.sentences import sentences
from agents.builtin.text import HIDDEN, Text

_KINDS = (
    ("invoice.remind", r"(?:payment\s+)?reminders|(?:zahlungs)?erinnerungen|mahnungen|relances|"
     r"recordatorios|rappels"),
    ("invoice.create", r"invoices|bills|rechnungen|facturas|factures"),
    ("refund.issue", r"refunds|(?:rück)?erstattungen|reembolsos|remboursements"),
    ("payment.record", r"payments|zahlungen|pagos|paiements"),
    ("meeting.schedule", r"meetings|calls|appointments|viewings|termine|reuniones|citas|réunions"),
)  # fmt: skip
_COUNTS = {
    word: number
    for number, group in {
        2: "two both zwei dos deux",
        3: "three drei tres trois",
        4: "four vier cuatro quatre",
        5: "five fünf cinco cinq",
        6: "six sechs seis",
    }.items()
    for word in group.split()
}
_HEAD = re.compile(
    r"(?:(?:i|we)\s+need\s+|(?:make|write|send|prepare|raise|issue|do|create|draft|record|log|book|"
    r"note|schedule|arrange|set\s+up|put\s+in)\s+(?:me\s+|us\s+|out\s+)?)?(?:(?:the|these|some)\s+)?"
    rf"(?:(?P<count>\d|{'|'.join(_COUNTS)})\s+)?(?:(?:new|quick|more|small|short|neue|nuevas|"
    r"nouvelles)\s+)?"
    rf"(?:{'|'.join(f'(?P<k{i}>{nouns})' for i, (_, nouns) in enumerate(_KINDS))})"
    r"(?P<more>(?:\s*,?\s*\b(?:please|pls|plz|bitte|por\s+favor|s'il\s+te\s+plaît|svp|stp|today|now|"
    r"for\s+(?:today|tomorrow)|came\s+in|arrived|received|in|to\s+(?:send|write|make|record|log|book|go\s+out)|for\s+me)\b)*)"
    r"\s*(?P<mark>:|[.!?](?=\s)|\n|\s[–—-]\s)\s*"
)
_EACH = re.compile(
    r"(?:(?P<k0>chase|remind)|(?P<k1>invoice|bill)|(?P<k2>refund|reimburse))\s+(?:both|these(?:\s+\w+)?|"
    r"the\s+following|all\s+(?:these|three|four))(?:\s+(?:please|pls))?\s*:\s*"
)
""" "Invoice both: Ida 40, Bo 55"."""
_ORDERED = {
    "payment.record": re.compile(r"\b(?:in|arrived|received|record|log|book|note)\b"),
    "meeting.schedule": re.compile(r"\b(?:book|schedule|arrange|set|put|pl(?:ea)?se?|bitte)\b"),
}
"""What a list of payments or meetings needs to be an order: else it is what is due, or planned."""
_SOFT = re.compile(r"\s*,\s*(?:(?:and|plus|und|y|et)\s+)?|\s+(?:and|plus|und|y|et|&)\s+")
_TRAILING = re.compile(r"(?:[\s,]|\b(?:and|plus|und|y|et)\b|&)+$")
_LABEL = re.compile(
    r"\s*(?:[-•*]\s+|\(?\d[.)]\s+)?(?:(?:one|another|the\s+other|the\s+second|eine|una|une)\s+)?(?:(?:to|"
    r"for|from|an|für|von|a|para|de|à|pour)\s+)?"
)
_SUM_TO = re.compile(
    r"\s*(?:[-•*]\s+|\(?\d[.)]\s+)?(?:[€$£₹]\s?|(?:eur|usd|gbp|chf)\s)?\d[\d.,']*k?\s*(?:[€$£₹]|(?!to\b|for\b|"
    r"from\b|für\b|por\b|para\b|pour\b)[a-z]{3,7}(?=\s))?\s+(?:to|for|from|an|für|von|a|para|de|à|pour)\s+"
)
""" "300 to Ida for the flyer": the sum comes first."""
_STANDS = re.compile(
    r"\?|\b(?:(?:un)?paid|open|overdue|late|sent|done|already|not|n't|if|maybe|said|says)\b"
)
"""With these the list tells how things stand."""


def listed(text: Text, names: Names) -> list[Piece]:
    """A piece for each entry of the list that a message holds; none where an entry is in doubt."""
    low = text.own
    spans = sentences(low)
    for start, end in spans:
        begin, asked = strip_polite(low, start, end)
        head = _EACH.match(low, begin) or _HEAD.match(low, begin)
        if head is None:
            continue
        said = head.groupdict()
        if said.get("mark") in {".", "!", "?"} and not said["count"]:
            continue
        if said.get("mark") == "?" and not asked:
            continue
        intent = next(each for i, (each, _) in enumerate(_KINDS) if said.get(f"k{i}"))
        ordered = _ORDERED.get(intent)
        if ordered and not ordered.search(head.group()):
            continue
        entries = _entries(text, names, head.end(), spans, numbered=intent != "invoice.remind")
        count = said.get("count") or ""
        many = int(count) if count.isdigit() else _COUNTS.get(count, len(entries))
        if len(entries) < 2 or len(entries) != many:
            continue
        return [
            Piece(start if i == 0 else s, e, Hit(intent, s, s, "verb", s))
            for i, (s, e) in enumerate(entries)
        ]
    return []


def _entries(
    text: Text, names: Names, at: int, spans: list[tuple[int, int]], *, numbered: bool
) -> list[tuple[int, int]]:
    low = text.own
    lines: list[tuple[int, int]] = []
    for _, end in spans:
        if end <= at:
            continue
        if not _named(text, names, at, end) or not (re.search(r"\d", low[at:end]) or not numbered):
            break
        lines.append((at, end))
        at = end
    if not lines or _STANDS.search(low, lines[0][0], lines[-1][1]):
        return []
    if HIDDEN in low[lines[0][0] : lines[-1][1]]:
        return []
    found: list[tuple[int, int]] = []
    for line in lines:
        found += [line] if len(lines) > 1 else _items(text, names, *line, numbered=numbered)
    # Where the sum comes first, it is a part of the entry.
    labels = [
        (None if _SUM_TO.match(low, start, end) else _LABEL.match(low, start), start, end)
        for start, end in found
    ]
    return [(label.end() if label else start, end) for label, start, end in labels]


def _items(
    text: Text, names: Names, start: int, end: int, *, numbered: bool
) -> list[tuple[int, int]]:
    """The entries of one line, each a name with what follows it, to the next one."""
    low = text.own
    starts = [start]
    for mark in _SOFT.finditer(low, start, end):
        said = low[starts[-1] : mark.start()]
        inside = any(n.start <= mark.start() < n.end for n in names.all(start, end))
        whole = re.search(r"\d", said) or not numbered
        if whole and not inside and _named(text, names, mark.end(), end):
            starts.append(mark.end())
    stops = [*starts[1:], end]
    items = list(zip(starts, stops, strict=True))
    # A comma or an "and" is no part of what stands before it.
    trimmed = [
        (s, s + len(re.sub(r"(?:[\s,]|\b(?:and|plus|und|y|et)\b|&)+$", "", low[s:e])))
        for s, e in items
    ]
    told = all(re.search(r"\d", low[s:e]) for s, e in trimmed) or not numbered
    return [*trimmed[:-1], items[-1]] if told else []


def _named(text: Text, names: Names, start: int, end: int) -> bool:
    label = _SUM_TO.match(text.own, start, end) or _LABEL.match(text.own, start, end)
    at = label.end() if label else start
    name = names.at(at, end, lower=not text.cased)
    if name is None and text.raw[at : at + 1].isupper():
        # "Café Nord": a name that opens with a thing is none by itself, but its rest is.
        inside = (n for n in names.all(at, end) if text.raw[at : n.start].strip().isalpha())
        name = next(inside, None)
    return name is not None and name.value[:1].isalpha()
