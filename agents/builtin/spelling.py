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
        "ill im ive id youre hes shes theyre dont "
        "cant wont didnt isnt thats whats looks sounds seems pay say ask tell amount price "
        "description subject title text people folks guys someone chapter lesson "
        "dinner money cash cheque check"
    )
)
"""Words that with a capital are no name either."""
_TRADES = words(
    "design digital shop store legal media software press house company designs works creative "
    "systems solutions consulting"
)
"""Marks of a company that in small letters are as often plain words."""
MONTH_NAMES = frozenset(m for names in MONTHS.values() for m in names)
_NUMERALS = words(
    "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty "
    "forty "
    "fifty sixty seventy eighty ninety hundred thousand grand dozen zwanzig dreißig hundert veinte "
    "treinta cien ciento mil vingt trente cent"
)
_SPANS = words("days nights weeks mornings evenings years months")
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
    opens = _opens(text, first.start())
    if opens and (_exclaimed(word) or _commands(text, first)):
        return None
    if opens and following and low[following.start() : following.end()].strip(".") in TITLES:
        return None  # "Ruf Frau Kern an": a verb, then somebody
    doubtful = word.removesuffix("'s") in NOT_NAMES
    if doubtful and _named_too(text, first, following):
        doubtful = False
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
    while at + 1 < len(tokens) and (
        not last.group().endswith(("'s", "’s")) or _house(text, last, tokens[at + 1])
    ):
        nxt = tokens[at + 1]
        gap = raw[last.end() : nxt.start()]
        if gap.strip(" ") not in {"", "."} or (gap.strip() == "." and len(last.group()) > 3):
            break
        token = low[nxt.start() : nxt.end()]
        upper = raw[nxt.start()].isupper()
        if token.isdigit() and _numbered(text, tokens, at + 1):
            last, at = nxt, at + 1
            continue
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


_INTERJECTIONS = words(
    "so oh ah hm and yes no hey ok okay wel um uh ugh yay aw now right please huray hi helo wow "
    "nop nah yep yea yeah but then also thanks tha sory"
)
"""Exclamations, without their doubled letters."""
_OBJECT = re.compile(
    r"\s+(?:it|that|this|them|these|those|him|her|us|me|the|an?|my|our|your|all|what|whatever|"
    r"how)(?![\w'])"
)
_EXCLAIMS = re.compile(
    r"\s*,\s+(?:it|it's|its|i|i'm|i've|i'd|i'll|we|we're|he|he's|she|she's|they|they're|that's|"
    r"there|there's|"
    r"let's|so|ok|please|now|anyway)(?![\w'])"
)
_ORDERED = re.compile(
    r"\b(?:invoice|bill|refund|charge|chase|e-?mail|tell|ask|remind|with|message|thank|inform)\s$"
)
_FINITE = re.compile(
    r"(?:,\s+(?:that|he|she)\s+is\b|\s+(?:is|was|has|had|still|hasn't|isn't|paid|pays|gets|got|"
    r"needs|wants|said|"
    r"says|asked|asks|called|wrote|will|would|never|always|just|finally|owes)\b)"
)


def _exclaimed(word: str) -> bool:
    """ "Soo", "Ooh", "Yesss": no name, however long it is drawn."""
    return re.sub(r"(.)\1+", r"\1", word) in _INTERJECTIONS and word not in {"ana", "ann"}


def _commands(text: Text, first: re.Match[str]) -> bool:
    """A word that starts a sentence and has an object ("Enter it"), or a sigh ("Well, it's")."""
    before = text.raw[: first.start()].rstrip()
    if before and before[-1] not in ".!?\n" and not text.raw[: first.start()].endswith("\n"):
        return False
    if _EXCLAIMS.match(text.low, first.end()):
        return True
    if _OBJECT.match(text.low, first.end()):
        return True
    # A sentence of one word is a sigh; an address or a heading stands alone in the whole message.
    return bool(before) and bool(re.match(r"\s*[.!?]+(?:\s|$)", text.raw[first.end() :]))


def _named_too(text: Text, first: re.Match[str], following: re.Match[str] | None) -> bool:
    """Whether "Mark", "Bill" or "May" is somebody: by a verb after it, or by being named again."""
    word = text.raw[first.start() : first.end()].removesuffix("'s")
    low = word.lower()
    months = low in MONTH_NAMES or low in FUNCTION
    if low in _HOMOGRAPHS:
        opens = _opens(text, first.start())
        if first.group().endswith("'s") and not (opens and months):
            return True
        if not opens and (not months or _ORDERED.search(text.low[: first.start()])):
            return True
    if low in FUNCTION and low not in {"may", "will"}:
        return False
    if (
        following
        and text.raw[following.start()].isupper()
        and text.low[following.start() : following.end()] not in NOT_NAMES
        and _FINITE.match(text.low, following.end())
    ):
        return True
    if low not in _HOMOGRAPHS:
        return False
    return any(
        m.start() != first.start() and re.search(r"[^\W_]\s$", text.raw[: m.start()][-2:])
        for m in re.finditer(rf"\b{re.escape(word)}\b(?!\s+\d)", text.raw)
    ) and bool(following and text.raw[following.start()].isupper())


_HOMOGRAPHS = words(
    "bill mark grant may june april august will penny chase rich frank pat sue bob jack drew art "
    "page dean earl victor max ray rob guy hope grace faith joy rose lily dawn eve iris ivy jade "
    "pearl ruby summer autumn wade miles carter cook parker porter hunter reed"
)
"""First names that are plain words too."""


def _house(text: Text, owner: re.Match[str], nxt: re.Match[str]) -> bool:
    """Whether a possessive and the next word are one name: "Delia's Diner"."""
    raw = text.raw
    token = text.low[nxt.start() : nxt.end()]
    if not raw[nxt.start()].isupper() or raw[owner.end() : nxt.start()].strip(" "):
        return False
    if token in ORG_MARKS:
        return True
    ends = re.match(r"\s*(?:$|[,.:;!?]|[€$£₹]?\s?\d|for\b|over\b)", text.low[nxt.end() :])
    return token not in NOT_NAMES and token not in MONTH_NAMES and bool(ends)


def _numbered(text: Text, tokens: Sequence[re.Match[str]], at: int) -> bool:
    """Whether a number is part of a name: "Route 66 Diner", "Atelier 99: 1,400"."""
    raw, end = text.raw, tokens[at].end()
    if raw[end : end + 1] == "%" or re.match(r"[.,:]\d", raw[end:]):
        return False
    if re.match(r":\s+[€$£₹]?\s?\d", raw[end:]):
        return True
    if at + 1 >= len(tokens) or raw[end : tokens[at + 1].start()].strip(" "):
        return False
    after = tokens[at + 1]
    token = text.low[after.start() : after.end()]
    return (
        raw[after.start()].isupper()
        and (token not in NOT_NAMES or token in ORG_MARKS)
        and token not in _CODES
        and token not in MONTH_NAMES
    )


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
        if word in _NUMERALS:
            break
        ahead = tokens[tokens.index(token) + 1 :][:1]
        if (
            last is not None
            and word in _SPANS
            and ahead
            and low[ahead[0].start() : ahead[0].end()] not in NOT_NAMES
            and low[ahead[0].start()].isalpha()
        ):
            last = token  # "sunny days preschool"
            continue
        link = word in {"&", "+"} or (
            word in {"van", "der", "de", "von"} and last is not None and word != "de"
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
