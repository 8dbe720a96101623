"""Zones of time by the name of a city, a country or a region."""

import unicodedata
from collections import defaultdict
from datetime import datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale

from agents.builtin.lexicon import words

_LANGUAGES = ("de", "es", "fr")
_NAMED: dict[str, str] = {
    name.replace("_", " "): zone
    for zone, group in {
        "UTC": "utc gmt",
        "Europe/Berlin": "cet cest german munich hamburg cologne frankfurt stuttgart leipzig",
        "America/New_York": (
            "est edt et eastern east_coast nyc new_york_city brooklyn boston washington miami "
            "atlanta philadelphia baltimore pittsburgh tampa cleveland florida"
        ),
        "America/Chicago": (
            "cst ct central houston dallas san_antonio fort_worth minneapolis st_louis "
            "kansas_city new_orleans nashville memphis milwaukee"
        ),
        "America/Denver": "mst mountain colorado utah salt_lake_city albuquerque boulder",
        "America/Los_Angeles": (
            "pst pdt pt pacific west_coast sf san_francisco la seattle san_diego oakland "
            "sacramento las_vegas california"
        ),
        "Pacific/Honolulu": "hawaii hawaiian",
        "Asia/Makassar": "bali denpasar lombok",
        "Atlantic/Canary": "tenerife gran_canaria canary_islands lanzarote fuerteventura",
        "Europe/Athens": "crete",
        "America/Toronto": "ottawa quebec",
        "America/Edmonton": "calgary alberta",
        "America/Vancouver": "british_columbia",
        "America/Sao_Paulo": "rio rio_de_janeiro brasilia",
        "America/Mexico_City": "guadalajara",
        "America/Bogota": "medellin",
        "Europe/London": (
            "bst uk british edinburgh glasgow manchester liverpool leeds bristol cardiff england "
            "scotland wales britain"
        ),
        "Europe/Dublin": "irish cork galway",
        "Asia/Kolkata": (
            "indian delhi new_delhi mumbai bombay bangalore bengaluru chennai hyderabad pune goa"
        ),
        "Asia/Karachi": "pkt lahore islamabad",
        "Asia/Tokyo": "japanese jst osaka kyoto",
        "Asia/Shanghai": "china chinese beijing shenzhen guangzhou",
        "Asia/Ho_Chi_Minh": "hanoi",
        "Asia/Dubai": "uae abu_dhabi",
        "Asia/Jerusalem": "tel_aviv",
        "Europe/Istanbul": "ankara",
        "Asia/Singapore": "sgt",
        "Asia/Hong_Kong": "hkt",
        "Europe/Moscow": "msk",
        "Australia/Perth": "awst western_australia",
        "Europe/Helsinki": "eet eest",
        "Australia/Sydney": "aest aedt canberra new_south_wales",
        "Pacific/Auckland": "nzst nzdt wellington christchurch",
        "Europe/Madrid": "barcelona spanish seville bilbao mallorca ibiza",
        "Europe/Rome": "italian milan turin naples venice",
        "Europe/Zurich": "swiss geneva bern basel lausanne",
        "Europe/Amsterdam": "dutch rotterdam utrecht",
        "Europe/Warsaw": "krakow gdansk",
        "Africa/Johannesburg": "sast cape_town durban pretoria",
        "Africa/Lagos": "abuja",
        "Africa/Nairobi": "mombasa",
        "Africa/Casablanca": "rabat marrakech marrakesh",
        "Europe/Lisbon": "porto portuguese",
        "Europe/Paris": "french lyon marseille toulouse bordeaux",
    }.items()
    for name in group.split()
}
"""Abbreviations, and well-known places that give no zone its name."""
_PEOPLE_TOO = {
    "austin": "America/Chicago",
    "charlotte": "America/New_York",
    "orlando": "America/New_York",
    "florence": "Europe/Rome",
}
"""Cities that are first names as well: places only where a time is said in them."""
_AMBIGUOUS = words(
    "center general easter christmas reunion midway wake universal east west north south georgia "
    "cordoba merida ist"
)
"""Words, or names of two places far apart, that IANA or CLDR have a zone or a country for."""


@cache
def cities() -> dict[str, str]:
    """IANA zones by the city in their name."""
    found = {
        name.rsplit("/", 1)[1].replace("_", " ").lower(): name
        for name in sorted(available_timezones())
        if "/" in name and not name.startswith(("Etc/", "posix/", "right/", "US/"))
    }
    return found | _NAMED


def zone_of(name: str) -> str | None:
    """The zone of a place; None for one that isn't known or has several."""
    plain = _plain(name)
    return None if plain in _AMBIGUOUS else _places().get(plain)


@cache
def _places() -> dict[str, str]:
    found: dict[str, str] = {}
    zones = _by_country()
    for language in ("en", *_LANGUAGES):
        for code, country in Locale(language).territories.items():
            if code in zones:
                found[_plain(str(country))] = zones[code]
    known = available_timezones()
    for language in _LANGUAGES:
        for zone, named in Locale(language).time_zones.items():
            if zone in known and "city" in named:
                found[_plain(str(named["city"]))] = str(zone)
    # "Turkey", "Japan" and the like, which IANA keeps as further names of a zone.
    found |= {name.lower(): name for name in known if "/" not in name and name[1:].islower()}
    return found | {_plain(name): zone for name, zone in cities().items()} | _PEOPLE_TOO


def _by_country() -> dict[str, str]:
    """The zones of countries that have one, or one on their mainland."""
    listed: dict[str, list[tuple[str, str]]] = defaultdict(list)
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
    for line in table.splitlines():
        if not line.startswith("#"):
            code, _, zone, *about = line.split("\t")
            listed[code].append((zone, "".join(about)))
    found: dict[str, str] = {}
    for code, zones in listed.items():
        main = [z for z, about in zones if about.startswith("most of") or "(mainland)" in about]
        alike = len({_offsets(zone) for zone, _ in zones}) == 1
        if main or alike:
            found[code] = main[0] if main else zones[0][0]
    return found


def _offsets(zone: str) -> tuple[str, ...]:
    here = ZoneInfo(zone)
    year = datetime.now(here).year
    return tuple(str(datetime(year, month, 1, tzinfo=here).utcoffset()) for month in range(1, 13))


def _plain(name: str) -> str:
    """A name in small letters, without accents."""
    apart = unicodedata.normalize("NFKD", name.lower())
    return "".join(c for c in apart if not unicodedata.combining(c)).replace("-", " ")
