"""Invoices: the ledger, the tax arithmetic and the PDF."""

from connectors.billing.connector import Billing
from connectors.billing.params import (
    CreditParams,
    CreditResult,
    IssueParams,
    IssueResult,
    LineParams,
    PaymentParams,
    PaymentResult,
    Seller,
)
from connectors.billing.reads import Reads
from connectors.billing.tax import REVERSE_CHARGE, SMALL_BUSINESS
from connectors.billing.views import CurrencyTotals, Invoice, LineView, PaymentView

__all__ = [
    "REVERSE_CHARGE",
    "SMALL_BUSINESS",
    "Billing",
    "CreditParams",
    "CreditResult",
    "CurrencyTotals",
    "Invoice",
    "IssueParams",
    "IssueResult",
    "LineParams",
    "LineView",
    "PaymentParams",
    "PaymentResult",
    "PaymentView",
    "Reads",
    "Seller",
]
