"""What an edit of a card, or the reason of a rejection, teaches: how things are done next time.

Only what says how, and for more than this once: a number, a day or a wish of the moment is none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.memory.values import Value
from core.plans import Plan

_ONCE = re.compile(
    r"\d|\?|\b(?:this\s+(?:time|once|one)|just\s+(?:here|now|once|today)|only\s+(?:here|now|once)|"
    r"for\s+now|today|tomorrow|yesterday|this\s+week|maybe|perhaps|not\s+sure|probably)\b",
    re.I,
)
_EVERYBODY = re.compile(
    r"\b(?:every(?:one|body)|any(?:one|body)|all\s+(?:my\s+)?(?:clients|customers|mails|letters)|"
    r"every\s+(?:client|customer|mail|letter)|in\s+general|generally)\b",
    re.I,
)
_TONES = (
    (re.compile(r"\b(?:duzen|du-form)\b|\b(?:use|say|mit|per)\s+[\"“']?du\b", re.I), "du"),
    (re.compile(r"\bsiezen\b|\b(?:use|say|mit|per)\s+[\"“']?Sie\b", re.I), "Sie"),
    (
        re.compile(
            r"\btoo\s+(?:formal|stiff|cold|distant)\b|\b(?:less\s+(?:formal|stiff)|"
            r"more\s+(?:informal|casual|relaxed)|(?:be|keep\s+it|make\s+it)\s+(?:informal|casual)|"
            r"(?:on\s+)?first[-\s]names?)\b",
            re.I,
        ),
        "informal",
    ),
    (
        re.compile(
            r"\btoo\s+(?:informal|casual|familiar|chatty|sloppy)\b|\b(?:less\s+(?:informal|casual)|"
            r"more\s+(?:formal|professional|polite)|(?:be|keep\s+it|make\s+it)\s+formal)\b",
            re.I,
        ),
        "formal",
    ),
)
_LANGUAGES = {
    **dict.fromkeys(("english", "englisch"), "English"),
    **dict.fromkeys(("german", "deutsch"), "German"),
    **dict.fromkeys(("french", "französisch", "français"), "French"),
    **dict.fromkeys(("spanish", "spanisch", "español"), "Spanish"),
    **dict.fromkeys(("italian", "italienisch", "italiano"), "Italian"),
    **dict.fromkeys(("dutch", "niederländisch", "nederlands"), "Dutch"),
}
_LANGUAGE = re.compile(rf"\b(?:in|auf|en)\s+({'|'.join(_LANGUAGES)})\b", re.I)
_FOR_GOOD = re.compile(r"\b(?:always|only|please|should|must|never|write|mails?|use|immer)\b", re.I)
_SAID = r"[\"“„'‘]?(?P<words>[^\"“”„'‘’,.]{2,40}?)[\"“”'’]?[.!]?$"
_BEGINS = re.compile(rf"\b(?:greet|begin|start|open)\b.{{0,40}}?\bwith\s+{_SAID}", re.I)
_ENDS = re.compile(rf"\b(?:sign(?:\s+off)?|end|close)\b.{{0,40}}?\bwith\s+{_SAID}", re.I)
_INSTEAD = re.compile(
    r"(?:(?:say|use|write|put)\s+)?[\"“]?(?P<new>[^\"“”,.]{2,40}?)[\"”]?\s+"
    r"(?:instead\s+of|rather\s+than)"
    r"\s+[\"“]?(?P<old>[^\"“”,.]{2,40}?)[\"”]?[.!]?$",
    re.I,
)
_RULE = re.compile(
    r"\b(?:always|never|from\s+now\s+on|in\s+future)\b|"
    r"\b(?:not|no\s+\w+)\s+(?:on|at)\s+(?:an?\s+)?(?:\w+days?|weekends?)\b",
    re.I,
)
_SAYS = {
    "greeting": "Mails{to} begin with “{value}”",
    "closing": "Mails{to} end with “{value}”",
    "subject_prefix": "Subjects of mails{to} begin with “{value}”",
    "tone": "The tone of mails{to} is {value}",
    "language": "Mails{to} are written in {value}",
    "currency": "Invoices{to} are in {value}",
    "email": "Mail{to} goes to {value}",
}
_LONGEST = 120
"""Characters of words that may teach something; what is longer tells of an occasion."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One thing to do so next time. ``everybody`` where it is about more than one client."""

    relation: str
    value: str
    everybody: bool = False

    def statement(self, name: str) -> str:
        """The lesson as a sentence about somebody."""
        if self.relation == "preference":
            words = self.value[:1].upper() + self.value[1:]
            return words if self.everybody else f"{name}: {self.value}"
        to = "" if self.everybody else f" to {name}"
        return _SAYS[self.relation].format(to=to, value=self.value)

    def typed(self, name: str) -> Value:
        """The value as a fact holds it."""
        return Value.text(self.statement(name) if self.relation == "preference" else self.value)


def from_words(text: str) -> list[Lesson]:
    """What plain words teach about how things are done; none where they are about this once."""
    words = " ".join(text.split()).strip().rstrip(".!")
    if not words or len(words) > _LONGEST or _ONCE.search(words):
        return []
    everybody = _EVERYBODY.search(words) is not None
    found = _manners(words)
    if not found and _RULE.search(words):
        found = [Lesson("preference", words[:1].lower() + words[1:])]
    return [replace(lesson, everybody=everybody) for lesson in found]


def _manners(words: str) -> list[Lesson]:
    found: list[Lesson] = []
    if begins := _BEGINS.search(words):
        found.append(Lesson("greeting", begins["words"].strip()))
    if ends := _ENDS.search(words):
        found.append(Lesson("closing", ends["words"].strip()))
    if found:
        return found
    found += [Lesson("tone", tone) for pattern, tone in _TONES if pattern.search(words)][:1]
    language = _LANGUAGE.search(words)
    if language and (_FOR_GOOD.search(words) or language.group() == words):
        found.append(Lesson("language", _LANGUAGES[language[1].casefold()]))
    return found


def swapped(text: str, mail: Plan, *, names: Sequence[str]) -> list[Lesson]:
    """What "Hi instead of Hello" teaches of a mail that begins, or ends, with the latter."""
    said = _INSTEAD.match(text.strip())
    body = mail.preview.get("mail_body", "")
    if said is None or _ONCE.search(text):
        return []
    old = said["old"].casefold()
    return [
        Lesson(relation, said["new"].strip())
        for relation, words in (("greeting", _greeting(body, names)), ("closing", closing(body)))
        if words and words.casefold() == old
    ]


def from_mail(before: Plan, after: Plan, *, names: Sequence[str]) -> list[Lesson]:
    """What changing a mail teaches: its greeting, its closing, what its subjects begin with.

    ``names`` are what whom it is to is called; a greeting is kept without them.
    """
    old, new = before.preview.get("mail_body", ""), after.preview.get("mail_body", "")
    found: list[Lesson] = []
    greeting, ending = _greeting(new, names), closing(new)
    if greeting and _greeting(old, names) not in (None, greeting):
        found.append(Lesson("greeting", greeting))
    if ending and closing(old) not in (None, ending):
        found.append(Lesson("closing", ending))
    was, now = before.preview.get("mail_subject", ""), after.preview.get("mail_subject", "")
    prefix = now.removesuffix(was).strip() if was and now.endswith(was) else ""
    if prefix and len(prefix) <= 30 and not _ONCE.search(prefix):
        found.append(Lesson("subject_prefix", prefix))
    return found


def _greeting(body: str, names: Sequence[str]) -> str | None:
    """The words that a mail greets with, without the name; None where it begins otherwise."""
    line, _, rest = body.lstrip().partition("\n")
    line = line.strip()
    if not rest.startswith("\n") or not line.endswith((",", "!")) or len(line) > 60:
        return None
    words = line.rstrip(",! ")
    for name in sorted(names, key=len, reverse=True):
        if name and words.casefold().endswith(f" {name.casefold()}"):
            words = words[: -len(name)].strip()
            break
    return words if words and len(words.split()) <= 4 and not _ONCE.search(words) else None


def closing(body: str) -> str | None:
    """The words that a mail closes with, above the name; None where it ends otherwise."""
    last = [line.strip() for line in body.strip().rpartition("\n\n")[2].splitlines()]
    words = last[0].rstrip(",") if last else ""
    fits = 2 <= len(last) <= 5 and 1 <= len(words.split()) <= 5 and not _ONCE.search(words)
    return words if fits and not words.endswith((".", "?", "!", ":")) else None
