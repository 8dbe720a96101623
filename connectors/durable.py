"""Files that are there completely or not at all, also after a power cut."""

import errno
import hashlib
import os
import re
import secrets
from pathlib import Path

from core.actions import Health
from core.errors import FactotumError

_PLAIN_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


def token_key(token: str) -> str:
    """``token`` as part of a file name: itself where that is safe, its hash otherwise.

    Raises FactotumError for an empty token.
    """
    if not token:
        raise FactotumError("An effect needs an operation token.")
    if _PLAIN_TOKEN.match(token):
        return token
    return "x" + hashlib.sha256(token.encode()).hexdigest()


def sync_folder(folder: Path) -> None:
    """Makes the names in ``folder`` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_temporary(path: Path, data: bytes, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{secrets.token_hex(8)}.tmp"
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise storage_error(error, path.parent) from error
    return temporary


def create(path: Path, data: bytes, *, temporary_folder: Path | None = None) -> bool:
    """Creates ``path`` with ``data``; false, changing nothing, where it exists already.

    Of two racing callers exactly one gets true. Raises FactotumError where the disk refuses.
    """
    temporary = _write_temporary(path, data, temporary_folder or path.parent)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise storage_error(error, path.parent) from error
        # No hard links here (FAT, some network shares): good enough for one writer.
        if path.exists():
            return False
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)
    return True


def move(source: Path, target: Path) -> None:
    """Renames ``source`` to ``target`` durably, replacing it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def remove(path: Path) -> None:
    """Removes ``path`` durably, if it is there."""
    path.unlink(missing_ok=True)
    if path.parent.is_dir():
        sync_folder(path.parent)


def storage_error(error: OSError, folder: Path) -> FactotumError:
    """What the operating system said of ``folder``, for a person."""
    if error.errno == errno.ENOSPC:
        return FactotumError(
            "The disk is full; nothing was changed.",
            fix="Free some space, then try again.",
            permanent=False,
        )
    return FactotumError(
        f"The folder {folder} can't be used ({error.strerror}); nothing was changed.",
        fix="Check that it exists and that Factotum may write there.",
        permanent=False,
    )


def folder_health(name: str, folder: Path, detail: str) -> Health:
    """``ok`` with ``detail`` where a file can be written to ``folder``; never raises."""
    probe = folder / f".{secrets.token_hex(8)}.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"factotum")
        probe.unlink()
    except OSError as error:
        problem = storage_error(error, folder)
        return Health(name, "failed", problem.message, problem.fix)
    return Health(name, "ok", detail)
