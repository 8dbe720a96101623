"""Rules on the time of day, looked at again when something is let go and when it is about to be."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from core.actions import Catalogue
from core.clock import Clock
from core.policy import PolicyBook
from core.runs import Run
from core.verdicts import foresee

REFUSED = "Your policy refuses this at this time."


async def refused(
    connection: AsyncConnection, clock: Clock, catalogue: Catalogue, book: PolicyBook, run: Run
) -> bool:
    """Whether policy, by the clock of now, would not let happen what the run does.

    Its other rules were looked at when the run was started, and don't change with the hour.
    """
    if _minute(run.created_at) == _minute(clock.now()):
        return False  # hours are told in minutes: it was judged by this very one
    policy = await book.refresh(connection)
    if not any(rule.time or rule.days for rule in policy.rules):
        return False
    return await foresee(connection, clock, catalogue, policy, run.plan) in ("deny", "shadow")


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
