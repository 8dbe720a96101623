"""The append-only, hash-chained record of every state change.

Each entry's hash is SHA-256 over the previous entry's hash followed by the entry in canonical
JSON: keys sorted, no spaces, UTF-8, moments in ISO 8601 with microseconds in UTC. The first
entry follows 32 zero bytes. An entry is written in the transaction of the change it records.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.storage.schema import journal

GENESIS = bytes(32)
"""What the first entry follows."""


def canonical(value: Any) -> bytes:
    """``value`` as canonical JSON, the form that hashes are taken of."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str
    ).encode()


def _digest(
    previous: bytes, *, seq: int, at: datetime, kind: str, actor: str, subject: str, data: Any
) -> bytes:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    entry = canonical(
        {"seq": seq, "at": moment, "kind": kind, "actor": actor, "subject": subject, "data": data}
    )
    return hashlib.sha256(previous + entry).digest()


async def append(
    connection: AsyncConnection,
    clock: Clock,
    *,
    kind: str,
    subject: str,
    data: dict[str, Any] | None = None,
    actor: str = "kernel",
) -> None:
    """Adds one entry inside the caller's write transaction.

    ``kind`` names the change (``approval.approved``), ``subject`` the id of what changed,
    ``actor`` who did it: ``kernel``, ``operator``, ``host`` or a connector.
    """
    last = (
        await connection.execute(
            select(journal.c.seq, journal.c.hash).order_by(journal.c.seq.desc()).limit(1)
        )
    ).first()
    seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
    at = clock.now()
    # Through JSON once, so that what is hashed is what a reader of the table finds.
    clean = json.loads(canonical(data or {}))
    await connection.execute(
        journal.insert().values(
            seq=seq,
            at=at,
            kind=kind,
            actor=actor,
            subject=subject,
            data=clean,
            previous=previous,
            hash=_digest(
                previous, seq=seq, at=at, kind=kind, actor=actor, subject=subject, data=clean
            ),
        )
    )


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of the chain found. ``broken`` is the first bad entry's number, or None."""

    entries: int
    head: str
    broken: int | None = None
    reason: str = ""


async def verify(connection: AsyncConnection) -> Verified:
    """Recomputes the chain from the first entry on."""
    previous, expected = GENESIS, 1
    rows = await connection.stream(select(journal).order_by(journal.c.seq))
    async for row in rows:
        if row.seq != expected:
            return Verified(expected - 1, previous.hex(), expected, "the entry is missing")
        if row.previous != previous:
            return Verified(
                expected - 1, previous.hex(), row.seq, "it does not follow the entry before it"
            )
        digest = _digest(
            previous,
            seq=row.seq,
            at=row.at,
            kind=row.kind,
            actor=row.actor,
            subject=row.subject,
            data=row.data,
        )
        if digest != row.hash:
            return Verified(expected - 1, previous.hex(), row.seq, "its content was changed")
        previous, expected = digest, expected + 1
    return Verified(expected - 1, previous.hex())
