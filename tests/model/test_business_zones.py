"""Claims about offices that lie somewhere: their clocks and their holidays."""

import datetime as dt
from zoneinfo import ZoneInfo

import holidays
import pytest
from holidays.registry import EntityLoader
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.model.business_time import Office, is_region, is_zone
from dealgate.model.instants import DAY, HOUR

BERLIN = Office(9, 17, "Europe/Berlin", "DE-BE")
instants = st.integers(min_value=0, max_value=40_000 * DAY)


def at(text: str) -> int:
    """Return the instant in nanoseconds: "2026-07-15T12:00:00+02:00"."""
    return int(dt.datetime.fromisoformat(text).timestamp()) * 1_000_000_000


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-07-15T08:00:00+02:00", "2026-07-15T10:00:00+02:00"),
        ("2026-07-15T16:30:00+02:00", "2026-07-16T09:30:00+02:00"),
        ("2026-07-15T23:30:00+00:00", "2026-07-16T10:00:00+02:00"),
        ("2026-03-27T16:30:00+01:00", "2026-03-30T09:30:00+02:00"),
        ("2026-10-23T16:30:00+02:00", "2026-10-26T09:30:00+01:00"),
    ],
)
def test_an_hour_is_counted_on_the_offices_clock(start: str, due: str) -> None:
    """In summer and in winter, and over both nights on which the clock is changed."""
    assert BERLIN.after_hours(at(start), 1) == at(due)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-04-02T17:00:00+02:00", "2026-04-07T10:00:00+02:00"),
        ("2026-03-06T17:00:00+01:00", "2026-03-09T10:00:00+01:00"),
        ("2026-12-24T17:00:00+01:00", "2026-12-28T10:00:00+01:00"),
    ],
)
def test_holidays_are_closed(start: str, due: str) -> None:
    """Good Friday and Easter Monday; Women's Day is Berlin's own, a Sunday in 2026."""
    assert BERLIN.after_hours(at(start), 1) == at(due)


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    """8 March 2027 is a Monday: free in Berlin, and nowhere else in Germany."""
    monday = at("2027-03-08T12:00:00+01:00")
    assert not BERLIN.is_open(monday)
    assert Office(9, 17, "Europe/Berlin", "DE").is_open(monday)


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        ("2026-07-15T08:59:59+02:00", False),
        ("2026-07-15T09:00:00+02:00", True),
        ("2026-07-15T16:59:59+02:00", True),
        ("2026-07-15T17:00:00+02:00", False),
        ("2026-07-18T12:00:00+02:00", False),
    ],
)
def test_an_office_is_open_from_its_first_instant_to_before_its_last(
    instant: str,
    is_open: bool,  # noqa: FBT001
) -> None:
    """On its own clock."""
    assert BERLIN.is_open(at(instant)) == is_open


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-07-15T12:00:00+02:00", "2026-07-15T17:00:00+02:00"),
        ("2026-07-15T03:00:00+02:00", "2026-07-15T17:00:00+02:00"),
        ("2026-07-15T17:00:00+02:00", "2026-07-16T17:00:00+02:00"),
        ("2026-04-03T12:00:00+02:00", "2026-04-07T17:00:00+02:00"),
    ],
)
def test_the_same_day_is_the_next_one_if_it_is_over(start: str, due: str) -> None:
    """0 workdays: when the office closes today, or on the next day on which it opens."""
    assert BERLIN.after_days(at(start), 0) == at(due)


@given(instants, st.integers(1, 60))
@settings(deadline=None)
def test_a_deadline_lies_in_open_hours(start: int, hours: int) -> None:
    """Of a workday that is no holiday, as the clock there shows."""
    office = Office(9, 17, "America/New_York", "US-NY")
    due = office.after_hours(start, hours)
    local = dt.datetime.fromtimestamp(due // 1_000_000_000, ZoneInfo("America/New_York"))
    assert local.weekday() < 5
    assert 9 <= local.hour <= 17
    assert due >= start + hours * HOUR
    assert office.is_open(due - 1)


def test_midnight_is_the_end_of_the_day() -> None:
    """An office that never closes at night closes when the next day begins."""
    office = Office(0, 24, "Europe/Berlin")
    assert office.after_days(at("2026-07-15T12:00:00+02:00"), 0) == at("2026-07-16T00:00:00+02:00")


def test_names_are_known_or_not() -> None:
    """Zones by IANA, regions by ISO 3166; paths are no zones."""
    assert [is_zone(name) for name in ("Europe/Berlin", "UTC", "Mars", "", "../etc/passwd")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert [is_region(code) for code in ("DE", "US-CA", "DE-ZZ", "XX")] == [
        True,
        True,
        False,
        False,
    ]


def test_a_country_is_known_exactly_if_it_has_a_calendar() -> None:
    """A code is told without its calendar, so the two must agree, whatever the package lists."""
    codes = {*EntityLoader.get_country_codes(), "XX", "EU", "germany", ""}
    assert {code for code in codes if is_region(code)} == {
        code for code in codes if code and hasattr(holidays, code)
    }


def test_the_end_of_the_calendar_does_no_harm() -> None:
    """Zones and holidays end with the year 9999; deadlines go on by UTC."""
    last = 253_402_300_799_000_000_000
    assert BERLIN.after_hours(last, 9) > last
