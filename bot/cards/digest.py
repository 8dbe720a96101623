"""The digest as one message."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cards.status import part_line
from bot.outgoing import Button, Outgoing, esc
from core.when import day

if TYPE_CHECKING:
    from bot.digest import Digest

_MOST = 6
"""Lines of one kind; the rest is counted."""
_WAITING = "Waiting for you"
REMIND = "remind"
"""The kind of a tap that asks for a reminder of an invoice, by its number."""


def _limited(lines: list[str], most: int = _MOST) -> list[str]:
    if len(lines) <= most:
        return lines
    return [*lines[:most], f"… and {len(lines) - most} more"]


def _section(title: str, lines: list[str]) -> str:
    return f"\n\n<b>{title}</b>\n" + "\n".join(lines) if lines else ""


def _money(told: Digest) -> list[str]:
    lines = [
        f"{total.outstanding} to come"
        + (f", {total.overdue} of it overdue" if total.overdue.minor else "")
        + (f"; {total.paid_this_month} paid this month" if total.paid_this_month.minor else "")
        for total in told.totals
        if total.outstanding.minor or total.paid_this_month.minor
    ]
    noticed = {notice.remind for notice in told.notices}
    late = [
        f"• {esc(i.client_name)}, {i.number}: {i.outstanding}, "
        f"{(told.today - i.due_date).days} days late"
        for i in told.open_invoices
        if i.overdue(told.today) and i.number not in noticed  # said once is enough
    ]
    soon = [
        f"• {esc(i.client_name)}, {i.number}: {i.outstanding}, due {day(i.due_date)}"
        for i in told.open_invoices
        if 0 <= (i.due_date - told.today).days <= 7
    ]
    return lines + _limited(late) + _limited(soon)


def _today(told: Digest) -> list[str]:
    zone = told.status.profile
    entries = [
        (e.start, "all day" if e.all_day else f"{zone.local(e.start):%H:%M}", e.title)
        for e in told.calendar
    ]
    entries += [(due_at, f"{zone.local(due_at):%H:%M}", what) for due_at, what in told.reminders]
    return _limited([f"• {at} {esc(what)}" for _, at, what in sorted(entries)])


def _rows(told: Digest) -> tuple[tuple[Button, ...], ...]:
    decisions = tuple(
        (
            Button(f"{place} Approve", f"ok:{approval_id}", "success"),
            Button(f"{place} Reject", f"no:{approval_id}", "danger"),
            Button(f"{place} Show", f"show:{approval_id}"),
        )
        for place, (approval_id, _) in enumerate(told.decisions[:_MOST], 1)
    )
    return decisions + tuple(
        (Button(f"Remind {notice.client}"[:40], f"{REMIND}:{notice.remind}"),)
        for notice in told.notices
        if notice.remind
    )


def digest(told: Digest) -> Outgoing:
    """What waits for the operator comes first, with its buttons; empty parts are left out."""
    waiting = [
        f"{place}. {esc(' '.join(run.plan.title.split()))}"  # one line, for ``decided`` to find
        for place, (_, run) in enumerate(told.decisions, 1)
    ]
    done = _limited([f"• {esc(text)}" for text in told.done])
    if done:
        done.append(f"It cost {told.cost}.")
    html = f"<b>Digest, {day(told.today)}</b>"
    html += _section(_WAITING, _limited(waiting)) or "\n\nNothing waits for you."
    html += _section("Money", _money(told))
    html += _section("Worth a look", [f"• {esc(notice.text)}" for notice in told.notices])
    html += _section("Today", _today(told) or ["Nothing in the calendar."])
    html += _section("New leads", _limited([f"• {esc(lead)}" for lead in told.leads], 3))
    html += _section("Done in the last day", done or ["Nothing."])
    if told.put_away:
        html += _section("Memory", [f"{told.put_away} old entries are put away, not yet purged."])
    html += _section("Degraded", [part_line(part) for part in told.status.degraded()])
    if told.status.profile.paused:
        html += "\n\nEverything is paused. /resume goes on."
    return Outgoing(html=html, buttons=_rows(told), silent=False)


def decided(message: Outgoing, approval_id: str, how: str) -> Outgoing:
    """``message``, a digest, without the buttons of a decision that is no longer open.

    Its line says ``how`` it ended, such as approved. The same object where it offers none.
    """
    gone = [
        row
        for row in message.buttons
        if any(button.data.partition(":")[2] == approval_id for button in row)
    ]
    if not gone:
        return message
    head, title, rest = message.html.partition(f"<b>{_WAITING}</b>")
    lines = rest.split("\n")
    for row in gone:
        number = f"{row[0].text.partition(' ')[0]}. "
        for place, line in enumerate(lines):
            if line.startswith(number):
                lines[place] = f"{number}<s>{line.removeprefix(number)}</s> · {how}"
                break
    return replace(
        message,
        html=head + title + "\n".join(lines),
        buttons=tuple(row for row in message.buttons if row not in gone),
    )


def superseded(message: Outgoing) -> Outgoing:
    """``message``, a digest, once a newer one follows: there is nothing to tap in it."""
    return replace(
        message, html=f"{message.html}\n\n<i>A newer digest follows below.</i>", buttons=()
    )
