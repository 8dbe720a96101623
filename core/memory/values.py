"""What a fact says, typed: text, a number with its unit, money, a day, or another entity."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from rapidfuzz import utils

from core.errors import FactotumError
from core.money import Money

Kind = Literal["text", "number", "money", "date", "entity"]


@dataclass(frozen=True, slots=True)
class Value:
    """One typed value; ``data`` is JSON, as stored.

    text: a string. number: ``{"amount": "14", "unit": "days"}``. money: ``{"minor", "currency"}``.
    date: ISO 8601. entity: its id.
    """

    kind: Kind
    data: Any

    @classmethod
    def text(cls, words: str) -> "Value":
        """Words."""
        return cls("text", words)

    @classmethod
    def number(cls, amount: Decimal | int, unit: str = "") -> "Value":
        """A number of something."""
        return cls("number", {"amount": str(amount), "unit": unit})

    @classmethod
    def money(cls, money: Money) -> "Value":
        """An amount of money."""
        return cls("money", {"minor": money.minor, "currency": money.currency})

    @classmethod
    def day(cls, day: date) -> "Value":
        """A day."""
        return cls("date", day.isoformat())

    @classmethod
    def entity(cls, entity_id: str) -> "Value":
        """A client, a person, a project and the like, by id."""
        return cls("entity", entity_id)

    @classmethod
    def load(cls, stored: dict[str, Any]) -> "Value":
        """From ``dump``. Raises FactotumError for what is none."""
        try:
            value = cls(stored["kind"], stored["data"])
            value.key()
            str(value)
        except (KeyError, TypeError, ValueError, InvalidOperation, AttributeError):
            raise FactotumError("That is not a value a fact can have.") from None
        return value

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        return {"kind": self.kind, "data": self.data}

    def key(self) -> tuple[Any, ...]:
        """What two values have in common that say the same."""
        match self.kind:
            case "text":
                return ("text", " ".join(utils.default_process(self.data).split()))
            case "number":
                return ("number", Decimal(self.data["amount"]), self.data["unit"])
            case "money":
                return ("money", int(self.data["minor"]), self.data["currency"])
            case "date":
                return ("date", date.fromisoformat(self.data))
            case "entity":
                return ("entity", str(self.data))

    @property
    def whole(self) -> int | None:
        """The amount of a number that has no fraction, else None."""
        if self.kind != "number":
            return None
        amount = Decimal(self.data["amount"])
        return int(amount) if amount == amount.to_integral_value() else None

    def __str__(self) -> str:
        match self.kind:
            case "number":
                return f"{self.data['amount']} {self.data['unit']}".strip()
            case "money":
                return str(Money(self.data["minor"], self.data["currency"]))
            case _:
                return str(self.data)
