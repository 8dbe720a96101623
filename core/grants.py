"""Grants: what the operator lets happen without a tap, for one counterparty and for a while.

A grant comes of an approval and covers what is like it: the same action for the same
counterparty, up to an amount, a number of times, until a moment. It only ever turns "ask" into
"auto": never what rests on words of others, what is taken back, what policy denies, or what
can't be taken back above the policy's limit.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, case, exists, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal
from core.clock import Clock
from core.errors import FactotumError
from core.ids import new_id
from core.money import Money
from core.policy import DONE, Case, Policy, party_key, within
from core.storage.schema import grant
from core.when import day_and_time

MOST_USES = 1000
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One grant. ``up_to`` is None for an action without an amount.

    ``uses_left`` of ``uses`` are left. ``state``: active, used_up, revoked or expired.
    """

    id: str
    action: str
    counterparty: str
    up_to: Money | None
    uses: int
    uses_left: int
    made_from: str
    state: str
    created_at: datetime
    expires_at: datetime


def _grant(row: Row[Any]) -> Grant:
    bounded = row.up_to_minor is not None
    return Grant(
        id=row.id,
        action=row.action,
        counterparty=row.counterparty,
        up_to=Money(row.up_to_minor, row.up_to_currency) if bounded else None,
        uses=row.uses,
        uses_left=row.uses_left,
        made_from=row.made_from,
        state=row.state,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def refusal(judged: Case, policy: Policy) -> str | None:
    """Why no grant may cover this case, as a plain sentence; None where one may."""
    verdict = policy.judge(judged).verdict
    if judged.untrusted:
        return "It rests on words of others, and that is asked every time."
    if judged.takes_back:
        return "Taking something back is asked every time."
    if verdict in ("auto", "hold"):
        return f"It needs no grant: it is {DONE[verdict]}."
    if verdict != "ask":
        return f"The policy says that it is {DONE[verdict]}, and no grant changes that."
    if not judged.parties or "counterparty" in judged.unknown:
        return "It names nobody that a grant could be limited to."
    if judged.amount_unknown:
        return "Its amount isn't known beforehand, so no bound can be kept."
    if policy.over_limit(judged):
        limits = " or ".join(str(amount) for amount in policy.limits.irreversible)
        bound = f"your limit of {limits}" if limits else "what the policy lets a grant cover"
        return f"It can't be taken back and {judged.amount} is above {bound}."
    return None


async def give(
    connection: AsyncConnection,
    clock: Clock,
    like: Case,
    policy: Policy,
    *,
    uses: int,
    lasts: timedelta,
    made_from: str,
    up_to: Money | None = None,
) -> Grant | None:
    """Gives a grant for what is like the case ``like``, made from the approval ``made_from``.

    ``up_to`` bounds each use; without it, the amount of ``like`` does. Returns None where this
    approval made such a grant before. Raises FactotumError where ``refusal`` or the bounds
    speak against it.
    """
    reason = refusal(like, policy)
    if reason:
        raise FactotumError(reason)
    bound = up_to or like.amount
    if bound and (like.amount is None or not within(like.amount, (bound,))):
        raise FactotumError(f"{bound} is no bound for what is over {like.amount or 'no amount'}.")
    if not 1 <= uses <= MOST_USES or not timedelta(0) < lasts <= LONGEST:
        raise FactotumError(
            f"A grant is for 1 to {MOST_USES} times and at most {LONGEST.days} days."
        )
    now = clock.now()
    grant_id = new_id("grt")
    values = {
        "id": grant_id,
        "action": like.action,
        "counterparty": like.counterparty,
        "counterparty_key": party_key(like.counterparty or ""),
        "up_to_minor": bound.minor if bound else None,
        "up_to_currency": bound.currency if bound else None,
        "uses": uses,
        "uses_left": uses,
        "made_from": made_from,
        "state": "active",
        "created_at": now,
        "expires_at": now + lasts,
    }
    made = await connection.execute(
        insert(grant)
        .values(values)
        .on_conflict_do_nothing(
            index_elements=[grant.c.made_from, grant.c.action, grant.c.counterparty_key]
        )
    )
    if made.rowcount != 1:
        return None
    data = {
        "action": like.action,
        "counterparty": like.counterparty,
        "up_to": str(bound) if bound else None,
        "uses": uses,
        "until": (now + lasts).isoformat(),
        "approval": made_from,
    }
    await journal.append(
        connection, clock, kind="grant.given", subject=grant_id, data=data, actor="operator"
    )
    return await load(connection, grant_id)


async def covering(
    connection: AsyncConnection, clock: Clock, judged: Case, policy: Policy
) -> Grant | None:
    """The grant that would cover this case now, the first to expire; None where none does."""
    return next(iter(await _fitting(connection, clock, judged, policy)), None)


async def _fitting(
    connection: AsyncConnection, clock: Clock, judged: Case, policy: Policy
) -> list[Grant]:
    if refusal(judged, policy):
        return []
    rows = await connection.execute(
        select(grant)
        .where(
            grant.c.action == judged.action,
            grant.c.counterparty_key == party_key(judged.counterparty or ""),
            _in_force(clock),
        )
        .order_by(grant.c.expires_at, grant.c.id)
    )
    return [found for found in map(_grant, rows) if _bounds(found, judged)]


def _bounds(found: Grant, judged: Case) -> bool:
    if judged.amount is None or found.up_to is None:
        return judged.amount is None and found.up_to is None
    return within(judged.amount, (found.up_to,))


async def use(connection: AsyncConnection, clock: Clock, grant_id: str, step_id: str) -> bool:
    """Uses a grant once, for this step; False where it is used up, revoked or over by now."""
    used = (
        await connection.execute(
            update(grant)
            .where(grant.c.id == grant_id, _in_force(clock))
            .values(
                uses_left=grant.c.uses_left - 1,
                state=case((grant.c.uses_left == 1, "used_up"), else_="active"),
            )
            .returning(grant.c.uses_left)
        )
    ).first()
    if used is None:  # another step got here first, or the operator
        return False
    await journal.append(
        connection,
        clock,
        kind="grant.used",
        subject=grant_id,
        data={"step": step_id, "left": used.uses_left},
    )
    return True


async def use_all(
    connection: AsyncConnection, clock: Clock, policy: Policy, asked: Mapping[str, Case]
) -> dict[str, str] | None:
    """Uses one grant for each asked effect of a plan, by step id, if grants cover all of them.

    Returns for each step the sentence that says so. None, using none, where one is left over:
    the operator is asked about the plan as a whole, so a grant for a part of it saves nothing.
    """
    chosen: dict[str, Grant] = {}
    taken = Counter[str]()
    for step_id, judged in asked.items():
        for found in await _fitting(connection, clock, judged, policy):
            if found.uses_left > taken[found.id]:
                taken[found.id] += 1
                chosen[step_id] = found
                break
        else:
            return None
    said: dict[str, str] = {}
    left = {found.id: found.uses_left for found in chosen.values()}
    for step_id, found in chosen.items():
        if not await use(connection, clock, found.id, step_id):
            # Nobody else can write while this transaction is open.
            raise RuntimeError(f"the grant {found.id} was used by somebody else")
        left[found.id] -= 1
        said[step_id] = _used(found, left[found.id], asked[step_id])
    return said


def _used(found: Grant, left: int, judged: Case) -> str:
    until = day_and_time(found.expires_at.astimezone(judged.at.tzinfo))
    bound = f" up to {found.up_to}" if found.up_to else ""
    return (
        f"You granted it for {found.counterparty}{bound} until {until};"
        f" {left} of {found.uses} times are left ({judged.action})."
    )


async def revoke(connection: AsyncConnection, clock: Clock, grant_id: str) -> bool:
    """Ends a grant at once; False where it had ended already."""
    ended = await connection.execute(
        update(grant)
        .where(grant.c.id == grant_id, grant.c.state == "active")
        .values(state="revoked")
    )
    if ended.rowcount == 1:
        await journal.append(
            connection, clock, kind="grant.revoked", subject=grant_id, actor="operator"
        )
    return ended.rowcount == 1


async def load(connection: AsyncConnection, grant_id: str) -> Grant | None:
    """One grant, or None."""
    row = (await connection.execute(select(grant).where(grant.c.id == grant_id))).first()
    return _grant(row) if row else None


async def active(connection: AsyncConnection, clock: Clock) -> list[Grant]:
    """The grants in force, the first to expire first."""
    rows = await connection.execute(
        select(grant).where(_in_force(clock)).order_by(grant.c.expires_at, grant.c.id)
    )
    return [_grant(row) for row in rows]


def any_overdue(clock: Clock) -> ColumnElement[bool]:
    """Whether a grant's time is over that is not marked so, as a part of a query."""
    return exists().where(grant.c.state == "active", grant.c.expires_at <= clock.now())


async def expired(connection: AsyncConnection, clock: Clock) -> list[Grant]:
    """Ends every grant whose time is over and returns them. They cover nothing before that."""
    rows = await connection.execute(
        update(grant)
        .where(grant.c.state == "active", grant.c.expires_at <= clock.now())
        .values(state="expired")
        .returning(grant)
    )
    found = [_grant(row) for row in rows]
    for each in found:
        data = {"left": each.uses_left}
        await journal.append(connection, clock, kind="grant.expired", subject=each.id, data=data)
    return found


def _in_force(clock: Clock) -> ColumnElement[bool]:
    return (
        (grant.c.state == "active") & (grant.c.uses_left > 0) & (grant.c.expires_at > clock.now())
    )
