"""A run goes on by itself, stops where it must, and does each thing once."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from itertools import groupby
from typing import Any

import pytest
from kernel_fakes import Crash, Kernel, buy, note, post, think, wait
from sqlalchemy.ext.asyncio import AsyncConnection

from core import effects, waiting
from core.errors import FactotumError
from core.executor import ATTEMPTS, PATIENCE, backoff
from core.leases import LEASE
from core.plans import join, ref
from core.storage import driver

BUSY = FactotumError("The shop is busy.", permanent=False)
NO = FactotumError("The shop does not sell that.")
PERHAPS = FactotumError("The line broke.", permanent=False, ambiguous=True)


def _in(kernel: Kernel, **time: float) -> Any:
    return kernel.clock.now() + timedelta(**time)


async def _undo(kernel: Kernel, token: str) -> None:
    back = buy("undo", kind="compensate").model_copy(update={"params": {"effect": token}})
    await kernel.approve(await kernel.start(back))
    await kernel.work(kernel.worker("wrk_undo"))


# --- branches


async def test_a_branch_that_has_to_wait_holds_no_other_up(kernel: Kernel) -> None:
    kernel.shop.refused["a1"] = BUSY
    run_id = await kernel.approved(
        buy("a1", "a1"),
        buy("a2", "a2", depends=("a1",)),
        buy("b1", "b1"),
        buy("b2", "b2", depends=("b1",)),
    )
    await kernel.work()
    assert kernel.shop.sold == ["b1", "b2"]
    assert (await kernel.run(run_id)).state == "running"
    kernel.shop.refused.clear()
    kernel.later(60)
    await kernel.work()
    assert kernel.shop.sold == ["b1", "b2", "a1", "a2"]
    assert kernel.told.of("ended") == ["done"]


async def test_what_depends_on_two_waits_for_both(kernel: Kernel) -> None:
    kernel.shop.refused["b"] = BUSY
    run_id = await kernel.approved(
        buy("a", "a"), buy("b", "b"), buy("c", join("c", ref("a", "number")), depends=("a", "b"))
    )
    await kernel.work()
    assert (await kernel.states(run_id))["c"] == "blocked"
    kernel.shop.refused.clear()
    kernel.later(60)
    await kernel.work()
    assert kernel.shop.sold == ["a", "b", "cB-1"]


async def test_a_branch_that_fails_ends_the_run_and_what_is_in_work_is_told_late(
    kernel: Kernel,
) -> None:
    kernel.shop.refused["b"] = NO

    async def b_fails() -> None:
        [other] = [step for step in (await kernel.steps(run_id)).values() if step.key == "b"]
        await kernel.worker("wrk_2").execute(other.id)

    started = await kernel.start(buy("a", "a"), buy("b", "b"), buy("c", "c", depends=("a",)))
    run_id = started.run_id
    kernel.shop.afterwards.append(b_fails)
    [first, _] = await kernel.approve(started)
    await kernel.executor.execute(first)
    assert kernel.shop.sold == ["a"]
    assert await kernel.states(run_id) == {"a": "done", "b": "failed", "c": "cancelled"}
    assert kernel.told.of("ended") == ["failed", "failed"]  # once more, with what ended late
    await kernel.work()
    assert kernel.shop.sold == ["a"]


async def test_several_effects_that_nobody_is_asked_about_are_shown_first(kernel: Kernel) -> None:
    one, two = note("a", "a"), note("b", "b", depends=("a",))
    await kernel.start(one, two)
    assert kernel.told.of("moved") == [{"a": "ready", "b": "blocked"}]
    assert kernel.shop.sold == []


async def test_one_harmless_effect_is_told_when_it_is_done(kernel: Kernel) -> None:
    await kernel.start(note("a", "a"))
    assert kernel.told.of("moved") == []


async def test_each_step_that_goes_is_shown(kernel: Kernel) -> None:
    await kernel.approved(buy("a", "a"), buy("b", "b", depends=("a",)))
    await kernel.work()
    assert kernel.told.of("moved") == [{"a": "done", "b": "ready"}]


async def test_a_text_is_put_together_also_where_it_refers_to_nothing(kernel: Kernel) -> None:
    await kernel.approved(buy(what=join("red ", "paper")))
    await kernel.work()
    assert kernel.shop.sold == ["red paper"]


# --- fallbacks


async def test_a_fallback_stands_for_the_step_that_failed(kernel: Kernel) -> None:
    kernel.shop.refused["mail"] = NO
    run_id = await kernel.approved(
        buy("send", "mail"),
        buy("else", "letter", instead_of="send"),
        buy("file", join("copy of ", ref("send", "number")), depends=("send",)),
    )
    await kernel.work()
    assert kernel.shop.sold == ["letter", "copy of B-1"]
    assert await kernel.states(run_id) == {"send": "failed", "else": "done", "file": "done"}
    assert kernel.told.of("ended") == ["done"]


async def test_a_fallback_that_is_not_needed_is_shown_as_such(kernel: Kernel) -> None:
    await kernel.approved(
        buy("send", "mail"), buy("else", "letter", instead_of="send"), buy("b", depends=("send",))
    )
    await kernel.work()
    assert kernel.told.of("moved") == [{"send": "done", "else": "cancelled", "b": "ready"}]


async def test_a_fallback_that_is_not_needed_never_runs(kernel: Kernel) -> None:
    run_id = await kernel.approved(buy("send", "mail"), buy("else", "letter", instead_of="send"))
    assert (await kernel.states(run_id))["else"] == "blocked"
    await kernel.work()
    kernel.later(3600)
    await kernel.work()
    assert kernel.shop.sold == ["mail"]
    assert await kernel.states(run_id) == {"send": "done", "else": "cancelled"}
    assert (await kernel.run(run_id)).state == "done"
    assert [entry.data["key"] for entry in await kernel.journalled("step.cancelled")] == ["else"]


async def test_a_step_that_is_only_late_needs_no_fallback(kernel: Kernel) -> None:
    kernel.shop.before.append(BUSY)
    run_id = await kernel.approved(buy("send", "mail"), buy("else", "letter", instead_of="send"))
    await kernel.work()
    assert (await kernel.states(run_id))["else"] == "blocked"
    kernel.later(60)
    await kernel.work()
    assert kernel.shop.sold == ["mail"]


async def test_what_may_have_happened_needs_no_fallback(kernel: Kernel) -> None:
    kernel.shop.after.append(PERHAPS)
    run_id = await kernel.approved(buy("send", "mail"), buy("else", "letter", instead_of="send"))
    await kernel.work()
    assert await kernel.states(run_id) == {"send": "unknown", "else": "blocked"}
    assert kernel.shop.sold == ["mail"]


async def test_a_fallback_that_fails_ends_the_run(kernel: Kernel) -> None:
    kernel.shop.refused |= {"mail": NO, "letter": NO}
    run_id = await kernel.approved(
        buy("send", "mail"),
        buy("else", "letter", instead_of="send"),
        buy("file", "copy", depends=("send",)),
    )
    await kernel.work()
    assert kernel.shop.sold == []
    assert await kernel.states(run_id) == {"send": "failed", "else": "failed", "file": "cancelled"}
    assert kernel.told.of("ended") == ["failed"]


async def test_a_fallback_waits_for_what_it_depends_on(kernel: Kernel) -> None:
    kernel.shop.refused["mail"] = NO
    moment = _in(kernel, hours=1)
    run_id = await kernel.approved(
        buy("send", "mail"),
        wait(until=moment),
        buy("else", "letter", instead_of="send", depends=("wait",)),
    )
    await kernel.work()
    assert (await kernel.run(run_id)).state == "running"
    assert kernel.told.of("ended") == []
    kernel.later(3600)
    await kernel.work()
    assert kernel.shop.sold == ["letter"]
    assert (await kernel.run(run_id)).state == "done"


async def test_both_are_tried_again_where_both_failed(kernel: Kernel) -> None:
    kernel.shop.refused |= {"mail": NO, "letter": NO}
    run_id = await kernel.approved(buy("send", "mail"), buy("else", "letter", instead_of="send"))
    await kernel.work()
    kernel.shop.refused.clear()
    await kernel.retry(run_id)
    await kernel.work()
    assert kernel.shop.sold == ["mail"]
    assert await kernel.states(run_id) == {"send": "done", "else": "cancelled"}


async def test_trying_again_leaves_what_a_fallback_has_done(kernel: Kernel) -> None:
    """The letter went instead of the mail; only what failed after it is tried again."""
    kernel.shop.refused |= {"mail": NO, "copy": NO}
    run_id = await kernel.approved(
        buy("send", "mail"),
        buy("else", "letter", instead_of="send"),
        buy("file", "copy", depends=("send",)),
    )
    await kernel.work()
    kernel.shop.refused.clear()
    await kernel.retry(run_id)
    await kernel.work()
    assert kernel.shop.sold == ["letter", "copy"]
    assert (await kernel.run(run_id)).state == "done"


async def test_trying_again_leaves_what_a_fallback_is_doing(kernel: Kernel) -> None:
    """Another step was unclear; the letter is on its way instead of the mail."""
    kernel.shop.refused |= {"mail": NO, "letter": BUSY, "other": PERHAPS}
    run_id = await kernel.approved(
        buy("send", "mail"), buy("else", "letter", instead_of="send"), buy("other", "other")
    )
    await kernel.work()
    assert await kernel.states(run_id) == {"send": "failed", "else": "ready", "other": "unknown"}
    kernel.shop.refused.clear()
    await kernel.retry(run_id)
    kernel.later(60)
    await kernel.work()
    assert sorted(kernel.shop.sold) == ["letter", "other"]


async def test_the_last_of_several_fallbacks_stands_for_the_first_step(kernel: Kernel) -> None:
    kernel.shop.refused |= {"mail": NO, "letter": NO}
    run_id = await kernel.approved(
        buy("send", "mail"),
        buy("else", "letter", instead_of="send"),
        buy("last", "call", instead_of="else"),
        buy("file", join("copy of ", ref("send", "number")), depends=("send",)),
    )
    await kernel.work()
    assert kernel.shop.sold == ["call", "copy of B-1"]
    assert (await kernel.run(run_id)).state == "done"


# --- waiting


async def test_a_timer_waits_for_its_moment_also_across_a_restart(kernel: Kernel) -> None:
    run_id = await kernel.approved(wait(until=_in(kernel, hours=2)), buy(depends=("wait",)))
    kernel.later(7199)
    await kernel.work()
    assert await kernel.states(run_id) == {"wait": "waiting", "buy": "blocked"}
    async with kernel.restarted() as again:
        await again.work()
        assert kernel.shop.sold == []
        kernel.later(1)
        await again.work()
        assert kernel.shop.sold == ["paper"]
        assert again.told.of("ended") == ["done"]


async def test_a_timer_of_the_past_holds_nothing_up(kernel: Kernel) -> None:
    await kernel.approved(wait(until=_in(kernel, hours=-1)), buy(depends=("wait",)))
    await kernel.work()
    assert kernel.shop.sold == ["paper"]


async def test_a_timer_begins_when_what_it_depends_on_is_done(kernel: Kernel) -> None:
    run_id = await kernel.approved(
        buy("a", "a"), wait(until=_in(kernel, hours=1), depends=("a",)), buy(depends=("wait",))
    )
    assert (await kernel.states(run_id))["wait"] == "blocked"
    await kernel.work()
    assert await kernel.states(run_id) == {"a": "done", "wait": "waiting", "buy": "blocked"}
    async with kernel.database.read() as connection:
        assert not await connection.scalar(kernel.director.any_due().select())
        kernel.later(3600)
        assert await connection.scalar(kernel.director.any_due().select())
    await kernel.work()
    assert kernel.shop.sold == ["a", "paper"]


async def test_a_timer_that_is_due_in_a_pause_sends_nothing_before_resume(kernel: Kernel) -> None:
    await kernel.approved(wait(until=_in(kernel, hours=1)), buy(depends=("wait",)))
    await kernel.change(paused=True)
    kernel.later(7200)
    await kernel.work()
    assert kernel.shop.sold == []
    await kernel.change(paused=False)
    await kernel.work()
    assert kernel.shop.sold == ["paper"]


async def test_an_event_completes_a_step_once_also_where_it_comes_twice(kernel: Kernel) -> None:
    run_id = await kernel.approved(
        wait(event="paid"), buy("thank", join("thanks for ", ref("wait", "sum")), depends=("wait",))
    )
    assert await kernel.happened("delivered", sum="0") == []
    kernel.later(86_400 * 365)
    assert await kernel.due() == []
    assert len(await kernel.happened("paid", sum="10")) == 1
    assert await kernel.happened("paid", sum="20") == []
    await kernel.work()
    assert await kernel.happened("paid", sum="30") == []
    assert kernel.shop.sold == ["thanks for 10"]
    assert (await kernel.steps(run_id))["wait"].result == {"sum": "10"}
    done = [entry.data["key"] for entry in await kernel.journalled("step.done")]
    assert done == ["wait", "thank"]


async def test_an_event_that_comes_twice_at_once_counts_once(kernel: Kernel) -> None:
    await kernel.approved(wait(event="paid"), buy(depends=("wait",)))
    async with kernel.restarted() as other:
        told = await asyncio.gather(
            *(each.happened("paid") for each in (kernel, other, kernel, other))
        )
    assert sorted(map(len, told)) == [0, 0, 0, 1]


async def test_an_event_moves_every_run_that_waits_for_it(kernel: Kernel) -> None:
    await kernel.approved(wait(event="paid"), buy(what="one", depends=("wait",)))
    await kernel.approved(wait(event="paid"), buy(what="two", depends=("wait",)))
    assert len(await kernel.happened("paid")) == 2
    await kernel.work()
    assert sorted(kernel.shop.sold) == ["one", "two"]


async def test_what_waits_in_vain_is_marked_and_an_event_too_late_changes_nothing(
    kernel: Kernel,
) -> None:
    run_id = await kernel.approved(
        wait(event="paid", timeout=_in(kernel, days=1)), buy("remind", "r", depends=("wait",))
    )
    kernel.later(86_399)
    await kernel.work()
    assert kernel.shop.sold == []
    kernel.later(1)
    await kernel.work()
    assert (await kernel.steps(run_id))["wait"].result == {"timed_out": True}
    assert await kernel.happened("paid") == []
    assert (await kernel.steps(run_id))["wait"].result == {"timed_out": True}
    assert kernel.shop.sold == ["r"]


async def test_an_event_in_time_is_no_timeout(kernel: Kernel) -> None:
    run_id = await kernel.approved(wait(event="paid", timeout=_in(kernel, days=1)))
    await kernel.happened("paid", sum="10")
    kernel.later(86_400 * 2)
    assert await kernel.due() == []
    assert (await kernel.steps(run_id))["wait"].result == {"sum": "10"}
    assert kernel.told.of("ended") == ["done"]


async def test_event_and_timeout_at_once_complete_it_once(kernel: Kernel) -> None:
    await kernel.approved(wait(event="paid", timeout=_in(kernel, hours=1)), buy(depends=("wait",)))
    kernel.later(3600)
    async with kernel.restarted() as other:
        await asyncio.gather(kernel.happened("paid"), other.due(), kernel.due())
    await kernel.work()
    assert kernel.shop.sold == ["paper"]
    waited = [e for e in await kernel.journalled("step.done") if e.data["key"] == "wait"]
    assert len(waited) == 1


async def test_what_is_tried_again_waits_again(kernel: Kernel) -> None:
    kernel.shop.refused["a"] = NO
    run_id = await kernel.approved(
        buy("a", "a"), wait(event="paid"), buy("b", "b", depends=("a", "wait"))
    )
    await kernel.work()
    assert await kernel.states(run_id) == {"a": "failed", "wait": "cancelled", "b": "cancelled"}
    assert await kernel.happened("paid") == []
    kernel.shop.refused.clear()
    await kernel.retry(run_id)
    await kernel.work()
    assert await kernel.states(run_id) == {"a": "done", "wait": "waiting", "b": "blocked"}
    await kernel.happened("paid")
    await kernel.work()
    assert kernel.shop.sold == ["a", "b"]


async def test_a_moment_that_an_agent_found_is_waited_for(kernel: Kernel) -> None:
    until = _in(kernel, hours=1).isoformat()
    kernel.thoughts += [{"at": until} for _ in range(20)]
    timer = wait(depends=("think",)).model_copy(update={"params": {"until": ref("think", "at")}})
    run_id = await kernel.approved(think(), timer)
    for _ in range(10):
        with suppress(TypeError):
            await kernel.work()
        kernel.later()
    assert len(kernel.thought) == 1
    assert (await kernel.states(run_id))["wait"] == "waiting"


NO_MOMENTS = ({"at": "Thursday"}, {"at": "2026-12-01"}, {"at": 5}, {"at": "0001-01-01T00:00+09:00"})


@pytest.mark.parametrize("said", [*NO_MOMENTS, {"at": None}, {}], ids=str)
async def test_what_is_no_moment_fails_once_and_holds_nothing_up(
    kernel: Kernel, said: dict[str, Any]
) -> None:
    kernel.thoughts.append(said)
    timer = wait(depends=("think",)).model_copy(update={"params": {"until": ref("think", "at")}})
    run_id = await kernel.approved(think(), timer, buy(depends=("wait",)))
    await kernel.approved(wait(until=_in(kernel, seconds=1)), buy(what="other", depends=("wait",)))
    for _ in range(3):
        await kernel.work()
        kernel.later()
    assert len(kernel.thought) == 1
    assert await kernel.states(run_id) == {"think": "done", "wait": "failed", "buy": "cancelled"}
    assert (await kernel.run(run_id)).state == "failed"
    assert "failed" in kernel.told.of("ended")
    assert (await kernel.steps(run_id))["wait"].error == "It has no moment to wait for."
    assert kernel.shop.sold == ["other"]


async def test_a_wait_for_nothing_fails_and_its_fallback_goes(kernel: Kernel) -> None:
    nothing = wait().model_copy(update={"params": {}})
    run_id = await kernel.approved(
        nothing, buy("else", "else", instead_of="wait"), buy("other", "other")
    )
    await kernel.work()
    assert await kernel.states(run_id) == {"wait": "failed", "else": "done", "other": "done"}
    assert (await kernel.run(run_id)).state == "done"


async def test_a_run_with_a_wait_for_nothing_sends_nothing_more(kernel: Kernel) -> None:
    nothing = wait().model_copy(update={"params": {}})
    started = await kernel.start(nothing, buy("other", "other"))
    assert (await kernel.run(started.run_id)).state == "failed"
    assert not (await kernel.decide(started.approval_id)).taken
    await kernel.work()
    assert kernel.shop.sold == []


# --- cancel


async def test_cancel_stops_whatever_has_not_begun(kernel: Kernel) -> None:
    kernel.shop.refused["late"] = BUSY
    await kernel.change(hold_seconds=60)
    run_id = await kernel.approved(
        buy("late", "late"),
        buy("next", "next", depends=("late",)),
        post(),
        wait(until=_in(kernel, hours=1)),
        wait("event", event="paid"),
    )
    await kernel.work()
    assert set((await kernel.states(run_id)).values()) == {"ready", "blocked", "held", "waiting"}
    assert await kernel.cancel(run_id)
    assert not await kernel.cancel(run_id)
    assert set((await kernel.states(run_id)).values()) == {"cancelled"}
    kernel.shop.refused.clear()
    kernel.later(86_400)
    await kernel.happened("paid")
    await kernel.work()
    assert await kernel.retry(run_id) == []
    await kernel.work()
    assert kernel.shop.sold == []
    assert kernel.told.of("ended") == ["cancelled"]


async def test_cancel_kills_the_card_too(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    assert await kernel.cancel(started.run_id)
    decision = await kernel.decide(started.approval_id)
    assert not decision.taken
    assert "cancelled" in decision.words
    assert await kernel.approve(started) == []
    await kernel.work()
    assert kernel.shop.sold == []


async def test_what_is_done_cannot_be_cancelled(kernel: Kernel) -> None:
    run_id = await kernel.approved(buy())
    await kernel.work()
    assert not await kernel.cancel(run_id)
    assert (await kernel.run(run_id)).state == "done"
    assert kernel.told.of("ended") == ["done"]


async def test_what_is_not_sent_yet_is_stopped_by_the_cancel(kernel: Kernel) -> None:
    started = await kernel.start(buy("a", "a"), buy("b", "b", depends=("a",)))
    kernel.shop.meanwhile.append(lambda: kernel.cancel(started.run_id))
    await kernel.approve(started)
    await kernel.work()
    assert kernel.shop.sold == []
    assert set((await kernel.states(started.run_id)).values()) == {"cancelled"}
    assert [row.state for row in await kernel.effects()] == ["intended"]


async def test_what_is_sent_comes_to_its_end_and_is_told(kernel: Kernel) -> None:
    started = await kernel.start(buy("a", "a"), buy("b", "b", depends=("a",)))
    kernel.shop.afterwards.append(lambda: kernel.cancel(started.run_id))
    await kernel.approve(started)
    await kernel.work()
    assert kernel.shop.sold == ["a"]
    assert await kernel.states(started.run_id) == {"a": "done", "b": "cancelled"}
    assert (await kernel.run(started.run_id)).state == "cancelled"
    assert kernel.told.of("ended") == ["cancelled", "cancelled"]
    async with kernel.database.read() as connection:  # and it can be taken back
        assert len(await effects.undoable(connection, run_id=started.run_id)) == 1


async def test_what_fails_after_the_cancel_is_told_too(kernel: Kernel) -> None:
    async def cancelled_and_refused() -> None:
        await kernel.cancel(started.run_id)
        raise NO

    started = await kernel.start(buy("a", "a"), buy("b", "b", instead_of="a"))
    kernel.shop.meanwhile.append(cancelled_and_refused)
    await kernel.approve(started)
    await kernel.work()
    assert kernel.shop.sold == []
    assert await kernel.states(started.run_id) == {"a": "failed", "b": "cancelled"}
    assert kernel.told.of("ended") == ["cancelled", "cancelled"]


async def test_what_failed_for_now_is_not_tried_again_after_the_cancel(kernel: Kernel) -> None:
    async def cancelled_and_busy() -> None:
        await kernel.cancel(started.run_id)
        raise BUSY

    started = await kernel.start(buy())
    kernel.shop.meanwhile.append(cancelled_and_busy)
    await kernel.approve(started)
    await kernel.work()
    kernel.later(3600)
    await kernel.work()
    assert kernel.shop.sold == []


async def test_what_a_pause_held_back_does_not_go_after_the_cancel(kernel: Kernel) -> None:
    async def paused_and_cancelled() -> None:
        await kernel.change(paused=True)
        await kernel.cancel(started.run_id)

    started = await kernel.start(buy())
    kernel.shop.meanwhile.append(paused_and_cancelled)
    await kernel.approve(started)
    await kernel.work()
    await kernel.change(paused=False)
    await kernel.work()
    assert kernel.shop.sold == []


async def test_what_is_unclear_stays_so_when_its_second_try_is_cancelled(kernel: Kernel) -> None:
    kernel.shop.after.append(PERHAPS)
    started = await kernel.start(buy())
    await kernel.approve(started)
    await kernel.work()
    await kernel.change(paused=True)
    await kernel.retry(started.run_id)
    await kernel.cancel(started.run_id)
    assert await kernel.states(started.run_id) == {"buy": "unknown"}
    assert [row.state for row in await kernel.effects()] == ["unknown"]


async def test_what_happened_before_the_cancel_is_found_and_told(kernel: Kernel) -> None:
    """Its worker died after the effect: the step looks as if it had not begun, but it has."""
    kernel.shop.after.append(Crash())
    run_id = await kernel.approved(buy())
    with pytest.raises(Crash):
        await kernel.work()
    kernel.later()
    await kernel.due()  # left behind, ready again
    await kernel.cancel(run_id)
    kernel.later()
    await kernel.work()
    assert kernel.shop.sold == ["paper"]
    async with kernel.database.read() as connection:
        assert len(await effects.undoable(connection, run_id=run_id)) == 1


async def test_a_draft_that_fails_after_the_end_is_not_told(kernel: Kernel) -> None:
    started = await kernel.start(buy(), buy("draft", action="shop.draft", kind="draft"))

    async def cancelled(token: str, params: dict[str, Any]) -> dict[str, Any]:
        await kernel.cancel(started.run_id)
        raise NO

    kernel.executor._thinkers = {"shop.draft": cancelled}
    await kernel.work()
    assert kernel.told.of("drafted") == []


# --- agents


async def test_what_an_agent_finds_goes_into_the_action(kernel: Kernel) -> None:
    run_id = await kernel.approved(
        think(), buy(what=join("paper ", ref("think", "number")), depends=("think",))
    )
    await kernel.work()
    assert kernel.thought == [{"what": "terms"}]
    assert kernel.shop.sold == ["paper T-1"]
    assert await kernel.states(run_id) == {"think": "done", "buy": "done"}
    assert [row.action for row in await kernel.effects()] == ["shop.buy"]  # thinking is none


async def test_an_agent_thinks_before_the_tap_and_nothing_else_goes(kernel: Kernel) -> None:
    started = await kernel.start(think(), buy(depends=("think",)))
    await kernel.work()
    assert await kernel.states(started.run_id) == {"think": "done", "buy": "asking"}
    assert kernel.shop.sold == []
    await kernel.approve(started)
    await kernel.work()
    assert kernel.shop.sold == ["paper"]
    assert len(kernel.thought) == 1


async def test_an_agent_that_gives_up_ends_the_run(kernel: Kernel) -> None:
    kernel.thoughts.append(NO)
    run_id = await kernel.approved(think(), buy(depends=("think",)))
    await kernel.work()
    assert await kernel.states(run_id) == {"think": "failed", "buy": "cancelled"}
    assert kernel.told.of("ended") == ["failed"]
    assert kernel.shop.sold == []


async def test_an_agent_that_gives_up_has_a_fallback(kernel: Kernel) -> None:
    kernel.thoughts.append(NO)
    run_id = await kernel.approved(
        think(),
        think("else", instead_of="think"),
        buy(what=ref("think", "number"), depends=("think",)),
    )
    await kernel.work()
    assert await kernel.states(run_id) == {"think": "failed", "else": "done", "buy": "done"}
    assert kernel.shop.sold == ["T-1"]


async def test_an_agent_that_is_busy_thinks_later(kernel: Kernel) -> None:
    kernel.thoughts.append(BUSY)
    run_id = await kernel.approved(think(), buy(what=ref("think", "number"), depends=("think",)))
    await kernel.work()
    [(state, error, again)] = kernel.told.of("held_up")
    assert (state, error, again) == ("ready", "The shop is busy.", _in(kernel, seconds=2))
    kernel.later(backoff(1, None).total_seconds())
    await kernel.work()
    assert kernel.shop.sold == ["T-1"]
    assert (await kernel.run(run_id)).state == "done"


@pytest.mark.parametrize("trouble", [BUSY, PERHAPS, ValueError("a bug"), OSError("no network")])
async def test_an_agent_is_not_asked_for_ever(kernel: Kernel, trouble: Exception) -> None:
    kernel.thoughts += [trouble] * (ATTEMPTS + 5)
    run_id = await kernel.approved(think(), buy(depends=("think",)))
    for _ in range(ATTEMPTS + 5):
        await kernel.work()
        kernel.later(3600)
    assert len(kernel.thought) == ATTEMPTS
    assert await kernel.states(run_id) == {"think": "failed", "buy": "cancelled"}
    assert kernel.told.of("ended") == ["failed"]


async def test_an_agent_nobody_knows_fails_in_words(kernel: Kernel) -> None:
    plan = think().model_copy(update={"action": "shop.dream"})
    run_id = (await kernel.start(plan)).run_id
    await kernel.work()
    step = (await kernel.steps(run_id))["think"]
    assert step.state == "failed"
    assert "shop.dream" in (step.error or "")


async def test_an_agent_whose_worker_died_thinks_again(kernel: Kernel) -> None:
    kernel.thoughts.append(Crash())
    run_id = await kernel.approved(think(), buy(what=ref("think", "number"), depends=("think",)))
    with pytest.raises(Crash):
        await kernel.work()
    kernel.later()
    await kernel.work(kernel.worker("wrk_2"))
    assert len(kernel.thought) == 2
    assert kernel.shop.sold == ["T-1"]
    assert (await kernel.run(run_id)).state == "done"


async def test_an_agent_thinks_in_a_pause_and_the_action_waits(kernel: Kernel) -> None:
    await kernel.change(paused=True)
    run_id = await kernel.approved(think(), buy(depends=("think",)))
    await kernel.work()
    assert await kernel.states(run_id) == {"think": "done", "buy": "ready"}
    assert kernel.shop.sold == []
    await kernel.change(paused=False)
    await kernel.work()
    assert kernel.shop.sold == ["paper"]


async def test_trying_a_failed_agent_again_goes_around_no_tap(kernel: Kernel) -> None:
    kernel.thoughts.append(NO)
    started = await kernel.start(think(), buy(depends=("think",)))
    assert started.approval_id
    await kernel.work()
    assert (await kernel.run(started.run_id)).state == "failed"
    await kernel.retry(started.run_id)
    await kernel.work()
    assert kernel.shop.sold == []  # nobody has approved it


async def test_the_card_of_a_run_that_failed_before_the_tap_is_dead(kernel: Kernel) -> None:
    kernel.thoughts.append(NO)
    started = await kernel.start(think(), buy(depends=("think",)))
    await kernel.work()
    assert not (await kernel.decide(started.approval_id)).taken
    kernel.later(86_400 * 2)
    async with kernel.database.write() as connection:
        assert await waiting.nudges(connection, kernel.clock) == []


# --- hold windows


async def test_what_policy_holds_goes_after_the_window_and_once(kernel: Kernel) -> None:
    kernel.rule("hold", seconds=60)
    started = await kernel.start(buy())
    assert (started.approval_id, started.ready) == (None, [])
    assert kernel.told.of("moved") == [{"buy": "held"}]
    kernel.later(59)
    await kernel.work()
    [held] = (await kernel.steps(started.run_id)).values()
    await kernel.executor.execute(held.id)  # also not when told to directly
    assert kernel.shop.sold == []
    kernel.later(1)
    await asyncio.gather(kernel.work(), kernel.work(kernel.worker("wrk_2")))
    await kernel.work()
    assert kernel.shop.sold == ["paper"]
    assert kernel.told.of("ended") == ["done"]


async def test_cancel_within_the_window_sends_nothing(kernel: Kernel) -> None:
    kernel.rule("hold", seconds=60)
    started = await kernel.start(buy("a", "a"), buy("b", "b", depends=("a",)))
    kernel.later(59)
    assert await kernel.cancel(started.run_id)
    for _ in range(3):
        kernel.later(3600)
        await kernel.work()
    assert kernel.shop.sold == []
    assert kernel.told.of("ended") == ["cancelled"]


async def test_the_window_outlives_a_restart(kernel: Kernel) -> None:
    kernel.rule("hold", seconds=60)
    started = await kernel.start(buy())
    kernel.later(30)
    async with kernel.restarted() as again:
        await again.work()
        assert kernel.shop.sold == []
        kernel.later(30)
        await again.work()
    assert kernel.shop.sold == ["paper"]
    assert (await kernel.run(started.run_id)).state == "done"


async def test_the_window_begins_when_the_step_could_go(kernel: Kernel) -> None:
    kernel.rule("hold", seconds=60)
    await kernel.start(buy("a", "a"), buy("b", "b", depends=("a",)))
    kernel.later(60)
    await kernel.work()
    assert kernel.shop.sold == ["a"]
    kernel.later(59)
    await kernel.work()
    assert kernel.shop.sold == ["a"]
    kernel.later(1)
    await kernel.work()
    assert kernel.shop.sold == ["a", "b"]


async def test_a_window_that_ends_in_a_pause_sends_nothing_before_resume(kernel: Kernel) -> None:
    kernel.rule("hold", seconds=60)
    started = await kernel.start(buy())
    await kernel.change(paused=True)
    kernel.later(3600)
    await kernel.work()
    assert kernel.shop.sold == []
    assert await kernel.effects() == []  # not even begun
    assert await kernel.journalled("step.claimed") == []
    await kernel.change(paused=False)
    await kernel.work()
    assert kernel.shop.sold == ["paper"]
    assert (await kernel.run(started.run_id)).state == "done"


async def test_after_a_failure_for_now_the_window_is_not_held_again(kernel: Kernel) -> None:
    kernel.rule("hold", seconds=60)
    kernel.shop.before.append(BUSY)
    started = await kernel.start(buy())
    kernel.later(60)
    await kernel.work()
    assert await kernel.states(started.run_id) == {"buy": "ready"}
    kernel.later(2)
    await kernel.work()
    assert kernel.shop.sold == ["paper"]


async def test_the_owners_window_holds_what_cannot_be_taken_back(kernel: Kernel) -> None:
    """After the tap, and nothing else: a purchase can be returned, a note stays in the house."""
    await kernel.change(hold_seconds=30)
    started = await kernel.start(post(), buy(), note())
    await kernel.work()
    assert kernel.shop.sold == []
    await kernel.approve(started)
    await kernel.work()
    assert sorted(kernel.shop.sold) == ["note", "paper"]
    assert (await kernel.states(started.run_id))["post"] == "held"
    kernel.later(29)
    await kernel.work()
    assert "letter" not in kernel.shop.sold
    kernel.later(1)
    await kernel.work()
    assert sorted(kernel.shop.sold) == ["letter", "note", "paper"]


@pytest.mark.parametrize(("owner", "policy"), [(30, 90), (90, 30)])
async def test_the_longer_of_both_windows_counts(kernel: Kernel, owner: int, policy: int) -> None:
    await kernel.change(hold_seconds=owner)
    kernel.rule("hold", seconds=policy)
    started = await kernel.start(post())
    kernel.later(89)
    await kernel.work()
    assert await kernel.states(started.run_id) == {"post": "held"}
    kernel.later(1)
    await kernel.work()
    assert kernel.shop.sold == ["letter"]


async def test_a_fallback_is_held_too(kernel: Kernel) -> None:
    await kernel.change(hold_seconds=30)
    kernel.shop.refused["mail"] = NO
    run_id = await kernel.approved(buy("send", "mail"), post(instead_of="send"))
    await kernel.work()
    assert await kernel.states(run_id) == {"send": "failed", "post": "held"}
    assert kernel.told.of("ended") == []
    kernel.later(30)
    await kernel.work()
    assert kernel.shop.sold == ["letter"]
    assert (await kernel.run(run_id)).state == "done"


# --- verdicts


@pytest.mark.parametrize(("verdict", "state"), [("deny", "denied"), ("shadow", "done")])
async def test_what_is_refused_or_rehearsed_never_reaches_the_outside(
    kernel: Kernel, verdict: str, state: str
) -> None:
    kernel.rule(verdict, "shop.post")
    started = await kernel.start(
        note(),
        buy(depends=("note",)),
        post(depends=("buy",)),
        think(),
        buy("draft", action="shop.draft", kind="draft"),
        wait(event="paid"),
    )
    assert (started.approval_id, started.ready) == (None, [])
    kernel.policy.path.unlink()  # what policy says later changes nothing
    for _ in range(2):
        await kernel.work()
        await kernel.happened("paid")
        kernel.later(86_400)
        assert await kernel.retry(started.run_id) == []
        async with kernel.database.write() as connection:
            assert await kernel.director.release(connection, started.run_id) == []
    for step in (await kernel.steps(started.run_id)).values():
        await kernel.executor.execute(step.id)
    assert (kernel.shop.effects, kernel.shop.checks, kernel.shop.returned) == ([], 0, [])
    assert (kernel.thought, kernel.drafted, await kernel.effects()) == ([], [], [])
    assert set((await kernel.states(started.run_id)).values()) == {"cancelled"}
    assert (await kernel.run(started.run_id)).state == state
    assert kernel.told.events == [("ended", state)]
    [entry] = await kernel.journalled("run.started")
    assert entry.data["verdict"] == verdict


async def test_what_is_refused_says_which_rule_said_so(kernel: Kernel) -> None:
    kernel.rule("deny", because='"Not from this shop"')
    started = await kernel.start(buy())
    verdict = (await kernel.steps(started.run_id))["buy"].verdict
    assert verdict is not None
    assert verdict["verdict"] == "deny"
    assert "Not from this shop" in verdict["rules"][0]


async def test_a_hold_for_one_and_a_question_for_another_are_one_question(kernel: Kernel) -> None:
    kernel.rule("hold", "shop.note", seconds=60)
    started = await kernel.start(note(), buy())
    kernel.later(120)
    await kernel.work()
    assert kernel.shop.sold == []
    await kernel.approve(started)
    await kernel.work()
    assert kernel.shop.sold == ["paper"]  # the note is held from the tap on
    kernel.later(60)
    await kernel.work()
    assert kernel.shop.sold == ["paper", "note"]


# --- pause


async def test_a_pause_before_the_effect_puts_it_off_and_resume_does_it_once(
    kernel: Kernel,
) -> None:
    kernel.shop.meanwhile.append(lambda: kernel.change(paused=True))
    run_id = await kernel.approved(buy())
    await kernel.work()
    assert kernel.shop.sold == []
    assert await kernel.states(run_id) == {"buy": "ready"}
    assert kernel.told.of("held_up") == []  # nothing went wrong
    kernel.later(86_400 * 3)
    await kernel.work()
    assert kernel.shop.sold == []
    await kernel.change(paused=False)
    await asyncio.gather(kernel.work(), kernel.work(kernel.worker("wrk_2")))
    assert kernel.shop.sold == ["paper"]
    assert kernel.told.of("ended") == ["done"]
    assert len(await kernel.effects()) == 1


def _pause_when_announced(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses after one step was claimed and while its parallel one is announced."""
    announce = kernel.queue.step

    async def paused(step_id: str) -> None:
        await kernel.change(paused=True)
        await announce(step_id)

    monkeypatch.setattr(kernel.queue, "step", paused)


async def test_a_pause_after_the_claim_comes_before_the_call(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a connector that asks for no last call itself."""
    run_id = await kernel.approved(
        buy("a", "a"), buy("b", "b", depends=("a",)), buy("c", "c", depends=("a",))
    )
    _pause_when_announced(kernel, monkeypatch)
    await kernel.work()
    monkeypatch.undo()
    assert kernel.shop.sold == ["a"]
    assert await kernel.states(run_id) == {"a": "done", "b": "ready", "c": "ready"}
    await kernel.change(paused=False)
    await kernel.work()
    assert kernel.shop.sold == ["a", "b", "c"]


async def test_a_pause_after_the_claim_comes_before_taking_back(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kernel.approved(buy())
    await kernel.work()
    [row] = await kernel.effects()
    back = buy("back", kind="compensate", depends=("note",))
    back = back.model_copy(update={"params": {"effect": row.token}})
    run_id = await kernel.approved(note(), back, buy("c", "c", depends=("note",)))
    _pause_when_announced(kernel, monkeypatch)
    await kernel.work()
    monkeypatch.undo()
    assert kernel.shop.returned == []
    assert await kernel.states(run_id) == {"note": "done", "back": "ready", "c": "ready"}
    await kernel.change(paused=False)
    await kernel.work()
    assert kernel.shop.returned == [row.token]
    assert (await kernel.run(run_id)).state == "done"


async def test_a_pause_after_the_effect_does_not_undo_it(kernel: Kernel) -> None:
    kernel.shop.afterwards.append(lambda: kernel.change(paused=True))
    run_id = await kernel.approved(buy("a", "a"), buy("b", "b", depends=("a",)))
    await kernel.work()
    assert await kernel.states(run_id) == {"a": "done", "b": "ready"}
    await kernel.change(paused=False)
    await kernel.work()
    assert kernel.shop.sold == ["a", "b"]


async def test_taking_back_waits_in_a_pause(kernel: Kernel) -> None:
    await kernel.approved(buy())
    await kernel.work()
    [row] = await kernel.effects()
    await kernel.change(paused=True)
    await _undo(kernel, row.token)
    assert kernel.shop.returned == []
    await kernel.change(paused=False)
    await kernel.work()
    assert kernel.shop.returned == [row.token]


async def test_what_stays_in_the_house_goes_on_in_a_pause(kernel: Kernel) -> None:
    kernel.shop.meanwhile.append(lambda: kernel.change(paused=True))
    await kernel.start(note())
    await kernel.work()
    assert kernel.shop.sold == ["note"]


async def test_a_long_pause_does_not_use_up_the_patience(kernel: Kernel) -> None:
    """The shop is busy once, after the pause: that is no day of trying."""
    kernel.shop.meanwhile.append(lambda: kernel.change(paused=True))
    run_id = await kernel.approved(buy())
    await kernel.work()
    kernel.clock.advance(PATIENCE * 2)
    await kernel.change(paused=False)
    kernel.shop.before.append(BUSY)
    await kernel.work()
    assert (await kernel.run(run_id)).state == "running"
    kernel.later(3600)
    await kernel.work()
    assert kernel.shop.sold == ["paper"]


# --- several workers


async def test_two_processes_side_by_side_do_each_thing_once(kernel: Kernel) -> None:
    run_ids = [
        await kernel.approved(
            buy("a", f"a{n}"), buy("b", f"b{n}", depends=("a",)), buy("c", f"c{n}", depends=("a",))
        )
        for n in range(4)
    ]
    async with kernel.restarted() as other:
        second = other.worker("wrk_2")
        ready = await kernel.due()
        await asyncio.gather(
            *(who.execute(each) for each in ready for who in (kernel.executor, second))
        )
        await asyncio.gather(kernel.work(), other.work(second))
        ended = kernel.told.of("ended") + other.told.of("ended")
    assert sorted(kernel.shop.sold) == sorted(f"{key}{n}" for key in "abc" for n in range(4))
    assert ended == ["done"] * 4
    assert [(await kernel.run(run_id)).state for run_id in run_ids] == ["done"] * 4
    assert len(await kernel.journalled("step.claimed")) == 12


async def test_what_a_dead_worker_left_is_taken_over_after_its_lease_and_not_before(
    kernel: Kernel,
) -> None:
    kernel.shop.before.append(Crash())
    run_id = await kernel.approved(buy())
    with pytest.raises(Crash):
        await kernel.work()
    async with kernel.restarted() as other:
        second = other.worker("wrk_2")
        kernel.clock.advance(LEASE)
        await other.work(second)
        assert await kernel.states(run_id) == {"buy": "running"}
        kernel.clock.advance(timedelta(microseconds=1))
        await other.work(second)
    assert kernel.shop.sold == ["paper"]
    assert [entry.actor for entry in await kernel.journalled("step.claimed")] == ["wrk_1", "wrk_2"]
    assert len(await kernel.journalled("step.left_behind")) == 1


async def _overtaken(kernel: Kernel) -> None:
    """The worker stalls for longer than its lease, and another takes the step over."""
    kernel.later()
    await kernel.work(kernel.worker("wrk_2"))


async def test_a_worker_that_was_overtaken_ends_nothing_again(kernel: Kernel) -> None:
    kernel.shop.afterwards.append(lambda: _overtaken(kernel))
    run_id = await kernel.approved(buy("a", "a"), buy("b", "b", depends=("a",)))
    await kernel.work()
    assert kernel.shop.sold == ["a", "b"]
    assert kernel.told.of("ended") == ["done"]
    assert await kernel.states(run_id) == {"a": "done", "b": "done"}
    assert [e.data["key"] for e in await kernel.journalled("step.done")] == ["a", "b"]


@pytest.mark.parametrize("late", [NO, BUSY, PERHAPS, ValueError("a bug"), OSError("no disk")])
async def test_the_trouble_of_a_worker_that_was_overtaken_counts_for_nothing(
    kernel: Kernel, late: Exception
) -> None:
    async def overtaken() -> None:
        await _overtaken(kernel)
        raise late

    kernel.shop.afterwards.append(overtaken)
    run_id = await kernel.approved(buy("a", "a"), buy("b", "b", depends=("a",)))
    await kernel.work()
    kernel.later(3600)
    await kernel.work()
    assert kernel.shop.sold == ["a", "b"]
    assert await kernel.states(run_id) == {"a": "done", "b": "done"}
    assert [row.state for row in await kernel.effects()] == ["confirmed", "confirmed"]
    assert kernel.told.of("held_up") == []
    assert kernel.told.of("ended") == ["done"]


async def test_a_pause_put_off_by_a_worker_that_was_overtaken_repeats_nothing(
    kernel: Kernel,
) -> None:
    async def overtaken() -> None:
        await _overtaken(kernel)
        await kernel.change(paused=True)

    kernel.shop.meanwhile.append(overtaken)
    await kernel.approved(buy())
    await kernel.work()
    await kernel.change(paused=False)
    await kernel.work()
    assert kernel.shop.sold == ["paper"]


async def test_a_worker_that_was_overtaken_sends_nothing(kernel: Kernel) -> None:
    kernel.shop.meanwhile.append(lambda: _overtaken(kernel))
    run_id = await kernel.approved(buy())
    await kernel.work()
    assert kernel.shop.sold == ["paper"]
    assert await kernel.states(run_id) == {"buy": "done"}
    assert len(await kernel.journalled("effect.sent")) == 1


async def test_what_was_taken_back_stays_so_when_a_slow_worker_reports(kernel: Kernel) -> None:
    async def overtaken_and_undone() -> None:
        await _overtaken(kernel)
        [row] = await kernel.effects()
        await _undo(kernel, row.token)

    kernel.shop.afterwards.append(overtaken_and_undone)
    run_id = await kernel.approved(buy())
    await kernel.work()
    assert len(kernel.shop.returned) == 1
    async with kernel.database.read() as connection:
        assert await effects.undoable(connection, run_id=run_id) == []


async def test_a_claim_from_before_a_retry_is_not_the_last_one(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    [step_id] = await kernel.approve(started)
    async with kernel.database.write() as connection:
        stale = await kernel.director.claim(connection, step_id, "wrk_slow")
    assert stale is not None
    kernel.shop.before.append(NO)
    await _overtaken(kernel)
    assert (await kernel.run(started.run_id)).state == "failed"
    await kernel.retry(started.run_id)
    async with kernel.database.write() as connection:
        assert await kernel.director.claim(connection, step_id, "wrk_3")
        assert await kernel.director.fail(connection, stale, "too late") is None
    assert await kernel.states(started.run_id) == {"buy": "running"}


# --- trying again


async def test_what_was_taken_back_is_not_built_upon(kernel: Kernel) -> None:
    kernel.shop.refused["b"] = NO
    run_id = await kernel.approved(buy("a", "a"), buy("b", "b", depends=("a",)))
    await kernel.work()
    [first] = [row for row in await kernel.effects() if row.state == "confirmed"]
    await _undo(kernel, first.token)
    kernel.shop.refused.clear()
    assert await kernel.retry(run_id) == []
    await kernel.work()
    assert kernel.shop.sold == ["a"]
    assert (await kernel.run(run_id)).state == "failed"
    assert await kernel.journalled("run.retried") == []


async def test_what_is_tried_again_has_its_patience_anew(kernel: Kernel) -> None:
    kernel.shop.before += [BUSY] * 40
    run_id = await kernel.approved(buy())
    for _ in range(30):
        await kernel.work()
        kernel.later(3600)
    assert (await kernel.run(run_id)).state == "failed"
    kernel.shop.before[:] = [BUSY]
    await kernel.retry(run_id)
    await kernel.work()
    assert (await kernel.run(run_id)).state == "running"
    kernel.later(3600)
    await kernel.work()
    assert kernel.shop.sold == ["paper"]


# --- commits


@contextmanager
def _commits(kernel: Kernel) -> Iterator[list[dict[str, str]]]:
    """The steps' states on the disk after each durable commit."""
    seen: list[dict[str, str]] = []

    def look() -> dict[str, str]:
        with closing(sqlite3.connect(kernel.database.path)) as connection:
            return dict(connection.execute("SELECT key, state FROM step ORDER BY position"))

    keep = driver.commit

    async def before(connection: AsyncConnection, *, in_place: bool) -> float:
        seen.append(look())  # what the commit before this one has left
        return await keep(connection, in_place=in_place)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver, "commit", before)
        yield seen
    seen[:] = [*seen[1:], look()]


def _different(seen: list[dict[str, str]]) -> list[dict[str, str]]:
    """Without those that moved no step, such as the note that an effect is sent."""
    return [states for states, _ in groupby(seen)]


async def test_one_steps_end_and_the_next_ones_claim_are_one_commit(kernel: Kernel) -> None:
    started = await kernel.start(
        buy("a", "a"), buy("b", "b", depends=("a",)), buy("c", "c", depends=("b",))
    )
    [first] = await kernel.approve(started)
    with _commits(kernel) as seen:
        await kernel.executor.execute(first)
    assert _different(seen) == [
        {"a": "running", "b": "blocked", "c": "blocked"},
        {"a": "done", "b": "running", "c": "blocked"},
        {"a": "done", "b": "done", "c": "running"},
        {"a": "done", "b": "done", "c": "done"},
    ]
    assert len(seen) == 4 + 3  # and one right before each effect


async def test_a_failure_and_its_fallbacks_claim_are_one_commit(kernel: Kernel) -> None:
    kernel.shop.refused["a"] = NO
    started = await kernel.start(buy("a", "a"), buy("b", "b", instead_of="a"))
    [first] = await kernel.approve(started)
    with _commits(kernel) as seen:
        await kernel.executor.execute(first)
    assert _different(seen) == [
        {"a": "running", "b": "blocked"},
        {"a": "failed", "b": "running"},
        {"a": "failed", "b": "done"},
    ]
    assert len(seen) == 3 + 2


async def test_others_are_told_of_the_branches_that_one_worker_leaves(kernel: Kernel) -> None:
    started = await kernel.start(
        buy("a", "a"), *(buy(f"b{n}", f"b{n}", depends=("a",)) for n in range(3))
    )
    [first] = await kernel.approve(started)
    kernel.queue.announced.clear()
    await kernel.executor.execute(first)
    announced = [what for kind, what in kernel.queue.announced if kind == "step"]
    steps = await kernel.steps(started.run_id)
    assert announced == [steps["b1"].id, steps["b2"].id]
    assert kernel.shop.sold == ["a", "b0"]
    assert [steps[key].state for key in ("b1", "b2")] == ["ready", "ready"]


async def test_a_crash_between_two_steps_loses_and_repeats_nothing(kernel: Kernel) -> None:
    """The second was claimed with the first one's end; its call was never made."""
    kernel.shop.refused["b"] = Crash()
    run_id = await kernel.approved(buy("a", "a"), buy("b", "b", depends=("a",)))
    with pytest.raises(Crash):
        await kernel.work()
    assert await kernel.states(run_id) == {"a": "done", "b": "running"}
    kernel.shop.refused.clear()
    kernel.later()
    async with kernel.restarted() as again:
        await again.work()
    assert kernel.shop.sold == ["a", "b"]
    assert (await kernel.run(run_id)).state == "done"
