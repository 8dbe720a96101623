"""The digest as one message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards.status import part_line
from bot.outgoing import Button, Outgoing, esc
from core.when import day

if TYPE_CHECKING:
    from bot.digest import Digest

_MOST = 6
"""Lines of one kind; the rest is counted."""


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
    late = [
        f"• {esc(i.client_name)}, {i.number}: {i.outstanding}, "
        f"{(told.today - i.due_date).days} days late"
        for i in told.open_invoices
        if i.overdue(told.today)
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
    entries += [
        (s.due_at, f"{zone.local(s.due_at):%H:%M}", f"reminder: {s.data['what']}")
        for s in told.reminders
    ]
    return _limited([f"• {at} {esc(what)}" for _, at, what in sorted(entries)])


def _rows(told: Digest) -> tuple[tuple[Button, ...], ...]:
    return tuple(
        (
            Button(f"{place} Approve", f"ok:{approval_id}", "success"),
            Button(f"{place} Reject", f"no:{approval_id}", "danger"),
            Button(f"{place} Show", f"show:{approval_id}"),
        )
        for place, (approval_id, _) in enumerate(told.decisions[:_MOST], 1)
    )


def digest(told: Digest) -> Outgoing:
    """What waits for the operator comes first, with its buttons; empty parts are left out."""
    waiting = [
        f"{place}. {esc(run.plan.title)}" for place, (_, run) in enumerate(told.decisions, 1)
    ]
    cost = " and ".join(str(cost) for cost in told.costs if cost.minor) or str(
        told.costs[0] if told.costs else f"0 {told.status.profile.currency}"
    )
    done = _limited([f"• {esc(text)}" for text in told.done])
    if done:
        done.append(f"It cost {cost}.")
    html = f"<b>Digest, {day(told.today)}</b>"
    html += _section("Waiting for you", _limited(waiting)) or "\n\nNothing waits for you."
    html += _section("Money", _money(told))
    html += _section("Today", _today(told) or ["Nothing in the calendar."])
    html += _section("New leads", _limited([f"• {esc(lead)}" for lead in told.leads], 3))
    html += _section("Done in the last day", done or ["Nothing."])
    html += _section("Degraded", [part_line(part) for part in told.status.degraded()])
    if told.status.profile.paused:
        html += "\n\nEverything is paused. /resume goes on."
    return Outgoing(html=html, buttons=_rows(told), silent=False)
