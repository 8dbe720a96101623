"""/cost and /budget: what models cost, what they may cost, and how that is changed."""

import asyncio
import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import App
from bot.cards import talk
from bot.commands.registry import Reply
from bot.outgoing import Outgoing, esc
from core import budgets, profile
from core.attribution import Attributed, attributed
from core.budgets import Left, Spent
from core.costs import Cost
from core.errors import FactotumError
from core.inbox import Message
from core.memory.recall_cache import Record
from core.money import Money
from core.profile import Profile

_MOST = 6
"""Workflows and clients that are named."""
_SET = re.compile(r"(message|day|month|rate)\s+(off|none|[\d.,]+)", re.IGNORECASE)
_USAGE = (
    "Write /budget day 2 for 2 {currency} a day; message and month are set in the same way, and"
    " “off” takes a limit away. /budget rate 0.92 says what a US dollar costs in {currency}."
)


def _row(spent: Spent) -> str:
    cost = str(Cost(spent.micros, spent.unknown))
    calls = "1 call" if spent.calls == 1 else f"{spent.calls} calls"
    return f"{esc(spent.name)}: {esc(cost)}, {calls}"


def _limit(left: Left, owner: Profile) -> str:
    def money(micros: int) -> str:
        return str(Money.of(Decimal(micros) / 1_000_000 * owner.usd_rate, owner.currency))

    return f"For {left.name}: {money(left.used)} of {money(left.limit)} used"


async def cost(app: App, args: str, message: Message) -> Reply:
    """What models cost today and this month, by whom, and what was saved."""
    async with app.database.read() as connection:
        owner = await profile.load(connection)
        today = owner.local(app.clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
        parts = [
            await _period(connection, "Today", today),
            await _period(connection, "This month", today.replace(day=1)),
        ]
        remembered = await _remembered(connection, app, today.replace(day=1))
        left = await budgets.limits(connection, app.clock, None)
        told = await attributed(connection, today.replace(day=1))
    parts += [*_purposes(told), *remembered]
    limits = [f"<i>{esc(_limit(each, owner))}</i>" for each in left]
    html = "\n\n".join(["<b>Cost of thinking</b>", *parts, *limits])
    messages = [Outgoing(html=html)]
    if len(told.workflows) > 1:
        messages.append(await _picture(app, told))
    return Reply.of(*messages, subject="cost")


def _purposes(told: Attributed) -> list[str]:
    """What this month's thinking was for."""
    parts = [
        "\n".join(
            [f"<b>{heading} this month</b>"]
            + [f"{esc(name)}: {Cost(micros)}" for name, micros in counted.most_common(_MOST)]
        )
        for heading, counted in (("By workflow", told.workflows), ("By client", told.clients))
        if counted.total()
    ]
    each = [
        f"Per {name}: {Cost(micros // count)} ({count} so far)"
        for name, (micros, count) in told.outcomes.items()
        if micros
    ]
    return [*parts, "\n".join(each)] if each else parts


async def _picture(app: App, told: Attributed) -> Outgoing:
    from bot import chart  # matplotlib is slow to load and only needed here

    path = app.settings.home / "previews" / f"cost-{app.clock.now():%Y-%m-%d-%H%M%S}.png"
    await asyncio.to_thread(chart.costs, path, told.workflows.most_common(chart.MOST))
    return Outgoing(
        html="What thinking cost this month, by workflow",
        file=str(path),
        name=path.name,
        photo=True,
    )


async def _period(connection: AsyncConnection, name: str, since: datetime) -> str:
    by_agent = await budgets.spent(connection, since, by="agent")
    by_model = await budgets.spent(connection, since, by="model")
    if not by_agent:
        return f"{name}: nothing; the built-in model costs nothing."
    lines = [f"<b>{name}</b>", *map(_row, by_agent)]
    if len(by_model) > 1 or [row.name for row in by_model] != [row.name for row in by_agent]:
        lines += ["By model:", *map(_row, by_model)]
    return "\n".join(lines)


async def _remembered(connection: AsyncConnection, app: App, since: datetime) -> list[str]:
    """What was not paid for twice: answers of models this month, searches since the start."""
    answers, saved = await budgets.saved(connection, since)
    calls = sum(row.calls for row in await budgets.spent(connection, since, by="agent"))
    found = app.recall.record
    told = [
        f"{met} of {every} {what} ({100 * met // every} %), which saved {spared}"
        for met, every, what, spared in (
            (answers, answers + calls, "answers this month", Cost(saved)),
            (found.met, found.asked, "searches of memory since the start", _spared(app, found)),
        )
        if met
    ]
    return [f"Remembered: {'; '.join(told)}"] if told else []


def _spared(app: App, found: Record) -> Cost | str:
    """What embedding the questions again would have cost."""
    provider, _, model = app.settings.embedding_model.partition(":")
    if not model:
        return "time alone"
    # Here, since it brings pydantic-ai: the bot's process would carry 100 MB for this command.
    from agents.gateway.models import Prices

    prices = Prices(app.settings.model_prices)
    micros = prices.of(model, provider, sent=found.tokens, answered=0)
    return "embeddings of unknown price" if micros is None else Cost(micros)


async def budget(app: App, args: str, message: Message) -> Reply:
    """Shows or sets what models may cost for a message, a day and a month."""
    async with app.database.read() as connection:
        owner = await profile.load(connection)
    usage = _USAGE.format(currency=owner.currency)
    if not args.strip():
        return Reply.of(talk.note(f"{_limits(owner)}\n\n{usage}"))
    given = _SET.fullmatch(args.strip())
    if given is None:
        return Reply.of(talk.note(usage))
    key, said = given.group(1).casefold(), given.group(2).casefold()
    try:
        value = None if said in ("off", "none") else Decimal(said.replace(",", "."))
    except InvalidOperation:
        return Reply.of(talk.note(usage))
    if key == "rate" and value is None:
        return Reply.of(talk.note(usage))
    values: dict[str, Any] = {"usd_rate" if key == "rate" else f"budget_{key}": value}

    async def change(connection: AsyncConnection) -> tuple[Outgoing | None, list[str]]:
        try:
            after = await profile.change(connection, app.clock, **values)
        except FactotumError as error:
            return talk.note(error.sentence()), []
        return talk.note(_limits(after)), []

    return Reply(change=change)


def _limits(owner: Profile) -> str:
    set_ = [
        f"{name}: {Money.of(amount, owner.currency)}"
        for name, amount in (
            ("For one message", owner.budget_message),
            ("A day", owner.budget_day),
            ("A month", owner.budget_month),
        )
        if amount is not None
    ]
    if not set_:
        return "Models may cost anything: no budget is set."
    rate = Money.of(owner.usd_rate, owner.currency)
    return "\n".join(["Models may cost at most", *set_, f"A US dollar is taken as {rate}."])
