"""Periods to plan for: which days they are, never in the past."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.periods import span, working_days

TODAY = date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("December", "2026-12-01", "2026-12-31"),
        ("november", "2026-11-24", "2026-11-30"),
        ("Januar und Februar", "2027-01-01", "2027-02-28"),
        ("March 2028", "2028-03-01", "2028-03-31"),
        ("Q1", "2027-01-01", "2027-03-31"),
        ("Q4", "2026-11-24", "2026-12-31"),
        ("the spring season", "2027-03-01", "2027-05-31"),
        ("winter", "2026-12-01", "2027-02-28"),
        ("the next fortnight", "2026-11-24", "2026-12-07"),
        ("the next 6 weeks", "2026-11-24", "2027-01-04"),
        ("next week", "2026-11-30", "2026-12-06"),
        ("this week", "2026-11-24", "2026-11-29"),
        ("next month", "2026-12-01", "2026-12-31"),
        ("two months", "2026-11-24", "2027-01-23"),
        ("the rest of the year", "2026-11-24", "2026-12-31"),
        ("next quarter", "2027-01-01", "2027-03-31"),
        ("2027", "2027-01-01", "2027-12-31"),
    ],
)
def test_a_period_is_days_to_come(period: str, first: str, last: str) -> None:
    assert span(period, TODAY) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("period", ["", "soon", "the launch", "March 2020", "2021"])
def test_what_is_unclear_or_over_is_none(period: str) -> None:
    assert span(period, TODAY) is None


def test_a_winter_that_began_goes_on() -> None:
    assert span("winter", date(2027, 1, 10)) == (date(2027, 1, 11), date(2027, 2, 28))


def test_days_are_spread_over_the_working_days() -> None:
    days = working_days(date(2026, 12, 1), date(2026, 12, 31), 4)
    assert [str(day)[-2:] for day in days] == ["03", "11", "21", "29"]
    assert len(working_days(date(2026, 12, 1), date(2026, 12, 31), None)) == 4
    assert working_days(date(2026, 12, 5), date(2026, 12, 6), 1) == (date(2026, 12, 6),)


@given(
    st.sampled_from(["next week", "Q2", "May", "a month", "winter", "this year", "100 years"]),
    st.dates(date(2024, 1, 1), date(2040, 1, 1)),
    st.integers(1, 60),
)
def test_days_are_always_in_the_period_and_in_order(period: str, today: date, count: int) -> None:
    found = span(period, today)
    if found is None:
        assert period in ("this year", "next week")
        return
    first, last = found
    assert today < first <= last
    days = working_days(first, last, count)
    assert len(days) == count
    assert list(days) == sorted(days)
    assert first <= days[0]
    assert days[-1] <= last
