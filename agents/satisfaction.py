"""Whether a client's own words praise or complain: read by rules, with the words as evidence.

How far to trust it: little. Only sentences that say outright, in English, German, Spanish or
French, that the writer is pleased or displeased with what was done are counted. Irony, politeness,
hints, silence and other languages are not understood, so that most that clients feel goes unseen,
and now and then a phrase is counted that was meant otherwise. When first tried on sentences that
it had not been made for, it told 10 of 12 words of praise and 6 of 12 complaints, and none of 18
others. It shows what was written, and never decides or starts anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from core.memory import screen

SURE = 40
"""Confidence in percent: unsure, as memory marks it."""
_LONGEST = 160
"""Characters of a quote."""
_MOST, _READ = 400, 20_000
"""Characters of a sentence, and of a text, that are read."""

_GOOD = (
    r"(?:great|excellent|fantastic|wonderful|outstanding|superb|brilliant|amazing|awesome|perfect|"
    r"terrific|fabulous|beautiful|lovely|impressive|good|nice|toll\w*|gro(?:ß|ss)artig\w*|"
    r"hervorragend\w*|ausgezeichnet\w*|wunderbar\w*|fantastisch\w*|super|klasse|perfekt\w*|"
    r"excelentes?|fantástic[oa]s?|estupend[oa]s?|magnífic[oa]s?|genial(?:es)?|perfect[oa]s?|"
    r"buen[oa]?|excellente?s?|magnifiques?|formidables?|parfaite?s?|superbes?|géniale?s?|bon(?:ne)?|"
    r"beau|remarkable|remarquables?|notables?)"
)
_BAD = (
    r"(?:poor|terrible|awful|bad|horrible|unacceptable|disappointing|sloppy|useless|appalling|"
    r"schlecht\w*|schrecklich\w*|furchtbar\w*|inakzeptabel\w*|unbrauchbar\w*|enttäuschend\w*|"
    r"mangelhaft\w*|mal[oa]s?|pésim[oa]s?|horribles?|inaceptables?|decepcionantes?|mauvaise?s?|"
    r"affreu(?:x|se)s?|inacceptables?|décevante?s?|inadmissibles?|bâclée?s?)"
)
_WORK = (
    r"(?:work|job|design|draft|result|results|service|quality|delivery|support|communication|"
    r"arbeit|ergebnis\w*|entwurf|leistung|qualität|zusammenarbeit|trabajo|resultado\w*|diseño|"
    r"servicio|calidad|travail|résultat\w*|prestation|qualité|maquette)"
)
_PLEASED = (
    r"(?:happy|pleased|delighted|thrilled|satisfied|impressed|zufrieden|begeistert|glücklich|"
    r"encantad[oa]s?|content[oa]s|content[ae]?s?|satisfech[oa]s?|feliz|felices|ravie?s?|satisfaite?s?|"
    r"enchantée?s?)"
)
_CROSS = (
    r"(?:disappointed|unhappy|dissatisfied|frustrated|annoyed|displeased|fed\s+up|unzufrieden|"
    r"enttäuscht|verärgert|decepcionad[oa]s?|insatisfech[oa]s?|molest[oa]s?|descontent[oa]s?|"
    r"déçue?s?|mécontente?s?|insatisfaite?s?)"
)
_WITH = r"(?:with|by|about|mit|von|über|con|de|du|des|por)"
_FOR = (
    r"(?:(?:^|[,:])\W*(?:(?:really|truly|very|so|absolutely|such|what|wirklich|sehr|eine?|muy|un|très|quel)\s+)"
    r"{0,2}|\b(?:your|this|such|thanks?\s+for|thank\s+you\s+for|did|done|for\s+the|for\s+an?|für|"
    r"d(?:ie|as|er)|ihre?|eure?|deine?|por|tu|vuestr[oa]|su|este|pour|votre|ton|ce|cette)\s+"
    r"(?:an?\s+|the\s+|this\s+|your\s+|ce\s+|le\s+|votre\s+|el\s+|das\s+|die\s+)?(?:\w+\s+)?)"
)
"""What stands before praise or blame of work that was done, not wished for or somebody else's."""
_THEN = (
    r"(?=\W*$|\s*[.!…]|\s+(?:with|by|about|how|mit|von|über|con|por|de|du|des|d['’]|à|aus|"
    r"du\s+tout|at\s+all|gewesen|indeed|so\s+far)\b)"
)
_BE = (
    r"(?:(?:i|we)(?:['’](?:m|re)|\s+am|\s+are|\s+was|\s+were)|(?:i|we)(?:['’]ve|\s+have)\s+been|"
    r"bin|sind|war(?:en)?|estoy|estamos|quedamos|quedé|suis|sommes|est|étions)"
)
_PRAISE = (
    rf"\b{_BE}\s+(?:\w+\s+){{0,3}}?{_PLEASED}\b{_THEN}",
    rf"\b{_BE}\s+(?:\w+\s+){{0,2}}?{_WITH}\s+(?:\w+\s+){{1,4}}?{_PLEASED}\b{_THEN}",
    rf"{_FOR}{_GOOD}\s+(?:\w+\s+)?{_WORK}\b(?!\s+(?:that|is\s+what|ist\s+was))",
    rf"\b(?:turned|came)\s+out\s+(?:\w+\s+)?(?:{_GOOD}|beautifully|perfectly|wonderfully|well)\b",
    rf"\b(?:quedó|ha\s+quedado)\s+(?:\w+\s+)?{_GOOD}\b",
    rf"\b{_WORK}\s+(?:(?:is|was|looks|looked|ist|war|es|fue|est|était)\s+)(?:\w+\s+){{0,2}}?{_GOOD}\b",
    rf"\b(?:it|this|that|das|es|todo|c['’]est|esto)\s*(?:looks|is|was|ist|sieht|está|es)?\s+"
    rf"(?:(?:just|really|absolutely|simply|wirklich|einfach|vraiment)\s+){{0,2}}{_GOOD}"
    r"(?:\s+(?:aus|geworden))?\s*(?:[,;.!…—–-]|$)",
    rf"{_FOR}(?:trabajo|travail)\s+(?:\w+\s+)?{_GOOD}\b",
    r"\b(?:i|we|the\s+team|everyone)\s+(?:really\s+|just\s+|all\s+|absolutely\s+)*love[sd]?\s+"
    r"(?:it|the|your|what|how|working)\b",
    r"\bwell\s+done\b|\bexceed(?:ed|s)?\s+(?:all\s+)?(?:our|my)\s+expectations\b",
    r"\bgut\s+gemacht\b|\bgefällt\s+(?:mir|uns)\s+(?:sehr|richtig|wirklich)\b",
    r"\b(?:me|nos)\s+(?:encanta|encantó|ha\s+encantado)\b|\bbien\s+hecho\b",
    r"\b(?:j['’]adore|nous\s+adorons|on\s+adore)\b|\bbien\s+joué\b",
)
_COMPLAINT = (
    rf"\b{_BE}\s+(?:\w+\s+){{0,3}}?{_CROSS}\b",
    rf"\b{_BE}\s+(?:\w+\s+){{0,2}}?{_WITH}\s+(?:\w+\s+){{1,4}}?{_CROSS}\b",
    rf"\b(?:ist|war)\s+(?:\w+\s+){{1,2}}?{_WORK}\s+(?:\w+\s+)?{_BAD}\b",
    rf"{_FOR}{_BAD}\s+(?:\w+\s+)?{_WORK}\b",
    rf"\b{_WORK}\s+(?:(?:is|was|looks|ist|war|es|fue|ha\s+sido|est|était)\s+)(?:\w+\s+){{0,2}}?{_BAD}\b",
    r"\b(?:this|that|it|which|das|esto|es|c['’]est)\s*(?:is|was|ist|war|es)?\s+(?:\w+\s+)?"
    r"(?:unacceptable|not\s+acceptable|inakzeptabel|inaceptable|inacceptable|inadmissible)\b",
    r"\b(?:i|we)\s+(?:must|(?:want|wish|have|would\s+like|need)\s+to)\s+(?:make\s+a\s+)?complain(?:t)?\b",
)
_OUTRIGHT = (
    r"\b(?:not|isn['’]t|wasn['’]t)\s+(?:what\s+(?:we|i)\s+(?:agreed|ordered|expected|asked)|"
    r"good\s+enough)\b|\blet\s+(?:us|me)\s+down\b|\bwaste\s+of\s+(?:time|money)\b",
    r"\b(?:we|i)\s+(?:had\s+)?expected\s+(?:more|better)\b|\b(?:not|n['’]t)\s+meet\s+(?:our|my)\s+"
    r"expectations\b|\bnicht\s+(?:akzeptabel|hinnehmbar)\b|\bno\s+es\s+aceptable\b",
    r"\bso\s+geht\s+(?:das|es)\s+nicht\b|\bnicht\s+(?:das,?\s+)?was\s+(?:wir|ich)\s+\w+",
    r"\bno\s+es\s+lo\s+que\s+\w+|\b(?:quiero|queremos|quisiera)\s+(?:presentar\s+una\s+)?queja\w*",
    r"\bce\s+n['’]est\s+pas\s+ce\s+que\b|\blaisse\s+à\s+désirer\b",
)
_NOT = re.compile(
    r"\b(?:not|never|no|nothing|hardly|nicht|nie|kein\w*|weder|nunca|tampoco|ne|pas|jamais|aucune?)"
    r"\b|n['’](?:t|est|étions|a)\b",
    re.I,
)
_NOT_SAID = re.compile(
    r"\?|\b(?:if|unless|hope|hopes|hoping|wish(?!\s+to\s+complain)|should|could|might|once|until|"
    r"will|['’]ll|happy\s+to|glad\s+to|wenn|falls|hoffe|hoffen|würde\w*|wäre\w*|könnte\w*|werden|"
    r"si|ojalá|espero|esperamos|sería|cuando|espère|espérons|serions|serais|seriez|quand)\b",
    re.I,
)
_ELSEWHERE = re.compile(
    rf"\b{_WITH}\s+(?:our|my|unser\w*|mein\w*|nuestr\w+|mis?|notre|nos|mon|ma|mes|the\s+(?:weather|"
    r"date|time)|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b|"
    r"\b(?:our|my|the)\s+(?:old|previous|former|other|last)\b",
    re.I,
)
_QUOTED = re.compile(
    r"\"[^\"\n]{0,300}\"|“[^“”\n]{0,300}”|„[^„“”\n]{0,300}[“”]|«[^«»\n]{0,300}»|"
    r"(?<!\w)'[^'\n]{2,300}'(?!\w)|(?<!\w)‘[^‘’\n]{2,300}’(?!\w)"
)
_BEGINS_QUOTE = re.compile(
    r"^(?:>|-- $|-{3,}|(?:on|am|le|el)\b.{5,120}\b(?:wrote|schrieb|écrit|escribió)\b.*:\s*$|"
    r"(?:from|von|de)\s*:.*@)",
    re.I,
)
_ENDS = re.compile(r"(?<=[.!?…])\s+|\s*;\s+|\s+(?:but|aber|pero|mais|however)\s+", re.I)


@dataclass(frozen=True, slots=True)
class Content:
    """What a text says of how content its writer is: -1, 1, or 0 for both; and where."""

    value: int
    quote: str
    line: int


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    sources = (_OUTRIGHT, _COMPLAINT, _PRAISE)
    return tuple(re.compile("|".join(each), re.I) for each in sources)


def read(text: str) -> Content | None:
    """What the words of ``text`` say outright; None where they say nothing of the kind."""
    if screen.hides(text):
        return None
    found: dict[int, tuple[str, int]] = {}
    for line, sentence in _sentences(text[:_READ]):
        if value := _value(sentence):
            found.setdefault(value, (sentence, line))
    if not found:
        return None
    quote = " … ".join(words[:_LONGEST] for words, _ in found.values())
    return Content(sum(found), quote, min(line for _, line in found.values()))


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    """The writer's own sentences with their lines, from 1: up to what the text quotes."""
    for number, line in enumerate(text.splitlines(), 1):
        if _BEGINS_QUOTE.match(line.strip()):
            return
        for sentence in _ENDS.split(" ".join(_QUOTED.sub(" ", line).split())):
            if 4 < len(sentence) <= _MOST:
                yield number, sentence


def _value(sentence: str) -> int:
    outright, complaint, praise = _patterns()
    if _NOT_SAID.search(sentence) or _ELSEWHERE.search(sentence):
        return 0
    if outright.search(sentence):
        return -1
    if found := complaint.search(sentence):
        return 0 if _denied(sentence, found) else -1
    if found := praise.search(sentence):
        # To be "not happy" is a complaint; "no good work" is nothing.
        pleased = re.search(_PLEASED, found[0], re.I)
        return (-1 if pleased else 0) if _denied(sentence, found) else 1
    return 0


def _denied(sentence: str, found: re.Match[str]) -> bool:
    """Whether the words are denied, in them or just before."""
    before = " ".join(sentence[: found.start()].split()[-3:])
    return bool(_NOT.search(f"{before} {found[0]}"))
