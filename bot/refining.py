"""Refining: a card that was worded by templates gets better words from a model, in place.

The quick card stands at once. In the background the same request is thought through again, with
a model; where that words it otherwise, a new card takes the place of the old one, under an approval
of its own, unless the operator has decided, or is about to.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from agents import playbooks
from agents.gateway import USELESS
from agents.roles import Thinker, Thought
from bot import drafts
from bot.app import App
from bot.cards import approval as approval_cards
from bot.cards.talk import note
from bot.editing import stored, with_extra
from bot.situation import context_of
from bot.situation import situation as current_situation
from core import approvals, explanations, inbox, outbox, runs
from core.approvals import Approval
from core.budgets import OverBudget
from core.costs import Cost
from core.errors import FactotumError
from core.plans import Plan, PlannedStep
from core.runs import Run

_NOT_URGENT = frozenset({"content.write", "content.plan"})
"""What waits for the off-peak hours."""
_LATER = 30
"""Seconds until a model that can't answer now is asked again."""
_LOOK = timedelta(hours=1)
"""How long at most until it is seen whether a limit was raised."""


def refinable(plan: Plan, thoughts: list[Thought[Any]]) -> Plan:
    """``plan``, with a step that words it better where a model is there that wasn't asked."""
    if not any(thought.better for thought in thoughts):
        return plan
    step = PlannedStep(
        key="refine", kind="draft", action=drafts.REFINE, params={}, label="word it better"
    )
    price = sum(thought.price for thought in thoughts if thought.better)
    return plan.model_copy(update={"steps": (*plan.steps, step), "price": price})


def _shown(plan: Plan) -> dict[str, str]:
    """What a card shows of a plan that words can be better of: the letter, or the values."""
    return plan.preview or {value.slot: value.shown for value in plan.values}


class Refiner:
    """Words cards better."""

    def __init__(self, app: App, thinker: Thinker) -> None:
        self._app = app
        self._thinker = thinker
        self._told: set[str] = set()

    async def __call__(self, token: str, _params: dict[str, Any]) -> dict[str, Any]:
        """Carries out the step ``token``; its result says whether the card was refined.

        Raises FactotumError, not permanent, where a model can't answer now, or a tap is under way.
        """
        app = self._app
        async with app.database.read() as connection:
            step = await runs.load_step(connection, token)
            assert step is not None, "the step that is being carried out"
            run_id = step.run_id
            run = await runs.load(connection, run_id)
            asked = await approvals.of_run(connection, run_id)
            said = await inbox.load(connection, run.inbox_id) if run and run.inbox_id else None
            now = await current_situation(app, connection)
        if run is None or said is None or asked is None or asked.state != "pending":
            return {"refined": False}
        wait = now.profile.until_off_peak(app.clock.now())
        if wait and run.plan.intent in _NOT_URGENT:
            raise FactotumError(
                "It is drafted in your off-peak hours.",
                permanent=False,
                retry_after=wait.total_seconds(),
            )
        request, extra = stored(run.plan)
        context = context_of(app, said, now, self._thinker, extra=extra, quick=False)
        made = await playbooks.make(request, context)
        thoughts = [thought.explanation for thought in context.thoughts]
        async with app.database.write() as connection:
            await explanations.keep(
                connection, app.clock, thoughts, inbox_id=run.inbox_id, step_id=token
            )
            if isinstance(made, Plan) and _shown(made) != _shown(run.plan):
                cost = sum((thought.cost for thought in thoughts), run.cost)
                return {
                    "refined": await self._replace(
                        connection, asked, run, with_extra(made, extra), cost
                    )
                }
        over = next((each.over for each in context.thoughts if each.over), None)
        if over and over.limit:
            await self._tell(run_id, over)
            if over.limit.ends is None:  # of one message, for which there will be no more
                return {"refined": False}
            wait = min(over.limit.ends - app.clock.now(), _LOOK)
            raise FactotumError(
                over.message, permanent=False, retry_after=max(wait.total_seconds(), _LATER)
            )
        troubles = [trouble for thought in thoughts for trouble in thought.troubles]
        if troubles and not any(trouble.endswith(USELESS) for trouble in troubles):
            raise FactotumError("; ".join(troubles), permanent=False, retry_after=_LATER)
        return {"refined": False}

    async def _tell(self, run_id: str, over: OverBudget) -> None:
        """Says that a limit keeps better words out, once for each day and month, or for a run."""
        key = over.message if over.limit and over.limit.ends else run_id
        if key in self._told:
            return
        self._told.add(key)
        told = f"{over.message.rstrip('.')}; cards keep their first words."
        async with self._app.database.write() as connection:
            await self._app.presenter.say(connection, note(told), subject=run_id)
        await self._app.queue.wake_courier()

    async def _replace(
        self, connection: AsyncConnection, asked: Approval, run: Run, plan: Plan, cost: Cost
    ) -> bool:
        """Puts the new card in the old one's place; False where the operator was faster.

        Raises FactotumError where the card is being tapped: it must not change under the finger.
        """
        app = self._app
        for tap in await inbox.waiting(connection, "tap"):
            if {asked.id, asked.batch_id} & set(str(tap.data.get("data", "")).split(":")):
                raise FactotumError("It is being tapped.", permanent=False, retry_after=1)
        decision = await approvals.decide(
            connection,
            app.clock,
            asked.id,
            to="replaced",
            user_id=0,
            policy=(await app.policy.refresh(connection)).version,
            actor="agent",
        )
        if not decision.taken:
            return False
        await app.director.stop(connection, run.id, state="replaced")
        started = await app.director.start(
            connection,
            plan,
            explanation=run.explanation,
            cost=cost,
            inbox_id=run.inbox_id,
            replaces=run.id,
            batch_id=asked.batch_id,
            show=False,
        )
        for step in started.ready:
            await app.queue.step(step)
        if started.approval_id is None:  # a grant was given meanwhile
            await app.presenter.turn(connection, asked.id, approval_cards.replaced(run.plan))
            return True
        await outbox.hand_over(connection, asked.id, to=started.approval_id)
        if asked.outbox_id is not None:
            await approvals.shown(connection, started.approval_id, asked.outbox_id)
        if asked.batch_id:
            await app.presenter.turn_together(connection, asked.batch_id)
        else:
            await app.presenter.show_again(connection, started.run_id, started.approval_id)
        return True
