"""Budgets: what models may cost, reserved before each call and settled after it.

A call is reserved at the most it can cost, in the transaction that looks at the limits, so that
any number of callers at once stays below them. What a call that was cut off cost nobody knows:
its reservation counts as spent until its period is over.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal, profile
from core.clock import Clock
from core.costs import Cost
from core.errors import FactotumError
from core.money import Money
from core.profile import Profile
from core.storage.database import Database
from core.storage.schema import response, spending
from core.when import day_and_time


class OverBudget(FactotumError):
    """The call could cost more than what is left.

    ``limit`` is the one that is in the way, None where it is none of the operator's.
    """

    def __init__(self, message: str, *, limit: "Left | None" = None) -> None:
        super().__init__(message, fix="/budget changes it.")
        self.limit = limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a model: which agent asks which model of which tier, for which message."""

    agent: str
    tier: str
    model: str
    inbox_id: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that was paid for before."""

    output: dict[str, object]
    tokens: int
    micros: int


@dataclass(frozen=True, slots=True)
class Left:
    """One limit: what it is for, how much of it is used, and how much it is, in micro dollars.

    ``ends`` is when it begins anew, on the operator's clock; None for that of one message.
    """

    name: str
    used: int
    limit: int
    ends: datetime | None = None


def _micros(amount: Decimal, owner: Profile) -> int:
    dollars = amount / owner.usd_rate
    return int((dollars * 1_000_000).to_integral_value(ROUND_FLOOR))


async def limits(connection: AsyncConnection, clock: Clock, inbox_id: int | None) -> list[Left]:
    """The limits that are set, with what is used of them, reservations too."""
    owner = await profile.load(connection)
    today = owner.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    month = today.replace(day=1)
    found: list[Left] = []
    for name, amount, since, ends, message in (
        ("this message", owner.budget_message, None, None, inbox_id),
        ("today", owner.budget_day, today, today + timedelta(days=1), None),
        ("this month", owner.budget_month, month, _next(month), None),
    ):
        if amount is not None and (since is not None or message is not None):
            used = await _used(connection, since=since, inbox_id=message)
            found.append(Left(name, used, _micros(amount, owner), ends))
    return found


def _next(month: datetime) -> datetime:
    return (month + timedelta(days=32)).replace(day=1)


async def _used(
    connection: AsyncConnection, *, since: datetime | None, inbox_id: int | None
) -> int:
    query = select(func.sum(spending.c.micros)).where(spending.c.state.in_(("reserved", "spent")))
    if since is not None:
        query = query.where(spending.c.at >= since)
    if inbox_id is not None:
        query = query.where(spending.c.inbox_id == inbox_id)
    return int(await connection.scalar(query) or 0)


@dataclass(frozen=True, slots=True)
class Spent:
    """What calls of one name cost together, in micro dollars; ``unknown`` have no known price."""

    name: str
    calls: int
    micros: int
    unknown: int


async def spent(
    connection: AsyncConnection, since: datetime, *, by: Literal["agent", "tier", "model"]
) -> list[Spent]:
    """What was spent or set aside after ``since``, the dearest first."""
    name, micros = spending.c[by], func.sum(spending.c.micros)
    rows = await connection.execute(
        select(name, func.count(), micros, func.sum(spending.c.unknown))
        .where(spending.c.state.in_(("reserved", "spent")), spending.c.at >= since)
        .group_by(name)
        .order_by(micros.desc(), name)
    )
    return [Spent(*row) for row in rows]


async def saved(connection: AsyncConnection, since: datetime) -> tuple[int, int]:
    """How many answers were remembered after ``since``, and the micro dollars that saved."""
    row = (
        await connection.execute(
            select(func.count(), func.coalesce(func.sum(spending.c.saved), 0)).where(
                spending.c.state == "cached", spending.c.at >= since
            )
        )
    ).one()
    return row[0], row[1]


class Purse:
    """Pays for calls of models, and remembers what they answered."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    async def reserve(self, call: Call, most: int | None) -> int:
        """Sets aside ``most`` micro dollars, None where the price isn't known; returns its id.

        Raises OverBudget where that is more than what is left of a limit, and where a limit is
        set and the price isn't known.
        """
        async with self._db.write() as connection:
            for left in await limits(connection, self._clock, call.inbox_id):
                if most is None:
                    raise OverBudget(
                        f"Nobody knows the price of {call.model} (FACTOTUM_MODEL_PRICES says it),"
                        f" and there is a budget for {left.name}."
                    )
                if left.used + most > left.limit:
                    owner = await profile.load(connection)
                    total = Decimal(left.limit) / 1_000_000 * owner.usd_rate
                    until = f" until {day_and_time(left.ends)}" if left.ends else ""
                    raise OverBudget(
                        f"The budget for {left.name}, {Money.of(total, owner.currency)}, leaves no"
                        f" room for {call.model}{until}.",
                        limit=left,
                    )
            made = await connection.execute(
                spending.insert().values(
                    inbox_id=call.inbox_id,
                    agent=call.agent,
                    tier=call.tier,
                    model=call.model,
                    tokens=0,
                    micros=most or 0,
                    unknown=0 if most is not None else 1,
                    saved=0,
                    state="reserved",
                    at=self._clock.now(),
                )
            )
            key = made.inserted_primary_key
            assert key is not None
            row: int = key[0]
            await journal.append(
                connection,
                self._clock,
                kind="model.reserved",
                subject=_subject(call),
                data={"call": row, "agent": call.agent, "model": call.model, "micros": most},
            )
            return row

    async def settle(self, row: int, call: Call, cost: Cost, tokens: int) -> None:
        """The call was made and cost this."""
        async with self._db.write() as connection:
            await connection.execute(
                update(spending)
                .where(spending.c.id == row, spending.c.state == "reserved")
                .values(state="spent", micros=cost.micros, unknown=cost.unknown, tokens=tokens)
            )
            await journal.append(
                connection,
                self._clock,
                kind="model.paid",
                subject=_subject(call),
                data={
                    "call": row,
                    "model": call.model,
                    "tokens": tokens,
                    "micros": cost.micros,
                    "unknown": cost.unknown,
                },
            )

    async def release(self, row: int, call: Call) -> None:
        """The call was refused before anything was thought: nothing is billed for it."""
        async with self._db.write() as connection:
            await connection.execute(
                update(spending)
                .where(spending.c.id == row, spending.c.state == "reserved")
                .values(state="released", micros=0, unknown=0)
            )
            await journal.append(
                connection,
                self._clock,
                kind="model.released",
                subject=_subject(call),
                data={"call": row, "model": call.model},
            )

    async def known(self, key: str, call: Call) -> Kept | None:
        """What was answered under this key before, counted as saved; None where nothing was."""
        async with self._db.read() as connection:
            row = (await connection.execute(select(response).where(response.c.key == key))).first()
        if row is None:
            return None
        async with self._db.write() as connection:
            await connection.execute(
                spending.insert().values(
                    inbox_id=call.inbox_id,
                    agent=call.agent,
                    tier=call.tier,
                    model=call.model,
                    tokens=0,
                    micros=0,
                    unknown=0,
                    saved=row.micros,
                    state="cached",
                    at=self._clock.now(),
                )
            )
            await journal.append(
                connection,
                self._clock,
                kind="model.remembered",
                subject=_subject(call),
                data={"model": call.model, "saved": row.micros, "key": key},
            )
        return Kept(row.output, row.tokens, row.micros)

    async def keep(
        self, key: str, call: Call, output: dict[str, object], cost: Cost, tokens: int
    ) -> None:
        """Remembers an answer under a key of all that it depends on."""
        async with self._db.write() as connection:
            await connection.execute(
                response.insert()
                .prefix_with("OR IGNORE")
                .values(
                    key=key,
                    agent=call.agent,
                    model=call.model,
                    output=output,
                    tokens=tokens,
                    micros=cost.micros,
                    at=self._clock.now(),
                )
            )
            await journal.append(
                connection,
                self._clock,
                kind="model.kept",
                subject=_subject(call),
                data={"model": call.model, "key": key},
            )


def _subject(call: Call) -> str:
    return f"msg_{call.inbox_id}" if call.inbox_id is not None else call.agent
