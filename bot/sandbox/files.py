"""Files in the chat: their bytes beside the database, their ids and their shapes."""

import asyncio
import json
import mimetypes
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

from bot.sandbox.errors import bad_request
from bot.sandbox.media import image_size, voice_duration
from bot.sandbox.store import Row, Store

Kind = Literal["photo", "document", "voice"]

DOWNLOAD_LIMIT = 20 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
_COPIED_AT_ONCE = 1024 * 1024

_FOLDERS: dict[Kind, str] = {"photo": "photos", "document": "documents", "voice": "voice"}
_PREFIXES: dict[Kind, str] = {
    "photo": "AgACAgIAAxkBAAI",
    "document": "BQACAgIAAxkBAAI",
    "voice": "AwACAgIAAxkBAAI",
}
_NAMES: dict[Kind, str] = {"photo": "Photo", "document": "Document", "voice": "VoiceNote"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in: an open stream with what the sender said of it."""

    name: str
    mime: str
    size: int
    stream: BinaryIO


class Files:
    """Keeps files in a folder next to the store's database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folder = store.path.with_name(store.path.name + "-files")

    async def keep(self, upload: Upload, kind: Kind) -> Row:
        """Stores an upload and returns its row.

        Raises ``ApiError`` 400 for an empty file or a photo that isn't one.
        """
        if upload.size == 0:
            raise bad_request("file must be non-empty")
        extra: dict[str, Any] = {}
        if kind == "photo":
            size = image_size(upload.stream)
            if size is None:
                raise bad_request("IMAGE_PROCESS_FAILED")
            width, height = size
            if width + height > 10_000 or max(size) > 20 * min(size):
                raise bad_request("PHOTO_INVALID_DIMENSIONS")
            extra = {"width": width, "height": height}
        elif kind == "voice":
            extra = {"duration": voice_duration(upload.stream)}
        unique = secrets.token_urlsafe(9)
        suffix = Path(upload.name).suffix[:16]
        path = f"{_FOLDERS[kind]}/file_{unique}{suffix}"
        target = self._folder / path
        if upload.size > _COPIED_AT_ONCE:
            await asyncio.to_thread(_copy, upload.stream, target)
        else:
            _copy(upload.stream, target)
        file_id = _PREFIXES[kind] + secrets.token_urlsafe(36)
        self._store.add_file(
            {
                "file_id": file_id,
                "unique_id": unique,
                "path": path,
                "kind": kind,
                "name": upload.name,
                "mime": upload.mime,
                "size": upload.size,
                "extra": json.dumps(extra),
            }
        )
        return self.known(file_id, kind)

    def known(self, file_id: str, kind: Kind) -> Row:
        """The row of a file that was sent before; ``ApiError`` 400 for one that wasn't."""
        row = self._store.file(file_id)
        if row is None:
            raise bad_request("wrong remote file identifier specified: Wrong string length")
        if row["kind"] != kind:
            raise bad_request(f"can't use file of type {_NAMES[row['kind']]} as {_NAMES[kind]}")
        return row

    def location(self, row: Row) -> Path:
        """Where the bytes of a file lie."""
        return self._folder / row["path"]


def _copy(stream: BinaryIO, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    stream.seek(0)
    with target.open("wb") as out:
        shutil.copyfileobj(stream, out)


def shape(row: Row) -> dict[str, Any]:
    """The message field a stored file becomes."""
    common: dict[str, Any] = {
        "file_id": row["file_id"],
        "file_unique_id": row["unique_id"],
        "file_size": row["size"],
    }
    extra = json.loads(row["extra"])
    match row["kind"]:
        case "photo":
            return {"photo": [common | extra]}
        case "voice":
            return {"voice": common | extra | {"mime_type": row["mime"]}}
        case _:
            return {"document": common | {"file_name": row["name"], "mime_type": row["mime"]}}


def mime_of(name: str, said: str | None) -> str:
    """The type of a file by its name, else by what its sender said."""
    guessed, _ = mimetypes.guess_type(name)
    return guessed or said or "application/octet-stream"


def kind_of(upload: Upload) -> Kind:
    """How a person's client would send a file: as a picture only if it is one."""
    if upload.mime in ("image/jpeg", "image/png", "image/webp"):
        return "photo" if image_size(upload.stream) else "document"
    return "voice" if upload.mime.startswith("audio/") else "document"
