"""Open invoices: which of them is meant."""

from agents.context import Context, counterparty
from agents.outcomes import Ask, Choice, Say
from connectors.billing import Invoice

ALL = "$all"
"""The answer that means every overdue invoice; nobody's invoice is numbered so."""
MOST = 200
"""Reminders in one batch: more than that nobody reads before the tap."""


async def overdue(context: Context) -> list[Invoice]:
    """The open invoices whose day has passed, the longest overdue first."""
    today = context.profile.local(context.now).date()
    return [i for i in await context.billing.open_invoices() if i.due_date < today]


async def meant(
    client: str | None,
    number: str | None,
    context: Context,
    *,
    asking: str,
    several: bool = False,
) -> Invoice | Ask | Say:
    """The one open invoice that is meant, a question which, or why there is none.

    With ``several`` only overdue ones count, unless a number is given, and all of them can be
    chosen, as far as they fit into a batch.
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
    open_ones = await (overdue(context) if several else context.billing.open_invoices())
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
        every = len(open_ones)
        few = f"All {every} that are overdue"
        many = f"The {MOST} that are overdue longest, of {every}"
        choices.append(Choice(few if every <= MOST else many, ALL))
    return Ask("invoice_no", asking, tuple(choices))
