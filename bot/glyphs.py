"""Characters that nobody sees, made visible: what is shown is all there is.

Bidirectional controls, zero-width and tag characters, fillers and the like change what a text
says, or hide a part of it, without showing. They are shown as ``‹U+202E›``. What an emoji is made
of (a variation selector, a joiner between two) stays as it is.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

_SUSPECTS = re.compile(r"\r\n|[^\n\t\x20-\x7e\xa1-\xac\xae-\u02ff]")
_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\U0001d159"
)
"""Letters, marks and symbols by category, of which nothing is seen."""
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_JOINER = "\u200d"
_EMOJI_STYLE = "\ufe0f"
_KEYCAPS = frozenset("#*0123456789")
_NAMES = {
    "\x00": "null",
    "\x07": "bell",
    "\x08": "backspace",
    "\r": "carriage return",
    "\x1b": "escape",
    "\x7f": "delete",
}


@lru_cache(4096)
def _unseen(char: str) -> bool:
    """Whether nothing of ``char`` is seen, wherever it stands."""
    return (
        unicodedata.category(char) in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
        or char in _BLANK
        or bool(_SELECTORS.match(char))
    )


def _pictograph(char: str) -> bool:
    """Whether ``char`` is an emoji or a part of one that a joiner may follow."""
    return unicodedata.category(char) in ("So", "Sk") and char not in _BLANK and char > "\u00ff"


def _in_emoji(text: str, at: int) -> bool:
    """Whether the selector or joiner at ``at`` belongs to an emoji."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if text[at] == _EMOJI_STYLE:
        return bool(before) and (
            before in "\u00a9\u00ae\u203c\u2049"
            or _pictograph(before)
            or unicodedata.category(before) == "Sm"  # arrows, some of which are emoji
            or (before in _KEYCAPS and after == "\u20e3")
        )
    if text[at] == _JOINER:
        joined = bool(before) and (before == _EMOJI_STYLE or _pictograph(before))
        if before == _EMOJI_STYLE:
            joined = at > 1 and _pictograph(text[at - 2])
        return joined and bool(after) and (_pictograph(after) or after in "\u2640\u2642")
    return False


def _hidden(text: str) -> Iterable[tuple[int, str]]:
    for found in _SUSPECTS.finditer(text):
        char = found[0]
        if len(char) == 1 and _unseen(char) and not _in_emoji(text, found.start()):
            yield found.start(), char


def mark(char: str) -> str:
    """How a character is shown of which nothing is seen."""
    return f"‹U+{ord(char):04X}›"


def shown(text: str) -> str:
    """``text`` with every character of which nothing would be seen spelled out."""
    found = list(_hidden(text))
    if not found:
        return text
    parts: list[str] = []
    end = 0
    for at, char in found:
        parts += (text[end:at], mark(char))
        end = at + 1
    return "".join(parts) + text[end:]


def hidden(texts: Iterable[str]) -> list[str]:
    """What ``texts`` hide, named for the operator, each character once with its count."""
    counts = Counter(char for text in texts for _, char in _hidden(text))
    return [
        f"{mark(char)} {_name(char)}" + (f" ({times} times)" if times > 1 else "")
        for char, times in counts.most_common()
    ]


def _name(char: str) -> str:
    return _NAMES.get(char) or unicodedata.name(char, "no character that I know").lower()
