"""Payments entered into the ledger and taken back, each entry once per token."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.billing.params import PaymentParams
from core import journal
from core.clock import Clock
from core.errors import FactotumError
from core.money import Money
from core.storage.database import Database
from core.storage.ledger import invoice, payment


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payment or its reversal (negative), and what the invoice still lacks."""

    number: str
    amount: Money
    outstanding: Money


class Payments:
    """The money received, in the ledger in ``database``."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def pay(self, token: str, params: PaymentParams) -> Paid:
        """Enters a payment, once per token.

        Raises FactotumError for an unknown or cancelled invoice, another currency, or more
        than is owed.
        """
        async with self._database.write() as connection:
            found = await _paid(connection, token)
            if found is not None:
                if (found.number, found.amount) != (
                    params.invoice,
                    Money(params.amount_minor, params.currency),
                ):
                    raise FactotumError("Another payment was entered under this token.")
                return found
            row = await _open(connection, params)
            await connection.execute(
                insert(payment).values(
                    token=token,
                    invoice_id=row.id,
                    amount_minor=params.amount_minor,
                    currency=params.currency,
                    paid_on=params.date,
                    recorded_at=self._clock.now(),
                )
            )
            await self._note(connection, token, row.number, params.amount_minor, params.currency)
            return await _must(connection, token)

    async def _note(
        self, connection: AsyncConnection, token: str, number: str, minor: int, currency: str
    ) -> None:
        await journal.append(
            connection,
            self._clock,
            kind="billing.paid" if minor > 0 else "billing.payment_reversed",
            subject=token,
            data={"invoice": number, "amount_minor": minor, "currency": currency},
            actor="billing",
        )

    async def paid(self, token: str) -> Paid | None:
        """The payment or reversal entered under ``token``."""
        async with self._database.read() as connection:
            return await _paid(connection, token)

    async def reverse(self, token: str, original: str) -> Paid:
        """Takes the payment of the token ``original`` back by an entry of its own, once.

        The reversal bears the payment's date, so that the month's sums come out right.
        """
        async with self._database.write() as connection:
            row = (
                await connection.execute(select(payment).where(payment.c.token == original))
            ).one_or_none()
            if row is None:
                raise FactotumError("The payment to reverse is not in the ledger.")
            there = await connection.scalar(
                select(payment.c.token).where(payment.c.reverses == row.id)
            )
            if there is None:
                there = token
                await connection.execute(
                    insert(payment).values(
                        token=token,
                        invoice_id=row.invoice_id,
                        reverses=row.id,
                        amount_minor=-row.amount_minor,
                        currency=row.currency,
                        paid_on=row.paid_on,
                        recorded_at=self._clock.now(),
                    )
                )
                number = await connection.scalar(
                    select(invoice.c.number).where(invoice.c.id == row.invoice_id)
                )
                await self._note(connection, token, number or "", -row.amount_minor, row.currency)
            return await _must(connection, there)


async def _open(connection: AsyncConnection, params: PaymentParams) -> Row[Any]:
    row = (
        await connection.execute(
            select(invoice).where(invoice.c.number == params.invoice, invoice.c.kind == "invoice")
        )
    ).one_or_none()
    if row is None:
        raise FactotumError(f"There is no invoice {params.invoice!r}.")
    if row.currency != params.currency:
        raise FactotumError(
            f"Invoice {row.number} is in {row.currency}, the payment in {params.currency};"
            " nothing was entered."
        )
    if await connection.scalar(select(invoice.c.id).where(invoice.c.cancels == row.id)):
        raise FactotumError(f"Invoice {row.number} is cancelled; nothing was entered.")
    owed = await _outstanding(connection, row)
    if params.amount_minor > owed.minor:
        raise FactotumError(
            f"Invoice {row.number} lacks {owed}, less than the payment of"
            f" {Money(params.amount_minor, params.currency)}; nothing was entered.",
            fix="Enter what was owed, and the rest as what it is for.",
        )
    return row


async def _outstanding(
    connection: AsyncConnection, row: Row[Any], *, after: int | None = None
) -> Money:
    """What the invoice ``row`` lacks, now or right ``after`` the entry with this id."""
    query = select(func.coalesce(func.sum(payment.c.amount_minor), 0)).where(
        payment.c.invoice_id == row.id
    )
    if after is not None:
        query = query.where(payment.c.id <= after)
    return Money(row.total_minor - (await connection.scalar(query) or 0), row.currency)


async def _paid(connection: AsyncConnection, token: str) -> Paid | None:
    entry = (
        await connection.execute(select(payment).where(payment.c.token == token))
    ).one_or_none()
    if entry is None:
        return None
    row = (await connection.execute(select(invoice).where(invoice.c.id == entry.invoice_id))).one()
    return Paid(
        number=row.number,
        amount=Money(entry.amount_minor, entry.currency),
        # As it was then: asked again later, an effect's result stays the same.
        outstanding=await _outstanding(connection, row, after=entry.id),
    )


async def _must(connection: AsyncConnection, token: str) -> Paid:
    found = await _paid(connection, token)
    if found is None:
        raise AssertionError("the entry was made in this transaction")
    return found
