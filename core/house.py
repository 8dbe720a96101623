"""The company's own records as actions: reminders, clients, leads.

They change nothing outside and can be taken back, so policy lets them happen at once; they are
effects under a token all the same, and so can be explained and undone like any other.
"""

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from core import journal, profile, schedules
from core.actions import Action, Concern, Health, Params, Result, Reversal, Risk, Sensitive
from core.clock import Clock
from core.ids import new_id
from core.storage.database import Database
from core.storage.schema import client, lead
from core.when import day_and_time


class Reminder(Params, frozen=True):
    """Remind the operator of ``what`` at ``at``."""

    what: str
    at: AwareDatetime


class NewClient(Params, frozen=True):
    """Take on a client."""

    name: str
    contact: str | None = None
    email: str | None = None
    currency: str | None = None
    address: tuple[str, ...] = ()
    vat_id: str | None = None


class NewLead(Params, frozen=True):
    """Note a possible client."""

    name: str | None = None
    company: str | None = None
    email: str | None = None
    source: str | None = None


class Kept(Result, frozen=True):
    """A record was made; ``id`` is its id."""

    id: str


class House:
    """The connector to the company's own records, kept in the main database."""

    name = "house"

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def actions(self) -> tuple[Action, ...]:
        """Everything that can be recorded."""
        return (
            Action(
                name="reminder.set",
                params=Reminder,
                result=Kept,
                risk=Risk.INSIDE,
                reversal=Reversal("compensate", "the reminder is cancelled"),
                perform=self._remind,
                check=self._find_reminder,
                compensate=self._cancel_reminder,
            ),
            Action(
                name="client.add",
                params=NewClient,
                result=Kept,
                risk=Risk.INSIDE,
                reversal=Reversal("compensate", "the client is taken off the list"),
                perform=self._add_client,
                check=self._find_client,
                compensate=self._remove_client,
                concerns=_named,
                # Mail and invoices will go there, as to somebody whom the operator named.
                sensitive={"email": Sensitive.RECIPIENT},
            ),
            Action(
                name="lead.add",
                params=NewLead,
                result=Kept,
                risk=Risk.INSIDE,
                reversal=Reversal("compensate", "the lead is taken off the list"),
                perform=self._add_lead,
                check=self._find_lead,
                compensate=self._remove_lead,
                concerns=_named,
                sensitive={"email": Sensitive.RECIPIENT},
            ),
        )

    async def ping(self) -> Health:
        """Whether the records can be read."""
        async with self._db.read() as connection:
            await profile.load(connection)
        return Health("records", "ok", "readable")

    # Each perform is one transaction that is keyed by the token: doing it twice is one record.

    async def _remind(self, token: str, params: Reminder) -> Kept:
        async with self._db.write() as connection:
            slot_id = await schedules.add(
                connection,
                self._clock,
                kind="reminder",
                due_at=params.at,
                data={"what": params.what, "token": token},
                token=token,
            )
            return await self._reminder_kept(connection, slot_id, params)

    async def _find_reminder(self, token: str, params: Reminder) -> Kept | None:
        async with self._db.read() as connection:
            slot = await schedules.by_token(connection, token)
            return await self._reminder_kept(connection, slot.id, params) if slot else None

    async def _reminder_kept(
        self, connection: AsyncConnection, slot_id: str, params: Reminder
    ) -> Kept:
        when = day_and_time((await profile.load(connection)).local(params.at))
        return Kept(id=slot_id, receipt=f"Reminder set for {when}: {params.what}.")

    async def _cancel_reminder(self, token: str, params: Reminder, _result: Kept) -> Kept:
        async with self._db.write() as connection:
            ended = await schedules.cancel(connection, self._clock, token=token)
        told = "The reminder was cancelled" if ended else "The reminder was over already"
        return Kept(id=token, receipt=f"{told}: {params.what}.")

    async def _add_client(self, token: str, params: NewClient) -> Kept:
        now = self._clock.now()
        async with self._db.write() as connection:
            await self._insert(connection, client, token, now, "active", params)
            found = await self._client_id(connection, token, params)
        return Kept(id=found, receipt=f"{params.name} is a client now.")

    async def _client_id(self, connection: AsyncConnection, token: str, params: NewClient) -> str:
        # A client who was taken off the list, or is on it already, keeps the record and its id;
        # one who comes back does so with what is said now.
        row = (
            await connection.execute(
                select(client.c.id, client.c.state).where(
                    (client.c.token == token) | (client.c.name == params.name)
                )
            )
        ).one()
        if row.state == "removed":
            details = params.model_dump(mode="json")
            await connection.execute(
                update(client)
                .where(client.c.id == row.id)
                .values(state="active", token=token, **details)
            )
            await journal.append(
                connection,
                self._clock,
                kind="client.added",
                subject=row.id,
                data=details | {"token": token},
            )
        return row.id

    async def _find_client(self, token: str, params: NewClient) -> Kept | None:
        found = await self._id(client, token)
        return Kept(id=found, receipt=f"{params.name} is a client now.") if found else None

    async def _remove_client(self, token: str, params: NewClient, result: Kept) -> Kept:
        if await self._id(client, token) is None:
            return Kept(id=result.id, receipt=f"{params.name} was a client before and stays one.")
        await self._remove(client, token)
        return Kept(id=result.id, receipt=f"{params.name} is off the list of clients.")

    async def _add_lead(self, token: str, params: NewLead) -> Kept:
        async with self._db.write() as connection:
            await self._insert(connection, lead, token, self._clock.now(), "new", params)
        return Kept(
            id=await self._id(lead, token) or "",
            receipt=f"{params.name or params.company} is noted as a lead.",
        )

    async def _find_lead(self, token: str, params: NewLead) -> Kept | None:
        found = await self._id(lead, token)
        name = params.name or params.company
        return Kept(id=found, receipt=f"{name} is noted as a lead.") if found else None

    async def _remove_lead(self, token: str, params: NewLead, result: Kept) -> Kept:
        await self._remove(lead, token)
        return Kept(id=result.id, receipt=f"{params.name or params.company} is no lead any more.")

    async def _insert(
        self,
        connection: AsyncConnection,
        table: Any,
        token: str,
        now: datetime,
        state: str,
        params: Params,
    ) -> None:
        row_id = new_id(table.name[:3])
        made = await connection.execute(
            insert(table)
            .values(
                id=row_id,
                token=token,
                state=state,
                created_at=now,
                **params.model_dump(mode="json"),
            )
            .on_conflict_do_nothing()
        )
        if made.rowcount == 1:
            await journal.append(
                connection,
                self._clock,
                kind=f"{table.name}.added",
                subject=row_id,
                data=params.model_dump(mode="json") | {"token": token},
            )

    async def _id(self, table: Any, token: str) -> str | None:
        async with self._db.read() as connection:
            return await connection.scalar(select(table.c.id).where(table.c.token == token))

    async def _remove(self, table: Any, token: str) -> None:
        async with self._db.write() as connection:
            removed = await connection.execute(
                update(table)
                .where(table.c.token == token, table.c.state != "removed")
                .values(state="removed")
                .returning(table.c.id)
            )
            for row in removed:
                await journal.append(
                    connection,
                    self._clock,
                    kind=f"{table.name}.removed",
                    subject=row.id,
                    data={"token": token},
                )


def _named(params: dict[str, Any]) -> Concern:
    """The person or company that is put on a list."""
    given = [params.get(key) for key in ("name", "company")]
    names = [name.strip() for name in given if isinstance(name, str) and name.strip()]
    if any(name is not None and not isinstance(name, str) for name in given):
        return Concern(unknown=frozenset({"counterparty"}))
    return Concern(names[0] if names else None)
