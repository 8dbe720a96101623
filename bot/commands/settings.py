"""/settings: what the operator decides, shown and changed in the chat."""

import re
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import App
from bot.cards import talk
from bot.commands.registry import Reply
from bot.outgoing import Button, Outgoing, esc
from connectors.billing import IssueParams, LineParams, Seller
from connectors.mail import SendParams
from core import profile, prompts, schedules
from core.errors import FactotumError
from core.inbox import Message
from core.profile import Company, Profile

LABELS = {
    "zone": "Zone",
    "currency": "Currency",
    "digest": "Digest at",
    "quiet": "Quiet hours",
    "off_peak": "Off-peak hours",
    "net_days": "Days to pay",
    "hold": "Undo window",
    "episode_days": "Episodes, days",
    "summary_days": "Summaries, days",
    "transcript_days": "Raw chat, days",
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
    "off_peak": "22:00-06:00, when models draft what is not urgent; or none",
    "net_days": "14",
    "hold": "30, in seconds; 0 for none",
    "company.address": "Street 1, 10115 Berlin, Germany",
}


def _shown(settings: Profile, key: str) -> str:
    if key.startswith("company."):
        value = getattr(settings.company, key.removeprefix("company."))
        return ", ".join(value) if isinstance(value, tuple) else str(value) or "not set"
    match key:
        case "digest":
            return f"{settings.digest_at:%H:%M}"
        case "hold":
            return f"{settings.hold_seconds} seconds" if settings.hold_seconds else "none"
        case "quiet":
            return f"{settings.quiet_from:%H:%M}-{settings.quiet_to:%H:%M}"
        case "off_peak":
            begins, ends = settings.off_peak_from, settings.off_peak_to
            return f"{begins:%H:%M}-{ends:%H:%M}" if begins and ends else "none"
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
    await prompts.close_all(connection, app.clock)
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
        values = settings.company.model_dump(mode="json") | _company(key, text)
        _refuse(key.removeprefix("company."), settings.company, Company.model_validate(values))
        return {"company": values}
    match key:
        case "digest":
            return {"digest_at": _time(text)}
        case "off_peak" if text.casefold() in ("none", "off", "-"):
            return {"off_peak_from": None, "off_peak_to": None}
        case "quiet" | "off_peak":
            parts = re.split(r"\s*(?:-|–|to)\s*", text, maxsplit=1)
            if len(parts) != 2:
                raise FactotumError("I kept the old setting: write hours such as 22:00-07:00.")
            return {f"{key}_from": _time(parts[0]), f"{key}_to": _time(parts[1])}
        case "net_days":
            if not (re.fullmatch(r"[0-9]{1,3}", text) and int(text) <= 365):
                raise FactotumError("I kept the old setting: write days from 0 to 365.")
            return {"net_days": int(text)}
        case "hold":
            wanted = re.fullmatch(r"(none|[0-9]{1,4})( ?s| seconds?)?", text.casefold())
            seconds = 0 if not wanted or wanted[1] == "none" else int(wanted[1])
            if not wanted or seconds > 3600:
                raise FactotumError("I kept the old setting: write seconds from 0 to 3600.")
            return {"hold_seconds": seconds}
        case _:
            return {key: text}


def _company(key: str, text: str) -> dict[str, Any]:
    field = key.removeprefix("company.")
    if text.casefold() in ("-", "none", "not set") and field != "name":
        text = ""
    match field:
        case "address":
            return {field: [part.strip() for part in text.split(",") if part.strip()]}
        case "tax_rate":
            try:
                rate = Decimal(text.removesuffix("%").replace(",", ".") or "0")
            except InvalidOperation:
                raise FactotumError("I kept the old setting: write a rate such as 19.") from None
            return {field: str(rate)}
        case _:
            return {field: text}


_WAYS = {
    "tax_rate": ("0", "Set the tax to 0 first: /settings company.tax_rate 0"),
    "vat_id": ("DE1", "Write your VAT id first: /settings company.vat_id, and the id."),
    "tax_note": ("", "Take the tax note away first: /settings company.tax_note -"),
}
"""What may keep another detail from fitting: a value that doesn't, and how to get there."""
_FIXES = {
    "name": "Write a name such as Studio Example.",
    "email": "Write an address such as me@studio.example.",
    "tax_rate": "Write a rate such as 19 or 5.5.",
}


@dataclass(frozen=True, slots=True)
class _Problem:
    """Why an invoice can't be made. ``field`` is empty where two details don't go together."""

    field: str
    reason: str


def _problem(company: Company) -> _Problem | None:
    """What keeps an invoice of this company from going out, by the rules of those who make it."""
    on = date(2026, 1, 1)
    try:
        IssueParams(
            client_name="A client",
            client_vat_id="DE1",  # the client's own affair
            currency="EUR",
            issue_date=on,
            due_date=on,
            lines=(
                LineParams(description="Work", unit_minor=100, tax_rate=Decimal(company.tax_rate)),
            ),
            tax_note=company.tax_note,
            seller=Seller.of(company),
        )
        SendParams(
            to=(company.email,),
            sender=company.email,
            sender_name=company.name,
            subject=f"Invoice from {company.name}",
            body="",
        )
    except ValidationError as error:
        first = error.errors()[0]
        place = str(first["loc"][0]) if first["loc"] else ""
        return _Problem(place, _reason(first["type"], first["msg"], first.get("ctx", {})))
    return None


def _reason(kind: str, words: str, limits: dict[str, Any]) -> str:
    match kind:
        case "too_long" | "string_too_long":
            return f"there is room for {limits['max_length']} characters"
        case "too_short" | "string_too_short":
            return "it can't be empty"
        case "decimal_max_digits":
            return f"a rate has at most {limits['max_digits']} digits"
        case "decimal_max_places":
            return f"a rate has at most {limits['decimal_places']} decimals"
        case "greater_than_equal":
            return f"a rate is at least {limits['ge']}"
        case "less_than_equal":
            return f"a rate is at most {limits['le']}"
        case "finite_number":
            return "that is not a number"
        case _:
            return words.removeprefix("Value error, ")


def _refuse(field: str, before: Company, after: Company) -> None:
    """Raises FactotumError where the new value of ``field`` would keep invoices from going out."""
    problem = _problem(after)
    if problem is None:
        return
    if problem.field != field and problem == _problem(before):
        return  # it was so before, and another detail is to blame
    fix = _FIXES.get(field, "Write something shorter.")
    if not problem.field:
        ways = (
            words
            for other, (value, words) in _WAYS.items()
            if other != field and _problem(after.model_copy(update={other: value})) != problem
        )
        fix = next(ways, "")
    raise FactotumError(f"I kept the old setting: {problem.reason}.", fix=fix)


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
