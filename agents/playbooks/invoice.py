"""Invoices: issue and send one, remind of one, note that one was paid."""

from datetime import date, timedelta
from decimal import Decimal

from agents.context import (
    Ask,
    Choice,
    Context,
    Counterparty,
    Say,
    counterparty,
    fact_source,
    remembered_terms,
)
from agents.playbooks import letters
from agents.requests import InvoiceCreate, InvoiceRemind, PaymentRecord
from connectors.billing import Invoice, IssueParams, LineParams, PaymentParams, Seller
from connectors.mail import Attachment, SendParams
from core.errors import FactotumError
from core.house import NewClient
from core.money import Money
from core.plans import Origin, Plan, PlannedStep, Value, ref
from core.profile import Company
from core.when import day

ALL = "$all"
"""The answer that means every overdue invoice; nobody's invoice is numbered so."""
MOST = 12
"""Reminders in one batch: more than that does not fit on a card that is read."""
LONGEST_TERMS = 365
"""Days to pay beyond which a term is taken for a slip of the pen."""


def seller(company: Company) -> Seller:
    """The company as it is printed on an invoice. Raises ValidationError where it can't be."""
    return Seller(
        name=company.name,
        address=company.address,
        email=company.email,
        vat_id=company.vat_id,
        iban=company.iban,
        bank=company.bank,
    )


async def _due(
    request: InvoiceCreate, context: Context, who: Counterparty, today: date
) -> tuple[date, Value]:
    if request.due_date is not None:
        due, origin, source = request.due_date, Origin.SAID, ""
    elif request.due_days is not None:
        due = today + timedelta(days=request.due_days)
        origin, source = Origin.SAID, f"net {request.due_days}"
    elif terms := await remembered_terms(context, who.client):
        days, fact = terms
        due, origin = today + timedelta(days=days), Origin.REMEMBERED
        source = fact_source(fact, context)
    else:
        due = today + timedelta(days=context.profile.net_days)
        origin, source = Origin.DEFAULT, f"net {context.profile.net_days}, from /settings"
    return due, Value(slot="due", label="Due", shown=day(due), origin=origin, source=source)


def _currency(request: InvoiceCreate, context: Context, who: Counterparty) -> tuple[str, str]:
    if request.currency:
        return request.currency, ""
    if who.client and who.client.currency:
        return who.client.currency, f"the currency is remembered for {who.client.name}"
    return context.profile.currency, "the currency is the default from /settings"


async def create(request: InvoiceCreate, context: Context) -> Plan | Ask | Say:
    """The plan of an invoice: issue it, then mail it with the PDF."""
    if request.client is None:
        return Ask(
            "client",
            "Who is the invoice for?",
            tuple(Choice(c.name, c.name) for c in context.clients[:6]),
        )
    who = counterparty(request.client, context, slot="client", may_be_new=True)
    if isinstance(who, Ask):
        return who
    if request.amount is None:
        return Ask("amount", f"How much is the invoice to {who.name}?")
    currency, currency_source = _currency(request, context, who)
    amount = Money.of(request.amount, currency)
    if amount.minor <= 0:
        return Ask(
            "amount", f"An invoice needs an amount above zero. How much is it for {who.name}?"
        )
    said_address = context.extra.get("email")
    address = said_address or who.email
    if not address:
        return Ask("email", f"What is the mail address of {who.name}? The invoice goes there.")
    today = context.profile.local(context.now).date()
    due, due_value = await _due(request, context, who, today)
    if due < today:
        return Ask("due_date", f"{day(due)} has passed. When is the invoice due?")
    if due > today + timedelta(days=LONGEST_TERMS):
        return Ask("due_date", f"{day(due)} is more than a year away. When is the invoice due?")
    description = request.description or "Services"
    description = description[:1].upper() + description[1:]
    company = context.profile.company
    params = IssueParams(
        client_name=who.name,
        client_address=who.client.address if who.client else (),
        client_email=address,
        client_vat_id=(who.client.vat_id if who.client else None) or "",
        currency=currency,
        issue_date=today,
        due_date=due,
        lines=(
            LineParams(
                description=description,
                unit_minor=amount.minor,
                tax_rate=Decimal(company.tax_rate),
            ),
        ),
        tax_note=company.tax_note,
        seller=seller(company),
    )
    totals = params.totals()
    steps: list[PlannedStep] = []
    if who.client is None:
        steps.append(
            PlannedStep(
                key="client",
                label="add the client",
                action="client.add",
                params=NewClient(name=who.name, email=address, currency=currency).model_dump(
                    mode="json"
                ),
            )
        )
    steps.append(
        PlannedStep(
            key="issue",
            label="issue the invoice",
            action="billing.issue",
            params=params.model_dump(mode="json"),
            depends=("client",) if who.client is None else (),
        )
    )
    body = letters.invoice(total=totals.gross, what=description, due=due, company=company)
    subject = f"Invoice {{number}} from {company.name}"
    steps.append(
        PlannedStep(
            key="send",
            label="send the mail",
            action="mail.send",
            params=_mail(
                address, who.name, letters.numbered(subject), letters.numbered(body), context
            ),
            depends=("issue",),
        )
    )
    steps.append(
        PlannedStep(
            key="draft",
            label="make a draft to look at",
            kind="draft",
            action="invoice.preview",
            params=params.model_dump(mode="json"),
        )
    )
    values = [
        _who(who),
        Value(
            slot="amount",
            label="Amount",
            shown=str(amount),
            origin=Origin.SAID,
            source=currency_source,
        ),
        Value(
            slot="description",
            label="For",
            shown=description,
            origin=Origin.SAID if request.description else Origin.DEFAULT,
        ),
        Value(
            slot="issue_date",
            label="Dated",
            shown=day(today),
            origin=Origin.DEFAULT,  # the day of the card; it stays, however late that is approved
        ),
        due_value,
        _tax(totals.tax, totals.gross, company),
        Value(
            slot="email",
            label="Mail to",
            shown=address,
            origin=Origin.SAID if said_address or not who.client else Origin.REMEMBERED,
            source="" if said_address or not who.client else "the client's record",
        ),
    ]
    return Plan(
        intent=request.intent,
        title=f"Invoice to {who.name} over {totals.gross}",
        steps=tuple(steps),
        values=tuple(values),
        preview={
            "mail_from": context.from_line,
            "mail_to": address,
            "mail_subject": letters.unnumbered(subject),
            "mail_body": letters.unnumbered(body),
            "attachment": "the invoice as PDF; the draft is below",
        },
        request=request.model_dump(mode="json", by_alias=True),
        reversal="The invoice can be cancelled by a credit note. The mail can't be called back.",
    )


def _who(who: Counterparty) -> Value:
    new = who.client is None
    return Value(
        slot="client",
        label="To",
        shown=who.name,
        origin=Origin.SAID,
        source="a new client, added on approval" if new else who.source,
    )


def _tax(tax: Money, gross: Money, company: Company) -> Value:
    shown = f"{tax} at {company.tax_rate} %, {gross} in all" if tax.minor else "none"
    return Value(
        slot="tax",
        label="Tax",
        shown=shown,
        origin=Origin.DEFAULT,
        source=company.tax_note or "from /settings",
    )


def _mail(
    address: str, name: str, subject: object, body: object, context: Context
) -> dict[str, object]:
    # Checked in full once the number is known; what can be checked now is checked now.
    try:
        SendParams(
            to=(address,), to_name=name, sender=context.sender, subject="Invoice", body="Invoice"
        )
    except ValueError:
        raise FactotumError(
            f"{address} or {context.sender} is not a mail address.",
            fix="Nothing was done; say it again with another, or see /settings.",
        ) from None
    return {
        "sender": context.sender,
        "sender_name": context.profile.company.name,
        "to": [address],
        "to_name": name,
        "subject": subject,
        "body": body,
        "attachments": [
            {
                "path": ref("issue", "pdf_path"),
                "name": ref("issue", "pdf_name"),
                "sha256": ref("issue", "pdf_sha256"),
                "mime": "application/pdf",
            }
        ],
    }


async def _meant(
    client: str | None,
    number: str | None,
    context: Context,
    *,
    asking: str,
    several: bool = False,
) -> Invoice | Ask | Say:
    """The one open invoice that is meant, a question which, or why there is none.

    With ``several`` only overdue ones count, unless a number is given, and all of them can be
    chosen.
    """
    number = context.extra.get("invoice_no", number)
    if number:
        wanted = number.removeprefix("#").upper().removeprefix("INV-")
        found = await context.billing.invoice(wanted)
        if found is None:
            return Say(f"There is no invoice {number} in the ledger. Nothing was done.")
        if found.outstanding.minor <= 0:
            return Say(f"Invoice {found.number} has nothing open. Nothing was done.")
        return found
    open_ones = list(await context.billing.open_invoices())
    if several:
        today = context.profile.local(context.now).date()
        open_ones = [i for i in open_ones if i.due_date < today]
    if client:
        who = counterparty(client, context, slot="client", may_be_new=False)
        if isinstance(who, Ask):
            return who
        open_ones = [i for i in open_ones if i.client_name == who.name]
        if not open_ones:
            return Say(f"{who.name} has no open invoice. Nothing was done.")
        if len(open_ones) == 1:
            return open_ones[0]
    if not open_ones:
        kind = "overdue" if several else "open"
        return Say(f"There is no {kind} invoice. Nothing was done.")
    choices = [
        Choice(f"{i.number} · {i.client_name} · {i.outstanding}", i.number) for i in open_ones[:6]
    ]
    if several and len(open_ones) > 1:
        choices.append(Choice(f"All {len(open_ones)} that are overdue", ALL))
    return Ask("invoice_no", asking, tuple(choices))


async def remind(request: InvoiceRemind, context: Context) -> Plan | tuple[Plan, ...] | Ask | Say:
    """The plan of a payment reminder, one mail with the invoice attached; or one for each."""
    if ALL in (request.invoice_no, context.extra.get("invoice_no")):
        today = context.profile.local(context.now).date()
        overdue = [i for i in await context.billing.open_invoices() if i.due_date < today]
        return tuple(_reminder(request, found, context) for found in overdue[:MOST])
    found = await _meant(
        request.client,
        request.invoice_no,
        context,
        asking="Remind of which invoice?",
        several=request.client is None,
    )
    return _reminder(request, found, context) if isinstance(found, Invoice) else found


def _reminder(request: InvoiceRemind, found: Invoice, context: Context) -> Plan:
    company = context.profile.company
    today = context.profile.local(context.now).date()
    body = letters.payment_reminder(found, company=company, today=today)
    subject = f"Reminder: invoice {found.number} from {company.name}"
    attachments = (
        (
            Attachment(
                path=found.pdf_path,
                name=f"{found.number}.pdf",
                mime="application/pdf",
                sha256=found.pdf_sha256,
            ),
        )
        if found.pdf_path
        else ()
    )
    params = SendParams(
        to=(found.client_email,),
        to_name=found.client_name,
        sender=context.sender,
        sender_name=company.name,
        subject=subject,
        body=body,
        attachments=attachments,
    )
    return Plan(
        intent=request.intent,
        title=f"Payment reminder to {found.client_name} for {found.number}",
        steps=(
            PlannedStep(
                key="send",
                label="send the mail",
                action="mail.send",
                params=params.model_dump(mode="json"),
            ),
        ),
        values=(
            Value(
                slot="client",
                label="To",
                shown=f"{found.client_name}, {found.client_email}",
                origin=Origin.REMEMBERED,
                source=f"the ledger, invoice {found.number}",
            ),
            Value(
                slot="amount",
                label="Open",
                shown=f"{found.outstanding}, due {day(found.due_date)}",
                origin=Origin.REMEMBERED,
                source="the ledger",
            ),
        ),
        preview={
            "mail_from": context.from_line,
            "mail_to": found.client_email,
            "mail_subject": subject,
            "mail_body": body,
            **({"attachment": f"{found.number}.pdf"} if attachments else {}),
        },
        request=request.model_dump(mode="json", by_alias=True),
        reversal="A sent mail can't be called back.",
    )


async def record_payment(request: PaymentRecord, context: Context) -> Plan | Ask | Say:
    """The plan of a payment: one entry in the ledger, done at once."""
    found = await _meant(
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
    amount = Money.of(request.amount, currency) if request.amount else found.outstanding
    if amount.minor > found.outstanding.minor:
        return Ask(
            "amount",
            f"Invoice {found.number} has {found.outstanding} open, you wrote {amount}. "
            "How much was paid for it?",
            (Choice(str(found.outstanding), f"{found.outstanding.amount}"),),
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
                origin=Origin.SAID if request.amount else Origin.REMEMBERED,
                source="" if request.amount else "what was open in the ledger",
            ),
        ),
        request=request.model_dump(mode="json", by_alias=True),
        reversal="The payment can be reversed in the ledger.",
    )
