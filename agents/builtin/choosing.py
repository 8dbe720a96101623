"""Which requests a message makes, where two readings of it see different ones."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agents.builtin.learned.model import NAMED, Found
from agents.builtin.merging import CERTAIN, FAIR, LIKELY, one, whom
from agents.builtin.names import Names
from agents.builtin.understand import COUNTERPARTY, Understanding
from agents.requests import Chat, Show, StudentAnswer

_EVEN = 0.5
"""From this on a further request that only the learned reading sees is asked about."""
_SURE = 0.9
"""Below this it is not followed where the rules see something else."""
_NOTHING = 0.99
"""At this it is so sure that nothing is asked for that what the rules see is only asked about."""
_SURE_OF_IT = 0.96
"""At this it is followed against what the rules make of the message as a whole."""
_CERTAIN_ONLY = frozenset(
    (
        *("undo.last", "pause", "resume"),
        *("invoice.create", "payment.record", "refund.issue"),
    )
)
"""What works at once, without a card to approve, and what moves money."""
_HARMLESS = frozenset(
    (
        *("digest.show", "status.show", "cost.show", "approvals.show", "undo.last", "pause"),
        *("memory.ask", "research", "content.write", "content.plan"),
    )
)
"""What may be done although the message sounds as if it said no: it only shows, stops or drafts."""

_ONE_MORE = re.compile(r"\b(?:another|(?:then|and)\s+one|one\s+more)\b")
Learned = Sequence[tuple[Found, Any]]
"""What was learned to see: each request as it stands in the message, and as a typed one."""


def chosen(ruled: Understanding, learned: Learned, who: Names) -> Understanding:
    """One reading of two: the rules' and, not empty, the learned one, of the text of ``who``."""
    other = [request.intent for _, request in learned]
    if ruled.refused:
        return _against(ruled, learned, who)
    if _intents(ruled) == ["chat"]:
        return _where_none(ruled, learned, who)
    ruled = _renamed(ruled, learned, who)
    own = _intents(ruled)
    if own == other:
        apart = len(own) == 1 and _are_two(ruled.requests[0], *learned[0], who)
        return _both(ruled, learned) if apart else _merged(ruled, learned, who)
    if _within(other, own):
        return _fewer(ruled, learned, who)
    if _within(own, other):
        return _more(ruled, learned, who)
    return _else(ruled, learned, who)


def _are_two(ruled: Any, found: Found, learned: Any, who: Names) -> bool:
    """Whether the readings see a request of the same kind each, in other words for others."""
    mine, theirs = whom(ruled), whom(learned)
    if not mine or not theirs or not set(_about(ruled)).isdisjoint(_about(learned)):
        return False
    at = who.text.raw.find(mine)
    said = who.text.low[max(at, 0) : found.end]
    return 0 <= at < found.start and _ONE_MORE.search(said) is not None


def _both(ruled: Understanding, learned: Learned) -> Understanding:
    return replace(ruled, requests=(*ruled.requests, *(request for _, request in learned)))


def unasked(ruled: Understanding, sure: float) -> Understanding:
    """What the rules see where nothing was learned to see; ``sure`` that nothing is asked for."""
    if sure < _NOTHING or all(each.intent in {"chat", *_HARMLESS} for each in ruled.requests):
        return ruled
    return _asked(ruled)


def _intents(reading: Understanding) -> list[str]:
    return [request.intent for request in reading.requests]


def _least(learned: Learned) -> float:
    """How sure the learned reading is of the request that it is least sure of."""
    return min(found.sure for found, _ in learned)


def _is_weighty(requests: Sequence[Any]) -> bool:
    return any(request.intent in _CERTAIN_ONLY for request in requests)


def _is_harmless(requests: Sequence[Any]) -> bool:
    return all(request.intent in _HARMLESS for request in requests)


def _against(ruled: Understanding, learned: Learned, who: Names) -> Understanding:
    """What comes of a message whose words the rules take for speaking against acting."""
    told = _told(learned, who)
    weighty, harmless = _is_weighty(told.requests), _is_harmless(told.requests)
    enough = _SURE_OF_IT if ruled.doubted else CERTAIN if weighty else FAIR
    if _least(learned) < enough or not (harmless or ruled.doubted):
        return ruled
    return _asked(told) if weighty and not harmless else told


def _where_none(ruled: Understanding, learned: Learned, who: Names) -> Understanding:
    """What comes of a message in which the rules see nothing."""
    told, least = _told(learned, who), _least(learned)
    weighty = _is_weighty(told.requests)
    enough = CERTAIN if weighty else LIKELY if _is_harmless(told.requests) else FAIR
    if least < LIKELY:
        return ruled
    # What lacks something is asked about anyway.
    open_ = all(_open([request]) for request in told.requests)
    return told if least >= enough or open_ else _asked(told)


def _fewer(ruled: Understanding, learned: Learned, who: Names) -> Understanding:
    """What comes of a message in which the rules see more than was learned to see."""
    # A part of a request that the rules took for another one names nobody.
    kept = tuple(request for request in ruled.requests if not _open([request]) or whom(request))
    if _least(learned) < _SURE or [r.intent for _, r in learned] != [r.intent for r in kept]:
        return ruled
    kept = tuple(_undecided(request, ruled.requests) for request in kept)
    return _merged(replace(ruled, requests=kept, confidence=_SURE), learned, who)


def _more(ruled: Understanding, learned: Learned, who: Names) -> Understanding:
    """What comes of a message in which more was learned to see than the rules do."""
    told, least = _told(learned, who, ruled), _least(learned)
    others = _for_others(told.requests, ruled.requests)
    alike = set(_intents(ruled)) == set(_intents(told))
    if alike and not others:
        return ruled  # two halves of one name, as of "Choi & Lim"
    opens = _open(told.requests) and not _open(ruled.requests)
    enough = CERTAIN if _is_weighty(told.requests) else FAIR
    if least >= enough and (not opens or (least >= _SURE_OF_IT and not alike)):
        return told
    likely = all(found.sure >= _EVEN or _surely_named(found) for found, _ in learned)
    if not likely or not others:
        return ruled
    return _asked(told)


def _else(ruled: Understanding, learned: Learned, who: Names) -> Understanding:
    """What comes of a message in which something else was learned to see than the rules do."""
    told, least = _told(learned, who, ruled), _least(learned)
    own, other = _intents(ruled), _intents(told)
    if own != ["email.write"] and other == ["student.answer"] and not whom(told.requests[0]):
        return ruled  # a question of nobody's is the operator's own
    moves = _is_weighty(told.requests), _is_weighty(ruled.requests)
    if len(own) == len(other) == 1:
        # From an order to a question it is a short way, from one order to another a long one.
        enough = FAIR if moves == (False, True) and _is_harmless(told.requests) else _SURE
        opens = _open(told.requests) and not _open(ruled.requests)
        if least >= enough and (not opens or least >= _SURE_OF_IT):
            return _asked(told) if all(moves) and not _open(ruled.requests) else told
    whole = not _open(ruled.requests) and not _is_harmless(ruled.requests)
    if whole and len(own) >= len(other):
        return ruled  # an order that a rule has understood to its end
    return told if least >= _SURE else ruled


def _asked(told: Understanding) -> Understanding:
    """Nothing is done of it; whether it is meant is asked."""
    return replace(told, requests=(Chat(),), likely=told.requests, confidence=0.5)


def _within(few: Sequence[str], many: Sequence[str]) -> bool:
    """Whether ``few`` stand among ``many`` in this order."""
    rest = iter(many)
    return all(each in rest for each in few)


def _surely_named(found: Found) -> bool:
    return any(part.slot in NAMED and part.sure >= CERTAIN for part in found.parts)


def _for_others(more: Sequence[Any], few: Sequence[Any]) -> bool:
    """Whether requests are about somebody, or an invoice, that fewer of them leave out."""
    known = {word for each in few for word in _about(each)}
    return any(not set(_about(each)) <= known for each in more)


def _about(request: Any) -> list[str]:
    """The words of the name or number that a request is about."""
    return re.findall(r"\w+", (whom(request) or getattr(request, "invoice_no", None) or "").lower())


def _renamed(ruled: Understanding, learned: Learned, who: Names) -> Understanding:
    """What the rules see, with an answer to a student where they take one for any mail.

    The learned reading tells a student from a client by the words around the name.
    """
    raw = who.text.raw
    answers = [
        (request.question, {raw[part.start : part.end] for part in found.of("student")})
        for found, request in learned
        if request.intent == "student.answer" and found.sure >= CERTAIN and request.question
    ]
    renamed = tuple(
        next(
            (
                StudentAnswer(student=request.to, question=question)
                for question, students in answers
                if request.intent == "email.write" and request.to in students
            ),
            request,
        )
        for request in ruled.requests
    )
    return ruled if renamed == ruled.requests else replace(ruled, requests=renamed)


def _told(learned: Learned, who: Names, ruled: Understanding | None = None) -> Understanding:
    requests: list[Any] = [request for _, request in learned]
    if ruled is not None:
        rest = list(ruled.requests)
        for place, request in enumerate(requests):
            same = next((each for each in rest if each.intent == request.intent), None)
            if same is not None:
                rest.remove(same)
                requests[place] = one(same, request, *_beside(learned, place, who))
    said = ", ".join(f"{request.intent} ({found.sure:.0%})" for found, request in learned)
    confidence = 0.6 if _open(requests) else round(_least(learned), 2)
    return Understanding(tuple(requests), f"It reads like {said}.", confidence)


def _open(requests: Sequence[Any]) -> bool:
    """Whether one of them lacks what it can't do without."""
    return any(
        not isinstance(each, Show | Chat) and set(each.missing()) - {getattr(each, "unclear", None)}
        for each in requests
    )


def _merged(ruled: Understanding, learned: Learned, who: Names) -> Understanding:
    requests = tuple(
        one(mine, learned[place][1], *_beside(learned, place, who))
        for place, mine in enumerate(ruled.requests)
    )
    requests = _in_full(ruled.requests, requests)
    confidence = ruled.confidence if _open(requests) or not _open(ruled.requests) else 0.8
    return Understanding(requests, ruled.reason, confidence)


def _beside(learned: Learned, place: int, who: Names) -> tuple[Found, Names, list[Found]]:
    """What was found for one request, the names, and what was found for the others."""
    found = [each for each, _ in learned]
    return found[place], who, found[:place] + found[place + 1 :]


def _in_full(ruled: Sequence[Any], made: Sequence[Any]) -> tuple[Any, ...]:
    """Requests whose name another one has in full: "them" are who was spoken of before."""
    full = {
        whom(mine): whom(now)
        for mine, now in zip(ruled, made, strict=True)
        if set(_about(mine)) < set(_about(now)) and whom(mine)
    }
    return tuple(
        now.model_copy(
            update={
                slot: full[name]
                for slot in COUNTERPARTY
                if (name := getattr(now, slot, None)) in full and whom(mine) == whom(now)
            }
        )
        for mine, now in zip(ruled, made, strict=True)
    )


def _undecided(request: Any, all_of_them: Sequence[Any]) -> Any:
    """A request without what another one, that is a part of it, says otherwise."""
    doubts = {
        slot: None
        for slot in ("amount", "start", "at", "due_date")
        if (mine := getattr(request, slot, None)) is not None
        and {getattr(each, slot, None) for each in all_of_them} - {None, mine}
    }
    return request.model_copy(update=doubts)
