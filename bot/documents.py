"""The files of this machine that can be read as text, for who looks something up."""

from pathlib import PurePosixPath

from agents.context import Document, Documents
from connectors.files import Files
from connectors.files.store import Listed
from core.errors import FactotumError

_TEXTS = frozenset({".txt", ".md", ".markdown", ".csv", ".rst", ".org"})
_LARGEST = 200_000
"""Bytes of a file that is read; beyond that it is data and not words."""
_ALL = 1_000_000
"""Bytes that are read at once, of the newest files: the chat waits for it."""
WRITTEN = "content"
"""The folder of what was written here; it is no source of anything."""


def documents_of(files: Files) -> Documents:
    """What reads the text files in the folder, the newest first."""

    async def documents() -> list[Document]:
        try:
            listed = [each for each in await files.list() if _readable(each)]
        except (FactotumError, OSError):
            return []  # a folder that can't be read is told of by /status
        found: list[Document] = []
        left = _ALL
        for each in listed:
            left -= each.size
            if left < 0:
                break
            try:
                data = await files.read(each.path)
            except FactotumError:
                continue  # gone since it was listed
            found.append(Document(each.path, data.decode(errors="replace"), each.modified))
        return found

    return documents


def _readable(listed: Listed) -> bool:
    path = PurePosixPath(listed.path)
    written = path.parts[0] == WRITTEN and len(path.parts) > 1
    return path.suffix.casefold() in _TEXTS and listed.size <= _LARGEST and not written
