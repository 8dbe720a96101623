"""``billing.issue``, ``.credit`` and ``.record_payment``, and what the ledger says."""

from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy.exc import SQLAlchemyError

from connectors.billing.document import content
from connectors.billing.ledger import Document, Ledger
from connectors.billing.params import (
    CreditParams,
    CreditResult,
    IssueParams,
    IssueResult,
    PaymentParams,
    PaymentResult,
)
from connectors.billing.payments import Paid, Payments
from connectors.billing.pdf import Printer
from connectors.billing.reads import Reads
from connectors.files import Files
from core.actions import Action, Concern, Health, Reversal, Risk, Sensitive
from core.clock import Clock
from core.errors import FactotumError
from core.money import Money
from core.storage.database import Database

_FOLDER = "invoices"


class Billing:
    """Invoices of the company; PDFs go to ``files``. ``reads`` is the reading side.

    ``zone`` tells the owner's zone: it decides which day a credit note is of.
    """

    name = "billing"

    def __init__(
        self, *, database: Database, files: Files, clock: Clock, zone: Callable[[], ZoneInfo]
    ) -> None:
        self.reads = Reads(database=database)
        self._ledger = Ledger(database=database, clock=clock)
        self._payments = Payments(database=database, clock=clock)
        self._files = files
        self._clock = clock
        self._zone = zone
        self._printer = Printer()

    def actions(self) -> tuple[Action, ...]:
        """``billing.issue``, ``billing.credit`` and ``billing.record_payment``."""
        return (
            Action(
                name="billing.issue",
                params=IssueParams,
                result=IssueResult,
                risk=Risk.MONEY,
                reversal=Reversal("compensate", "cancelled by a credit note"),
                perform=self.issue,
                check=self.check_issued,
                compensate=self.credit,
                concerns=_invoiced,
                sensitive={
                    "client_name": Sensitive.RECIPIENT,
                    "client_email": Sensitive.RECIPIENT,
                    "lines": Sensitive.AMOUNT,
                    "currency": Sensitive.AMOUNT,
                    "seller": Sensitive.ACCOUNT,  # with the IBAN that is to be paid to
                },
            ),
            Action(
                name="billing.credit",
                params=CreditParams,
                result=CreditResult,
                risk=Risk.MONEY,
                reversal=Reversal("irreversible", "a credit note stays; bill it anew instead"),
                perform=self.cancel,
                check=self.check_cancelled,
                concerns=_cancelled,
                sensitive={
                    "invoice": Sensitive.ACCOUNT,
                    "client_name": Sensitive.RECIPIENT,
                    "total_minor": Sensitive.AMOUNT,
                    "currency": Sensitive.AMOUNT,
                },
            ),
            Action(
                name="billing.record_payment",
                params=PaymentParams,
                result=PaymentResult,
                risk=Risk.INSIDE,
                reversal=Reversal("compensate", "taken back by a reversal entry"),
                perform=self.record_payment,
                check=self.check_payment,
                compensate=self.reverse_payment,
                concerns=_received,
                sensitive={
                    "invoice": Sensitive.ACCOUNT,
                    "amount_minor": Sensitive.AMOUNT,
                    "currency": Sensitive.AMOUNT,
                },
            ),
        )

    async def preview(self, params: IssueParams) -> bytes:
        """The invoice as a PDF marked DRAFT, without a number; nothing is stored."""
        return await self._printer.pdf(content(params, number=""), on=params.issue_date)

    async def issue(self, token: str, params: IssueParams) -> IssueResult:
        """Numbers the invoice and keeps its PDF, once per token.

        After a crash between the two, the same token makes the PDF for the same number.
        """
        return _issued(await self._printed(await self._ledger.issue(token, params)))

    async def check_issued(self, token: str, params: IssueParams) -> IssueResult | None:
        """The invoice of ``token``, its PDF made where a crash prevented that; or None."""
        document = await self._ledger.find(token)
        return None if document is None else _issued(await self._printed(document))

    async def credit(self, token: str, params: IssueParams, result: IssueResult) -> CreditResult:
        """Cancels the invoice by a credit note over the whole of it; again is harmless."""
        return await self._cancel(f"{token}.credit", token)

    async def cancel(self, token: str, params: CreditParams) -> CreditResult:
        """Cancels an invoice of the ledger by a credit note over the whole of it, once.

        Raises FactotumError where there is no such invoice of this client over this total.
        """
        found = await self._ledger.numbered(params.invoice)
        if found is None:
            raise FactotumError(f"There is no invoice {params.invoice!r}.")
        shown = (params.client_name, Money(params.total_minor, params.currency))
        if (found.params.client_name, found.params.totals().gross) != shown:
            raise FactotumError(f"Invoice {found.number} is not what was shown; nothing was done.")
        return await self._cancel(token, found.token)

    async def check_cancelled(self, token: str, params: CreditParams) -> CreditResult | None:
        """The credit note of ``token``, its PDF made where a crash prevented that; or None."""
        note = await self._ledger.find(token)
        return None if note is None else _credited(await self._printed(note))

    async def _cancel(self, token: str, original: str) -> CreditResult:
        today = self._clock.now().astimezone(self._zone()).date()
        return _credited(await self._printed(await self._ledger.credit(token, original, today)))

    async def _printed(self, document: Document) -> Document:
        if document.pdf_path is not None:
            return document
        pdf = await self._printer.pdf(
            content(
                document.params,
                number=document.number,
                cancels=document.cancels,
                issued=document.issue_date,
            ),
            on=document.issue_date,
        )
        kept = await self._files.keep(
            _pdf_name(document), pdf, token=f"{document.token}.pdf", folder=_FOLDER
        )
        return await self._ledger.attach(document, path=kept.path, sha256=kept.sha256)

    async def record_payment(self, token: str, params: PaymentParams) -> PaymentResult:
        """Enters money received, once per token."""
        return _payment(await self._payments.pay(token, params))

    async def check_payment(self, token: str, params: PaymentParams) -> PaymentResult | None:
        """The payment entered under ``token``, or None."""
        paid = await self._payments.paid(token)
        return None if paid is None else _payment(paid)

    async def reverse_payment(
        self, token: str, params: PaymentParams, result: PaymentResult
    ) -> PaymentResult:
        """Takes the payment back by a reversal entry; again is harmless."""
        return _payment(await self._payments.reverse(f"{token}.reversal", token))

    async def ping(self) -> Health:
        """Whether the ledger can be read."""
        try:
            count = await self.reads.count()
        except (SQLAlchemyError, OSError) as error:
            return Health(
                "billing",
                "failed",
                f"The ledger can't be read ({type(error).__name__}).",
                "Run factotum doctor, which checks the database.",
            )
        return Health("billing", "ok", f"The ledger holds {count} documents.")


def _pdf_name(document: Document) -> str:
    title = "Credit note" if document.kind == "credit_note" else "Invoice"
    return f"{title} {document.number}.pdf"


def _day(day: date) -> str:
    return format_date(day, "d MMMM y", locale="en")


def _fields(document: Document) -> dict[str, object]:
    totals = document.params.totals()
    path = document.pdf_path or ""
    return {
        "number": document.number,
        "net_minor": totals.net.minor,
        "tax_minor": totals.tax.minor,
        "total_minor": totals.gross.minor,
        "currency": document.params.currency,
        "issue_date": document.issue_date,
        "pdf_path": path,
        "pdf_name": path.rpartition("/")[2],
        "pdf_sha256": document.pdf_sha256 or "",
    }


def _issued(document: Document) -> IssueResult:
    params = document.params
    return IssueResult.model_validate(
        _fields(document)
        | {
            "due_date": params.due_date,
            "receipt": (
                f"Issued invoice {document.number} to {params.client_name} over"
                f" {params.totals().gross}, due {_day(params.due_date)}."
            ),
        }
    )


def _credited(document: Document) -> CreditResult:
    gross = document.params.totals().gross
    return CreditResult.model_validate(
        _fields(document)
        | {
            "due_date": document.issue_date,
            "cancels": document.cancels,
            "receipt": (
                f"Cancelled invoice {document.cancels} by credit note {document.number}"
                f" over {gross}."
            ),
        }
    )


def _payment(paid: Paid) -> PaymentResult:
    left = f"{paid.outstanding} still owed" if paid.outstanding.minor else "paid in full"
    taken_back = paid.amount.minor < 0
    amount = Money(abs(paid.amount.minor), paid.amount.currency)
    what = "Took back the payment of" if taken_back else "Entered"
    return PaymentResult(
        receipt=f"{what} {amount} for invoice {paid.number}; {left}.",
        invoice=paid.number,
        amount_minor=paid.amount.minor,
        currency=paid.amount.currency,
        outstanding_minor=paid.outstanding.minor,
    )


def _invoiced(params: dict[str, Any]) -> Concern:
    """The client and the gross total; neither is known of what is no complete invoice."""
    try:
        typed = IssueParams.model_validate(params)
        return Concern(typed.client_name, typed.totals().gross)
    except (ValueError, ArithmeticError):
        return Concern(unknown=frozenset({"counterparty", "amount"}))


def _cancelled(params: dict[str, Any]) -> Concern:
    """The client whose invoice is cancelled, and its gross total."""
    try:
        typed = CreditParams.model_validate(params)
    except ValueError:
        return Concern(unknown=frozenset({"counterparty", "amount"}))
    return Concern(typed.client_name, Money(typed.total_minor, typed.currency))


def _received(params: dict[str, Any]) -> Concern:
    """The amount received. It goes to nobody: it is an entry in the operator's own books."""
    try:
        typed = PaymentParams.model_validate(params)
    except ValueError:
        return Concern(unknown=frozenset({"amount"}))
    return Concern(amount=Money(typed.amount_minor, typed.currency))
