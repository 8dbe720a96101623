"""A message as a statistical model sees it: its words, and what is telling about each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.builtin.lexicon import words

_TOKEN = re.compile(
    r"[\w.+-]+@[\w.-]+\w|https?://\S+|\d+(?:[.,:/\-]\d+)*|['’]s\b|"
    r"[^\W\d_]+(?:(?:['’](?!s\b)|-)[^\W\d_]+)*|[^\w\s]|_"
)
"""Whose something is, "Ida's", is two: her name, and that it is hers."""
_CLASSES = (
    (
        "month",
        words(
            "jan january feb february mar march apr april may jun june jul july aug august sep "
            "sept "
            "september oct october nov november dec december januar februar märz mai juni juli "
            "oktober dezember enero febrero marzo abril mayo junio julio agosto septiembre octubre "
            "noviembre diciembre janvier février mars avril juin juillet août septembre octobre "
            "novembre décembre"
        ),
    ),
    (
        "day",
        words(
            "mon monday tue tues tuesday wed weds wednesday thu thur thurs thursday fri friday sat "
            "saturday sun sunday today tomorrow tmrw tmw tonight yesterday montag dienstag "
            "mittwoch "
            "donnerstag freitag samstag sonntag heute morgen lunes martes miércoles jueves viernes "
            "sábado domingo hoy mañana lundi mardi mercredi jeudi vendredi samedi dimanche demain"
        ),
    ),
    (
        "money",
        words(
            "€ $ £ ₹ ¥ eur usd gbp inr chf euro euros dollar dollars pound pounds quid bucks "
            "rupees "
            "francs cents franken"
        ),
    ),
    (
        "number",
        words(
            "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty "
            "forty fifty sixty seventy eighty ninety hundred thousand half third quarter dozen "
            "couple k"
        ),
    ),
    (
        "unit",
        words(
            "minute minutes min mins hour hours hr hrs day days week weeks month months year "
            "years h"
        ),
    ),
)
_PREPOSITIONS = words(
    "to for with from of about on at by that in re regarding via before after until till since an "
    "mit für von über am um bis con para de sobre avec pour sur"
)
_ENDS = frozenset(".!?;:\n")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number, address or mark, and where it stands."""

    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """The tokens of a text."""
    return [Token(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]


def _class(low: str) -> str:
    for name, members in _CLASSES:
        if low in members:
            return name
    return "digits" if low[0].isdigit() else "address" if "@" in low else ""


def _form(word: str) -> str:
    """The word as it is compared: small, an address as any other, digits as many as there are."""
    low = word.lower().replace("’", "'")
    if low[0].isdigit():
        return "#" * min(len(low), 5) if low.isdigit() else re.sub(r"\d", "#", low)
    return "<address>" if "@" in low else low


def _shape(word: str) -> str:
    """Its capitals, small letters and digits: "McKay" as "XxXx"."""
    if "@" in word:
        return "@"
    shape = re.sub(r"\d", "d", re.sub(r"[^\W\d_X]", "x", re.sub(r"[A-ZÄÖÜÉÈ]", "X", word)))
    return re.sub(r"(.)\1+", r"\1", shape)


def of_whole(texts: Sequence[str]) -> list[str]:
    """What is telling of a whole request: its words, and those that stand together."""
    forms = [_form(text) for text in texts]
    found: set[str] = set()
    for place, form in enumerate(forms):
        found.add(f"w={form}")
        kind = _class(form) or (_shape(texts[place]) if place and texts[place][0].isupper() else "")
        if kind:
            found.add(f"c={kind}")
        if len(form) > 4 and form.isalpha():
            found |= {f"p5={form[:5]}", f"p4={form[:4]}"}
        if place:
            found.add(f"b={forms[place - 1]}_{form}")
        if place > 1:
            found.add(f"t={forms[place - 2]}_{forms[place - 1]}_{form}")
            found.add(f"s={forms[place - 2]}_{form}")
    if forms:
        found |= {f"first={forms[0]}", f"begins={'_'.join(forms[:2])}", f"last={forms[-1]}"}
    found.add(f"length={min(len(forms) // 3, 8)}")
    found.add("classes=" + ",".join(sorted({_class(form) for form in forms})))
    return sorted(found)


def of_each(texts: Sequence[str], intent: str = "") -> list[list[str]]:
    """What is telling of each word and its surroundings; with the ``intent`` if known."""
    forms = [_form(text) for text in texts]
    found: list[list[str]] = []
    led_by, since, sentence = "^", 0, 0
    for place, form in enumerate(forms):
        shape, kind = _shape(texts[place]), _class(form)
        before = forms[place - 1] if place else "<s>"
        after = forms[place + 1] if place + 1 < len(forms) else "</s>"
        one = [f"w={form}", f"sh={shape}", f"c={kind}", *_around(texts, forms, place)]
        if form.isalpha():
            one += [f"s3={form[-3:]}", f"p3={form[:3]}"]
        one += [f"led={led_by}", f"led={led_by}/{min(since, 4)}", f"led/sh={led_by}/{shape}"]
        left = len(forms) - 1 - place
        one += [f"at={min(place, 4)}", f"left={min(left, 4)}", f"sentence={min(sentence, 3)}"]
        if intent:
            one += [f"{intent}", *(f"{intent}|{more}" for more in (
                f"w={form}", f"sh={shape}", f"c={kind}", f"led={led_by}",
                f"led={led_by}/{min(since, 3)}", f"at={min(place, 3)}", f"left={min(left, 2)}",
                f"w-1={before}", f"w+1={after}", f"capital={texts[place][0].isupper()}",
                f"sentence={min(sentence, 2)}",
            ))]  # fmt: skip
        found.append(one)
        led_by, since = (form, 0) if form in _PREPOSITIONS else (led_by, since + 1)
        if form in _ENDS:
            sentence, led_by, since = sentence + 1, "^" + form, 0
    return found


def _around(texts: Sequence[str], forms: Sequence[str], place: int) -> list[str]:
    found: list[str] = []
    for step in (-3, -2, -1, 1, 2, 3):
        other = place + step
        inside = 0 <= other < len(forms)
        found.append(f"w{step}={forms[other] if inside else '<s>' if other < 0 else '</s>'}")
        if inside and abs(step) < 3:
            found += [f"sh{step}={_shape(texts[other])}", f"c{step}={_class(forms[other])}"]
    for name, first, second in (("-", -1, 0), ("+", 0, 1), ("--", -2, -1), ("++", 1, 2)):
        if place + first >= 0 and place + second < len(forms):
            found.append(f"b{name}={forms[place + first]}_{forms[place + second]}")
    if place + 1 < len(forms):
        found.append(f"c+={_class(forms[place])}_{_class(forms[place + 1])}")
    return found
