"""Names of companies and people, brought to a form in which the same ones are the same."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import TypeVar

from rapidfuzz import utils

T = TypeVar("T")

_LEGAL = frozenset(
    """
    ab ag aps as asbl asa bv bvba cic co company corp corporation cv doo dba ek eg eirl ev eu gbr
    gesmbh gmbh gmbhco kg kgaa inc incorporated ks kft limited llc llp lp ltd ltda mbh nv og ohg oy
    oyj partg plc pte pty pvt sa sarl sas sasu scs sca se sl slu snc spa spj sro srl spzoo ug vof
    zrt the and und et y
    """.split()  # noqa: SIM905 - easier to read than a list of strings
)
_DOTTED = re.compile(r"\b(?:\w\.){2,}(?:\w\b)?")
_SHARED = frozenset(
    """
    aol.com fastmail.com free.fr gmail.com gmx.at gmx.de gmx.net googlemail.com hey.com hotmail.com
    icloud.com laposte.net live.com mac.com mail.com mailbox.org me.com msn.com orange.fr
    outlook.com posteo.de pm.me proton.me protonmail.com t-online.de tutanota.com web.de yahoo.com
    yandex.com zoho.com
    """.split()  # noqa: SIM905 - easier to read than a list of strings
)


def words(name: str) -> list[str]:
    """The words of a name, in lower case, without accents and punctuation."""
    bare = _DOTTED.sub(lambda found: found[0].replace(".", ""), name)
    plain = unicodedata.normalize("NFKD", bare.replace("ß", "ss"))
    return utils.default_process(
        "".join(char for char in plain if not unicodedata.combining(char))
    ).split()


def key(name: str) -> str:
    """A name without legal suffixes, case, accents and punctuation; "" for nothing left."""
    every = words(name)
    kept = [word for word in every if word not in _LEGAL]
    return " ".join(kept or every)


def domain(address: str) -> str | None:
    """The domain of a mail address where it belongs to one company; None for a shared one."""
    _, at, host = address.strip().strip("<>").casefold().rpartition("@")
    return host if at and "." in host and host not in _SHARED else None


def meant(
    known: Sequence[T],
    said: str,
    named: Callable[[T], tuple[Sequence[str], str | None]],
    *,
    by_domain: bool = False,
) -> list[T]:
    """Those whom ``said`` may mean, surer ones alone where there are any.

    ``named`` gives the names and the mail address of one. Surest is a whole name or the address;
    then a name without its legal form, or ``by_domain`` an address at the same company's domain;
    then every said word being a word of a name. Likeness alone never decides.
    """
    wanted, whole = words(said), key(said)
    host = domain(said) if by_domain else None
    if not wanted:
        return []
    surest: list[T] = []
    sure: list[T] = []
    likely: list[T] = []
    for each in known:
        names, email = named(each)
        if said.strip().casefold() == (email or "").casefold() or any(
            wanted == words(name) for name in names
        ):
            surest.append(each)
        elif any(whole == key(name) for name in names) or (host and host == domain(email or "")):
            sure.append(each)
        elif any(set(wanted) <= set(words(name)) for name in names):
            likely.append(each)
    return surest or sure or likely
