"""Calendar days as people name them."""

import calendar
import re
from datetime import date, datetime, timedelta
from functools import cache, lru_cache

from dateparser.date import DateDataParser

from agents.builtin.clock import GERMAN_PARTS, NUMBER, small
from agents.builtin.feasts import FEASTS, NTH, feast, nth_weekday, working_day
from agents.builtin.lexicon import MONTHS, WEEKDAYS, alternatives

_MONTH = alternatives(*MONTHS.values())
_ORDINAL_WORDS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first "
    "twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth twenty-seventh "
    "twenty-eighth twenty-ninth thirtieth thirty-first"
)
_ORDINALS = {word: index for index, word in enumerate(_ORDINAL_WORDS.split(), start=1)}
_ORDINAL = alternatives(_ORDINALS)
_YEAR = r"(?:,?\s+(?:de\s+|del\s+)?(?P<{}>(?:19|20)\d\d)(?!\d))?"
_UNIT = (
    r"days?|weeks?|months?|tag(?:en|e)?|wochen?|monat(?:en|e)?|d[ií]as?|semanas?|mes(?:es)?|jours?|"
    r"semaines?|mois|fortnights?"
)

DAY = re.compile(
    r"(?<![\w.,/-])(?:"
    rf"(?:(?:on|by|until|till|before)\s+)?(?:the\s+)?(?P<nth>{alternatives(NTH)})\s+(?P<nwd>{alternatives(WEEKDAYS)})\s+(?:in|of)\s+"
    rf"(?:(?P<nmon>{_MONTH})|(?P<nrel>the|this|next|the\s+coming|the\s+following)\s+month)\b"
    r"|(?:(?:on|by|until|till|before)\s+)?(?:the\s+)?(?P<work>first|1st|last)\s+(?:working|"
    r"business|work|week)[ -]?day\s+(?:in|of)\s+"
    rf"(?:(?P<wmon>{_MONTH})|(?P<wrel>the|this|next|the\s+coming|the\s+following)\s+month)\b"
    rf"|(?P<feast>{FEASTS})(?!\w|')"
    r"|(?P<eom>(?:the\s+)?(?:end|(?<!to\s)last\s+day)\s+of\s+(?:the\s+|this\s+)?month|"
    r"month[ -]?end|"
    r"month's\s+end|eom|monatsende|(?:ende|letzten\s+tag)\s+(?:des|dieses)\s+monats|"
    r"(?:fin(?:al)?|último\s+día)\s+de(?:l)?\s+mes|(?:fin|dernier\s+jour)\s+du\s+mois|"
    r"fin\s+de\s+este\s+mes)"
    r"|(?P<eonm>(?:the\s+)?(?:end|(?<!to\s)last\s+day)\s+of\s+next\s+month|ende\s+(?:des\s+"
    r")?nächsten\s+monats)"
    rf"|(?P<eomon>(?:the\s+)?(?:end|(?<!to\s)last\s+day)\s+of\s+(?P<emon>{_MONTH})|ende\s+"
    rf"(?P<emon2>{_MONTH}))\b"
    r"|(?P<iso>20\d\d-\d\d-\d\d)(?=$|[^\d-])"
    rf"|(?:the\s+)?(?P<d1>\d{{1,2}}|{_ORDINAL})(?:st|nd|rd|th|\.|er)?\s*(?:(?:day\s+)?of\s+|"
    rf"de\s+)?(?P<mon1>{_MONTH})\b\.?{_YEAR.format('y1')}"
    rf"|(?P<mon2>{_MONTH})\.?\s+(?:the\s+)?(?P<d2>\d{{1,2}}|{_ORDINAL})(?:st|nd|rd|"
    rf"th)?(?![\w:€$£%]|[.,]\d|\s*(?:am|pm|uhr|€|eur)\b){_YEAR.format('y2')}"
    r"|(?P<dmy>\d{1,2}(?P<s>[./-])\d{1,2}(?P=s)(?:20)?\d\d)(?![\d.])"
    r"|(?P<dm>\d{1,2}\.\s?\d{1,2}\.|(?:(?<= on )|(?<= am ))\d{1,2}\.(?:0?[1-9]|"
    r"1[0-2])(?=\s+(?:at|um|to|with)\b))(?![\d])"
    r"|(?P<slash>\d{1,2}/\d{1,2})(?![\d/%])"
    r"|(?P<dat>(?:(?:the\s+)?day\s+after\s+(?:tomorrow|tmrw|tmr)|übermorgen|pasado\s+mañana|après-demain))|"
    r"(?P<tomorrow>tomorrow|tmrw|tmr|tomorow|2moro|(?<!am\s)morgen(?!s)|(?<!la\s)mañana|demain)|"
    r"(?P<today>today|heute|hoy|aujourd'hui)"
    rf"|(?P<ago>(?:yesterday|gestern|ayer|hier|last\s+\w+|\w+\s+\w+\s+ago))"
    r"|(?:in|dans|dentro\s+de|en|"
    rf"within)\s+(?P<inn>{NUMBER})\s+(?P<inu>{_UNIT})(?!\w)(?:'s)?(?:\s+time)?"
    rf"|(?P<fn>{NUMBER})\s+(?P<fu>{_UNIT})\s+(?:from\s+(?:now|today)|hence)"
    r"|(?P<wow>a\s+week\s+from\s+|a\s+week\s+on\s+)?(?:(?P<wkafter>(?:the\s+)?week\s+after\s+next"
    r"(?:,?\s+on)?)\s+)?(?:(?P<nextwk>next\s+week(?:'s)?(?:\s+on)?|"
    r"nächste\s+woche)\s+)?(?:on\s+)?(?P<mod>next|this|coming|this\s+coming|nächsten|kommenden|"
    r"diesen|el\s+próximo|próximo|"
    rf"ce)?\s*\b(?P<wd>{alternatives(WEEKDAYS)})(?:(?!\w)|(?={GERMAN_PARTS}))\.?"
    rf"(?P<wdnext>\s+(?:after\s+next|next\s+"
    rf"week|week|"
    rf"nächste(?:r)?\s+woche|in\s+(?P<wdn>{NUMBER})\s+(?:weeks?|wochen?)|que\s+viene|prochain))?"
    rf"|(?:(?:on|by|until|till|before)\s+)?(?:the\s+)?(?P<nom>\d{{1,2}}(?=st|nd|rd|th)|{_ORDINAL})"
    r"(?:st|nd|rd|th)?\s+(?:of\s+(?P<nomrel>next|this|the)|(?P<nomnext>next))\s+month\b(?!\s+but)"
    rf"|next\s+month,?\s+(?:on\s+)?the\s+(?P<nomlate>\d{{1,2}}(?=st|nd|rd|th)|{_ORDINAL})"
    r"(?:st|nd|rd|th)?(?!\w)"
    r"|(?P<eoy>(?:the\s+)?end\s+of\s+(?:the|this)\s+year|jahresende|year[ -]end)"
    rf"|(?:(?:on\s+|by\s+)?the\s+|(?:on|by|until|till|before)\s+)(?P<dom>\d{{1,2}}(?=st|nd|rd|th)|"
    rf"{_ORDINAL}(?=$|[\s,.;:!?]+(?:$|at\b|to\b(?!\s+last)|in\b|by\b|please\b|that\b|noon\b|i\b|"
    rf"\d)))"
    rf"(?:st|nd|rd|th)?(?!\w)(?!\s+of)(?!\s+{_MONTH}\b)"
    rf"|(?:am|bis\s+zum|ab\s+dem|vor\s+dem)\s+(?P<domde>\d{{1,2}})\.(?![\d.])(?!\s*(?:\d|{_MONTH}\b))"
    r"|(?:le|el(?:\s+d[ií]a)?)\s+(?P<domfr>\d{1,2})(?=\s+(?:à|vers|a\s+las?|por\s+la)\s)"
    r")"
)
VAGUE = re.compile(
    r"\b(?:some\s?time\s+)?(?:next|this|the\s+coming)\s+(?:week|month|year|quarter|fortnight|"
    r"weekend)\b|\bsome\s?time\b|\bsoon\b|"
    r"\bnächste\s+woche\b|\bla\s+(?:semana|próxima)\b|\bla\s+semaine\s+prochaine\b|"
    r"\bthe\s+week\s+after(?:\s+next)?\b|\bin\s+(?:the\s+)?(?:spring|summer|autumn|winter|new\s+"
    r"year)\b|"
    # A month without a day of it: what hour is said with it is not today's.
    rf"\b(?:in|early(?:\s+in)?|mid|late(?:\s+in)?|(?:beginning|start|middle|course|half|part|"
    rf"week|weekend|day)\s+(?:of|in))[\s-]+(?!may\b|mar\b|sept?\b){_MONTH}\b(?!\s*\d)"
)
_LANGUAGE_OF = {month: code for code in ("fr", "es", "de", "en") for month in MONTHS[code]}


@cache
def _parser(language: str) -> DateDataParser:
    return DateDataParser(
        languages=[language],
        settings={
            "PREFER_DATES_FROM": "future",
            "DATE_ORDER": "DMY",
            "REQUIRE_PARTS": ["day", "month"],
        },
    )


@lru_cache(maxsize=512)
def _calendar(text: str, language: str, today: date) -> date | None:
    """A day and month by dateparser, in the future unless the year is said."""
    base = datetime(today.year, today.month, today.day)  # noqa: DTZ001 - dateparser wants local wall time
    parser = _parser(language)
    parser._settings.RELATIVE_BASE = base  # type: ignore[attr-defined] - it has no setter
    found = parser.get_date_data(text).date_obj
    return None if found is None else found.date()


def month_first(zone: str) -> bool:
    """Whether people in a zone write the month before the day."""
    return zone in {
        "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
        "America/Phoenix", "America/Detroit", "America/Anchorage", "America/Boise",
        "Pacific/Honolulu",
    }  # fmt: skip


def last_of_month(day: date) -> date:
    """The last day of the month of ``day``."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def add_months(day: date, months: int) -> date:
    """``day`` some months on, held within the shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def read_day(match: re.Match[str], today: date, *, zone: str = "") -> date | None:
    """The date of a DAY match; None where it is past, vague or can be read in two ways."""
    g = match.groupdict()
    if g["nth"]:
        return _nth_weekday(match, today)
    if g["work"]:
        first = _month_said(g["wmon"], g["wrel"], today)
        return working_day(first, NTH[g["work"]]) if first else None
    if g["feast"]:
        return feast(g["feast"], today)
    if g["iso"]:
        try:
            return date.fromisoformat(g["iso"])
        except ValueError:
            return None
    if g["mon1"] or g["mon2"]:
        month = g["mon1"] or g["mon2"]
        number = g["d1"] or g["d2"]
        year = g["y1"] or g["y2"]
        number = str(_ORDINALS.get(number, number))
        day = _calendar(
            f"{number} {month}" + (f" {year}" if year else ""), _LANGUAGE_OF[month], today
        )
        return _forward(day, today) if day and not year else day
    if g["dmy"] or g["dm"] or g["slash"]:
        return _numeric(g["dmy"] or g["dm"] or g["slash"], today, zone)
    if g["tomorrow"]:
        return today + timedelta(days=1)
    if g["dat"]:
        return today + timedelta(days=2)
    if g["today"]:
        return today
    if g["inn"] or g["fn"]:
        return _ahead(small(g["inn"] or g["fn"]), g["inu"] or g["fu"], today)
    if g["wd"]:
        ahead = (WEEKDAYS[g["wd"]] - today.weekday() - 1) % 7 + 1
        if (
            g["nextwk"]
            or (g["wdnext"] and "next week" in " ".join(g["wdnext"].split()))
            or (g["wdnext"] and "woche" in g["wdnext"])
        ):
            monday = today + timedelta(days=7 - today.weekday())
            return monday + timedelta(days=WEEKDAYS[g["wd"]])
        if g["wkafter"]:
            return today + timedelta(days=14 - today.weekday() + WEEKDAYS[g["wd"]])
        on = (g["wdnext"] or "").split()
        # "Friday week", "Friday after next": a week after the coming one.
        later = g["wow"] or "after" in on or on == ["week"]
        weeks = (small(g["wdn"]) or 0) if g["wdn"] else int(bool(later))
        return today + timedelta(days=ahead + 7 * weeks)
    if g["eom"]:
        return last_of_month(today)
    if g["eonm"]:
        return last_of_month(add_months(today.replace(day=1), 1))
    if g["eomon"]:
        first = _month(g["emon"] or g["emon2"], today)
        return last_of_month(first) if first else None
    if g["nom"] or g["nomlate"]:
        return _day_in_month(match, today)
    if g["eoy"]:
        return date(today.year, 12, 31)
    if number := g["dom"] or g["domde"] or g["domfr"]:
        return _day_of_month(_ORDINALS.get(number) or int(number), today)
    return None


def _nth_weekday(match: re.Match[str], today: date) -> date | None:
    """ "the last Friday of this month", "the first Monday in March": the next to come."""
    weekday, which = WEEKDAYS[match["nwd"]], NTH[match["nth"]]
    month = match["nmon"]
    first = _month_said(month, match["nrel"], today)
    if first is None:
        return None
    day = nth_weekday(first, weekday, which)
    if day >= today:
        return day
    return nth_weekday(add_months(first, 12 if month else 1), weekday, which)


def _month_said(name: str | None, relative: str | None, today: date) -> date | None:
    """The first day of the month that is named, or of this or the next one."""
    if name:
        return _month(name, today)
    first = today.replace(day=1)
    return first if relative in {"the", "this"} else add_months(first, 1)


def _month(name: str, today: date) -> date | None:
    """The first day of a month: this one's when it is this month, else of the next to come."""
    first = _calendar(f"1 {name}", _LANGUAGE_OF[name], today)
    return _forward(first, today.replace(day=1)) if first else None


def _day_in_month(match: re.Match[str], today: date) -> date | None:
    """ "the 4th of next month"; "the first of the month" is the next to come."""
    said = match["nom"] or match["nomlate"]
    number = _ORDINALS.get(said) or int(said)
    if match["nomrel"] == "the":
        return _day_of_month(number, today + timedelta(days=1))
    first = today.replace(day=1)
    if match["nomrel"] != "this":
        first = add_months(first, 1)
    if not 1 <= number <= last_of_month(first).day:
        return None
    day = first.replace(day=number)
    return day if day >= today else None


def _numeric(text: str, today: date, zone: str) -> date | None:
    parts = [int(p) for p in re.split(r"[./-]\s?", text) if p]
    if "/" in text and max(parts[:2]) <= 12 and parts[0] != parts[1] and month_first(zone):
        return None
    if "/" in text and parts[1] > 12 >= parts[0]:
        parts[0], parts[1] = parts[1], parts[0]
    year = parts[2] + (2000 if parts[2] < 100 else 0) if len(parts) > 2 else today.year
    try:
        day = date(year, parts[1], parts[0])
    except ValueError:
        return None
    return day if len(parts) > 2 else _forward(day, today)


def _forward(day: date, today: date) -> date:
    try:
        day = day.replace(year=today.year)
        return day if day >= today else day.replace(year=today.year + 1)
    except ValueError:
        return day


def _ahead(count: int | None, unit: str, today: date) -> date | None:
    if count is None or count > 1000:
        return None
    if unit.startswith(("mo", "me")):
        return add_months(today, count)
    weeks = 2 if unit.startswith("f") else int(unit.startswith(("w", "s")))
    return today + timedelta(days=count * (7 * weeks or 1))


def _day_of_month(number: int, today: date) -> date | None:
    for months in range(3):
        first = add_months(today.replace(day=1), months)
        try:
            day = first.replace(day=number)
        except ValueError:
            continue
        if day >= today:
            return day
    return None
