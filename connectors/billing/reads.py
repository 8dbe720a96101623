"""What the ledger says, in a few queries whatever its size."""

import builtins
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.billing.ledger import client_key
from connectors.billing.views import CurrencyTotals, Invoice, LineView, PaymentView, Status
from core.money import Money
from core.storage.database import Database
from core.storage.ledger import invoice, invoice_line, payment

_credit = invoice.alias("credit")
_credited = invoice.alias("credited")
_paid = (
    select(payment.c.invoice_id, func.sum(payment.c.amount_minor).label("paid"))
    .group_by(payment.c.invoice_id)
    .subquery("paid")
)
_paid_minor = func.coalesce(_paid.c.paid, 0)
_owed_minor = case(
    (
        and_(invoice.c.kind == "invoice", _credit.c.id.is_(None)),
        invoice.c.total_minor - _paid_minor,
    ),
    else_=0,
)
_joined = (
    invoice.outerjoin(_paid, _paid.c.invoice_id == invoice.c.id)
    .outerjoin(_credit, _credit.c.cancels == invoice.c.id)
    .outerjoin(_credited, invoice.c.cancels == _credited.c.id)
)


class Reads:
    """The reading side of the ledger in ``database``."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    async def open_invoices(self) -> tuple[Invoice, ...]:
        """Invoices with money still owed, the earliest due first."""
        return await self._select(_owed_minor > 0, by=(invoice.c.due_date, invoice.c.id))

    async def overdue(self, today: date) -> tuple[Invoice, ...]:
        """Open invoices due before ``today``, the longest overdue first."""
        return await self._select(
            and_(_owed_minor > 0, invoice.c.due_date < today),
            by=(invoice.c.due_date, invoice.c.id),
        )

    async def invoice(self, number: str) -> Invoice | None:
        """The document with this number."""
        found = await self._select(invoice.c.number == number, by=(invoice.c.id,))
        return found[0] if found else None

    async def by_client(self, name: str) -> tuple[Invoice, ...]:
        """All documents of a client (by name, without case), newest first."""
        return await self._select(
            invoice.c.client_key == client_key(name),
            by=(invoice.c.issue_date.desc(), invoice.c.id.desc()),
        )

    async def list(self, limit: int = 50) -> tuple[Invoice, ...]:
        """The newest ``limit`` documents, newest first."""
        return await self._select(
            invoice.c.id > 0, by=(invoice.c.issue_date.desc(), invoice.c.id.desc()), limit=limit
        )

    async def totals(self, today: date) -> tuple[CurrencyTotals, ...]:
        """Owed, overdue and paid in the month of ``today``, per currency in order."""
        owed: dict[str, tuple[int, int]] = {}
        paid: dict[str, int] = {}
        overdue = case((invoice.c.due_date < today, _owed_minor), else_=0)
        async with self._database.read() as connection:
            for row in await connection.execute(
                select(
                    invoice.c.currency,
                    func.sum(_owed_minor).label("owed"),
                    func.sum(overdue).label("overdue"),
                )
                .select_from(_joined)
                .group_by(invoice.c.currency)
            ):
                owed[row.currency] = (row.owed, row.overdue)
            for row in await connection.execute(
                select(payment.c.currency, func.sum(payment.c.amount_minor).label("paid"))
                .where(payment.c.paid_on >= today.replace(day=1), payment.c.paid_on <= today)
                .group_by(payment.c.currency)
            ):
                paid[row.currency] = row.paid
        return tuple(
            CurrencyTotals(
                currency=code,
                outstanding=Money(owed.get(code, (0, 0))[0], code),
                overdue=Money(owed.get(code, (0, 0))[1], code),
                paid_this_month=Money(paid.get(code, 0), code),
            )
            for code in sorted(owed.keys() | paid.keys())
        )

    async def count(self) -> int:
        """How many documents the ledger holds."""
        async with self._database.read() as connection:
            return await connection.scalar(select(func.count()).select_from(invoice)) or 0

    async def _select(
        self, where: ColumnElement[bool], *, by: tuple[Any, ...], limit: int | None = None
    ) -> tuple[Invoice, ...]:
        async with self._database.read() as connection:
            rows = (
                await connection.execute(
                    select(
                        invoice,
                        _paid_minor.label("paid"),
                        _owed_minor.label("owed"),
                        _credit.c.number.label("cancelled_by"),
                        _credited.c.number.label("cancels_number"),
                    )
                    .select_from(_joined)
                    .where(where)
                    .order_by(*by)
                    .limit(limit)
                )
            ).all()
            ids = [row.id for row in rows]
            lines = await _lines(connection, ids)
            payments = await _payments(connection, ids)
        return tuple(_view(row, lines[row.id], payments[row.id]) for row in rows)


async def _lines(
    connection: AsyncConnection, ids: builtins.list[int]
) -> defaultdict[int, builtins.list[Row[Any]]]:
    found: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    query = select(invoice_line).where(invoice_line.c.invoice_id.in_(ids))
    for row in await connection.execute(query.order_by(invoice_line.c.position)):
        found[row.invoice_id].append(row)
    return found


async def _payments(
    connection: AsyncConnection, ids: builtins.list[int]
) -> defaultdict[int, builtins.list[Row[Any]]]:
    found: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    query = select(payment).where(payment.c.invoice_id.in_(ids))
    for row in await connection.execute(query.order_by(payment.c.id)):
        found[row.invoice_id].append(row)
    return found


def _status(row: Row[Any]) -> Status:
    if row.kind == "credit_note":
        return "credit note"
    if row.cancelled_by is not None:
        return "cancelled"
    if row.owed <= 0:
        return "paid"
    return "part-paid" if row.paid > 0 else "open"


def _view(row: Row[Any], lines: list[Row[Any]], payments: list[Row[Any]]) -> Invoice:
    def money(minor: int) -> Money:
        return Money(minor, row.currency)

    return Invoice(
        number=row.number,
        kind=row.kind,
        status=_status(row),
        client_name=row.client_name,
        client_email=row.params["client_email"],
        issue_date=row.issue_date,
        due_date=row.due_date,
        net=money(row.net_minor),
        tax=money(row.tax_minor),
        total=money(row.total_minor),
        paid=money(row.paid),
        outstanding=money(row.owed),
        cancels=row.cancels_number,
        cancelled_by=row.cancelled_by,
        pdf_path=row.pdf_path,
        pdf_sha256=row.pdf_sha256,
        lines=tuple(
            LineView(
                description=line.description,
                quantity=Decimal(line.quantity),
                unit=money(line.unit_minor),
                tax_rate=Decimal(line.tax_rate),
                net=money(line.net_minor),
            )
            for line in lines
        ),
        payments=tuple(
            PaymentView(
                amount=money(entry.amount_minor),
                date=entry.paid_on,
                reversal=entry.reverses is not None,
            )
            for entry in payments
        ),
    )
