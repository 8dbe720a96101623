"""The verdict on a whole plan: policy's on each effect, and what the grants in force allow."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from core import grants, profile
from core.actions import Catalogue, Risk
from core.clock import Clock
from core.plans import Plan, PlannedStep, provenance, unseen
from core.policy import STRICTNESS, Case, Policy, Ruling, Verdict, case_of
from core.profile import Profile
from core.storage.schema import effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """``verdict`` is the strictest of all effects; ``of`` the ruling on each, by step key.

    ``holds`` are seconds that a step waits, with an Undo button, before it goes.
    """

    verdict: Verdict
    of: Mapping[str, Ruling]
    holds: Mapping[str, int]


async def judge_plan(
    connection: AsyncConnection,
    clock: Clock,
    catalogue: Catalogue,
    policy: Policy,
    plan: Plan,
    step_ids: Mapping[str, str],
) -> Verdicts:
    """Judges every effect of the plan; ``step_ids`` are the steps' ids by key.

    Where something is asked and grants cover all that is, they are used and nothing is asked.
    """
    owner = await profile.load(connection)
    cases, rulings = await _ruled(connection, clock, catalogue, policy, plan, owner)
    strictest = _strictest(rulings)
    if strictest == "ask":
        asked = {key: cases[key] for key, ruling in rulings.items() if ruling.verdict == "ask"}
        granted = await grants.use_all(
            connection, clock, policy, {step_ids[key]: case for key, case in asked.items()}
        )
        if granted is not None:
            for key in asked:
                rulings[key] = Ruling("auto", (granted[step_ids[key]],))
            strictest = _strictest(rulings)
    holds = {key: ruling.seconds or 0 for key, ruling in rulings.items()}
    for key, case in cases.items():
        if case.reversal == "irreversible" and case.risk is not Risk.INSIDE:
            holds[key] = max(holds[key], owner.hold_seconds)
    return Verdicts(verdict=strictest, of=rulings, holds=holds)


async def foresee(
    connection: AsyncConnection, clock: Clock, catalogue: Catalogue, policy: Policy, plan: Plan
) -> Verdict:
    """The strictest verdict on the plan's effects, as far as no grant makes it milder."""
    owner = await profile.load(connection)
    _, rulings = await _ruled(connection, clock, catalogue, policy, plan, owner)
    return _strictest(rulings)


async def _ruled(
    connection: AsyncConnection,
    clock: Clock,
    catalogue: Catalogue,
    policy: Policy,
    plan: Plan,
    owner: Profile,
) -> tuple[dict[str, Case], dict[str, Ruling]]:
    """The case of each effect of the plan, and policy's ruling on it, by step key."""
    acting = [planned for planned in plan.steps if planned.kind in ("action", "compensate")]
    derives = provenance(plan) if acting else {}
    cases = {
        planned.key: await _case(
            connection, clock, catalogue, owner, plan.origins, planned, derives[planned.key]
        )
        for planned in acting
    }
    rulings = {key: policy.judge(case) for key, case in cases.items()}
    for planned in acting:
        if late := _late(plan, planned, catalogue):
            rulings[planned.key] = Ruling("deny", (late,))
    return cases, rulings


def _late(plan: Plan, planned: PlannedStep, catalogue: Catalogue) -> str:
    """Why a step can't be asked about: a tap would cover a recipient that nobody has seen."""
    sensitive = catalogue[planned.action].sensitive
    found = sorted({sensitive[name] for name in unseen(plan, planned) if name in sensitive})
    if not found:
        return ""
    return (
        f"The {' and the '.join(found)} would be settled after you were asked, "
        f"so it can't be approved ({planned.action})."
    )


def _strictest(rulings: Mapping[str, Ruling]) -> Verdict:
    strictest: Verdict = "auto"
    for ruling in rulings.values():
        if STRICTNESS.index(ruling.verdict) > STRICTNESS.index(strictest):
            strictest = ruling.verdict
    return strictest


async def _case(
    connection: AsyncConnection,
    clock: Clock,
    catalogue: Catalogue,
    owner: Profile,
    origins: Collection[str],
    planned: PlannedStep,
    derives: Mapping[str, Collection[str]],
) -> Case:
    takes_back = planned.kind == "compensate"
    params = planned.params
    if takes_back:  # what is taken back was judged when it was done
        params = await connection.scalar(
            select(effect.c.params).where(effect.c.token == planned.params["effect"])
        )
    return case_of(
        catalogue[planned.action],
        params or {},
        at=owner.local(clock.now()),
        origins=frozenset(origins).union(*derives.values()),
        provenance=None if takes_back else derives,
        agent=planned.agent,
        takes_back=takes_back,
    )
