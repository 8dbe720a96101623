"""The daily message: what waits, money, today, what was done and cost, what is degraded."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import App
from bot.cards import digest as digest_card
from bot.cards.dealings import waits
from bot.health import Status, check
from bot.outgoing import Outgoing
from connectors.billing import CurrencyTotals, Invoice
from connectors.calendar import Entry
from core import approvals, clients, costs, effects, outbox, runs, schedules
from core.clock import Clock
from core.costs import Cost
from core.memory import dealings, entities, upkeep
from core.memory.dealings import Dealings
from core.memory.entities import Entity
from core.profile import Profile
from core.schedules import Slot
from core.storage.schema import outbox as outbox_table

log: Any = structlog.get_logger()

SUBJECT = "digest"
"""What the digest's letters are about."""
_ENTRIES = 500
"""Documents of the ledger that are compared with each other, the newest."""
_WORTH = 3
"""What stands out is told in so few lines."""
_WAITS = 2
"""Answers that wait are told in so few lines."""
_BACK = 8
"""How many digests back may still have buttons: one, unless several were made at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that stands out. ``remind`` is the invoice to remind of, if any."""

    text: str
    client: str
    remind: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Everything the digest tells; ``now`` is on the operator's clock."""

    now: datetime
    status: Status
    decisions: list[tuple[str, runs.Run]]
    totals: Sequence[CurrencyTotals]
    open_invoices: Sequence[Invoice]
    notices: Sequence[Notice]
    calendar: Sequence[Entry]
    reminders: list[tuple[datetime, str]]
    leads: list[str]
    done: list[str]
    put_away: int
    cost: Cost

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
        reminders = [
            (slot.due_at, await _reminder(connection, slot))
            for slot in await schedules.upcoming(connection, end)
        ]
        done = await effects.confirmed_since(connection, yesterday)
        cost = await costs.since(connection, yesterday)
        leads = await clients.leads(connection)
        put_away = await upkeep.put_away(connection)
        known = await entities.everyone(connection)
        dealt = await dealings.everyones(connection, app.clock, known)
    return Digest(
        now=now,
        status=status,
        decisions=decisions,
        totals=await app.billing.reads.totals(now.date()),
        open_invoices=await app.billing.reads.open_invoices(),
        notices=[*await _notices(app, now.date()), *_waits(known, dealt, app.clock, settings)],
        calendar=await app.calendar.between(start, end),
        reminders=reminders,
        leads=leads,
        done=done,
        put_away=put_away,
        cost=cost,
    )


async def _reminder(connection: AsyncConnection, slot: Slot) -> str:
    if slot.kind == "reminder":
        return f"reminder: {slot.data['what']}"
    run = await runs.load(connection, str(slot.data["run"]))
    return f"follow-up: {run.plan.title}" if run else "follow-up"


async def _notices(app: App, today: date) -> list[Notice]:
    """What stands out in the ledger, by rules: it costs nothing and waits for nobody."""
    from agents.roles import role_of  # slow to load, and only the worker makes digests
    from agents.roles.operations import BooksRead, entries

    books = BooksRead(today=today, materials=entries(await app.billing.reads.list(_ENTRIES)))
    review = role_of(BooksRead).by_rules(books)
    reminders = {
        proposed.params["invoice_no"]
        for proposed in review.proposals
        if proposed.action == "invoice.remind"
    }
    return [
        Notice(
            text=anomaly.what,
            client=anomaly.client,
            remind=anomaly.invoice
            if anomaly.kind == "overdue" and anomaly.invoice in reminders
            else None,
        )
        for anomaly in review.anomalies[:_WORTH]
    ]


def _waits(
    known: Sequence[Entity], dealt: dict[str, Dealings], clock: Clock, owner: Profile
) -> list[Notice]:
    """Answers that wait for unusually long, oldest first."""
    late = [
        (thread, each)
        for each in known
        if (told := dealt.get(each.id))
        for thread in told.unusual(clock.now())[:1]
    ]
    late.sort(key=lambda pair: pair[0].since)
    return [
        Notice(text=waits(each.name, thread, dealt[each.id], owner), client=each.name, remind=None)
        for thread, each in late[:_WAITS]
    ]


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


async def settle(connection: AsyncConnection, clock: Clock, approval_id: str) -> None:
    """Takes a decision that is no longer open off the digests that offer it.

    Call it in the transaction that decides; does nothing while the approval is pending.
    """
    found = await approvals.load(connection, approval_id)
    if found is None or found.state == "pending":
        return
    for letter_id, chat_id, message in await _live(connection):
        newer = digest_card.decided(message, approval_id, found.state)
        if newer is not message:
            await _edit(connection, clock, letter_id, chat_id, newer)


async def followed(connection: AsyncConnection, clock: Clock, data: str) -> None:
    """Takes a button that was tapped, by its ``data``, off the digests that offer it."""
    for letter_id, chat_id, message in await _live(connection):
        left = tuple(row for row in message.buttons if all(each.data != data for each in row))
        if left != message.buttons:
            await _edit(connection, clock, letter_id, chat_id, replace(message, buttons=left))


async def retire(connection: AsyncConnection, clock: Clock) -> None:
    """Takes the buttons off earlier digests.

    Call it in the transaction that says the new digest, before that one is put.
    """
    for letter_id, chat_id, message in await _live(connection):
        await _edit(connection, clock, letter_id, chat_id, digest_card.superseded(message))


async def _live(connection: AsyncConnection) -> list[tuple[int, int, Outgoing]]:
    """Digests with buttons that can still be edited: letter, chat and how each looks now."""
    letters = await connection.execute(
        select(outbox_table.c.id, outbox_table.c.chat_id, outbox_table.c.payload)
        .where(
            outbox_table.c.subject == SUBJECT,
            outbox_table.c.kind == "text",
            outbox_table.c.state.in_(("queued", "sending", "sent")),
        )
        .order_by(outbox_table.c.id.desc())
        .limit(_BACK)
    )
    found = {row.id: (row.chat_id, row.payload) for row in letters}
    edits = await connection.execute(
        select(outbox_table.c.edit_of, outbox_table.c.payload)
        .where(
            outbox_table.c.edit_of.in_(found), outbox_table.c.state.not_in(("dropped", "failed"))
        )
        .order_by(outbox_table.c.id)
    )
    for edit in edits:
        found[edit.edit_of] = (found[edit.edit_of][0], edit.payload)
    return [
        (letter_id, chat_id, message)
        for letter_id, (chat_id, payload) in found.items()
        if (message := Outgoing.load(payload)).buttons
    ]


async def _edit(
    connection: AsyncConnection, clock: Clock, letter_id: int, chat_id: int, message: Outgoing
) -> None:
    await outbox.put(
        connection,
        clock,
        chat_id=chat_id,
        kind="edit",
        payload=message.payload(),
        subject=SUBJECT,
        edit_of=letter_id,
    )
