"""Refunds: a credit note for a paid invoice. The money itself goes from the owner's bank."""

import re

from agents.context import Context, counterparty
from agents.outcomes import Ask, Choice, Say
from agents.requests import RefundIssue
from connectors.billing import CreditParams, Invoice
from core import clients, naming
from core.money import Money
from core.plans import Origin, Plan, PlannedStep, Value
from core.when import day

_NUMBER = re.compile(r"\b(?:INV-)?(\d{4}-\d{3,})\b", re.IGNORECASE)
_ANOTHER = "A credit note covers a whole invoice, and I can't send money: no bank is connected."


async def issue(request: RefundIssue, context: Context) -> Plan | Ask | Say:
    """The plan of a full refund, or why there is none."""
    if named := await _numbered(request, context):
        found = _meant(request, [named], named.client_name) if _refundable(named) else None
        if found is None:
            how = "is cancelled already" if named.cancelled_by else "was not paid"
            return Say(f"Invoice {named.number} {how}, so no money goes back. Nothing was done.")
        return _plan(request, found) if isinstance(found, Invoice) else found
    if not request.to:
        paid = [i for i in await context.billing.list() if _refundable(i)]
        names = dict.fromkeys(invoice.client_name for invoice in paid)
        return Ask("to", "Who gets money back?", tuple(Choice(name, name) for name in [*names][:6]))
    name = await _name(request.to, context)
    if isinstance(name, Ask):
        return name
    paid = [i for i in await context.billing.by_client(name) if _refundable(i)]
    if not paid:
        return Say(
            f"The ledger shows no money from {name} that could go back. Nothing was done. "
            "If it has to go back all the same, send it from your bank."
        )
    found = _meant(request, paid, name)
    return _plan(request, found) if isinstance(found, Invoice) else found


def _refundable(invoice: Invoice) -> bool:
    return invoice.kind == "invoice" and invoice.cancelled_by is None and invoice.paid.minor > 0


async def _name(said: str, context: Context) -> str | Ask:
    """Whose invoice it is, as the ledger has it: a client's, or of somebody who is none now."""
    if not clients.find(context.clients, context.extra.get("to", said)):
        ledger = await context.billing.by_client(said)
        if ledger:
            return ledger[0].client_name
        if not clients.alike(context.clients, said):
            return said
    who = counterparty(said, context, slot="to", may_be_new=False)
    return who if isinstance(who, Ask) else who.name


async def _numbered(request: RefundIssue, context: Context) -> Invoice | None:
    """The invoice whose number was chosen or written, unless it is somebody else's."""
    written = _NUMBER.search(context.message)
    number = context.extra.get("invoice_no") or (written and written.group(1))
    found = await context.billing.invoice(number) if number else None
    if found is None or found.kind != "invoice":
        return None
    theirs = not request.to or clients.mentioned(
        request.to, [c for c in context.clients if c.name == found.client_name]
    )
    return (
        found if theirs or naming.key(request.to or "") == naming.key(found.client_name) else None
    )


def _meant(request: RefundIssue, paid: list[Invoice], name: str) -> Invoice | Ask | Say:
    """The one invoice that is paid back in full, one question, or why it can't be."""
    some = paid
    if "amount" in request.missing():
        whole = tuple(Choice(str(i.paid), f"{i.paid.amount}") for i in some[:6])
        return Ask("amount", f"How much does {name} get back?", whole)
    if request.amount is not None:
        if request.amount <= 0:
            return Ask("amount", f"How much does {name} get back?")
        wanted = Money.of(request.amount, request.currency or some[0].paid.currency)
        exact = [i for i in some if i.paid == wanted]
        if not exact:
            return _partial(wanted, some, name)
        some = exact
    if len(some) == 1:
        return some[0]
    return Ask(
        "invoice_no",
        f"{name} paid several invoices. Which one goes back in full?",
        tuple(Choice(f"{i.number} · {day(i.issue_date)} · {i.paid}", i.number) for i in some[:6]),
    )


def _partial(wanted: Money, paid: list[Invoice], name: str) -> Say:
    """Why an amount that is no invoice's can't be given back here, and what can be done."""
    most = max((i.paid.minor for i in paid if i.paid.currency == wanted.currency), default=0)
    if wanted.minor > most:
        told = f"{name} never paid as much as {wanted} for one invoice."
    else:
        told = f"{wanted} is a part of what {name} paid."
    shown = "; ".join(f"{i.number} over {i.paid}" for i in paid[:3])
    return Say(
        f"{told} {_ANOTHER} Nothing was done.\nPaid in full or in part: {shown}. For a part, send "
        "it from your bank; for the whole, say “refund” without an amount."
    )


def _plan(request: RefundIssue, invoice: Invoice) -> Plan:
    params = CreditParams(
        invoice=invoice.number,
        client_name=invoice.client_name,
        total_minor=invoice.total.minor,
        currency=invoice.total.currency,
    )
    values = [
        Value(
            slot="to",
            label="To",
            shown=invoice.client_name,
            origin=Origin.SAID,
        ),
        Value(
            slot="invoice_no",
            label="Invoice",
            shown=f"{invoice.number}, {day(invoice.issue_date)}, over {invoice.total}",
            origin=Origin.REMEMBERED,
            source="the ledger",
        ),
        Value(
            slot="credited",
            label="Credit note",
            shown=f"{invoice.total}, the whole invoice",
            origin=Origin.WORKED_OUT,
        ),
        Value(
            slot="paid",
            label="You send",
            shown=f"{invoice.paid} from your bank: none is connected here",
            origin=Origin.WORKED_OUT,
            source="what the ledger says was paid",
        ),
    ]
    if invoice.outstanding.minor:
        values.append(
            Value(
                slot="open",
                label="Lapses",
                shown=f"{invoice.outstanding} that is still open",
                origin=Origin.WORKED_OUT,
            )
        )
    if request.reason:
        values.append(
            Value(slot="reason", label="Because", shown=request.reason, origin=Origin.SAID)
        )
    return Plan(
        intent=request.intent,
        title=f"Refund {invoice.client_name}: credit note for {invoice.number}",
        steps=(
            PlannedStep(
                key="credit",
                label="issue the credit note",
                action="billing.credit",
                params=params.model_dump(mode="json"),
            ),
        ),
        values=tuple(values),
        request=request.model_dump(mode="json", by_alias=True),
        reversal="A credit note stays; the invoice can be issued anew. No mail goes out.",
        afterword=f"Now send {invoice.paid} to {invoice.client_name} from your bank. "
        "Nothing was mailed; the credit note is below.",
    )
