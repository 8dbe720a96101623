"""Which request a clause makes, by its verb, its object and where they stand."""

import re
from dataclasses import dataclass, replace
from functools import cache

from agents.builtin import phrases
from agents.builtin.clock import BARE_TIME, PART, TIME
from agents.builtin.dates import ELAPSED as _ELAPSED
from agents.builtin.days import DAY
from agents.builtin.followups import follow_up
from agents.builtin.lexicon import FUNCTION, OBJECTS, alternatives
from agents.builtin.nouns import TELLS, clause_end, describes, is_far, is_told_of, only_modifiers
from agents.builtin.orders import DIRECT
from agents.builtin.verbs import GENERAL

_NOUN = re.compile(rf"(?<![\w'-]){alternatives(n.replace(' ', '_') for n in OBJECTS)}(?![\w-]|'s)")
_VERBS = {kind: re.compile(rf"{alternatives(v.split())}(?!\w)") for kind, v in GENERAL.items()}
_CONTENT_START = re.compile(
    r"\b(?:about|bout|abt|that|saying|regarding|concerning|re|whether|über|wegen|dass|sobre|"
    r"diciendo|que|"
    r"on)\b|:\s"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """An intent, the words that decided it, and how its recipient stands to them."""

    intent: str
    start: int
    end: int
    form: str
    """"verb": what it is about follows. "object": "send … an invoice …". "fact": a statement.
    "noun": the noun opens the clause. "show": no slots."""
    verb_end: int
    wish: bool = False
    """ "I'd like to invoice Ana": an order only when it says all that is needed."""


def _through(source: str) -> str:
    """The source with the full stops of "1.5" and "Mr." no end of a clause."""
    inside = r"(?<=\w)\.(?=\w)|(?<=\b[md]r)\.|(?<=\bmrs)\."
    return source.replace(r"[^.;!?\n]", rf"(?:[^.;!?\n]|{inside})").replace(
        "[^.;!?]", f"(?:[^.;!?]|{inside})"
    )


_COMPILED = [(intent, re.compile(_through(source))) for intent, source in DIRECT]

_KIND_INTENT = {
    "remind": "invoice.remind",
    "reminder": "reminder.set",
    "invoice": "invoice.create",
    "refund": "refund.issue",
    "email": "email.write",
    "plan": "content.plan",
    "content": "content.write",
    "meeting": "meeting.schedule",
    "lead": "lead.add",
    "client": "client.onboard",
}
_NEED_TO = re.compile(r"(?:need|want|would\s+like)\s+(?=to\s)")
_NEED = re.compile(
    r"(?:i|we)(?:'d|\s+would|\s+could)?\s+(?:need|want|like|love|fancy|do\s+with)(?:\s+to\s+"
    r"(?:have|see|get))?\s+(?=\S)|"
    r"(?:ich\s+(?:brauche|hätte\s+gern|möchte))\s+|(?:necesito|quiero|quisiera)\s+|"
    r"(?:j'ai\s+besoin\s+d(?:e|'une?)|je\s+(?:veux|voudrais))\s+"
)


def intent_of(kind: str) -> str:
    """The intent that a kind of noun stands for."""
    return _KIND_INTENT[kind]


@cache
def _opening(kind: str) -> re.Pattern[str]:
    nouns = alternatives(n.replace(" ", "_") for n, k in OBJECTS.items() if k == kind)
    return re.compile(
        r"(?:(?:the\s+|a\s+|an\s+|another\s+|one\s+)?(?:new|next|quick|final|usual|short|payment|"
        r"quarterly|weekly|monthly|linkedin|blog|strategy|video|phone|project|intro|discovery|"
        rf"team|kick-?off|full|partial)\s+){{0,3}}{nouns}(?![\w-]|'s)"
    )


def _nameless(pattern: re.Pattern[str]) -> str:
    """The source of a pattern for use inside another."""
    return re.sub(r"\(\?P<\w+>", "(?:", re.sub(r"\(\?P=\w+\)", "[./-]", pattern.pattern))


_SKIPPABLE = re.compile(
    rf"(?:(?:(?:on|at|by|for|um|am|el|le)\s+)?(?:{_nameless(_ELAPSED)}|{_nameless(DAY)}|"
    rf"{_nameless(TIME)}|{_nameless(BARE_TIME)}|{_nameless(PART)})[\s,]*)+"
)
_SUM_FIRST = re.compile(
    r"(?:[€$£₹]|[a-z]{3}\s)?\s?\d[\d.,' ]*k?\s*(?:[€$£₹]|(?!for\b|on\b|of\b)[a-z]{3,7})?\s+"
    r"(?=(?:invoice|bill|"
    r"rechnung|factura|facture|refund)\b)"
)


def anchored(low: str, start: int, end: int) -> Hit | None:
    """The intent of a clause that opens with an order, be it after a time or a sum; or None."""
    hit = _order(low, start, end)
    if hit is not None:
        return hit
    for pattern in (_SKIPPABLE, _SUM_FIRST):
        skipped = pattern.match(low, start, end)
        if skipped and start < skipped.end() < end:
            hit = _order(low, skipped.end(), end)
            if hit is not None and (
                hit.form != "noun" or pattern is _SUM_FIRST or hit.intent == "meeting.schedule"
            ):
                return hit
    return None


def _order(low: str, start: int, end: int) -> Hit | None:
    for intent, pattern in phrases.SHOWS.items():
        if intent in phrases.ANCHORED:
            match = pattern.match(low[start:end])
            if match:
                return Hit(intent, start, start + match.end(), "show", start)
    back = follow_up(low, start, end)
    if back:
        return Hit(back[0], start, back[1], "verb", back[1])
    direct: Hit | None = None
    listed = _LIST.match(low, start, end)
    if listed:
        return Hit("invoice.create", start, listed.end(), "verb", listed.end())
    for intent, pattern in _COMPILED:
        match = pattern.match(low, start, end)
        if match:
            direct = Hit(intent, start, match.end(), "verb", match.end())
            break
    if direct and direct.intent not in {"email.write", "content.write"}:
        return direct
    wanted = _NEED_TO.match(low, start, end)
    if wanted:
        return anchored_after_need(low, wanted.end(), end)
    by_object = _general(low, start, end)
    if by_object and (direct is None or by_object.intent != "email.write"):
        # "send Ana the contract" is a mail unless a nearer noun says what it is.
        return by_object
    if direct:
        # "Send the bakery on Elm Street a bill": no mail, whatever stands between.
        billed = _A_BILL.search(low, direct.end, end) if direct.intent == "email.write" else None
        return None if billed and low.startswith(("send", "give"), start) else direct
    wanted_noun = _noun_please(low, start, end)
    if wanted_noun:
        return wanted_noun
    need = _NEED.match(low, start, end)
    if need:
        hit = anchored_after_need(low, need.end(), end) or _general(low, need.end(), end, need=True)
        # "I'd like a refund" is what buyers say.
        return replace(hit, wish=True) if hit and hit.intent == "refund.issue" else hit
    return None


def anchored_after_need(low: str, start: int, end: int) -> Hit | None:
    """ "I'd like to invoice Ana 300": an order only when it says all; the caller sees to that."""
    verb = re.compile(r"to\s+(?=\w)").match(low, start, end)
    if verb and low.startswith("do ", verb.end()):
        return None  # "I need to do some research": whoever says so does it
    hit = anchored(low, verb.end(), end) if verb else None
    return replace(hit, wish=True) if hit else None


def _general(low: str, start: int, end: int, *, need: bool = False) -> Hit | None:
    turned = _TURNS.match(low, start, end)
    stop = _CONTENT_START.search(low, turned.end() if turned else start, end)
    limit = stop.start() if stop and stop.start() > start else end
    for noun in _NOUN.finditer(low, start, limit):
        kind = OBJECTS[" ".join(noun.group().split())]
        if describes(low, noun, limit):
            continue
        verb = _VERBS[kind].match(low, start, limit)
        if (
            verb
            and verb.group() in {"the", "a", "an", "one", "another", "new"}
            and (
                is_told_of(low, noun.end(), clause_end(low, noun.end(), end, verb.group()))
                or is_far(low[verb.end() : noun.start()])
                or (kind in {"client", "lead"} and TELLS.match(low, noun.end(), end))
            )
        ):
            return None
        if (
            verb is None
            and (made := _MAKES.match(low, start, limit))
            and kind not in {"lead", "client"}
        ):
            return Hit(_KIND_INTENT[kind], start, noun.end(), "object", made.end())
        if verb and re.search(
            r"\b(?:not|no|never|nicht|kein\w*|pas|ningun\w*|aucune?)\b",
            low[verb.end() : noun.start()],
        ):
            return None
        if verb and verb.end() <= noun.start():
            plain = verb.group() in {"a", "an", "the", "one", "another", "new"}
            return Hit(
                _KIND_INTENT[kind],
                start,
                noun.end(),
                "noun" if plain else "object",
                start if plain else verb.end(),
            )
        if kind in {"client", "lead"} and TELLS.match(low, noun.end(), end):
            return None
        stated = re.split(r"[,;:]", low[noun.end() : end])[0] if kind in {"client", "lead"} else ""
        until = noun.end() + len(stated) if stated else end
        if is_told_of(low, noun.end(), until) and not need:
            return None
        if (
            kind == "email"
            and noun.start() == start
            and not re.match(r"\s+(?:back\s+)?(?:to|for|an|a|à)\b", low[noun.end() : end])
        ):
            return None
        if noun.start() == start or (need and only_modifiers(low[start : noun.start()])):
            return Hit(_KIND_INTENT[kind], start, noun.end(), "noun", start)
        opening = _opening(kind).match(low, start, limit)
        if opening and not low.startswith(("the ", "that ", "this "), start):
            return Hit(_KIND_INTENT[kind], start, opening.end(), "noun", start)
        if verb is None and kind in {"invoice", "meeting", "content"}:
            continue
        return None
    return None


_TURNS = re.compile(r"(?:make|turn)\s+(?:that|this|it|them|these)\s+(?:into\s+)?(?=an?\s)")
""" "Make that an invoice": here "that" opens no clause."""
_PLEASE = re.compile(r"\b(?:please|pls|plz|bitte|por\s+favor|s'il\s+te\s+plaît|svp|stp)\b")


def _noun_please(low: str, start: int, end: int) -> Hit | None:
    """ "facebook post pls, why boilers break": no verb, but a please."""
    noun = _NOUN.search(low, start, end)
    if noun is None or not _PLEASE.search(low, start, end) or describes(low, noun, end):
        return None
    lead = low[start : noun.start()]
    kind = OBJECTS[" ".join(noun.group().split())]
    if (
        len(lead.split()) > 2
        or not re.fullmatch(r"(?:[^\W\d_][\w-]*\s+)*", lead)
        or any(word in FUNCTION - {"a", "an", "another"} for word in lead.split())
        or is_told_of(low, noun.end(), min(end, noun.end() + 24))
        or (kind in {"client", "lead"} and TELLS.match(low, noun.end(), end))
        or kind == "email"
    ):
        return None
    return Hit(_KIND_INTENT[kind], start, noun.end(), "noun", start)


_A_BILL = re.compile(r"\b(?:an?|another)\s+(?:invoice|bill)\b(?!\s+(?:is|was))")
_LIST = re.compile(
    r"(?:(?:two|three|four|some|\d)\s+)?(?:new\s+)?(?:invoices|bills|rechnungen|facturas|"
    r"factures)\s*(?:please|pls)?\s*:\s*(?![^.!?]*\b(?:(?:un)?paid|overdue|open|sent|done)\b)"
)
""" "Two invoices: Ana 300, Bo 450"."""
_MAKES = re.compile(
    r"(?!call|put|rule|hold|leave|give|miss|fill|find|try|check|work|tear|mess|mix|look|pick|"
    r"bring|back|show|turn|"
    r"went|got|came|was|set|take|took|read|break|end|wake|grow|i\b|we\b|he\b|she\b|they\b|you\b|"
    r"it\b|[a-z]+ed\b)"
    r"[a-z]{3,}\s+(?:me\s+|us\s+)?(?:up|together|out|off|over)\s+(?=(?:an?|another)\s)"
)
""" "Whack together an invoice": whatever the verb, something is made."""
