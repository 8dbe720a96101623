"""Payments: note that an invoice was paid."""

from agents import amounts
from agents.context import Context
from agents.outcomes import Ask, Choice, Say
from agents.playbooks import receivable
from agents.requests import PaymentRecord
from connectors.billing import Invoice, PaymentParams
from core.money import Money
from core.plans import Origin, Plan, PlannedStep, Value


async def record(request: PaymentRecord, context: Context) -> Plan | Ask | Say:
    """The plan of a payment: one entry in the ledger, done at once."""
    found = await receivable.meant(
        request.client, request.invoice_no, context, asking="Which invoice was paid?"
    )
    if not isinstance(found, Invoice):
        return found
    currency = request.currency or found.total.currency
    if currency != found.total.currency:
        return Say(
            f"Invoice {found.number} is in {found.total.currency}, not {currency}. "
            "Nothing was entered; write the amount in its currency."
        )
    if "amount" in request.missing():
        return Ask(
            "amount",
            f"How much was paid for {found.number}? {found.outstanding} are open.",
            (Choice(str(found.outstanding), f"{found.outstanding.amount}"),),
        )
    amount = Money.of(request.amount, currency) if request.amount else found.outstanding
    if amount.minor > found.outstanding.minor:
        return Ask(
            "amount",
            f"Invoice {found.number} has {found.outstanding} open, you wrote {amount}. "
            "How much was paid for it?",
            (Choice(str(found.outstanding), f"{found.outstanding.amount}"),),
        )
    origin, source = (
        amounts.origin(request.amount, context)
        if request.amount
        else (Origin.REMEMBERED, "what was open in the ledger")
    )
    params = PaymentParams(
        invoice=found.number,
        amount_minor=amount.minor,
        currency=currency,
        date=context.profile.local(context.now).date(),
    )
    return Plan(
        intent=request.intent,
        title=f"{amount} from {found.client_name} for {found.number}",
        steps=(
            PlannedStep(
                key="pay",
                label="enter the payment",
                action="billing.record_payment",
                params=params.model_dump(mode="json"),
            ),
        ),
        values=(
            Value(
                slot="invoice_no",
                label="Invoice",
                shown=f"{found.number} to {found.client_name}",
                origin=Origin.SAID,
            ),
            Value(
                slot="amount",
                label="Amount",
                shown=str(amount),
                origin=origin,
                source=source,
            ),
        ),
        request=request.model_dump(mode="json", by_alias=True),
        reversal="The payment can be reversed in the ledger.",
    )
