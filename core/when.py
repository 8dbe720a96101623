"""Moments in words: always with the day, on the operator's own clock."""

from datetime import date, datetime

from babel.dates import format_date, format_time


def day(value: date) -> str:
    """``Thu 3 Dec 2026``."""
    return format_date(value, "EEE d MMM y", locale="en")


def day_and_time(local: datetime) -> str:
    """``Thu 3 Dec 2026, 09:00``; ``local`` is already in the operator's zone."""
    return f"{day(local.date())}, {format_time(local, 'HH:mm', locale='en')}"
