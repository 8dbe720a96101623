"""Money: integer minor units of one currency. Never floats."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from babel.numbers import (
    format_currency,
    get_currency_precision,
    is_currency,
)

from core.errors import FactotumError


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (cents, pence, whole yen) of an ISO 4217 currency."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | str | int, currency: str) -> "Money":
        """Money from an amount in major units, rounded half up to the currency's precision.

        Raises FactotumError where the currency is unknown or the amount is none that can be
        counted: no number, not finite, or of more than 28 digits.
        """
        code = currency.upper()
        if not is_currency(code):
            raise FactotumError(f"I don't know the currency {currency!r}.")
        try:
            scaled = Decimal(amount).scaleb(get_currency_precision(code))
            return cls(int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP)), code)
        except (InvalidOperation, OverflowError, ValueError):
            raise FactotumError(f"{str(amount)[:40]!r} is not an amount.") from None

    @property
    def amount(self) -> Decimal:
        """The amount in major units."""
        return Decimal(self.minor).scaleb(-get_currency_precision(self.currency))

    def __str__(self) -> str:
        """``2,400.00 EUR``: digits first, the ISO code after, as shown in the chat."""
        return format_currency(
            self.amount, self.currency, format="#,##0.00 ¤¤", locale="en", currency_digits=True
        )

    def __add__(self, other: "Money") -> "Money":
        """The sum; raises ValueError across currencies."""
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """The difference; raises ValueError across currencies."""
        return Money(self.minor - self._same(other).minor, self.currency)

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} can't be added")
        return other
