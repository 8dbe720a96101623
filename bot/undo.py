"""Taking things back: a plan of compensations, under the same rules as any other."""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import App
from core import effects, runs
from core.costs import NOTHING
from core.plans import Origin, Plan, PlannedStep, Value

CARD = "See the card below."
NOTHING_LEFT = "There is nothing to take back."


async def start(
    app: App, connection: AsyncConnection, run_id: str, *, inbox_id: int | None
) -> tuple[str, list[str]]:
    """Starts taking back what a run did; returns what to say and steps that can go."""
    run = await runs.load(connection, run_id)
    if run is None:
        return NOTHING_LEFT, []
    left = await effects.undoable(connection, run_id=run_id)
    back = [row for row in left if app.catalogue[row.action].compensate]
    if not back:
        return "That was taken back already, or it can't be.", []
    for other, _ in await runs.active(connection):
        if other.plan.request.get("run") == run_id:
            return "That is being taken back already; see the card below.", []
    stays = [row for row in left if not app.catalogue[row.action].compensate]
    values = [
        Value(
            slot=row.token,
            label="Taken back",
            shown=str((row.result or {}).get("receipt", row.action)),
            origin=Origin.WORKED_OUT,
            source=app.catalogue[row.action].reversal.how,
        )
        for row in back
    ] + [
        Value(
            slot=row.token,
            label="Stays",
            shown=str((row.result or {}).get("receipt", row.action)),
            origin=Origin.WORKED_OUT,
            source=app.catalogue[row.action].reversal.how,
        )
        for row in stays
    ]
    # Newest first, each after the one before it: the reverse of how it was done.
    steps = tuple(
        PlannedStep(
            key=f"undo{place}",
            label=f"take back: {app.catalogue[row.action].reversal.how}",
            kind="compensate",
            action=row.action,
            params={"effect": row.token},
            depends=(f"undo{place - 1}",) if place else (),
        )
        for place, row in enumerate(back)
    )
    started = await app.director.start(
        connection,
        Plan(
            intent="undo.last",
            title=f"Take back: {run.plan.title}",
            steps=steps,
            values=tuple(values),
            request={"intent": "undo.last", "run": run_id},
            reversal="What is taken back stays on record and can be done anew.",
        ),
        explanation={"model": "no model", "rationale": "You asked to take it back."},
        cost=NOTHING,
        inbox_id=inbox_id,
    )
    return (CARD if started.approval_id else "Taking it back."), started.ready


async def last(
    app: App, connection: AsyncConnection, *, inbox_id: int | None
) -> tuple[str, list[str]]:
    """Takes back what the newest run did that can be."""
    for row in await effects.undoable(connection):
        if app.catalogue[row.action].compensate:
            return await start(app, connection, row.run_id, inbox_id=inbox_id)
    return NOTHING_LEFT, []
