"""Payment reminders: of one open invoice, or of all that are overdue."""

from datetime import timedelta

from agents import manners
from agents.context import Context
from agents.outcomes import Ask, Say
from agents.playbooks import letters, receivable
from agents.requests import InvoiceRemind
from connectors.billing import Invoice
from connectors.mail import Attachment, SendParams
from core import clients
from core.plans import FollowUp, Origin, Plan, PlannedStep, Value
from core.when import day

_AGAIN = timedelta(days=7)
"""How long a reminder is given before the next."""


async def remind(request: InvoiceRemind, context: Context) -> Plan | tuple[Plan, ...] | Ask | Say:
    """The plan of a payment reminder, one mail with the invoice attached; or one for each."""
    if receivable.ALL in (request.invoice_no, context.extra.get("invoice_no")):
        late = await receivable.overdue(context)
        if not late:
            return Say("There is no overdue invoice any more. Nothing was done.")
        some = late[: receivable.MOST]
        return tuple([await _reminder(request, found, context) for found in some])
    found = await receivable.meant(
        request.client,
        request.invoice_no,
        context,
        asking="Remind of which invoice?",
        several=request.client is None,
    )
    return await _reminder(request, found, context) if isinstance(found, Invoice) else found


async def _reminder(request: InvoiceRemind, found: Invoice, context: Context) -> Plan:
    company = context.profile.company
    today = context.profile.local(context.now).date()
    named = clients.find(context.clients, found.client_name)
    client = named[0] if len(named) == 1 else None
    manner = await manners.manner(context, client, letter="standing")
    body = letters.payment_reminder(found, company=company, today=today, manner=manner)
    subject = manner.subject(f"Reminder: invoice {found.number} from {company.name}")
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
            *manner.values,
            *await manners.reminders(context, client, today),
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
        follow_up=FollowUp(
            on=today + _AGAIN,
            request={"intent": "invoice.remind", "invoice_no": found.number},
            unless="unless it is paid",
        ),
    )
