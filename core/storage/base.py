"""What every table shares: one metadata object and the column types of the house."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, DateTime, MetaData, TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""All tables, so that migrations and tests see the whole schema."""


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC; a naive one is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Converts to UTC without an offset. Raises ValueError for a naive value."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs an offset")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Gives the UTC offset back."""
        return None if value is None else value.replace(tzinfo=UTC)


Json = JSON(none_as_null=True)
"""A JSON document; None is SQL NULL."""


def states(*names: str) -> CheckConstraint:
    """A table's column ``state`` has one of these."""
    listed = ", ".join(f"'{name}'" for name in names)
    return CheckConstraint(f"state IN ({listed})", name="state")
