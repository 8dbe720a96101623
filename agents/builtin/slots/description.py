"""What an invoice is for: the operator's own words, as written."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.builtin.lexicon import TAXES, words
from agents.builtin.sentences import sentences
from agents.builtin.slots.context import Context
from agents.builtin.slots.subject import points_back, subject
from agents.builtin.text import Text
from agents.builtin.wording import BULLETS, trimmed, verbatim

Span = tuple[int, int]

_FOR = re.compile(
    r"\b(?:for|für|para|por|pour|regarding|covering|concerning|re(?=:)|betrifft|"
    r"wegen)(?:\s*:)?(?=\s)|"
    r"\b4(?=\s+(?:the|a|an|my|our|their)\b)|"
    r"\b(?:description|subject|wording|text|beschreibung|concepto|libellé)\s*(?::|=|\bis\b)|"
    r"\b(?:what|item|job|work|leistung|objet)\s*[:=]"
)
"""What says plainly that the words after it are what is billed."""

_LEAD = re.compile(
    r"(?:[\s,;:!?*/•|–—]|[.-](?=\s)|(?:for|für|para|por|pour|of|over|über|de|about|re|regarding|"
    r"covering|that's|thats|that\s+(?:is|was)|it's|its|it\s+(?:is|was)|this\s+(?:is|was)|to|from|"
    r"with|and|plus|at|in\s+rechnung|an?|à|on|please|pls|is|ref|as|against|towards|be|von|mit|"
    r"das\s+(?:ist|war)|bitte|details?)(?=[\s,:]))+"
)
_LINK = re.compile(
    r"(?:[\s,]+(?:for|to|but|over|of|at|with|and|due|by|in|the|an?|please|pls|in\s+rechnung|bitte|de|"
    r"por|"
    r"für|total|eine|una|une|on|is|net|über))+\s*$"
)
"""What leads to a sum, a name or a date that follows."""

_EMPTY = words(
    "the a an usual new invoice bill thanks thx please pls hi ok same send it that this now today "
    "them him her me us in rechnung total plus vat net gross out up for to by so and with term "
    "terms day days per hour at payment no wait over amount go just half standard then also eine "
    "una une die das der deposit percent due he she they can you tomorrow monday friday as of incl "
    "including inkl excl tax mwst iva tva agreed first i need want it's that's thats was is eur "
    "usd gbp chf frau herr mrs mr ms discount off remaining accordingly do make my our each "
    "apiece less minus "
    "descuento remise rabatt anzahlung acompte anticipo client customer kunde cliente"
)
"""Words that alone say nothing of what is billed."""

_NOTHING = words(
    "the a an it that this them him her me us now today tomorrow free monday tuesday wednesday "
    "thursday friday saturday sunday mrs mr ms miss frau herr"
)
"""Words that say nothing of it even after "for"."""

_ASIDE = re.compile(
    r"\s*[,;–—-]\s+(?:as\s+(?:usual|always|agreed|discussed|before|ever)|the\s+usual|(?:in\s+"
    r")?total|"
    r"(?:please\s+)?(?:do|send|write|issue|handle)\s+(?:that|it|so|this)(?:\s+(?:now|please|"
    r"today))*|"
    r"it'?s\s+urgent|urgent|no\s+rush|wie\s+(?:immer|besprochen)|como\s+siempre|comme\s+d'habitude)"
    r"[\s.!]*$"
)
_WORD = re.compile(r"[^\W_][\w']*")
_TAX = re.compile(rf"\d+(?:[.,]\d+)?\s*%\s*{TAXES}")
_TIME_ONLY = re.compile(
    r"[\w.,]+\s*(?:and\s+a\s+half\s+)?(?:h|hrs?|hours?|days?|min(?:ute)?s?|stunden?|tagen?|horas?|"
    r"días?|heures?|jours?)(?:\s+(?:all|in|total|altogether|of\s+work|work))*"
)
"""A length of time alone, which says less than the sentences around it may."""
_PART = re.compile(
    r"\b(?P<part>deposit|down\s?payment|retainer|advance|anzahlung|acompte|anticipo)\b"
    r"(?=\s*(?:$|[.,;!?)]|for\b|due\b|please\b|pls\b))"
)
"""What a sum is, where nothing says what it is for."""
_ABOUT_OWNER = re.compile(
    r"'s\s+([a-z][\w -]{2,40}?)\s+(?:is|are|was|were|has|have)\b",
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words between what is understood. ``linked``: a sum, a name or a date follows at once."""

    start: int
    end: int
    linked: bool
    plain: bool
    """Whether a "for" says that they are it."""
    own: bool
    """Whether they stand in the request itself, not in what is said around it."""


def description(ctx: Context, taken: Sequence[Span], since: int) -> str | None:
    """The words of a request that say what it is for, verbatim; None where none do.

    ``taken`` are the spans that say who, how much and when due; ``since`` is where the words that
    belong to the request start, before its own clause where the sum stands there.
    """
    text, hit = ctx.text, ctx.hit
    spans = [*taken, (hit.start, hit.end if hit.form == "verb" else hit.verb_end)]
    if hit.form in {"object", "noun", "fact"}:
        spans.append(_noun_span(ctx))
    start = ctx.start if hit.form in {"fact", "noun"} else hit.start
    start = min(since, start) if since < ctx.start else start
    pieces = list(_pieces(ctx, spans, start))
    # "for …" says it plainly. Else the last words of the request itself are the likeliest.
    pieces.sort(key=lambda p: (p.plain, p.own, p.start if not p.plain else -p.start), reverse=True)
    found = next(filter(None, (_worded(text, piece) for piece in pieces)), None)
    if found and not points_back(found) and not _TIME_ONLY.fullmatch(found.lower()):
        return found
    about = subject(ctx)
    if about or found:
        return about or found
    if part := _PART.search(text.low, ctx.hit.start, ctx.end):
        return text.verbatim(*part.span("part"))
    named = _ABOUT_OWNER.search(text.low, 0, ctx.start)
    return text.verbatim(*named.span(1)) if named else None


def _pieces(ctx: Context, spans: Sequence[Span], start: int) -> Iterator[_Piece]:
    at = start
    for left, right in [*sorted(spans), (ctx.end, ctx.end)]:
        end = min(left, ctx.end)
        if at < end:
            yield from _split(ctx, at, end, linked=left < ctx.end)
        at = max(at, right)


def _split(ctx: Context, start: int, end: int, *, linked: bool) -> Iterator[_Piece]:
    text, low = ctx.text, ctx.text.low
    cuts = [start + b for _, b in sentences(low[start:end])]
    at = start
    for cut in cuts:
        # In "the Yahoo! campaign" nothing ends, nor between the lines of a list.
        if _goes_on(text, cut, end):
            continue
        own = at < ctx.own_end
        last = cut >= end
        intro = next(
            (m for m in _FOR.finditer(low, at, cut) if _says_nothing(low[at : m.start()])), None
        )
        yield _Piece(intro.end() if intro else at, cut, linked and last, intro is not None, own)
        at = cut


def _goes_on(text: Text, cut: int, end: int) -> bool:
    mark, rest = text.raw[cut - 1], text.raw[cut:end].lstrip()
    if not rest or mark == ";":
        return bool(rest)
    small = text.cased and rest[0].islower()
    return small if mark in "!?" else mark == "\n" and (small or rest.startswith(BULLETS))


def _says_nothing(low: str) -> bool:
    said = _WORD.findall(_TAX.sub(" ", low))
    return all(w in _EMPTY and w not in {"thanks", "thx"} for w in said)


def _worded(text: Text, piece: _Piece) -> str | None:
    low = text.low
    start, end = piece.start, piece.end
    if piece.linked:
        link = _LINK.search(low, start, end)
        end = link.start() if link else end
    if not piece.plain:
        while (lead := _LEAD.match(low, start, end) or _empty_start(low, start, end)) is not None:
            start = lead.end()
    words_at = trimmed(text, start, end, _ASIDE)
    spoken = _WORD.findall(low, *words_at)
    empty = _NOTHING if piece.plain else _EMPTY
    if all(w in empty or (not piece.plain and (w.isdigit() or len(w) == 1)) for w in spoken):
        return None
    return verbatim(text, words_at, (start, end))


def _empty_start(low: str, start: int, end: int) -> re.Match[str] | None:
    """ "as usual, label design": what stands before a comma and says nothing."""
    first = re.compile(r"[^,:;]*[,:;]\s").match(low, start, end)
    return first if first and _says_nothing(first.group()) else None


def _noun_span(ctx: Context) -> Span:
    low = ctx.text.low
    noun = re.compile(r"\S+$").search(low, ctx.hit.start, ctx.hit.end)
    article = re.search(
        r"(?:\b(?:an?|the|another|one|new|eine|una|une|final)\s+)+$",
        low[: noun.start()] if noun else "",
    )
    return (article.start() if article else noun.start() if noun else ctx.hit.start, ctx.hit.end)
