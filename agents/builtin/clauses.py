"""A message cut into pieces, each one request, some context, or words that must not be acted on."""

import re
from dataclasses import replace
from itertools import islice

from agents.builtin import guards, intents, shows, statements
from agents.builtin.anaphora import referred
from agents.builtin.gapping import gapped, resumed
from agents.builtin.intents import Hit
from agents.builtin.joins import CONTENT, SAID, another, carries, goes_on, splits
from agents.builtin.lists import listed
from agents.builtin.names import Names
from agents.builtin.phrases import ADDRESS
from agents.builtin.pieces import Piece, checked, merged, uncancelled
from agents.builtin.places import is_place
from agents.builtin.prohibitions import turned
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
_BARE = re.compile(r"(?:\b(?:please|pls|plz|it|that|them|him|her|thanks|thx|now|today)\b|[\s,.!])+")
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
    entries = listed(text, names)
    for start, end in sentences(text.own):
        if entries and entries[0].start <= start < entries[-1].end:
            pieces.extend(entries if start == entries[0].start else [])
        elif _is_field(text, pieces, start, end):
            pieces.append(Piece(start, end))
        elif again := resumed(text, names, pieces, start, end):
            pieces.extend(again)
        else:
            pieces.extend(_sentence(text, names, start, end))
            pieces = referred(text, pieces)
    return uncancelled(text, merged(text, pieces))


_FIELD = re.compile(
    r"\s*(?:(?:client|customer|contact|lead|student|kunde|kundin|cliente|alumn[oa]|élève)\s*:|(?:e-?mail|"
    rf"mail|correo|courriel)\s*:\s*{ADDRESS.pattern}\s*$)"
)
""" "Client: Ida": a line of a form, whose first line says what it is for."""


def _is_field(text: Text, pieces: list[Piece], start: int, end: int) -> bool:
    above = any(piece.hit is not None and not piece.dead for piece in pieces)
    ends_line = "\n" in text.own[max(start - 1, 0) : start + 1]
    return above and ends_line and bool(_FIELD.match(text.own[start:end].rstrip()))


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
            (current is not None and current.hit is not None and current.hit.intent in CONTENT)
            or _LEADS_ON.search(low[at : match.start()])
        ):
            continue
        if (
            current is not None
            and not ordered
            and not splits(
                current.hit,
                hit,
                match["mark"] or "",
                match["words"] or "",
                low[match.start() : end],
            )
            and not another(text, names, current, hit, match, end)
        ):
            continue
        if (
            current is not None
            and current.hit is not None
            and goes_on(text, names, current.hit, hit, match, end)
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
        if (
            current is not None
            and current.hit is not None
            and hit.intent == current.hit.intent
            and hit.form == "verb"
            and not _BARE.sub("", low[hit.verb_end : end])
        ):
            continue  # "client: Ida, please onboard": one order, its verb last.
        left = current or Piece(at, match.start())
        left = replace(left, start=at, end=match.start())
        pieces.append(left)
        at = match.end()
        carried = carries(
            low, left, match["mark"] or ("," if ordered else ""), match["words"] or ""
        )
        if left.dead == SAID and not set((match["words"] or "").split()) & {"but", "so"}:
            carried = carried or SAID
        current = Piece(at, end, hit, carried, asked)
    last = current or Piece(at, end)
    pieces.append(replace(last, start=at, end=end))
    read = [checked(text, names, p) for p in _reread(text, names, pieces)]
    return [each for piece in read for each in gapped(text, names, piece)]


def _reread(text: Text, names: Names, pieces: list[Piece]) -> list[Piece]:
    """The pieces, those without a command read again as statements now that they are cut."""
    result: list[Piece] = []
    for piece in pieces:
        noted = statements.noted_payment(text.own, piece.hit, piece.end) if piece.hit else None
        if noted and piece.hit and not piece.dead:
            result.append(replace(piece, start=piece.hit.verb_end, hit=noted))
        elif piece.hit is None and not piece.dead:
            result.extend(_statements(text, names, piece))
        elif piece.hit is not None and piece.hit.form == "show" and not piece.dead:
            result.extend(_all_shown(text, piece, piece.hit))
        else:
            result.append(piece)
    return result


def _all_shown(text: Text, piece: Piece, first: Hit) -> list[Piece]:
    """A piece that shows, and one more for each other thing that it asks to see."""
    more = [
        hit
        for hit in shows.show(text.own, first.end, piece.end)
        if hit.intent != first.intent and _THEN.search(text.own, first.end, hit.start)
    ]
    starts = [piece.start, *(hit.start for hit in more)]
    stops = [*(hit.start for hit in more), piece.end]
    hits = [first, *more]
    return [
        replace(piece, start=start, end=stop, hit=hit)
        for start, stop, hit in zip(starts, stops, hits, strict=True)
    ]


_THEN = re.compile(r"[,&+]|\b(?:and|then|plus|also|und|dann|y|luego|et|puis)\b")


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
        shown = shows.show(low, begin, end)
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
    turn = turned(low, begin, body_end)
    if turn and statements.statement(low, turn[1], body_end):
        # "I rarely refund, but Lior gets his 89 back": what counts is after the turn.
        return [
            replace(piece, end=turn[0]),
            *_statements(text, names, replace(piece, start=turn[1])),
        ]
    named = _names_anyone(text, names, begin, body_end)
    hit = statements.statement(low, begin, body_end)
    if hit and hit.intent == "reminder.set" and guards.negated(low[begin : hit.start][-14:]):
        hit = None
    if hit is None:
        hit = statements.question(low, begin, body_end, named=named)
        if hit and (guards.DOUBT.match(body) or guards.CONDITION.match(body)):
            hit = None
    shown = shows.show(low, begin, body_end)
    if (
        shown
        and not (hit and hit.intent in {"payment.record", "refund.issue", "reminder.set"})
        and shows.may_show(low, begin, body_end, shown, named)
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
