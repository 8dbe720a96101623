"""Files of the company, in one folder on this machine."""

from connectors.files.actions import (
    FilesConnector,
    KeepParams,
    KeepResult,
    TrashResult,
    WriteParams,
)
from connectors.files.names import safe_name
from connectors.files.store import Files, Kept

__all__ = [
    "Files",
    "FilesConnector",
    "KeepParams",
    "KeepResult",
    "Kept",
    "TrashResult",
    "WriteParams",
    "safe_name",
]
