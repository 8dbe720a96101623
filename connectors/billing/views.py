"""What the ledger tells: frozen, complete, in money."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from core.money import Money

Status = Literal["open", "part-paid", "paid", "cancelled", "credit note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """One line of a document; ``tax_rate`` in percent."""

    description: str
    quantity: Decimal
    unit: Money
    tax_rate: Decimal
    net: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentView:
    """Money that came in, or, where ``reversal``, an entry that takes one back (negative)."""

    amount: Money
    date: date
    reversal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """One document of the ledger. ``cancels``/``cancelled_by`` are numbers of documents."""

    number: str
    kind: Literal["invoice", "credit_note"]
    status: Status
    client_name: str
    client_email: str
    issue_date: date
    due_date: date
    net: Money
    tax: Money
    total: Money
    paid: Money
    outstanding: Money
    cancels: str | None
    cancelled_by: str | None
    pdf_path: str | None
    pdf_sha256: str | None
    lines: tuple[LineView, ...]
    payments: tuple[PaymentView, ...]

    def overdue(self, today: date) -> bool:
        """Whether money is still owed after the due date."""
        return self.outstanding.minor > 0 and self.due_date < today


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyTotals:
    """One currency on one day. ``overdue`` is part of ``outstanding``."""

    currency: str
    outstanding: Money
    overdue: Money
    paid_this_month: Money
