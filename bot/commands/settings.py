"""/settings: what the operator decides, shown and changed in the chat."""

import re
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import App
from bot.cards import talk
from bot.commands.registry import Reply
from bot.outgoing import Button, Outgoing, esc
from core import profile, prompts, schedules
from core.errors import FactotumError
from core.inbox import Message
from core.profile import Profile

LABELS = {
    "zone": "Zone",
    "currency": "Currency",
    "digest": "Digest at",
    "quiet": "Quiet hours",
    "net_days": "Days to pay",
    "company.name": "Company",
    "company.person": "Your name",
    "company.email": "Mail from",
    "company.address": "Address",
    "company.vat_id": "VAT id",
    "company.iban": "IBAN",
    "company.bank": "Bank",
    "company.tax_rate": "Tax in %",
    "company.tax_note": "Tax note",
}
_EXAMPLES = {
    "zone": "Europe/Berlin",
    "currency": "EUR",
    "digest": "08:00",
    "quiet": "22:00-07:00",
    "net_days": "14",
    "company.address": "Street 1, 10115 Berlin, Germany",
}


def _shown(settings: Profile, key: str) -> str:
    if key.startswith("company."):
        value = getattr(settings.company, key.removeprefix("company."))
        return ", ".join(value) if isinstance(value, tuple) else str(value) or "not set"
    match key:
        case "digest":
            return f"{settings.digest_at:%H:%M}"
        case "quiet":
            return f"{settings.quiet_from:%H:%M}-{settings.quiet_to:%H:%M}"
        case _:
            return str(getattr(settings, key))


def is_checked(subject: str) -> bool:
    """Whether a new value of this setting is checked, so that any other words are refused."""
    key = subject.removeprefix("set:")
    return not key.startswith("company.") or key in ("company.email", "company.tax_rate")


def card(settings: Profile) -> Outgoing:
    """All settings, each with a button to change it."""
    lines = [f"{label}: <b>{esc(_shown(settings, key))}</b>" for key, label in LABELS.items()]
    keys = list(LABELS)
    rows = tuple(
        tuple(Button(LABELS[key], f"set:{key}") for key in keys[place : place + 3])
        for place in range(0, len(keys), 3)
    )
    return Outgoing(
        html="<b>Settings</b>\n"
        + "\n".join(lines)
        + "\n\nTap what you want to change, or write for example:\n"
        "<code>/settings zone Europe/Berlin</code>",
        buttons=rows,
    )


async def settings(app: App, args: str, message: Message) -> Reply:
    """Shows the settings, or changes one: ``/settings zone Europe/Berlin``."""
    key, _, value = args.partition(" ")
    if not args:
        async with app.database.read() as connection:
            return Reply.of(card(await profile.load(connection)), subject="settings")
    if key not in LABELS or not value.strip():
        names = ", ".join(LABELS)
        return Reply.of(talk.note(f"Write /settings, one of {names}, and the new value."))

    async def change(connection: AsyncConnection) -> tuple[Outgoing | None, list[str]]:
        await change_setting(app, connection, f"set:{key}", value)
        return None, []

    return Reply(change=change)


async def ask(app: App, connection: AsyncConnection, key: str) -> str:
    """Asks for a new value of one setting; returns what to answer to the tap."""
    if key not in LABELS:
        return "I don't know this setting."
    await prompts.close_all(connection)
    prompt_id = await prompts.open_one(
        connection, app.clock, kind="setting", subject=f"set:{key}", data={}
    )
    now = _shown(await profile.load(connection), key)
    letter = await app.presenter.say(
        connection,
        Outgoing(
            html=f"{esc(LABELS[key])} is {esc(now)}. What should it be?",
            placeholder=_EXAMPLES.get(key, now)[:64],
        ),
        subject="settings",
    )
    await prompts.shown(connection, prompt_id, letter)
    return ""


def _time(text: str) -> time:
    found = re.fullmatch(r"\s*(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?\s*", text, re.I)
    if not found:
        raise FactotumError(f"I kept the old setting: {text.strip()!r} is not a time like 08:00.")
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        hour = hour % 12 + (12 if found[3].casefold() == "pm" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        raise FactotumError(
            f"I kept the old setting: {text.strip()!r} is not a time like 08:00."
        ) from None


def _values(settings: Profile, key: str, text: str) -> dict[str, Any]:
    text = " ".join(text.split())
    if key.startswith("company."):
        return {"company": settings.company.model_dump(mode="json") | _company(key, text)}
    match key:
        case "digest":
            return {"digest_at": _time(text)}
        case "quiet":
            parts = re.split(r"\s*(?:-|–|to)\s*", text, maxsplit=1)
            if len(parts) != 2:
                raise FactotumError("I kept the old setting: write hours such as 22:00-07:00.")
            return {"quiet_from": _time(parts[0]), "quiet_to": _time(parts[1])}
        case "net_days":
            if not (re.fullmatch(r"[0-9]{1,3}", text) and int(text) <= 365):
                raise FactotumError("I kept the old setting: write days from 0 to 365.")
            return {"net_days": int(text)}
        case _:
            return {key: text}


def _company(key: str, text: str) -> dict[str, Any]:
    field = key.removeprefix("company.")
    if text.casefold() in ("-", "none", "not set") and field != "name":
        text = ""
    match field:
        case "address":
            return {field: [part.strip() for part in text.split(",") if part.strip()]}
        case "email" if "@" not in text:
            raise FactotumError("I kept the old setting: that is not a mail address.")
        case "tax_rate":
            try:
                rate = Decimal(text.removesuffix("%").replace(",", ".") or "0")
            except InvalidOperation:
                rate = Decimal(-1)
            if not (rate.is_finite() and 0 <= rate <= 100):
                raise FactotumError("I kept the old setting: write a rate such as 19.")
            return {field: str(rate)}
        case _:
            return {field: text}


async def change_setting(app: App, connection: AsyncConnection, subject: str, text: str) -> None:
    """Changes one setting to what the operator wrote, or says why not."""
    key = subject.removeprefix("set:")
    before = await profile.load(connection)
    try:
        after = await profile.change(connection, app.clock, **_values(before, key, text))
    except FactotumError as error:
        await app.presenter.say(connection, talk.note(error.sentence()), subject="settings")
        return
    if (after.zone, after.digest_at) != (before.zone, before.digest_at):
        due_at = schedules.next_daily(after.digest_at, after.tz, app.clock.now())
        await schedules.set_daily(connection, app.clock, kind="digest", due_at=due_at)
    await app.presenter.say(
        connection,
        talk.note(f"{LABELS[key]} is now {_shown(after, key)}; it was {_shown(before, key)}."),
        subject="settings",
    )
