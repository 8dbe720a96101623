"""Explanations: what led to something, gathered from stored records for /why."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from core import approvals, effects, explanations, inbox, outbox, runs
from core.approvals import Approval
from core.explanations import Explanation
from core.inbox import Message
from core.memory import facts
from core.memory.facts import Fact
from core.plans import provenance
from core.runs import Run, Step
from core.storage.schema import effect, journal, schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Everything recorded about one subject. Empty parts were not recorded.

    ``step`` is the one that was asked about, ``derives`` what its parameters derive from.
    """

    message: Message | None = None
    run: Run | None = None
    steps: list[Step] = field(default_factory=list[Step])
    approval: Approval | None = None
    facts: list[Fact] = field(default_factory=list[Fact])
    effects: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    thoughts: list[Explanation] = field(default_factory=list[Explanation])
    reason: str = ""
    step: Step | None = None
    derives: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])


async def _effects(connection: AsyncConnection, step: Step) -> list[dict[str, Any]]:
    row = await effects.of_step(connection, step.id)
    if row is None:
        return []
    at = row.confirmed_at or row.intended_at
    return [{"action": row.action, "state": row.state, "token": row.token, "at": at}]


async def _of_step(connection: AsyncConnection, step_id: str) -> Explained | None:
    step = await runs.load_step(connection, step_id)
    run = await runs.load(connection, step.run_id) if step else None
    if step is None or run is None:
        return None
    return replace(
        await _of_run(connection, run),
        step=step,
        derives=provenance(run.plan).get(step.key, {}),
        steps=[step],
        effects=await _effects(connection, step),
        thoughts=await explanations.of(connection, inbox_id=None, step_ids=[step.id]),
    )


async def _of_effect(connection: AsyncConnection, token: str) -> Explained | None:
    step_id = await connection.scalar(select(effect.c.step_id).where(effect.c.token == token))
    if step_id is None:  # it was given up for another
        step_id = await connection.scalar(
            select(journal.c.data["step"].as_string())
            .where(journal.c.subject == token, journal.c.kind == "effect.intended")
            .limit(1)
        )
    return await _of_step(connection, step_id) if step_id else None


async def _of_run(connection: AsyncConnection, run: Run) -> Explained:
    steps = await runs.steps(connection, run.id)
    found = [told for step in steps for told in await _effects(connection, step)]
    message = await inbox.load(connection, run.inbox_id) if run.inbox_id else None
    return Explained(
        message=message,
        run=run,
        steps=steps,
        approval=await approvals.of_run(connection, run.id),
        effects=found,
        thoughts=await explanations.of(
            connection, inbox_id=run.inbox_id, step_ids=[step.id for step in steps]
        ),
    )


async def _of_answer(connection: AsyncConnection, inbox_id: int) -> Explained | None:
    message = await inbox.load(connection, inbox_id)
    entry = (
        await connection.execute(
            select(journal.c.data)
            .where(journal.c.subject == f"msg_{inbox_id}", journal.c.kind == "message.understood")
            .order_by(journal.c.seq.desc())
            .limit(1)
        )
    ).first()
    if message is None or entry is None:
        return None
    used = [
        fact
        for fact_id in entry.data.get("facts", [])
        if (fact := await facts.load(connection, fact_id))
    ]
    return Explained(
        message=message,
        facts=used,
        thoughts=await explanations.of(connection, inbox_id=inbox_id),
        reason=_reason(entry.data),
    )


def _reason(data: dict[str, Any]) -> str:
    by = data.get("model") or "the built-in model"
    tier = f" ({data['tier']})" if data.get("tier") else ""
    why = f" {data['degraded']}." if data.get("degraded") else ""
    return f"{data.get('rationale') or ''} Read by {by}{tier}.{why}"


async def subject(connection: AsyncConnection, name: str) -> Explained | None:
    """What is recorded about an id: a run, a step, an effect, an approval, a fact, a message."""
    name = name.partition(":")[0]  # "apr_…:why" and the like are about the same
    kind, _, rest = name.partition("_")
    match kind:
        case "run":
            run = await runs.load(connection, name)
            return await _of_run(connection, run) if run else None
        case "stp":
            return await _of_step(connection, name)
        case "eff":
            return await _of_effect(connection, name)
        case "apr":
            approval = await approvals.load(connection, name)
            run = await runs.load(connection, approval.run_id) if approval else None
            return await _of_run(connection, run) if run else None
        case "msg" if re.fullmatch(r"[0-9]{1,18}", rest):
            run = await runs.of_message(connection, int(rest))
            if run:
                return await _of_run(connection, run)
            return await _of_answer(connection, int(rest))
        case "sch":
            token = await connection.scalar(select(schedule.c.token).where(schedule.c.id == name))
            run_id = await effects.run_of(connection, token) if token else None
            return await subject(connection, run_id) if run_id else None
        case "fact":
            fact = await facts.load(connection, name)
            return Explained(facts=[fact]) if fact else None
        case _:
            return None


async def telegram_message(
    connection: AsyncConnection, *, chat_id: int, message_id: int
) -> Explained | None:
    """What led to a message in the chat, whoever wrote it."""
    letter = await outbox.by_message(connection, chat_id=chat_id, message_id=message_id)
    if letter:
        return await subject(connection, letter.subject)
    message = await inbox.by_message(connection, chat_id=chat_id, message_id=message_id)
    return await subject(connection, f"msg_{message.id}") if message else None
