"""The phone's routes, for its page and for tests."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.sandbox.arguments import upload_of
from bot.sandbox.errors import ApiError
from bot.sandbox.files import Kind, kind_of, mime_of
from bot.sandbox.messages import for_phone
from bot.sandbox.person import People, PhoneError
from bot.sandbox.telegram import Telegram
from bot.sandbox.webhook import LOOPBACK
from bot.sandbox.world import World

Endpoint = Callable[[Request], Awaitable[Response]]

# Types a browser shows without running anything in them.
_SHOWN = frozenset(
    {"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"}
)
_KINDS: dict[str, Kind] = {"photo": "photo", "voice": "voice", "document": "document"}


def phone_routes() -> list[Route]:
    """The routes, each refusing other origins and answering refusals as JSON."""
    return [
        Route("/healthz", _guarded(_health)),
        Route("/phone/profile", _guarded(_profile)),
        Route("/phone/messages", _guarded(_messages), methods=["GET"]),
        Route("/phone/messages", _guarded(_say), methods=["POST"]),
        Route("/phone/files", _guarded(_send_file), methods=["POST"]),
        Route("/phone/files/{file_id}/{name:path}", _guarded(_file), methods=["GET"]),
        Route("/phone/taps", _guarded(_tap), methods=["POST"]),
        Route("/phone/edits", _guarded(_edit), methods=["POST"]),
        Route("/phone/blocks", _guarded(_block), methods=["POST"]),
        Route("/phone/faults", _guarded(_faults), methods=["POST"]),
        Route("/phone/log", _guarded(_log), methods=["GET"]),
        Route("/phone/events", _guarded(_events), methods=["GET"]),
        Route("/phone/world", _guarded(_world), methods=["GET"]),
        Route("/phone/world/files/{path:path}", _guarded(_world_file), methods=["GET"]),
    ]


def local_host(request: Request) -> bool:
    """Whether the request names this machine; a page that rebinds its name doesn't."""
    host = request.headers.get("host", "")
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    return name.strip("[]") in LOOPBACK


def _foreign(request: Request) -> bool:
    if not local_host(request):
        return True
    origin = request.headers.get("origin")
    if origin is not None and origin != f"{request.url.scheme}://{request.headers['host']}":
        return True
    return request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


def _guarded(endpoint: Endpoint) -> Endpoint:
    async def guarded(request: Request) -> Response:
        if _foreign(request):
            return _refusal(403, "the phone answers its own page and this machine only")
        try:
            return await endpoint(request)
        except PhoneError as error:
            return _refusal(error.status, error.reason)
        except ApiError as error:
            return _refusal(error.code, error.description)

    return guarded


def _refusal(status: int, reason: str) -> Response:
    return JSONResponse({"error": reason}, status)


def _telegram(request: Request) -> Telegram:
    telegram: Telegram = request.app.state.telegram
    return telegram


def _people(request: Request) -> People:
    people: People = request.app.state.people
    return people


def _the_world(request: Request) -> World:
    world: World = request.app.state.world
    return world


async def _json_object(request: Request) -> dict[str, Any]:
    try:
        value = json.loads(await request.body() or b"{}")
    except ValueError:
        raise PhoneError(400, "the body is not JSON") from None
    if not isinstance(value, dict):
        raise PhoneError(400, "the body is not a JSON object")
    return value


def _number(value: Any, name: str) -> int | None:
    if value is None or value == "":
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise PhoneError(400, f"{name} must be a number") from None


def _user(request: Request, value: Any) -> int:
    return _number(value, "user_id") or _telegram(request).owner_id


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str):
        raise PhoneError(400, f"{name} must be a text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise PhoneError(400, f"{name} is not valid text") from None
    return value


async def _health(request: Request) -> Response:
    telegram = _telegram(request)
    return JSONResponse({"status": "ok", "token": telegram.token, "owner_id": telegram.owner_id})


async def _profile(request: Request) -> Response:
    return JSONResponse(_telegram(request).profile())


async def _messages(request: Request) -> Response:
    telegram = _telegram(request)
    query = request.query_params
    chat_id = _number(query.get("chat_id"), "chat_id") or _user(request, query.get("user_id"))
    since = _number(query.get("since"), "since") or 0
    limit = _number(query.get("limit"), "limit") or -1
    before = _number(query.get("before"), "before")
    rows = telegram.store.messages(chat_id, since=since, before=before, limit=limit)
    return JSONResponse([for_phone(telegram.store, row) for row in rows])


async def _say(request: Request) -> Response:
    values = await _json_object(request)
    forwarded = values.get("forward_from")
    message_id = _people(request).say(
        text=_text(values, "text"),
        user_id=_user(request, values.get("user_id")),
        chat_id=_number(values.get("chat_id"), "chat_id"),
        reply_to=_number(values.get("reply_to"), "reply_to"),
        forwarded_from=None if forwarded is None else str(forwarded),
    )
    return JSONResponse({"message_id": message_id})


async def _send_file(request: Request) -> Response:
    async with request.form() as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise PhoneError(400, "there is no file")
        upload = upload_of(file)
        kind = _KINDS.get(str(form.get("kind") or kind_of(upload)))
        if kind is None:
            raise PhoneError(400, "kind must be photo, voice or document")
        message_id = await _people(request).send_file(
            upload=upload,
            kind=kind,
            caption=str(form.get("caption") or ""),
            user_id=_user(request, form.get("user_id")),
            reply_to=_number(form.get("reply_to"), "reply_to"),
        )
    return JSONResponse({"message_id": message_id})


async def _tap(request: Request) -> Response:
    values = await _json_object(request)
    message_id = _number(values.get("message_id"), "message_id")
    if message_id is None:
        raise PhoneError(400, "message_id must be a number")
    answer = await _people(request).tap(
        message_id=message_id,
        button=_text(values, "button"),
        user_id=_user(request, values.get("user_id")),
    )
    return JSONResponse({"answer": answer})


async def _edit(request: Request) -> Response:
    values = await _json_object(request)
    message_id = _number(values.get("message_id"), "message_id") or 0
    _people(request).edit(message_id=message_id, text=_text(values, "text"))
    return JSONResponse({"message_id": message_id})


async def _block(request: Request) -> Response:
    values = await _json_object(request)
    blocked = bool(values.get("blocked", True))
    user_id = _user(request, values.get("user_id"))
    _people(request).block(user_id=user_id, blocked=blocked)
    return JSONResponse({"blocked": blocked})


async def _faults(request: Request) -> Response:
    try:
        _telegram(request).faults.add(await _json_object(request))
    except ValueError as error:
        raise PhoneError(400, str(error)) from None
    return JSONResponse({"ok": True})


async def _log(request: Request) -> Response:
    wanted = request.query_params.get("method", "").lower()
    calls = [
        {
            "time": call.time,
            "method": call.method,
            "parameters": call.parameters,
            "answer": None if call.answer is None else json.loads(call.answer),
        }
        for call in _telegram(request).log
        if not wanted or call.method.lower() == wanted
    ]
    return JSONResponse(calls)


async def _events(request: Request) -> Response:
    telegram = _telegram(request)
    chat_id = _user(request, request.query_params.get("user_id"))
    return StreamingResponse(
        telegram.bus.stream(chat_id),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _file(request: Request) -> Response:
    telegram = _telegram(request)
    row = telegram.store.file(request.path_params["file_id"])
    if row is None:
        raise PhoneError(404, "there is no such file")
    return _shown(str(telegram.files.location(row)), row["name"], row["mime"])


async def _world(request: Request) -> Response:
    return JSONResponse(await _the_world(request).read())


async def _world_file(request: Request) -> Response:
    path = _the_world(request).file(request.path_params["path"])
    if path is None or not path.is_file():
        raise PhoneError(404, "there is no such file")
    return _shown(str(path), path.name, mime_of(path.name, None))


def _shown(path: str, name: str, mime: str) -> Response:
    """A file opened in the browser where that runs nothing, else downloaded."""
    safe = mime in _SHOWN or mime.startswith("audio/")
    return FileResponse(
        path,
        media_type=mime if safe else "application/octet-stream",
        filename=name,
        content_disposition_type="inline" if safe else "attachment",
        headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=60"},
    )
