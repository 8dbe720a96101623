"""What the billing actions take and give."""

import hashlib
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Annotated

from babel import Locale, UnknownLocaleError
from babel.numbers import is_currency
from pydantic import AfterValidator, BaseModel, Field, field_validator, model_validator

from connectors.billing import tax
from core.actions import Params, Result
from core.money import Money
from core.profile import Company

_MOST = 10**15
"""The largest amount taken, in minor units: far below what SQLite and floats can hold."""


def _clean(text: str) -> str:
    """``text`` without characters that could hide or reorder what a document says."""
    kept = (
        c
        for c in unicodedata.normalize("NFC", text)
        if c == "\n" or c in "\u200c\u200d" or unicodedata.category(c)[0] != "C"
    )
    return "".join(kept).strip()


def _one_line(text: str) -> str:
    return " ".join(_clean(text.replace("\t", " ")).split())


def _currency(code: str) -> str:
    if not is_currency(code.upper()):
        raise ValueError(f"{code!r} is not a currency")
    return code.upper()


Text = Annotated[str, AfterValidator(_clean), Field(max_length=2000)]
Word = Annotated[str, AfterValidator(_one_line), Field(max_length=300)]
Name = Annotated[str, AfterValidator(_one_line), Field(min_length=1, max_length=300)]
Currency = Annotated[str, AfterValidator(_currency)]
Rate = Annotated[Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=4)]
Quantity = Annotated[Decimal, Field(gt=0, le=1_000_000, decimal_places=6)]


class Seller(BaseModel, frozen=True, extra="forbid"):
    """Who issues the invoice, as printed on it."""

    name: Name
    address: tuple[Word, ...] = ()
    email: Word = ""
    phone: Word = ""
    vat_id: Word = ""
    tax_number: Word = ""
    iban: Word = ""
    bic: Word = ""
    bank: Word = ""
    note: Text = ""

    @classmethod
    def of(cls, company: Company) -> "Seller":
        """The operator's company. Raises ValidationError where it can't be printed so."""
        return cls(
            name=company.name,
            address=company.address,
            email=company.email,
            vat_id=company.vat_id,
            iban=company.iban,
            bank=company.bank,
        )


class LineParams(BaseModel, frozen=True, extra="forbid"):
    """One line. ``unit_minor`` is the price of one, negative for a discount; tax in percent."""

    description: Annotated[Text, Field(min_length=1)]
    quantity: Quantity = Decimal(1)
    unit: Word = ""
    unit_minor: int = Field(ge=-_MOST, le=_MOST)
    tax_rate: Rate = Decimal(0)


class IssueParams(Params, frozen=True, extra="forbid"):
    """An invoice in full. ``supply_date`` None means the issue date."""

    client_name: Name
    client_address: tuple[Word, ...] = ()
    client_email: Word = ""
    client_vat_id: Word = ""
    currency: Currency
    issue_date: date
    due_date: date
    supply_date: date | None = None
    lines: tuple[LineParams, ...] = Field(min_length=1, max_length=500)
    tax_note: Text = ""
    note: Text = ""
    locale: str = "en"
    seller: Seller

    @field_validator("locale")
    @classmethod
    def _known_locale(cls, value: str) -> str:
        try:
            return str(Locale.parse(value.replace("-", "_")))
        except (ValueError, UnknownLocaleError):
            raise ValueError(f"{value!r} is not a locale") from None

    @model_validator(mode="after")
    def _adds_up(self) -> "IssueParams":
        if self.due_date < self.issue_date:
            raise ValueError("the invoice is due before it is issued")
        if not 0 < self.totals().gross.minor <= _MOST:
            raise ValueError("the total must be more than zero (and not absurdly large)")
        if tax.forbids_tax(self.tax_note) and any(line.tax_rate for line in self.lines):
            raise ValueError("with this tax note every tax rate must be 0")
        if tax.REVERSE_CHARGE in self.tax_note and not (self.client_vat_id and self.seller.vat_id):
            raise ValueError("reverse charge needs the VAT ids of both sides")
        return self

    def totals(self) -> tax.Totals:
        """Net, tax by rate and gross."""
        return tax.totals(self._taxed(), self.currency)

    def line_nets(self) -> tuple[int, ...]:
        """The net amount of each line, in minor units."""
        return tuple(line.net.minor for line in self._taxed())

    def _taxed(self) -> tuple[tax.Line, ...]:
        return tuple(
            tax.Line(line.quantity, Money(line.unit_minor, self.currency), line.tax_rate)
            for line in self.lines
        )

    def sha256(self) -> str:
        """A hash of exactly these parameters."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class DocumentResult(Result, frozen=True, extra="forbid"):
    """An issued document. Amounts in minor units; ``pdf_path`` is below the files folder."""

    number: str
    net_minor: int
    tax_minor: int
    total_minor: int
    currency: str
    issue_date: date
    due_date: date
    pdf_path: str
    pdf_name: str
    pdf_sha256: str


class IssueResult(DocumentResult, frozen=True, extra="forbid"):
    """An issued invoice."""


class CreditResult(DocumentResult, frozen=True, extra="forbid"):
    """An issued credit note; ``cancels`` is the number of the invoice."""

    cancels: str


class CreditParams(Params, frozen=True, extra="forbid"):
    """The invoice to cancel, with its client and its total in minor units as they were shown."""

    invoice: str = Field(min_length=1, max_length=32)
    client_name: Name
    total_minor: int = Field(gt=0, le=_MOST)
    currency: Currency


class PaymentParams(Params, frozen=True, extra="forbid"):
    """Money received for the invoice with the number ``invoice``, in minor units."""

    invoice: str = Field(min_length=1, max_length=32)
    amount_minor: int = Field(gt=0, le=_MOST)
    currency: Currency
    date: date


class PaymentResult(Result, frozen=True, extra="forbid"):
    """A payment entered, or reversed: what is left to pay, in minor units."""

    invoice: str
    amount_minor: int
    currency: str
    outstanding_minor: int
