"""Long text in parts that Telegram takes: whole tags, whole words, in order."""

from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser

LIMIT = 4096
"""UTF-16 units that a message holds after its entities are parsed."""
_SOFT = 4000


def units(text: str) -> int:
    """The length of ``text`` as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


class _Pieces(HTMLParser):
    """HTML as a flat list of (kind, raw, text)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.pieces.append(("open", self.get_starttag_text() or f"<{tag}>", tag))

    def handle_endtag(self, tag: str) -> None:
        self.pieces.append(("close", f"</{tag}>", tag))

    def handle_data(self, data: str) -> None:
        self.pieces.append(("text", "", data))


def _pieces(html: str) -> list[tuple[str, str, str]]:
    parser = _Pieces()
    parser.feed(html)
    parser.close()
    return parser.pieces


def plain(html: str) -> str:
    """The text of ``html`` without its tags."""
    return "".join(text for kind, _, text in _pieces(html) if kind == "text")


def visible(html: str) -> int:
    """The length of ``html`` after entities, in UTF-16 units."""
    return units(plain(html))


def _cut(text: str, room: int) -> int:
    """Where to cut ``text`` so that at most ``room`` units stay, at a line or word if possible."""
    used = 0
    end = len(text)
    for index, char in enumerate(text):
        used += units(char)
        if used > room:
            end = index
            break
    else:
        return end
    for mark in ("\n", " "):
        found = text.rfind(mark, max(0, end - 600), end)
        if found > 0:
            return found + 1
    return end


def _parts(html: str, room: int) -> Iterator[str]:
    opened: list[tuple[str, str]] = []
    part, used = "", 0
    for kind, raw, text in _pieces(html):
        if kind == "open":
            opened.append((raw, text))
            part += raw
        elif kind == "close":
            if opened and opened[-1][1] == text:
                opened.pop()
                part += raw
        else:
            rest = text
            while used + units(rest) > room:
                end = _cut(rest, room - used)
                part += escape(rest[:end], quote=False)
                yield part + "".join(f"</{tag}>" for _, tag in reversed(opened))
                rest = rest[end:]
                part, used = "".join(raw for raw, _ in opened), 0
            part += escape(rest, quote=False)
            used += units(rest)
    yield part + "".join(f"</{tag}>" for _, tag in reversed(opened))


def split(html: str) -> list[str]:
    """``html`` in parts of at most 4096 units, numbered where there is more than one."""
    if visible(html) <= LIMIT:
        return [html]
    parts = [part for part in _parts(html, _SOFT) if plain(part).strip()]
    return [f"{part}\n({place}/{len(parts)})" for place, part in enumerate(parts, 1)]
