"""Free text: the words that are meant, without the politeness and punctuation around them."""

import re

from agents.builtin.text import Text

Span = tuple[int, int]

_TRAILING = re.compile(
    r"(?:[\s,;:–—-]*\b(?:x{1,3}|ta|pl+ea+se+|please|pls|plz|thanks|thank\s+you|thx|cheers|for\s+"
    r"me|would\s+you|"
    r"will\s+you|ok|okay|asap|right\s+now|now|bitte|danke|por\s+favor|gracias|s'il\s+te\s+plaît|"
    r"s'il\s+vous\s+plaît|stp|svp|merci|can\s+you|could\s+you|too|as\s+well|lol|haha|"
    r"today\s+please)\b[\s.!?]*)+$",
    re.I,
)
"""Politeness at the end of a request, which is no part of what it says."""
BULLETS = ("- ", "* ", "• ", "– ")
"""What starts a line of a list."""


def tidy(raw: str) -> str | None:
    """Free text without the politeness and punctuation around it; None when nothing is left."""
    text = raw.strip()
    while True:
        shorter = _TRAILING.sub("", text).strip(" \t\n,;:–—-")
        shorter = shorter.rstrip(".!") if not shorter.endswith("...") else shorter
        if shorter == text:
            break
        text = shorter
    if text.count('"') == 1:
        text = text.replace('"', "").strip()
    if text.startswith('"') and text.endswith('"') and text.count('"') == 2:
        text = text[1:-1].strip()
    return text if re.search(r"\w", text) else None


def trimmed(text: Text, start: int, end: int, *endings: re.Pattern[str]) -> Span:
    """A span without what surrounds its words; ``endings`` are further asides to leave out."""
    raw, low = text.raw, text.low
    while True:
        former = start, end
        while start < end and _opens(raw, start, end):
            start += 1
        while start < end and _closes(raw, start, end):
            end -= 1
        for pattern in (_TRAILING, *endings):
            tail = pattern.search(low, start, end)
            end = tail.start() if tail else end
        if (start, end) == former:
            break
    if raw[start:end].count('"') == 2 and raw[start] == raw[end - 1] == '"':
        return start + 1, end - 1
    return start, end


def verbatim(text: Text, span: Span, within: Span) -> str | None:
    """What was written in a span, with the emoji around it as far as ``within``."""
    start, end = span
    # What was an emoji is a space in the prepared text.
    while start > within[0] and text.raw[start - 1] == " ":
        start -= 1
    while end < within[1] and text.raw[end] == " ":
        end += 1
    said = text.verbatim(start, end).strip(" \t\r\n\u200b\u200d\u2060")
    return said if re.search(r"\w", said) else None


def _opens(raw: str, start: int, end: int) -> bool:
    """Whether a mark stands before the words; the bullets of a list and ".NET" are part of them."""
    if raw[start] in " \n,;:":
        return True
    alone = start + 1 == end or raw[start + 1].isspace()
    listed = any("\n" + bullet in raw[start:end] for bullet in BULLETS)
    return raw[start] in "!?.*/|•–—-" and alone and not listed


def _closes(raw: str, start: int, end: int) -> bool:
    """Whether a mark stands after the words."""
    if raw[end - 1] in "/|–—-":
        return end - 1 == start or raw[end - 2].isspace()
    return raw[end - 1] in " \n,;:.!?(" and not raw.endswith("...", start, end)
