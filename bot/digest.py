"""The daily message: what waits, money, today, what was done and cost, what is degraded."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import structlog

from bot.app import App
from bot.cards import digest as digest_card
from bot.health import Status, check
from bot.outgoing import Outgoing
from connectors.billing import CurrencyTotals, Invoice
from connectors.calendar import Entry
from core import approvals, clients, effects, runs, schedules
from core.money import Money
from core.schedules import Slot

log: Any = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Everything the digest tells; ``now`` is on the operator's clock."""

    now: datetime
    status: Status
    decisions: list[tuple[str, runs.Run]]
    totals: Sequence[CurrencyTotals]
    open_invoices: Sequence[Invoice]
    calendar: Sequence[Entry]
    reminders: list[Slot]
    leads: list[str]
    done: list[str]
    costs: list[Money]

    @property
    def today(self) -> date:
        """The operator's date."""
        return self.now.date()


async def gather(app: App) -> Digest:
    """Reads all of it; changes nothing."""
    status = await check(app)
    settings = status.profile
    now = settings.local(app.clock.now())
    start = datetime.combine(now.date(), time(0), tzinfo=settings.tz)
    end = start + timedelta(days=1)
    yesterday = app.clock.now() - timedelta(days=1)
    async with app.database.read() as connection:
        decisions = [
            (found.id, run)
            for found in await approvals.pending(connection)
            if (run := await runs.load(connection, found.run_id))
        ]
        reminders = await schedules.upcoming(connection, end)
        done = await effects.confirmed_since(connection, yesterday)
        costs: dict[str, Money] = {}
        for run in await runs.since(connection, yesterday):
            code = run.cost.currency
            costs[code] = costs.get(code, Money(0, code)) + run.cost
        leads = await clients.leads(connection)
    return Digest(
        now=now,
        status=status,
        decisions=decisions,
        totals=await app.billing.reads.totals(now.date()),
        open_invoices=await app.billing.reads.open_invoices(),
        calendar=await app.calendar.between(start, end),
        reminders=reminders,
        leads=leads,
        done=done,
        costs=list(costs.values()),
    )


async def compose(app: App) -> list[Outgoing]:
    """The digest as messages: one text, and a chart where there is more than one sum to compare."""
    told = await gather(app)
    messages = [digest_card.digest(told)]
    if len({invoice.client_name for invoice in told.open_invoices}) > 1:
        from bot import chart  # matplotlib is slow to load and only needed here

        folder = app.settings.home / "previews"
        path = folder / f"digest-{told.today:%Y-%m-%d}-{told.now:%H%M%S}.png"
        try:
            await asyncio.to_thread(chart.open_money, path, told.open_invoices, told.today)
        except Exception:  # the words stand without the picture
            log.exception("no_chart")
            return messages
        messages.append(
            Outgoing(
                html="Money still to come, by client",
                file=str(path),
                name=path.name,
                photo=True,
            )
        )
    return messages
