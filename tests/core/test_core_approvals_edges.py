"""What mutation tests found unguarded: which approvals are meant, and what the record says."""

from datetime import timedelta

from kernel_fakes import Kernel, buy
from sqlalchemy import select

from connectors.billing import tax
from core import approvals, waiting
from core.storage.schema import journal


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


def test_which_notes_forbid_tax() -> None:
    for note in (tax.REVERSE_CHARGE, tax.SMALL_BUSINESS):
        assert tax.forbids_tax(note)
        assert tax.forbids_tax(f"As agreed. {note}.")
    assert not tax.forbids_tax("")
    assert not tax.forbids_tax("Thank you for your order.")
