"""The append-only, hash-chained record of every state change.

Each entry's hash is SHA-256 over the previous entry's hash followed by the entry in canonical
JSON: keys sorted, no spaces, UTF-8, moments in ISO 8601 with microseconds in UTC. The first
entry follows 32 zero bytes. An entry is written in the transaction of the change it records.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Text, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.canonical import as_read, canonical
from core.clock import Clock
from core.storage.database import notes
from core.storage.prepared import Prepared
from core.storage.schema import journal

GENESIS = bytes(32)
"""What the first entry follows."""
_CHAIN = "journal"
_LAST = Prepared(select(journal.c.seq, journal.c.hash).order_by(journal.c.seq.desc()).limit(1))
# What an entry's data is in canonical JSON is known by then.
_ADD = Prepared(
    journal.insert().values(data=bindparam("data", type_=Text)), columns=journal.columns.keys()
)


def _digest(
    previous: bytes, *, seq: int, at: datetime, kind: str, actor: str, subject: str, data: bytes
) -> bytes:
    """The hash of an entry whose ``data`` is given in canonical JSON: spliced, not read again."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds").encode()
    entry = b'{"actor":%b,"at":"%b","data":%b,"kind":%b,"seq":%d,"subject":%b}' % (
        *(canonical(actor), moment, data),
        *(canonical(kind), seq, canonical(subject)),
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
    clean = canonical(as_read(data)) if data else b"{}"
    chain.add(at=at, kind=kind, actor=actor, subject=subject, data=clean)


class _Chain:
    """The chain's head, and the entries of this transaction: written in one go at its end."""

    def __init__(self, seq: int, head: bytes) -> None:
        self._seq = seq
        self._head = head
        self._rows: list[dict[str, Any]] = []

    def add(self, *, data: bytes, **entry: Any) -> None:
        seq, previous = self._seq + 1, self._head
        self._seq, self._head = seq, _digest(previous, seq=seq, data=data, **entry)
        row = {"seq": seq, **entry, "data": data.decode(), "previous": previous}
        self._rows.append({**row, "hash": self._head})

    async def write(self, connection: AsyncConnection) -> None:
        rows, self._rows = self._rows, []
        if rows:
            await _ADD.each(connection, rows)
