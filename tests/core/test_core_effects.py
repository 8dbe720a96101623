"""Every effect happens once, whatever breaks while it happens."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_fakes import Crash, Kernel, buy, post
from sqlalchemy import select, update

from core import director as director_room
from core import effects, profile
from core.effects import settle_unknown
from core.errors import FactotumError
from core.executor import ATTEMPTS, backoff
from core.leases import LEASE
from core.plans import ref
from core.storage.schema import effect, journal, step

BUSY = FactotumError("The shop is busy.", permanent=False)
NO = FactotumError("The shop does not sell that.")
PERHAPS = FactotumError("The line broke.", permanent=False, ambiguous=True)


async def _approved(kernel: Kernel, *steps: Any) -> str:
    started = await kernel.start(*(steps or (buy(),)))
    assert await kernel.approve(started)
    return started.run_id


def _later(kernel: Kernel, seconds: float = LEASE.total_seconds() + 1) -> None:
    kernel.clock.advance(timedelta(seconds=seconds))


async def _effects(kernel: Kernel) -> list[Any]:
    async with kernel.database.read() as connection:
        return list((await connection.execute(select(effect))).all())


# --- the plain walk


async def test_steps_go_in_order_and_hand_results_on(kernel: Kernel) -> None:
    run_id = await _approved(
        kernel,
        buy("one"),
        buy("two", ref("one", "number"), depends=("one",)),
        buy("three", ref("two", "number"), depends=("two",), action="shop.post"),
    )
    await kernel.work()
    assert [what for _, what in kernel.shop.effects] == ["paper", "B-1", "B-2"]
    assert (await kernel.run(run_id)).state == "done"
    assert kernel.told.of("ended") == ["done"]
    assert {s.state for s in (await kernel.steps(run_id)).values()} == {"done"}


async def test_what_policy_lets_pass_goes_at_once(kernel: Kernel) -> None:
    started = await kernel.start(buy(action="shop.note"))
    assert started.approval_id is None
    assert len(started.ready) == 1
    await kernel.executor.execute(started.ready[0])
    assert len(kernel.shop.effects) == 1


async def test_one_risky_step_makes_all_of_them_wait(kernel: Kernel) -> None:
    started = await kernel.start(buy("note", action="shop.note"), buy("post", action="shop.post"))
    assert started.approval_id
    await kernel.work()
    assert kernel.shop.effects == []


async def test_words_of_others_make_a_harmless_step_wait(kernel: Kernel) -> None:
    started = await kernel.start(buy(action="shop.note"), origins=("operator", "untrusted"))
    assert started.approval_id
    await kernel.work()
    assert kernel.shop.effects == []
    verdict = (await kernel.steps(started.run_id))["buy"].verdict
    assert verdict is not None
    assert any("others" in rule for rule in verdict["rules"])


async def test_the_token_and_the_params_are_kept_before_the_call(kernel: Kernel) -> None:
    kernel.shop.before.append(Crash())
    await _approved(kernel)
    with pytest.raises(Crash):
        await kernel.work()
    [row] = await _effects(kernel)
    assert (row.state, row.params) == ("sent", {"what": "paper"})
    async with kernel.database.read() as connection:
        kinds = list(await connection.scalars(select(journal.c.kind).order_by(journal.c.seq)))
    assert kinds[-2:] == ["effect.intended", "effect.sent"]


async def test_what_was_not_sent_needs_no_look_outside(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: Any, **__: Any) -> bool:
        raise Crash

    kernel.shop.blind = True
    run_id = await _approved(kernel)
    with monkeypatch.context() as patch:
        patch.setattr(effects, "send", dies)
        with pytest.raises(Crash):
            await kernel.work()
    assert [row.state for row in await _effects(kernel)] == ["intended"]
    _later(kernel)
    await kernel.work()
    assert kernel.shop.sold == ["paper"]
    assert kernel.shop.checks == 0
    assert (await kernel.run(run_id)).state == "done"


async def test_execute_twice_is_one_effect(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    [step_id] = await kernel.approve(started)
    other = kernel.worker("wrk_2")
    await asyncio.gather(*(w.execute(step_id) for w in (kernel.executor, other, other)))
    await kernel.executor.execute(step_id)
    assert len(kernel.shop.effects) == 1


async def test_a_step_nobody_knows_does_nothing(kernel: Kernel) -> None:
    await kernel.executor.execute("stp_unknown")
    assert kernel.shop.effects == []


# --- crashes


async def test_a_crash_after_the_effect_is_found_and_not_repeated(kernel: Kernel) -> None:
    kernel.shop.after.append(Crash())
    run_id = await _approved(kernel)
    with pytest.raises(Crash):
        await kernel.work()
    await kernel.work()
    assert kernel.shop.checks == 0  # the lease still holds: nobody else touches it
    _later(kernel)
    await kernel.work(kernel.worker("wrk_2"))
    assert len(kernel.shop.effects) == 1
    assert kernel.shop.checks == 1
    assert (await kernel.run(run_id)).state == "done"
    assert kernel.told.of("ended") == ["done"]


async def test_a_crash_before_the_effect_is_checked_and_then_done(kernel: Kernel) -> None:
    kernel.shop.before.append(Crash())
    run_id = await _approved(kernel)
    with pytest.raises(Crash):
        await kernel.work()
    _later(kernel)
    await kernel.work()
    assert kernel.shop.checks == 1
    assert len(kernel.shop.effects) == 1
    assert (await kernel.run(run_id)).state == "done"


async def test_a_crash_again_and_again_keeps_one_token(kernel: Kernel) -> None:
    kernel.shop.before += [Crash(), Crash(), Crash()]
    await _approved(kernel)
    for _ in range(3):
        with pytest.raises(Crash):
            await kernel.work()
        _later(kernel)
    await kernel.work()
    [row] = await _effects(kernel)
    assert [token for token, _ in kernel.shop.effects] == [row.token]
    assert row.state == "confirmed"


async def test_after_a_crash_with_a_blind_check_nothing_is_repeated(kernel: Kernel) -> None:
    kernel.shop.after.append(Crash())
    kernel.shop.blind = True
    run_id = await _approved(kernel)
    with pytest.raises(Crash):
        await kernel.work()
    _later(kernel)
    await kernel.work()
    _later(kernel, 86_400)
    await kernel.work()
    assert len(kernel.shop.effects) == 1
    assert (await kernel.steps(run_id))["buy"].state == "unknown"
    [(state, error, again)] = kernel.told.of("held_up")
    assert (state, error, again) == ("unknown", "The shop can't tell.", None)


async def test_a_lease_that_is_renewed_is_not_taken(kernel: Kernel) -> None:
    kernel.shop.before.append(Crash())
    await _approved(kernel)
    with pytest.raises(Crash):
        await kernel.work()
    for _ in range(4):
        kernel.clock.advance(LEASE / 2)
        async with kernel.database.write() as connection:
            await kernel.director.renew(connection, "wrk_1")
            await kernel.director.renew(connection, "wrk_other")
        assert await kernel.due() == []
    _later(kernel)
    assert len(await kernel.due()) == 1


async def test_a_worker_that_lost_its_lease_settles_nothing(kernel: Kernel) -> None:
    """Its late failure must not end what another worker is doing."""
    run_id = await _approved(kernel)
    [step_id] = await kernel.due()
    async with kernel.database.write() as connection:
        first = await kernel.director.claim(connection, step_id, "wrk_slow")
    assert first is not None
    _later(kernel)
    assert await kernel.due() == [step_id]
    async with kernel.database.write() as connection:
        second = await kernel.director.claim(connection, step_id, "wrk_2")
        assert second is not None
        await kernel.director.fail(connection, first, "too late")
        assert await kernel.director.complete(connection, first, {"receipt": "late"}) == []
    assert (await kernel.steps(run_id))["buy"].state == "running"
    assert (await kernel.run(run_id)).state == "running"
    async with kernel.database.write() as connection:
        await kernel.director.complete(connection, second, {"receipt": "done"})
    assert (await kernel.run(run_id)).state == "done"


# --- trouble


async def test_a_permanent_error_ends_the_run_and_what_follows(kernel: Kernel) -> None:
    kernel.shop.before.append(NO)
    run_id = await _approved(kernel, buy("one"), buy("two", depends=("one",)))
    await kernel.work()
    _later(kernel, 3600)
    await kernel.work()
    steps = await kernel.steps(run_id)
    assert (steps["one"].state, steps["two"].state) == ("failed", "cancelled")
    assert steps["one"].error == "The shop does not sell that."
    assert (await kernel.run(run_id)).state == "failed"
    assert kernel.told.of("ended") == ["failed"]
    assert kernel.shop.effects == []


async def test_a_failed_run_can_be_tried_again(kernel: Kernel) -> None:
    kernel.shop.before.append(NO)
    run_id = await _approved(kernel, buy("one"), buy("two", depends=("one",)))
    await kernel.work()
    async with kernel.database.write() as connection:
        ready = await kernel.director.retry(connection, run_id)
        assert len(ready) == 1
        assert await kernel.director.retry(connection, run_id) == []  # a second tap
    await kernel.work()
    assert len(kernel.shop.effects) == 2
    assert (await kernel.run(run_id)).state == "done"
    assert kernel.told.of("ended") == ["failed", "done"]


async def test_trying_again_does_not_repeat_what_was_done(kernel: Kernel) -> None:
    run_id = await _approved(kernel, buy("one"), buy("two", depends=("one",)))
    [first] = await kernel.due()
    await kernel.executor.execute(first)
    kernel.shop.before.append(NO)
    await kernel.work()
    async with kernel.database.write() as connection:
        await kernel.director.retry(connection, run_id)
    await kernel.work()
    assert len(kernel.shop.effects) == 2
    assert (await kernel.run(run_id)).state == "done"


@pytest.mark.parametrize("state", ["rejected", "replaced", "cancelled"])
async def test_a_run_that_was_not_wanted_cannot_be_tried_again(kernel: Kernel, state: str) -> None:
    started = await kernel.start(buy())
    async with kernel.database.write() as connection:
        assert await kernel.director.stop(connection, started.run_id, state=state)
        assert not await kernel.director.stop(connection, started.run_id, state=state)
        assert await kernel.director.retry(connection, started.run_id) == []
        assert await kernel.director.release(connection, started.run_id) == []
    await kernel.work()
    assert kernel.shop.effects == []


async def test_a_waiting_approval_cannot_be_tried_again_around_the_tap(kernel: Kernel) -> None:
    started = await kernel.start(buy())
    async with kernel.database.write() as connection:
        assert await kernel.director.retry(connection, started.run_id) == []
    await kernel.work()
    assert kernel.shop.effects == []


async def test_a_passing_error_is_tried_again_later_with_a_check(kernel: Kernel) -> None:
    kernel.shop.before.append(BUSY)
    run_id = await _approved(kernel)
    await kernel.work()
    [(state, error, again)] = kernel.told.of("held_up")
    assert (state, error) == ("ready", "The shop is busy.")
    assert again == kernel.clock.now() + backoff(1, None)
    await kernel.work()
    assert kernel.shop.effects == []  # not before its time
    _later(kernel, backoff(1, None).total_seconds())
    await kernel.work()
    assert len(kernel.shop.effects) == 1
    assert kernel.shop.checks == 1
    assert (await kernel.run(run_id)).state == "done"


async def test_it_is_not_tried_for_ever(kernel: Kernel) -> None:
    kernel.shop.before += [BUSY] * 40
    run_id = await _approved(kernel)
    for _ in range(40):
        await kernel.work()
        _later(kernel, 3600)
    assert 10 <= len(kernel.shop.before) <= 20  # for a day
    assert (await kernel.run(run_id)).state == "failed"
    assert kernel.shop.effects == []


async def test_an_error_of_this_machine_is_tried_again(kernel: Kernel) -> None:
    kernel.shop.after.append(OSError(28, "No space left on device"))
    run_id = await _approved(kernel)
    await kernel.work()
    [(_, error, _)] = kernel.told.of("held_up")
    assert "disk is full" in error
    _later(kernel, 60)
    await kernel.work()
    assert len(kernel.shop.effects) == 1  # the check found it
    assert (await kernel.run(run_id)).state == "done"


@pytest.mark.parametrize("error", [ValueError("a bug"), KeyError("x"), RuntimeError("boom")])
async def test_a_fault_of_the_program_is_like_a_crash(kernel: Kernel, error: Exception) -> None:
    """It is told, the check decides, and nothing is doubled."""
    kernel.shop.after.append(error)
    run_id = await _approved(kernel)
    await kernel.work()
    assert [state for state, _, _ in kernel.told.of("held_up")] == ["ready"]
    _later(kernel, 3600)
    await kernel.work()
    assert len(kernel.shop.effects) == 1
    assert (await kernel.run(run_id)).state == "done"


async def test_a_fault_that_stays_is_left_to_the_operator(kernel: Kernel) -> None:
    kernel.shop.before += [ValueError("a bug")] * 20
    run_id = await _approved(kernel)
    for _ in range(20):
        await kernel.work()
        _later(kernel, 3600)
    assert len(kernel.shop.before) == 20 - ATTEMPTS
    assert (await kernel.steps(run_id))["buy"].state == "unknown"


async def test_a_step_that_breaks_holds_no_other_up(kernel: Kernel) -> None:
    kernel.shop.before.append(ValueError("a bug"))
    await _approved(kernel, buy("broken"))
    fine = await _approved(kernel, buy("fine"))
    await kernel.work()
    assert (await kernel.run(fine)).state == "done"


async def test_params_that_do_not_fit_fail_without_an_effect(kernel: Kernel) -> None:
    run_id = await _approved(kernel, buy("one"), buy("two", ["no", "text"], depends=("one",)))
    await kernel.work()
    for _ in range(3):
        _later(kernel, 3600)
        await kernel.work()
    assert len(kernel.shop.effects) == 1
    assert (await kernel.run(run_id)).state == "failed"
    assert kernel.told.of("ended") == ["failed"]


async def test_what_may_have_happened_is_asked_and_never_repeated(kernel: Kernel) -> None:
    kernel.shop.after.append(PERHAPS)
    run_id = await _approved(kernel)
    await kernel.work()
    for _ in range(5):
        _later(kernel, 3600)
        await kernel.work()
    assert len(kernel.shop.effects) == 1
    assert (await kernel.steps(run_id))["buy"].state == "unknown"
    [row] = await _effects(kernel)
    assert row.state == "unknown"


async def test_the_operator_says_that_it_happened(kernel: Kernel) -> None:
    kernel.shop.after.append(PERHAPS)
    run_id = await _approved(kernel)
    await kernel.work()
    unclear = (await kernel.steps(run_id))["buy"]
    async with kernel.database.write() as connection:
        await settle_unknown(connection, kernel.clock, kernel.director, unclear.id)
        await settle_unknown(connection, kernel.clock, kernel.director, unclear.id)
    assert (await kernel.run(run_id)).state == "done"
    assert kernel.told.of("ended") == ["done"]
    await kernel.work()
    assert len(kernel.shop.effects) == 1


async def test_what_needs_a_result_that_nobody_has_fails_in_words(kernel: Kernel) -> None:
    """After "it happened" there is no number for the step that wanted it."""
    kernel.shop.after.append(PERHAPS)
    run_id = await _approved(kernel, buy("one"), buy("two", ref("one", "number"), depends=("one",)))
    await kernel.work()
    unclear = (await kernel.steps(run_id))["one"]
    async with kernel.database.write() as connection:
        await settle_unknown(connection, kernel.clock, kernel.director, unclear.id)
    await kernel.work()
    assert len(kernel.shop.effects) == 1
    found = await kernel.run(run_id)
    assert found.state == "failed"
    error = (await kernel.steps(run_id))["two"].error
    assert error
    assert "one" in error


async def _again(kernel: Kernel, run_id: str) -> None:
    async with kernel.database.write() as connection:
        await kernel.director.retry(connection, run_id)
    await kernel.work()


async def test_done_again_is_checked_first(kernel: Kernel) -> None:
    """The effect had happened after all: it is found, not doubled."""
    kernel.shop.after.append(PERHAPS)
    run_id = await _approved(kernel)
    await kernel.work()
    await _again(kernel, run_id)
    assert len(kernel.shop.effects) == 1
    assert (await kernel.run(run_id)).state == "done"


async def test_done_again_where_nobody_can_tell_has_a_new_token(kernel: Kernel) -> None:
    kernel.shop.before.append(PERHAPS)
    kernel.shop.blind = True
    run_id = await _approved(kernel)
    await kernel.work()
    [before] = await _effects(kernel)
    await _again(kernel, run_id)
    [after] = await _effects(kernel)
    assert after.token != before.token
    assert [token for token, _ in kernel.shop.effects] == [after.token]
    assert (await kernel.run(run_id)).state == "done"


@given(st.integers(0, 60), st.none() | st.floats(0, 10_000))
def test_waiting_grows_within_bounds_and_heeds_the_other_side(
    attempt: int, retry_after: float | None
) -> None:
    waited = backoff(attempt, retry_after)
    asked = min(retry_after or 0, 3600)  # and then it looks whether that still holds
    assert timedelta(seconds=max(1, asked)) <= waited <= timedelta(seconds=max(600, asked))
    assert backoff(attempt + 1, None) >= backoff(attempt, None)


async def _work_on(kernel: Kernel, rounds: int) -> None:
    """Like a worker whose tasks may end with a fault, which it logs."""
    for _ in range(rounds):
        with suppress(ZeroDivisionError):
            await kernel.work()
        _later(kernel)


async def test_what_was_done_and_cannot_be_noted_is_noted_later(kernel: Kernel) -> None:
    kernel.told.troubles += [ZeroDivisionError()] * (ATTEMPTS - 1)
    run_id = await _approved(kernel)
    await _work_on(kernel, ATTEMPTS)
    assert len(kernel.shop.effects) == 1
    assert (await kernel.run(run_id)).state == "done"


async def test_what_can_never_be_noted_is_asked_about(kernel: Kernel) -> None:
    kernel.told.troubles += [ZeroDivisionError()] * 50
    run_id = await _approved(kernel)
    await _work_on(kernel, ATTEMPTS + 3)
    assert len(kernel.told.troubles) == 50 - ATTEMPTS
    assert len(kernel.shop.effects) == 1
    assert {each.state for each in (await kernel.steps(run_id)).values()} == {"unknown"}
    [(state, _, again_at)] = kernel.told.of("held_up")
    assert (state, again_at) == ("unknown", None)


# --- pause


async def _pause(kernel: Kernel, paused: bool) -> None:
    async with kernel.database.write() as connection:
        await profile.change(connection, kernel.clock, paused=paused)


async def test_a_pause_holds_effects_and_resume_lets_them_go(kernel: Kernel) -> None:
    await _pause(kernel, True)
    run_id = await _approved(kernel)
    await kernel.work()
    assert kernel.shop.effects == []
    await _pause(kernel, False)
    await kernel.work()
    assert len(kernel.shop.effects) == 1
    assert (await kernel.run(run_id)).state == "done"


async def test_a_pause_holds_no_draft(kernel: Kernel) -> None:
    await _pause(kernel, True)
    started = await kernel.start(buy(), buy("draft", action="shop.draft", kind="draft"))
    for step_id in started.ready:
        await kernel.executor.execute(step_id)
    assert kernel.drafted == [{"what": "paper"}]
    assert kernel.told.of("drafted") == [{"caption": "a draft"}]
    assert kernel.shop.effects == []


async def test_a_draft_after_the_end_is_not_shown(kernel: Kernel) -> None:
    started = await kernel.start(buy(), buy("draft", action="shop.draft", kind="draft"))
    async with kernel.database.write() as connection:
        await kernel.director.stop(connection, started.run_id, state="rejected")
    for step_id in started.ready:
        await kernel.executor.execute(step_id)
    assert kernel.told.of("drafted") == []


@pytest.mark.parametrize("error", [FactotumError("no paper"), OSError("full"), KeyError("bug")])
async def test_a_draft_that_fails_ends_nothing(kernel: Kernel, error: Exception) -> None:
    started = await kernel.start(buy(), buy("draft", action="shop.draft", kind="draft"))

    async def fails(token: str, params: dict[str, Any]) -> dict[str, Any]:
        raise error

    kernel.executor._thinkers = {"shop.draft": fails}
    for step_id in started.ready:
        await kernel.executor.execute(step_id)
    assert (await kernel.steps(started.run_id))["draft"].state == "failed"
    await kernel.approve(started)
    await kernel.work()
    assert (await kernel.run(started.run_id)).state == "done"


# --- taking back


async def test_an_effect_is_taken_back_once(kernel: Kernel) -> None:
    await _approved(kernel)
    await kernel.work()
    [row] = await _effects(kernel)
    back = buy("undo", kind="compensate").model_copy(update={"params": {"effect": row.token}})
    started = await kernel.start(back)
    assert started.approval_id  # it was about money, so taking it back is asked too
    kernel.shop.after.clear()
    await kernel.approve(started)
    await kernel.work()
    assert kernel.shop.returned == [row.token]
    states = {each.token: each.state for each in await _effects(kernel)}
    assert states.pop(row.token) == "reversed"
    assert list(states.values()) == ["confirmed"]
    async with kernel.database.read() as connection:
        assert await effects.undoable(connection) == []


async def test_the_newest_effect_is_first_to_be_taken_back(kernel: Kernel) -> None:
    run_id = await _approved(kernel, buy("one"), buy("two", depends=("one",)))
    await kernel.work()
    async with kernel.database.read() as connection:
        rows = await effects.undoable(connection, run_id=run_id)
        receipts = await effects.confirmed_since(connection, kernel.clock.now())
    assert [row.result["number"] for row in rows] == ["B-2", "B-1"]
    assert receipts == ["Bought B-1.", "Bought B-2."]


async def test_a_vouched_effect_can_be_left_alone_but_not_taken_back(kernel: Kernel) -> None:
    """There is no result to take back by, so it isn't offered."""
    kernel.shop.after.append(PERHAPS)
    run_id = await _approved(kernel)
    await kernel.work()
    unclear = (await kernel.steps(run_id))["buy"]
    async with kernel.database.write() as connection:
        await settle_unknown(connection, kernel.clock, kernel.director, unclear.id)
        assert await effects.undoable(connection, run_id=run_id) == []


# --- counting


async def test_how_long_actions_take_is_told_from_those_that_were_done(kernel: Kernel) -> None:
    async with kernel.database.read() as connection:
        assert await effects.usual_time(connection, ["never.done"]) is None
    seen = set[str]()
    for seconds in (9, 2, 3):
        await _approved(kernel)
        await kernel.work()
        [last] = [row for row in await _effects(kernel) if row.token not in seen]
        seen.add(last.token)
        async with kernel.database.write() as connection:
            took = last.intended_at + timedelta(seconds=seconds)
            await connection.execute(
                update(effect).where(effect.c.token == last.token).values(confirmed_at=took)
            )
    async with kernel.database.read() as connection:
        assert await effects.usual_time(connection, [last.action]) == timedelta(seconds=3)
        assert await effects.usual_time(connection, [last.action] * 2) == timedelta(seconds=6)
        assert await effects.usual_time(connection, ["never.done"]) == timedelta(seconds=3)


async def test_what_is_under_way_is_counted_without_drafts(kernel: Kernel) -> None:
    started = await kernel.start(buy(), buy("draft", action="shop.draft", kind="draft"))
    async with kernel.database.read() as connection:
        assert await director_room.count(connection, ("ready", "running")) == 0
        assert await director_room.count(connection, ("asking",)) == 1
    await kernel.approve(started)
    async with kernel.database.read() as connection:
        assert await director_room.count(connection, ("ready", "running")) == 1
        assert await connection.scalar(select(kernel.director.any_due()))


async def test_a_lost_wake_up_is_swept_up(kernel: Kernel) -> None:
    """Nothing relies on the queue: a step that nobody announced is due all the same."""
    await _approved(kernel)
    kernel.queue.announced.clear()
    assert len(await kernel.due()) == 1
    async with kernel.database.write() as connection:
        await connection.execute(update(step).values(not_before=kernel.clock.now()))
    assert len(await kernel.due()) == 1


async def _for_long(kernel: Kernel) -> None:
    for _ in range(ATTEMPTS + 5):
        await kernel.work()
        kernel.clock.advance(timedelta(minutes=11))


@pytest.mark.parametrize("first", [False, True])
async def test_a_fault_at_the_beginning_of_an_effect_is_not_met_without_end(
    kernel: Kernel, monkeypatch: Any, first: bool
) -> None:
    begun: list[str] = []
    intend = effects.intend

    async def faulty(connection: Any, clock: Any, claimed: Any, params: Any) -> Any:
        if claimed.key == "late":
            begun.append(claimed.id)
            raise ZeroDivisionError
        return await intend(connection, clock, claimed, params)

    monkeypatch.setattr(effects, "intend", faulty)
    before = [] if first else [buy()]
    run_id = await kernel.approved(*before, post("late", depends=() if first else ("buy",)))
    await _for_long(kernel)
    assert len(begun) == ATTEMPTS
    assert kernel.shop.sold == ["paper"][: len(before)]
    assert (await kernel.states(run_id))["late"] == "failed"
    assert "wrong inside" in str((await kernel.steps(run_id))["late"].error)
    assert (await kernel.run(run_id)).state == "failed"
    monkeypatch.undo()
    await kernel.retry(run_id)
    await kernel.work()
    assert (await kernel.run(run_id)).state == "done"


async def test_a_fault_where_an_effect_is_taken_up_again_is_put_to_the_operator(
    kernel: Kernel, monkeypatch: Any
) -> None:
    async def faulty(*_: Any) -> Any:
        raise ZeroDivisionError

    kernel.shop.after.append(Crash())
    run_id = await kernel.approved(buy())
    with pytest.raises(Crash):
        await kernel.work()
    monkeypatch.setattr(effects, "intend", faulty)
    await _for_long(kernel)
    assert await kernel.states(run_id) == {"buy": "unknown"}
    assert [row.state for row in await kernel.effects()] == ["unknown"]
    monkeypatch.undo()
    await kernel.retry(run_id)
    await kernel.work()
    assert kernel.shop.sold == ["paper"]
    assert (await kernel.run(run_id)).state == "done"
