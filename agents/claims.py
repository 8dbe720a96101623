"""What a text claims that can be checked: numbers, addresses, links. A model must not add any."""

import re
from collections.abc import Iterable

# Each begins where no earlier character could belong to it, so that long texts take no longer than
# their length: what a hostile model writes comes through here.
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]+", re.IGNORECASE)
_MAIL = re.compile(r"(?<![^\s<>,;:\"()])[^\s<>,;:\"()@]++@[^\s<>,;:\"()]++")
_DOMAIN = re.compile(
    r"(?<![a-z0-9.-])(?:[a-z0-9-]++\.)+[a-z]{2,}(?:/[^\s<>\"')\]]*)?", re.IGNORECASE
)
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}\b")
_NUMBER = re.compile(r"\d+(?:[.,:/' -]\d+)*")
_GAPS = re.compile(r"[.,:/' -]")


def _links(text: str) -> set[str]:
    found = [*_LINK.findall(text), *_MAIL.findall(text), *_DOMAIN.findall(text)]
    found += _ACCOUNT.findall(text)
    return {" ".join(each.casefold().rstrip(".,;:!?").split()) for each in found}


def _numbers(text: str) -> set[str]:
    """Each number without what divides its digits; cents that are none go."""
    found = (re.sub(r"[.,]00$", "", each) for each in _NUMBER.findall(text))
    return {_GAPS.sub("", each).lstrip("0") or "0" for each in found}


def unfounded(text: str, *, trusted: Iterable[str], heard: Iterable[str] = ()) -> list[str]:
    """What ``text`` claims and nobody said: as many words for its author, none where all is well.

    Links, addresses and accounts have to be in ``trusted`` texts; numbers may also be ``heard``
    in texts of others.
    """
    known = list(trusted)
    links = set().union(*map(_links, known))
    numbers = set().union(*map(_numbers, [*known, *heard]))
    told = [
        f"The address or link “{each}” isn't in what the owner said: leave it out."
        for each in sorted(_links(text) - links)
    ]
    told += [
        f"The number {each} isn't in what you were given: leave it out."
        for each in sorted(_numbers(_LINK.sub(" ", _MAIL.sub(" ", text))) - numbers)
    ]
    return told
