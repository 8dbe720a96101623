"""What mutation tests found unguarded: which approvals are meant, and what the record says."""

from datetime import timedelta
from typing import Any

import pytest
from kernel_fakes import Kernel, buy
from sqlalchemy import Update, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.billing import tax
from core import approvals, outbox, waiting
from core.storage.schema import approval, journal


async def _kinds(kernel: Kernel, subject: str | None) -> list[str]:
    async with kernel.database.read() as connection:
        return list(
            await connection.scalars(
                select(journal.c.kind).where(journal.c.subject == subject).order_by(journal.c.seq)
            )
        )


async def test_only_what_is_open_waits_for_the_operator(kernel: Kernel) -> None:
    first, second, third = [await kernel.start(buy()) for _ in range(3)]
    await kernel.decide(second.approval_id, "rejected")
    async with kernel.database.read() as connection:
        waits = [found.id for found in await approvals.pending(connection)]
    assert waits == sorted([str(first.approval_id), str(third.approval_id)])


async def test_a_run_that_needed_none_has_none(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    async with kernel.database.read() as connection:
        found = await approvals.of_run(connection, started.run_id)
        assert found is not None
        assert found.id == started.approval_id
        assert await approvals.of_run(connection, "run_none") is None
        assert await approvals.load(connection, "apr_none") is None


async def test_a_cancelled_run_ends_its_own_open_approval_alone(kernel: Kernel) -> None:
    one, other, over = [await kernel.start(buy()) for _ in range(3)]
    await kernel.decide(over.approval_id, "rejected")
    async with kernel.database.write() as connection:
        for run in (one, over):
            await approvals.cancel_of_run(connection, kernel.clock, run.run_id)
    states: list[str] = []
    async with kernel.database.read() as connection:
        for run in (one, other, over):
            found = await approvals.of_run(connection, run.run_id)
            assert found is not None
            states.append(found.state)
    assert states == ["cancelled", "pending", "rejected"]
    assert await _kinds(kernel, one.approval_id) == ["approval.asked", "approval.cancelled"]
    assert await _kinds(kernel, over.approval_id) == ["approval.asked", "approval.rejected"]


async def test_what_is_put_aside_is_on_record_once(kernel: Kernel) -> None:
    one, over = [await kernel.start(buy()) for _ in range(2)]
    await kernel.decide(over.approval_id, "rejected")
    until = kernel.clock.now() + timedelta(hours=1)
    async with kernel.database.write() as connection:
        for started, open_ in ((one, True), (over, False)):
            assert started.approval_id
            done = await waiting.snooze(connection, kernel.clock, started.approval_id, until)
            assert done is open_
    assert "approval.snoozed" in await _kinds(kernel, one.approval_id)
    assert "approval.snoozed" not in await _kinds(kernel, over.approval_id)


async def test_a_card_is_remembered_for_its_own_approval_alone(kernel: Kernel) -> None:
    first, second = [await kernel.start(buy()) for _ in range(2)]
    assert first.approval_id
    async with kernel.database.write() as connection:
        before = await approvals.pending(connection)
        letter = await outbox.put(connection, kernel.clock, chat_id=1, kind="text", payload={})
        await approvals.shown(connection, first.approval_id, letter)
        after = await approvals.pending(connection)
    letters = {found.id: found.outbox_id for found in before}
    assert len({*letters.values(), letter, None}) == 4
    assert {found.id: found.outbox_id for found in after} == letters | {first.approval_id: letter}
    assert second.approval_id in letters


@pytest.mark.parametrize("to", ["approved", "replaced"])
async def test_a_tap_that_another_overtook_does_nothing_and_says_so(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch, to: Any
) -> None:
    started = await kernel.start(buy())
    execute = AsyncConnection.execute

    async def overtaken(self: AsyncConnection, statement: Any, *more: Any, **named: Any) -> Any:
        if isinstance(statement, Update):
            monkeypatch.undo()
            await self.execute(update(approval).values(state="rejected", decided_by=2))
        return await execute(self, statement, *more, **named)

    monkeypatch.setattr(AsyncConnection, "execute", overtaken)
    decision = await kernel.decide(started.approval_id, to)
    assert decision.taken is False
    assert decision.words == "Decided already."
    async with kernel.database.read() as connection:
        found = await approvals.load(connection, str(started.approval_id))
    assert found is not None
    assert found.state == "rejected"
    assert await _kinds(kernel, started.approval_id) == ["approval.asked"]


async def test_what_a_tap_did_is_a_plain_yes_or_no(kernel: Kernel) -> None:
    assert (await kernel.decide("apr_none")).taken is False
    started = await kernel.start(buy())
    decision = await kernel.decide(started.approval_id)
    assert decision.taken is True
    assert decision.words == ""
    assert decision.approval is not None
    assert (decision.approval.state, decision.approval.id) == ("approved", started.approval_id)
    assert (await kernel.decide(started.approval_id)).taken is False


async def test_a_tap_decides_its_own_card_and_leaves_the_others_open(kernel: Kernel) -> None:
    first, second = [await kernel.start(buy()) for _ in range(2)]
    await kernel.decide(second.approval_id, "approved")
    async with kernel.database.read() as connection:
        waits = await approvals.pending(connection)
    assert [found.id for found in waits] == [first.approval_id]
    assert await _kinds(kernel, first.approval_id) == ["approval.asked"]


async def test_a_reason_belongs_to_the_rejected_one_alone(kernel: Kernel) -> None:
    first, second = [await kernel.start(buy()) for _ in range(2)]
    for started in (first, second):
        await kernel.decide(started.approval_id, "rejected")
    async with kernel.database.write() as connection:
        await approvals.give_reason(connection, kernel.clock, str(first.approval_id), "too dear")
        reasons: list[str | None] = []
        for started in (first, second):
            found = await approvals.load(connection, str(started.approval_id))
            assert found is not None
            reasons.append(found.reason)
    assert reasons == ["too dear", None]


async def test_each_card_is_reminded_of_in_its_own_time(kernel: Kernel) -> None:
    wait = approvals.NUDGES[0]
    first = await kernel.start(buy())
    kernel.clock.advance(timedelta(hours=2))
    second = await kernel.start(buy())
    third = await kernel.start(buy())
    await kernel.decide(third.approval_id, "rejected")
    found: list[list[str]] = []
    kernel.clock.advance(wait - timedelta(hours=2))
    for step in (timedelta(0), timedelta(hours=2), approvals.NUDGES[1] - wait):
        kernel.clock.advance(step)
        async with kernel.database.write() as connection:
            found.append([each.id for each in await waiting.nudges(connection, kernel.clock)])
    assert found[0] == [first.approval_id]
    assert found[1] == [second.approval_id]
    assert sorted(found[2]) == sorted([str(first.approval_id), str(second.approval_id)])


async def test_a_card_lapses_in_its_own_time_and_no_other_with_it(kernel: Kernel) -> None:
    first = await kernel.start(buy())
    rejected = await kernel.start(buy())
    await kernel.decide(rejected.approval_id, "rejected")
    kernel.clock.advance(timedelta(hours=2))
    second = await kernel.start(buy())
    kernel.clock.advance(approvals.LIFETIME - timedelta(hours=2))
    async with kernel.database.write() as connection:
        ended = await waiting.expired(connection, kernel.clock)
        assert [(each.id, each.state) for each in ended] == [(first.approval_id, "expired")]
        assert [each.id for each in await approvals.pending(connection)] == [second.approval_id]
        kept = await approvals.load(connection, str(rejected.approval_id))
    assert kept is not None
    assert kept.state == "rejected"
    assert await _kinds(kernel, rejected.approval_id) == ["approval.asked", "approval.rejected"]


async def test_putting_one_aside_puts_no_other_aside(kernel: Kernel) -> None:
    first, second = [await kernel.start(buy()) for _ in range(2)]
    async with kernel.database.write() as connection:
        until = kernel.clock.now() + timedelta(hours=1)
        done = await waiting.snooze(connection, kernel.clock, str(first.approval_id), until)
        assert done is True
        waits = {each.id: each for each in await approvals.pending(connection)}
    assert waits[str(first.approval_id)].snoozed
    assert waits[str(first.approval_id)].nudge_at == until
    assert not waits[str(second.approval_id)].snoozed
    assert waits[str(second.approval_id)].nudge_at == kernel.clock.now() + approvals.NUDGES[0]


def test_which_notes_forbid_tax() -> None:
    for note in (tax.REVERSE_CHARGE, tax.SMALL_BUSINESS):
        assert tax.forbids_tax(note)
        assert tax.forbids_tax(f"As agreed. {note}.")
    assert not tax.forbids_tax("")
    assert not tax.forbids_tax("Thank you for your order.")
