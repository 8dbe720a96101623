"""File names from strangers, made harmless."""

import re
import unicodedata

MAX_BYTES = 180
"""The longest name in UTF-8: below every file system's 255, with room for " (99)"."""

_FORBIDDEN = re.compile(r'[\\/:*?"<>|]')
_SPACES = re.compile(r"\s+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|\Z)", re.IGNORECASE)


def safe_name(name: str) -> str:
    """``name`` as one harmless file name, readable still; "file" where nothing is left.

    Only the last part of a path stays. Control, bidirectional and other invisible
    characters go, as do names that Windows reserves and leading dots, which hide.
    Calling it on its own result changes nothing.
    """
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    # Cc control, Cf invisible formatting (with the bidi overrides), Cs/Co/Cn not text.
    seen = "".join(
        " " if c.isspace() else c for c in last if c.isspace() or unicodedata.category(c)[0] != "C"
    )
    plain = _tidy(_FORBIDDEN.sub("_", seen))
    if _RESERVED.match(plain):
        plain = f"_{plain}"
    return _shorten(plain) or "file"


def _tidy(name: str) -> str:
    return _SPACES.sub(" ", name).strip(" .")


def _shorten(name: str) -> str:
    if len(name.encode()) <= MAX_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem or len(extension.encode()) > 16:
        stem, extension = name, ""
    end = f".{extension}" if extension else ""
    room = MAX_BYTES - len(end.encode())
    return _tidy(stem.encode()[:room].decode(errors="ignore")) + end


def numbered(name: str, number: int) -> str:
    """``report.pdf`` and 2 give ``report (2).pdf``; 1 gives the name itself."""
    if number == 1:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem:
        return f"{name} ({number})"
    return f"{stem} ({number}).{extension}"
