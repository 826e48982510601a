"""Claims about calendar days as numbers."""

import datetime as dt

import pytest
from google.type.date_pb2 import Date

from dealgate.model.days import date_message, day_number, days_of_month, is_day, months_later


def number(text: str) -> int:
    """Return the number of an ISO day."""
    return dt.date.fromisoformat(text).toordinal()


def test_a_day_goes_there_and_back() -> None:
    """A message becomes a number and the same message again."""
    leap = Date(year=2028, month=2, day=29)

    assert date_message(day_number(leap)) == leap
    assert is_day(leap)
    assert not is_day(Date(year=2027, month=2, day=29))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-01", 12, "2027-12-01"),
        ("2026-01-01", 0, "2026-01-01"),
        ("2026-03-31", -1, "2026-02-28"),
        ("9999-11-30", 1, "9999-12-30"),
    ],
)
def test_months_end_on_their_last_day(day: str, months: int, expected: str) -> None:
    """A month later is the same day, or the last one there is."""
    assert months_later(number(day), months) == number(expected)


def test_a_month_knows_its_days() -> None:
    """February of a leap year has 29 days."""
    assert days_of_month(number("2028-02-10")) == (number("2028-02-01"), number("2028-02-29"))
