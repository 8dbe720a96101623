"""Orders that leave out their verb the second time: "Invoice Ana 300 and Bo 200"."""

import re
from dataclasses import replace

from agents.builtin.clock import BARE_TIME, DURATION, PART, TIME
from agents.builtin.days import DAY
from agents.builtin.intents import Hit, intent_of
from agents.builtin.lexicon import OBJECTS, alternatives
from agents.builtin.names import Names
from agents.builtin.pieces import Piece
from agents.builtin.text import Text

_AND = re.compile(
    r"(?:\s*,\s*(?:and\s+|plus\s+|then\s+|n\s+)?|\s+(?:and|plus|&|n|und|y|et)\s+)(?:then\s+|"
    r"also\s+)?"
    r"(?P<one>(?:one|another(?:\s+one)?|a\s+second(?:\s+one)?|the\s+other(?:\s+one)?|eine|una|"
    r"une)\s+"
    r"(?:to|for|an|für|a|para|à|pour)\s+)?(?=\S)"
)
_SUM = re.compile(r"\s*:?\s*(?:for\s+|over\s+)?(?:[€$£₹]\s?|(?:eur|usd|gbp|chf|inr)\s)?\d")
_SOME = (
    r"\s*(?:[€$£₹]\s?|(?:eur|usd|gbp|chf|inr)\s)?\d[\d.,']*k?\s*"
    r"(?:[€$£₹]|(?!to\b|from\b)[a-z]{3,7}(?=\s))?\s+"
)
_SUM_TO = re.compile(rf"{_SOME}(?:to|à|an)\s+")
""" "300 to Ida and 450 to Bo"."""
_SUM_FROM = re.compile(rf"{_SOME}(?:from|by|von|de)\s+")
""" "120 from Ida and 90 from Bo"."""
_NOBODY = re.compile(
    r"(?:less|minus|plus|off|payment|terms?|total|net|due|deposit|vat|tax|balance|rest)", re.I
)
_NUMBER = re.compile(
    r"(?:(?:invoices?|number|no\.?)\s+)?#?(?:[a-z]{1,4}-?)?\d[\d/-]*\d(?!\s*(?:days|weeks|€|eur|"
    r"\$))"
)
_FOR = re.compile(r"\s(?:for|für|por|pour)\s")
_ON = re.compile(r"\s*(?:(?:for|on|at|in)\s+){0,2}(?:the\s+)?")
_AT_TO = re.compile(r"(?:again\s+)?(?P<when>\w[^.;!?]{1,30}?)\s(?:to|about)\s+\w")


def gapped(text: Text, names: Names, piece: Piece) -> list[Piece]:
    """The piece, and one more for each time that it leaves its verb out."""
    hit = piece.hit
    if hit is None or piece.dead:
        return [piece]
    low = text.own
    for match in _AND.finditer(low, hit.end, piece.end):
        thing = _something_else(text, names, piece, hit, match)
        if thing is not None:
            more = Piece(match.end(), piece.end, thing, asked=piece.asked)
            return [replace(piece, end=match.start()), *gapped(text, names, more)]
        if not _repeats(text, names, piece, hit, match):
            continue
        at = match.end()
        more = Piece(at, piece.end, Hit(hit.intent, at, at, "verb", at), asked=piece.asked)
        return [replace(piece, end=match.start()), *gapped(text, names, more)]
    return [piece]


_AND_THEN = re.compile(r"\s*(?:and|plus|then|also|und|y|et)\s+(?:then\s+|also\s+)?(?:to\s+)?(?=\w)")


def resumed(text: Text, names: Names, pieces: list[Piece], start: int, end: int) -> list[Piece]:
    """ "Bill Ida 40. And Bo 55": a sentence that takes its verb from the one before it."""
    last = pieces[-1] if pieces else None
    lead = _AND_THEN.match(text.own, start, end)
    if last is None or last.hit is None or last.dead or lead is None:
        return []
    if last.hit.intent not in {"invoice.create", "refund.issue"} or last.hit.form == "fact":
        return []
    name = names.at(lead.end(), end)
    if name is None or not _SUM.match(text.own, name.end) or "?" in text.own[start:end]:
        return []
    hit = Hit(last.hit.intent, lead.end(), lead.end(), "verb", lead.end())
    more = Piece(start, end, hit, asked=last.asked)
    return gapped(text, names, more)


_GIVES = re.compile(r"(?:send|give|write|mail|e-?mail|make|do|prepare|draft)\b")
_THING = re.compile(
    r"(?:'s)?\s+(?:an?|the|his|her|its|their|another|one)\s+(?:\w+\s+){0,2}?"
    rf"(?P<noun>{alternatives(n.replace(' ', '_') for n in OBJECTS)})(?![\w-]|'s)"
)


def _something_else(
    text: Text, names: Names, piece: Piece, hit: Hit, match: re.Match[str]
) -> Hit | None:
    """ "Send Ida a reminder, and Bo his invoice": the verb is left out, its object is not."""
    low = text.own
    article = re.compile(r"(?:the\s+)?").match(low, match.end())
    at = article.end() if article else match.end()
    if hit.form not in {"object", "verb"} or not _GIVES.match(low, hit.start):
        return None
    if hit.intent in {"email.write", "memory.save", "reminder.set"} and "," not in match.group():
        return None
    name = names.at(at, piece.end)
    thing = _THING.match(low, name.end, piece.end) if name and name.start == at else None
    if thing is None:
        return None
    kind = OBJECTS[" ".join(thing["noun"].split())]
    if kind not in {"invoice", "refund", "remind", "email"}:
        return None
    return Hit(intent_of(kind), at, thing.end("noun"), "object", at)


def _says_when(words: str) -> bool:
    return any(kind.search(words) for kind in (DAY, TIME, BARE_TIME, PART, DURATION))


def _is_when(words: str) -> bool:
    """Whether ``words`` begin with a moment: "at 7", "tomorrow at 9", "on Monday", "in an hour"."""
    lead = re.compile(r"(?:(?:on|in|by|at)\s+)?").match(words)
    at = lead.end() if lead else 0
    if words.startswith("in ") and DURATION.match(words, at):
        return True
    return any(kind.match(words) or kind.match(words, at) for kind in (DAY, TIME, BARE_TIME, PART))


def _repeats(text: Text, names: Names, piece: Piece, hit: Hit, match: re.Match[str]) -> bool:
    low, at = text.own, match.end()
    if any(n.start <= match.start() < n.end for n in names.all(hit.end, piece.end)):
        return False  # the "&" of "Okafor & Sons"
    said = low[hit.end : match.start()]
    if hit.intent == "reminder.set":
        then = _AT_TO.match(low, at, piece.end)
        return bool(
            then and _is_when(then["when"]) and _says_when(said) and "," not in match.group()
        )
    if hit.intent == "submission.grade":
        name = names.at(at, piece.end)
        theirs = name and re.match(r"(?:'s)?\s+\w", low[name.end - 2 : piece.end])
        return bool(name and theirs and "'s" in said and "'s" in low[at : name.end + 2])
    if hit.intent not in {
        "invoice.create",
        "refund.issue",
        "payment.record",
        "meeting.schedule",
        "invoice.remind",
    }:
        return False
    counted = re.search(r"\d", low[hit.start : match.start()])
    apart = " " in match.group()  # not the comma of "1,200"
    if hit.intent == "invoice.remind" and _NUMBER.match(low, at) and counted and apart:
        return True
    goes = _SUM_FROM if hit.intent == "payment.record" else _SUM_TO
    first_sum = goes.match(low, at, piece.end)
    if first_sum and hit.intent in {"invoice.create", "refund.issue", "payment.record"}:
        who = names.at(first_sum.end(), piece.end, lower=True)
        return bool(who and who.value[:1].isalpha() and goes.search(low, hit.end, match.start()))
    name = names.at(at, piece.end, lower=True)
    if name is None or not name.value[:1].isalpha() or _NOBODY.fullmatch(name.value):
        return False
    if match["one"]:
        return hit.intent in {"invoice.create", "refund.issue"}
    if hit.intent == "meeting.schedule":
        link = _ON.match(low, name.end)
        then = link.end() if link else name.end
        dated = DAY.match(low, then) or TIME.match(low, then)
        return bool(dated and (DAY.search(said) or TIME.search(said)) and "," not in match.group())
    if hit.intent == "invoice.remind":
        return bool(name) and "," not in match.group()
    if hit.intent == "payment.record" and hit.form == "fact" and _SUM.match(low, hit.end):
        return bool(_SUM.match(low, name.end))  # "Ida paid 60, Bo 45"
    first = names.at(hit.end, match.start())
    if first is None or not (summed := _SUM.match(low, first.end)):
        return False
    # "Invoice Ida 640 for the lectures, and Bo for the lessons": whose sum is asked for.
    also = hit.intent == "invoice.create" and _FOR.search(low, summed.end(), match.start())
    spelt = names.at(at, piece.end, lower=False)
    also = also and spelt and " " in spelt.value
    return bool(_SUM.match(low, name.end) or (also and _FOR.match(low, name.end)))
