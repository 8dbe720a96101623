"""What may happen without a tap."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actions import Action, Params, Result, Reversal, Risk
from core.policy import judge


def _action(risk: Risk, kind: Any = "compensate") -> Action:
    async def never(*_: Any) -> Any:
        raise AssertionError("policy only judges")

    return Action(
        name="test.act",
        params=Params,
        result=Result,
        risk=risk,
        reversal=Reversal(kind, "somehow"),
        perform=never,
        check=never,
    )


def test_ones_own_records_that_can_be_taken_back_need_no_tap() -> None:
    ruling = judge(_action(Risk.INSIDE), origins=("operator", "memory"))
    assert ruling.verdict == "auto"
    assert ruling.rules


@pytest.mark.parametrize("risk", [Risk.OUTSIDE, Risk.MONEY])
def test_what_leaves_the_house_or_is_about_money_is_asked(risk: Risk) -> None:
    ruling = judge(_action(risk), origins=("operator",))
    assert ruling.verdict == "ask"
    assert any("test.act" in rule for rule in ruling.rules)


def test_what_cannot_be_taken_back_is_asked() -> None:
    assert judge(_action(Risk.INSIDE, "irreversible"), origins=("operator",)).verdict == "ask"


@given(
    st.sampled_from(list(Risk)),
    st.sampled_from(["compensate", "irreversible"]),
    st.lists(st.sampled_from(["operator", "memory", "untrusted"]), max_size=4),
)
def test_nothing_untrusted_risky_or_final_is_ever_done_by_itself(
    risk: Risk, kind: str, origins: list[str]
) -> None:
    ruling = judge(_action(risk, kind), origins=origins)
    asked = risk is not Risk.INSIDE or kind == "irreversible" or "untrusted" in origins
    assert (ruling.verdict == "ask") == asked
    assert ruling.rules
    if "untrusted" in origins:
        assert any("others" in rule for rule in ruling.rules)
