"""Days that a statement or question names: since when, until when, as of when."""

import re
from datetime import date, datetime, time
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from dateparser.date import DateDataParser

_DAY = (
    r"(?:(?:the\s+)?\d{1,2}(?:st|nd|rd|th)?\.?\s+(?:of\s+)?[a-zäé]{3,9}\.?(?:,?\s+\d{4})?"
    r"|[a-z]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?(?:,?\s+\d{4})?(?!\d)"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2}\.\d{1,2}\.(?!\d)"
    r"|(?:january|february|march|april|may|june|july|august|september|october|november|december)"
    r"(?:\s+\d{4})?"
    r"|(?:next|last)\s+(?:week|month|year|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
    r"|\d+\s+(?:days|weeks|months|years)\s+ago|an?\s+(?:week|month|year)\s+ago"
    r"|yesterday|today|tomorrow|(?:19|20)\d\d(?!\d))"
)
_SINCE = re.compile(
    rf"\b(?P<how>since|from|as\s+of|starting|effective|seit|ab)\s+(?:on\s+)?(?P<day>{_DAY})", re.I
)
_UNTIL = re.compile(rf"\b(?:until|till|through|up\s+to|bis)\s+(?P<day>{_DAY})", re.I)
_THEN = re.compile(
    rf"(?:\b(?:on|as\s+of|at|by|back\s+in|in|since)\s+)?(?<![\w€$£.,-])(?P<day>{_DAY})", re.I
)
_KNEW = re.compile(r"\b(?:did|do)\s+(?:we|i|you)\s+(?:already\s+)?know\b|\bwas\s+known\b", re.I)
_LOOKS_BACK = re.compile(
    r"\b(?:was|were|did|had|knew|as\s+of|back\s+(?:in|then)|true|valid)\b", re.I
)


@lru_cache(maxsize=16)
def _parser(prefer: Literal["past", "future"], base: datetime) -> DateDataParser:
    return DateDataParser(
        languages=["en", "de"],
        settings={
            "PREFER_DATES_FROM": prefer,
            "PREFER_DAY_OF_MONTH": "first",
            "PREFER_MONTH_OF_YEAR": "first",
            "DATE_ORDER": "DMY",
            "RELATIVE_BASE": base,
        },
    )


def day_of(words: str, now: datetime, prefer: Literal["past", "future"]) -> date | None:
    """The day that ``words`` name, or None. ``now`` is local."""
    if re.fullmatch(r"(?:19|20)\d\d", words.strip()):
        return date(int(words), 1, 1)
    base = now.replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    found = _parser(prefer, base).get_date_data(words.strip().removeprefix("the ")).date_obj
    return found.date() if found else None


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day."""
    return datetime.combine(day, time(0), tzinfo=zone)


def span(statement: str, now: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """Since when and until when a statement says that it holds. The last day is included."""
    since = until = None
    if found := _SINCE.search(statement):
        back = found["how"].casefold() in ("since", "seit")
        day = day_of(found["day"], now, "past" if back else "future")
        since = start_of(day, zone) if day else None
    if found := _UNTIL.search(statement):
        past = re.search(r"\b(?:was|were|had|paid|used\s+to|did)\b", statement, re.I)
        day = day_of(found["day"], now, "past" if past else "future")
        until = start_of(day, zone) if day else None
    return since, until if until is None or since is None or until > since else None


def without_span(statement: str) -> str:
    """A statement without the words that say since when or until when."""
    return " ".join(_UNTIL.sub("", _SINCE.sub("", statement)).split()).rstrip(" ,")


def names_day(words: str) -> bool:
    """Whether ``words`` begin with a day."""
    return re.match(rf"\s*(?:on\s+)?{_DAY}", words, re.I) is not None


def asked_for(
    question: str, now: datetime, zone: ZoneInfo
) -> tuple[Literal["known", "true"], datetime, str] | None:
    """The past day that a question is about, whether it asks what was known or what was true
    then, and the question without the day. None where it is about now."""
    found = _THEN.search(question)
    if found is None or not _LOOKS_BACK.search(question):
        return None
    day = day_of(found["day"], now, "past")
    if day is None or day > now.date():
        return None
    # The end of that day: what was told in the course of it was known on it.
    moment = datetime.combine(day, time(23, 59, 59), tzinfo=zone)
    rest = " ".join((question[: found.start()] + question[found.end() :]).split())
    return "known" if _KNEW.search(question) else "true", min(moment, now), rest
