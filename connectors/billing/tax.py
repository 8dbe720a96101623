"""What an invoice adds up to.

A line's net is quantity times unit price, rounded half up to the minor unit, per line. Tax is
computed per rate on the sum of that rate's line nets and rounded half up once: what EN 16931
(BR-CO-17) asks of a European invoice, and what the printed table of rates shows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from core.money import Money

REVERSE_CHARGE = (
    "Reverse charge: VAT to be accounted for by the recipient (Art. 196 Directive 2006/112/EC)"
)
"""The note of an invoice to a business in another EU country; every rate must be 0."""

SMALL_BUSINESS = "VAT exempt: small business scheme (Art. 284 Directive 2006/112/EC)"
"""The note of a seller who charges no VAT; every rate must be 0."""

_WITHOUT_TAX = (REVERSE_CHARGE, SMALL_BUSINESS)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing sold: ``rate`` is the tax in percent."""

    quantity: Decimal
    unit: Money
    rate: Decimal

    @property
    def net(self) -> Money:
        """Quantity times unit price, rounded half up (away from zero for a discount)."""
        exact = self.quantity * self.unit.minor
        return Money(_half_up(exact), self.unit.currency)


@dataclass(frozen=True, slots=True)
class RateTotal:
    """What one rate (percent) comes to."""

    rate: Decimal
    net: Money
    tax: Money


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of an invoice; ``gross`` is always net plus tax."""

    net: Money
    tax: Money
    by_rate: tuple[RateTotal, ...]

    @property
    def gross(self) -> Money:
        """What is to be paid."""
        return self.net + self.tax


def totals(lines: Iterable[Line], currency: str) -> Totals:
    """The sums of ``lines``, rates ascending. Raises ValueError for a foreign currency."""
    nets: dict[Decimal, Money] = {}
    for line in lines:
        nets[line.rate] = nets.get(line.rate, Money(0, currency)) + line.net
    by_rate = tuple(
        RateTotal(rate, net, Money(_half_up(net.minor * rate / 100), currency))
        for rate, net in sorted(nets.items())
    )
    return Totals(
        net=Money(sum(group.net.minor for group in by_rate), currency),
        tax=Money(sum(group.tax.minor for group in by_rate), currency),
        by_rate=by_rate,
    )


def forbids_tax(note: str) -> bool:
    """Whether an invoice with this note may not charge tax."""
    return any(text in note for text in _WITHOUT_TAX)


def _half_up(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))
