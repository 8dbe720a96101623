"""Reading the journal as an auditor: is it whole, is it the one that was pinned, what does it say?

The hashes are worked out anew from the encoding in ``docs/journal.md``, not by the code that wrote
them. Everything is read in order, a few entries at a time.
"""

import hashlib
import json
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import LargeBinary, Row, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.canonical import canonical
from core.errors import FactotumError
from core.journal import GENESIS
from core.memory.forgetting import REDACTED
from core.memory.traces import PROOF
from core.storage.schema import journal

_SHORT = 16
"""Hex digits of a short anchor: a forger has to try about 2**64 histories to meet them."""
_ANCHOR = re.compile(r"([0-9]{1,18})-([0-9a-fA-F]{16,64})")
_AT_ONCE = 500
"""Rows fetched per trip to the database's thread."""
_STORED = {
    "at": "text",
    "kind": "text",
    "actor": "text",
    "subject": "text",
    "data": "text",
    "previous": "blob",
    "hash": "blob",
}
"""The columns after ``seq`` and the type that SQLite stores each of them as."""
# Bytes and types as they lie in the file: what a driver makes of a damaged value, or whether it
# raises, is its own affair, and two ways of storing one value would let a changed byte pass.
_ROWS = select(
    journal.c.seq,
    *(func.typeof(journal.c[name]) for name in _STORED),
    *(cast(journal.c[name], LargeBinary) for name in _STORED),
).order_by(journal.c.seq)
_OF_A_RUN = ("stp_", "eff_", "apr_")
"""How the ids begin of what belongs to one run."""
Fault = Literal[
    "missing",
    "misplaced",
    "unreadable",
    "unlinked",
    "changed",
    "unproven",
    "cut",
    "another history",
]
_BROKEN = {
    "missing": "the entry is missing",
    "misplaced": "no entry can have that number",
    "unreadable": "it is not stored as the journal stores entries",
    "unlinked": "it does not follow the entry before it",
    "changed": "its content was changed",
    "unproven": "its content was taken out, and no later entry says so",
}


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of the journal at one moment: an entry's number and its hash, in hex.

    Whoever keeps it elsewhere can tell later whether the journal still contains that entry and,
    by the chain, everything before it. ``hash`` may be the first 16 digits or more.
    """

    seq: int
    hash: str

    @classmethod
    def parse(cls, text: str) -> "Anchor":
        """An anchor from ``<seq>-<hash>``. Raises FactotumError for anything else."""
        found = _ANCHOR.fullmatch(text.strip())
        if found is None:
            raise FactotumError(
                f"{text[:80]!r} is not an anchor.",
                fix=f"An anchor is an entry's number, a hyphen and {_SHORT} to 64 hex digits of "
                "its hash, as `factotum journal verify` prints it.",
            )
        return cls(int(found[1]), found[2].lower())

    def short(self) -> str:
        """The form for a chat message or a piece of paper: 16 digits of the hash."""
        return f"{self.seq}-{self.hash[:_SHORT]}"

    def __str__(self) -> str:
        """``<seq>-<hash>`` with all digits there are."""
        return f"{self.seq}-{self.hash}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as it is stored. ``content`` is what is hashed after the previous hash."""

    seq: int
    at: datetime
    kind: str
    actor: str
    subject: str
    data: dict[str, Any]
    previous: bytes
    hash: bytes
    content: bytes

    def sealed(self, previous: bytes) -> bytes:
        """The hash that this entry has to have after an entry with the hash ``previous``."""
        return hashlib.sha256(previous + self.content).digest()


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of the chain found.

    ``entries`` were found to follow each other, the last of them is ``head``. ``broken`` is the
    number of the first entry with a ``fault``; both are None where the journal is whole and
    contains ``anchor``, if one was given.
    """

    entries: int
    head: Anchor
    broken: int | None = None
    fault: Fault | None = None
    anchor: Anchor | None = None

    def sentence(self) -> str:
        """The verdict in plain words."""
        match self.fault:
            case None:
                contains = f" It contains the pinned entry {self.anchor}." if self.anchor else ""
                return f"The journal is whole: {self.entries} entries, head {self.head}.{contains}"
            case "cut":
                return (
                    f"The journal was cut: its {self.entries} entries follow each other, but it "
                    f"ends before the pinned entry {self.anchor}. Either its tail was deleted, or "
                    "an older copy of the database was put in its place."
                )
            case "another history":
                return (
                    f"The journal tells another history: entry {self.broken} is not the pinned "
                    f"entry {self.anchor}. Either it or an entry before it was rewritten with new "
                    "hashes, or an older copy of the database was put in its place and went on."
                )
            case fault:
                return (
                    f"The journal is broken at entry {self.broken}: {_BROKEN[fault]}. "
                    f"The {self.entries} entries before it are whole."
                )


def _entry(row: Row[Any]) -> Entry:
    """Raises ValueError or RecursionError where the row isn't as ``core.journal`` writes it."""
    types, values = row[1 : 1 + len(_STORED)], row[1 + len(_STORED) :]
    if tuple(types) != tuple(_STORED.values()):
        raise ValueError("another type")
    at, kind, actor, subject, data = (value.decode() for value in values[:5])
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is not None or moment.isoformat(" ", "microseconds") != at:
        raise ValueError("another form of the moment")
    value = json.loads(data)
    # Such as a key given twice: SQLite reads the first one and Python the last.
    if not isinstance(value, dict) or canonical(value) != values[4]:
        raise ValueError("another form of the data")
    moment = moment.replace(tzinfo=UTC)
    fields: dict[str, Any] = {
        "seq": row[0],
        "kind": kind,
        "actor": actor,
        "subject": subject,
        "data": value,
    }
    content = canonical({**fields, "at": moment.isoformat(timespec="microseconds")})
    return Entry(**fields, at=moment, previous=values[5], hash=values[6], content=content)


async def _rows(connection: AsyncConnection, first: int | None) -> AsyncGenerator[Row[Any]]:
    query = _ROWS if first is None else _ROWS.where(journal.c.seq >= first)
    async with connection.stream(query) as result:
        async for some in result.partitions(_AT_ONCE):
            for row in some:
                yield row


async def entries(
    connection: AsyncConnection, *, first: int | None = None
) -> AsyncGenerator[Entry]:
    """The entries in order, from number ``first`` on; the chain is not checked.

    Raises FactotumError naming an entry that isn't stored as the journal stores entries.
    """
    async with aclosing(_rows(connection, first)) as rows:
        async for row in rows:
            try:
                entry = _entry(row)
            except (ValueError, RecursionError):
                raise FactotumError(
                    f"Entry {row[0]} of the journal can't be read.",
                    fix="`factotum journal verify` says more.",
                ) from None
            yield entry


async def head(connection: AsyncConnection) -> Anchor:
    """The anchor of the newest stored entry, unchecked; ``0-000…`` where there is none.

    What an open write transaction has yet to write is not among them.
    """
    row = (
        await connection.execute(
            select(journal.c.seq, func.lower(func.hex(journal.c.hash)))
            .order_by(journal.c.seq.desc())
            .limit(1)
        )
    ).first()
    return Anchor(row[0], row[1]) if row else Anchor(0, GENESIS.hex())


async def verify(connection: AsyncConnection, anchor: Anchor | None = None) -> Verified:
    """Recomputes the chain from the first entry on and names the first broken entry.

    Without an ``anchor`` a journal passes that was cut at its end, rewritten with new hashes, or
    replaced by an older copy; with one it doesn't, if what is gone was there when it was pinned.
    """
    seq, previous = 0, GENESIS

    def found(fault: Fault | None = None, broken: int | None = None) -> Verified:
        return Verified(seq, Anchor(seq, previous.hex()), broken, fault, anchor)

    def another() -> bool:
        return (
            anchor is not None and anchor.seq == seq and not previous.hex().startswith(anchor.hash)
        )

    if another():
        return found("another history", seq)
    forgotten: dict[int, str] = {}
    async with aclosing(_rows(connection, None)) as rows:
        async for row in rows:
            if row[0] != seq + 1:
                return found("missing", seq + 1) if row[0] > seq else found("misplaced", row[0])
            try:
                entry = _entry(row)
            except (ValueError, RecursionError):
                return found("unreadable", seq + 1)
            if entry.previous != previous:
                return found("unlinked", seq + 1)
            digest = entry.sealed(previous)
            if entry.data == REDACTED:
                # Its content is gone, its place in the chain is not; a later entry vouches for it.
                digest = entry.hash
                forgotten[entry.seq] = digest.hex()
            elif digest != entry.hash:
                return found("changed", seq + 1)
            if entry.kind == PROOF:
                for number, sealed in entry.data.get("redacted", []):
                    if forgotten.get(number) == sealed:
                        del forgotten[number]
            seq, previous = entry.seq, digest
            if another():
                return found("another history", seq)
    if forgotten:
        seq = min(forgotten) - 1
        return found("unproven", seq + 1)
    if anchor is not None and seq < anchor.seq:
        return found("cut", seq + 1)
    return found()


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, item in value.items():
                yield key
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)
        case _:
            pass


async def of_run(connection: AsyncConnection, run_id: str) -> AsyncGenerator[Entry]:
    """What the journal alone says of a run, in order.

    That is every entry about the run or about a step, an effect or an approval of it, and every
    entry whose data names one of these. An entry says whose it is by ``run`` or ``step`` in its
    data; ``steps`` and ``new`` name more that belongs to the run.
    Raises FactotumError where the journal has no entry about the run.
    """
    first = await connection.scalar(
        select(func.min(journal.c.seq)).where(journal.c.subject == run_id)
    )
    if first is None:
        raise FactotumError(
            f"The journal says nothing about a run {run_id[:80]!r}.",
            fix="`factotum journal export` lists every entry; a run's id begins with run_.",
        )
    ours = {run_id}
    async with aclosing(entries(connection, first=first)) as found:
        async for entry in found:
            texts = set(_texts(entry.data))
            if entry.subject not in ours and ours.isdisjoint(texts):
                continue
            owners = {str(entry.data.get("run")), str(entry.data.get("step"))}
            if entry.subject.startswith(_OF_A_RUN) and not ours.isdisjoint(owners):
                ours.add(entry.subject)
            if entry.subject in ours:
                named = (entry.data.get(key) for key in ("step", "steps", "new"))
                ours |= {text for text in _texts(list(named)) if text.startswith(_OF_A_RUN)}
            yield entry
