"""Text and entities back to HTML that is safe to show.

Everything is escaped; only the tags written here come out, properly nested even where
entities cross.
"""

from html import escape
from itertools import pairwise

from bot.sandbox import utf16
from bot.sandbox.entities import Entity, checked_link
from bot.sandbox.richtext import RichText

_PLAIN = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "code": "code",
    "blockquote": "blockquote",
}


def to_html(rich: RichText) -> str:
    """``rich`` as HTML in Telegram's own dialect, links and commands as anchors."""
    if not rich.entities:
        return escape(rich.text)
    positions = utf16.positions(rich.text)
    last = len(positions) - 1
    spans = [
        (entity["offset"], min(entity["offset"] + entity["length"], last), entity)
        for entity in rich.entities
        if entity["offset"] < last
    ]
    cuts = sorted({0, last, *(span[0] for span in spans), *(span[1] for span in spans)})
    out: list[str] = []
    stack: list[Entity] = []
    for begin, end in pairwise(cuts):
        active = [entity for start, stop, entity in spans if start <= begin and end <= stop]
        common = 0
        while common < min(len(stack), len(active)) and stack[common] is active[common]:
            common += 1
        out.extend(_closing(entity) for entity in reversed(stack[common:]))
        piece = rich.text[positions[begin] : positions[end]]
        out.extend(
            _opening(entity, _covered(rich, entity, positions)) for entity in active[common:]
        )
        out.append(escape(piece))
        stack = active
    out.extend(_closing(entity) for entity in reversed(stack))
    return "".join(out)


def _covered(rich: RichText, entity: Entity, positions: list[int]) -> str:
    end = min(entity["offset"] + entity["length"], len(positions) - 1)
    return rich.text[positions[entity["offset"]] : positions[end]]


def _anchor(href: str | None) -> str:
    return f'<a href="{escape(href)}">' if href else "<a>"


def _opening(entity: Entity, covered: str) -> str:
    match entity["type"]:
        case "pre":
            language = entity.get("language")
            return f'<pre><code class="language-{escape(str(language))}">' if language else "<pre>"
        case "expandable_blockquote":
            return "<blockquote expandable>"
        case "text_link":
            return _anchor(checked_link(str(entity.get("url", ""))))
        case "url":
            return _anchor(checked_link(covered))
        case "email":
            return _anchor(f"mailto:{covered}")
        case "bot_command":
            return f'<a data-command="{escape(covered)}">'
        case "date_time":
            return (
                f'<tg-time unix="{int(entity["unix_time"])}" '
                f'format="{escape(str(entity.get("date_time_format", "")))}">'
            )
        case kind if kind in _PLAIN:
            return f"<{_PLAIN[kind]}>"
        case _:
            return ""


def _closing(entity: Entity) -> str:
    match entity["type"]:
        case "pre":
            return "</code></pre>" if entity.get("language") else "</pre>"
        case "expandable_blockquote":
            return "</blockquote>"
        case "text_link" | "url" | "email" | "bot_command":
            return "</a>"
        case "date_time":
            return "</tg-time>"
        case kind if kind in _PLAIN:
            return f"</{_PLAIN[kind]}>"
        case _:
            return ""
