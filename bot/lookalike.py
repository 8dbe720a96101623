"""Names and addresses that look like others: letters of another script, confusable spellings.

After UTS 39 in what matters here: scripts are told by a letter's name, and a skeleton (NFKC, then
a table of Cyrillic, Greek and other letters that look Latin) tells what a word looks like.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_LOOKS = (
    # Cyrillic
    dict(zip("аеорсухіјѕһԁԛԝӏѵєкмнтвгпьё", "aeopcyxijshdqwlvekmhtbrnbe", strict=True))
    # Greek
    | dict(zip("αγεικνορτυχωηςσ", "ayeikvoptuxwnco", strict=True))
    # Latin, Armenian and others that pass for plain Latin letters
    | dict(zip("ıɩɑɡłøđħŧօսհոաɴʀʏᴀᴄᴏ", "iiaglodhtouhnwnryaco", strict=True))
    | {"0": "o", "1": "l"}
)
"""What letters look like, in small letters."""
_CAPITALS = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx", strict=True))
"""Greek capitals, of which some look like other letters than their small ones."""
_PAIRS = (("rn", "m"), ("vv", "w"))
_APART = re.compile(r"[\s<>()\[\]{}|“”„«»\"'`,;]+")
_AROUND = ".:!?-…"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}:(?://)?")
_TOKEN = re.compile(r"[^\W\d_]+(?:[^\W_]*[^\W\d_])?")
_TOGETHER = (
    frozenset({"Latin", "Han", "Hiragana", "Katakana"}),
    frozenset({"Latin", "Han", "Bopomofo"}),
    frozenset({"Latin", "Han", "Hangul"}),
)
"""Scripts that are written in one word by those who write them."""
_SCRIPTS = {"Cjk": "Han", "Katakana-hiragana": "Katakana", "Ideographic": "Han"}
_MOST = 5
"""Warnings of one kind; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whose name and address the operator would trust at a glance."""

    name: str
    email: str | None = None


def _script(char: str) -> str | None:
    """The script of a letter in a word; None for what belongs to any."""
    if not unicodedata.category(char).startswith("L"):
        return None
    first = unicodedata.name(char, "unknown").split()[0].title()
    return _SCRIPTS.get(first, first)


def mixed(word: str) -> list[tuple[str, str]]:
    """The letters of ``word`` that are of another script than most of it, with that script."""
    scripts = [(char, script) for char in word if (script := _script(char))]
    counts = Counter(script for _, script in scripts)
    if len(counts) < 2 or any(counts.keys() <= together for together in _TOGETHER):
        return []
    # Where as many are of each, what isn't Latin is what surprises.
    most = max(counts, key=lambda script: (counts[script], script == "Latin"))
    return list(dict.fromkeys(pair for pair in scripts if pair[1] != most))


def skeleton(text: str) -> str:
    """What ``text`` looks like: the same for two that are taken for one another."""
    capitals = "".join(_CAPITALS.get(char, char) for char in unicodedata.normalize("NFKC", text))
    plain = unicodedata.normalize("NFKD", capitals.casefold())
    looks = "".join(_LOOKS.get(char, char) for char in plain if not unicodedata.combining(char))
    for pair, single in _PAIRS:
        looks = looks.replace(pair, single)
    return looks.replace("i", "l")


def _readable(domain: str) -> str:
    """A domain with its xn-- labels decoded, as another program may show it."""
    labels: list[str] = []
    for label in domain.split("."):
        try:
            labels.append(label.encode("ascii").decode("idna") if label[:4] == "xn--" else label)
        except UnicodeError:
            labels.append(label)
    return ".".join(labels)


def addresses(text: str) -> list[str]:
    """The mail addresses, domains and links in ``text``."""
    words = (word.strip(_AROUND) for word in _APART.split(text))
    return [word for word in words if word and _host(word)]


def _host(word: str) -> str:
    """The domain of an address or a link as it is written; empty where ``word`` is none."""
    given = _SCHEME.match(word)
    rest = re.split(r"[/?#\\]", word[given.end() :] if given else word, maxsplit=1)[0]
    host = rest.rpartition("@")[2].partition(":")[0]
    labels = host.split(".")
    whole = all(label and all(c.isalnum() or c in "-_" for c in label) for label in labels)
    last = labels[-1]
    if len(labels) < 2 or not whole or len(last) < 2 or last[0].isdigit():
        return ""
    return host


def warnings(
    *, named: Iterable[str], written: Iterable[str] = (), known: Sequence[Known] = ()
) -> list[str]:
    """A line for each name or address that isn't what it looks like.

    ``named`` are recipients, names and addresses, looked at as a whole; of the text that is
    ``written``, only the addresses and links are.
    """
    named = list(dict.fromkeys(named))
    found = [address for text in (*named, *written) for address in addresses(text)]
    words = [word for text in (*named, *found) for word in _TOKEN.findall(_readable(text))]
    lines = [line for word in dict.fromkeys(words) for line in _of_scripts(word)]
    for host in dict.fromkeys(_readable(_host(address)) for address in found):
        lines += [line for label in host.split(".")[:-1] for line in _borrowed(label, host)]
    for text in dict.fromkeys((*named, *found)):
        lines += _taken_for(text, known)
    lines = list(dict.fromkeys(lines))
    if len(lines) > _MOST:
        lines = [*lines[:_MOST], f"{len(lines) - _MOST} more words are written like that."]
    return lines


def _of_scripts(word: str) -> list[str]:
    looks = "".join(
        _CAPITALS.get(char) or _LOOKS.get(char.casefold(), char)
        if _script(char) != "Latin"
        else char
        for char in word
    )
    return [f"The {char} in {looks} is {script}." for char, script in mixed(word)]


def _borrowed(label: str, host: str) -> list[str]:
    """A label that is of one script, and of which each letter passes for a Latin one."""
    scripts = {script for char in label if (script := _script(char))}
    at_home = _script(host[-1]) in scripts  # пример.рф is what it says
    if len(scripts) != 1 or "Latin" in scripts or at_home or not skeleton(label).isascii():
        return []
    return [f"All of {skeleton(label)} in {host} is {scripts.pop()}."]


def _taken_for(text: str, known: Sequence[Known]) -> list[str]:
    domain = _domain(text)
    lines: list[str] = []
    for one in known:
        theirs = _domain(one.email or "")
        if theirs and domain and domain != theirs and skeleton(domain) == skeleton(theirs):
            lines.append(f"{domain} is not {theirs}, the address of {one.name}.")
        elif (
            one.email
            and "@" in text
            and domain == theirs
            and text.casefold() != one.email.casefold()
            and skeleton(text) == skeleton(one.email)
        ):
            lines.append(f"{text} is not {one.email}, the address of {one.name}.")
        elif not domain and text.casefold() != one.name.casefold() and _alike(text, one.name):
            lines.append(f"{text} is not written like {one.name}, your client.")
    return lines


def _alike(text: str, name: str) -> bool:
    return bool(text.strip()) and skeleton(text) == skeleton(name)


def _domain(text: str) -> str:
    """The domain of an address or link, readable and in small letters; empty where it is none."""
    given = addresses(text)
    if len(given) != 1 or given[0] != text.strip().strip(_AROUND):
        return ""
    return _readable(_host(given[0]).casefold())
