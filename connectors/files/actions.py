"""``files.keep`` and ``files.write``: a received file, or a text, becomes one of the company's."""

from pydantic import Field

from connectors.files.store import Files, Kept
from core.actions import Action, Health, Params, Result, Reversal, Risk, Sensitive
from core.errors import FactotumError


class KeepParams(Params, frozen=True, extra="forbid"):
    """What to keep: the content is named by the SHA-256 that ``Files.stage`` returned."""

    name: str = Field(min_length=1, max_length=1000)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    folder: str = Field(default="", max_length=200)


class WriteParams(Params, frozen=True, extra="forbid"):
    """A text to keep as a file of that name."""

    name: str = Field(min_length=1, max_length=1000)
    text: str = Field(min_length=1, max_length=200_000)
    folder: str = Field(default="", max_length=200)


class KeepResult(Result, frozen=True, extra="forbid"):
    """Where it was kept: ``path`` below the files folder, ``size`` in bytes."""

    path: str
    name: str
    size: int
    sha256: str


class TrashResult(Result, frozen=True, extra="forbid"):
    """What was moved to the trash."""

    path: str


class FilesConnector:
    """The actions over one ``Files`` folder."""

    name = "files"

    def __init__(self, *, files: Files) -> None:
        self.files = files

    def actions(self) -> tuple[Action, ...]:
        """``files.keep`` and ``files.write``."""
        return (
            Action(
                name="files.keep",
                params=KeepParams,
                result=KeepResult,
                risk=Risk.INSIDE,
                reversal=Reversal("compensate", "the file is moved to the trash"),
                perform=self.keep,
                check=self.check,
                compensate=self.trash,
                sensitive={"sha256": Sensitive.ATTACHMENT},
            ),
            Action(
                name="files.write",
                params=WriteParams,
                result=KeepResult,
                risk=Risk.INSIDE,
                reversal=Reversal("compensate", "the file is moved to the trash"),
                perform=self.write,
                check=self.check,
                compensate=self.trash,
            ),
        )

    async def keep(self, token: str, params: KeepParams) -> KeepResult:
        """Keeps the staged content, once per token."""
        found = await self.check(token, params)
        if found is not None:
            return found
        data = await self.files.staged(params.sha256)
        kept = await self.files.keep(params.name, data, token=token, folder=params.folder)
        await self.files.unstage(params.sha256)
        return _result(kept)

    async def write(self, token: str, params: WriteParams) -> KeepResult:
        """Keeps the text, once per token."""
        data = params.text.encode()
        return _result(await self.files.keep(params.name, data, token=token, folder=params.folder))

    async def check(self, token: str, params: KeepParams | WriteParams) -> KeepResult | None:
        """The file that ``token`` kept, or None."""
        kept = await self.files.find(token)
        return None if kept is None else _result(kept)

    async def trash(
        self, token: str, params: KeepParams | WriteParams, result: KeepResult
    ) -> TrashResult:
        """Moves the kept file to the trash; again is harmless."""
        kept = await self.files.trash(token)
        if kept is None:
            raise FactotumError(f"The file {result.path!r} is not there any more.")
        return TrashResult(receipt=f"Moved {kept.path} to the trash.", path=kept.path)

    async def ping(self) -> Health:
        """Whether the folder can be written to."""
        return await self.files.ping()


def _result(kept: Kept) -> KeepResult:
    return KeepResult(
        receipt=f"Kept as {kept.name} in your files ({_size(kept.size)}).",
        path=kept.path,
        name=kept.name,
        size=kept.size,
        sha256=kept.sha256,
    )


def _size(count: int) -> str:
    return f"{count / 1024:.0f} KB" if count >= 1024 else f"{count} bytes"
