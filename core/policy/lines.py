"""Where things stand in a TOML text, so that an error can name the line.

``tomllib`` gives values without their places. This walks a text that ``tomllib`` has taken
already, and keeps only where each table and key begins.
"""

import re

Place = tuple[str | int, ...]

_SPACE = re.compile(r"(?:\s|#[^\n]*)*")
_KEY = re.compile(r"""\s*([A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')\s*(\.?)""")
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[\[\]{}\n]",
    re.DOTALL,
)


class Lines:
    """The line, counted from 1, on which each part of a TOML text begins."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: dict[Place, int] = {}
        self._counts: dict[Place, int] = {}
        self._walk()

    def of(self, *place: str | int) -> int:
        """The line of a key such as ``"rule", 0, "verdict"``, or of the nearest thing around it."""
        for length in range(len(place), 0, -1):
            if place[:length] in self._found:
                return self._found[place[:length]]
        return 1

    def _walk(self) -> None:
        table: Place = ()
        at = self._skip_space(0)
        while at < len(self._text):
            if self._text[at] == "[":
                listed = self._text.startswith("[[", at)
                names, end = self._key(at + 1 + listed)
                table = self._table(names, listed=listed)
                self._note(table, at)
                end = self._text.find("\n", end) % (len(self._text) + 1)  # -1 is the text's end
            else:
                names, end = self._key(at)
                for length in range(1, len(names) + 1):
                    self._note((*table, *names[:length]), at)
                end = self._value_end(end, (*table, *names))
            at = self._skip_space(end)

    def _note(self, place: Place, at: int) -> None:
        self._found.setdefault(place, self._text.count("\n", 0, at) + 1)

    def _skip_space(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return found.end() if found else at

    def _key(self, at: int) -> tuple[tuple[str, ...], int]:
        names: list[str] = []
        while found := _KEY.match(self._text, at):
            names.append(found[1].strip("\"'"))
            at = found.end()
            if not found[2]:
                break
        return tuple(names), at

    def _table(self, names: tuple[str, ...], *, listed: bool) -> Place:
        place: Place = ()
        for position, name in enumerate(names, 1):
            place = (*place, name)
            if listed and position == len(names):
                self._counts[place] = self._counts.get(place, -1) + 1
            if place in self._counts:
                place = (*place, self._counts[place])
        return place

    def _value_end(self, at: int, key: Place) -> int:
        """Where the value of ``key`` ends; notes the tables of an inline list on the way."""
        depth = count = 0
        for token in _TOKEN.finditer(self._text, at):
            match token[0]:
                case "{" | "[":
                    if depth == 1 and token[0] == "{":
                        self._note((*key, count), token.start())
                        count += 1
                    depth += 1
                case "}" | "]":
                    depth -= 1
                case "\n" if depth <= 0:
                    return token.end()
                case _:
                    pass  # a string or a comment, whatever is in it
        return len(self._text)
