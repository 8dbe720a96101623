""" "… Please send it": orders for what the words before them are about."""

import re

from agents.builtin import guards, intents
from agents.builtin.clock import TIME
from agents.builtin.days import DAY
from agents.builtin.intents import Hit
from agents.builtin.lexicon import OBJECTS, alternatives
from agents.builtin.pieces import Piece
from agents.builtin.text import Text

_IT = r"(?:it|that|this|them|these|one|so|the\s+same|him|her|both|das|es|lo|la|le|eso|ça)"
_PLACE = (
    r"(?:(?:in(?:to)?|on|to|down\s+in|in\s+to)\s+(?:the|my|our)\s+(?:\w+\s+)?(?:diary|calendar|"
    r"agenda|schedule|"
    r"planner|kalender|diario|agenda))"
)
_AFTER = (
    r"(?:[\s,]*\b(?:please|pls|plz|now|today|right\s+away|asap|for\s+me|then|too|in|down|up|out|"
    r"off|"
    r"over|on|through|back|to\s+(?:him|her|them)|with\s+(?:it|that)|straight\s+away|thanks|"
    r"thank\s+you|thx|"
    r"would\s+you|will\s+you|bitte|ein|por\s+favor|s'il\s+te\s+plaît|cheers|immediately|ok|"
    r"okay)\b)*[\s.!?]*"
)
_ORDER = re.compile(
    r"(?:^|[,;.!?:–—-]\s*|\s(?=(?:please|pls|can|could|would|and|so|"
    r"go)\b))(?P<lead>(?:[\s,]*\b(?:and|so|then|but|just|please|pls|plz|kindly|"
    r"(?:can|could|would)\s+(?:you|u)|go\s+ahead\s+and|do(?=\s+\w+\s+it))\b)*\s*)"
    rf"(?P<order>(?P<calendar>(?:(?:put|stick|pop|get|add|enter|slot|whack|bung|chuck|place|note|"
    rf"write|mark|pencil|"
    rf"save|jot|drop|stell|trag|pon|mets)\s+(?:{_IT}\s+)?(?:down\s+)?)?{_PLACE}|diar(?:y|ise|"
    rf"ize)\s+{_IT}|pencil\s+{_IT}\s+in)|"
    rf"(?P<plan>(?:schedule|book|arrange|set\s+up|reserve|fix|confirm)\s+{_IT}(?:\s+(?:in|up))?)|"
    rf"(?P<put>(?:put|add|enter|stick|pop|get)\s+{_IT}(?:\s+(?:in|on|down|up))?)|"
    rf"(?P<do>(?:send|write|make|do|issue|handle|sort|draft|prepare|raise|take\s+care\s+of|deal\s+"
    rf"with|get|mach|"
    rf"schick|schreib|haz|envía|fais)\s+(?:{_IT})(?:\s+(?:out|off|up|over))?|hazlo|envíalo|"
    rf"fais-le|go\s+ahead|"
    r"(?:he|she|they)\s+(?:shall|can|may)\s+(?:have|get)\s+(?:it|one|that)))"
    rf"{_AFTER}(?P<tail>:\s*\S.*|[,–—-]\s*(?=[€$£₹]?\s?\d).*)?$",
    re.S,
)
_NOUN = re.compile(rf"(?<![\w'-]){alternatives(n.replace(' ', '_') for n in OBJECTS)}(?![\w-]|'s)")
_DONE = (
    ("invoice.create", r"(?:billed|invoiced|charged|fakturiert|facturado|facturé)"),
    ("refund.issue", r"(?:refunded|reimbursed|erstattet|reembolsado|remboursé)"),
    ("email.write", r"(?:e-?mailed|written\s+to|answered|replied\s+to|messaged|geschrieben)"),
    ("invoice.remind", r"(?:reminded|chased)"),
    ("client.onboard", r"(?:on-?boarded)"),
    ("submission.grade", r"(?:graded|marked)"),
)
_PERFECT = re.compile(
    r"\b(?:still\s+)?(?:haven't|havent|have\s+not|hasn't|has\s+not|never)\s+(?:yet\s+|even\s+|"
    r"actually\s+)?"
    r"(?=(?:billed|invoiced|charged|refunded|reimbursed|e-?mailed|written|answered|replied|"
    r"messaged|reminded|chased|"
    r"on-?boarded|graded|marked|sent|booked|scheduled|got|had|paid|received|heard)\b)|"
    r"\bforgot(?:ten)?\s+to\b|\bnot\s+yet\b"
)
_WITH = re.compile(r"\b(?:with|mit|con|avec)\s+(?=\w)|\bw/?\s+(?=\w)|\b(?:meet|see)\s+(?=\w)")
_ASKED_FOR = re.compile(
    r"\b(?:wants?|needs?|waiting\s+for|asked\s+for|asks\s+for|expects?|would\s+like|owe)\b"
)


def referred(text: Text, pieces: list[Piece]) -> list[Piece]:
    """``pieces`` with the last one an order for what the ones before it are about, where it is."""
    if not pieces:
        return pieces
    low, last = text.own, pieces[-1]
    if last.dead or (last.hit is not None and not _may_mean_another(last)):
        return pieces
    order = _ORDER.search(low[last.start : last.end])
    if order is None or (order["do"] == "go ahead" and last.hit is not None):
        return pieces
    ends = last.start + order.start()
    index, since = len(pieces) - 1, last.start
    if not low[last.start : ends].strip(" .,;:"):
        # A sentence of its own: what it is about is in the one before.
        if index == 0 or pieces[index - 1].hit is not None or pieces[index - 1].dead:
            return pieces
        index, since = index - 1, pieces[index - 1].start
    area = low[since:ends]
    plain = _PERFECT.sub(" ", area)
    asked = _ASKED_FOR.search(area)
    if guards.negated(plain) or guards.CONDITION.match(area.strip()):
        return pieces
    if guards.DOUBT.search(area) and not asked:
        return pieces
    hit = _meant(low, since, ends, order)
    if hit is None:
        return pieces
    end = last.end if order["tail"] else ends
    return [*pieces[:index], Piece(since, end, hit, asked=True)]


def _may_mean_another(last: Piece) -> bool:
    """Whether an order with "it" may be about the words before it, not about its own verb."""
    assert last.hit is not None
    return last.hit.intent in {"email.write", "meeting.schedule"} or (
        last.hit.intent == "memory.save" and last.hit.form == "tail"
    )


def _meant(low: str, since: int, end: int, order: re.Match[str]) -> Hit | None:
    dated = DAY.search(low, since, end) or TIME.search(low, since, end)
    with_ = _WITH.search(low, since, end)
    noun = next(_NOUN.finditer(low, since, end), None)
    kind = OBJECTS[" ".join(noun.group().split())] if noun else ""
    if order["calendar"] or (order["plan"] and (kind == "meeting" or (dated and with_))):
        return Hit("meeting.schedule", since, since, "object", since)
    if order["plan"] and dated and not kind:
        return Hit("meeting.schedule", since, since, "object", since)
    if order["put"] and kind not in {"lead", "client"}:
        sure = dated and (with_ or kind == "meeting")
        return Hit("meeting.schedule", since, since, "object", since) if sure else None
    if noun is not None and (not order["plan"] or kind == "meeting"):
        return Hit(intents.intent_of(kind), noun.start(), noun.end(), "object", noun.start())
    for intent, verbs in _DONE:
        verb = re.compile(rf"\b{verbs}\b").search(low, since, end)
        if verb and _PERFECT.search(low, since, verb.end()):
            return Hit(intent, verb.start(), verb.end(), "verb", verb.end())
    return None
