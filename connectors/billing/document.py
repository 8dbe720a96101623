"""What stands on an invoice or credit note, as plain strings for the template."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from connectors.billing.params import IssueParams
from core.money import Money

_UNBROKEN = re.compile(r"\S{25,}")
_STEP = 20
_IBAN_GAP = re.compile(r"(.{4})(?=.)")


def content(
    params: IssueParams, *, number: str, cancels: str | None = None, issued: date | None = None
) -> dict[str, Any]:
    """The template's data. An empty ``number`` makes a draft.

    ``cancels`` is the number of the invoice that a credit note cancels; ``issued`` is the
    credit note's own date.
    """
    write = _Writer(params)
    credit = cancels is not None
    title = "Credit note" if credit else "Invoice"
    heading = f"{title} {number}" if number else f"{title} (draft)"
    due = params.due_date
    facts = [
        ("Number", number or "not yet given"),
        ("Issue date", write.date(issued or params.issue_date)),
        ("Supply date", write.date(params.supply_date or params.issue_date)),
    ]
    if not credit:
        facts.append(("Due date", write.date(due)))
    return {
        "title": f"{heading} – {params.seller.name}",
        "heading": heading,
        "language": Locale.parse(params.locale).language,
        "number": number,
        "draft": not number,
        "labels": {
            "title": title,
            "draft": "DRAFT",
            "page": "Page",
            "buyer": "Credited to" if credit else "Billed to",
            "payment": "Payment",
            "columns": ["#", "Description", "Quantity", "Unit price", "Tax", "Net amount"],
        },
        "seller": {"name": _breakable(params.seller.name), "lines": _seller_lines(params)},
        "client": {"name": _breakable(params.client_name), "lines": _client_lines(params)},
        "facts": facts,
        "intro": _intro(params, cancels, write),
        "lines": [
            {
                "position": str(position),
                "description": _breakable(line.description),
                "quantity": " ".join(filter(None, (write.number(line.quantity), line.unit))),
                "unit": write.plain(Money(line.unit_minor, params.currency)),
                "rate": write.rate(line.tax_rate),
                "amount": write.plain(Money(net, params.currency)),
            }
            for position, (line, net) in enumerate(
                zip(params.lines, params.line_nets(), strict=True), start=1
            )
        ],
        "sums": _sums(params, write),
        "total": (
            "Amount credited" if credit else "Total due",
            write.money(params.totals().gross),
        ),
        "notes": [_breakable(text) for text in (params.tax_note, params.note) if text],
        "payment": [] if credit else _payment(params, number, write),
        "footer": _breakable(" · ".join(filter(None, (params.seller.name, params.seller.note)))),
    }


class _Writer:
    """Amounts, numbers and dates in the document's locale and currency."""

    def __init__(self, params: IssueParams) -> None:
        self._locale = Locale.parse(params.locale)

    def money(self, money: Money) -> str:
        """With the currency's sign."""
        return format_currency(money.amount, money.currency, locale=self._locale)

    def plain(self, money: Money) -> str:
        """Digits only, for a column whose currency is said elsewhere."""
        pattern = self._locale.currency_formats["standard"].pattern
        plain = pattern.replace("¤", "").strip(" \u00a0\u202f")
        text = format_currency(money.amount, money.currency, format=plain, locale=self._locale)
        return text.strip("\u00a0\u202f")

    def number(self, value: Decimal) -> str:
        """A quantity, without trailing zeros."""
        return format_decimal(value, format="#,##0.######", locale=self._locale)

    def rate(self, value: Decimal) -> str:
        """Percent."""
        return f"{format_decimal(value, format='0.####', locale=self._locale)}%"

    def date(self, value: date) -> str:
        """The day in full: plain "en" puts it first, which is not mistaken anywhere."""
        if str(self._locale) == "en":
            return format_date(value, "d MMMM y", locale="en")
        return format_date(value, "long", locale=self._locale)


def _seller_lines(params: IssueParams) -> list[str]:
    seller = params.seller
    lines = [
        *seller.address,
        " · ".join(filter(None, (seller.email, seller.phone))),
        f"VAT ID {seller.vat_id}" if seller.vat_id else "",
        f"Tax number {seller.tax_number}" if seller.tax_number else "",
    ]
    return [_breakable(line) for line in lines]


def _client_lines(params: IssueParams) -> list[str]:
    lines = [
        *params.client_address,
        params.client_email,
        f"VAT ID {params.client_vat_id}" if params.client_vat_id else "",
    ]
    return [_breakable(line) for line in lines]


def _intro(params: IssueParams, cancels: str | None, write: _Writer) -> str:
    if cancels is None:
        return f"All amounts are in {params.currency}."
    return (
        f"This credit note cancels invoice {cancels} of {write.date(params.issue_date)} in full."
        f" All amounts are in {params.currency}."
    )


def _sums(params: IssueParams, write: _Writer) -> list[tuple[str, str]]:
    totals = params.totals()
    sums = [("Net", write.money(totals.net))]
    sums += [
        (
            f"Tax {write.rate(group.rate)} on {write.money(group.net)}",
            write.money(group.tax),
        )
        for group in totals.by_rate
    ]
    return sums


def _payment(params: IssueParams, number: str, write: _Writer) -> list[tuple[str, str]]:
    seller = params.seller
    gross = write.money(params.totals().gross)
    rows = [
        ("Amount", f"{gross}, due on {write.date(params.due_date)}"),
        ("Account holder", _breakable(seller.name) if seller.iban else ""),
        ("IBAN", _IBAN_GAP.sub(r"\1 ", seller.iban.replace(" ", ""))),
        ("BIC", seller.bic),
        ("Bank", _breakable(seller.bank)),
        ("Reference", number),
    ]
    return [row for row in rows if row[1]]


def _breakable(text: str) -> str:
    """Lets a word break that is too long for any column; other words stay as they are."""

    def cut(match: re.Match[str]) -> str:
        word = match.group()
        return "\u200b".join(word[i : i + _STEP] for i in range(0, len(word), _STEP))

    return _UNBROKEN.sub(cut, text)
