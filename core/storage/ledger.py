"""The ledger's tables: documents, their lines, the money that came in, and the numbers.

Amounts are integers in minor units of the document's currency, as in ``core.money``.
Quantities and rates are decimals, kept as text. Nothing here is ever deleted or renumbered.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from core.storage.base import Json, Moment, metadata

document_sequence = Table(
    "document_sequence",
    metadata,
    Column("series", String(8), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
    CheckConstraint("last > 0", name="last_positive"),
)
"""The last serial given out, per series and year. Moves only together with a new document."""

invoice = Table(
    "invoice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token", Text, nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("number", String(32), nullable=False, unique=True),
    Column("series", String(8), nullable=False),
    Column("year", Integer, nullable=False),
    Column("serial", Integer, nullable=False),
    # A credit note cancels one invoice, and an invoice is cancelled at most once.
    Column("cancels", ForeignKey("invoice.id"), unique=True),
    Column("params", Json, nullable=False),
    Column("params_sha256", String(64), nullable=False),
    Column("client_name", Text, nullable=False),
    Column("client_key", Text, nullable=False, index=True),
    Column("currency", String(3), nullable=False),
    Column("issue_date", Date, nullable=False),
    Column("due_date", Date, nullable=False),
    Column("net_minor", Integer, nullable=False),
    Column("tax_minor", Integer, nullable=False),
    Column("total_minor", Integer, nullable=False),
    Column("pdf_path", Text),
    Column("pdf_sha256", String(64)),
    Column("recorded_at", Moment, nullable=False),
    UniqueConstraint("series", "year", "serial"),
    CheckConstraint("kind IN ('invoice', 'credit_note')", name="kind"),
    CheckConstraint("(kind = 'credit_note') = (cancels IS NOT NULL)", name="cancels"),
    CheckConstraint("serial > 0", name="serial_positive"),
    CheckConstraint("length(currency) = 3", name="currency"),
    CheckConstraint("due_date >= issue_date", name="due_after_issue"),
    CheckConstraint("total_minor = net_minor + tax_minor", name="total"),
    CheckConstraint("total_minor > 0", name="total_positive"),
    CheckConstraint("(pdf_path IS NULL) = (pdf_sha256 IS NULL)", name="pdf"),
    Index("ix_invoice_due_date", "due_date"),
)
"""Invoices and the credit notes that cancel them. ``params`` is the exact issued payload."""

invoice_line = Table(
    "invoice_line",
    metadata,
    Column("invoice_id", ForeignKey("invoice.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("description", Text, nullable=False),
    Column("quantity", Text, nullable=False),
    Column("unit_minor", Integer, nullable=False),
    Column("tax_rate", Text, nullable=False),
    Column("net_minor", Integer, nullable=False),
    CheckConstraint("position > 0", name="position"),
)

payment = Table(
    "payment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token", Text, nullable=False, unique=True),
    Column("invoice_id", ForeignKey("invoice.id"), nullable=False, index=True),
    # A reversal points at the payment it takes back; a payment is reversed at most once.
    Column("reverses", ForeignKey("payment.id"), unique=True),
    Column("amount_minor", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("paid_on", Date, nullable=False, index=True),
    Column("recorded_at", Moment, nullable=False),
    CheckConstraint("(reverses IS NULL) = (amount_minor > 0)", name="sign"),
    CheckConstraint("amount_minor <> 0", name="amount"),
)
"""Money received; a reversal is a row of its own with the amount negative."""
