"""The parameters of one Bot API call, however they were sent."""

import json
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.files import PHOTO_LIMIT, UPLOAD_LIMIT, Kind, Upload, mime_of

# What a multipart body may weigh beside the file in it.
_SLACK = 1024 * 1024
_SECRET = frozenset({"secret_token"})
_TRUE = frozenset({"true", "yes", "1"})


@dataclass(slots=True)
class Arguments:
    """Values by name, as text or decoded JSON, and uploads by name."""

    values: dict[str, Any] = field(default_factory=dict[str, Any])
    uploads: dict[str, Upload] = field(default_factory=dict[str, Upload])

    def has(self, name: str) -> bool:
        """Whether a parameter was sent at all."""
        return self.values.get(name) is not None

    def text(self, name: str) -> str:
        """A parameter as text, empty where it is missing."""
        value = self.values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def integer(self, name: str, default: int = 0) -> int:
        """A parameter as a number; ``default`` where it is missing or isn't one."""
        try:
            return int(self.text(name).strip() or default)
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """A parameter as yes or no."""
        return self.text(name).lower() in _TRUE

    def json(self, name: str, what: str) -> Any:
        """A parameter decoded from JSON, or None; ``what`` names it in the refusal."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as error:
            raise bad_request(f"Can't parse {what} JSON object") from error

    def upload(self, name: str, kind: Kind) -> Upload | None:
        """The file sent under ``name``, directly or as ``attach://other``.

        Raises ``ApiError`` 413 for more than Telegram takes.
        """
        found = self.uploads.get(name)
        reference = self.text(name)
        if found is None and reference.startswith("attach://"):
            found = self.uploads.get(reference.removeprefix("attach://"))
        limit = PHOTO_LIMIT if kind == "photo" else UPLOAD_LIMIT
        if found is not None and found.size > limit:
            raise too_large()
        return found

    def close(self) -> None:
        """Lets go of the uploads' temporary files."""
        for upload in self.uploads.values():
            upload.stream.close()

    def summary(self) -> dict[str, Any]:
        """The parameters for the log: files by name and size, secrets struck out."""
        shown = dict(self.values)
        for name in _SECRET & shown.keys():
            shown[name] = "***"
        for name, upload in self.uploads.items():
            shown[name] = {"file": upload.name, "size": upload.size}
        return shown


def too_large() -> ApiError:
    """What a file over the limit gets."""
    return ApiError(413, "Request Entity Too Large")


async def read_arguments(request: Request) -> Arguments:
    """Reads query and body, whether JSON, form or multipart.

    Raises ``ApiError`` 400 for a body that can't be read, 413 for one too big.
    """
    arguments = Arguments(values=dict(request.query_params))
    if request.method == "GET":
        return _checked(arguments)
    if int(request.headers.get("content-length") or 0) > UPLOAD_LIMIT + _SLACK:
        # Taken in to the end, or the sender would see a broken pipe and not the answer.
        async for _ in request.stream():
            pass
        raise too_large()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        body = await request.body()
        try:
            values = json.loads(body or b"{}")
        except ValueError as error:
            raise bad_request("can't parse request body: not a JSON object") from error
        if not isinstance(values, dict):
            raise bad_request("can't parse request body: not a JSON object")
        arguments.values.update(values)
    elif kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        form = await request.form()
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                arguments.uploads[name] = upload_of(value)
            else:
                arguments.values[name] = value
    return _checked(arguments)


def upload_of(value: UploadFile) -> Upload:
    """A form's file as the sandbox handles it."""
    name = (value.filename or "file").replace("\\", "/").rpartition("/")[2] or "file"
    return Upload(name, mime_of(name, value.content_type), value.size or 0, value.file)


def _checked(arguments: Arguments) -> Arguments:
    try:
        json.dumps(arguments.values, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise bad_request("strings must be encoded in UTF-8") from error
    return arguments
