"""/forget in the chat: what there is of somebody is shown, and erased after a tap."""

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import App
from bot.cards import memory as cards
from bot.cards import talk
from bot.outgoing import Outgoing
from connectors.mail.reading import text_of
from core.inbox import Message
from core.memory import forgetting, traces
from core.memory.traces import Found

_FOLDERS = ("mail", "calendar", "previews", "files/inbox")
"""Where files may be about somebody. Issued invoices lie elsewhere and are kept."""
_TEXT = (".ics", ".txt", ".md", ".eml", ".csv", ".json", "")


async def ask(app: App, entity_id: str) -> Outgoing:
    """The card that shows everything of somebody and asks."""
    async with app.database.read() as connection:
        found = await traces.find(connection, entity_id)
    if found is None:
        return talk.note("There is nothing left of that.")
    files = await asyncio.to_thread(_files, app.settings.home, found)
    return cards.forget(found, [path.name for path in files])


async def erase(
    app: App, connection: AsyncConnection, message: Message, entity_id: str
) -> tuple[str, list[str]]:
    """A tap on Forget."""
    found = await traces.find(connection, entity_id)
    if found is None:
        return "That was forgotten already.", []
    if found.under_way:
        return "Something is still under way for them; /runs shows it. Nothing was erased.", []
    files = await asyncio.to_thread(_files, app.settings.home, found)
    # Files first: where the rest fails, the card still stands and a tap goes on.
    await asyncio.to_thread(_unlink, files)
    counts = await forgetting.erase(connection, app.clock, found, files=len(files))
    card = cards.forgotten(counts, len(files), found.kept)
    await app.presenter.turn(connection, f"forget:{entity_id}", card)
    return "Forgotten.", []


async def keep(
    app: App, connection: AsyncConnection, message: Message, entity_id: str
) -> tuple[str, list[str]]:
    """A tap on Keep."""
    told = talk.note("Kept as it was; nothing was erased.")
    await app.presenter.turn(connection, f"forget:{entity_id}", told)
    return "Kept.", []


def _files(home: Path, found: Found) -> list[Path]:
    """Files that name them, in their name or in what they say."""
    return [
        path
        for folder in _FOLDERS
        for path in sorted((home / folder).rglob("*"))
        if path.is_file() and (traces.mentions(path.stem, found.terms) or _says(path, found))
    ]


def _says(path: Path, found: Found) -> bool:
    in_mail = "mail" in path.parts
    if not in_mail and path.suffix.casefold() not in _TEXT:
        return False
    content = path.read_bytes()
    if not in_mail:
        words = content.decode(errors="replace")
        return traces.mentions(words.replace("\r\n ", ""), found.terms)
    mail = message_from_bytes(content, _class=EmailMessage, policy=policy.default)
    body = mail.get_body(preferencelist=("plain", "html"))
    heads = [str(value) for name, value in mail.items() if name in ("To", "From", "Cc", "Subject")]
    return traces.mentions("\n".join([*heads, text_of(body) if body else ""]), found.terms)


def _unlink(files: list[Path]) -> None:
    for path in files:
        path.unlink(missing_ok=True)


TAPS = {"fgt": erase, "fgtno": keep}
"""The handlers of these buttons, by the kind before the colon."""
