"""Numbers as people write them: grouped, abbreviated or in words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from price_parser import Price
from text_to_num import text2num

from agents.builtin.lexicon import SMALL_NUMBERS

LANGUAGES = ("en", "de", "es", "fr")

_DIGITS = re.compile(
    r"(?:(?<![\w.,'])(?<!\d[ ])|(?<=\beur)|(?<=\busd)|(?<=\bgbp)|(?<=\bchf))"
    r"(?P<digits>\d{1,3}(?:[ ']\d{3})+(?:[.,]\d{1,2})?(?![\d'])"
    r"|\d+(?:[.,']\d+)*)"
    r"(?P<mult>\s?(?:k|grand|lakhs?|crores?|hundred|thousand|tausend|mil|mille|million|millionen|"
    r"millones|millions)\b|"
    r"\s?tsd\.?|m\b)?"
)
_MULTIPLIERS = {
    **dict.fromkeys(("k", "grand", "thousand", "tausend", "mil", "mille", "tsd", "tsd."), 1000),
    **dict.fromkeys(("lakh", "lakhs"), 100_000),
    **dict.fromkeys(("crore", "crores"), 10_000_000),
    "hundred": 100,
    **dict.fromkeys(("million", "millionen", "millones", "millions", "m"), 1_000_000),
}
_HALVES = re.compile(
    r"(?<![\w-])(?P<n>\w+) and a (?P<part>half|quarter) "
    r"(?P<unit>thousand|grand|hundred|million|k|lakh|crore)\b"
    r"|\b(?P<n3>\w+) (?P<unit3>thousand|hundred|lakh|million) and a (?P<part3>half)\b"
    r"|\b(?P<only>half) a (?P<unit2>thousand|grand|million|lakh|crore)\b"
    r"|(?<![\w-])(?P<n4>\w+) and a (?P<part4>half|quarter)(?= (?:days?|hours?|weeks?|months?)\b)"
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_JOINS = {"en": {"and"}, "de": {"und"}, "es": {"y"}, "fr": {"et"}}
_UNITS_ALONE = {
    "hundred",
    "thousand",
    "grand",
    "million",
    "mil",
    "mille",
    "cent",
    "hundert",
    "tausend",
}
_LAKH = re.compile(r" (lakhs?|crores?)\b")
_GRAND = re.compile(
    r"\s+(?:(?!(?:euros|pounds|dollars|francs)\b)[^\W\d_]{2,}s(?<!ss)|piano|hotel|tour|opening|hall|room)\b"
)
"""After it "two grand" is no sum: "two grand pianos"."""
_VAGUE = {"couple", "few", "several", "some", "paar"}


_DOZEN = re.compile(r"\b(?P<half>half\s+)?an?\s+dozen\b|(?P<many>\s+dozen)\b")


@dataclass(frozen=True, slots=True)
class Number:
    """A number and where it stands; ``unclear`` when it may be read in two ways."""

    value: Decimal
    start: int
    end: int
    unclear: bool = False
    worded: bool = False


def parse_digits(raw: str, *, scaled: bool = False) -> Decimal | None:
    """The value of grouped digits in any notation; None where the notation is no notation.

    ``scaled`` when a "k" follows: "1.500k" is nonsense and "1.5" is then a decimal for sure.
    """
    text = re.sub(r"[ ']", "", raw)
    points = [c for c in text if c in ".,"]
    if not points:
        return Decimal(text)
    last = points[-1]
    tail = text.rsplit(last, 1)[1]
    mixed = len(set(points)) > 1
    if mixed and text.count(last) > 1:
        return None
    if scaled:
        return Decimal(text.replace(",", ".")) if len(points) == 1 else None
    if mixed or (len(points) == 1 and len(tail) <= 2):
        if len(tail) > 2:
            return None
        price = Price.fromstring(text, decimal_separator=last)
        return price.amount
    # One kind of mark, several times or before three digits: it groups thousands.
    groups = text.split(last)
    if len(tail) != 3 or not 1 <= len(groups[0]) <= 3 or groups[0] == "0":
        return None
    if any(len(g) not in (2, 3) for g in groups[1:-1]):
        return None
    return Decimal("".join(groups))


@lru_cache(maxsize=256)
def find_numbers(low: str, language: str) -> tuple[Number, ...]:
    """All numbers of a lower-case text in order."""
    found: list[Number] = []
    for match in _DIGITS.finditer(low):
        mult = (match["mult"] or "").strip()
        value = parse_digits(match["digits"], scaled=bool(mult))
        end = match.end()
        if value is not None and mult:
            value *= _MULTIPLIERS[mult]
        if value is None:
            found.append(Number(Decimal(0), match.start(), end, unclear=True))
        else:
            found.append(Number(value, match.start(), end))
    taken = [(n.start, n.end) for n in found]
    for match in _HALVES.finditer(low):
        number = _half(match)
        if number is not None:
            found = [n for n in found if n.end <= match.start() or n.start >= match.end()]
            found.append(number)
            taken.append((number.start, number.end))
    found.extend(_worded(low, language, taken))
    return tuple(sorted(found, key=lambda n: n.start))


def _half(match: re.Match[str]) -> Number | None:
    named = match["unit"] or match["unit2"] or match["unit3"]
    unit = 1 if match["n4"] else _MULTIPLIERS.get(named, 1000)
    if match["only"]:
        value = Decimal("0.5")
    else:
        base = match["n"] or match["n3"] or match["n4"]
        whole = int(base) if base.isdigit() else SMALL_NUMBERS.get(base)
        if whole is None:
            return None
        quarter = "quarter" in (match["part"], match["part4"])
        value = whole + (Decimal("0.25") if quarter else Decimal("0.5"))
    return Number(value * unit, match.start(), match.end(), worded=True)


def _worded(low: str, language: str, taken: list[tuple[int, int]]) -> list[Number]:
    """Runs of number words, longest first, by text2num."""
    tokens = list(_WORD.finditer(low))
    found: list[Number] = []
    index = 0
    while index < len(tokens):
        end = index
        while end < len(tokens) and (
            _is_number_word(tokens[end].group(), language)
            or (end > index and tokens[end].group() in _JOINS[language])
        ):
            if end > index and low[tokens[end - 1].end() : tokens[end].start()].strip(" "):
                break
            end += 1
        while end > index and tokens[end - 1].group() in _JOINS[language]:
            end -= 1
        if end == index:
            index += 1
            continue
        start_at, end_at = tokens[index].start(), tokens[end - 1].end()
        phrase = low[start_at:end_at]
        before = tokens[index - 1].group() if index else ""
        index = end
        if any(s < end_at and start_at < e for s, e in taken):
            continue
        if phrase == "grand" and before not in {"a", "one"}:
            continue  # a piano
        if phrase.endswith(" grand") and _GRAND.match(low, end_at):
            end_at -= len(" grand")
            phrase = low[start_at:end_at]
        value = _value(phrase, language)
        if before in {"a", "one", "ein", "eine"} and phrase.split()[0] in _UNITS_ALONE:
            start_at = tokens[index - (len(phrase.split())) - 1].start() if before else start_at
        lakh = _LAKH.match(low, end_at)
        if lakh and value is not None:
            value, end_at = value * _MULTIPLIERS[lakh[1]], lakh.end()
        # "one forty" is 140 or 1.40, and "two point five thousand" neither two nor five thousand.
        vague = before in _VAGUE or value is None or before in {"point", "komma"}
        vague = vague or (before == "one" and phrase.split()[0] not in _UNITS_ALONE)
        vague = vague or low[end_at:].startswith((" point ", " komma "))
        found.append(Number(Decimal(value or 0), start_at, end_at, unclear=vague, worded=True))
    return found


@lru_cache(maxsize=2048)
def _is_number_word(word: str, language: str) -> bool:
    if word in {
        "a",
        "an",
        "one",
        "ein",
        "eine",
        "un",
        "una",
        "uno",
        "une",
        "once",
        "second",
        "point",
    }:
        return False
    if word in {"hundred", "thousand", "grand"}:
        return True
    return _value(word, language) is not None


@lru_cache(maxsize=2048)
def _value(phrase: str, language: str) -> int | None:
    plain = phrase.replace(" grand", " thousand")
    for candidate in (plain, f"one {plain}"):
        try:
            return int(text2num(candidate, language))
        except ValueError:
            continue
    return None


def by_the_dozen(low: str, numbers: Sequence[Number]) -> list[Number]:
    """Numbers with "two dozen" as 24."""
    found = list(numbers)
    for match in _DOZEN.finditer(low):
        if not match["many"]:
            found.append(Number(Decimal(6 if match["half"] else 12), *match.span()))
            continue
        for index, each in enumerate(found):
            if each.end == match.start():
                found[index] = replace(each, value=each.value * 12, end=match.end())
    return sorted(found, key=lambda n: n.start)
