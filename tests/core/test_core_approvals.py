"""An approval covers exactly what was shown, once, and for a time."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from kernel_fakes import Kernel, buy
from sqlalchemy import select, text, update

from core import approvals
from core.plans import payload_hash
from core.storage.schema import journal, step


async def _kinds(kernel: Kernel) -> list[str]:
    async with kernel.database.read() as connection:
        return list(await connection.scalars(select(journal.c.kind).order_by(journal.c.seq)))


async def test_nothing_happens_before_the_tap(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    assert started.ready == []
    assert kernel.told.of("asked") == [started.approval_id]
    await kernel.work()
    for found in (await kernel.steps(started.run_id)).values():
        await kernel.executor.execute(found.id)  # also not when told to directly
    assert kernel.shop.effects == []


async def test_approve_lets_it_happen_once(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    assert await kernel.approve(started)
    await kernel.work()
    assert [what for _, what in kernel.shop.effects] == ["paper"]
    assert (await kernel.run(started.run_id)).state == "done"


@pytest.mark.parametrize(
    "change",
    [
        {"params": {"what": "gold"}},
        {"action": "shop.post"},
        {"key": "other"},
    ],
)
async def test_what_was_changed_since_is_not_done(kernel: Kernel, change: dict[str, Any]) -> None:
    started = await kernel.start(buy())
    async with kernel.database.write() as connection:
        await connection.execute(update(step).where(step.c.key == "buy").values(**change))
    decision = await kernel.decide(started.approval_id)
    assert not decision.taken
    assert "changed" in decision.words
    assert decision.approval is not None
    assert decision.approval.state == "cancelled"
    await kernel.work()
    assert kernel.shop.effects == []
    again = await kernel.decide(started.approval_id)
    assert not again.taken


async def test_a_step_slipped_in_is_not_covered(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    async with kernel.database.write() as connection:
        await connection.execute(
            text(
                "INSERT INTO step (id, run_id, position, key, kind, action, params, depends,"
                " attempts, hold_seconds, state) SELECT 'stp_x', run_id, 9, 'extra', kind, action,"
                " params, depends, 0, 0, state FROM step"
            )
        )
    assert not (await kernel.decide(started.approval_id)).taken


async def test_another_policy_makes_the_approval_void(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    kernel.policy.path.write_text('[[rule]]\nverdict = "ask"\naction = "shop.*"\n')
    decision = await kernel.decide(started.approval_id)
    assert not decision.taken
    assert "policy has changed" in decision.words


async def test_a_draft_is_no_part_of_what_is_covered(kernel: Kernel) -> None:
    draft = buy("draft", action="shop.draft", kind="draft")
    started = await kernel.start(buy(), draft)
    async with kernel.database.write() as connection:
        await connection.execute(
            update(step).where(step.c.key == "draft").values(params={"what": "other"})
        )
    assert (await kernel.decide(started.approval_id)).taken


async def test_it_is_used_once(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    assert (await kernel.decide(started.approval_id)).taken
    second = await kernel.decide(started.approval_id)
    assert not second.taken
    assert "already" in second.words
    assert not (await kernel.decide(started.approval_id, "rejected")).taken
    assert (await _kinds(kernel)).count("approval.approved") == 1


async def test_of_two_taps_at_once_one_counts(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    taps = await asyncio.gather(*(kernel.approve(started) for _ in range(5)))
    assert sorted(map(len, taps)) == [0, 0, 0, 0, 1]
    await kernel.work()
    assert len(kernel.shop.effects) == 1


async def test_approve_and_reject_at_once_never_do_both(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    one, two = await asyncio.gather(
        kernel.decide(started.approval_id, "approved"),
        kernel.decide(started.approval_id, "rejected"),
    )
    assert one.taken != two.taken


async def test_after_its_time_a_tap_does_nothing_and_says_so(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    kernel.clock.advance(approvals.LIFETIME)
    decision = await kernel.decide(started.approval_id)
    assert not decision.taken
    assert "expired" in decision.words
    assert decision.approval is not None
    assert decision.approval.state == "expired"
    await kernel.work()
    assert kernel.shop.effects == []


async def test_just_before_its_time_is_over_a_tap_counts(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    kernel.clock.advance(approvals.LIFETIME - timedelta(seconds=1))
    assert (await kernel.decide(started.approval_id)).taken


async def test_the_sweep_ends_what_nobody_answered_once(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    async with kernel.database.write() as connection:
        assert not await connection.scalar(select(approvals.any_overdue(kernel.clock)))
        kernel.clock.advance(approvals.LIFETIME)
        assert await connection.scalar(select(approvals.any_overdue(kernel.clock)))
        ended = await approvals.expired(connection, kernel.clock)
        assert [each.id for each in ended] == [started.approval_id]
        assert await approvals.expired(connection, kernel.clock) == []
        assert await approvals.pending(connection) == []
    assert (await _kinds(kernel)).count("approval.expired") == 1


async def test_a_replaced_card_is_dead(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    assert (await kernel.decide(started.approval_id, "replaced")).taken
    decision = await kernel.decide(started.approval_id)
    assert not decision.taken
    assert "replaced" in decision.words


async def test_a_card_nobody_made_does_nothing(kernel: Kernel) -> None:
    for made_up in ("apr_nothing", "", "' OR 1=1 --"):
        decision = await kernel.decide(made_up)
        assert not decision.taken
        assert "don't know" in decision.words
        assert decision.approval is None


async def test_a_reason_is_kept(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    assert started.approval_id is not None
    await kernel.decide(started.approval_id, "rejected")
    async with kernel.database.write() as connection:
        await approvals.give_reason(connection, kernel.clock, started.approval_id, "too dear")
        found = await approvals.of_run(connection, started.run_id)
    assert found is not None
    assert (found.state, found.reason) == ("rejected", "too dear")
    assert "approval.reason" in await _kinds(kernel)


def test_the_hash_covers_every_field_and_the_policy() -> None:
    base = {"key": "a", "kind": "action", "action": "shop.buy", "params": {"what": "paper"}}
    same = payload_hash([dict(reversed(base.items()))], "1")
    assert payload_hash([base], "1") == same
    others = [payload_hash([base | {field: "other"}], "1") for field in ("key", "kind", "action")]
    others += [
        payload_hash([base | {"params": {"what": "paper "}}], "1"),
        payload_hash([base], "2"),
        payload_hash([base, base], "1"),
        payload_hash([], "1"),
    ]
    assert len({same, *others}) == 8
