"""Imports aiogram without building all of its models.

aiogram asks pydantic to build each of its several hundred models at first use, and then builds
all of them at the end of its import, which costs seconds and more than 100 MB
(aiogram/aiogram#1513 and #1876). Here that last step is put off while aiogram is imported, and
done only for the models that arrive in updates and answers. Goes when aiogram no longer does it.
"""

from typing import Any, Literal, Optional, Union
from unittest.mock import patch

import pydantic


def _later(*_: Any, **__: Any) -> None:
    """Stands in for ``model_rebuild`` during the import."""


with patch.object(pydantic.BaseModel, "model_rebuild", _later):
    import aiogram.types as types
    from aiogram import Bot, Dispatcher, Router
    from aiogram.client.default import Default
    from aiogram.methods import Response
    from aiogram.types.error_event import ErrorEvent

_names: dict[str, Any] = {name: getattr(types, name) for name in types.__all__}
_names |= {
    "List": list,
    "Optional": Optional,
    "Union": Union,
    "Literal": Literal,
    "Default": Default,
}
for _model in (types.ResponseParameters, types.User, types.File, types.Update, ErrorEvent):
    _model.model_rebuild(_types_namespace=_names)

POLLED = Response[list[types.Update]]
"""Kept alive: pydantic forgets a generic model nobody holds, and aiogram asks for it each poll."""

__all__ = ["Bot", "Dispatcher", "Router"]
