"""Orders that are forbidden, not given: "please do not email Ida about the delay"."""

import re
from functools import lru_cache

from agents.builtin.guards import ABILITY, POLITE
from agents.builtin.sentences import sentences

Span = tuple[int, int]

_BUT_DO = (
    r"(?:we|i|you|they|forget|let|wait|hesitate|be\s+shy|worry|delay|stop|mind|miss|tell\s+me|fail|"
    r"care|know|think|have|want)\b"
)
""" "Don't forget to bill Ida", "don't let me forget": nothing is forbidden."""
_NOW = (
    r"(?:(?:please|pls|you\s+dare|ever|just|now|yet|also|under\s+any\s+circumstances|"
    r"bother\s+to)\s+)*"
)
_DONT = rf"(?:do\s+not|don'?t|do\s+n't|dont)\s+{_NOW}(?!{_BUT_DO})(?=[a-z])"
_DOING = r"(?!(?:every|any|no|some)?thing\b|morning\b|evening\b|being\b)[a-z]{3,}ing\b"
_PAPER = (
    r"(?:(?!an?\b|and\b|then\b|to\b)[\w'-]+\s+){0,3}?(?:invoices?|bills?|e-?mails?|mails?|reminders?|refunds?|message|letter|"
    r"newsletter|post|article)\b"
)
_EN = (
    rf"(?:(?:whatever\s+you\s+do|for\s+(?:now|the\s+moment))[\s,]+)?{_DONT}|"
    r"(?:there(?:'s|\s+is)\s+)?no\s+(?:need|reason|point)\s+(?:to|in|for)\b|"
    r"(?:you|u)\s+(?:don'?t|do\s+not|dont)\s+(?:have|need)\s+to\b|"
    r"(?:you\s+)?(?:needn'?t|need\s+not|mustn'?t|must\s+not|shouldn'?t|should\s+not|may\s+not)\b|"
    r"(?:i'?d|we'?d|i\s+would|we\s+would)?\s*rather\s+(?:you\s+(?:did\s*n'?t|did\s+not)|not)\b|"
    r"(?:better|best|let'?s|let\s+us)\s+not\b|"
    r"(?:i|we)\s+(?:don'?t|do\s+not|dont)\s+want\s+(?!to\s+(?:forget|miss|wait|lose))|"
    r"(?:please\s+)?(?:make|be)\s+sure\s+(?:not\s+to|(?:that\s+)?you\s+(?:don'?t|do\s+not|never))\b|"
    r"(?:i|we)\s+(?:asked|told)\s+you\s+not\s+to\b|(?:under\s+no\s+circumstances|on\s+no\s+account)\b|"
    rf"not\s+(?:needed|necessary|required)\b\s*:?|not\s+{_DOING}|"
    r"(?:stop|quit|cease|avoid|refrain\s+from|hold\s+off(?:\s+(?:on|with|from))?|wait\s+(?:with|before))\s+"
    rf"(?:the\s+|that\s+)?(?:{_DOING}|" + _PAPER + r")|"
    r"(?:hold|hold\s+back|park|shelve|delay|postpone|skip|scrap|cancel)\s+(?:the|that|this|his|"
    r"her|their|my|any|all)\s+" + _PAPER + r"|"
    rf"(?:forget|leave)\s+(?:about\s+)?(?:{_DOING}|(?:the|that|this|his|her|their)\s+"
    + _PAPER
    + r")"
)
_ES = (
    r"no\s+(?:(?:le|les|me|nos|se|lo|la|los|las|te)\s+){0,2}(?!olvid|dej|tard|esper|dud|pas|hay|est)"
    r"[a-záéíóúñ]{2,}(?:es|as)\b|no\s+hace\s+falta\b"
)
_FR = (
    r"(?:(?:ne|n'|n')\s*(?:(?:lui|leur|me|le|la|les|y)\s+|l')?(?!oubli|hésit|tard|attend)[a-zàâçéèêëîïôûù-]{2,}"
    r"\s+(?:(?:surtout|donc)\s+)?(?:pas|plus|jamais|rien)\b|pas\s+(?:besoin|la\s+peine)\s+d|arrête\s+de\b)"
)
_AT_HEAD = re.compile(
    rf"(?:[\w'-]+\s*,\s*)?(?:{_EN}|{_ES}|{_FR})|(?:can|could|would|will)\s+(?:you|u)\s+"
    r"(?:(?:please|pls|maybe|just)\s+)*not\s+(?!only\b)"
)
_GERMAN = re.compile(
    r"(?:schick\w*|schreib\w*|stell\w*|mahn\w*|erinner\w*|mach\w*|send\w*|sag\w*|frag\w*|erstatt\w*|buch\w*|"
    r"berechn\w*|plan\w*|verfass\w*|gib|trag|leg|bewert\w*|informier\w*|antwort\w*|mail\w*|überweis\w*)\b"
    r"(?P<to>(?:(?!\b(?:dass|ob|weil|wenn|wie|wann|warum|was|ich|wir|er|zu|und|aber)\b)[^.,;:!?\n])*?)"
    r"\b(?:nicht(?!\s+(?:nur|vergessen|\w+te[nrms]?\b))|kein(?:e[nrms]?)?|niemals)\b"
)
""" "Schreib Lenz nicht wegen der Fliesen", where no clause of its own holds the "nicht"."""
_NOT = re.compile(r"not\s+(?!only\b)(?=[a-z])")
_TURNS = re.compile(
    r"[,;:–—-]+\s+(?:(?:but|and|so|just|please|pls|then|instead|rather|sondern|aber|sino|mais)\s+)*"
    r"|\s+(?:but|instead|because|since|as|sondern|aber|sino|pero|mais)\s+"
)

_BUT = re.compile(r",\s+(?:but|however|though)\s+|;\s+(?:but\s+|however,?\s+)?|\s+[–—]\s+but\s+")


@lru_cache(maxsize=8)
def forbidden(low: str) -> tuple[Span, ...]:
    """The clauses of a lower-case message that say what not to do.

    A clause reaches to the comma or the "but" after which something else may be said.
    """
    found: list[Span] = []
    for start, end in sentences(low):
        begin = start
        while (lead := POLITE.match(low, begin, end)) and lead.end() > begin:
            begin = lead.end()
        match = _AT_HEAD.match(low, begin, end) or _GERMAN.match(low, begin, end)
        if match is None and (asked := ABILITY.match(low, begin, end)):
            match = _NOT.match(low, asked.end(), end)
        if match is None:
            continue
        turn = _TURNS.search(low, match.end(), end)
        found.append((start, turn.end() if turn else end))
    return tuple(found)


def is_forbidden(low: str, at: int) -> bool:
    """Whether an order that stands at a position is one of what not to do."""
    return any(start <= at < end for start, end in forbidden(low))


def turned(low: str, start: int, end: int) -> Span | None:
    """Where a sentence turns to what it is about: at its "but", or after a prohibition."""
    turn = _BUT.search(low, start, end)
    if turn:
        return turn.span()
    stop = next((e for s, e in forbidden(low) if s <= start < e < end), None)
    # "Don't chase Ida, she paid 40": only with a sum is it worth noting.
    return (stop, stop) if stop is not None and re.search(r"\d", low[stop:end]) else None
