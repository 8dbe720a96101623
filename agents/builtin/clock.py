"""Times of the day and lengths of time as people say them."""

import re
from dataclasses import dataclass, replace
from datetime import time
from decimal import Decimal

from agents.builtin.lexicon import MONTHS, SMALL_NUMBERS, WEEKDAYS, alternatives, words

NUMBER = rf"(?:\d+(?:[.,]\d+)?|{alternatives(SMALL_NUMBERS)})"
# "half an hour" and "at a café" name no hour: an article is a number only before a unit.
_SMALL = alternatives(
    {word for word, value in SMALL_NUMBERS.items() if value <= 12}
    - words("a an ein eine einer einem einen un une couple")
)
_CLOCK = rf"(?:\d{{1,2}}|{_SMALL})(?![\w])"

_AT = (
    r"(?<!\w)(?:at|@|um|gegen|ab|by|before|a\s+las?|sobre\s+las|à|vers|for|around|from|until|till|"
    r"bis)\s+"
)
_AMPM = r"(?P<ampm>[ap]\.?m\.?(?![\w])|(?<=\d)[ap](?![\w]))"
_HALF_EN = (
    rf"half\s+(?:past\s+)?(?P<hp>{_CLOCK})|(?:a\s+)?quarter\s+past\s+(?P<qp>{_CLOCK})|"
    rf"(?:a\s+)?quarter\s+to\s+(?P<qt>{_CLOCK})|"
    rf"(?P<mp>{_CLOCK}|twenty(?:[\s-]five)?)\s+(?:minutes\s+)?past\s+(?P<mph>{_CLOCK})|"
    rf"(?P<mt>ten|five|twenty|twenty[\s-]five|5|10|20|25)\s+(?:minutes\s+)?to\s+(?P<mth>{_CLOCK})"
)
_HALF_DE = (
    rf"halb\s+(?P<halb>{_CLOCK})|viertel\s+nach\s+(?P<vn>{_CLOCK})|(?:viertel\s+vor|"
    rf"dreiviertel)\s+(?P<vv>{_CLOCK})"
)
_HALF_ES = rf"(?:a\s+)?las?\s+(?P<es>{_CLOCK})\s+(?P<esf>y\s+media|y\s+cuarto|menos\s+cuarto)"
_HALF_FR = (
    rf"(?:à\s+)?(?P<fr>{_CLOCK})\s*(?:heures?|h)\s+(?P<frf>et\s+demie|et\s+quart|"
    r"moins\s+le\s+quart)"
)
_NAMED = (
    r"(?P<noon>(?:12\s+)?noon|midday|mittags?|mediodía|midi)|(?P<midnight>midnight|mitternacht|"
    r"medianoche|minuit)"
)
_DIGITAL = (
    r"(?P<h>\d{1,2})(?:(?P<sep>[:h]|(?:(?<=à\s\d)|(?<=à\s\d\d))\sh\s)(?P<m>[0-5]\d)(?!\d)|\.(?P<md>[0-5]\d)"
    r"(?!\d|[.,]\d|\s*[€$£₹]|\s+(?:a|an|per|each|apiece|euros?|eur|dollars?|pounds?)\b))"
    rf"(?:\s*(?:{_AMPM}|(?P<uhr>uhr|h\b|hrs\b|hours\b|o'clock))|(?=(?P<inpart>\s+in\s+the\s+"
    r"(?:morning|afternoon|evening)\b)))?"
)
_HOUR = (
    rf"(?P<h2>\d{{1,2}})\s*(?:{_AMPM.replace('ampm', 'ampm2')}|(?P<uhr2>uhr|o'clock|"
    r"oclock)(?:\s+(?P<uhrm>[0-5]\d))?(?!\w))"
)
_MILITARY = (
    r"(?P<mil>[01]\d|2[0-3])(?P<milm>[0-5]\d)(?=\s*(?:hours\b|hrs\b|(?:on\s+)?(?:\w+day|tomorrow|"
    r"today)\b))(?:\s*(?:hours|hrs))?"
)
""" "At 1400 hours", and never "1400" alone."""
_TENS = (
    r"(?:oh|o)[\s-]+(?:one|two|three|four|five|six|seven|eight|nine)|"
    r"(?:twenty|thirty|forty|fifty)[\s-](?:five)|ten|fifteen|twenty|thirty|forty|fifty"
)
_WORD_MINUTES = (
    rf"(?P<wh>{_SMALL})[\s-](?P<wm>{_TENS})(?:\s*(?P<wma>[ap]\.?m\.?(?!\w))|(?=(?P<wpart>\s+in\s+"
    rf"the))|"
    r"(?![\w-]|\s*(?:%|€|\$|£|euros?|eur|dollars?|bucks|pounds?|quid|percent|people|hours?|days?|"
    r"minutes?|hundred|thousand|k\b|each\b|\d)))"
)
_WORD_HOUR = rf"(?P<w>{_SMALL})\s+(?:(?P<wa>[ap]\.?m\.?(?!\w))|o'clock|uhr|heures?(?!\w))"
_H_FR = r"(?P<hh>\d{1,2})\s?h(?:eures?)?(?![\w])"
_BARE = rf"(?P<bare>\d{{1,2}}|{_SMALL})(?:-?ish(?!\w))?"
_AFTER_BARE = (
    r"(?![\w%€$£₹]|[.,:/'’-]\d|\s*(?:%|€|\$|£|a\s+(?:day|month|piece|week|head)|per\b|days?\b|"
    r"weeks?\b|hours?\b|h\b|"
    r"min|months?\b|euros?\b|eur\b|usd\b|gbp\b|chf\b|dollars?\b|pounds?\b|k\b|people\b|percent\b|"
    r"\w+s\b(?<!this)(?<!thursdays)(?<!gmt)(?<!\bans)(?<!\bins)(?<!\bdas)(?<!\bdes)(?<!\bbis)|tage|wochen|stunden|"
    r"d[ií]as|jours|th\b|nd\b|of\b|e\b|in\s+(?:the\s+)?(?:room|hall|office)|"
    r"\w+\s+(?:street|road|lane|avenue|square|close|court|place)\b))"
)

TIME = re.compile(
    rf"(?P<at>{_AT})?(?<![\w.,:/$€£#+-])(?:{_HALF_EN}|{_HALF_DE}|{_HALF_ES}|{_HALF_FR}|{_NAMED}|"
    rf"{_HOUR}|{_MILITARY}|{_DIGITAL}|{_WORD_MINUTES}|{_WORD_HOUR}|{_H_FR}|"
    rf"(?P<p>\d{{1,2}}|{_SMALL})(?=\s+in\s+the\s+(?:morning|afternoon|evening)|\s+at\s+night|"
    r"\s+(?:tomorrow|this)\s+(?:morning|afternoon|evening)))"
)
BARE_TIME = re.compile(
    r"(?P<at>(?<!\w)(?:at|@|um|gegen|by|a\s+las?|sobre\s+las|vers)\s*|"
    rf"(?<=from\s))(?<![\w.,])(?:{_BARE}){_AFTER_BARE}"
)
RANGE = re.compile(
    r"(?<![\w.,/-])(?P<h1>\d{1,2})(?:[:.](?P<m1>[0-5]\d))?\s*(?P<a1>[ap]\.?m\.?)?(?:\s*uhr)?\s*(?:"
    r"-|–|—|to|till|until|bis)\s*"
    r"(?P<h2>\d{1,2})(?:[:.](?P<m2>[0-5]\d))?\s*(?P<a2>[ap]\.?m\.?|uhr|h\b)?(?![\w/]|[.,-]\d)"
)
GERMAN_PARTS = r"(?:vormittag|nachmittag|morgen|abend|früh)\b"
""" "Freitagnachmittag": what German writes in one word with the day."""
PART = re.compile(
    r"\b(?:(?:in|during|on|early|late)\s+)?(?:the\s+|this\s+|that\s+)?(?:early\s+|"
    r"late\s+)?(?P<part>morning|afternoon|arvo|evening|night|lunchtime)\b"
    r"|\b(?P<tonight>tonight|tonite|esta\s+noche|ce\s+soir)\b"
    r"|\bam\s+(?P<demorning>morgen)\b|\b(?:am\s+)?(?P<de>vormittags?|morgens|nachmittags?|abends?|früh)\b"
    rf"|(?:(?<=[a-z]tag)|(?<=mittwoch))(?P<dein>{GERMAN_PARTS})"
    r"|\b(?:por|de|en)\s+la\s+(?P<es>mañana|tarde|noche)\b"
    r"|\b(?:du|le|de\s+l'|dans\s+l'|cet\s+|l')\s*(?P<fr>matin|après-midi|soir)\b"
)
_PARTS = {
    "morning": "morning", "vormittag": "morning", "vormittags": "morning", "morgen": "morning",
    "morgens": "morning",
    "arvo": "afternoon",
    "früh": "morning", "mañana": "morning", "matin": "morning", "afternoon": "afternoon",
    "lunchtime": "noon", "nachmittag": "afternoon", "nachmittags": "afternoon",
    "tarde": "afternoon",
    "après-midi": "afternoon", "evening": "evening", "night": "evening", "abend": "evening",
    "abends": "evening", "noche": "evening", "soir": "evening",
}  # fmt: skip

_HOURS = r"hours?|hrs?|h|std\.?|stunden?|horas?|heures?"
_MINUTES = r"minutes?|mins?|min\.|m(?=\b)|minuten?|minutos?"
_MORE = r"(?:five|ten|fifteen|twenty|twenty-five|thirty|forty|forty-five|forty five|fifty)"
DURATION = re.compile(
    rf"(?<![\w.,:])(?:(?P<hn>{NUMBER})[\s-]*(?:{_HOURS})(?![^\W\d])(?:\s*(?P<half>and\s+a\s+half|"
    r"y\s+media|et\s+demie)|\s*(?:and\s+|und\s+|y\s+|"
    rf"et\s+)?(?:(?P<hm>[0-5]?\d)\s*(?:{_MINUTES})?(?![\w:])|(?P<hw>{_MORE})\s+"
    rf"(?:{_MINUTES})(?!\w)|"
    r"(?P<hq>(?:and\s+)?(?:a\s+)?quarter(?!\w)|et\s+quart(?!\w)|y\s+cuarto(?!\w)|three\s+quarters)))?"
    rf"|(?P<mn>{NUMBER}[\s-]*(?=minut|min)|\d+[\s-]*(?=m))(?:{_MINUTES})(?!\w)"
    rf"|(?P<nh>{NUMBER})\s+and\s+a\s+half[\s-]+hours?(?!\w)"
    r"|(?P<halfhour>half\s+an?\s+(?:hour|hr|h)\b|a\s+half\s+hour|half-hour|(?:eine\s+)?halbe\s+stunde|"
    r"media\s+hora|une?\s+demi-?\s?heure)"
    r"|(?P<threeq>(?:three|3)\s+quarters\s+of\s+an\s+hour|tres\s+cuartos\s+de\s+hora|"
    r"trois\s+quarts\s+d'heure|dreiviertelstunde)"
    r"|(?P<quarter>(?:a\s+)?quarter\s+of\s+an\s+hour|un\s+cuarto\s+de\s+hora|un\s+quart\s+d'heure|"
    r"(?:eine\s+)?viertelstunde)"
    r"|(?P<anda>anderthalb\s+stunden|eineinhalb\s+stunden|hora\s+y\s+media|"
    r"une\s+heure\s+et\s+demie))"
)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day; ``open`` when the text doesn't say which half of the day is meant."""

    hour: int
    minute: int
    open: bool
    full: bool = False
    """Whether it is written as on a clock of 24 hours, as "5h30" and "um 5:30" are."""

    def at(self, *, part: str | None, early: bool = False) -> time | None:
        """The time, its half of the day settled by ``part`` or by what people mean by "at 3".

        ``early``: an hour from six to eight may well be the morning's.
        """
        hour = self.hour
        if self.full and part is None:
            # Hardly anything is due before five at night: rather the afternoon was meant.
            return time(hour, self.minute) if hour >= 5 else None
        if (
            (self.open and part in {"afternoon", "evening"} and hour < 12)
            or (self.open and part == "noon" and hour < 4)
            or (self.open and part is None and (1 <= hour <= 5 or (hour == 6 and not early)))
        ):
            hour += 12
        elif self.open and part == "morning" and hour == 12:
            return None
        if hour > 23:
            return None
        return time(hour, self.minute)


_DAY_BEFORE = re.compile(
    rf"\b(?:{alternatives(WEEKDAYS)}|tomorrow|tmrw|tmr|today|tonight|heute|morgen|hoy|mañana|demain|"
    rf"\d(?:st|nd|rd|th|\.)?\s(?:of\s|de\s)?{alternatives(*MONTHS.values())}),?\s+$"
)


def _follows_a_day(match: re.Match[str]) -> bool:
    """ "Sunday 12.30" is a time of that day; "Friday 12.50" may as well be a price."""
    if match["md"] not in {"00", "15", "30", "45"} or not 6 <= int(match["h"]) <= 22:
        return False
    return bool(_DAY_BEFORE.search(match.string, 0, match.start()))


def small(text: str) -> int | None:
    """The value of a small number in digits or words."""
    text = text.strip()
    return int(text) if text.isdigit() else SMALL_NUMBERS.get(text)


def _clock(
    hour: int | None, minute: int, ampm: str | None, *, definite: bool = False
) -> Clock | None:
    if hour is None or not 0 <= hour <= 24:
        return None
    if ampm:
        if not 1 <= hour <= 12:
            return Clock(hour, minute, False) if hour < 24 and ampm.startswith("p") else None
        hour = hour % 12 + (12 if ampm.startswith("p") else 0)
        return Clock(hour, minute, False)
    if hour == 24:
        return None
    return Clock(hour, minute, not definite and 1 <= hour <= 12)


def read_time(match: re.Match[str]) -> Clock | None:
    """The time of a TIME or BARE_TIME match."""
    g = match.groupdict()
    if g.get("bare"):
        return _clock(small(g["bare"]), 0, None)
    for key, minute, less in (
        ("hp", 30, 0), ("qp", 15, 0), ("qt", 45, 1), ("halb", 30, 1), ("vn", 15, 0), ("vv", 45, 1),
    ):  # fmt: skip
        if g.get(key):
            hour = small(g[key])
            return None if hour is None else _clock(hour - less or 12, minute, None)
    if g.get("mph"):
        return _clock(small(g["mph"]), small(g["mp"]) or _word_minutes(g["mp"]), None)
    if g.get("mth"):
        hour = small(g["mth"])
        back = small(g["mt"]) or _word_minutes(g["mt"])
        return None if hour is None or not back else _clock(hour - 1 or 12, 60 - back, None)
    for key in ("es", "fr"):
        if g.get(key):
            hour, form = small(g[key]), g[key + "f"]
            if hour is None:
                return None
            minute = 30 if "med" in form or "dem" in form else 45 if "m" in form[:2] else 15
            return _clock(hour - 1 if minute == 45 else hour, minute, None)
    if g.get("noon"):
        return Clock(12, 0, False)
    if g.get("midnight"):
        return None  # Which of the two nights is meant, nobody knows.
    if g.get("mil"):
        told = g["at"] or g["mil"].startswith("0")
        return _clock(int(g["mil"]), int(g["milm"]), None, definite=True) if told else None
    if g.get("h"):
        minute = int(g["m"] or g["md"])
        if g["sep"] == "h" and not g["at"] and int(g["h"]) <= 4:
            return None  # "1h30" is how long, not when.
        told = g["at"] or g["ampm"] or g["uhr"] or g["inpart"] or _follows_a_day(match)
        if g["md"] and not told:
            return None
        if g["h"].startswith("0") or g["uhr"]:
            return _clock(int(g["h"]), minute, g["ampm"], definite=True)
        clock = _clock(int(g["h"]), minute, g["ampm"])
        full = g["sep"] == "h" or (g["at"] or "").split()[-1:] in (["um"], ["gegen"], ["à"])
        return replace(clock, full=True) if clock and clock.open and full else clock
    if g.get("h2"):
        minute = int(g["uhrm"] or 0)
        return _clock(
            int(g["h2"]), minute, g["ampm2"], definite=g["uhr2"] == "uhr" and int(g["h2"]) > 5
        )
    if g.get("wh"):
        if not (g["at"] or g["wma"] or g["wpart"]):
            return None  # "four thirty" alone is a number as likely
        return _clock(small(g["wh"]), _word_minutes(g["wm"]), g["wma"])
    if g.get("p"):
        return _clock(small(g["p"]), 0, None)
    if g.get("w"):
        return _clock(small(g["w"]), 0, g["wa"])
    if g.get("hh"):
        return _clock(int(g["hh"]), 0, None, definite=int(g["hh"]) > 5) if g["at"] else None
    return None


def may_be_range(match: re.Match[str]) -> bool:
    """ "10 to 11" may be ten minutes to eleven or the hour from ten to eleven."""
    said = match.groupdict()
    back, hour = said.get("mt") or "", said.get("mth") or ""
    plain = back.isdigit() and hour.isdigit() and "minutes" not in match.group()
    return plain and int(back) < int(hour) <= 12


def _word_minutes(words: str) -> int:
    return sum(SMALL_NUMBERS.get(word, 0) for word in re.split(r"[\s-]+", words))


def read_part(match: re.Match[str]) -> str:
    """The part of the day that a PART match names."""
    if match["tonight"]:
        return "evening"
    if match["demorning"]:
        return "morning"
    return _PARTS[match["part"] or match["de"] or match["dein"] or match["es"] or match["fr"]]


def read_duration(match: re.Match[str]) -> int | None:
    """The minutes of a DURATION match."""
    fixed = {"halfhour": 30, "threeq": 45, "quarter": 15, "anda": 90}
    for key, minutes in fixed.items():
        if match[key]:
            return minutes
    if match["nh"]:
        whole = small(match["nh"])
        return None if whole is None else whole * 60 + 30
    raw = (match["hn"] or match["mn"]).strip(" -")
    value = Decimal(raw.replace(",", ".")) if raw[0].isdigit() else Decimal(SMALL_NUMBERS[raw])
    more = 30 if match["half"] else int(match["hm"] or 0)
    if match["hw"]:
        more = _word_minutes(match["hw"])
    elif match["hq"]:
        more = 45 if "three" in match["hq"] else 15
    total = value * 60 + more if match["hn"] else value
    return int(total) if total == int(total) and 0 < total <= 24 * 60 else None
