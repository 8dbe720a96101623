"""What stands out in a ledger: rules over invoices and payments, each naming what it rests on."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Literal

from pydantic import BaseModel

from core.money import Money

Kind = Literal["double", "unmatched", "overpaid", "unusual", "overdue", "late payer"]

_ALIKE = timedelta(days=14)
"""Invoices of the same content that are no further apart may be one that was issued twice."""
_RECENT = timedelta(days=14)
_SETTLING = timedelta(days=30)
"""How long money that has to go back is spoken of; whether it went, the ledger doesn't know."""
_HABIT = 3
"""Invoices before which nothing is called usual."""
_MUCH, _LITTLE = 3, 10
"""How many times more, or less, than the usual amount is unusual: a digit too many or too few."""
_GRACE = 3
"""Days that a payment may take without being called late."""


class Bill(BaseModel, frozen=True, extra="forbid"):
    """An invoice of the ledger, in minor units. ``settled`` is the day it was paid in full."""

    kind: Literal["invoice"] = "invoice"
    number: str
    client: str
    what: str
    currency: str
    total: int
    paid: int
    outstanding: int
    issued: date
    due: date
    settled: date | None = None
    cancelled: date | None = None


class Receipt(BaseModel, frozen=True, extra="forbid"):
    """Money that came in, in minor units. ``invoice`` is None where it is for none yet."""

    kind: Literal["payment"] = "payment"
    id: str
    invoice: str | None
    client: str
    amount: int
    currency: str
    on: date


class Anomaly(BaseModel, frozen=True, extra="forbid"):
    """Something worth a look. ``evidence`` are the ids of the entries that it rests on."""

    kind: Kind
    invoice: str | None
    client: str
    what: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Books:
    """The ledger on one day, by client."""

    bills: Sequence[Bill]
    receipts: Sequence[Receipt]
    today: date

    def live(self, client: str) -> list[Bill]:
        """The invoices of a client that are not cancelled, the oldest first."""
        found = [b for b in self.bills if b.client == client and b.cancelled is None]
        return sorted(found, key=lambda bill: (bill.issued, bill.number))

    def delays(self, client: str) -> dict[str, int]:
        """By how many days each paid invoice of a client was late, below zero for early."""
        return {
            bill.number: (bill.settled - bill.due).days
            for bill in self.live(client)
            if bill.settled
        }


def find(bills: Sequence[Bill], receipts: Sequence[Receipt], today: date) -> list[Anomaly]:
    """What stands out on this day, the most pressing first."""
    books = _Books(bills, receipts, today)
    return [
        *_doubles(books),
        *_unmatched(books),
        *_overpaid(books),
        *_unusual(books),
        *_overdue(books),
        *_late_payers(books),
    ]


def _doubles(books: _Books) -> list[Anomaly]:
    found: list[Anomaly] = []
    same: defaultdict[tuple[str, str, int, str], list[Bill]] = defaultdict(list)
    for client in sorted({bill.client for bill in books.bills}):
        for bill in books.live(client):
            same[client, bill.currency, bill.total, " ".join(bill.what.casefold().split())].append(
                bill
            )
    for group in same.values():
        for first, second in pairwise(group):
            fresh = second.outstanding > 0 or books.today - second.issued <= _RECENT
            if fresh and second.issued - first.issued <= _ALIKE:
                found.append(
                    Anomaly(
                        kind="double",
                        invoice=second.number,
                        client=second.client,
                        what=f"{second.number} may be {first.number} once more: both to "
                        f"{second.client} over {_money(second.total, second)} "
                        f"for “{second.what}”.",
                        evidence=(first.number, second.number),
                    )
                )
    return found


def _unmatched(books: _Books) -> list[Anomaly]:
    known = {bill.number: bill for bill in books.bills}
    found: list[Anomaly] = []
    for receipt in books.receipts:
        amount = Money(receipt.amount, receipt.currency)
        bill = known.get(receipt.invoice or "")
        if bill is None:
            fits = fitting(receipt, books.bills)
            perhaps = f"; it may be for {fits.number}" if fits else ""
            found.append(
                Anomaly(
                    kind="unmatched",
                    invoice=fits.number if fits else None,
                    client=receipt.client,
                    what=f"{amount} from {receipt.client} is for no known invoice{perhaps}.",
                    evidence=(receipt.id, *((fits.number,) if fits else ())),
                )
            )
        elif bill.cancelled and books.today - max(bill.cancelled, receipt.on) <= _SETTLING:
            found.append(
                Anomaly(
                    kind="unmatched",
                    invoice=bill.number,
                    client=bill.client,
                    what=f"{amount} came in for {bill.number}, which is cancelled: it is "
                    f"{bill.client}'s, unless you sent it back already.",
                    evidence=(receipt.id, bill.number),
                )
            )
    return found


def fitting(receipt: Receipt, bills: Sequence[Bill]) -> Bill | None:
    """The one open invoice of just this amount, of the same client where several are."""
    same = [
        bill
        for bill in bills
        if (bill.outstanding, bill.currency) == (receipt.amount, receipt.currency)
    ]
    own = [bill for bill in same if bill.client == receipt.client] or same
    return own[0] if len(own) == 1 else None


def _overpaid(books: _Books) -> list[Anomaly]:
    return [
        Anomaly(
            kind="overpaid",
            invoice=bill.number,
            client=bill.client,
            what=f"{bill.client} paid {_money(bill.paid, bill)} for {bill.number}, "
            f"{_money(bill.paid - bill.total, bill)} more than it is over.",
            evidence=(bill.number, *(r.id for r in books.receipts if r.invoice == bill.number)),
        )
        for bill in books.bills
        if bill.cancelled is None and bill.paid > bill.total
    ]


def _unusual(books: _Books) -> list[Anomaly]:
    found: list[Anomaly] = []
    for bill in books.bills:
        if bill.cancelled or bill.outstanding <= 0 or books.today - bill.issued > _RECENT:
            continue
        before = [
            other
            for other in books.live(bill.client)
            if other.currency == bill.currency
            and (other.issued, other.number) < (bill.issued, bill.number)
        ]
        if len(before) < _HABIT:
            continue
        usual = round(median(other.total for other in before))
        if bill.total < usual * _MUCH and bill.total * _LITTLE > usual:
            continue
        than = "more" if bill.total > usual else "less"
        found.append(
            Anomaly(
                kind="unusual",
                invoice=bill.number,
                client=bill.client,
                what=f"{bill.number} to {bill.client} is over {_money(bill.total, bill)}, much "
                f"{than} than the usual {_money(usual, bill)}.",
                evidence=(bill.number, *(other.number for other in before)),
            )
        )
    return found


def _overdue(books: _Books) -> list[Anomaly]:
    """Unexpected delays first, then those of clients who are never early."""
    found: list[tuple[bool, int, Anomaly]] = []
    for bill in books.bills:
        days = (books.today - bill.due).days
        if bill.outstanding <= 0 or days <= 0:
            continue
        delays = books.delays(bill.client)
        habit = round(median(delays.values())) if len(delays) >= _HABIT else None
        expected = habit is not None and habit > _GRACE and days <= habit + _GRACE
        usually = ""
        if habit is not None and habit <= _GRACE:
            usually = f"; {bill.client} usually pays on time"
        elif habit is not None:
            usually = f"; {bill.client} usually pays {habit} days late"
        part = f" {_money(bill.paid, bill)} of it was paid." if bill.paid else ""
        found.append(
            (
                expected,
                -days,
                Anomaly(
                    kind="overdue",
                    invoice=bill.number,
                    client=bill.client,
                    what=f"{_money(bill.outstanding, bill)} of {bill.client} for {bill.number} "
                    f"is {_days(days)} late{usually}.{part}",
                    evidence=(bill.number, *(delays if habit is not None else ())),
                ),
            )
        )
    return [anomaly for _, _, anomaly in sorted(found, key=lambda each: each[:2])]


def _late_payers(books: _Books) -> list[Anomaly]:
    """Clients who paid late every time, spoken of when they have just done so again."""
    found: list[Anomaly] = []
    for client in sorted({bill.client for bill in books.bills}):
        delays = books.delays(client)
        if len(delays) < _HABIT or min(delays.values()) <= _GRACE:
            continue
        last = max(bill.settled for bill in books.live(client) if bill.settled)
        if books.today - last > _RECENT:
            continue
        found.append(
            Anomaly(
                kind="late payer",
                invoice=None,
                client=client,
                what=f"{client} paid all of {len(delays)} invoices late, by about "
                f"{round(median(delays.values()))} days.",
                evidence=tuple(delays),
            )
        )
    return found


def _days(days: int) -> str:
    return "a day" if days == 1 else f"{days} days"


def _money(minor: int, bill: Bill) -> Money:
    return Money(minor, bill.currency)
