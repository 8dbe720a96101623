"""Pictures: the money still to come, and what thinking cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from connectors.billing import Invoice
from core.costs import Cost
from core.money import Money

_LATE, _DUE, _INK = "#d1483f", "#3390ec", "#222222"
MOST = 8
"""Clients shown of one currency; where there are more, the picture says so."""
_ROW, _GAP, _HEAD = 0.5, 0.35, 1.1
"""Inches: one bar, what a panel needs besides its bars, title and legend."""


@dataclass(slots=True)
class _Bar:
    """What one client owes in one currency, in minor units."""

    client: str
    late: int = 0
    due: int = 0

    @property
    def sum(self) -> int:
        return self.late + self.due


def open_money(path: Path, invoices: Sequence[Invoice], today: date) -> None:
    """Draws ``picture`` as a PNG at ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(invoices, today).savefig(path, format="png")


def picture(invoices: Sequence[Invoice], today: date) -> Figure:
    """What each client still owes, the overdue part marked. ``invoices`` are one or more.

    Each currency has a panel and a scale of its own: 900 GBP beside 900 JPY says nothing.
    """
    panels = _bars(invoices, today)
    heights = [len(bars[:MOST]) * _ROW + _GAP for bars in panels.values()]
    figure = Figure(
        figsize=(6, _HEAD + sum(heights)), dpi=150, facecolor="white", layout="constrained"
    )
    FigureCanvasAgg(figure)
    drawn = figure.subplots(len(panels), 1, squeeze=False, gridspec_kw={"height_ratios": heights})
    for axes, (currency, bars) in zip(drawn[:, 0], panels.items(), strict=True):
        _panel(axes, bars, currency, named=len(panels) > 1)
    figure.suptitle(
        f"Money still to come, {today:%d %b %Y}", x=0.02, ha="left", fontsize=11, color=_INK
    )
    handles, names = drawn[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    return figure


def _bars(invoices: Sequence[Invoice], today: date) -> dict[str, list[_Bar]]:
    """Per currency one bar for each client, the largest first; most clients come first."""
    found: dict[str, dict[str, _Bar]] = {}
    for invoice in invoices:
        bars = found.setdefault(invoice.outstanding.currency, {})
        bar = bars.setdefault(invoice.client_name, _Bar(invoice.client_name))
        if invoice.overdue(today):
            bar.late += invoice.outstanding.minor
        else:
            bar.due += invoice.outstanding.minor
    order = sorted(found, key=lambda currency: (-len(found[currency]), currency))
    return {
        currency: sorted(found[currency].values(), key=lambda bar: bar.sum, reverse=True)
        for currency in order
    }


def _panel(axes: Axes, bars: list[_Bar], currency: str, *, named: bool) -> None:
    """One currency on one scale; ``named`` where there are others beside it."""

    def major(minor: int) -> float:
        return float(Decimal(Money(minor, currency).amount))

    shown = bars[:MOST][::-1]
    late = [major(bar.late) for bar in shown]
    due = [major(bar.due) for bar in shown]
    places = range(len(shown))
    axes.barh(places, late, color=_LATE, label="overdue", height=0.55)
    axes.barh(places, due, left=late, color=_DUE, label="not due yet", height=0.55)
    for place, bar in enumerate(shown):
        axes.annotate(
            str(Money(bar.sum, currency)),
            (late[place] + due[place], place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=_INK,
        )
    names = [bar.client if len(bar.client) < 24 else bar.client[:22] + "…" for bar in shown]
    head = [currency] if named else []
    if len(bars) > MOST:
        head.append(f"the {MOST} largest of {len(bars)}")
    axes.set_title(", ".join(head), loc="left", fontsize=9, color=_INK)
    _bare(axes, names, most=max(late[place] + due[place] for place in places))


def costs(path: Path, spent: Sequence[tuple[str, int]]) -> None:
    """Draws what was spent, by name in micro dollars, the most first, as a PNG at ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = spent[:MOST][::-1]
    figure = Figure(
        figsize=(6, _HEAD + len(shown) * _ROW), dpi=150, facecolor="white", layout="constrained"
    )
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    places = range(len(shown))
    axes.barh(places, [micros for _, micros in shown], color=_DUE, height=0.55)
    for place, (_, micros) in enumerate(shown):
        axes.annotate(
            str(Cost(micros)),
            (micros, place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=_INK,
        )
    _bare(axes, [name for name, _ in shown], most=max(micros for _, micros in shown))
    figure.suptitle("Cost of thinking this month", x=0.02, ha="left", fontsize=11, color=_INK)
    figure.savefig(path, format="png")


def _bare(axes: Axes, names: Sequence[str], *, most: float) -> None:
    """Axes with names beside the bars, room for sums, and nothing else."""
    axes.set_yticks(range(len(names)), names, fontsize=10, color=_INK)
    for label in axes.get_yticklabels():
        label.set_parse_math(False)  # a $ in a name is no formula
    axes.xaxis.set_visible(False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.set_xlim(0, (most or 1) * 1.35)
    axes.set_ylim(-0.6, len(names) - 0.4)
