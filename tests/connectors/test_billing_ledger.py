"""Billing: gapless numbers, one document per token, money that adds up, a proper PDF."""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from connectors.billing import (
    REVERSE_CHARGE,
    Billing,
    CreditParams,
    CreditResult,
    IssueParams,
    LineParams,
    PaymentParams,
    Seller,
)
from connectors.billing.ledger import Ledger
from connectors.files import Files
from core.clock import ManualClock
from core.errors import FactotumError
from core.money import Money
from core.storage.database import Database
from core.storage.ledger import document_sequence, invoice

SELLER = Seller(
    name="Atelier Lindqvist",
    address=("Hauptstraße 12", "10115 Berlin"),
    email="hello@lindqvist.example",
    vat_id="DE123456789",
    iban="DE89370400440532013000",
    bic="COBADEFFXXX",
    bank="Commerzbank",
)


def issue(**changes: Any) -> IssueParams:
    fields: dict[str, Any] = {
        "client_name": "Northwind Traders",
        "client_address": ("12 Harbour Road", "Dublin"),
        "client_email": "accounts@northwind.example",
        "client_vat_id": "IE1234567T",
        "currency": "EUR",
        "issue_date": date(2026, 11, 23),
        "due_date": date(2026, 12, 7),
        "lines": (
            LineParams(description="Brand workshop", unit_minor=240_000, tax_rate=Decimal(19)),
        ),
        "seller": SELLER,
    }
    return IssueParams.model_validate(fields | changes)


def pay(number: str, minor: int, on: date = date(2026, 11, 23), currency: str = "EUR"):
    return PaymentParams(invoice=number, amount_minor=minor, currency=currency, date=on)


def make(database: Database, files: Files, clock: ManualClock) -> Billing:
    return Billing(
        database=database, files=files, clock=clock, zone=lambda: ZoneInfo("Europe/Berlin")
    )


@pytest.fixture
def billing(database: Database, files: Files, clock: ManualClock) -> Billing:
    return make(database, files, clock)


@pytest.fixture
async def other(database: Database) -> AsyncIterator[Database]:
    """The same file opened a second time, as the worker beside the bot does."""
    second = Database(database.path)
    yield second
    await second.close()


def text(pdf: bytes) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    return "\n".join(page.extract_text() for page in pages).replace("\u200b", "")


async def test_issues_once_per_token(
    billing: Billing, other: Database, files: Files, clock: ManualClock
) -> None:
    assert await billing.check_issued("t1", issue()) is None
    result = await billing.issue("t1", issue())
    fresh = make(other, Files(root=files.root), clock)
    assert result == await fresh.check_issued("t1", issue()) == await fresh.issue("t1", issue())
    assert (result.number, result.net_minor, result.tax_minor, result.total_minor) == (
        "2026-001", 240_000, 45_600, 285_600,
    )  # fmt: skip
    assert result.pdf_path == "invoices/Invoice 2026-001.pdf"
    pdf = await files.read(result.pdf_path)
    assert hashlib.sha256(pdf).hexdigest() == result.pdf_sha256
    assert result.receipt == (
        "Issued invoice 2026-001 to Northwind Traders over 2,856.00 EUR, due 7 December 2026."
    )
    assert len(await billing.reads.list()) == 1


async def test_a_token_does_not_issue_something_else(billing: Billing) -> None:
    await billing.issue("t1", issue())
    with pytest.raises(FactotumError):
        await billing.issue("t1", issue(client_name="Someone else"))


@pytest.mark.parametrize("how", ["perform", "check"])
async def test_a_crash_before_the_pdf_keeps_the_number(
    billing: Billing, database: Database, files: Files, clock: ManualClock, how: str
) -> None:
    entered = await Ledger(database=database, clock=clock).issue("t1", issue())
    assert entered.pdf_path is None
    if how == "perform":
        result = await billing.issue("t1", issue())
    else:
        result = await billing.check_issued("t1", issue())
    assert result is not None
    assert result.number == entered.number == "2026-001"
    assert "2026-001" in text(await files.read(result.pdf_path))


async def test_a_crash_after_the_pdf_is_kept_makes_no_second_one(
    billing: Billing, database: Database, files: Files
) -> None:
    first = await billing.issue("t1", issue())
    async with database.write() as connection:
        await connection.execute(update(invoice).values(pdf_path=None, pdf_sha256=None))
    assert await billing.issue("t1", issue()) == first
    assert len(await files.list()) == 1


async def test_twenty_at_once_from_two_processes_leave_no_gap(
    billing: Billing, other: Database, files: Files, clock: ManualClock
) -> None:
    second = make(other, Files(root=files.root), clock)
    results = await asyncio.gather(
        # every token is tried in both processes
        *((billing, second)[i % 2].issue(f"t{i // 2}", issue()) for i in range(40))
    )
    assert sorted({r.number for r in results}) == [f"2026-{n:03d}" for n in range(1, 21)]


async def test_a_failed_issue_leaves_no_gap(billing: Billing, database: Database) -> None:
    async def half_way() -> None:
        async with database.write() as connection:
            await connection.execute(insert(document_sequence).values(series="", year=2026, last=1))
            raise RuntimeError("the machine dies")

    with pytest.raises(RuntimeError):
        await half_way()
    assert (await billing.issue("t1", issue())).number == "2026-001"


async def test_each_year_counts_from_one(billing: Billing) -> None:
    past = issue(issue_date=date(2025, 10, 1), due_date=date(2025, 10, 15))
    assert (await billing.issue("t1", past)).number == "2025-001"
    assert (await billing.issue("t2", issue())).number == "2026-001"
    assert (await billing.issue("t3", past)).number == "2025-002"


def to_cancel(**changes: Any) -> CreditParams:
    fields: dict[str, Any] = {
        "invoice": "2026-001",
        "client_name": "Northwind Traders",
        "total_minor": 285_600,
        "currency": "EUR",
    }
    return CreditParams.model_validate(fields | changes)


async def test_an_invoice_is_cancelled_by_its_number_once(billing: Billing) -> None:
    issued = await billing.issue("t1", issue())
    assert await billing.check_cancelled("t2", to_cancel()) is None
    note = await billing.cancel("t2", to_cancel())
    assert (note.number, note.cancels, note.total_minor) == ("CN-2026-001", "2026-001", 285_600)
    assert note == await billing.check_cancelled("t2", to_cancel())
    # However it is asked for again, there is one credit note.
    assert note == await billing.cancel("t3", to_cancel())
    assert note == await billing.credit("t1", issue(), issued)


@pytest.mark.parametrize(
    "wrong",
    [
        {"invoice": "2026-002"},
        {"invoice": "CN-2026-001"},
        {"client_name": "Bluebird"},
        {"total_minor": 240_000},
        {"currency": "USD"},
    ],
)
async def test_only_what_was_shown_is_cancelled(billing: Billing, wrong: dict[str, Any]) -> None:
    await billing.issue("t1", issue())
    result = await billing.issue("t4", issue(client_name="Other"))
    await billing.credit("t4", issue(client_name="Other"), result)
    with pytest.raises(FactotumError):
        await billing.cancel("t2", to_cancel(**wrong))
    found = await billing.reads.invoice("2026-001")
    assert found is not None
    assert found.status == "open"


async def test_cancelling_twice_makes_one_credit_note(
    billing: Billing, other: Database, files: Files, clock: ManualClock
) -> None:
    clock.advance(timedelta(hours=1))
    result = await billing.issue("t1", issue())
    second = make(other, Files(root=files.root), clock)
    notes = await asyncio.gather(
        billing.credit("t1", issue(), result), second.credit("t1", issue(), result)
    )
    note = notes[0]
    assert notes[1] == note == await billing.credit("t1", issue(), result)
    assert isinstance(note, CreditResult)
    # 23:30 UTC on the 23rd is the 24th in Berlin
    assert (note.number, note.cancels, note.issue_date) == (
        "CN-2026-001", "2026-001", date(2026, 11, 24),
    )  # fmt: skip
    printed = text(await files.read(note.pdf_path))
    assert "Credit note" in printed
    assert "cancels invoice 2026-001" in printed
    assert "IBAN" not in printed
    cancelled = await billing.reads.invoice("2026-001")
    assert cancelled is not None
    assert (cancelled.status, cancelled.cancelled_by) == ("cancelled", "CN-2026-001")
    assert await billing.reads.open_invoices() == ()
    # the cancelled invoice's own effect is still found, and its number is not used again
    assert await billing.check_issued("t1", issue()) == result
    assert (await billing.issue("t2", issue())).number == "2026-002"


async def test_payments_and_their_reversal(billing: Billing) -> None:
    await billing.issue("t1", issue())
    part = await billing.record_payment("p1", pay("2026-001", 100_000))
    assert part.outstanding_minor == 185_600
    rest = await billing.record_payment("p2", pay("2026-001", 185_600))
    assert rest.receipt == "Entered 1,856.00 EUR for invoice 2026-001; paid in full."
    assert await billing.record_payment("p1", pay("2026-001", 100_000)) == part
    assert await billing.check_payment("p1", pay("2026-001", 100_000)) == part
    found = await billing.reads.invoice("2026-001")
    assert found is not None
    assert (found.status, found.outstanding) == ("paid", Money(0, "EUR"))

    back = await billing.reverse_payment("p2", pay("2026-001", 185_600), rest)
    assert back == await billing.reverse_payment("p2", pay("2026-001", 185_600), rest)
    assert (back.amount_minor, back.outstanding_minor) == (-185_600, 185_600)
    found = await billing.reads.invoice("2026-001")
    assert found is not None
    assert found.status == "part-paid"
    assert [p.reversal for p in found.payments] == [False, False, True]


@pytest.mark.parametrize(
    "payment",
    [pay("2026-999", 1), pay("2026-001", 285_601), pay("2026-001", 1, currency="USD")],
)
async def test_a_payment_that_fits_nothing_is_refused(
    billing: Billing, payment: PaymentParams
) -> None:
    await billing.issue("t1", issue())
    with pytest.raises(FactotumError):
        await billing.record_payment("p1", payment)
    assert await billing.check_payment("p1", payment) is None


async def test_a_cancelled_invoice_takes_no_payment(billing: Billing) -> None:
    result = await billing.issue("t1", issue())
    await billing.credit("t1", issue(), result)
    with pytest.raises(FactotumError, match="cancelled"):
        await billing.record_payment("p1", pay("2026-001", 1))


async def test_reads(billing: Billing) -> None:
    old = issue(issue_date=date(2026, 9, 1), due_date=date(2026, 9, 15), client_name="Contoso")
    await billing.issue("t1", old)
    await billing.issue("t2", issue())
    await billing.issue("t3", issue(currency="GBP"))
    await billing.record_payment("p1", pay("2026-002", 5_600))
    await billing.record_payment("p2", pay("2026-001", 1, on=date(2026, 10, 31)))
    today = date(2026, 11, 23)
    reads = billing.reads
    assert [i.number for i in await reads.open_invoices()] == ["2026-001", "2026-002", "2026-003"]
    assert [i.number for i in await reads.overdue(today)] == ["2026-001"]
    assert [i.number for i in await reads.by_client(" northwind  TRADERS")] == [
        "2026-003", "2026-002",
    ]  # fmt: skip
    assert [i.number for i in await reads.list(1)] == ["2026-003"]
    assert await reads.invoice("nothing") is None
    euro, pound = await reads.totals(today)
    assert (euro.currency, euro.outstanding.minor, euro.overdue.minor) == (
        "EUR", 285_599 + 280_000, 285_599,
    )  # fmt: skip
    assert euro.paid_this_month == Money(5_600, "EUR")
    assert (pound.outstanding, pound.overdue) == (Money(285_600, "GBP"), Money(0, "GBP"))
    overdue = (await reads.overdue(today))[0]
    assert overdue.overdue(today)
    assert overdue.lines[0].net == Money(240_000, "EUR")


async def test_the_pdf_says_what_a_bookkeeper_needs(billing: Billing, files: Files) -> None:
    lines = (
        LineParams(description="Design", quantity=Decimal("12.5"), unit="h", unit_minor=9_500,
                   tax_rate=Decimal(19)),
        LineParams(description="Book", unit_minor=2_000, tax_rate=Decimal(7)),
    )  # fmt: skip
    result = await billing.issue(
        "t1", issue(lines=lines, supply_date=date(2026, 11, 20), note="Thank you.")
    )
    printed = text(await files.read(result.pdf_path))
    for expected in (
        "Atelier Lindqvist", "VAT ID DE123456789", "Northwind Traders", "VAT ID IE1234567T",
        "2026-001", "23 November 2026", "20 November 2026", "7 December 2026", "12.5 h", "95.00",
        "1,187.50", "Tax 7% on €20.00", "Tax 19% on €1,187.50", "€225.63", "€1,434.53",
        "DE89 3704 0044 0532 0130 00", "COBADEFFXXX", "Thank you.",
    ):  # fmt: skip
        assert expected in printed
    assert result.total_minor == 143_453


async def test_the_preview_is_a_draft_and_touches_nothing(billing: Billing, files: Files) -> None:
    pdf = await billing.preview(issue())
    assert pdf == await billing.preview(issue())
    assert "DRAFT" in text(pdf)
    assert "not yet given" in text(pdf)
    assert await billing.reads.list() == ()
    assert await files.list() == ()
    assert (await billing.issue("t1", issue())).number == "2026-001"


async def test_forty_lines_run_over_pages_and_end_in_one_total(billing: Billing) -> None:
    lines = tuple(LineParams(description=f"Item number {i}", unit_minor=100) for i in range(40))
    pdf = await billing.preview(issue(lines=lines))
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 2
    assert text(pdf).count("Total due") == 1
    assert text(pdf).count("DESCRIPTION") == 2


async def test_strange_text_stays_text(billing: Billing) -> None:
    nasty = '#import "x.typ": * $ x^2 $ *bold* _it_ @ref <label> // c \\ #read("/etc/passwd") = H'
    pdf = await billing.preview(
        issue(
            client_name="€ £ ₹ ł ø ß שלום مرحبا " + "W" * 200,
            client_address=(nasty, "你好 🙂"),
            lines=(LineParams(description=nasty, unit_minor=10**14),),
        )
    )
    printed = " ".join(text(pdf).split())
    assert "€ £ ₹ ł ø ß" in printed
    assert '#read("/etc/passwd")' in printed
    assert "*bold* _it_ @ref <label>" in printed


async def test_reverse_charge_is_printed(billing: Billing) -> None:
    lines = (LineParams(description="Workshop", unit_minor=240_000),)
    pdf = await billing.preview(issue(lines=lines, tax_note=REVERSE_CHARGE))
    assert "Reverse charge" in text(pdf)
    assert "€2,400.00" in text(pdf)


async def test_the_tables_refuse_what_does_not_add_up(billing: Billing, database: Database) -> None:
    await billing.issue("t1", issue())
    for broken in ({"total_minor": 1}, {"kind": "gift"}, {"due_date": date(2020, 1, 1)}):
        with pytest.raises(IntegrityError):
            async with database.write() as connection:
                await connection.execute(update(invoice).values(**broken))


async def test_ping(billing: Billing, files: Files, clock: ManualClock, tmp_path: Path) -> None:
    assert (await billing.ping()).status == "ok"
    empty = Database(tmp_path / "empty.sqlite3")
    assert (await make(empty, files, clock).ping()).status == "failed"
    await empty.close()
