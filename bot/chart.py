"""The digest's one picture."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from connectors.billing import Invoice
from core.money import Money

_LATE, _DUE, _INK = "#d1483f", "#3390ec", "#222222"
MOST = 8
"""Clients shown; the smallest are left out."""


def open_money(path: Path, invoices: Sequence[Invoice], today: date) -> None:
    """Draws what each client still owes, the overdue part marked, as a PNG at ``path``.

    One bar per client and currency; bars of different currencies are told by their labels.
    """
    sums: dict[tuple[str, str], list[int]] = {}
    for invoice in invoices:
        key = (invoice.client_name, invoice.outstanding.currency)
        late, due = sums.setdefault(key, [0, 0])
        minor = invoice.outstanding.minor
        sums[key] = [late + minor, due] if invoice.overdue(today) else [late, due + minor]
    rows = sorted(sums.items(), key=lambda item: sum(item[1]), reverse=True)[:MOST][::-1]
    figure = Figure(figsize=(6, 1.1 + 0.5 * len(rows)), dpi=150, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()

    def major(minor: int, currency: str) -> float:
        return float(Decimal(Money(minor, currency).amount))

    labels = [name if len(name) < 24 else name[:22] + "…" for (name, _), _ in rows]
    late = [major(values[0], key[1]) for key, values in rows]
    due = [major(values[1], key[1]) for key, values in rows]
    places = range(len(rows))
    axes.barh(places, late, color=_LATE, label="overdue", height=0.55)
    axes.barh(places, due, left=late, color=_DUE, label="not due yet", height=0.55)
    for place, ((_, currency), values) in enumerate(rows):
        axes.annotate(
            str(Money(sum(values), currency)),
            (late[place] + due[place], place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=_INK,
        )
    axes.set_yticks(places, labels, fontsize=10, color=_INK)
    for label in axes.get_yticklabels():
        label.set_parse_math(False)  # a $ in a name is no formula
    axes.xaxis.set_visible(False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.margins(x=0.28)
    axes.set_title(f"Money still to come, {today:%d %b %Y}", loc="left", fontsize=11, color=_INK)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.02), ncols=2, frameon=False, fontsize=9)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="png")
