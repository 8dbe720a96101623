"""Names of countries and well-known cities."""

from functools import cache

from babel import Locale

from agents.builtin.cities import cities
from agents.builtin.lexicon import words


@cache
def _places() -> frozenset[str]:
    countries = {
        str(name).lower() for code, name in Locale("en").territories.items() if len(code) == 2
    }
    return (
        frozenset(countries)
        | frozenset(cities())
        | words("london paris berlin uk usa us eu uae europe asia africa scotland wales england")
    )


def is_place(name: str) -> bool:
    """Whether a name is a country or a well-known city."""
    return name.lower() in _places()
