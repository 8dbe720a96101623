"""Days with a name of their own, and the n-th weekday of a month."""

import calendar
from datetime import date, timedelta

from dateutil.easter import easter

from agents.builtin.lexicon import alternatives

NTH = {
    word: which
    for which, group in {
        1: "first 1st",
        2: "second 2nd",
        3: "third 3rd",
        4: "fourth 4th",
        -1: "last",
    }.items()
    for word in group.split()
}
"""Which weekday of a month: counted from its start, or -1 for the last."""

_FIXED = {
    name.replace("_", " "): day
    for day, group in {
        (12, 24): "christmas_eve xmas_eve heiligabend nochebuena",
        (12, 25): "christmas_day xmas_day",
        (12, 26): "boxing_day",
        (12, 31): "new_year's_eve new_years_eve silvester nochevieja hogmanay",
        (1, 1): "new_year's_day new_years_day neujahr",
        (1, 6): "epiphany twelfth_night",
        (2, 14): "valentine's_day valentines_day valentine's",
        (3, 17): "st_patrick's_day st_patricks_day",
        (5, 1): "may_day",
        (10, 31): "halloween",
        (12, 6): "st_nicholas_day nikolaus",
    }.items()
    for name in group.split()
}
_FROM_EASTER = {
    "good friday": -2,
    "karfreitag": -2,
    "easter sunday": 0,
    "ostersonntag": 0,
    "easter monday": 1,
    "ostermontag": 1,
    "shrove tuesday": -47,
    "ash wednesday": -46,
    "whit monday": 50,
    "pfingstmontag": 50,
}
FEASTS = alternatives(
    (name.replace(" ", "_") for name in _FIXED), (name.replace(" ", "_") for name in _FROM_EASTER)
)
"""A regex of the days that bear a name."""


def feast(name: str, today: date) -> date:
    """The next day of a name, today included."""
    name = " ".join(name.split())
    years = (today.year, today.year + 1)
    if name in _FIXED:
        days = [date(year, *_FIXED[name]) for year in years]
    else:
        days = [easter(year) + timedelta(days=_FROM_EASTER[name]) for year in years]
    return next(day for day in days if day >= today)


def nth_weekday(month: date, weekday: int, which: int) -> date:
    """The n-th weekday of the month that a date is in; -1 is the last."""
    length = calendar.monthrange(month.year, month.month)[1]
    days = [
        day
        for day in (month.replace(day=number) for number in range(1, length + 1))
        if day.weekday() == weekday
    ]
    return days[which - 1] if which > 0 else days[which]


def working_day(month: date, which: int) -> date | None:
    """The first or the last working day of a month; None where a holiday leaves it open."""
    length = calendar.monthrange(month.year, month.month)[1]
    days = [month.replace(day=number) for number in range(1, length + 1)]
    working = [d for d in days if d.weekday() < 5 and (d.month, d.day) not in {(1, 1), (12, 25)}]
    day = working[0] if which == 1 else working[-1]
    return None if (day.month, day.day) == (5, 1) else day
