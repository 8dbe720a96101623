"""What the operator decides, in the chat: zone, currency, hours, the company's own details."""

import json
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.numbers import is_currency
from pydantic import AfterValidator, BaseModel, Field, ValidationError
from sqlalchemy import Text, cast, or_, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal
from core.clock import Clock
from core.errors import FactotumError
from core.storage.database import notes
from core.storage.prepared import Prepared
from core.storage.schema import setting


def _zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("that is not a time zone; write one such as Europe/Berlin") from None


def _currency(value: str) -> str:
    if not is_currency(value.upper()):
        raise ValueError("that is not a currency code; write one such as EUR")
    return value.upper()


class Company(BaseModel, frozen=True):
    """The operator's own company, as printed on invoices and mails."""

    name: str = "My company"
    person: str = ""
    address: tuple[str, ...] = ()
    email: str = "me@company.example"
    vat_id: str = ""
    iban: str = ""
    bank: str = ""
    tax_rate: str = "0"
    """Percent on an invoice line, as a decimal number."""
    tax_note: str = ""


class Profile(BaseModel, frozen=True):
    """The operator's settings as they hold now."""

    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    currency: Annotated[str, AfterValidator(_currency)] = "EUR"
    digest_at: time = time(8, 0)
    quiet_from: time = time(22, 0)
    quiet_to: time = time(7, 0)
    off_peak_from: time | None = None
    off_peak_to: time | None = None
    """The hours in which models do what is not urgent; at any time where they are not set."""
    net_days: int = 14
    """Days to pay where nothing else is known."""
    hold_seconds: int = Field(default=0, ge=0, le=3600)
    """How long what can't be taken back waits after a tap, with an Undo button."""
    budget_message: Annotated[Decimal | None, Field(ge=0)] = None
    budget_day: Annotated[Decimal | None, Field(ge=0)] = None
    budget_month: Annotated[Decimal | None, Field(ge=0)] = None
    """What models may cost, in ``currency``, for one message, a day and a calendar month."""
    usd_rate: Annotated[Decimal, Field(gt=0)] = Decimal(1)
    """How much of ``currency`` a US dollar, in which models are billed, is taken to cost."""
    episode_days: int = Field(default=90, ge=7, le=3650)
    """How long single messages and runs stay in memory before they are summed up."""
    summary_days: int = Field(default=730, ge=30, le=36500)
    transcript_days: int = Field(default=30, ge=7, le=3650)
    """How long the raw texts of the chat stay."""
    company: Company = Company()
    paused: bool = False

    @property
    def tz(self) -> ZoneInfo:
        """The zone as tzinfo."""
        return ZoneInfo(self.zone)

    def local(self, moment: datetime) -> datetime:
        """``moment`` on the operator's clock."""
        return moment.astimezone(self.tz)

    def quiet(self, moment: datetime) -> bool:
        """Whether ``moment`` lies in the quiet hours, when nothing makes a sound."""
        return _within(self.local(moment).time(), self.quiet_from, self.quiet_to)

    def until_off_peak(self, moment: datetime) -> timedelta:
        """How long what is not urgent has to wait at ``moment``; nothing within the hours."""
        begins, ends = self.off_peak_from, self.off_peak_to
        now = self.local(moment)
        if begins is None or ends is None or _within(now.time(), begins, ends):
            return timedelta()
        next_ = now.replace(hour=begins.hour, minute=begins.minute, second=0, microsecond=0)
        return (next_ if next_ > now else next_ + timedelta(days=1)) - now


def _within(now: time, begins: time, ends: time) -> bool:
    """Whether ``now`` lies in hours that may go over midnight; those of no length hold none."""
    if begins <= ends:
        return begins <= now < ends
    return now >= begins or now < ends


_PROFILE = "profile"
_STORED = Prepared(
    select(setting.c.key, cast(setting.c.value, Text).label("value")).where(
        or_(*(setting.c.key == name for name in Profile.model_fields))
    )
)


async def load(connection: AsyncConnection) -> Profile:
    """The profile as stored, defaults where nothing is. Read once in a transaction."""
    known = notes(connection).known
    found: Profile | None = known.get(_PROFILE)
    if found is None:
        found = known[_PROFILE] = _read(tuple(await _STORED.all(connection)))
    return found


@lru_cache(maxsize=4)
def _read(rows: tuple[tuple[str, str | None], ...]) -> Profile:
    return Profile.model_validate({key: value and json.loads(value) for key, value in rows})


async def change(
    connection: AsyncConnection, clock: Clock, *, actor: str = "operator", **values: Any
) -> Profile:
    """Stores new values after checking them, with a journal entry for each.

    Raises FactotumError with the reason where a value does not fit.
    """
    before = await load(connection)
    try:
        after = Profile.model_validate(before.model_dump(mode="json") | values)
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise FactotumError(f"I kept the old setting: {reason}.") from None
    notes(connection).known.pop(_PROFILE, None)
    stored = after.model_dump(mode="json")
    for key in values:
        await connection.execute(
            insert(setting)
            .values(key=key, value=stored[key], updated_at=clock.now())
            .on_conflict_do_update(
                index_elements=[setting.c.key],
                set_={"value": stored[key], "updated_at": clock.now()},
            )
        )
        await journal.append(
            connection,
            clock,
            kind="setting.changed",
            subject=key,
            data={"to": stored[key]},
            actor=actor,
        )
    return after
