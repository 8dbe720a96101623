"""What comes next follows from the stored steps alone, and a run never stands still unsaid."""

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.runs import Step, StepState
from core.walk import Moves, next_moves, set_free

STATES: tuple[StepState, ...] = get_args(StepState)
UNDER_WAY = {"asking", "held", "waiting", "ready", "running", "failed", "unknown"}
"""States that somebody or something ends: a worker, a moment, an event, the operator."""


def _step(key: str, state: StepState = "blocked", **more: Any) -> Step:
    given: dict[str, Any] = {
        "kind": "action",
        "depends": (),
        "instead_of": None,
        "hold_seconds": 0,
    }
    return Step(
        id=f"stp_{key}",
        run_id="run_1",
        key=key,
        action="shop.buy",
        params={},
        verdict=None,
        state=state,
        **(given | more),
    )


@st.composite
def plans(draw: st.DrawFn) -> list[Step]:
    """Steps that depend on earlier ones, some of them fallbacks, all blocked."""
    steps: list[Step] = []
    for n in range(draw(st.integers(1, 8))):
        real = [s.key for s in steps if s.acts and not s.instead_of]
        taken = {s.instead_of for s in steps}
        replaced = draw(st.none() | st.sampled_from([k for k in real if k not in taken] or [None]))
        before = real[: real.index(replaced)] if replaced else real
        steps.append(
            _step(
                f"s{n}",
                kind=draw(
                    st.sampled_from(["action", "compensate", "agent", "wait"])
                    if replaced
                    else st.sampled_from(["action", "action", "agent", "wait", "draft"])
                ),
                depends=tuple(draw(st.lists(st.sampled_from(before), unique=True)))
                if before
                else (),
                instead_of=replaced,
                hold_seconds=draw(st.sampled_from([0, 0, 60])),
            )
        )
    return steps


@st.composite
def runs(draw: st.DrawFn) -> list[Step]:
    """Steps in any states at all, also such as no run ever comes to."""
    return [
        replace(step, state=draw(st.sampled_from(STATES)), attempts=draw(st.integers(0, 2)))
        for step in draw(plans())
    ]


def _fulfilled(steps: list[Step], key: str) -> bool:
    """The step is done, or the fallback that stands for it is."""
    return any(s.state == "done" and key in (s.key, s.instead_of) for s in steps)


def _moved(moves: Moves) -> list[Step]:
    return [*moves.ready, *moves.held, *moves.waits]


def _keys(moves: Moves) -> Any:
    lists = (moves.ready, moves.held, moves.waits, moves.dropped)
    return [{step.key for step in each} for each in lists], moves.begun, moves.over


@given(runs())
def test_nothing_goes_before_what_it_depends_on(steps: list[Step]) -> None:
    for step in _moved(next_moves(steps)):
        assert step.state == "blocked"
        assert all(_fulfilled(steps, key) for key in step.depends)


@given(runs())
def test_a_fallback_goes_only_where_its_step_failed(steps: list[Step]) -> None:
    states = {step.key: step.state for step in steps}
    moves = next_moves(steps)
    for step in _moved(moves):
        assert step.instead_of is None or states[step.instead_of] == "failed"
    for step in moves.dropped:
        assert step.instead_of is not None
        assert states[step.instead_of] == "done"


@given(runs())
def test_what_can_go_is_never_forgotten(steps: list[Step]) -> None:
    states = {step.key: step.state for step in steps}
    moved = {step.key for step in _moved(next_moves(steps))}
    for step in steps:
        wanted = step.instead_of is None or states[step.instead_of] == "failed"
        if step.state == "blocked" and wanted and all(_fulfilled(steps, k) for k in step.depends):
            assert step.key in moved


@given(runs())
def test_each_step_moves_in_one_way(steps: list[Step]) -> None:
    moves = next_moves(steps)
    moved = [step.key for step in [*_moved(moves), *moves.dropped]]
    assert len(moved) == len(set(moved))
    assert all(step.kind == "wait" for step in moves.waits)
    assert all(step.kind != "wait" for step in [*moves.ready, *moves.held])
    assert all(step.hold_seconds and not step.attempts for step in moves.held)
    assert not any(step.hold_seconds and not step.attempts for step in moves.ready)


@given(runs(), st.randoms(use_true_random=False))
def test_the_same_steps_give_the_same_moves_in_whatever_order(
    steps: list[Step], random: Any
) -> None:
    before = [replace(step) for step in steps]
    moves = next_moves(steps)
    assert next_moves(before) == moves
    assert steps == before
    random.shuffle(before)
    assert _keys(next_moves(before)) == _keys(moves)


@given(runs())
def test_it_is_over_when_all_that_acts_is_done_or_stood_for(steps: list[Step]) -> None:
    left = [
        step
        for step in steps
        if step.acts
        and not _fulfilled(steps, step.key)
        and not (step.instead_of and _fulfilled(steps, step.instead_of))
    ]
    assert next_moves(steps).over == (not left)
    assert next_moves(steps).begun == any(step.state == "done" and step.acts for step in steps)


def _apply(steps: list[Step], moves: Moves) -> list[Step]:
    states: dict[str, StepState] = {}
    for to, moved in (
        ("ready", moves.ready),
        ("held", moves.held),
        ("waiting", moves.waits),
        ("cancelled", moves.dropped),
    ):
        states |= dict.fromkeys([step.key for step in moved], to)
    return [replace(step, state=states.get(step.key, step.state)) for step in steps]


@given(plans(), st.data())
def test_a_run_always_gets_to_an_end_or_says_what_it_waits_for(
    steps: list[Step], data: st.DataObject
) -> None:
    """However each step ends, as the director would walk it."""
    stands_for = {step.instead_of for step in steps}
    freed = set_free(steps)
    for _ in range(2 * len(steps) + 1):
        moves = next_moves(steps)
        steps = _apply(steps, moves)
        assert not _moved(next_moves(steps))  # one look moves all that can
        states = {step.key: step.state for step in steps}
        if moves.over:
            break
        assert UNDER_WAY & set(states.values())
        lost = [k for k, s in states.items() if s == "failed" and k not in stands_for]
        if any(step.acts for step in steps if step.key in lost):
            return  # the run has failed, and that was told
        under_way = [s for s in steps if s.state in ("ready", "held", "waiting")]
        if not under_way:
            assert "unknown" in states.values()  # the operator was asked
            return
        ended = data.draw(st.sampled_from(under_way))
        ends: tuple[StepState, ...] = ("done",) if ended.state == "waiting" else ("done", "failed")
        if ended.kind in ("action", "compensate"):
            ends = (*ends, "unknown")
        to = data.draw(st.sampled_from(ends))
        steps = [replace(s, state=to) if s.key == ended.key else s for s in steps]
        if to == "done" and (short := [node.key for node in freed.get(ended.key, ())]):
            # The short way comes to what the look at the whole run does.
            assert _keys(next_moves(steps)) == ([set(short), set(), set(), set()], True, False)
    assert next_moves(steps).over
    for step in steps:
        if not step.acts:
            continue
        stood = step.state == "failed" and _fulfilled(steps, step.key)
        spared = step.state == "cancelled" and step.instead_of is not None
        assert step.state == "done" or stood or spared


@pytest.mark.parametrize(
    ("more", "freed"),
    [
        ({}, {"a": ["b"]}),
        ({"kind": "agent"}, {"a": ["b"]}),
        ({"kind": "draft"}, {}),
        ({"kind": "wait"}, {}),
        ({"hold_seconds": 60}, {}),
        ({"instead_of": "a"}, {}),
        ({"depends": ("a", "c")}, {}),
        ({"depends": ()}, {}),
    ],
)
def test_only_what_depends_on_one_step_alone_is_set_free_by_it(
    more: dict[str, Any], freed: dict[str, list[str]]
) -> None:
    steps = [_step("a"), _step("b", **({"depends": ("a",)} | more)), _step("c")]
    found = {key: [node.key for node in nodes] for key, nodes in set_free(steps).items()}
    assert found == freed


@pytest.mark.parametrize("state", [s for s in STATES if s not in ("done", "failed")])
def test_until_a_step_is_done_or_failed_neither_side_goes_on(state: StepState) -> None:
    steps = [
        _step("a", state),
        _step("else", instead_of="a"),
        _step("next", depends=("a",)),
    ]
    moved = {step.key for step in _moved(next_moves(steps))}
    assert moved <= {"a"}


def test_a_draft_holds_nothing_up() -> None:
    steps = [_step("a", "done"), _step("draft", "failed", kind="draft")]
    assert next_moves(steps).over
    assert not next_moves([_step("draft", "done", kind="draft"), _step("a", "running")]).begun


def test_a_step_that_was_tried_is_not_held_again() -> None:
    assert next_moves([_step("a", hold_seconds=60)]).held
    assert next_moves([_step("a", hold_seconds=60, attempts=1)]).ready
