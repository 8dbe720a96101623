"""A card that holds what a message can; what doesn't fit goes along whole, as a document."""

from collections.abc import Callable, Sequence

from bot.glyphs import shown
from bot.splitting import LIMIT, units, visible
from core.plans import Plan

Cut = Callable[[str], str]
"""Makes a text ready to be shown, shortened where there is no room for all of it."""

_ROOMS = (1500, 500, 150, 50, 20)
_MARKS = 100
"""Marks, such as bold, that Telegram takes in one message."""
_GOES_ON = "… (goes on in the document)"
NOTE = "<b>This is too long for one message: the document above has all of it.</b>"
"""What a card says that was shortened."""


def _shortener(room: int) -> Cut:
    most = room + units(_GOES_ON)

    def cut(text: str) -> str:
        long = len(text) > most
        text = shown(text[: most + 1])  # it is asked for often, and what is beyond goes anyway
        if not long and units(text) <= most:
            return text
        end = room
        while units(text[:end]) > room:
            end -= 1
        return text[:end] + _GOES_ON

    return cut


def _fits(html: str) -> bool:
    """Whether Telegram takes ``html`` as one message, with all its marks."""
    return visible(html) <= LIMIT and html.count("</") <= _MARKS


def fitted(*renders: Callable[[Cut], str]) -> tuple[str, bool]:
    """The HTML that the first render makes, and whether it had to be shortened to fit a message.

    Each is shortened as far as it can be before the next, which has less in it, takes its place.
    """
    html = renders[0](shown)
    if _fits(html):
        return html, False
    for render in renders:
        for room in _ROOMS:
            html = f"{NOTE}\n{render(_shortener(room))}"
            if _fits(html):
                return html, True
    return html, True


def document(plans: Sequence[Plan], warned: Sequence[str]) -> str:
    """All that the card of ``plans`` says, in plain text; nothing of it is left out."""
    # Each on its own: a return at a text's end is no part of the line's.
    texts = ("\n".join(map(shown, [*warned, *_of(plan)])) for plan in plans)
    return "\n\n\n".join(texts) + "\n"


def _of(plan: Plan) -> list[str]:
    told = [plan.title, ""]
    for value in plan.values:
        source = f" ({value.origin.value}{': ' + value.source if value.source else ''})"
        told.append(f"{value.label}: {value.shown}{source}")
        if value.before is not None:
            told.append(f"{value.label}, before: {value.before}")
    preview = plan.preview
    heads = {"mail_from": "From", "mail_to": "To", "mail_subject": "Subject"}
    heads |= {"attachment": "Attached"}
    told += ["", *(f"{head}: {preview[key]}" for key, head in heads.items() if key in preview)]
    if "mail_body" in preview:
        told += ["", preview["mail_body"]]
    return [*told, "", plan.reversal]
