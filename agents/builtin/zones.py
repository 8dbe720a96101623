"""Zones of time as people name them: by a city, a country or an abbreviation."""

import re
from functools import cache
from zoneinfo import available_timezones

_ABBREVIATED: dict[str, str] = {
    name.replace("_", " "): zone
    for zone, group in {
        "UTC": "utc gmt",
        "Europe/Berlin": "cet cest german munich hamburg",
        "America/New_York": "est edt et eastern nyc boston washington",
        "America/Chicago": "cst ct central",
        "America/Denver": "mst mountain",
        "America/Los_Angeles": "pst pdt pt pacific sf san_francisco la seattle",
        "Europe/London": "bst uk british edinburgh",
        "Europe/Dublin": "irish",
        "Asia/Kolkata": "indian india delhi mumbai bangalore",
        "Asia/Tokyo": "japan japanese jst",
        "Europe/Helsinki": "eet",
        "Australia/Sydney": "aest aedt",
        "Europe/Madrid": "barcelona spanish",
        "Europe/Rome": "milan",
        "Asia/Shanghai": "beijing",
        "Europe/Zurich": "geneva",
        "Africa/Johannesburg": "cape_town",
        "Europe/Lisbon": "porto",
        "Europe/Paris": "french",
    }.items()
    for name in group.split()
}
_ZONE = re.compile(
    r"[ ,(]*(?:(?:his|her|their|local)\s+time,?\s*(?:\(\s*)?(?:(?:he|she|they)(?:'s|'re|\s+is|"
    r"\s+are|\s+sits?|\s+lives?)\s+(?:based\s+|currently\s+)?)?(?:in\s+|i\.e\.\s+)?"
    r"(?P<theirs>[^\W\d_]+(?:[ -][^\W\d_]+)?)(?=\s*[),.!?;]|\s*$)|(?P<abbr>utc|gmt|cet|cest|est|"
    r"edt|et|cst|mst|pst|pdt|pt|bst|eet|aest|aedt|jst|eastern|pacific|mountain)(?!\w)(?!\s+"
    r"(?:street|road|hotel|station))"
    r"|(?P<city>[^\W\d_]+(?:[ -][^\W\d_]+)?)\s+time(?!\w)|(?:hora\s+de|"
    r"heure\s+de)\s+(?P<city2>[^\W\d_]+))\)?"
)
_OWN_ZONE = {"my", "our", "local", "your", "meine"}


@cache
def cities() -> dict[str, str]:
    """IANA zones by the city in their name."""
    found = {
        name.rsplit("/", 1)[1].replace("_", " ").lower(): name
        for name in sorted(available_timezones())
        if "/" in name and not name.startswith(("Etc/", "posix/", "right/", "US/"))
    }
    return found | _ABBREVIATED


def zone_at(low: str, start: int) -> tuple[int, str | None]:
    """The zone named right after a time, and where its name ends.

    None for the operator's own or where none is named; "?" for one that nobody knows.
    """
    match = _ZONE.match(low, start)
    if not match:
        return start, None
    name = match["theirs"] or match["abbr"] or match["city"] or match["city2"]
    if name.split()[0] in _OWN_ZONE or name in {"this", "the same", "same"}:
        return match.end(), None
    known = cities().get(name) or cities().get(name.split()[-1])
    return match.end(), known or "?"
