"""Attribution: what thinking cost, by what it was for: workflows, clients, outcomes.

Models are asked for messages, and a message leads to runs; what was spent for it is shared among
its runs in equal parts. What led to no run is for questions and talk.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.storage.ledger import invoice, payment
from core.storage.schema import run, spending, step

TALK = "questions and talk"
"""What is asked for without leading to a run."""
OUTCOMES = {
    "invoice.create": "invoice paid",
    "lead.add": "lead noted",
    "email.write": "mail sent",
    "content.write": "piece written",
}
"""What a workflow is for; an invoice counts when it is paid, the others when they are done."""
_CLIENT = ("client", "to", "with", "name", "student")


@dataclass(slots=True)
class Attributed:
    """Micro dollars by workflow and by client, and by outcome with how many there were."""

    workflows: Counter[str] = field(default_factory=Counter[str])
    clients: Counter[str] = field(default_factory=Counter[str])
    outcomes: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])


async def attributed(connection: AsyncConnection, since: datetime) -> Attributed:
    """What was spent after ``since``, by what it was for."""
    spent = await connection.execute(
        select(spending.c.inbox_id, func.sum(spending.c.micros))
        .where(spending.c.state.in_(("reserved", "spent")), spending.c.at >= since)
        .group_by(spending.c.inbox_id)
    )
    found = Attributed()
    per_run: dict[str, int] = {}
    kept: list[Any] = []
    for inbox_id, micros in spent.all():
        runs = await connection.execute(
            select(run.c.id, run.c.intent, run.c.plan, run.c.state).where(
                run.c.inbox_id == inbox_id, run.c.state != "replaced"
            )
        )
        rows = runs.all()
        if not rows and micros:
            found.workflows[TALK] += micros
        for place, row in enumerate(rows):
            share = micros // len(rows) + (place < micros % len(rows))
            found.workflows[row.intent] += share
            per_run[row.id] = share
            if who := _client(row.plan):
                found.clients[who] += share
        kept += rows
    paid = await _paid(connection, [row.id for row in kept if row.intent == "invoice.create"])
    for intent, name in OUTCOMES.items():
        of_it = [row for row in kept if row.intent == intent]
        reached = len(
            [
                r
                for r in of_it
                if (r.id in paid if intent == "invoice.create" else r.state == "done")
            ]
        )
        if reached:
            found.outcomes[name] = (sum(per_run[row.id] for row in of_it), reached)
    return found


def _client(plan: dict[str, Any]) -> str | None:
    shown = {value["slot"]: value["shown"] for value in plan["values"]}
    return next((str(shown[slot]) for slot in _CLIENT if slot in shown), None)


async def _paid(connection: AsyncConnection, run_ids: list[str]) -> set[str]:
    """Those of the runs whose invoices are paid in full."""
    received = (
        select(payment.c.invoice_id, func.sum(payment.c.amount_minor).label("minor"))
        .group_by(payment.c.invoice_id)
        .subquery()
    )
    rows = await connection.execute(
        select(step.c.run_id)
        .join(invoice, invoice.c.number == step.c.result["number"].as_string())
        .join(received, received.c.invoice_id == invoice.c.id)
        .where(step.c.run_id.in_(run_ids), received.c.minor >= invoice.c.total_minor)
    )
    return set(rows.scalars())
