"""``calendar.add``, and what is in the calendar."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_datetime
from pydantic import AfterValidator, AwareDatetime, Field, field_validator, model_validator

from connectors import durable
from connectors.calendar.events import Entry, Source, write
from core.actions import Action, Concern, Health, Params, Result, Reversal, Risk
from core.clock import Clock
from core.errors import FactotumError


def _printable(text: str) -> str:
    return "".join(c for c in text if c >= " " or c in "\n\t").strip()


class AddParams(Params, frozen=True, extra="forbid"):
    """An entry from ``start`` to ``end`` (aware), shown in ``zone`` (an IANA name)."""

    title: Annotated[str, AfterValidator(_printable), Field(min_length=1, max_length=500)]
    start: AwareDatetime
    end: AwareDatetime
    zone: str
    with_: Annotated[str, AfterValidator(_printable), Field(max_length=200)] = ""
    notes: Annotated[str, AfterValidator(_printable), Field(max_length=10_000)] = ""

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            return ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{value!r} is not a time zone") from None

    @model_validator(mode="after")
    def _ends_after_start(self) -> "AddParams":
        if self.end <= self.start:
            raise ValueError("the entry ends before it starts")
        return self


class AddResult(Result, frozen=True, extra="forbid"):
    """The entry as it is in the calendar. ``path`` is relative to the calendar folder."""

    id: str
    path: str
    title: str
    start: datetime
    end: datetime


class RemoveResult(Result, frozen=True, extra="forbid"):
    """The entry that is not in the calendar any more."""

    id: str


class Calendar:
    """The folder ``root`` of .ics files. ``zone`` tells the owner's zone, for floating times."""

    name = "calendar"

    def __init__(self, *, root: Path, clock: Clock, zone: Callable[[], ZoneInfo]) -> None:
        self._root = root
        self._clock = clock
        self._zone = zone
        self._sources: dict[tuple[str, int, int, str], Source | None] = {}

    def actions(self) -> tuple[Action, ...]:
        """``calendar.add``."""
        return (
            Action(
                name="calendar.add",
                params=AddParams,
                result=AddResult,
                risk=Risk.OUTSIDE,
                reversal=Reversal("compensate", "the entry is removed"),
                perform=self.add,
                check=self.check,
                compensate=self.remove,
                concerns=_attendees,
            ),
        )

    async def add(self, token: str, params: AddParams) -> AddResult:
        """Adds the entry, once per token."""
        content = write(
            token=durable.token_key(token),
            title=params.title,
            start=params.start,
            end=params.end,
            zone=ZoneInfo(params.zone),
            with_=params.with_,
            notes=params.notes,
            stamp=self._clock.now(),
        )
        await asyncio.to_thread(durable.create, self._path(token), content)
        return self._result(token, params)

    async def check(self, token: str, params: AddParams) -> AddResult | None:
        """The entry that ``token`` added, or None."""
        there = await asyncio.to_thread(self._path(token).exists)
        return self._result(token, params) if there else None

    async def remove(self, token: str, params: AddParams, result: AddResult) -> RemoveResult:
        """Removes the entry; again is harmless."""
        await asyncio.to_thread(durable.remove, self._path(token))
        return RemoveResult(receipt=f"Removed “{params.title}” from the calendar.", id=result.id)

    def _path(self, token: str) -> Path:
        return self._root / f"{durable.token_key(token)}.ics"

    def _result(self, token: str, params: AddParams) -> AddResult:
        zone = ZoneInfo(params.zone)
        start, end = params.start.astimezone(zone), params.end.astimezone(zone)
        when = format_datetime(start, "EEEE, d MMMM y 'at' HH:mm", locale="en")
        with_ = f" with {params.with_}" if params.with_ else ""
        path = self._path(token)
        return AddResult(
            receipt=f"Put “{params.title}”{with_} on {when} ({params.zone}) into the calendar.",
            id=path.stem,
            path=path.name,
            title=params.title,
            start=start,
            end=end,
        )

    async def between(self, start: datetime, end: datetime) -> tuple[Entry, ...]:
        """Every occurrence that overlaps ``start`` to ``end`` (aware, exclusive), sorted."""
        return await asyncio.to_thread(self._between, start, end)

    def _between(self, start: datetime, end: datetime) -> tuple[Entry, ...]:
        found = [
            entry
            for _, source in self._scan()
            if source is not None
            for entry in source.between(start, end)
        ]
        return tuple(sorted(found, key=lambda entry: (entry.start, entry.end, entry.title)))

    async def conflicts(self, start: datetime, end: datetime) -> tuple[Entry, ...]:
        """The entries with a clock time that overlap ``start`` to ``end``; no whole days."""
        return tuple(e for e in await self.between(start, end) if not e.all_day)

    async def ping(self) -> Health:
        """Whether the folder can be written to and every file in it can be read."""
        return await asyncio.to_thread(self._ping)

    def _ping(self) -> Health:
        health = durable.folder_health(
            "calendar", self._root, f"The calendar is the folder {self._root}."
        )
        if health.status != "ok":
            return health
        try:
            broken = sorted(name for name, source in self._scan() if source is None)
        except FactotumError as error:
            return Health("calendar", "failed", error.message, error.fix)
        if broken:
            return Health(
                "calendar",
                "degraded",
                f"{len(broken)} calendar file(s) can't be read and are left out:"
                f" {', '.join(broken[:5])}.",
                f"Mend or remove them in {self._root}.",
            )
        return health

    def _scan(self) -> Iterator[tuple[str, Source | None]]:
        """Every .ics file with its parsed content, or None where it can't be read."""
        zone = self._zone()
        known = self._sources
        fresh: dict[tuple[str, int, int, str], Source | None] = {}
        try:
            paths = sorted(p for p in self._root.glob("*.ics") if not p.name.startswith("."))
        except OSError as error:
            raise durable.storage_error(error, self._root) from error
        for path in paths:
            try:
                stat = path.stat()
                key = (path.name, stat.st_mtime_ns, stat.st_size, zone.key)
                fresh[key] = known[key] if key in known else self._parse(path, zone)
            except FileNotFoundError:  # removed while we looked
                continue
        self._sources = fresh
        for (name, *_), source in fresh.items():
            yield name, source

    def _parse(self, path: Path, zone: ZoneInfo) -> Source | None:
        try:
            content = path.read_bytes()
            ours = path.stem if f"UID:{path.stem}@factotum".encode() in content else None
            return Source(content, ours=ours, zone=zone)
        except FileNotFoundError:
            raise
        except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError):
            # Foreign bytes through a lenient parser: whatever it trips over, the file is
            # named by ping() and the others are shown.
            return None


def _attendees(params: dict[str, Any]) -> Concern:
    """Whom the entry is with, as it will be written; nobody where it names none."""
    match params.get("with_"):
        case None:
            return Concern()
        case str(text):
            return Concern(_printable(text) or None)
        case _:
            return Concern(unknown=frozenset({"counterparty"}))
