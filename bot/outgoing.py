"""What is said in the chat, free of any Telegram library's types."""

from dataclasses import asdict, dataclass
from html import escape as _escape
from typing import Any, Literal

from bot.glyphs import shown

Style = Literal["primary", "success", "danger"]


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message. ``data`` (1 to 64 bytes) comes back when it is tapped."""

    text: str
    data: str
    style: Style | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.data.encode()) <= 64:
            raise ValueError(f"callback data of {self.text!r} must have 1 to 64 bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message. ``html`` is Telegram's HTML; ``silent`` makes no sound.

    ``file`` is a path on this machine, sent as a document, or with ``photo`` as a picture;
    ``content`` is the text of a document that is no file.
    ``placeholder`` opens the keyboard for a reply. ``full`` is what the message can't hold: it
    goes ahead of it, as a document.
    """

    html: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    silent: bool = True
    placeholder: str | None = None
    file: str | None = None
    name: str | None = None
    photo: bool = False
    content: str | None = None
    full: str | None = None

    @property
    def kind(self) -> Literal["text", "document", "photo"]:
        """What kind of letter it becomes."""
        if self.file:
            return "photo" if self.photo else "document"
        return "text" if self.content is None else "document"

    def payload(self) -> dict[str, Any]:
        """As stored in the outbox."""
        return asdict(self)

    @classmethod
    def load(cls, payload: dict[str, Any]) -> "Outgoing":
        """From the outbox."""
        rows = tuple(tuple(Button(**button) for button in row) for row in payload["buttons"])
        known: dict[str, Any] = {key: payload[key] for key in cls.__slots__ if key in payload}
        known["buttons"] = rows
        return cls(**known)


def esc(text: object) -> str:
    """``text`` made safe for HTML: what people wrote never becomes markup, and hides nothing."""
    return _escape(shown(str(text)), quote=False)
