"""The policy's text: TOML, checked; every error names its line."""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Callable, Iterable
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from core.actions import Risk
from core.errors import FactotumError
from core.money import Money
from core.policy.lines import Lines
from core.policy.rule import DAYS, STRICTNESS, Hours, Rule
from core.policy.ruling import Limits, Policy

DEFAULT_TEXT = (Path(__file__).parent / "default.toml").read_text("utf-8")
"""What holds where there is no file: everything that leaves the house is asked."""
NAME = "policy.toml"
"""The file's name in the data folder."""
MOST = 64 * 1024
"""Bytes of a policy that are read; far beyond what a person keeps in order."""
_LONGEST_HOLD = 86_400
_STARS = 3
"""More in one pattern could take long to compare."""
_MOST_VALUES = 100
_SHOWN = 5
"""Mistakes that are told at once."""

_AMOUNT = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,4})?) ?([A-Za-z]{3})")
_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)")
_TOML_LINE = re.compile(r" \((?:at line (\d+), column \d+|at end of document)\)")
_CURLY = re.compile("[“”„‘’«»]")


class _Mistake(ValueError):
    """One thing that is wrong, as a clause for a person."""


def parse(text: str) -> Policy:
    """The policy that ``text`` says. Raises FactotumError that names each line with a mistake."""
    read = _Reading(text)
    policy = read.policy()
    if read.mistakes:
        raise _told(read.mistakes)
    return policy


def decode(content: bytes) -> str:
    """A file's content as text. Raises FactotumError where it is too long or not UTF-8."""
    if len(content) > MOST:
        raise FactotumError(f"The policy has more than {MOST // 1024} kB; that is too long.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _told([(line, "this is not UTF-8 text")]) from None


def load(path: Path) -> Policy:
    """The policy in the file ``path``; the default where there is none.

    Raises FactotumError that names each line with a mistake, and OSError where it can't be read.
    """
    try:
        return parse(read(path))
    except FileNotFoundError:
        return DEFAULT


def read(path: Path) -> str:
    """The text in the file ``path``. Raises FactotumError for what is no policy, and OSError."""
    with path.open("rb") as file:
        return decode(file.read(MOST + 1))


def _told(mistakes: list[tuple[int, str]]) -> FactotumError:
    mistakes = sorted(mistakes)
    lines = [f"Line {line}: {words}." for line, words in mistakes[:_SHOWN]]
    if len(mistakes) > _SHOWN:
        lines.append(f"There are {len(mistakes) - _SHOWN} more.")
    return FactotumError("\n".join(lines))


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_LINE.search(str(error))
        line = int(found[1]) if found and found[1] else text.rstrip().count("\n") + 1
        words = _TOML_LINE.sub("", str(error))
        raise _told([(line, _as_clause(words) + _hint(text, line))]) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, endless brackets
        raise _told([(_first_bad(text), "this is no value that a policy can have")]) from None


def _as_clause(words: str) -> str:
    return f"this isn't TOML ({words[:1].lower()}{words[1:].rstrip('.')})"


def _hint(text: str, line: int) -> str:
    shown = text.splitlines()[line - 1 : line]
    return '; write straight quotes, "like this"' if shown and _CURLY.search(shown[0]) else ""


def _first_bad(text: str) -> int:
    """The line up to which the text can be read, where tomllib doesn't say."""
    lines = text.split("\n")

    def breaks(count: int) -> bool:
        try:
            tomllib.loads("\n".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            return False  # only cut in the middle of a value
        except (ValueError, RecursionError):
            return True
        return False

    return bisect_left(range(len(lines)), True, key=lambda place: breaks(place + 1)) + 1


class _Reading:
    """One text being read. ``mistakes`` are pairs of a line and what is wrong there."""

    def __init__(self, text: str) -> None:
        if len(text.encode(errors="replace")) > MOST:
            raise FactotumError(f"The policy has more than {MOST // 1024} kB; that is too long.")
        self._data = _toml(text)
        self._lines = Lines(text)
        self.mistakes: list[tuple[int, str]] = []

    def policy(self) -> Policy:
        self._check_keys(self._data, ("rule", "limits"))
        return Policy(rules=self._rules(), limits=self._limits())

    def _wrong(self, words: str, *place: str | int) -> None:
        self.mistakes.append((self._lines.of(*place), words))

    def _check_keys(self, table: dict[str, Any], known: Iterable[str], *place: str | int) -> None:
        known = list(known)
        for key in table:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                meant = f"perhaps {near[0]} is meant" if near else f"known are {', '.join(known)}"
                self._wrong(f"I don't know {_short(key)}; {meant}", *place, key)

    def _limits(self) -> Limits:
        table = self._data.get("limits", {})
        if not isinstance(table, dict):
            self._wrong("limits is a table: write [limits] on a line of its own", "limits")
            return Limits()
        self._check_keys(table, ("irreversible",), "limits")
        return Limits(**self._fields(table, {"irreversible": _amounts}, "limits"))

    def _rules(self) -> tuple[Rule, ...]:
        tables = self._data.get("rule", [])
        if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
            self._wrong("each rule begins with [[rule]], in two brackets", "rule")
            return ()
        found = [self._rule(table, place) for place, table in enumerate(tables)]
        return tuple(rule for rule in found if rule)

    def _rule(self, table: dict[str, Any], index: int) -> Rule | None:
        before = len(self.mistakes)
        self._check_keys(table, _READERS, "rule", index)
        values = self._fields(table, _READERS, "rule", index)
        if "verdict" not in table:
            self._wrong("this rule has no verdict", "rule", index)
        elif values.get("verdict") == "hold" and "seconds" not in table:
            self._wrong("hold needs seconds, such as seconds = 60", "rule", index, "verdict")
        elif values.get("verdict") not in (None, "hold") and "seconds" in table:
            self._wrong("seconds go with hold alone", "rule", index, "seconds")
        return Rule(**values) if len(self.mistakes) == before else None

    def _fields(
        self, table: dict[str, Any], readers: dict[str, Callable[[Any], Any]], *place: str | int
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, reader in readers.items():
            if key in table:
                try:
                    values[key] = reader(table[key])
                except _Mistake as mistake:
                    self._wrong(f"{key}: {mistake}", *place, key)
        return values


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise _Mistake(f"{_short(value)} must be text in quotes")
    if not value.strip() or "\n" in value or len(value) > 300:
        raise _Mistake("write one line of text, up to 300 characters")
    return value.strip()


def _several(value: Any, one: Callable[[Any], Any]) -> tuple[Any, ...]:
    """One value or a list of them, each once, in order. An empty list would say nothing."""
    items: list[Any] = value if isinstance(value, list) else [value]
    if not 1 <= len(items) <= 100:
        raise _Mistake(
            "an empty list says nothing; leave the line out" if not items else "too many"
        )
    return tuple(dict.fromkeys(one(item) for item in items))


def _one_of(*known: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in known:
            raise _Mistake(f"{_short(value)} is none of {', '.join(known)}")
        return value

    return read


def _amount(value: Any) -> Money:
    found = _AMOUNT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise _Mistake(f'{_short(value)} is no amount; write it like "500 EUR" or "99.50 EUR"')
    try:
        money = Money.of(found[1], found[2])
    except FactotumError as error:
        raise _Mistake(error.message.rstrip(".")) from None
    if money.amount != Decimal(found[1]):
        raise _Mistake(f"{_short(value)} has more decimals than {money.currency}")
    return money


def _amounts(value: Any) -> tuple[Money, ...]:
    found: tuple[Money, ...] = _several(value, _amount)
    if len({money.currency for money in found}) < len(found):
        raise _Mistake("give one amount for each currency")
    return found


def _hours(value: Any) -> Hours:
    found = _HOURS.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise _Mistake(f'{_short(value)} is no part of the day; write it like "22:00-07:00"')
    start = int(found[1]) * 60 + int(found[2])
    end = int(found[3]) * 60 + int(found[4]) if found[3] else 24 * 60
    if start == end:
        raise _Mistake(f"{_short(value)} begins when it ends; leave the line out for all day")
    return Hours(start, end)


def _day(value: Any) -> str:
    name = value.strip().casefold()[:3] if isinstance(value, str) else ""
    if name not in DAYS:
        raise _Mistake(f"{_short(value)} is none of {', '.join(DAYS)}")
    return name


def _pattern(value: Any) -> str:
    word = _word(value)
    if word.count("*") > _STARS:
        raise _Mistake(f"{_short(value)} has more than {_STARS} stars")
    return word


def _seconds(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _LONGEST_HOLD:
        raise _Mistake(f"{_short(value)} is no number of seconds from 1 to {_LONGEST_HOLD}")
    return value


def _list_of(one: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    return lambda value: _several(value, one)


_READERS: dict[str, Callable[[Any], Any]] = {
    "verdict": _one_of(*STRICTNESS),
    "because": lambda value: _word(value).rstrip("."),
    "seconds": _seconds,
    "action": _list_of(_pattern),
    "risk": _list_of(lambda value: Risk(_one_of(*Risk)(value))),
    "reversal": _list_of(_one_of("compensate", "irreversible")),
    "up_to": _amounts,
    "above": _amounts,
    "counterparty": _list_of(_pattern),
    "time": _list_of(_hours),
    "days": _list_of(_day),
    "agent": _list_of(_pattern),
    "provenance": _list_of(_one_of("operator", "memory", "untrusted")),
    "trust": _list_of(_one_of("trusted", "untrusted")),
}

KEYS = tuple(_READERS)
"""What a rule can have."""

DEFAULT = parse(DEFAULT_TEXT)
"""The policy where there is no file."""
