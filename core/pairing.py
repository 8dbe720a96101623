"""Who may talk: one operator, paired by a one-time code that is shown on the host."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal
from core.clock import Clock
from core.errors import FactotumError
from core.storage.database import notes
from core.storage.schema import operator, setting

log: Any = structlog.get_logger()

_KEY = "pairing"
_OPERATOR = "operator"
_PAIRED = select(operator)
LIFETIME = timedelta(hours=1)
ATTEMPTS = 5
"""Wrong codes before the code is dead."""
ALREADY = "An operator is paired already; there can be only one."


@dataclass(frozen=True, slots=True)
class Operator:
    """The one person who may talk to this Factotum."""

    user_id: int
    chat_id: int
    name: str


def _hash(code: str) -> str:
    return hashlib.sha256(code.strip().upper().encode()).hexdigest()


async def current(connection: AsyncConnection) -> Operator | None:
    """The paired operator, or None. Read once in a transaction."""
    known = notes(connection).known
    if _OPERATOR not in known:
        row = (await connection.execute(_PAIRED)).first()
        known[_OPERATOR] = Operator(row.user_id, row.chat_id, row.name) if row else None
    return known[_OPERATOR]


async def offer(connection: AsyncConnection, clock: Clock) -> str:
    """Makes a new one-time code, valid for an hour; an earlier one is dead.

    Only its hash is kept.
    """
    code = "".join(secrets.choice("ABCDEFGHJKMNPQRSTUVWXYZ23456789") for _ in range(8))
    value = {
        "hash": _hash(code),
        "expires": (clock.now() + LIFETIME).isoformat(),
        "left": ATTEMPTS,
    }
    await _store(connection, clock, value)
    await journal.append(
        connection, clock, kind="pairing.offered", subject="operator", actor="host"
    )
    return code


async def _store(connection: AsyncConnection, clock: Clock, value: Mapping[str, object]) -> None:
    await connection.execute(
        insert(setting)
        .values(key=_KEY, value=value, updated_at=clock.now())
        .on_conflict_do_update(index_elements=[setting.c.key], set_={"value": value})
    )


async def redeem(
    connection: AsyncConnection, clock: Clock, code: str, *, user_id: int, chat_id: int, name: str
) -> bool:
    """Pairs the sender if nobody is paired yet and the code is right, in time and unused.

    The last wrong code allowed is journalled and logged for the host: only a new code helps then.
    """
    if await current(connection) is not None:
        return False
    offered = await connection.scalar(select(setting.c.value).where(setting.c.key == _KEY))
    if not offered or offered["left"] < 1:
        return False
    in_time = clock.now() < datetime.fromisoformat(offered["expires"])
    if not (in_time and hmac.compare_digest(offered["hash"], _hash(code))):
        left = offered["left"] - 1
        await _store(connection, clock, offered | {"left": left})
        if left < 1:
            await journal.append(
                connection,
                clock,
                kind="pairing.exhausted",
                subject="operator",
                data={"attempts": ATTEMPTS, "user_id": user_id},
            )
            log.warning("pairing_exhausted", attempts=ATTEMPTS, fix="`factotum pair` makes a code")
        return False
    await pair(connection, clock, user_id=user_id, chat_id=chat_id, name=name)
    await connection.execute(delete(setting).where(setting.c.key == _KEY))
    return True


async def pair(
    connection: AsyncConnection, clock: Clock, *, user_id: int, chat_id: int, name: str
) -> None:
    """Makes this user the operator, once.

    Raises FactotumError where somebody else is it already: there can be only one.
    """
    already = await current(connection)
    if already is not None and already.user_id != user_id:
        raise FactotumError(ALREADY)
    notes(connection).known.pop(_OPERATOR, None)
    made = await connection.execute(
        insert(operator)
        .values(user_id=user_id, chat_id=chat_id, name=name, paired_at=clock.now())
        .on_conflict_do_nothing()
    )
    if made.rowcount == 1:
        await journal.append(
            connection,
            clock,
            kind="operator.paired",
            subject="operator",
            data={"user_id": user_id, "chat_id": chat_id},
            actor="host",
        )
