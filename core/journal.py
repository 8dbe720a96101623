"""The append-only, hash-chained record of every state change.

Each entry's hash is SHA-256 over the previous entry's hash followed by the entry in canonical
JSON: keys sorted, no spaces, UTF-8, moments in ISO 8601 with microseconds in UTC. The first
entry follows 32 zero bytes. An entry is written in the transaction of the change it records.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.storage.database import notes
from core.storage.prepared import Prepared
from core.storage.schema import journal

GENESIS = bytes(32)
"""What the first entry follows."""
_CHAIN = "journal"
_LAST = Prepared(select(journal.c.seq, journal.c.hash).order_by(journal.c.seq.desc()).limit(1))
_ADD = Prepared(journal.insert())


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
    noted = notes(connection)
    chain: _Chain | None = noted.known.get(_CHAIN)
    if chain is None:
        # While a write transaction is open nobody else adds entries: its head is read once.
        head = await _LAST.first(connection)
        chain = _Chain(head.seq, head.hash) if head else _Chain(0, GENESIS)
        noted.known[_CHAIN] = chain
    noted.last[_CHAIN] = chain.write
    at = clock.now()
    # Through JSON once, so that what is hashed is what a reader of the table finds.
    clean = json.loads(canonical(data or {}))
    chain.add(at=at, kind=kind, actor=actor, subject=subject, data=clean)


class _Chain:
    """The chain's head, and the entries of this transaction: written in one go at its end."""

    def __init__(self, seq: int, head: bytes) -> None:
        self._seq = seq
        self._head = head
        self._rows: list[dict[str, Any]] = []

    def add(self, **entry: Any) -> None:
        seq, previous = self._seq + 1, self._head
        self._seq, self._head = seq, _digest(previous, seq=seq, **entry)
        self._rows.append({"seq": seq, **entry, "previous": previous, "hash": self._head})

    async def write(self, connection: AsyncConnection) -> None:
        rows, self._rows = self._rows, []
        if rows:
            await _ADD.each(connection, rows)
