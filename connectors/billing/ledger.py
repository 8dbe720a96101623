"""Documents entered into the ledger: numbered without gaps, each once per token."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.billing.params import IssueParams
from core import journal
from core.clock import Clock
from core.errors import FactotumError
from core.storage.database import Database
from core.storage.ledger import document_sequence, invoice, invoice_line

_SERIES = {"invoice": "", "credit_note": "CN"}
_credited = invoice.alias("credited")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A numbered document as it was issued; ``cancels`` is the cancelled invoice's number.

    ``pdf_path`` and ``pdf_sha256`` are None until its PDF is kept.
    """

    id: int
    token: str
    kind: Literal["invoice", "credit_note"]
    number: str
    params: IssueParams
    params_sha256: str
    issue_date: date
    cancels: str | None
    pdf_path: str | None
    pdf_sha256: str | None


class Ledger:
    """The invoices and credit notes of the ledger in ``database``."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def find(self, token: str) -> Document | None:
        """The document issued under ``token``."""
        async with self._database.read() as connection:
            return await _document(connection, token)

    async def numbered(self, number: str) -> Document | None:
        """The invoice with this number; None for a credit note."""
        async with self._database.read() as connection:
            token = await connection.scalar(
                select(invoice.c.token).where(
                    invoice.c.number == number, invoice.c.kind == "invoice"
                )
            )
            return await _document(connection, token) if token else None

    async def issue(self, token: str, params: IssueParams) -> Document:
        """Enters an invoice under the next number of its year, once per token.

        Raises FactotumError where the token issued something else.
        """
        async with self._database.write() as connection:
            found = await _document(connection, token)
            if found is None:
                return await self._enter(connection, token, "invoice", params, on=params.issue_date)
            if found.params_sha256 != params.sha256():
                raise FactotumError(f"Invoice {found.number} was issued with other content.")
            return found

    async def credit(self, token: str, original: str, on: date) -> Document:
        """Enters a credit note over the whole invoice of the token ``original``.

        An invoice has one credit note at most: asked again, also under another token, it
        returns the one there is. Raises FactotumError where there is no such invoice.
        """
        async with self._database.write() as connection:
            cancelled = await _document(connection, original)
            if cancelled is None:
                raise FactotumError("The invoice to cancel is not in the ledger.")
            there = await connection.scalar(
                select(invoice.c.token).where(invoice.c.cancels == cancelled.id)
            )
            if there is not None:
                found = await _document(connection, there)
                if found is not None:
                    return found
            day = max(on, cancelled.issue_date)
            entered = await self._enter(
                connection, token, "credit_note", cancelled.params, on=day, cancels=cancelled.id
            )
            return replace(entered, cancels=cancelled.number)

    async def _enter(
        self,
        connection: AsyncConnection,
        token: str,
        kind: Literal["invoice", "credit_note"],
        params: IssueParams,
        *,
        on: date,
        cancels: int | None = None,
    ) -> Document:
        # In the same transaction as the row: a number given out is a number used.
        series = _SERIES[kind]
        serial = await connection.scalar(
            upsert(document_sequence)
            .values(series=series, year=on.year, last=1)
            .on_conflict_do_update(
                index_elements=["series", "year"], set_={"last": document_sequence.c.last + 1}
            )
            .returning(document_sequence.c.last)
        )
        number = "-".join(filter(None, (series, str(on.year), f"{serial:03d}")))
        totals = params.totals()
        id = await connection.scalar(
            insert(invoice)
            .values(
                token=token,
                kind=kind,
                number=number,
                series=series,
                year=on.year,
                serial=serial,
                cancels=cancels,
                params=params.model_dump(mode="json"),
                params_sha256=params.sha256(),
                client_name=params.client_name,
                client_key=client_key(params.client_name),
                currency=params.currency,
                issue_date=on,
                due_date=on if kind == "credit_note" else params.due_date,
                net_minor=totals.net.minor,
                tax_minor=totals.tax.minor,
                total_minor=totals.gross.minor,
                recorded_at=self._clock.now(),
            )
            .returning(invoice.c.id)
        )
        if id is None:
            raise AssertionError("an inserted row has an id")
        await journal.append(
            connection,
            self._clock,
            kind=f"{kind}.issued",
            subject=number,
            data={"token": token, "total_minor": totals.gross.minor, "currency": params.currency},
            actor="billing",
        )
        await connection.execute(
            insert(invoice_line),
            [
                {
                    "invoice_id": id,
                    "position": position,
                    "description": line.description,
                    "quantity": str(line.quantity),
                    "unit_minor": line.unit_minor,
                    "tax_rate": str(line.tax_rate),
                    "net_minor": net,
                }
                for position, (line, net) in enumerate(
                    zip(params.lines, params.line_nets(), strict=True), start=1
                )
            ],
        )
        return Document(
            id=id,
            token=token,
            kind=kind,
            number=number,
            params=params,
            params_sha256=params.sha256(),
            issue_date=on,
            cancels=None,
            pdf_path=None,
            pdf_sha256=None,
        )

    async def attach(self, document: Document, *, path: str, sha256: str) -> Document:
        """Notes where the document's PDF is kept; the first note stays."""
        async with self._database.write() as connection:
            await connection.execute(
                update(invoice)
                .where(invoice.c.id == document.id, invoice.c.pdf_path.is_(None))
                .values(pdf_path=path, pdf_sha256=sha256)
            )
            found = await _document(connection, document.token)
        if found is None:
            raise AssertionError("documents are never deleted")
        return found


def client_key(name: str) -> str:
    """A client's name as it is compared: without case and extra spaces."""
    return " ".join(name.split()).casefold()


async def _document(connection: AsyncConnection, token: str) -> Document | None:
    row = (
        await connection.execute(
            select(invoice, _credited.c.number.label("cancels_number"))
            .outerjoin(_credited, invoice.c.cancels == _credited.c.id)
            .where(invoice.c.token == token)
        )
    ).one_or_none()
    if row is None:
        return None
    return Document(
        id=row.id,
        token=row.token,
        kind=row.kind,
        number=row.number,
        params=IssueParams.model_validate(row.params),
        params_sha256=row.params_sha256,
        issue_date=row.issue_date,
        cancels=row.cancels_number,
        pdf_path=row.pdf_path,
        pdf_sha256=row.pdf_sha256,
    )
