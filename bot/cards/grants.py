"""Grants in the chat: the offer of one, and the list of those in force."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.outgoing import Button, Outgoing, esc
from core.grants import Grant
from core.policy import Case
from core.profile import Profile
from core.when import day, day_and_time

DAYS = (7, 30, 90)
"""How long a grant can be offered for."""
MOST = 30
"""Grants listed at once."""
_WHAT = {
    "mail.send": "mail to",
    "billing.issue": "invoices to",
    "calendar.add": "calendar entries with",
}


def _what(action: str, counterparty: str | None) -> str:
    return f"{_WHAT.get(action, f'{action} for')} {counterparty}"


def offer(
    cases: Sequence[Case], approval_id: str, *, title: str, uses: int, now: datetime
) -> Outgoing:
    """Asks whether what is like these cases may happen without asking, and for how long.

    ``now`` is on the operator's clock.
    """
    lines = ["<b>Without asking from now on?</b>", esc(title)]
    for case in cases:
        bound = f"up to {case.amount} each, " if case.amount else ""
        what = esc(_what(case.action, case.counterparty))
        lines.append(f"• Approve {what} like this without asking: {bound}{uses} times")
    lines.append(
        "Anything else is asked as before, and so is whatever comes with words of others. "
        "/grants lists what you grant, with a button to revoke it."
    )
    rows = [
        (
            Button(
                f"{days} days, until {day(now + timedelta(days=days))}",
                f"give:{approval_id}:{days}",
            ),
        )
        for days in DAYS
    ]
    return Outgoing(
        html="\n".join(lines),
        buttons=(*rows, (Button("Cancel", f"giveno:{approval_id}"),)),
        silent=False,
    )


def given(made: Sequence[Grant], profile: Profile) -> Outgoing:
    """What was granted."""
    lines = ["<b>Granted</b>", *(f"• {_line(grant, profile)}" for grant in made)]
    return Outgoing(html="\n".join([*lines, "/grants lists it, with a button to revoke it."]))


def none_given() -> Outgoing:
    """An offer that was not taken."""
    return Outgoing(html="No grant was given; it is asked as before.")


def listed(found: Sequence[Grant], profile: Profile) -> Outgoing:
    """The grants in force, each with a button to revoke it."""
    if not found:
        return Outgoing(html="No grant is in force: what the policy asks about is asked.")
    shown = found[:MOST]
    lines = [f"{number}. {_line(grant, profile)}" for number, grant in enumerate(shown, 1)]
    if len(found) > MOST:
        lines.append(f"{len(found) - MOST} more come later; revoke some to see them.")
    buttons = [Button(f"Revoke {n}", f"revoke:{g.id}", "danger") for n, g in enumerate(shown, 1)]
    rows = tuple(tuple(buttons[place : place + 3]) for place in range(0, len(buttons), 3))
    return Outgoing(html="\n".join(["<b>Grants</b>", *lines]), buttons=rows)


def _line(grant: Grant, profile: Profile) -> str:
    parts = [esc(_what(grant.action, grant.counterparty))]
    if grant.up_to:
        parts.append(f"up to {grant.up_to} each")
    parts.append(f"{grant.uses_left} of {grant.uses} times left")
    parts.append(f"until {day_and_time(profile.local(grant.expires_at))}")
    return " · ".join(parts)
