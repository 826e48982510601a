"""Claims about the hours an office is open."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealgate.model.business_time import Office, ordinal
from dealgate.model.instants import DAY, HOUR

OFFICE = Office(opens=9, closes=17)
instants = st.integers(min_value=-20_000 * DAY, max_value=40_000 * DAY)


def at(text: str) -> int:
    """Return the UTC instant in nanoseconds."""
    return int(dt.datetime.fromisoformat(f"{text}+00:00").timestamp()) * 1_000_000_000


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-07-15T12:00:00", "2026-07-15T16:00:00"),
        ("2026-07-15T13:00:00", "2026-07-15T17:00:00"),
        ("2026-07-15T13:00:01", "2026-07-16T09:00:01"),
        ("2026-07-15T08:00:00", "2026-07-15T13:00:00"),
        ("2026-07-15T17:00:00", "2026-07-16T13:00:00"),
        ("2026-07-17T15:00:00", "2026-07-20T11:00:00"),
        ("2026-07-18T03:00:00", "2026-07-20T13:00:00"),
    ],
)
def test_four_open_hours_skip_nights_and_weekends(start: str, due: str) -> None:
    """2026-07-15 is a Wednesday, 2026-07-17 a Friday."""
    assert OFFICE.after_hours(at(start), 4) == at(due)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-07-15T00:00:00", 1, "2026-07-16T17:00:00"),
        ("2026-07-15T23:59:59", 1, "2026-07-16T17:00:00"),
        ("2026-07-17T12:00:00", 1, "2026-07-20T17:00:00"),
        ("2026-07-18T12:00:00", 1, "2026-07-20T17:00:00"),
        ("2026-07-15T12:00:00", 5, "2026-07-22T17:00:00"),
    ],
)
def test_workdays_end_when_the_office_closes(start: str, days: int, due: str) -> None:
    """The day of the start does not count, nor do Saturday and Sunday."""
    assert OFFICE.after_days(at(start), days) == at(due)


@given(instants, st.integers(1, 60))
def test_a_deadline_lies_in_open_hours(start: int, hours: int) -> None:
    """Monday to Friday, after nine, at five at the latest; and never before it was counted."""
    due = OFFICE.after_hours(start, hours)
    day, time = divmod(due, DAY)
    assert (day + 3) % 7 < 5
    assert 9 * HOUR < time <= 17 * HOUR
    assert due >= start + hours * HOUR


@given(instants, st.integers(1, 30), st.integers(1, 30))
def test_hours_add_up(start: int, first: int, second: int) -> None:
    """Waiting twice is waiting once for the sum."""
    twice = OFFICE.after_hours(OFFICE.after_hours(start, first), second)
    assert twice == OFFICE.after_hours(start, first + second)


@given(instants, st.integers(1, 30))
def test_an_office_that_never_closes_at_night_loses_only_weekends(start: int, days: int) -> None:
    """24 open hours a day: so many workdays later, at the same time of day."""
    due = Office(opens=0, closes=24).after_hours(start, 24 * days)
    weekend = (start // DAY + 3) % 7 >= 5
    assert weekend or due % DAY == start % DAY


@given(instants, st.integers(0, 3650))
def test_a_date_is_that_of_the_calendar(start: int, days: int) -> None:
    """As datetime counts, also before 1970."""
    expected = dt.date(1970, 1, 1) + dt.timedelta(days=start // DAY + days)
    assert ordinal(start + days * DAY) == expected.toordinal()
