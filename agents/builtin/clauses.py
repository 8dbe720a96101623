"""A message cut into pieces, each one request, some context, or words that must not be acted on."""

import re
from dataclasses import replace
from itertools import islice

from agents.builtin import guards, intents, statements
from agents.builtin.anaphora import referred
from agents.builtin.gapping import gapped
from agents.builtin.intents import Hit
from agents.builtin.lexicon import words
from agents.builtin.names import Names
from agents.builtin.pieces import Piece, checked, merged, uncancelled
from agents.builtin.places import is_place
from agents.builtin.sentences import sentences
from agents.builtin.text import HIDDEN, Text

_CONNECTOR = re.compile(
    r"(?P<mark>\s*[,:]\s+|\s+[-–—]+\s+|\s*[—–]\s*|\s*\.{2,}\s*)?(?:(?<=\s)|"
    r"(?<=[—–.]))(?P<words>(?:(?:and|n|'n'|oh\s+and|but|so|then|also|plus|und|dann|y|luego|et|"
    r"puis|&|\+|or|"
    r"after\s+that|afterwards|additionally|besides|as\s+well\s+as|on\s+top\s+of\s+that)\s+)*)"
    r"(?P<order>(?=(?:please|pls|plz|kindly|(?:can|could|would)\s+(?:you|u)|go\s+ahead\s+"
    r"and)\s))?(?=\S)"
)
_CONTENT = words(
    "reminder.set memory.save memory.rule email.write research content.write student.answer "
    "memory.ask content.plan"
)
_OWNER_DIRECTED = words(
    "reminder.set invoice.create invoice.remind refund.issue meeting.schedule lead.add "
    "client.onboard payment.record digest.show status.show cost.show approvals.show pause "
    "resume undo.last content.write content.plan submission.grade memory.save student.answer"
)
_SUBJECT_AFTER = re.compile(
    r"\s*(?:is|was|are|were|has|had|isn't|hasn't|got|said|says|would|will|called|phoned|rang|wrote|"
    r"texted|emailed|came|left|went|thinks|wants|asked|told|and)\b"
)
_TOLD = re.compile(
    r"(?:\s*[^\W\d_]+){1,2}\s+(?:paid|pays|sent|transferred|settled|wants|needs|owes|signed|called|"
    r"wrote|asked|says|said|is|was|are|were|has|never|always|went|looks|seems|keeps|came|"
    r"arrived)\b"
)
_LEADS_ON = re.compile(
    r"(?:^\s*\w+(?:\s+\w+)?|\b(?:how|what|when|where|why|who|which|if|whether|that|know|ask|asked|"
    r"asking|asks|"
    r"wonder|wondering|wonders|said|says|me|him|her|them|us|to|the|a|and|or))\s*$"
)
"""After these words "could you send" is no order of its own."""
_BUT = re.compile(r",\s+(?:but|however|though)\s+|;\s+(?:but\s+|however,?\s+)?|\s+[–—]\s+but\s+")
_THEN_WITH = re.compile(
    r"[\s,;]*(?:and\s+)?(?:then|also|afterwards)\s+(?:an?\s+)?[\w-]+\s+with\s+\w"
)
_BY_NUMBER = re.compile(
    r"[\s,:;–—-]*(?:and\s+)?(?:[€$£₹]?\d\S*\s+(?:\w+\s+)?)?(?:for\s+)?(?:the\s+)?(?:invoice|bill|"
    r"inv)\s+"
    r"(?:no\.?\s*|number\s+)?#?[a-z]{0,4}-?\d[\d/-]*(?=\s*(?:$|[.,;!?]|and\b|please\b|pls\b))"
)
_SAID = "somebody else says it"
_MOST_CONNECTORS = 200
"""More in one sentence is no message that a person means."""
_SHOW_ORDER = re.compile(
    r"(?:show|tell|give|send|what|how|list|get|let\s+me\s+see|the\s+(?:status|digest|costs?|"
    r"briefing|approvals|"
    r"summary|overview)(?=\s+(?:of|please|pls|for|too|and)\b|\s*[.,!?]|\s*$)|any|is|are|see|brief|"
    r"catch|status|gimme|lemme|report|"
    r"digest|update|fill)\b"
)


def cut(text: Text, names: Names) -> list[Piece]:
    """The pieces of a message in order."""
    pieces: list[Piece] = []
    for start, end in sentences(text.own):
        pieces.extend(_sentence(text, names, start, end))
        pieces = referred(text, pieces)
    return uncancelled(text, merged(text, pieces))


def _sentence(text: Text, names: Names, start: int, end: int) -> list[Piece]:
    low = text.own
    begin, _ = guards.strip_polite(low, start, end)
    body = low[begin:end]
    if not body.strip() or not body.replace(HIDDEN, "").strip(" \"'.,!?"):
        return [Piece(start, end)]
    if guards.CONDITION.match(body) and not re.match(r"when\s+(?:did|do|is|are)", body):
        return [Piece(start, end, dead="it is a condition")]
    pieces: list[Piece] = []
    at, current = start, _hit_at(text, names, start, end)
    for match in islice(_CONNECTOR.finditer(low, start + 1, end), _MOST_CONNECTORS):
        if (
            match.end() <= max(at + 1, begin)
            or match.end() >= end
            or not (match["mark"] or match["words"] or match["order"] is not None)
        ):
            continue
        if current is not None and current.hit is not None and match.start() < current.hit.verb_end:
            continue
        right = _command_at(text, names, match.end(), end)
        if right is None:
            continue
        hit, asked = right
        ordered = match["order"] is not None and not (match["mark"] or match["words"])
        if ordered and (
            (current is not None and current.hit is not None and current.hit.intent in _CONTENT)
            or _LEADS_ON.search(low[at : match.start()])
        ):
            continue
        if (
            current is not None
            and not ordered
            and not _splits(
                current.hit,
                hit,
                match["mark"] or "",
                match["words"] or "",
                low[match.start() : end],
            )
        ):
            continue
        if (
            current is not None
            and current.hit is not None
            and hit.intent == current.hit.intent
            and not low[current.hit.verb_end : match.start()].strip()
        ):
            # "check and grade": two verbs of one order.
            current = replace(current, hit=hit, asked=current.asked or asked)
            continue
        left = current or Piece(at, match.start())
        left = replace(left, start=at, end=match.start())
        pieces.append(left)
        at = match.end()
        carried = _carries(
            low, left, match["mark"] or ("," if ordered else ""), match["words"] or ""
        )
        if left.dead == _SAID and not set((match["words"] or "").split()) & {"but", "so"}:
            carried = carried or _SAID
        current = Piece(at, end, hit, carried, asked)
    last = current or Piece(at, end)
    pieces.append(replace(last, start=at, end=end))
    read = [checked(text, names, p) for p in _reread(text, names, pieces)]
    return [each for piece in read for each in gapped(text, names, piece)]


def _reread(text: Text, names: Names, pieces: list[Piece]) -> list[Piece]:
    """The pieces, those without a command read again as statements now that they are cut."""
    result: list[Piece] = []
    for piece in pieces:
        if piece.hit is None and not piece.dead:
            result.extend(_statements(text, names, piece))
        else:
            result.append(piece)
    return result


def _hit_at(text: Text, names: Names, start: int, end: int) -> Piece | None:
    found = _command_at(text, names, start, end)
    if found is None:
        return None
    return Piece(start, end, found[0], asked=found[1])


def _command_at(text: Text, names: Names, start: int, end: int) -> tuple[Hit, bool] | None:
    low = text.own
    begin, asked = guards.strip_polite(low, start, end)
    if begin >= end:
        return None
    if not asked and re.match(r"(?:do|does)\s+(?:you|u|i|we|they|people)\b", low[begin:end]):
        return None
    hit = intents.anchored(low, begin, end)
    if hit is None:
        if not _SHOW_ORDER.match(low, begin, end) or guards.HOW_TO.match(low[begin:end]):
            return None
        shown = statements.show(low, begin, end)
        if not shown or _about_somebody(names, begin, end, shown[0]):
            return None
        return shown[0], asked
    if hit.form == "verb" and (
        _SUBJECT_AFTER.match(low, hit.verb_end, end)
        or (
            hit.intent in {"invoice.create", "refund.issue", "invoice.remind"}
            and _TOLD.match(low, hit.verb_end, end)
        )
    ):
        return None  # "bill was here": a noun or a name, not a verb.
    return hit, asked


def _about_somebody(names: Names, start: int, end: int, shown: Hit) -> bool:
    """Whether a question about costs or progress is one about a client's, which memory answers."""
    return shown.intent not in {"approvals.show"} and any(
        not is_place(n.value) for n in names.all(start, end)
    )


def _splits(current: Hit | None, right: Hit, mark: str, words: str, tail: str) -> bool:
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
    if current.intent not in _CONTENT:
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


def _carries(low: str, left: Piece, mark: str, words: str) -> str:
    """Why what follows a connector is dead because of what stands before it; "" when it isn't."""
    text = low[left.start : left.end]
    if re.search(
        guards.REPORTED.pattern
        + r"[\s,:]*(?:(?:me|us|that|to|today|yesterday|please|just|now|again|in\s+the\s+mail|"
        r"by\s+mail)[\s,:]*)*$",
        text,
    ):
        return _SAID
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


def _statements(text: Text, names: Names, piece: Piece) -> list[Piece]:
    low = text.own
    begin, asked = guards.strip_polite(low, piece.start, piece.end)
    body_end = piece.end
    body = low[begin:body_end]
    if not body.strip():
        return [piece]
    lead = low[piece.start : begin]
    if re.search(r"\bmaybe\b", lead):
        return [replace(piece, dead="it is only a thought")]
    turn = _BUT.search(low, begin, body_end)
    if turn and statements.statement(low, turn.end(), body_end):
        # "I rarely refund, but Lior gets his 89 back": what counts is after the turn.
        return [
            replace(piece, end=turn.start()),
            *_statements(text, names, replace(piece, start=turn.end())),
        ]
    named = _names_anyone(text, names, begin, body_end)
    hit = statements.statement(low, begin, body_end)
    if hit and hit.intent == "reminder.set" and guards.negated(low[begin : hit.start][-14:]):
        hit = None
    if hit is None:
        hit = statements.question(low, begin, body_end, named=named)
        if hit and (guards.DOUBT.match(body) or guards.CONDITION.match(body)):
            hit = None
    shown = statements.show(low, begin, body_end)
    if (
        shown
        and not (hit and hit.intent in {"payment.record", "refund.issue", "reminder.set"})
        and statements.may_show(low, begin, body_end, shown, named)
    ):
        pieces = [Piece(h.start, h.end, h, asked=asked) for h in shown]
        pieces[0] = replace(pieces[0], start=piece.start)
        pieces[-1] = replace(pieces[-1], end=piece.end)
        return pieces
    if hit is None:
        return [piece]
    return [replace(piece, hit=hit, asked=asked)]


def _names_anyone(text: Text, names: Names, start: int, end: int) -> bool:
    if any(not is_place(n.value) for n in names.all(start, end)):
        return True
    low = text.low[start:end]
    return bool(
        re.search(
            r"\b(?!what|who|that|it|there|here|how|let|he|she|where|when|today|tomorrow|yesterday|"
            r"week|month|year|one|everyone)[a-z]{3,}'s\s+\w",
            low,
        )
    )
