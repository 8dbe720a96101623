"""HTML as the Bot API reads it: text, and entities beside it.

The grammar, its tolerance (an entity without a semicolon, ``</>`` as an end tag) and the
wording of its refusals follow the Bot API server's own parser.
"""

import re
from dataclasses import dataclass
from typing import Any

from bot.sandbox import utf16
from bot.sandbox.errors import unparsable

Entity = dict[str, Any]

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_SPACES = frozenset(" \t\r\n\v\0")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_SPECIAL = re.compile("[<&]")
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]*)|#([0-9]*)|([A-Za-z]*))")
_NAME_TOKEN = re.compile(r"[A-Za-z0-9.\-]*")
_USER_LINK = re.compile(r"tg://user\?id=(\d+)\Z")
_LANGUAGE = "language-"


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    date: int
    offset: int
    begin: int


def parse_html(html: str) -> tuple[str, list[Entity]]:
    """The plain text of ``html`` and its entities, ordered by offset, the longer first.

    Raises ``ApiError`` 400 "can't parse entities: ..." for what the Bot API doesn't take.
    """
    return _Parser(html).run()


class _Parser:
    def __init__(self, html: str) -> None:
        self.size = len(html)
        # The end mark lets every scan stop without asking for the length.
        self.source = html + "\0"
        self.parts: list[str] = []
        self.plain_length = 0
        self.offset = 0
        self.stack: list[_Open] = []
        self.entities: list[Entity] = []
        self.languages: dict[int, str] = {}

    def run(self) -> tuple[str, list[Entity]]:
        at = 0
        while at < self.size:
            special = _SPECIAL.search(self.source, at, self.size)
            if special is None:
                self._put(self.source[at : self.size])
                break
            self._put(self.source[at : special.start()])
            at = special.start()
            if self.source[at] == "&":
                character, at = self._reference(at)
                self._put(character)
            elif self.source[at + 1] == "/":
                at = self._end_tag(at)
            else:
                at = self._start_tag(at)
        if self.stack:
            raise unparsable(
                f'Can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"'
            )
        text = "".join(self.parts)
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return text, self.entities

    def _put(self, text: str) -> None:
        if text:
            self.parts.append(text)
            self.plain_length += len(text)
            self.offset += utf16.length(text)

    def _byte(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))

    def _reference(self, at: int) -> tuple[str, int]:
        """The character an ``&`` stands for, and where to read on; a bare ``&`` is itself."""
        match = _REFERENCE.match(self.source, at)
        if match is None:
            return "&", at + 1
        hexadecimal, decimal, name = match.groups()
        if name is not None:
            character = _NAMED.get(name)
        else:
            if match.end() - at >= 10:
                return "&", at + 1
            code = int(hexadecimal or "0", 16) if hexadecimal is not None else int(decimal or "0")
            if 0xD800 <= code <= 0xDFFF:
                raise unparsable(
                    "Text contains invalid Unicode characters after decoding HTML entities, "
                    "check for unmatched surrogate code units"
                )
            character = chr(code) if 0 < code < 0x10FFFF else None
        if character is None:
            return "&", at + 1
        end = match.end()
        return character, end + 1 if self.source[end] == ";" else end

    def _skip_spaces(self, at: int) -> int:
        while self.source[at] != "\0" and self.source[at] in _SPACES:
            at += 1
        return at

    def _until(self, at: int, stops: str) -> int:
        while self.source[at] not in _SPACES and self.source[at] not in stops:
            at += 1
        return at

    def _start_tag(self, begin: int) -> int:
        source = self.source
        at = self._until(begin + 1, ">")
        if source[at] == "\0":
            raise unparsable(f"Unclosed start tag at byte offset {self._byte(begin)}")
        tag = source[begin + 1 : at].lower()
        if tag not in _TAGS:
            raise unparsable(f'Unsupported start tag "{tag}" at byte offset {self._byte(begin)}')
        opened = _Open(tag, "", 0, self.offset, self.plain_length)
        while source[at] != ">":
            at = self._skip_spaces(at)
            if source[at] == ">":
                break
            at = self._attribute(opened, at, begin)
        if tag == "span" and opened.argument != "spoiler":
            raise unparsable(
                f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}'
            )
        self.stack.append(opened)
        return at + 1

    def _attribute(self, opened: _Open, at: int, begin: int) -> int:
        source = self.source
        unclosed = f'Unclosed start tag "{opened.tag}" at byte offset '
        start = at
        at = self._until(at, "=>/\"'")
        name = source[start:at]
        if not name:
            raise unparsable(
                f'Empty attribute name in the tag "{opened.tag}" at byte offset {self._byte(begin)}'
            )
        at = self._skip_spaces(at)
        if source[at] != "=":
            if source[at] == "\0":
                raise unparsable(unclosed + str(self._byte(begin)))
            if opened.tag == "blockquote" and name == "expandable":
                opened.argument = "1"
            return at
        at = self._skip_spaces(at + 1)
        if source[at] == "\0":
            raise unparsable(unclosed + str(self._byte(begin)))
        value, at = self._value(at)
        if source[at] == "\0":
            raise unparsable(f"Unclosed start tag at byte offset {self._byte(begin)}")
        _take(opened, name, value)
        return at

    def _value(self, at: int) -> tuple[str, int]:
        source = self.source
        quote = source[at]
        if quote not in "\"'":
            token = _NAME_TOKEN.match(source, at)
            end = token.end() if token else at
            if source[end] not in _SPACES and source[end] != ">":
                raise unparsable(f"Unexpected end of name token at byte offset {self._byte(at)}")
            return source[at:end].lower(), end
        at += 1
        value: list[str] = []
        while source[at] != quote and source[at] != "\0":
            if source[at] == "&":
                character, at = self._reference(at)
                value.append(character)
            else:
                value.append(source[at])
                at += 1
        return "".join(value), at + 1 if source[at] == quote else at

    def _end_tag(self, begin: int) -> int:
        source = self.source
        if not self.stack:
            raise unparsable(f"Unexpected end tag at byte offset {self._byte(begin)}")
        at = self._until(begin + 2, ">")
        found = source[begin + 2 : at].lower()
        at = self._skip_spaces(at)
        if source[at] != ">":
            raise unparsable(f"Unclosed end tag at byte offset {self._byte(begin)}")
        opened = self.stack[-1]
        if found and found != opened.tag:
            raise unparsable(
                f"Unmatched end tag at byte offset {self._byte(begin)}, "
                f'expected "</{opened.tag}>", found "</{found}>"'
            )
        if self.offset > opened.offset:
            self._close(opened)
        self.stack.pop()
        return at + 1

    def _close(self, opened: _Open) -> None:
        entity: Entity = {
            "type": _TAGS[opened.tag],
            "offset": opened.offset,
            "length": self.offset - opened.offset,
        }
        match opened.tag:
            case "a":
                if not self._link(entity, opened):
                    return
            case "pre" | "code":
                if self._preformatted(entity, opened):
                    return
            case "blockquote" if opened.argument:
                entity["type"] = "expandable_blockquote"
            case "tg-emoji":
                if not opened.argument.isascii() or not opened.argument.isdecimal():
                    raise unparsable("Invalid custom emoji identifier specified")
                entity["custom_emoji_id"] = opened.argument
            case "tg-time":
                if opened.argument not in ("r", "R") and set(opened.argument) - set("tTdDwW"):
                    raise unparsable("Invalid date format used")
                if opened.date <= 0:
                    return
                entity["unix_time"] = opened.date
                if opened.argument:
                    entity["date_time_format"] = opened.argument
            case _:
                pass
        self.entities.append(entity)

    def _link(self, entity: Entity, opened: _Open) -> bool:
        url = opened.argument or "".join(self.parts)[opened.begin :]
        user = _USER_LINK.match(url)
        if user:
            entity["type"] = "text_mention"
            entity["user"] = {"id": int(user[1]), "is_bot": False, "first_name": ""}
            return True
        checked = checked_link(url)
        if checked is None:
            return False
        entity["url"] = checked
        return True

    def _preformatted(self, entity: Entity, opened: _Open) -> bool:
        """Joins ``<pre><code class="language-x">`` into one entity; true when it did."""
        before = self.entities[-1] if self.entities else None
        same = (
            before is not None
            and before["offset"] == entity["offset"]
            and before["length"] == entity["length"]
        )
        if opened.tag == "code":
            if before is not None and same and before["type"] == "pre" and opened.argument:
                before["language"] = opened.argument
                return True
            if opened.argument:
                self.languages[len(self.entities)] = opened.argument
            return False
        language = self.languages.get(len(self.entities) - 1)
        if before is not None and same and before["type"] == "code" and language:
            before["type"] = "pre"
            before["language"] = language
            return True
        return False


def _take(opened: _Open, name: str, value: str) -> None:
    match opened.tag, name:
        case "a", "href":
            opened.argument = value
        case "code", "class" if value.startswith(_LANGUAGE):
            opened.argument = value[len(_LANGUAGE) :]
        case "span", "class" if value.startswith("tg-"):
            opened.argument = value[len("tg-") :]
        case "tg-emoji", "emoji-id":
            opened.argument = value
        case "blockquote", "expandable":
            opened.argument = "1"
        case "tg-time", "unix":
            opened.date = int(value) if re.fullmatch("[0-9]{1,10}", value) else 0
        case "tg-time", "format":
            opened.argument = value
        case _:
            pass


def checked_link(url: str) -> str | None:
    """``url`` as Telegram keeps it, or None where it isn't a link it would follow."""
    url = url.strip()
    if not url or any(character.isspace() for character in url):
        return None
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, rest = "http", url
    scheme = scheme.lower()
    if scheme in ("tg", "ton", "tonsite"):
        return f"{scheme}://{rest}" if rest else None
    if scheme not in ("http", "https"):
        return None
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "." not in host.rpartition("@")[2].partition(":")[0] and "[" not in host:
        return None
    path = rest[len(host) :] or "/"
    return f"{scheme}://{host}{path}"
