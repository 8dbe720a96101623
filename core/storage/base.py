"""What every table shares: one metadata object and the column types of the house."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Dialect, MetaData
from sqlalchemy.types import UserDefinedType

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


class Moment(UserDefinedType[datetime]):
    """An aware datetime, stored in UTC as SQLite's own functions write it; a naive one is refused.

    SQLAlchemy's type for it costs three times as much, at several moments a statement.
    """

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        """The type's name in a table."""
        return "DATETIME"

    def bind_processor(self, dialect: Dialect) -> Any:
        """What turns a value into what is stored."""
        return _stored

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """What turns what is stored into a value."""
        return _read


def _stored(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a moment needs an offset")
    return value.astimezone(UTC).isoformat(" ", "microseconds").removesuffix("+00:00")


def _read(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


Json = JSON(none_as_null=True)
"""A JSON document; None is SQL NULL."""


def states(*names: str) -> CheckConstraint:
    """A table's column ``state`` has one of these."""
    listed = ", ".join(f"'{name}'" for name in names)
    return CheckConstraint(f"state IN ({listed})", name="state")
