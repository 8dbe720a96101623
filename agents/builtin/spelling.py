"""How names are spelt: where one ends, with capitals and without."""

import re
from collections.abc import Sequence

from agents.builtin.capitals import commands, exclaimed, house, named_too, numbered, opens
from agents.builtin.currencies import codes
from agents.builtin.lexicon import (
    FUNCTION,
    INSTITUTIONS,
    LANGUAGE_MARKS,
    ORG_MARKS,
    PEOPLE,
    PRONOUNS,
    SMALL_NUMBERS,
    TITLES,
    words,
)
from agents.builtin.nonames import CRAFTS, EXAMINES, HOUSES, NOT_NAMES, NUMERALS, SPANS, TRADES
from agents.builtin.text import Text

TOKEN = re.compile(r"(?!(?<![^\W_])[ld]['’][^\W\d_a-zß-ÿ])(?:[^\W_][\w.'’&-]*[\w]|[^\W_]|[&+])")
_FOLK = words("guy man woman lady girl boys people lot team office agency folks crew")
_DOER = re.compile(
    r"(?!(?:after|over|under|ever|never|later|another|either|whether|rather|together|order|offer|"
    r"letter|paper|number|moment|november|december|september|october|different|present|current|"
    r"recent|important|for|or|nor)$)[a-z]{2,}(?:er|or|ist|ian|ant|ent|man|woman|folk)"
)
"""Words for somebody by what they do."""
_LINKS = words(
    "& + van der den de von del la of le di da dos du ter ten zu zum los las y et and und bin "
    "ibn al el the"
)
_FAMILY = words(
    "sons daughters co partners brothers associates synowie söhne hijos fils sisters company cie"
)
_FOREIGN = frozenset[str]().union(*LANGUAGE_MARKS.values()) - words(
    "a also am an at die hat hoy in man me no on or par so son sur test thank was will"
)
"""Small words of other languages: in an English message they may be part of a name, as "Tu" is."""
_IN_ENGLISH = NOT_NAMES - _FOREIGN
_SHORTENED = TITLES | words("st ste mt jr sr")
_PARTICLES = words("de del della di da dos das du den ter ten bin ibn al el la las los y e")
"""What stands between the words of a name, as far as they mean nothing in English."""
_FIRMS = ORG_MARKS | CRAFTS
_IN_BRACKETS = re.compile(r"\s\((?:Pty|Pvt|PTY|PVT)\)\s(?:Ltd|Limited|LTD)\b")
_ELISIONS = words("d' d’ dell' dell’ dall' dall’")
_SIGN = re.compile(r"\s?(?:[$€£]|/\.?)\s?\d")
""" "R$ 1.800", "A$350", "S/. 90": letters before a sign are a currency's."""
_AMOUNT = re.compile(
    r"[\s,:]{1,2}[€$£₹]?\s?\d+(?![\d.,]*\s?(?:%|x\b|h\b|hours?|hrs?|days?|lessons?))"
)
_NO_PERSON = ORG_MARKS | CRAFTS | HOUSES | FUNCTION | words("friends sisters brothers sons")


def _particle(text: Text, first: re.Match[str], following: re.Match[str] | None) -> bool:
    """ "Al Mansour", "Da Costa": a capital too many for a small word of another language."""
    return bool(
        following
        and text.language == "en"
        and text.low[first.start() : first.end()] in _PARTICLES - {"ten", "y", "e"}
        and text.raw[following.start()].isupper()
        and text.raw[first.end() : following.start()] == " "
    )


def writes_capitals(text: Text) -> bool:
    """Whether a message has a name in capitals, so that a small letter tells something."""
    for match in TOKEN.finditer(text.raw):
        word = match.group()
        before = text.raw[: match.start()].rstrip()
        first = not before or before[-1] in ".!?:\n" or before.endswith(("- ", "•"))
        if (
            word[0].isupper()
            and not first
            and word.lower() not in NOT_NAMES
            and len(word) > 1
            and not word.isupper()
        ):
            return True
    return False


def capitals(text: Text, tokens: Sequence[re.Match[str]], index: int) -> int | None:
    """The last token of the name that a word with a capital starts; None if it starts none."""
    raw, low = text.raw, text.low
    not_names = _IN_ENGLISH if text.language == "en" else NOT_NAMES
    first = tokens[index]
    word = low[first.start() : first.end()]
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    at_start = opens(text, first.start())
    if at_start and (exclaimed(word) or commands(text, first)):
        return None
    ahead = low[following.start() : following.end()].strip(".") if following else ""
    if at_start and (ahead in TITLES or ahead in PEOPLE):
        return None  # "Ruf Frau Kern an", "Neuer Kunde": a verb or how somebody is
    if at_start and word in EXAMINES and ahead[:1].isalpha():
        return None
    doubtful = word.removesuffix("'s") in NOT_NAMES and not _particle(text, first, following)
    if doubtful and named_too(text, first, following):
        doubtful = False
    if doubtful and not (
        not at_start
        and following
        and raw[following.start()].isupper()
        and not raw[first.end() : following.start()].strip()
        and low[following.start() : following.end()] not in NOT_NAMES
        and word not in FUNCTION
    ):
        return None
    last, at = first, index
    while at + 1 < len(tokens) and (
        not last.group().endswith(("'s", "’s")) or house(text, last, tokens[at + 1])
    ):
        nxt = tokens[at + 1]
        gap = raw[last.end() : nxt.start()]
        if gap in {"' ", "’ "} and last.group().endswith("s") and raw[nxt.start()].isupper():
            gap = " "  # "the Weavers' Guild"
        if gap.strip().lower() in _ELISIONS and raw[nxt.start()].isupper():
            gap = " "  # "Jean-Luc d'Arcy"
        if gap.strip(" ") not in {"", "."} or (gap.strip() == "." and not _shortened(last.group())):
            break
        token = low[nxt.start() : nxt.end()]
        upper = raw[nxt.start()].isupper()
        if upper and len(token) <= 3 and token.isalpha() and _SIGN.match(raw, nxt.end()):
            break
        if token.isdigit() and numbered(text, tokens, at + 1):
            last, at = nxt, at + 1
            continue
        if (
            upper
            and (token not in not_names or token in ORG_MARKS or token in {"may", "will"})
            and raw[nxt.start() : nxt.end()] not in codes()
        ):
            last, at = nxt, at + 1
            continue
        if upper and token in SMALL_NUMBERS and _AMOUNT.match(raw, nxt.end()):
            last, at = nxt, at + 1  # "Harbour Eight 640": a sum is said once
            continue
        if token in ORG_MARKS and token not in FUNCTION and token not in TRADES and not gap.strip():
            last, at = nxt, at + 1
            continue
        if token in {"of"} and _is_person(low, tokens[index : at + 1]):
            break
        if token in _LINKS and at + 2 < len(tokens):
            ahead = tokens[at + 2]
            after = low[ahead.start() : ahead.end()]
            if token in {"and", "y", "et", "und", "+"} and after not in _FAMILY:
                break
            joined = not raw[nxt.end() : ahead.start()].strip(" ")
            if joined and (
                (raw[ahead.start()].isupper() and after not in NOT_NAMES)
                or after in _FAMILY
                or (
                    after in _LINKS
                    and at + 3 < len(tokens)
                    and raw[tokens[at + 3].start()].isupper()
                )
            ):
                last, at = ahead, at + 2
                continue
        break
    form = _IN_BRACKETS.match(raw, tokens[at].end())
    return at + 2 if form and at + 2 < len(tokens) else at


def institution(text: Text, tokens: Sequence[re.Match[str]], last: int) -> int:
    """The last token of "the Ashdown parish office", whose capitals end with ``last``.

    After an article a name is whole only with the noun that says what it is.
    """
    for at in range(last + 1, min(last + 4, len(tokens))):
        word = text.low[tokens[at].start() : tokens[at].end()]
        gap = text.raw[tokens[at - 1].end() : tokens[at].start()]
        gap = gap.removeprefix("'").removeprefix("’")  # "the Parkside residents' committee"
        if gap.strip(" ") or word in FUNCTION or word in NOT_NAMES - INSTITUTIONS:
            break
        if word in INSTITUTIONS:
            last = at
    return last


def _is_person(low: str, tokens: Sequence[re.Match[str]]) -> bool:
    """Whether a name before "of" is a first and a last name: "Ana Lopez of Harbour Estates"."""
    said = [low[t.start() : t.end()].strip(".") for t in tokens]
    said = [word for word in said if word not in TITLES]
    return len(said) in {2, 3} and all(word.isalpha() and word not in _NO_PERSON for word in said)


def small(
    text: Text, tokens: Sequence[re.Match[str]], index: int, *, role: str, cased: bool
) -> int | None:
    """The last token of a name without capitals; None if the word starts none.

    It reaches to the next word that cannot belong to one. ``role`` is the article or title before
    it, ``cased`` whether the message writes names in capitals.
    """
    raw, low = text.raw, text.low
    first, last = tokens[index], None
    if (
        cased
        and role not in TITLES
        and role not in {"the"}
        and not _stands_alone(text, tokens, index)
    ):
        return None
    most = 4
    if role == "the":
        most = 1 + (role_end(text, tokens, index) is not first)
    for token in tokens[index : index + most]:
        word = low[token.start() : token.end()]
        gap = raw[last.end() : token.start()] if last else ""
        if gap.strip() and not (last and gap.strip() == "." and _shortened(last.group())):
            break
        if word in NUMERALS:
            break
        ahead = tokens[tokens.index(token) + 1 :][:1]
        if (
            last is not None
            and word in SPANS
            and ahead
            and low[ahead[0].start() : ahead[0].end()] not in NOT_NAMES
            and low[ahead[0].start()].isalpha()
        ):
            last = token  # "sunny days preschool"
            continue
        after = low[ahead[0].start() : ahead[0].end()] if ahead else ""
        link = word in {"&", "+"} or (
            last is not None
            and (
                word in {"van", "der", "von"}
                or (word in _PARTICLES and text.language == "en" and _may_follow(after))
                or (word == "it" and after in _FIRMS)
            )
        )
        if (
            not link
            and (word.removesuffix("'s") in NOT_NAMES or not word[0].isalpha())
            and not (word in ORG_MARKS and word not in FUNCTION and last)
        ):
            break
        if (
            last is not None
            and word not in ORG_MARKS
            and word not in CRAFTS
            and not link
            and len(word) > 2
            and "-" not in word
            and word.endswith(("ing", "ed", "ly"))
        ):
            break
        last = token
        if word.endswith("'s"):
            break
    if last is None or first.group() in {"&", "+"}:
        return None
    if low[first.start() : last.end()].removesuffix("'s") in PEOPLE | PRONOUNS:
        return None
    return tokens.index(last)


def _may_follow(word: str) -> bool:
    """Whether a word may come after a particle: "maria del carmen"."""
    return word in _PARTICLES or (word.isalpha() and word not in NOT_NAMES)


def _shortened(word: str) -> bool:
    """Whether the stop after a word ends no sentence: "J. Kern", "St. Gallen", "Dr. Ott"."""
    return len(word) == 1 or word.lower() in _SHORTENED


def role_end(text: Text, tokens: Sequence[re.Match[str]], index: int) -> re.Match[str]:
    """The last word of a role that starts at a word: "landlord", "tax adviser", "cleaning lady"."""
    if index + 1 == len(tokens):
        return tokens[index]
    second = tokens[index + 1]
    word = text.low[second.start() : second.end()]
    beside = text.raw[tokens[index].end() : second.start()] == " "
    return second if beside and (word in _FOLK or _DOER.fullmatch(word)) else tokens[index]


def _stands_alone(text: Text, tokens: Sequence[re.Match[str]], index: int) -> bool:
    """In a message with capitals, a lower-case word is a name only when it stands alone."""
    if index + 1 >= len(tokens):
        return True
    nxt = tokens[index + 1]
    word = text.low[nxt.start() : nxt.end()]
    return (
        word in FUNCTION
        or word[0].isdigit()
        or bool(text.raw[tokens[index].end() : nxt.start()].strip())
    )


def written(value: str, *, cased: bool) -> str:
    """A name without a possessive; with capitals where the whole message has none."""
    for suffix in ("'s", "’s", "'"):
        if value.lower().endswith(suffix):
            value = value[: -len(suffix)]
            break
    value = value.strip(" .,")
    if value.islower() and not cased:
        value = " ".join(w.capitalize() if w not in _LINKS else w for w in value.split())
    return value
