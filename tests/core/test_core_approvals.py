"""An approval covers exactly what was shown, once, and for a time."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from kernel_fakes import Kernel, buy, post
from sqlalchemy import select, text, update

from core import approvals, waiting
from core.director import Started
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
        {"kind": "compensate"},
        {"depends": ["another"]},
        {"instead_of": "another"},
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


async def test_what_was_changed_or_is_under_another_policy_can_still_be_rejected(
    kernel: Kernel,
) -> None:
    started = await kernel.start(buy())
    kernel.rule("ask")
    async with kernel.database.write() as connection:
        await connection.execute(update(step).values(params={"what": "gold"}))
    assert (await kernel.decide(started.approval_id, "rejected")).taken


async def test_a_policy_that_says_the_same_in_other_words_voids_nothing(kernel: Kernel) -> None:
    kernel.rule("ask")
    started = await kernel.start(buy())
    kernel.policy.path.write_text("# why\n" + kernel.policy.path.read_text())
    assert (await kernel.decide(started.approval_id)).taken


async def test_a_policy_that_was_changed_back_is_the_one_that_was_shown(kernel: Kernel) -> None:
    kernel.rule("ask")
    started = await kernel.start(buy())
    kernel.rule("deny")
    await kernel.start(buy())
    kernel.rule("ask")
    assert (await kernel.decide(started.approval_id)).taken


async def test_a_void_approval_stays_void_when_the_policy_is_back(kernel: Kernel) -> None:
    kernel.rule("ask")
    started = await kernel.start(buy())
    kernel.rule("deny")
    assert not (await kernel.decide(started.approval_id)).taken
    kernel.rule("ask")
    decision = await kernel.decide(started.approval_id)
    assert not decision.taken
    assert "cancelled" in decision.words
    await kernel.work()
    assert kernel.shop.effects == []


async def test_a_hold_window_that_was_shortened_voids_the_approval(kernel: Kernel) -> None:
    await kernel.change(hold_seconds=30)
    started = await kernel.start(post())
    async with kernel.database.write() as connection:
        await connection.execute(update(step).values(hold_seconds=0))
    decision = await kernel.decide(started.approval_id)
    assert not decision.taken
    assert "has changed since it was shown" in decision.words


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


async def test_of_taps_in_two_processes_one_counts(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    async with kernel.restarted() as other:
        taps = await asyncio.gather(*(each.approve(started) for each in (kernel, other) * 3))
    assert sorted(map(len, taps)) == [0, 0, 0, 0, 0, 1]
    assert (await _kinds(kernel)).count("approval.approved") == 1
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
        assert not await connection.scalar(select(waiting.any_overdue(kernel.clock)))
        kernel.clock.advance(approvals.LIFETIME)
        assert await connection.scalar(select(waiting.any_overdue(kernel.clock)))
        ended = await waiting.expired(connection, kernel.clock)
        assert [each.id for each in ended] == [started.approval_id]
        assert await waiting.expired(connection, kernel.clock) == []
        assert await approvals.pending(connection) == []
    assert (await _kinds(kernel)).count("approval.expired") == 1


@pytest.mark.parametrize("first", ["tap", "sweep"])
async def test_the_last_tap_and_the_sweep_at_once_never_both_count(
    kernel: Kernel, first: str
) -> None:
    started = await kernel.start(buy())
    kernel.clock.advance(approvals.LIFETIME)

    async def sweep() -> list[approvals.Approval]:
        async with kernel.database.write() as connection:
            return await waiting.expired(connection, kernel.clock)

    if first == "tap":
        decision, swept = await asyncio.gather(kernel.decide(started.approval_id), sweep())
    else:
        swept, decision = await asyncio.gather(sweep(), kernel.decide(started.approval_id))
    assert not decision.taken
    assert "expired" in decision.words
    assert len(swept) == (first == "sweep")
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


# --- reminded and put aside


async def _nudges(kernel: Kernel) -> list[tuple[str, bool]]:
    async with kernel.database.write() as connection:
        found = await waiting.nudges(connection, kernel.clock)
    return [(each.id, each.snoozed) for each in found]


async def _snooze(kernel: Kernel, started: Started, **time: float) -> bool:
    assert started.approval_id is not None
    until = kernel.clock.now() + timedelta(**time)
    async with kernel.database.write() as connection:
        return await waiting.snooze(connection, kernel.clock, started.approval_id, until)


async def _overdue(kernel: Kernel) -> bool:
    async with kernel.database.read() as connection:
        return bool(await connection.scalar(select(waiting.any_overdue(kernel.clock))))


async def test_the_operator_is_reminded_twice_in_a_cards_life(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    reminded: list[float] = []
    for hour in range(1, 7 * 24):
        kernel.clock.advance(timedelta(hours=1))
        expected = await _overdue(kernel)
        found = await _nudges(kernel)
        assert bool(found) == expected
        assert await _nudges(kernel) == []
        if found:
            assert found == [(started.approval_id, False)]
            reminded.append(hour / 24)
    assert reminded == [wait / timedelta(days=1) for wait in approvals.NUDGES]


async def test_after_a_long_sleep_the_operator_is_reminded_once(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    kernel.clock.advance(timedelta(days=6, hours=12))
    assert await _nudges(kernel) == [(started.approval_id, False)]
    kernel.clock.advance(timedelta(hours=11))
    assert await _nudges(kernel) == []


async def test_two_processes_remind_once(kernel: Kernel) -> None:
    await kernel.start(buy())
    kernel.clock.advance(approvals.NUDGES[0])
    async with kernel.restarted() as other:
        found = await asyncio.gather(*(_nudges(each) for each in (kernel, other) * 2))
    assert sorted(map(len, found)) == [0, 0, 0, 1]
    assert (await _kinds(kernel)).count("approval.nudged") == 1


@pytest.mark.parametrize("to", ["approved", "rejected", "replaced"])
async def test_nobody_is_reminded_of_what_is_decided(kernel: Kernel, to: str) -> None:
    started = await kernel.start(buy())
    await kernel.decide(started.approval_id, to)
    kernel.clock.advance(approvals.NUDGES[1])
    assert not await _overdue(kernel)
    assert await _nudges(kernel) == []


async def test_what_is_put_aside_comes_back_at_its_moment_and_once(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    assert await _snooze(kernel, started, hours=1)
    kernel.clock.advance(timedelta(minutes=59))
    assert await _nudges(kernel) == []
    kernel.clock.advance(timedelta(minutes=1))
    assert await _nudges(kernel) == [(started.approval_id, True)]
    assert await _nudges(kernel) == []
    kernel.clock.advance(approvals.NUDGES[0] - timedelta(hours=1))
    assert await _nudges(kernel) == [(started.approval_id, False)]  # and as it would have


async def test_put_aside_beyond_a_reminder_there_is_none_in_between(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    await _snooze(kernel, started, days=3)
    kernel.clock.advance(timedelta(days=2))
    assert await _nudges(kernel) == []
    kernel.clock.advance(timedelta(days=1))
    assert await _nudges(kernel) == [(started.approval_id, True)]
    kernel.clock.advance(timedelta(days=3))
    assert await _nudges(kernel) == [(started.approval_id, False)]
    assert await _nudges(kernel) == []


async def test_put_aside_again_the_last_word_counts(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    await _snooze(kernel, started, hours=1)
    await _snooze(kernel, started, hours=5)
    kernel.clock.advance(timedelta(hours=4))
    assert await _nudges(kernel) == []
    kernel.clock.advance(timedelta(hours=1))
    assert await _nudges(kernel) == [(started.approval_id, True)]


async def test_what_is_put_aside_beyond_its_time_lapses_all_the_same(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    await _snooze(kernel, started, days=30)
    kernel.clock.advance(approvals.LIFETIME)
    assert await _overdue(kernel)
    async with kernel.database.write() as connection:
        [ended] = await waiting.expired(connection, kernel.clock)
        assert (ended.id, ended.state) == (started.approval_id, "expired")
    kernel.clock.advance(timedelta(days=30))
    assert await _nudges(kernel) == []
    assert not (await kernel.decide(started.approval_id)).taken


async def test_what_is_put_aside_can_be_tapped_at_any_time(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    await _snooze(kernel, started, days=1)
    assert (await kernel.decide(started.approval_id)).taken
    kernel.clock.advance(timedelta(days=1))
    assert await _nudges(kernel) == []


async def test_what_is_decided_cannot_be_put_aside(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    await kernel.decide(started.approval_id, "rejected")
    assert not await _snooze(kernel, started, hours=1)
    assert "approval.snoozed" not in await _kinds(kernel)
    async with kernel.database.read() as connection:
        found = await approvals.load(connection, started.approval_id or "")
    assert found is not None
    assert (found.state, found.snoozed) == ("rejected", False)


# --- several on one card


async def _batch(kernel: Kernel) -> list[Started]:
    return [
        await kernel.start(buy(what=what), batch_id="bat_1") for what in ("paper", "ink", "pens")
    ]


async def test_several_share_a_card_that_the_caller_shows(kernel: Kernel) -> None:
    started = await _batch(kernel)
    alone = await kernel.start(buy())
    assert kernel.told.of("asked") == [alone.approval_id]
    async with kernel.database.read() as connection:
        found = await approvals.of_batch(connection, "bat_1")
    assert [each.id for each in found] == [each.approval_id for each in started]
    assert [each.run_id for each in found] == [each.run_id for each in started]


async def test_each_of_several_is_decided_by_itself_and_once(kernel: Kernel) -> None:
    first, second, third = await _batch(kernel)
    await kernel.decide(second.approval_id, "rejected")
    taps = await asyncio.gather(*(kernel.approve(each) for each in (first, second, third, first)))
    assert sorted(map(len, taps)) == [0, 0, 1, 1]
    await kernel.work()
    assert sorted(kernel.shop.sold) == ["paper", "pens"]


async def test_one_of_several_that_was_changed_takes_no_other_with_it(kernel: Kernel) -> None:
    started = await _batch(kernel)
    async with kernel.database.write() as connection:
        await connection.execute(
            update(step).where(step.c.run_id == started[1].run_id).values(params={"what": "gold"})
        )
    taken = [(await kernel.decide(each.approval_id)).taken for each in started]
    assert taken == [True, False, True]


async def test_another_policy_voids_all_of_several(kernel: Kernel) -> None:
    started = await _batch(kernel)
    kernel.rule("ask")
    for each in started:
        decision = await kernel.decide(each.approval_id)
        assert not decision.taken
        assert "policy has changed" in decision.words
    await kernel.work()
    assert kernel.shop.effects == []
