"""The Bot API over HTTP: tokens, faults, answers and the log of calls."""

import asyncio
import json
import re
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Message, Receive, Scope, Send

from bot.sandbox.arguments import Arguments, read_arguments
from bot.sandbox.errors import ApiError
from bot.sandbox.faults import Fault
from bot.sandbox.methods import METHODS
from bot.sandbox.methods.common import RawJson
from bot.sandbox.telegram import Call, Telegram

_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{10,100}")
_SILENCE_S = 60.0


class BotApi:
    """The ASGI endpoint of ``/bot<token>/<method>``."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one call, unless a fault keeps it from being answered."""
        request = Request(scope, receive)
        method: str = request.path_params["method"].lower()
        if request.method not in ("GET", "POST"):
            await _respond(ApiError(405, "Method Not Allowed"), scope, receive, send)
            return
        try:
            check_token(self._telegram, request.path_params["token"])
            arguments = await read_arguments(request)
        except ApiError as error:
            await _respond(error, scope, receive, send)
            return
        try:
            outcome, fault = await self._outcome(method, arguments)
        finally:
            arguments.close()
        name: str = request.path_params["method"]
        if fault is not None and fault.trouble != "answer":
            self._note(name, arguments, None)
            await _no_answer(receive, send, _SILENCE_S if fault.trouble == "timeout" else 0.0)
            return
        answer = _answer(outcome)
        if method != "getupdates" or answer != '{"ok":true,"result":[]}':
            self._note(name, arguments, answer)
        await _json(outcome, answer)(scope, receive, send)

    async def _outcome(self, method: str, arguments: Arguments) -> tuple[Any, Fault | None]:
        """What the call comes to, and the fault it ran into."""
        fault = self._telegram.faults.take(method)
        outcome: Any = None
        if fault is None or fault.carried_out:
            try:
                outcome = await self._carry_out(method, arguments)
            except ApiError as error:
                outcome = error
        if fault is not None and fault.trouble == "answer":
            outcome = fault.error()
        return outcome, fault

    async def _carry_out(self, method: str, arguments: Arguments) -> Any:
        handler = METHODS.get(method)
        if handler is None:
            raise ApiError(404, "Not Found")
        return await handler(self._telegram, arguments)

    def _note(self, method: str, arguments: Arguments, answer: str | None) -> None:
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._telegram.log.append(Call(moment, method, arguments.summary(), answer))


def check_token(telegram: Telegram, token: str) -> None:
    """Raises ``ApiError`` 401 for a wrong token, 404 for what can't be one."""
    if token != telegram.token:
        raise (
            ApiError(401, "Unauthorized") if _TOKEN.fullmatch(token) else ApiError(404, "Not Found")
        )


async def download(request: Request) -> Response:
    """``/file/bot<token>/<path>``: the bytes getFile pointed at."""
    telegram: Telegram = request.app.state.telegram
    try:
        check_token(telegram, request.path_params["token"])
        row = telegram.store.file_at(request.path_params["path"])
        if row is None:
            raise ApiError(404, "Not Found")
    except ApiError as error:
        return _json(error, _answer(error))
    return FileResponse(telegram.files.location(row), media_type="application/octet-stream")


def _answer(outcome: Any) -> str:
    if isinstance(outcome, ApiError):
        return json.dumps(outcome.body(), separators=(",", ":"))
    if isinstance(outcome, RawJson):
        return f'{{"ok":true,"result":{outcome.text}}}'
    return json.dumps({"ok": True, "result": outcome}, ensure_ascii=False, separators=(",", ":"))


def _json(outcome: Any, answer: str) -> Response:
    status = outcome.code if isinstance(outcome, ApiError) else 200
    headers: dict[str, str] = {}
    if isinstance(outcome, ApiError) and outcome.retry_after is not None:
        headers["Retry-After"] = str(outcome.retry_after)
    return Response(answer.encode(), status, headers, media_type="application/json")


async def _respond(error: ApiError, scope: Scope, receive: Receive, send: Send) -> None:
    await _json(error, _answer(error))(scope, receive, send)


async def _no_answer(receive: Receive, send: Send, silence: float) -> None:
    """Keeps silent until the caller gives up or ``silence`` seconds passed, then hangs up."""

    async def gone() -> None:
        message: Message = {"type": ""}
        while message["type"] != "http.disconnect":
            message = await receive()

    try:
        async with asyncio.timeout(silence):
            await gone()
            return
    except TimeoutError:
        pass
    await send({"type": "sandbox.hang_up"})
    await gone()
