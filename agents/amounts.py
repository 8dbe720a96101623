"""Where an amount of a plan comes from: said as it stands, or worked out from what was said."""

from decimal import Decimal

from agents.builtin.reading import read
from agents.context import Context
from agents.grounding import grounded
from core.plans import Origin


def understood(context: Context) -> set[Decimal]:
    """The amounts that the built-in understanding reads in the message."""
    requests = read(
        context.message,
        now=context.profile.local(context.now),
        zone=context.profile.tz,
        currency=context.profile.currency,
    ).requests
    amounts = {getattr(request, "amount", None) for request in requests}
    return {amount for amount in amounts if amount is not None}


def origin(amount: Decimal, context: Context) -> tuple[Origin, str]:
    """What a card says of an amount: "half of the 900" is worked out, an answer is said."""
    plain = f"{amount:.2f}" if amount % 1 else f"{amount:.0f}"
    if grounded(plain, context.message) or amount not in understood(context):
        return Origin.SAID, ""
    return Origin.WORKED_OUT, "from your words"
