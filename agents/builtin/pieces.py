"""One part of a message, and what forbids to act on it."""

import re
from dataclasses import dataclass, replace

from agents.builtin import guards
from agents.builtin.intents import Hit
from agents.builtin.lexicon import words
from agents.builtin.names import Names
from agents.builtin.prohibitions import is_forbidden
from agents.builtin.text import Text

_ACTING = words(
    "invoice.create invoice.remind refund.issue payment.record meeting.schedule "
    "client.onboard lead.add content.write content.plan submission.grade pause undo.last "
    "resume"
)

MAY_SAY_NO = words("memory.save memory.rule memory.ask pause resume undo.last")
"""What is asked for with a "don't" too: "don't send anything for now", "never call Ida"."""

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

_NOT_BUT = re.compile(
    r"^\W*(?:no\W+)?not\s+(?:to\s+|for\s+)?[\w.'-]+(?:\s+[\w.'-]+){0,2}\s*,\s*(?=(?:but|it's|it\s+"
    r"is|the|her|his|our|my)\b|[\w.'-]+\s)"
)
""" "Not Carmela, it's Rosaria who …": it says who instead, not that nothing is wanted."""
_MAY_HAVE = re.compile(
    r"\s*(?:can|could|may)\s+(?=[^?]*\b(?:get|have|need)\b)(?=[^?]*\b(?:please|pls|plz)\b)"
)
""" "Can Ida get an invoice, please?": a question in form."""
_ANYONE = re.compile(
    r"\s*(?:people|anyone|anybody|someone|somebody|clients|customers|others|leads|students)\b"
)
_SCOFFS = re.compile(
    r"\b(?:oh,?\s+sure|yeah,?\s+(?:right|sure)|sure,?\s+(?:let's|why\s+not)|as\s+if|why\s+don't\s+"
    r"(?:we|i)\s+just|"
    r"oh\s+(?:great|brilliant|yes),?\s+let's)\b"
)
_BACK = re.compile(
    r"\b(?:for\s+)?(?:when|after|once|as\s+soon\s+as)\s+(?:he|she|they|we|i)(?:'s|'re|'m|\s+is|\s+"
    r"are|\s+gets?|\s+comes?|"
    r"\s+returns?)\s+(?:back|home|around|free|available|in\s+town|here)\b"
)
""" "For when she's back" leaves the day open; it makes the order no less one."""
_TO_ME = re.compile(
    r"(?:send|invoice|bill|refund|charge|pay|reimburse|give|transfer|schick|envíame|"
    r"envoie-moi)\s+(?:it\s+to\s+)?(?:me|us|mir|moi)\b"
)
""" "send me the invoice": what others write to the operator."""

_CANCEL_AT = re.compile(
    r"(?:^|[.,;!?:—–-]\s*|\.\.+\s*|\b(?:but|so|and|lol|haha|hmm|oh|nah|no|ah|or|actually)\s+)(?:please\s+(?!do))?"
    + guards.CANCELLED.pattern
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a message: ``hit`` is None for context; ``dead`` says why nothing comes of it."""

    start: int
    end: int
    hit: Hit | None = None
    dead: str = ""
    asked: bool = False


def checked(text: Text, names: Names, piece: Piece) -> Piece:
    """The piece, dead if its words or those around them forbid to act."""
    hit = piece.hit
    if hit is None or piece.dead:
        return piece
    low = text.own
    if hit.intent not in MAY_SAY_NO and hit.form != "show" and is_forbidden(low, hit.start):
        return replace(piece, dead="it says what not to do")
    if hit.form == "fact" and _MAY_HAVE.match(low, piece.start, piece.end):
        piece = replace(piece, asked=True)
    lead = low[piece.start : hit.start]
    own = low[hit.start : piece.end]
    if hit.form == "fact" and (
        guards.DOUBT.search(lead)
        or guards.REPORTED.search(lead)
        or guards.negated(_NOT_BUT.sub("", lead))
        or re.search(r"\bif\b", lead)
        or ("?" in own and not piece.asked)
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
        later = low[hit.verb_end : piece.end]
        if hit.intent == "meeting.schedule":
            later = _BACK.sub(" ", later)
        if _LATER_CONDITION.search(later):
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
    if _SCOFFS.search(low[max(hit.start - 30, 0) : hit.start]):
        return replace(piece, dead="it isn't meant")
    anyone = _ANYONE.match(low, hit.verb_end, piece.end)
    if piece.asked and hit.intent in _ACTING and anyone and not re.search(r"\d", own):
        return replace(piece, dead="it asks what can be done, not to do it")
    if (
        piece.asked
        and hit.form != "show"
        and _BARE_PLURAL.fullmatch(low, hit.verb_end, piece.end)
        and not [
            n
            for n in names.all(hit.verb_end, piece.end)
            if not re.search(r"\bin\s+$", low[: n.start][-4:])
        ]
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


_LOG_IT = re.compile(
    r"(?:\s|and|so|then|please|pls|can\s+you|could\s+you|just|[,.])*(?:log|record|note|enter|"
    r"register|book|save|mark|put|"
    r"add|file|keep|write)\s+(?:it|that|this|them|the\s+same)\b[^.;!?]{0,30}[\s.!?]*"
)
_DO_IT = re.compile(
    r"(?:refund|bill|invoice|chase|reimburse)\s+(?:it|that|him|her|them)(?:[\s,]*\b(?:please|pls|now|"
    r"today|thanks|for\s+me))*[\s.!]*"
)
""" "Half of it goes back to Ida. Refund it": one request."""
_REST = re.compile(
    r"\b(?:other\s+(?:half|[€$£₹]?\d)|rest|remainder|remaining|balance|difference|what's\s+left|"
    r"minus|less)\b"
)


def merged(text: Text, pieces: list[Piece]) -> list[Piece]:
    """``pieces``, those that only explain another made its context.

    "Brooke sent me 96. Log that" is one payment, "She paid 300 of it. Bill the rest" no payment.
    """
    result = list(pieces)
    for index in range(1, len(result)):
        former, piece = result[index - 1], result[index]
        if former.hit is None or piece.hit is None or former.dead or piece.dead:
            continue
        if former.hit.form == "fact" and former.hit.intent == piece.hit.intent:
            if _DO_IT.fullmatch(text.own, piece.hit.start, piece.end):
                result[index] = replace(piece, hit=None)
            continue
        if former.hit.intent != "payment.record" or former.hit.form != "fact":
            continue
        if piece.hit.intent == "memory.save" and _LOG_IT.fullmatch(
            text.own, piece.start, piece.end
        ):
            result[index] = replace(piece, hit=None)
        elif piece.hit.intent == "invoice.create" and _REST.search(
            text.own, piece.start, piece.end
        ):
            result[index - 1] = replace(former, hit=None)
    return result


def uncancelled(text: Text, pieces: list[Piece]) -> list[Piece]:
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
            told = inside is piece and match.group().startswith(":")
            if told and piece.hit.intent in {"email.write", "memory.save", "memory.rule"}:
                continue  # "Tell Ida: don't send it"
            if (
                inside is piece
                and piece.hit.intent
                in {"email.write", "memory.save", "memory.rule", "student.answer", "content.write"}
                and not re.search(
                    r"(?:never\s?mind|leave\s+it|forget\s+it|don'?t|do\s+not|actually,?\s+no\b|scratch|"
                    r"scrap|strike)",
                    match.group(),
                )
            ):
                continue
            result[index] = replace(piece, dead="it is taken back")
    return result
