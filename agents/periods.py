"""Periods that people plan for, such as "December" or "the next fortnight", and their days."""

import re
from datetime import date, timedelta
from functools import cache

from babel.dates import get_month_names

from agents.builtin.clock import small
from agents.builtin.days import add_months, last_of_month

_LANGUAGES = ("en", "de", "fr", "es")
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_QUARTER = re.compile(r"\bq([1-4])\b")
_YEAR = re.compile(r"\b20\d\d\b")
_SEASON = re.compile(rf"\b({'|'.join(_SEASONS)})\b")
_AHEAD = re.compile(
    r"\b(?:(?P<this>this|rest of the)|(?P<next>next|coming|following))?\s*"
    r"(?:(?P<count>\w+)\s+)?(?P<unit>day|week|fortnight|month|quarter|year)s?\b"
)
_WEEKEND = 5
_WEEK = timedelta(days=7)


def span(period: str, today: date) -> tuple[date, date] | None:
    """The first and last day that ``period`` means, from tomorrow on; None where that is unclear.

    A month, quarter or season without a year is the next one that has not ended.
    """
    said = period.casefold()
    year = int(found.group()) if (found := _YEAR.search(said)) else None
    numbers = [number for word in re.findall(r"[^\W\d_]+", said) if (number := _months().get(word))]
    if numbers:
        return _from_month(numbers[0], (numbers[-1] - numbers[0]) % 12 + 1, year, today)
    if found := _QUARTER.search(said):
        return _from_month(3 * int(found[1]) - 2, 3, year, today)
    if found := _SEASON.search(said):
        return _from_month(_SEASONS[found[1]], 3, year, today)
    if found := _AHEAD.search(said):
        return _ahead(found, today)
    if year:
        return _from_month(1, 12, year, today)
    return None


def working_days(first: date, last: date, count: int | None) -> tuple[date, ...]:
    """So many working days, spread evenly from ``first`` to ``last``; without a number one a week.

    Where there are fewer working days than asked for, several fall on one.
    """
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    open_days = [day for day in every if day.weekday() < _WEEKEND] or every
    wanted = count or max(1, len(every) // 7)
    return tuple(
        open_days[(2 * place + 1) * len(open_days) // (2 * wanted)] for place in range(wanted)
    )


@cache
def _months() -> dict[str, int]:
    return {
        name.casefold(): number
        for language in _LANGUAGES
        for number, name in get_month_names("wide", locale=language).items()
    }


def _from_month(
    number: int, months: int, year: int | None, today: date
) -> tuple[date, date] | None:
    tomorrow = today + timedelta(days=1)
    first = date(year or today.year, number, 1)
    last = last_of_month(add_months(first, months - 1))
    if year is None:
        # A winter that began last December goes on; what is over comes again next year.
        if last_of_month(add_months(first, months - 13)) >= tomorrow:
            first, last = add_months(first, -12), add_months(last, -12)
        if last < tomorrow:
            first = add_months(first, 12)
            last = last_of_month(add_months(first, months - 1))
    return (max(first, tomorrow), last) if last >= tomorrow else None


def _ahead(found: re.Match[str], today: date) -> tuple[date, date] | None:
    tomorrow = today + timedelta(days=1)
    unit = found["unit"]
    count = small(found["count"]) if found["count"] else None
    if count is None and unit in ("day", "fortnight"):
        count = 1
    if count is not None:
        months = {"month": 1, "quarter": 3, "year": 12}.get(unit)
        if months:
            return tomorrow, add_months(today, min(count * months, 24))
        days = count * {"day": 1, "week": 7, "fortnight": 14}[unit]
        return tomorrow, today + timedelta(days=min(days, 730))
    first, after = _whole(unit, today, later=1 if found["next"] else 0)
    return (max(first, tomorrow), after) if after >= tomorrow else None


def _whole(unit: str, today: date, *, later: int) -> tuple[date, date]:
    """The week, month, quarter or year that ``today`` is in, or so many later."""
    if unit == "week":
        monday = today - timedelta(days=today.weekday()) + later * _WEEK
        return monday, monday + timedelta(days=6)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    begins = today.replace(day=1, month=(today.month - 1) // months * months + 1)
    first = add_months(begins, later * months)
    return first, last_of_month(add_months(first, months - 1))
