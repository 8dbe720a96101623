"""A message cut into pieces, each one request, some context, or words that must not be acted on."""

import re
from dataclasses import dataclass, replace
from itertools import islice

from agents.builtin import guards, intents
from agents.builtin.intents import Hit
from agents.builtin.lexicon import OBJECTS, alternatives, words
from agents.builtin.names import Names, is_place
from agents.builtin.text import HIDDEN, Text

_SENTENCE_END = re.compile(r"(?:\s(?=\(?[1-9]\)\s)|[.!?]+[\"')]*(?=\s|$)|\n+|;(?=\s))")
_ABBREVIATION = re.compile(
    r"\b(?:mr|mrs|ms|dr|prof|st|no|nr|inc|ltd|co|ca|approx|sr|sra|mme|z\.b|e\.g|i\.e|vs|jr|[a-z]|"
    r"p\.m|a\.m|tel|str|dec|nov|oct|sept?|aug|jan|feb|mar|apr|\d)\.$"
)
_CONNECTOR = re.compile(
    r"(?P<mark>\s*[,:]\s+|\s+[-–—]+\s+|\s*[—–]\s*|\s*\.{2,}\s*)?(?:(?<=\s)|"
    r"(?<=[—–.]))(?P<words>(?:(?:and|but|so|then|also|plus|und|dann|y|luego|et|puis|&|or|"
    r"after\s+that|afterwards|as\s+well\s+as)\s+)*)(?=\S)"
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
_ACTING = words(
    "invoice.create invoice.remind refund.issue payment.record meeting.schedule "
    "client.onboard lead.add content.write content.plan submission.grade pause undo.last "
    "resume"
)
_LATER_CONDITION = re.compile(
    r"\b(?:if(?!\s+(?:you\s+(?:can|could|don'?t|have|like|want|wouldn'?t)|possible|that'?s\s+(?:ok|"
    r"okay|possible|alright|fine)|need\s+be))|unless|once\s+(?:he|she|they|we|i|the|it)|"
    r"as\s+soon\s+as|in\s+case|when\s+(?:he|she|they|we|i|the|it)\b|wenn|falls|sobald|cuando|"
    r"si\s+(?:me|nos|acepta|firma)|quand|lorsque|after\s+(?:he|she|they)\s+\w+s?\b|only\s+(?:when|"
    r"after|if))\b"
)
_BARE_PLURAL = re.compile(
    r"(?:\s*(?:out|me|us|my|up|also|any|some|new|good|client|payment|other|long|short|linkedin|"
    r"blog)\b)*\s*[a-zé-]+(?<!s)s(?:\s+(?:too|also|for\s+me|by\s+yourself|yourself|automatically|"
    r"as\s+well|for\s+(?:clients|people|customers)|to\s+(?:clients|people|customers)|and\s+\w+s|"
    r"in\s+\w+|at\s+all|already|yet|or\s+\w+s))*\s*[?!.\s]*$"
)
_SUBJECT_AFTER = re.compile(
    r"\s*(?:is|was|are|were|has|had|isn't|hasn't|got|said|says|would|will|called|phoned|rang|wrote|"
    r"texted|emailed|came|left|went|thinks|wants|asked|told|and)\b"
)
_TOLD = re.compile(
    r"(?:\s*[^\W\d_]+){1,2}\s+(?:is|was|are|were|has|never|always|went|looks|seems|keeps|came|"
    r"arrived)\b"
)
_TO_ME = re.compile(
    r"(?:send|invoice|bill|refund|charge|pay|reimburse|give|transfer|schick|envíame|"
    r"envoie-moi)\s+(?:it\s+to\s+)?(?:me|us|mir|moi)\b"
)
""" "send me the invoice": what others write to the operator."""
_MOST_CONNECTORS = 200
"""More in one sentence is no message that a person means."""
_SHOW_ORDER = re.compile(
    r"(?:show|tell|give|send|what|how|list|get|let\s+me\s+see|any|is|are|see|brief|catch|status|"
    r"digest|update|fill)\b"
)
_CANCEL_AT = re.compile(
    r"(?:^|[.,;!?:—–-]\s*|\.\.+\s*|\b(?:but|so|and|lol|haha|hmm|oh|nah|no|ah|or|actually)\s+)"
    + guards.CANCELLED.pattern
)
_ANY_NOUN = re.compile(
    rf"(?<![\w'-]){alternatives(n.replace(' ', '_') for n in OBJECTS)}(?![\w-]|'s)"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a message: ``hit`` is None for context; ``dead`` says why nothing comes of it."""

    start: int
    end: int
    hit: Hit | None = None
    dead: str = ""
    asked: bool = False


def cut(text: Text, names: Names) -> list[Piece]:
    """The pieces of a message in order."""
    pieces: list[Piece] = []
    for start, end in _sentences(text.own):
        pieces.extend(_sentence(text, names, start, end))
        pieces = _referred(text, pieces)
    return _cancelled(text, pieces)


def _sentences(low: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE_END.finditer(low):
        head = low[start : match.end()]
        if match.group().startswith(".") and len(match.group()) == 1:
            tail = low[match.end() : match.end() + 14]
            if (
                _ABBREVIATION.search(head[-8:])
                and not re.match(r"\s*$", tail)
                and not (
                    head[-2].isdigit()
                    and re.match(
                        r"\s+(?:the|a|please|can|remind|send|email|and|also|then|it|due|net)\b",
                        tail,
                    )
                )
            ):
                continue
            if re.fullmatch(r"\s*\d+\.", head):
                continue
        if head.strip():
            found.append((start, match.end()))
        start = match.end()
    if low[start:].strip():
        found.append((start, len(low)))
    return found


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
            or not (match["mark"] or match["words"])
        ):
            continue
        if current is not None and current.hit is not None and match.start() < current.hit.verb_end:
            continue
        right = _command_at(text, names, match.end(), end)
        if right is None:
            continue
        hit, asked = right
        if current is not None and not _splits(
            current.hit, hit, match["mark"] or "", match["words"] or "", low[match.start() : end]
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
        if left.hit is None or not _hit_within(left):
            left = _guarded_context(low, left)
        pieces.append(left)
        at = match.end()
        carried = _carries(low, left, match["mark"] or "", match["words"] or "")
        current = Piece(at, end, hit, carried, asked)
    last = current or Piece(at, end)
    pieces.append(replace(last, start=at, end=end))
    return [_checked(text, names, p) for p in _reread(text, names, pieces)]


def _reread(text: Text, names: Names, pieces: list[Piece]) -> list[Piece]:
    """The pieces, those without a command read again as statements now that they are cut."""
    result: list[Piece] = []
    for piece in pieces:
        if piece.hit is None and not piece.dead:
            result.extend(_statements(text, names, piece))
        else:
            result.append(piece)
    return result


def _hit_within(piece: Piece) -> bool:
    return piece.hit is not None and piece.hit.start < piece.end


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
        shown = intents.show(low, begin, end)
        if len(shown) != 1 or _about_somebody(names, begin, end, shown[0]):
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
        return "somebody else says it"
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


def _guarded_context(low: str, piece: Piece) -> Piece:
    return piece


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
    named = _names_anyone(text, names, begin, body_end)
    hit = intents.statement(low, begin, body_end)
    if hit and hit.intent == "reminder.set" and guards.negated(low[begin : hit.start][-14:]):
        hit = None
    if hit is None:
        hit = intents.question(low, begin, body_end, named=named)
        if hit and (guards.DOUBT.match(body) or guards.CONDITION.match(body)):
            hit = None
    shown = intents.show(low, begin, body_end)
    if (
        shown
        and not (hit and hit.intent in {"payment.record", "refund.issue", "reminder.set"})
        and _may_show(low, begin, body_end, shown, named)
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


_SHOW_OPENER = re.compile(
    r"(?:show|tell|give|send|what|whats|how|list|get|let\s+me\s+see|any|anything|is|are|see|brief|"
    r"catch|status|digest|update|fill|pull\s+up|open|can\s+i\s+see|could\s+i\s+(?:see|get|have)|"
    r"may\s+i\s+see|i(?:'d|\s+would)?\s+(?:want|like|need|love)\s+(?:to\s+see|the|my|a|an)|need|"
    r"want|where|which|did|has|have|do\s+i|anything|check|quick|daily|morning|today|the|my|your|a|"
    r"ai|rundown|briefing|summary|recap|overview|progress|pending|approvals|costs?|spend\w*|budget|"
    r"bring|was|wie|woran|läuft|zeig|gib|qué|cómo|cuánto|muéstrame|enséñame|dame|en\s+qué|où|que|"
    r"combien|montre|donne|fais|tu|tout|est|quoi|statut|estado|stand|resumen|résumé|weekly|evening|"
    r"overnight|jobs?|queue|token|zusammenfassung|tages\w+|freigaben|welche|what's|who|ki-kosten|"
    r"end\s+of)\b"
)


def _may_show(low: str, start: int, end: int, shown: list[Hit], named: bool) -> bool:
    text = low[start:end]
    if not _SHOW_OPENER.match(text) or guards.negated(text) or guards.DOUBT.search(text):
        return False
    if re.match(
        r"(?:how\s+(?:do|does|can|would|should|to)\s+(?!(?:i|we|you|things|my|the|today)\s+(?:look|"
        r"stand|day|cost|week))|why\b|what\s+(?:is\s+an?|does|are)\s+(?!you|your|waiting|pending|"
        r"the\s+(?:costs?|approvals|jobs)))",
        text,
    ) and not re.match(
        r"(?:how\s+does\s+(?:my|the|today)|what\s+does\s+(?:my|the|today|this|it|tomorrow))", text
    ):
        return False
    # A plain sentence that only mentions the word ("the approval took ages") asks for nothing.
    if (
        re.match(r"(?:the|my|your|a|today|his|her|is|are|that)\b", text)
        and re.search(
            r"\b(?:was|were|took|came|went|looks|looked|got|sounds|seems|is\s+(?:great|nice|good|"
            r"too|very|so|bad|fine))\b",
            text,
        )
        and "?" not in text
    ):
        return False
    return not (named and shown[0].intent in {"status.show", "cost.show", "digest.show"})


def _checked(text: Text, names: Names, piece: Piece) -> Piece:
    """The piece, dead if its words or those around them forbid to act."""
    hit = piece.hit
    if hit is None or piece.dead:
        return piece
    low = text.own
    lead = low[piece.start : hit.start]
    own = low[hit.start : piece.end]
    if hit.form == "fact" and (
        guards.DOUBT.search(lead)
        or guards.REPORTED.search(lead)
        or guards.negated(lead)
        or re.search(r"\bif\b", lead)
        or "?" in own
    ):
        return replace(piece, dead="it is not certain")
    if re.search(
        r"\b(?:maybe|perhaps|possibly|eventually|some\s?day|at\s+some\s+point|one\s+day|vielleicht|"
        r"quizás|peut-être)\b",
        lead,
    ):
        return replace(piece, dead="it is only a thought")
    if (
        hit.intent in {"invoice.create", "refund.issue"}
        and hit.form != "fact"
        and _TO_ME.match(low, hit.start, piece.end)
    ):
        return replace(piece, dead="it is addressed to somebody else")
    if hit.intent in _ACTING and hit.form != "show":
        if _LATER_CONDITION.search(low[hit.verb_end : piece.end]):
            return replace(piece, dead="it hangs on a condition")
        if re.search(
            r"\b(?:at\s+some\s+point|some\s?day|one\s+day|eventually|one\s+of\s+these\s+days|maybe|"
            r"perhaps|not\s+yet|or\s+not|i\s+(?:guess|suppose|think)|or\s+should|or\s+maybe)\b",
            own,
        ):
            return replace(piece, dead="it is only a thought")
        if (
            not piece.asked
            and "?" in own[-3:]
            and hit.intent
            in {
                "invoice.create",
                "invoice.remind",
                "refund.issue",
                "payment.record",
                "pause",
                "undo.last",
            }
        ):
            return replace(piece, dead="it is a question")
    if (
        piece.asked
        and hit.form != "show"
        and _BARE_PLURAL.fullmatch(low, hit.verb_end, piece.end)
        and not names.all(hit.verb_end, piece.end)
    ):
        return replace(piece, dead="it asks what can be done, not to do it")
    switches = hit.form == "show" and hit.intent in {"pause", "resume", "undo.last"}
    if switches and "?" in own and not piece.asked:
        return replace(piece, dead="it is a question")
    if (
        hit.form == "noun"
        and "?" in own[-3:]
        and not piece.asked
        and hit.intent != "meeting.schedule"
    ):
        return replace(piece, dead="it is a question")
    return piece


def _referred(text: Text, pieces: list[Piece]) -> list[Piece]:
    """ "… Please send it.": the order for what the words before it are about."""
    if not pieces:
        return pieces
    last = pieces[-1]
    low = text.own
    candidates = [(len(pieces) - 1, last.start)]
    if last.hit is None or last.hit.intent in {"email.write", "meeting.schedule"}:
        comma = low.rfind(",", last.start, last.end)
        if comma > 0:
            candidates.append((len(pieces) - 1, comma + 1))
    for index, start in candidates:
        begin, asked = guards.strip_polite(low, start, last.end)
        if not guards.IT_ITSELF.match(low[begin : last.end].strip(" .!?\n")) or begin >= last.end:
            continue
        if not re.search(
            r"\b(?:it|that|this|one|so|them|das|lo|le)\b|hazlo|envíalo|fais-le|go ahead",
            low[begin : last.end],
        ):
            continue
        area_start = pieces[index - 1].start if start == last.start and index > 0 else last.start
        if start == last.start and index == 0:
            continue
        area_end = start
        previous = pieces[index - 1] if start == last.start else None
        if previous is not None and previous.hit is not None and not previous.dead:
            return pieces
        area = low[area_start:area_end]
        if guards.negated(area) or guards.CONDITION.match(area.strip()):
            continue
        noun = next((n for n in _ANY_NOUN.finditer(low, area_start, area_end)), None)
        if noun is None:
            continue
        kind = OBJECTS[" ".join(noun.group().split())]
        hit = Hit(intents.intent_of(kind), noun.start(), noun.end(), "object", noun.start())
        keep = pieces[: index - 1] if start == last.start else pieces[:index]
        return [*keep, Piece(area_start, last.end, hit, asked=asked)]
    return pieces


def _cancelled(text: Text, pieces: list[Piece]) -> list[Piece]:
    low = text.own
    result = list(pieces)
    for match in _CANCEL_AT.finditer(low):
        inside = next((p for p in result if p.start <= match.start() < p.end), None)
        # What a mail or a note says is not about the order itself.
        for index, piece in enumerate(result):
            if piece.hit is None or piece.hit.start > match.end():
                continue
            if piece.hit.start >= match.start():
                continue
            if (
                inside is piece
                and piece.hit.intent
                in {"email.write", "memory.save", "memory.rule", "student.answer", "content.write"}
                and not re.search(r"(?:never\s?mind|leave\s+it|forget\s+it|don'?t)", match.group())
            ):
                continue
            result[index] = replace(piece, dead="it is taken back")
    return result
