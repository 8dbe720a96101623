"""Invoices: issue one and send it."""

from datetime import date, timedelta
from decimal import Decimal

from agents import amounts, manners
from agents.builtin.shares import tax_within
from agents.builtin.text import prepare
from agents.context import (
    Context,
    Counterparty,
    counterparty,
    fact_source,
    remembered_address,
    remembered_currency,
    remembered_terms,
)
from agents.outcomes import Ask, Choice, Say
from agents.playbooks import letters
from agents.requests import InvoiceCreate
from connectors.billing import IssueParams, LineParams, Seller
from connectors.mail import SendParams
from core.errors import FactotumError
from core.house import NewClient
from core.memory.facts import Fact
from core.money import Money
from core.plans import FollowUp, Origin, Plan, PlannedStep, Value, ref
from core.profile import Company
from core.when import day

LONGEST_TERMS = 365
"""Days to pay beyond which a term is taken for a slip of the pen."""


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


async def _currency(request: InvoiceCreate, context: Context, who: Counterparty) -> tuple[str, str]:
    if request.currency:
        return request.currency, ""
    if kept := await remembered_currency(context, who.client):
        currency, fact = kept
        return currency, f"the currency is remembered: {fact_source(fact, context)}"
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
    currency, currency_source = await _currency(request, context, who)
    amount = Money.of(_untaxed(request.amount, context), currency)
    if amount.minor <= 0:
        return Ask(
            "amount", f"An invoice needs an amount above zero. How much is it for {who.name}?"
        )
    said_address = context.extra.get("email")
    kept = await remembered_address(context, who.client)
    address = said_address or (kept[0] if kept else who.email)
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
        seller=Seller.of(company),
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
    manner = await manners.manner(context, who.client, letter="standing")
    body = letters.invoice(
        total=totals.gross, what=description, due=due, company=company, manner=manner
    )
    subject = manner.subject(f"Invoice {{number}} from {company.name}")
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
    origin, worked_out = amounts.origin(request.amount, context)
    values = [
        _who(who),
        Value(
            slot="amount",
            label="Amount",
            shown=str(amount),
            origin=origin,
            source="; ".join(filter(None, (worked_out, currency_source))),
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
            source=_address_source(said_address, kept, who, context),
        ),
        *manner.values,
        *await manners.reminders(context, who.client, today),
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
        follow_up=FollowUp(
            on=due + timedelta(days=1),
            request={"intent": "invoice.remind", "invoice_no": ref("issue", "number")},
            unless="unless it is paid",
        ),
    )


def _address_source(
    said: str | None, kept: tuple[str, Fact] | None, who: Counterparty, context: Context
) -> str:
    if said or not who.client:
        return ""
    return fact_source(kept[1], context) if kept else "the client's record"


def _who(who: Counterparty) -> Value:
    new = who.client is None
    return Value(
        slot="client",
        label="To",
        shown=who.name,
        origin=Origin.SAID,
        source="a new client, added on approval" if new else who.source,
    )


def _untaxed(amount: Decimal, context: Context) -> Decimal:
    """The amount without the tax that the message puts into it, since the invoice adds its own.

    An amount that was changed since is taken as it stands.
    """
    rate = Decimal(context.profile.company.tax_rate) / 100
    within = tax_within(prepare(context.message).low)
    if not rate or within is None:
        return amount
    if amount not in amounts.understood(context):
        return amount
    return (amount / (1 + (within or rate))).quantize(Decimal("0.01"))


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
