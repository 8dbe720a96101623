"""How names are spelt: where one ends, with capitals and without."""

import re
from collections.abc import Sequence

from agents.builtin.lexicon import (
    FUNCTION,
    MONTHS,
    OBJECTS,
    ORG_MARKS,
    PEOPLE,
    PRONOUNS,
    TITLES,
    WEEKDAYS,
    words,
)
from agents.builtin.text import Text

TOKEN = re.compile(r"[^\W_][\w.'’&-]*[\w]|[^\W_]|[&+]")
_LINKS = words(
    "& + van der den de von del la of le di da dos du ter ten zu zum y et and und bin ibn al el the"
)
_FAMILY = words(
    "sons daughters co partners brothers associates synowie söhne hijos fils sisters company cie"
)
NOT_NAMES = (
    FUNCTION
    | frozenset(OBJECTS)
    | frozenset(WEEKDAYS)
    | frozenset(
        m
        for names in MONTHS.values()
        for m in names
        if m not in {"may", "mar", "jan", "mai", "april", "june", "august"}
    )
    | words(
        "invoice invoices bill email mail payment payments reminder reminders refund money back "
        "usd eur gbp chf inr euro euros dollars pounds dollar pound fwd fw re net vat iban "
        "linkedin google zoom figma webflow instagram tiktok twitter youtube faq ai api pdf ceo "
        "cfo q1 q2 q3 q4 remember remind send write book put schedule plan draft grade chase note "
        "add create make set show tell give find check look compare answer reply undo pause resume "
        "stop start cancel onboard research record log mark digest status budget approvals course "
        "student students client clients customer lead leads dear regards sir madam best kind "
        "rechnung zahlung termin stell schick schreib erinnere erinner factura facture envía "
        "escribe recuerda pon apunta écris envoie rappelle mets met got paid won great coffee "
        "lunch dinner meeting call inv usual half everything nothing question questions project "
        "final module lesson quiz essay issue issued another good nice big small full total "
        "deposit due bitte euro website overdue unpaid open outstanding late know knows needs "
        "wants back over some quick short soon regarding bescheid everyone all nobody anybody pls "
        "plz asap fyi ping nudge drop shoot get take let ask thank following english german "
        "spanish french swedish italian portuguese dutch european american british christmas "
        "easter vip crm okay marketing design everyone all nobody instead change move switch "
        "amount price description subject title text"
    )
)
"""Words that with a capital are no name either."""
_TRADES = words(
    "design digital shop store legal media software press house company designs works creative "
    "systems solutions consulting"
)
"""Marks of a company that in small letters are as often plain words."""
_CODES = words("eur usd gbp chf inr sek nok dkk pln czk aud cad nzd jpy huf zar")


def writes_capitals(text: Text) -> bool:
    """Whether a message has a name in capitals, so that a small letter tells something."""
    for match in TOKEN.finditer(text.raw):
        word = match.group()
        before = text.raw[: match.start()].rstrip()
        opens = not before or before[-1] in ".!?:\n" or before.endswith(("- ", "•"))
        if (
            word[0].isupper()
            and not opens
            and word.lower() not in NOT_NAMES
            and len(word) > 1
            and not word.isupper()
        ):
            return True
    return False


def capitals(text: Text, tokens: Sequence[re.Match[str]], index: int) -> int | None:
    """The last token of the name that a word with a capital starts; None if it starts none."""
    raw, low = text.raw, text.low
    first = tokens[index]
    word = low[first.start() : first.end()]
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    doubtful = word.removesuffix("'s") in NOT_NAMES
    opens = _opens(text, first.start())
    if doubtful and not (
        not opens
        and following
        and raw[following.start()].isupper()
        and not raw[first.end() : following.start()].strip()
        and low[following.start() : following.end()] not in NOT_NAMES
        and word not in FUNCTION
    ):
        return None
    last, at = first, index
    while at + 1 < len(tokens) and not last.group().endswith(("'s", "’s")):
        nxt = tokens[at + 1]
        gap = raw[last.end() : nxt.start()]
        if gap.strip(" ") not in {"", "."} or (gap.strip() == "." and len(last.group()) > 3):
            break
        token = low[nxt.start() : nxt.end()]
        upper = raw[nxt.start()].isupper()
        if (
            upper
            and (token not in NOT_NAMES or token in ORG_MARKS or token in {"may", "will"})
            and not (raw[nxt.start() : nxt.end()].isupper() and len(token) == 3 and token in _CODES)
        ):
            last, at = nxt, at + 1
            continue
        if (
            token in ORG_MARKS
            and token not in FUNCTION
            and token not in _TRADES
            and not gap.strip()
        ):
            last, at = nxt, at + 1
            continue
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
    return at


def _opens(text: Text, position: int) -> bool:
    before = text.raw[:position].rstrip(" -•*\"'(")
    return not before or before[-1] in ".!?:\n,;"


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
    for token in tokens[index : index + (1 if role == "the" else 4)]:
        word = low[token.start() : token.end()]
        gap = raw[last.end() : token.start()] if last else ""
        if gap.strip(" ."):
            break
        link = word in {"&", "+"} or (
            word in {"van", "der", "de", "von"} and last is not None and word != "de"
        )
        if (
            not link
            and (word.removesuffix("'s") in NOT_NAMES or not word[0].isalpha())
            and not (word in ORG_MARKS and last)
        ):
            break
        if (
            last is not None
            and word not in ORG_MARKS
            and not link
            and len(word) > 2
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
