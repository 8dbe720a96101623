"""Whether what follows a comma or an "and" is one more request, or belongs to the one before."""

import re

from agents.builtin import guards
from agents.builtin.clock import TIME
from agents.builtin.days import DAY
from agents.builtin.intents import Hit
from agents.builtin.lexicon import words
from agents.builtin.names import Names
from agents.builtin.pieces import Piece
from agents.builtin.text import Text

CONTENT = words(
    "reminder.set memory.save memory.rule email.write research content.write student.answer "
    "memory.ask content.plan"
)

_OWNER_DIRECTED = words(
    "reminder.set invoice.create invoice.remind refund.issue meeting.schedule lead.add "
    "client.onboard payment.record digest.show status.show cost.show approvals.show pause "
    "resume undo.last content.write content.plan submission.grade memory.save student.answer"
)

_THEN_WITH = re.compile(
    r"[\s,;]*(?:and\s+)?(?:then|also|afterwards)\s+(?:an?\s+)?[\w-]+\s+with\s+\w"
)

_BY_NUMBER = re.compile(
    r"[\s,:;–—-]*(?:and\s+)?(?:[€$£₹]?\d\S*\s+(?:\w+\s+)?)?(?:for\s+)?(?:the\s+)?(?:invoice|bill|"
    r"inv)\s+"
    r"(?:no\.?\s*|number\s+)?#?[a-z]{0,4}-?\d[\d/-]*(?=\s*(?:$|[.,;!?]|and\b|please\b|pls\b))"
)

SAID = "somebody else says it"


def splits(current: Hit | None, right: Hit, mark: str, words: str, tail: str) -> bool:
    if current is None:
        return right.form != "noun" or bool(mark)
    if right.form == "show" and right.intent == current.intent:
        return False
    if right.form == "noun":
        return bool(right.intent == "meeting.schedule" and _THEN_WITH.match(tail))
    if current.intent in {"payment.record", "invoice.remind", "refund.issue"} and (
        right.intent == "invoice.create" and _BY_NUMBER.match(tail)
    ):
        return False
    connective = set(words.split())
    if connective & {"or"}:
        return False
    if current.intent not in CONTENT:
        if not mark and not words:
            return False
        return not (":" in mark and current.intent == right.intent)
    if ":" in mark:
        return False
    if connective & {"then", "also", "plus", "dann", "luego", "puis"} or "after that" in words:
        return True
    if "so" in connective or "but" in connective:
        return right.intent in _OWNER_DIRECTED and current.intent not in {"reminder.set"}
    if right.intent in {
        "reminder.set",
        "digest.show",
        "cost.show",
        "approvals.show",
        "status.show",
    }:
        return True
    if current.intent == "reminder.set":
        return bool(mark and connective) and right.intent in _OWNER_DIRECTED
    if current.intent in {"memory.save", "memory.rule"}:
        return bool(mark and connective) and right.intent in _OWNER_DIRECTED
    if current.intent == "email.write":
        return right.intent in _OWNER_DIRECTED and (
            bool(connective) or bool(re.search(r"\d", tail))
        )
    if current.intent in {
        "research",
        "content.write",
        "content.plan",
        "student.answer",
        "memory.ask",
    }:
        return right.intent != current.intent and (bool(connective) or bool(mark))
    return False


_CAN = r"(?:\s+(?:will|can|could|would|shall|should|must|may|might)|'ll|'d)\s+\w"

_OTHERS_DO = re.compile(rf"\b(?:he|she|they){_CAN}|\bto\s+(?:please\s+)?\w+\s+(?:me|us|our|my)\b")

_KEEPS = re.compile(r"(?:remember|keep|bear|memori[sz]e)\b")

_WE_DO = re.compile(rf"\b(?:i|we|you){_CAN}|\bhow\s+(?:to|i|we|you|they|people)\s+\w")

_OPEN_CLAUSE = re.compile(
    r"\b(?:to|should|must|can|could|will|would|shall|may|might|have|has|and|or)\s+\w|'ll\b"
)

_ITEM = re.compile(r"(?:an?|one|another|eine?n?|una?|une)\s+[a-z]")

_FOR_WHOM = re.compile(r"\s+(?:to|for|with|an|für|mit|para|con|pour|avec)\s+(?=\w)")


def goes_on(
    text: Text, names: Names, left: Hit, right: Hit, match: re.Match[str], end: int
) -> bool:
    """Whether a verb after "and" is one more of what a mail or a text says somebody does.

    "Write Ida that she should call us and chase Bo", "a post on how we bill and chase debts".
    """
    if left.intent not in CONTENT or right.form == "show" or right.intent == "reminder.set":
        return False
    low, until, joined = text.own, match.start(), match["words"].split()
    if joined == ["so"]:  # "Remember: Ida pays late, so chase her early"
        return left.intent == "memory.save" and bool(_KEEPS.match(low, left.start))
    if match["mark"] or joined not in (["and"], ["or"]):
        return False
    if _OTHERS_DO.search(low, left.verb_end, until):
        return True
    rest = low[right.verb_end : end]
    alone = not names.all(right.verb_end, end) and not re.search(r"\d\d|[€$£₹]", rest)
    pointed = re.match(r"\s+(?:it|that|this|her|him|them)\b", rest)
    return bool(alone and not pointed and _WE_DO.search(low, left.verb_end, until))


def another(
    text: Text, names: Names, current: Piece, right: Hit, match: re.Match[str], end: int
) -> bool:
    """Whether what follows a connector is one more request, named like the one before it.

    "A call with Ida, an email to Bo" and "tell Ida we're open and tell Bo we're closed".
    """
    low, left = text.own, current.hit
    if left is None or "or" in match["words"].split() or ":" in (match["mark"] or ""):
        return False
    joined = bool(match["mark"] and match["words"])
    if right.form == "noun":
        whom = _FOR_WHOM.match(low, right.end, end)
        if left.intent == right.intent == "meeting.schedule" and left.form == "noun" and whom:
            halves = (low[left.end : match.start()], low[whom.end() : end])
            return all(DAY.search(half) or TIME.search(half) for half in halves)
        if whom is None or not _ITEM.match(low, right.start) or left.intent == right.intent:
            return False
        if not names.at(whom.end(), end, lower=True) or left.form not in {"noun", "object"}:
            return False
        return joined if left.intent in CONTENT or left.form == "object" else True
    if left.intent != right.intent or right.intent != "email.write" or right.form != "verb":
        return False
    verb, again = (low[h.start : h.verb_end].split() for h in (left, right))
    named = names.at(right.verb_end + 1, end)
    said = low[left.verb_end : match.start()]
    return bool(verb[:1] == again[:1] and named and (joined or not _OPEN_CLAUSE.search(said)))


def carries(low: str, left: Piece, mark: str, words: str) -> str:
    """Why what follows a connector is dead because of what stands before it; "" when it isn't."""
    text = low[left.start : left.end]
    if re.search(
        guards.REPORTED.pattern
        + r"[\s,:]*(?:(?:me|us|that|to|today|yesterday|please|just|now|again|in\s+the\s+mail|"
        r"by\s+mail)[\s,:]*)*$",
        text,
    ):
        return SAID
    plain = not mark and set(words.split()) <= {"and", "or", "und", "y", "et", "&"}
    if left.hit is not None or not (plain or "or" in words.split()):
        return ""
    if guards.REPORTED.search(text):
        return "somebody else wants it"
    if guards.negated(text):
        return "it is negated"
    if guards.DOUBT.search(text):
        return "it is only a thought"
    if guards.HOW_TO.match(text.strip()):
        return "it is a question"
    return ""
