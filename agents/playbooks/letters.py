"""The standing letters of the house, filled in by code: no model words them."""

from datetime import date
from typing import Any

from agents.manners import Manner
from connectors.billing import Invoice
from core.money import Money
from core.plans import join, ref
from core.profile import Company
from core.when import day


def signature(company: Company) -> str:
    """Who a letter is from: the person, then the company."""
    return "\n".join(line for line in (company.person, company.name) if line)


def numbered(text: str) -> Any:
    """``text`` as a parameter in which ``{number}`` stands for the number still to be given.

    Only the first place counts: the template puts it before anything that people wrote.
    """
    before, found, after = text.partition("{number}")
    return join(before, ref("issue", "number"), after) if found else text


def unnumbered(text: str) -> str:
    """``text`` as it is read before the number is known; puts it where ``numbered`` does."""
    return text.replace("{number}", "(number on approval)", 1)


def invoice(*, total: Money, what: str, due: date, company: Company, manner: Manner) -> str:
    """The mail that an invoice goes out with; ``{number}`` stands for its number."""
    return (
        f"{manner.greet()}\n\n"
        f"please find attached our invoice {{number}} over {total} for: {what}.\n"
        f"It is due on {day(due)}.\n\n"
        f"{manner.closing}\n{signature(company)}\n"
    )


def payment_reminder(
    open_invoice: Invoice, *, company: Company, today: date, manner: Manner
) -> str:
    """A friendly reminder of one open invoice, overdue or not yet due."""
    when = "was" if open_invoice.due_date < today else "is"
    copy = "A copy is attached.\n" if open_invoice.pdf_path else ""
    slipped = "Perhaps it slipped through. " if open_invoice.due_date < today else ""
    return (
        f"{manner.greet()}\n\n"
        f"our invoice {open_invoice.number} over {open_invoice.total} {when} due on "
        f"{day(open_invoice.due_date)}; {open_invoice.outstanding} are still open. "
        f"{slipped}{copy}"
        "If you have paid in the meantime, please ignore this mail.\n\n"
        f"{manner.closing}\n{signature(company)}\n"
    )
