"""What thinking costs: every model call that is paid for, by the message it was for.

Prices are in US dollars, as providers bill, kept in millionths: a call often costs less than
a cent. A price that nobody knows is kept as unknown and never counted as nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.money import Money
from core.storage.schema import spending

_MICROS_IN_A_CENT = 10_000


@dataclass(frozen=True, slots=True)
class Cost:
    """A sum of ``micros`` millionths of a US dollar, and how many calls have an unknown price."""

    micros: int = 0
    unknown: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.micros + other.micros, self.unknown + other.unknown)

    def __str__(self) -> str:
        parts: list[str] = []
        if self.micros >= _MICROS_IN_A_CENT:
            parts.append(str(Money(round(self.micros / _MICROS_IN_A_CENT), "USD")))
        elif self.micros:
            parts.append("less than 0.01 USD")
        if self.unknown:
            calls = "1 model call" if self.unknown == 1 else f"{self.unknown} model calls"
            parts.append(f"{calls} of unknown price")
        return " and ".join(parts) or "nothing"


NOTHING = Cost()


def priced(dollars: Decimal | None) -> Cost:
    """The cost of one call; None where its price isn't known."""
    return Cost(unknown=1) if dollars is None else Cost(round(dollars * 1_000_000))


async def since(connection: AsyncConnection, moment: datetime) -> Cost:
    """Everything spent after ``moment``."""
    row = (
        await connection.execute(
            select(func.sum(spending.c.micros), func.sum(spending.c.unknown)).where(
                spending.c.at >= moment, spending.c.state == "spent"
            )
        )
    ).one()
    return Cost(int(row[0] or 0), int(row[1] or 0))
