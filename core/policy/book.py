"""The policy of one process: read from the file when it changes, kept, journalled."""

import asyncio
import hashlib
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Row, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal
from core.actions import Health
from core.clock import Clock
from core.errors import FactotumError
from core.policy.ruling import Policy
from core.policy.text import DEFAULT, DEFAULT_TEXT, NAME, parse, read
from core.storage.schema import setting

log: Any = structlog.get_logger()

_KEY = "policy"
_ROW = select(setting.c.value, setting.c.updated_at).where(setting.c.key == _KEY)
_UNREAD = (-1, -1, -1, -1)


@dataclass(frozen=True, slots=True)
class Standing:
    """The policy in force and the text that says it.

    ``trouble`` says why the file is not in force, and is empty where it is.
    """

    policy: Policy
    text: str
    trouble: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hex: what a change is bound to."""
        return text_digest(self.text)


def text_digest(text: str) -> str:
    """SHA-256 of a policy's text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


_DEFAULT = Standing(DEFAULT, DEFAULT_TEXT)


class PolicyBook:
    """What the file ``path`` says, for one process.

    Where there is no file, the default holds. Where the file is broken, the last good policy
    does, which is kept in the database; where there is none, the default.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._seen: tuple[int, int, int, int] | None = _UNREAD
        self._file = _DEFAULT
        self._kept: tuple[Any, Standing] | None = None
        self.standing = _DEFAULT

    @classmethod
    def at(cls, home: Path, clock: Clock) -> "PolicyBook":
        """The book of the data folder ``home``."""
        return cls(home / NAME, clock)

    @property
    def policy(self) -> Policy:
        """The policy as last refreshed."""
        return self.standing.policy

    async def refresh(self, connection: AsyncConnection, *, actor: str = "host") -> Policy:
        """The policy in force now, in the caller's write transaction.

        Costs a look at the file and at one row; the file is read where it has changed. A
        version that was not in force before is journalled once, however many processes look.
        """
        # Looked at inside the write transaction, in which nobody else can change both the file
        # and the row: a process that comes later never finds an older file than the row says.
        seen = _signature(self.path)
        if seen != self._seen:
            self._file, self._seen = _read(self.path), seen
        kept = (await connection.execute(_ROW)).first()
        if self._file.trouble:
            good = self._last_good(kept.value if kept else None)
            self.standing = Standing(good.policy, good.text, self._file.trouble)
        else:
            self.standing = self._file
            await self._keep(connection, kept, actor)
        return self.standing.policy

    async def replace(self, connection: AsyncConnection, *, was: str, text: str) -> bool:
        """Puts ``text`` in force: the file, the kept row and the journal.

        ``was`` is the digest of the text that it replaces; False, changing nothing, where
        another is in force by now. Raises FactotumError where the text has a mistake or the
        file can't be written.
        """
        parse(text)
        await self.refresh(connection)
        if self.standing.digest != was:
            return False
        # The file first: if the transaction is lost after it, the next look journals the change.
        try:
            await asyncio.to_thread(_write, self.path, text)
        except OSError as error:
            raise FactotumError(
                f"{self.path.name} can't be written ({error.strerror}); the old policy stays.",
                fix="Check the disk and the data folder.",
                permanent=False,
            ) from error
        self._seen = _UNREAD
        await self.refresh(connection, actor="operator")
        return True

    def health(self) -> Health:
        """Whether the file is what holds, as last refreshed."""
        if self.standing.trouble:
            return Health(
                "policy",
                "degraded",
                f"{self.path.name} is not in force, the last good policy is."
                f" {' '.join(self.standing.trouble.split())}",
                f"Mend {self.path}, or send a whole policy after /policy.",
            )
        count = len(self.policy.rules)
        return Health("policy", "ok", f"version {self.policy.version}, {count} rules")

    def _last_good(self, kept: Any) -> Standing:
        if self._kept is None or self._kept[0] != kept:
            self._kept = (kept, _from_row(kept))
        return self._kept[1]

    async def _keep(
        self, connection: AsyncConnection, kept: Row[Any, Any] | None, actor: str
    ) -> None:
        """Makes the row say what is in force, if it doesn't, with a journal entry."""
        now = {"version": self.standing.policy.version, "text": self.standing.text}
        before = kept.value if kept else None
        if before == now:
            return
        if kept is None:
            changed = await connection.execute(
                insert(setting)
                .values(key=_KEY, value=now, updated_at=self._clock.now())
                .on_conflict_do_nothing()
            )
        else:
            changed = await connection.execute(
                update(setting)
                .where(setting.c.key == _KEY, setting.c.updated_at == kept.updated_at)
                .values(value=now, updated_at=self._clock.now())
            )
        if changed.rowcount != 1:  # another process got here first, and wrote the entry
            return
        was = before.get("version") if isinstance(before, dict) else None
        await journal.append(
            connection,
            self._clock,
            kind="policy.reworded" if was == now["version"] else "policy.changed",
            subject=_KEY,
            data={**now, "was": was},
            actor=actor,
        )


def _signature(path: Path) -> tuple[int, int, int, int] | None:
    """What changes when the file does; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:  # read anew when it changes to another kind of trouble
        return (-2, error.errno or 0, 0, 0)
    return (found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size)


def _read(path: Path) -> Standing:
    try:
        text = read(path)
        return Standing(parse(text), text)
    except FileNotFoundError:
        return _DEFAULT
    except FactotumError as error:
        log.warning("policy_refused", path=str(path), error=error.message)
        return Standing(DEFAULT, DEFAULT_TEXT, error.message)
    except OSError as error:
        log.warning("policy_unreadable", path=str(path), error=str(error))
        return Standing(DEFAULT, DEFAULT_TEXT, f"It can't be read ({error.strerror}).")


def _from_row(kept: Any) -> Standing:
    match kept:
        case {"text": str(text)}:
            with suppress(FactotumError):  # one that this version can't read any more
                return Standing(parse(text), text)
        case _:
            pass
    return _DEFAULT


def _write(path: Path, text: str) -> None:
    """Writes the file completely or not at all, also across a power cut."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
