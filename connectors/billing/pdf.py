"""From a document's strings to a PDF, the same bytes every time."""

import asyncio
import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Literal

import typst

from core.errors import FactotumError

_TEMPLATE = Path(__file__).with_name("invoice.typ")
_ARCHIVAL: Literal["a-2u"] = "a-2u"
"""PDF/A: fonts embedded and text extractable, for the years a bookkeeper keeps it."""


class Printer:
    """Compiles the template. Loads its fonts once: typst's own, then this machine's.

    Typst brings Latin, Greek, Cyrillic, Hebrew and Arabic; for Chinese, Japanese or Korean
    names the machine needs a font (Debian: fonts-noto-cjk).
    """

    def __init__(self) -> None:
        self._fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=True)

    async def pdf(self, document: dict[str, Any], *, on: date) -> bytes:
        """The PDF of ``document``, dated ``on``. Raises FactotumError where it can't be made."""
        return await asyncio.to_thread(self._pdf, json.dumps(document), on)

    def _pdf(self, document: str, on: date) -> bytes:
        timestamp = datetime.combine(on, time.min, UTC)
        try:
            return self._compile(document, timestamp, _ARCHIVAL)
        except typst.TypstError:
            # PDF/A refuses a character that no font has; a plain PDF shows a box for it.
            try:
                return self._compile(document, timestamp, None)
            except typst.TypstError as error:
                raise FactotumError(
                    f"The PDF can't be made ({error.message}).",
                    fix="A number already given is kept, and used when it is tried again.",
                    permanent=False,
                ) from error

    def _compile(
        self, document: str, timestamp: datetime, standard: Literal["a-2u"] | None
    ) -> bytes:
        # The root keeps the template from reading anything but its own folder.
        compiler = typst.Compiler(
            _TEMPLATE,
            root=_TEMPLATE.parent,
            font_paths=self._fonts,
            sys_inputs={"document": document},
        )
        compiled = compiler.compile(format="pdf", pdf_standards=standard, timestamp=timestamp)
        if not isinstance(compiled, bytes):
            raise AssertionError("typst gives one PDF as bytes")
        return compiled
