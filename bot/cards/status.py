"""/status: what runs, what waits, what is degraded."""

from bot.health import Status
from bot.outgoing import Outgoing, esc
from core.actions import Health


def part_line(part: Health) -> str:
    """One part in a line."""
    sign = {"ok": "✓", "degraded": "!", "failed": "✗"}[part.status]
    fix = f" {part.fix}" if part.fix and part.status != "ok" else ""
    return f"{sign} {esc(part.name)}: {esc(part.detail)}{esc(fix)}"


def status(now: Status) -> Outgoing:
    """The whole state on one card."""
    head = (
        "Everything is paused. /resume goes on."
        if now.profile.paused
        else "All is well."
        if not now.degraded()
        else "Degraded; the rest works."
    )
    counts = f"Decisions waiting: {now.waiting} · steps under way: {now.running}"
    if now.unsent:
        counts += f" · messages not sent yet: {now.unsent}"
    return Outgoing(
        html="<b>Status</b>\n"
        + f"{head}\n{counts}\n\n"
        + "\n".join(part_line(part) for part in now.parts)
    )
