"""Text with its entities: cleaned, trimmed, and with links found, as Telegram keeps it."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox import utf16
from bot.sandbox.entities import Entity, parse_html
from bot.sandbox.errors import bad_request

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
_RAW_LIMIT = 1 << 15

_SPACES = " \t\n\v\r"
# Carriage returns, direction overrides and line drawing marks are dropped; other control
# characters become spaces.
_DROPPED = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")
_CONTROL = re.compile("[\0-\x09\x0b-\x1f]")

_OPAQUE = frozenset({"pre", "code"})
_QUOTES = frozenset({"blockquote", "expandable_blockquote"})
_STYLES = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
_LINKS = frozenset({"text_link", "text_mention", "url", "email", "mention", "hashtag"})
_GIVEN = frozenset(
    {
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "code",
        "pre",
        "text_link",
        "text_mention",
        "custom_emoji",
        "blockquote",
        "expandable_blockquote",
        "date_time",
    }
)
_FOUND = frozenset(
    {
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bank_card_number",
    }
)
_AUTOMATIC = re.compile(
    r"(?P<url>https?://[^\s<>\"'«»]+[^\s<>\"'«».,;:!?)\]}])"
    r"|(?P<email>[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})"
    r"|(?<![\w/@.])(?P<bare>(?:www\.)?[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)*"
    r"\.(?:com|org|net|io|dev|app|me|de|eu|uk|fr|info)\b(?:/[^\s<>\"']*[^\s<>\"'.,;:!?)\]}])?)"
    r"|(?<![\w/@])(?P<mention>@[A-Za-z][A-Za-z0-9_]{3,31})\b"
    r"|(?<![\w/<>@.])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?![\w/])"
    r"|(?<![\w&])(?P<hashtag>#(?=[0-9_]*[^\W\d_])\w{1,255})"
)


@dataclass(frozen=True, slots=True)
class RichText:
    """Plain text and the entities that lie on it, offsets in UTF-16 units."""

    text: str = ""
    entities: list[Entity] = field(default_factory=list[Entity])

    def __len__(self) -> int:
        return utf16.length(self.text)

    def fields(self, *, caption: bool = False) -> dict[str, Any]:
        """The message fields this text becomes; none at all for an empty text."""
        if not self.text:
            return {}
        name, entities = ("caption", "caption_entities") if caption else ("text", "entities")
        fields: dict[str, Any] = {name: self.text}
        if self.entities:
            fields[entities] = self.entities
        return fields


def from_request(text: str, parse_mode: str, entities: Any) -> RichText:
    """What a bot sent, read by its parse mode or with the entities given beside it.

    Raises ``ApiError`` 400 for markup or entities Telegram doesn't take.
    """
    if len(text.encode("utf-8", "surrogatepass")) > _RAW_LIMIT:
        raise bad_request("Text is too long")
    mode = parse_mode.lower()
    if text and mode and mode != "none":
        if mode == "html":
            return finish(*parse_html(text))
        if mode in ("markdown", "markdownv2"):
            raise bad_request("can't parse entities: the sandbox reads HTML only, not Markdown")
        raise bad_request("Unsupported parse_mode")
    given = [_given(entity) for entity in entities] if isinstance(entities, list) else []
    return finish(text, [entity for entity in given if entity is not None])


def typed(text: str) -> RichText:
    """What a person typed: no markup, but commands and links are found in it."""
    return finish(text, [])


def _given(entity: Any) -> Entity | None:
    if not isinstance(entity, dict):
        raise bad_request("Can't parse MessageEntity: expected an Object")
    kind, offset, length = entity.get("type"), entity.get("offset"), entity.get("length")
    if not isinstance(offset, int) or not isinstance(length, int):
        raise bad_request("Can't parse MessageEntity: Can't find field \"offset\"")
    if kind in _FOUND:
        return None
    if kind not in _GIVEN:
        raise bad_request("Can't parse MessageEntity: Unsupported type specified")
    if kind == "text_link" and not isinstance(entity.get("url"), str):
        raise bad_request("Can't parse MessageEntity: Can't find field \"url\"")
    return {key: value for key, value in entity.items() if value is not None}


def finish(text: str, entities: list[Entity]) -> RichText:
    """Cleans, trims and links ``text``; an entity keeps to what is left of it."""
    text, entities = _clean(text, entities)
    text, entities = _trim(text, _bounded(text, entities))
    if not text:
        return RichText()
    kept = _nested(entities)
    kept.extend(_found(text, kept))
    kept.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return RichText(text, kept)


def _nested(entities: list[Entity]) -> list[Entity]:
    """Leaves code and preformatted text free of other entities, as Telegram does.

    A style that crosses code is split around it, a quote may hold it, anything else goes.
    """
    opaque: list[Entity] = []
    for entity in sorted(entities, key=lambda each: (each["offset"], -each["length"])):
        if entity["type"] in _OPAQUE and not any(_touch(entity, other) for other in opaque):
            opaque.append(entity)
    kept = list(opaque)
    for entity in entities:
        kind = entity["type"]
        if kind in _OPAQUE:
            continue
        if kind in _STYLES:
            kept.extend(_around(entity, opaque))
        elif kind in _QUOTES or not any(_touch(entity, other) for other in opaque):
            kept.append(entity)
    return kept


def _touch(one: Entity, other: Entity) -> bool:
    return (
        one["offset"] < other["offset"] + other["length"]
        and other["offset"] < one["offset"] + one["length"]
    )


def _around(entity: Entity, opaque: list[Entity]) -> Iterator[Entity]:
    begin, end = entity["offset"], entity["offset"] + entity["length"]
    for hole in opaque:
        if not _touch(entity, hole):
            continue
        if begin < hole["offset"]:
            yield {**entity, "offset": begin, "length": hole["offset"] - begin}
        begin = max(begin, hole["offset"] + hole["length"])
    if begin < end:
        yield {**entity, "offset": begin, "length": end - begin}


def _clean(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    text = _CONTROL.sub(lambda found: "\r" if found[0] == "\r" else " ", text)
    dropped = [match.start() for match in _DROPPED.finditer(text)]
    if not dropped:
        return text, entities
    # Every dropped character is one UTF-16 unit; only those before it may not be.
    units = [utf16.length(text[:at]) for at in dropped] if not text.isascii() else dropped
    text = _DROPPED.sub("", text)
    moved: list[Entity] = []
    for entity in entities:
        begin, end = entity["offset"], entity["offset"] + entity["length"]
        new_begin = begin - bisect_left(units, begin)
        new_end = end - bisect_left(units, end)
        moved.append({**entity, "offset": new_begin, "length": new_end - new_begin})
    return text, moved


def _bounded(text: str, entities: list[Entity]) -> list[Entity]:
    size = utf16.length(text)
    return [
        {**entity, "length": min(entity["length"], size - entity["offset"])}
        for entity in entities
        if 0 <= entity["offset"] < size and entity["length"] > 0
    ]


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    text = text.rstrip(_SPACES)
    entities = _bounded(text, entities)
    lead = len(text) - len(text.lstrip(_SPACES))
    if entities:
        # Leading space inside an entity is meant, as in an indented code block.
        lead = min(lead, min(entity["offset"] for entity in entities))
    if lead:
        text = text[lead:]
        entities = [{**entity, "offset": entity["offset"] - lead} for entity in entities]
    return text, entities


def _found(text: str, taken: list[Entity]) -> Iterator[Entity]:
    busy = [entity for entity in taken if entity["type"] in _OPAQUE | _LINKS]
    for match in _AUTOMATIC.finditer(text):
        kind = match.lastgroup or "url"
        entity: Entity = {
            "type": "url" if kind == "bare" else kind,
            "offset": utf16.length(text[: match.start()]),
            "length": utf16.length(match[0]),
        }
        end = entity["offset"] + entity["length"]
        if all(
            end <= other["offset"] or other["offset"] + other["length"] <= entity["offset"]
            for other in busy
        ):
            yield entity


def split(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """The messages a client makes of what a person typed: at most ``limit`` units each."""
    parts: list[str] = []
    while utf16.length(text) > limit:
        index = utf16.positions(text)[limit]
        at = max(text.rfind("\n", 0, index), text.rfind(" ", 0, index))
        at = at if at > index // 2 else index
        parts.append(text[:at])
        text = text[at:].lstrip(" \n")
    return [*parts, text] if text.strip(_SPACES) else parts
