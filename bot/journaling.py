"""``factotum journal``: is the record whole, a copy of it for others, and what a run did."""

import csv
import io
import json
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from core import audit
from core.audit import Anchor, Entry
from core.canonical import canonical
from core.errors import FactotumError
from core.settings import Settings
from core.storage.database import Database
from core.storage.migrate import migrate

Format = Literal["jsonl", "csv"]

_FIELDS = ("seq", "at", "kind", "actor", "subject", "data", "previous", "hash")
_LONGEST = 160
"""Characters of one value that a replay shows; the export has all of them."""
_WORDS = {
    "run.started": ("The run began", "title"),
    "run.done": ("The run is done", ""),
    "run.failed": ("The run failed", ""),
    "run.rejected": ("The run ended, since it was rejected", ""),
    "run.denied": ("The run ended, since the policy denied it", ""),
    "run.cancelled": ("The run was cancelled", ""),
    "run.replaced": ("The run ended, since another took its place", ""),
    "run.retried": ("The run was to be tried again", ""),
    "approval.asked": ("The operator was asked", ""),
    "approval.approved": ("The operator approved", ""),
    "approval.rejected": ("The operator rejected it", ""),
    "approval.replaced": ("The operator edited it into a newer card", ""),
    "approval.expired": ("Nobody answered in time", ""),
    "approval.cancelled": ("The approval lapsed, since what it covered had changed", ""),
    "approval.reason": ("The operator gave a reason", "reason"),
    "step.claimed": ("A worker took a step", "key"),
    "step.left_behind": ("A worker left a step behind", "key"),
    "step.held": ("A step is held back for a while", "key"),
    "step.waiting": ("A step waits", "key"),
    "step.cancelled": ("A step is not to be done any more", "key"),
    "step.done": ("A step is done", "receipt"),
    "step.ready": ("A step was put back and is tried again", "error"),
    "step.failed": ("A step failed", "error"),
    "step.unknown": ("Nobody can tell whether a step was done", "error"),
    "effect.intended": ("An effect was begun", "action"),
    "effect.sent": ("An effect was handed to its connector", "action"),
    "effect.called_off": ("An effect was stopped before it happened", "action"),
    "effect.confirmed": ("An effect happened", "receipt"),
    "effect.failed": ("An effect failed", "error"),
    "effect.unknown": ("Nobody can tell whether an effect happened", "error"),
    "effect.given_up": ("An unclear effect is done again under a new token", "new"),
    "effect.vouched": ("The operator confirmed that it happened", ""),
}
"""What a kind of entry means, and the part of its data that says it best."""


def _path(settings: Settings) -> Path:
    path = settings.database_path
    if not path.exists():
        raise FactotumError(
            f"There is no database in {settings.home}.", fix="Name one with --home."
        )
    migrate(path)
    return path


@asynccontextmanager
async def _reading(settings: Settings) -> AsyncGenerator[AsyncConnection]:
    database = Database(_path(settings))
    try:
        async with database.read() as connection:
            yield connection
    except SQLAlchemyError as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise FactotumError(
            f"The journal can't be read: {reason}.", fix="`factotum doctor` says more."
        ) from error
    finally:
        await database.close()


async def verify(settings: Settings, anchor: str | None = None) -> int:
    """Prints the verdict; returns 0 where the journal is whole and contains the anchor, else 1.

    Raises FactotumError where there is no journal or ``anchor`` is none.
    """
    pinned = None if anchor is None else Anchor.parse(anchor)
    async with _reading(settings) as connection:
        found = await audit.verify(connection, pinned)
    sys.stdout.write(found.sentence() + "\n")
    return 0 if found.fault is None else 1


def _record(entry: Entry) -> dict[str, Any]:
    hashes = {"previous": entry.previous.hex(), "hash": entry.hash.hex()}
    return {**json.loads(entry.content), **hashes}


def _line(entry: Entry) -> bytes:
    return canonical(_record(entry)) + b"\n"


def _csv(values: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(values)
    return text.getvalue().encode()


def _row(entry: Entry) -> bytes:
    record = _record(entry) | {"data": canonical(entry.data).decode()}
    return _csv([record[name] for name in _FIELDS])


@contextmanager
def _target(out: Path | None, database: Path) -> Generator[BinaryIO]:
    if out is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        if out.exists() and out.samefile(database):
            raise FactotumError(f"{out} is the database itself.", fix="Name another file.")
        with out.open("wb") as file:
            yield file
    except OSError as error:
        raise FactotumError(
            f"{out} could not be written, or not to its end: {error.strerror or error}.",
            fix="Check the folder and the disk, or name another file.",
        ) from error


async def export(settings: Settings, *, form: Format = "jsonl", out: Path | None = None) -> None:
    """Writes every entry, in order, to ``out`` or to the standard output.

    As JSON Lines each line is an entry in the canonical encoding; as CSV its ``data`` is. Raises
    FactotumError where there is no journal, an entry can't be read, or ``out`` not be written.
    """
    count = 0
    async with _reading(settings) as connection:
        with _target(out, settings.database_path) as target:
            if form == "csv":
                target.write(_csv(list(_FIELDS)))
            async with aclosing(audit.entries(connection)) as entries:
                async for entry in entries:
                    target.write(_line(entry) if form == "jsonl" else _row(entry))
                    count += 1
        head = await audit.head(connection)
    if out is not None:
        sys.stdout.write(f"{count} entries were exported to {out}, head {head}.\n")


def _plain(value: Any) -> str:
    text = value if isinstance(value, str) else canonical(value).decode()
    # What others wrote must not move the cursor or colour the terminal.
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _told(entry: Entry, steps: dict[str, str]) -> str:
    known = _WORDS.get(entry.kind)
    words, best = known or (entry.kind.replace(".", " ").replace("_", " ").capitalize(), "")
    result = entry.data.get("result")
    data = {**entry.data, **result} if isinstance(result, dict) else entry.data
    details = {
        key: _plain(steps.get(value, value) if isinstance(value, str) else value)
        for key, value in data.items()
        if key not in ("run", "steps", "result") and value not in (None, "", [], {})
    }
    said = details.pop(best, "")
    rest = "; ".join(f"{_plain(key)}: {value}" for key, value in details.items())
    by = "" if entry.actor == "kernel" else f", by {_plain(entry.actor)}"
    return (
        f"{entry.at:%Y-%m-%d %H:%M:%S} UTC  {words}{f': {said}' if said else ''}"
        f"{f' ({rest})' if rest else ''} [{entry.seq} {entry.kind} {_plain(entry.subject)}{by}]"
    )


async def replay(settings: Settings, run_id: str) -> None:
    """Prints what happened in a run, in order, from the journal's entries alone.

    Raises FactotumError where there is no journal, or it says nothing about such a run.
    """
    async with (
        _reading(settings) as connection,
        aclosing(audit.of_run(connection, run_id)) as entries,
    ):
        steps: dict[str, str] = {}
        async for entry in entries:
            named = entry.data.get("steps")
            if isinstance(named, dict):
                steps |= {str(step_id): str(key) for key, step_id in named.items()}
            sys.stdout.write(_told(entry, steps) + "\n")
