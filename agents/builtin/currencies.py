"""Which currency a sign, a code or a word names."""

import re
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.numbers import get_currency_name, get_territory_currencies

from agents.builtin.lexicon import alternatives, words

SIGNS: dict[str, str] = {
    "us$": "USD",
    "nt$": "TWD",
    "j$": "JMD",
    "rd$": "DOP",
    "₵": "GHS",
    "฿": "THB",
    "₸": "KZT",
    "₲": "PYG",
    "₡": "CRC",
    "a$": "AUD",
    "au$": "AUD",
    "c$": "CAD",
    "ca$": "CAD",
    "nz$": "NZD",
    "hk$": "HKD",
    "s$": "SGD",
    "r$": "BRL",
    "mx$": "MXN",
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "¥": "JPY",
    "₺": "TRY",
    "₽": "RUB",
    "₦": "NGN",
    "₩": "KRW",
    "₪": "ILS",
    "₫": "VND",
    "₱": "PHP",
    "₴": "UAH",
    "zł": "PLN",
    "kč": "CZK",
    "rs.": "INR",
}

_NAMED: dict[str, str] = {
    name: code
    for code, group in {
        "EUR": "euro euros teuro",
        "USD": "dollar dollars buck bucks us-dollar dólar dólares us_dollars dollars_us",
        "GBP": "pound pounds quid sterling pfund libra libras livres pounds_sterling",
        "CHF": "swiss_francs francs franken stutz franken francos_suizos francs_suisses sfr fr.",
        "INR": "rs rs. rupee rupees rupien rupias roupies",
        "JPY": "yen",
        "PLN": "zloty zlotys złoty złotych zlotych zl",
        "CZK": "koruna korunas czech_crowns",
        "SEK": "swedish_kronor swedish_crowns kronor",
        "NOK": "norwegian_kroner norwegian_crowns",
        "DKK": "danish_kroner danish_crowns",
        "AUD": "australian_dollars aussie_dollars",
        "CAD": "canadian_dollars",
        "NZD": "new_zealand_dollars kiwi_dollars",
        "SGD": "singapore_dollars",
        "HKD": "hong_kong_dollars",
        "ZAR": "rand",
        "BRL": "reais",
        "AED": "dirham dirhams",
        "NGN": "naira",
        "GHS": "cedi cedis",
        "TRY": "lira liras",
        "HUF": "forint",
        "ILS": "shekel shekels",
        "THB": "baht",
        "MYR": "ringgit",
        "ETB": "birr",
        "KES": "ksh",
        "IDR": "rupiah",
        "UAH": "hryvnia hryvnias",
        "RUB": "ruble rubles rouble roubles",
        "RON": "lei",
        "BGN": "leva",
    }.items()
    for name in (word.replace("_", " ") for word in group.split())
}

_UNCLEAR = words(
    "kr kr. kroner krone kronur crowns pesos peso pesetas shillings dinar dinars riyal won kwacha"
)
"""Words of several countries' money: the operator's own country decides, or nobody does."""

_WORDS = words(
    "all ang ars bam bat bob cop cup ern gel kgs lak mad mop mur nad pen php rub sdg shp sos stn "
    "top try ves"
)
"""Codes that are words or units in small letters."""


@cache
def codes() -> frozenset[str]:
    """All ISO codes that babel knows a name for and that are in use."""
    return frozenset(Locale("en").currencies) - {"XXX", "XTS", "XAU", "XAG"}


@cache
def _today() -> frozenset[str]:
    """The codes of today's money."""
    lands = [str(land) for land in Locale("en").territories]
    return frozenset(code for land in lands if land.isalpha() for code in _of(land))


@cache
def _small_codes() -> frozenset[str]:
    """The codes of today's money that mean it in small letters too, as "ugx" does."""
    return frozenset(code.lower() for code in _today()) - _WORDS


_ALSO_WORDS = words(
    "colón colóns dram drams florin gold guilder leone leones real reals sum sums sol tala"
)
"""Names of money that are other words too."""


@cache
def _full_names() -> dict[str, str]:
    """What today's money is called by whose it is, "mexican pesos", or by what nobody else has."""
    named = {
        get_currency_name(code, count=count, locale="en").lower(): code
        for code in sorted(_today())
        for count in (1, 2)
    }
    last: dict[str, set[str]] = {}
    for name, code in named.items():
        last.setdefault(name.split()[-1], set()).add(code)
    alone = {word: codes.pop() for word, codes in last.items() if len(codes) == 1}
    other = _ALSO_WORDS | _UNCLEAR | _NAMED.keys()
    own = {word: code for word, code in alone.items() if word.isalpha() and word not in other}
    return own | {name: code for name, code in named.items() if name.replace(" ", "").isalpha()}


def _of(territory: str) -> list[str]:
    """The currencies of a country today; none where nothing is known of it."""
    try:
        return get_territory_currencies(territory)
    except (UnknownLocaleError, LookupError):
        return []


@cache
def pattern() -> str:
    """A regex that matches any currency sign, code or word in lower-case text."""
    signs = sorted(SIGNS, key=len, reverse=True)
    named = alternatives(
        (w.replace(" ", "_") for w in (*_NAMED, *_full_names())),
        _UNCLEAR,
        (c.lower() for c in codes()),
        ("rm",),
    )
    return "(?:" + "|".join(map(re.escape, signs)) + r"|" + named + r"(?![\w]))"


def currency_of(raw: str, *, territory: str | None = None, own: str = "") -> str | None:
    """The ISO code that ``raw`` names; "" for an unclear word, None when it names no currency.

    ``territory`` and ``own``, the operator's country and currency, settle words like "kroner".
    """
    low = " ".join(raw.lower().split())
    if low == "rm":
        return "MYR" if raw.isupper() else None
    if low in SIGNS:
        return SIGNS[low]
    if low in _NAMED:
        return _NAMED[low]
    if low in _full_names():
        return _full_names()[low]
    if low in _UNCLEAR:
        return _local(low, territory, own)
    code = raw.upper()
    if code in codes() and (low in _small_codes() or raw == code):
        return code
    return None


@cache
def _alone() -> re.Pattern[str]:
    # Three spaces stand where a sum was taken back, and its currency left.
    return re.compile(
        rf"(?:^|[.,;:(]\s*|\b(?:in|all\s+in|en)\s+)(?P<cur>{pattern()})"
        r"(?=\s*(?:$|[.,;!?)]|please\b|pls\b))"
        rf"|\s{{3}}(?P<left>{pattern()})|(?P<sign>[€$£₹])\s{{3}}|\b(?P<led>{pattern()})\s{{3}}"
    )


def currency_alone(low: str) -> tuple[str, tuple[int, int]] | None:
    """The currency that a text names beside its sums ("…, danish kroner"), and where."""
    found = [
        (currency_of(m[m.lastgroup or 0]), m.span(m.lastgroup or 0)) for m in _alone().finditer(low)
    ]
    named = [(code, span) for code, span in found if code]
    return named[0] if len({code for code, _ in named}) == 1 else None


def _local(word: str, territory: str | None, own: str) -> str:
    """The operator's own money, or the country's, when its name in English holds the word."""
    codes_here = _of(territory) if territory else []
    stem = {"kr": "kron", "kr.": "kron", "crowns": "kron", "kroner": "kron", "krone": "kron"}.get(
        word, word.rstrip("s")
    )
    for code in filter(None, (own, *codes_here)):
        if stem in get_currency_name(code, locale="en").lower():
            return code
    return ""
