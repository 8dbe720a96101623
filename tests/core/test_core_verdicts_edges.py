"""What mutation tests found unguarded: the verdict on a whole plan, and what is taken back."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from kernel_fakes import Kernel, Shop, buy, note, post, think

from core import grants
from core.actions import Action, Concern, Risk
from core.clock import ManualClock
from core.plans import Plan, PlannedStep
from core.policy import case_of
from core.storage.database import Database
from core.verdicts import Verdicts, judge_plan


class Named(Shop):
    """A shop whose goods are each from somebody of that name, and cost nothing."""

    def actions(self) -> tuple[Action, ...]:
        def concerns(params: dict[str, Any]) -> Concern:
            return Concern(counterparty=params.get("what"))

        return tuple(
            replace(action, concerns=concerns, risk=Risk.OUTSIDE)
            if action.name == "shop.buy"
            else action
            for action in super().actions()
        )


class Diary(Shop):
    """A shop that is the owner's own: what can't be taken back is seen by nobody else."""

    def actions(self) -> tuple[Action, ...]:
        return tuple(replace(action, risk=Risk.INSIDE) for action in super().actions())


@pytest.fixture
def named(database: Database, clock: ManualClock) -> Kernel:
    """A kernel whose purchases can be granted."""
    return Kernel(database, clock, Named())


async def _grant(kernel: Kernel, uses: int = 9) -> None:
    """Lets paper be bought without a tap."""
    shown = await kernel.start(buy())
    case = case_of(
        kernel.catalogue["shop.buy"],
        {"what": "paper"},
        at=kernel.clock.now(),
        origins=("operator",),
    )
    async with kernel.database.write() as connection:
        made = await grants.give(
            connection,
            kernel.clock,
            case,
            await kernel.policy.refresh(connection),
            uses=uses,
            lasts=timedelta(days=1),
            made_from=str(shown.approval_id),
        )
    assert made is not None


async def _judged(kernel: Kernel, *steps: PlannedStep, origins: Any = ("operator",)) -> Verdicts:
    plan = Plan(intent="shop", title="Shopping", steps=steps, origins=origins)
    ids = {step.key: f"stp_{step.key}" for step in steps}
    async with kernel.database.write() as connection:
        policy = await kernel.policy.refresh(connection)
        return await judge_plan(connection, kernel.clock, kernel.catalogue, policy, plan, ids)


def _back(key: str, token: str, action: str = "shop.buy") -> PlannedStep:
    back = buy(key, action=action, kind="compensate")
    return back.model_copy(update={"params": {"effect": token}})


async def _done(kernel: Kernel, *steps: PlannedStep) -> dict[str, str]:
    """What was done with each of ``steps``: the effects' tokens by step."""
    run_id = await kernel.approved(*steps)
    await kernel.work()
    by_id = {step.id: key for key, step in (await kernel.steps(run_id)).items()}
    return {by_id[row.step_id]: row.token for row in await kernel.effects() if row.step_id in by_id}


@pytest.mark.parametrize("verdict", ["auto", "ask", "shadow", "deny"])
async def test_taking_back_is_judged_like_any_effect(kernel: Kernel, verdict: str) -> None:
    done = await _done(kernel, buy())
    kernel.rule(verdict)
    judged = await _judged(kernel, _back("back", done["buy"]))
    assert judged.verdict == verdict
    assert judged.of["back"].verdict == verdict
    assert set(judged.of) == set(judged.holds) == {"back"}


async def test_taking_back_is_judged_by_what_was_done(named: Kernel) -> None:
    done = await _done(named, buy("one", "paper"), buy("two", "ink"))
    named.rule("deny", counterparty='"ink"')
    assert (await _judged(named, _back("back", done["one"]))).verdict == "ask"
    assert (await _judged(named, _back("back", done["two"]))).verdict == "deny"
    assert (await _judged(named, _back("back", "tok_nothing"))).verdict == "ask"


async def test_a_grant_never_takes_anything_back(named: Kernel) -> None:
    done = await _done(named, buy())
    await _grant(named)
    assert (await _judged(named, buy())).verdict == "auto"
    assert (await _judged(named, _back("back", done["buy"]))).verdict == "ask"


async def test_a_granted_step_is_done_at_once_and_says_by_which_grant(named: Kernel) -> None:
    await _grant(named, uses=3)
    judged = await _judged(named, buy("one"), buy("two"), note())
    assert judged.verdict == "auto"
    assert {key: ruling.verdict for key, ruling in judged.of.items()} == dict.fromkeys(
        ("one", "two", "note"), "auto"
    )
    assert "2 of 3 times are left" in judged.of["one"].rules[0]
    assert "1 of 3 times are left" in judged.of["two"].rules[0]
    assert "granted" not in judged.of["note"].rules[0]


async def test_where_a_grant_does_not_reach_everything_is_asked_and_none_is_used(
    named: Kernel,
) -> None:
    await _grant(named, uses=1)
    for steps in ((buy("one"), buy("two")), (buy(), post())):
        judged = await _judged(named, *steps)
        assert judged.verdict == "ask"
        assert {ruling.verdict for ruling in judged.of.values()} == {"ask"}
    async with named.database.read() as connection:
        [left] = await grants.active(connection, named.clock)
    assert left.uses_left == 1


async def test_a_plan_with_a_refused_step_uses_no_grant(named: Kernel) -> None:
    await _grant(named)
    named.policy.path.write_text('[[rule]]\nverdict = "deny"\naction = "shop.post"\n')
    judged = await _judged(named, buy(), post())
    assert judged.verdict == "deny"
    assert judged.of["buy"].verdict == "ask"
    async with named.database.read() as connection:
        [left] = await grants.active(connection, named.clock)
    assert left.uses_left == left.uses


@pytest.mark.parametrize("first", [True, False])
async def test_the_strictest_step_decides_over_the_plan(kernel: Kernel, first: bool) -> None:
    order = ("auto", "hold", "ask", "shadow", "deny")
    for laxer, stricter in pairwise(order):
        rules = [f'[[rule]]\nverdict = "{laxer}"\naction = "shop.note"\n']
        rules += [f'[[rule]]\nverdict = "{stricter}"\naction = "shop.buy"\n']
        text = "".join(rules).replace('"hold"\n', '"hold"\nseconds = 7\n')
        kernel.policy.path.write_text(text)
        steps = (note(), buy()) if first else (buy(), note())
        assert (await _judged(kernel, *steps)).verdict == stricter


async def test_what_cannot_be_taken_back_is_held_as_the_owner_set_it(
    kernel: Kernel, database: Database, clock: ManualClock
) -> None:
    await kernel.change(hold_seconds=20)
    judged = await _judged(kernel, post(), buy(), note())
    assert judged.holds == {"post": 20, "buy": 0, "note": 0}
    own = Kernel(database, clock, Diary())
    assert (await _judged(own, post())).holds == {"post": 0}


@pytest.mark.parametrize(("said", "held"), [(5, 20), (60, 60)])
async def test_the_longer_hold_counts(kernel: Kernel, said: int, held: int) -> None:
    await kernel.change(hold_seconds=20)
    kernel.rule("hold", seconds=said)
    judged = await _judged(kernel, post(), buy())
    assert judged.verdict == "hold"
    assert judged.holds == {"post": held, "buy": said}


async def test_steps_that_do_nothing_are_not_judged(kernel: Kernel) -> None:
    kernel.rule("deny")
    judged = await _judged(kernel, think(), buy("draft", action="shop.draft", kind="draft"))
    assert judged.verdict == "auto"
    assert dict(judged.of) == {}
    assert dict(judged.holds) == {}


async def test_words_of_others_are_asked_whatever_the_rules(kernel: Kernel) -> None:
    kernel.rule("auto")
    assert (await _judged(kernel, buy())).verdict == "auto"
    assert (await _judged(kernel, buy(), origins=("operator", "untrusted"))).verdict == "ask"


async def test_the_hours_of_a_rule_are_the_owners(kernel: Kernel) -> None:
    kernel.rule("auto", time='"09:00-10:00"')  # it is nine by the clock of the world
    assert (await _judged(kernel, buy())).verdict == "auto"
    await kernel.change(zone="Asia/Tokyo")
    assert (await _judged(kernel, buy())).verdict == "ask"
