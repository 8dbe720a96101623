"""Rules on the time of day hold when something is let go and when it is about to be done."""

from datetime import timedelta

import pytest
from kernel_fakes import Crash, Kernel, buy, post, wait

from core import approvals
from core.director import Started
from core.hours import REFUSED

NIGHT = """
[[rule]]
verdict = "ask"
action = "shop.*"

[[rule]]
verdict = "{}"
action = "shop.*"
time = "20:00-08:00"
"""


@pytest.fixture
def night(kernel: Kernel) -> Kernel:
    """It is nine in the morning, and nothing is bought at night."""
    kernel.policy.path.write_text(NIGHT.format("deny"))
    return kernel


async def _tap(kernel: Kernel, started: Started) -> approvals.Decision:
    """What comes of a tap, as the bot decides it."""
    assert started.approval_id
    async with kernel.database.write() as connection:
        policy = await kernel.policy.refresh(connection)
        decision = await approvals.decide(
            connection,
            kernel.clock,
            started.approval_id,
            to="approved",
            user_id=1,
            policy=policy.version,
            refused=await kernel.director.refuses_now(connection, started.run_id),
        )
        if decision.taken:
            await kernel.director.release(connection, started.run_id)
    return decision


@pytest.mark.parametrize("verdict", ["deny", "shadow"])
async def test_what_is_refused_at_this_hour_is_not_approved_and_waits(
    kernel: Kernel, verdict: str
) -> None:
    kernel.policy.path.write_text(NIGHT.format(verdict))
    started = await kernel.start(buy())
    kernel.clock.advance(timedelta(hours=13))
    decision = await _tap(kernel, started)
    assert not decision.taken
    assert "refuses this at this time" in decision.words
    await kernel.work()
    assert kernel.shop.sold == []
    kernel.clock.advance(timedelta(hours=11))
    assert (await _tap(kernel, started)).taken
    await kernel.work()
    assert kernel.shop.sold == ["paper"]


async def test_what_is_refused_at_this_hour_can_be_rejected(night: Kernel) -> None:
    started = await night.start(buy())
    night.clock.advance(timedelta(hours=13))
    assert (await night.decide(started.approval_id, "rejected")).taken


async def test_a_window_that_ends_when_it_is_refused_lets_nothing_go(night: Kernel) -> None:
    await night.change(hold_seconds=60)
    started = await night.start(post())
    night.clock.advance(timedelta(hours=10, minutes=59, seconds=30))
    assert (await _tap(night, started)).taken
    night.clock.advance(timedelta(minutes=2))
    await night.work()
    assert night.shop.sold == []
    assert (await night.steps(started.run_id))["post"].error == REFUSED
    assert (await night.run(started.run_id)).state == "failed"
    night.clock.advance(timedelta(hours=12))
    await night.retry(started.run_id)
    await night.work()
    assert night.shop.sold == ["letter"]


async def test_what_waits_for_an_hour_that_is_refused_does_not_go(night: Kernel) -> None:
    late = night.clock.now() + timedelta(hours=13)
    started = await night.start(wait(until=late), buy(depends=("wait",)))
    assert (await _tap(night, started)).taken
    night.clock.advance(timedelta(hours=13, seconds=1))
    await night.work()
    assert night.shop.sold == []


async def test_what_was_begun_is_found_out_at_any_hour(night: Kernel) -> None:
    night.shop.after.append(Crash())
    started = await night.start(buy())
    assert (await _tap(night, started)).taken
    with pytest.raises(Crash):
        await night.work()
    night.clock.advance(timedelta(hours=13))
    await night.work()
    assert night.shop.sold == ["paper"]
    assert (await night.run(started.run_id)).state == "done"


async def test_where_no_rule_speaks_of_hours_policy_is_not_looked_at_again(
    kernel: Kernel,
) -> None:
    kernel.rule("ask")
    started = await kernel.start(buy())
    kernel.clock.advance(timedelta(hours=13))
    assert (await _tap(kernel, started)).taken
    kernel.rule("deny")
    await kernel.work()
    assert kernel.shop.sold == ["paper"]
